/** Random formulas together with their value, computed by JavaScript while they are made. */

/** mulberry32: a small generator of numbers in [0, 1) that gives the same ones for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

type Made = { text: string; value: number }
/** Precedence of the outermost operator of a text, so that brackets are left away where the grammar allows it. */
type Part = Made & { binds: number }
const ATOM = 10

const bracketed = (part: Part, minimum: number) => (part.binds < minimum ? `(${part.text})` : part.text)

const BINARY: readonly [string, number, (x: number, y: number) => number][] = [
  ['+', 5, (x, y) => x + y],
  ['-', 5, (x, y) => x - y],
  ['*', 6, (x, y) => x * y],
  ['/', 6, (x, y) => x / y],
]
const COMPARISONS: readonly [string, (x: number, y: number) => boolean][] = [
  ['<', (x, y) => x < y],
  ['<=', (x, y) => x <= y],
  ['>', (x, y) => x > y],
  ['>=', (x, y) => x >= y],
  ['==', (x, y) => x === y],
  ['!=', (x, y) => x !== y],
]

export function randomExpression(random: () => number, pixel: Record<string, number>, depth: number): Made {
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T
  const atom = (): Part => {
    if (random() < 0.5) {
      const [name, value] = pick(Object.entries(pixel))
      return { text: /^\w+$/.test(name) && random() < 0.8 ? name : `"${name}"`, value, binds: ATOM }
    }
    const value = Math.round(random() * 1000) / 100
    return { text: String(value), value, binds: ATOM }
  }
  const binary = (left: Part): Part => {
    const [sign, precedence, compute] = pick(BINARY)
    const right = part(left.value === 0 ? 0 : depthLeft - 1)
    const text = `${bracketed(left, precedence)} ${sign} ${bracketed(right, precedence + 1)}`
    return { text, value: compute(left.value, right.value), binds: precedence }
  }
  let depthLeft = depth
  const call = (): Part => {
    const [x, y] = [part(depthLeft - 1), part(depthLeft - 1)]
    const made = pick([
      { text: `min(${x.text}, ${y.text})`, value: Math.min(x.value, y.value) },
      { text: `max(${x.text}, ${y.text}, 1)`, value: Math.max(x.value, y.value, 1) },
      { text: `abs(${x.text})`, value: Math.abs(x.value) },
      { text: `sqrt(abs(${x.text}))`, value: Math.sqrt(Math.abs(x.value)) },
      { text: `ln(abs(${x.text}) + 1)`, value: Math.log(Math.abs(x.value) + 1) },
      { text: `exp(-abs(${x.text}))`, value: Math.exp(-Math.abs(x.value)) },
    ])
    return { ...made, binds: ATOM }
  }
  const choice = (): Part => {
    const [x, y, a, b] = [part(depthLeft - 1), part(0), part(0), part(0)]
    const [sign, holds] = pick(COMPARISONS)
    const [sign2, holds2] = pick(COMPARISONS)
    const word = pick(['and', 'or'])
    const [first, second] = [holds(x.value, y.value), holds2(a.value, b.value)]
    const condition = `${bracketed(x, 5)} ${sign} ${bracketed(y, 5)} ${word} ${bracketed(a, 5)} ${sign2} ${bracketed(b, 5)}`
    const isTrue = word === 'and' ? first && second : first || second
    return { text: `if(${condition}, ${a.text}, ${b.text})`, value: isTrue ? a.value : b.value, binds: ATOM }
  }
  const negated = (): Part => {
    const x = part(depthLeft - 1)
    return { text: `-${bracketed(x, 7)}`, value: -x.value, binds: 7 }
  }
  const power = (): Part => {
    const x = part(depthLeft - 1)
    return { text: `${bracketed(x, 9)}^2`, value: x.value ** 2, binds: 8 }
  }
  const part = (left: number): Part => {
    if (left <= 0) return atom()
    const before = depthLeft
    depthLeft = left
    const dice = random()
    const made =
      dice < 0.5
        ? binary(part(left - 1))
        : dice < 0.7
          ? call()
          : dice < 0.8
            ? choice()
            : dice < 0.88
              ? negated()
              : dice < 0.94
                ? power()
                : atom()
    depthLeft = before
    return made
  }
  const { text, value } = part(depth)
  // a value that overflows or is undefined proves nothing about the graph
  return Number.isFinite(value) && Math.abs(value) < 1e12 && text.length < 1500
    ? { text, value }
    : randomExpression(random, pixel, depth)
}
