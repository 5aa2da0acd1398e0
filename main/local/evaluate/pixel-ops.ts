/**
 * The operations on single pixels, each a tight loop over a run of them.
 * Owns: the arithmetic, comparison and logic over Float64Arrays in which NaN is "no value" and truth is 1 or 0.
 * Does not: know processes; several processes may use one operation. `out` may be one of the inputs.
 */

type Run = (out: Float64Array, inputs: readonly Float64Array[], count: number) => void
type Op = { run: Run }

/** One argument; the function is called for numbers only where NaN propagates by itself anyway. */
const unary =
  (of: (x: number) => number): Run =>
  (out, inputs, count) => {
    const x = inputs[0] as Float64Array
    for (let i = 0; i < count; i++) out[i] = of(x[i] as number)
  }

const binary =
  (of: (x: number, y: number) => number): Run =>
  (out, inputs, count) => {
    const x = inputs[0] as Float64Array
    const y = inputs[1] as Float64Array
    for (let i = 0; i < count; i++) out[i] = of(x[i] as number, y[i] as number)
  }

/** The hot ones are written out, so that the compiler sees one loop for each and not one for all. */
const add: Run = (out, inputs, count) => {
  const x = inputs[0] as Float64Array
  const y = inputs[1] as Float64Array
  for (let i = 0; i < count; i++) out[i] = (x[i] as number) + (y[i] as number)
}
const subtract: Run = (out, inputs, count) => {
  const x = inputs[0] as Float64Array
  const y = inputs[1] as Float64Array
  for (let i = 0; i < count; i++) out[i] = (x[i] as number) - (y[i] as number)
}
const multiply: Run = (out, inputs, count) => {
  const x = inputs[0] as Float64Array
  const y = inputs[1] as Float64Array
  for (let i = 0; i < count; i++) out[i] = (x[i] as number) * (y[i] as number)
}
const divide: Run = (out, inputs, count) => {
  const x = inputs[0] as Float64Array
  const y = inputs[1] as Float64Array
  for (let i = 0; i < count; i++) out[i] = (x[i] as number) / (y[i] as number)
}
const normalizedDifference: Run = (out, inputs, count) => {
  const x = inputs[0] as Float64Array
  const y = inputs[1] as Float64Array
  for (let i = 0; i < count; i++) {
    const a = x[i] as number
    const b = y[i] as number
    out[i] = (a - b) / (a + b)
  }
}
const equal: Run = (out, inputs, count) => {
  const x = inputs[0] as Float64Array
  const y = inputs[1] as Float64Array
  for (let i = 0; i < count; i++) {
    const a = x[i] as number
    const b = y[i] as number
    out[i] = a === b ? 1 : a !== a || b !== b ? Number.NaN : 0
  }
}
const or: Run = (out, inputs, count) => {
  const x = inputs[0] as Float64Array
  const y = inputs[1] as Float64Array
  for (let i = 0; i < count; i++) {
    const a = x[i] as number
    const b = y[i] as number
    out[i] = a === 1 || b === 1 ? 1 : a === 0 && b === 0 ? 0 : Number.NaN
  }
}
const and: Run = (out, inputs, count) => {
  const x = inputs[0] as Float64Array
  const y = inputs[1] as Float64Array
  for (let i = 0; i < count; i++) {
    const a = x[i] as number
    const b = y[i] as number
    out[i] = a === 0 || b === 0 ? 0 : a === 1 && b === 1 ? 1 : Number.NaN
  }
}
/** `replacement` where the mask is neither 0 nor "no value", else the data. */
const mask: Run = (out, inputs, count) => {
  const data = inputs[0] as Float64Array
  const where = inputs[1] as Float64Array
  const replacement = inputs[2] as Float64Array
  for (let i = 0; i < count; i++) {
    const m = where[i] as number
    out[i] = m === 0 || m !== m ? (data[i] as number) : (replacement[i] as number)
  }
}
/** accept where the condition is 1, else reject. */
const select: Run = (out, inputs, count) => {
  const condition = inputs[0] as Float64Array
  const accept = inputs[1] as Float64Array
  const reject = inputs[2] as Float64Array
  for (let i = 0; i < count; i++) out[i] = condition[i] === 1 ? (accept[i] as number) : (reject[i] as number)
}
/** The first that is a value. */
const coalesce: Run = (out, inputs, count) => {
  const x = inputs[0] as Float64Array
  const y = inputs[1] as Float64Array
  for (let i = 0; i < count; i++) {
    const a = x[i] as number
    out[i] = a !== a ? (y[i] as number) : a
  }
}
const clip: Run = (out, inputs, count) => {
  const x = inputs[0] as Float64Array
  const low = inputs[1] as Float64Array
  const high = inputs[2] as Float64Array
  for (let i = 0; i < count; i++) {
    const v = x[i] as number
    const a = low[i] as number
    const b = high[i] as number
    out[i] = v < a ? a : v > b ? b : v
  }
}

