/**
 * Processes that compare, decide and ask.
 * Owns: strict types in comparisons, three-valued logic. Does not: loop over pixels (pixel-ops.ts).
 */
import type { PixelOp } from '../pixel-ops.ts'
import { GraphError } from '../problem.ts'
import type { Implementation, Tracing } from '../tracing.ts'
import { type Arguments, constant, unknown, type Value } from '../values.ts'
import { expressionOf, operate, pixel, typeOf } from './pixels.ts'

const isNull = (value: Value) => value.kind === 'constant' && value.value === null

/** False, or no data where one of the values is no data. */
function never(values: readonly Value[], { expressions }: Tracing): Value {
  const pixels = values.filter(({ kind }) => kind === 'pixel')
  if (values.some(isNull)) return constant(null)
  let result: Value = constant(false)
  for (const value of pixels) {
    const isNodata = operate('isNodata', [value], 'boolean', expressions)
    result = operate('select', [isNodata, constant(Number.NaN), result], 'boolean', expressions, false)
  }
  return result
}

function equality(given: Arguments, tracing: Tracing): Value {
  const x = given.value('x')
  const y = given.value('y')
  const { expressions } = tracing
  if (isNull(x) || isNull(y)) return constant(null)
  if (typeOf(x) !== typeOf(y)) return never([x, y], tracing)
  if (x.kind === 'constant' && y.kind === 'constant' && typeof x.value === 'string' && typeof y.value === 'string') {
    const fold = (text: string) => (given.flag('case_sensitive') ? text : text.toLowerCase())
    return constant(fold(x.value) === fold(y.value))
  }
  const delta = given.constant('delta')
  if (typeof delta === 'number' && typeOf(x) === 'number') {
    const distance = operate('absolute', [operate('subtract', [x, y], 'number', expressions)], 'number', expressions)
    return compare('greaterOrEqual', constant(delta), distance, tracing)
  }
  return compare('equal', x, y, tracing)
}

/** A comparison of two numbers; NaN among constants compares as IEEE 754 says: false. */
function compare(op: PixelOp, x: Value, y: Value, { expressions }: Tracing): Value {
  const isNaNConstant = [x, y].some((value) => value.kind === 'constant' && Number.isNaN(value.value))
  if (isNaNConstant && x.kind === 'constant' && y.kind === 'constant') return constant(false)
  return operate(op, [x, y], 'boolean', expressions)
}

const not = (value: Value, { expressions }: Tracing) => operate('not', [value], 'boolean', expressions)

const ordering =
  (op: PixelOp, isSwapped: boolean): Implementation =>
  (given, tracing) => {
    const [x, y] = isSwapped ? [given.value('y'), given.value('x')] : [given.value('x'), given.value('y')]
    if (isNull(x) || isNull(y)) return constant(null)
    if (typeOf(x) !== 'number' || typeOf(y) !== 'number') return never([x, y], tracing)
    return compare(op, x, y, tracing)
  }

const between: Implementation = (given, tracing) => {
  const x = given.value('x')
  if (isNull(x)) return constant(null)
  if (typeOf(x) !== 'number') return never([x], tracing)
  const above = compare('greaterOrEqual', x, given.value('min'), tracing)
  const max = given.value('max')
  const below = given.flag('exclude_max')
    ? compare('greater', max, x, tracing)
    : compare('greaterOrEqual', max, x, tracing)
  return operate('and', [above, below], 'boolean', tracing.expressions)
}

const logical =
  (op: PixelOp): Implementation =>
  (given, { expressions }) =>
    operate(op, [given.value('x'), given.value('y')], 'boolean', expressions, op === 'xor')

const choose: Implementation = (given, { expressions }) => {
  const value = given.value('value')
  const accept = given.value('accept')
  const reject = given.value('reject')
  if (value.kind === 'constant') return value.value === true ? accept : reject
  if (accept.kind === 'unknown' || reject.kind === 'unknown' || value.kind === 'unknown') return unknown
  const inputs = [value, accept, reject].map((one) => expressionOf(one, expressions))
  const [condition, yes, no] = inputs
  if (condition == null || yes == null || no == null) {
    const reason = 'Where the condition differs from pixel to pixel, only numbers and truth values can be chosen from.'
    throw new GraphError('ProcessParameterInvalid', reason, yes == null ? 'accept' : 'reject')
  }
  const types = [accept, reject].map(typeOf).filter((type) => type !== 'null')
  const isTruth = types.length > 0 && types.every((type) => type === 'boolean')
  return pixel(expressions.op('select', condition, yes, no), isTruth ? 'boolean' : 'number')
}

/** Questions: of pixels by an operation, of constants by a function. */
const ask =
  (op: PixelOp, ofConstant: (value: unknown) => boolean, ofOther: boolean): Implementation =>
  (given, { expressions }) => {
    const x = given.value('x')
    if (x.kind === 'unknown') return unknown
    if (x.kind === 'constant') return constant(ofConstant(x.value))
    return x.kind === 'pixel' ? operate(op, [x], 'boolean', expressions) : constant(ofOther)
  }

export const logicImplementations: Readonly<Record<string, Implementation>> = {
  eq: equality,
  neq: (given, tracing) => not(equality(given, tracing), tracing),
  gt: ordering('greater', false),
  gte: ordering('greaterOrEqual', false),
  lt: ordering('greater', true),
  lte: ordering('greaterOrEqual', true),
  between,
  and: logical('and'),
  or: logical('or'),
  xor: logical('xor'),
  not: (given, tracing) => not(given.value('x'), tracing),
  if: choose,
  is_nodata: ask('isNodata', (value) => value === null, false),
  is_nan: ask('isNodata', (value) => Number.isNaN(value), false),
  is_infinite: ask('isInfinite', (value) => value === Infinity || value === -Infinity, false),
  is_valid: ask('isValid', (value) => (typeof value === 'number' ? Number.isFinite(value) : value !== null), true),
}