const isNo = (x: number) => x !== x
/** A comparison that is "no value" where one side is. */
const compare = (of: (x: number, y: number) => boolean): Run =>
  binary((x, y) => (isNo(x) || isNo(y) ? Number.NaN : of(x, y) ? 1 : 0))

/** Remainder with the sign of the divisor; a divisor of 0 gives ±infinity or NaN as the specification asks. */
export function remainder(x: number, y: number): number {
  if (y === 0) return x > 0 ? Number.POSITIVE_INFINITY : x < 0 ? Number.NEGATIVE_INFINITY : Number.NaN
  const rest = x % y
  return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest
}

/** To the nearest integer, halves to the even one (IEEE 754 roundTiesToEven). */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x)
  const rest = x - floor
  if (rest < 0.5) return floor
  if (rest > 0.5) return floor + 1
  return floor % 2 === 0 ? floor : floor + 1
}

/**
 * To `p` digits, halves to the even neighbour. The decimal text decides what is a half: 2.675 is one although its
 * binary value lies below, as the specification's examples expect of decimal numbers.
 */
export function roundTo(x: number, p: number): number {
  if (p === 0 || !Number.isFinite(x)) return p === 0 ? roundHalfEven(x) : x
  if (!Number.isFinite(p) || Math.abs(p) > 320) return p > 0 ? x : 0
  const [mantissa = '0', exponent = '0'] = String(x).split('e')
  const scaled = Number(`${mantissa}e${Number(exponent) + p}`)
  if (!Number.isFinite(scaled)) return x
  const [roundedMantissa = '0', roundedExponent = '0'] = String(roundHalfEven(scaled)).split('e')
  return Number(`${roundedMantissa}e${Number(roundedExponent) - p}`)
}

const op = (run: Run): Op => ({ run })

export const PIXEL_OPS = {
  add: op(add),
  subtract: op(subtract),
  multiply: op(multiply),
  divide: op(divide),
  normalizedDifference: op(normalizedDifference),
  mod: op(binary((x, y) => remainder(x, y))),
  power: op(binary((x, p) => (isNo(x) || isNo(p) ? Number.NaN : x ** p))),
  log: op(binary((x, base) => Math.log(x) / Math.log(base))),
  arctan2: op(binary((y, x) => Math.atan2(y, x))),
  round: op(binary((x, p) => roundTo(x, p))),
  absolute: op(unary((x) => Math.abs(x))),
  sqrt: op(unary((x) => Math.sqrt(x))),
  exp: op(unary((x) => Math.exp(x))),
  ln: op(unary((x) => Math.log(x))),
  log10: op(unary((x) => Math.log10(x))),
  log2: op(unary((x) => Math.log2(x))),
  int: op(unary((x) => Math.trunc(x))),
  floor: op(unary((x) => Math.floor(x))),
  ceil: op(unary((x) => Math.ceil(x))),
  sgn: op(unary((x) => Math.sign(x))),
  sin: op(unary((x) => Math.sin(x))),
  cos: op(unary((x) => Math.cos(x))),
  tan: op(unary((x) => Math.tan(x))),
  arcsin: op(unary((x) => Math.asin(x))),
  arccos: op(unary((x) => Math.acos(x))),
  arctan: op(unary((x) => Math.atan(x))),
  sinh: op(unary((x) => Math.sinh(x))),
  cosh: op(unary((x) => Math.cosh(x))),
  tanh: op(unary((x) => Math.tanh(x))),
  arsinh: op(unary((x) => Math.asinh(x))),
  arcosh: op(unary((x) => Math.acosh(x))),
  artanh: op(unary((x) => Math.atanh(x))),
  equal: op(equal),
  greater: op(compare((x, y) => x > y)),
  greaterOrEqual: op(compare((x, y) => x >= y)),
  and: op(and),
  or: op(or),
  xor: op(binary((x, y) => (isNo(x) || isNo(y) ? Number.NaN : x !== y ? 1 : 0))),
  not: op(unary((x) => (isNo(x) ? Number.NaN : x === 0 ? 1 : 0))),
  isNodata: op(unary((x) => (isNo(x) ? 1 : 0))),
  isInfinite: op(unary((x) => (x === Number.POSITIVE_INFINITY || x === Number.NEGATIVE_INFINITY ? 1 : 0))),
  isValid: op(unary((x) => (Number.isFinite(x) ? 1 : 0))),
  select: op(select),
  mask: op(mask),
  coalesce: op(coalesce),
  clip: op(clip),
} satisfies Record<string, Op>

export type PixelOp = keyof typeof PIXEL_OPS
