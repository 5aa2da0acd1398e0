/**
 * From values to expressions and back: how a process on single values works on constants and on pixels alike.
 * Owns: null as "no value" among constants, NaN as "no value" among pixels, truth as 1 and 0 among pixels.
 */
import type { Expression, Expressions } from '../expression.ts'
import type { PixelOp } from '../pixel-ops.ts'
import { PIXEL_OPS } from '../pixel-ops.ts'
import { GraphError } from '../problem.ts'
import { constant, unknown, type Value, type ValueType } from '../values.ts'

/** The expression of a value; null where it cannot be one (a text, an array, a cube …). */
export function expressionOf(value: Value, expressions: Expressions): Expression | null {
  if (value.kind === 'pixel') return value.expression
  if (value.kind === 'unknown') return expressions.constant(Number.NaN)
  if (value.kind !== 'constant') return null
  if (value.value === null) return expressions.constant(Number.NaN)
  if (typeof value.value === 'boolean') return expressions.constant(value.value ? 1 : 0)
  return typeof value.value === 'number' ? expressions.constant(value.value) : null
}

export const pixel = (expression: Expression, type: ValueType): Value => ({ kind: 'pixel', expression, type })

/** number, boolean, null …; of pixels the type that they are known to have. */
export function typeOf(value: Value): string {
  if (value.kind === 'pixel') return value.type
  if (value.kind !== 'constant') return value.kind
  return value.value === null ? 'null' : Array.isArray(value.value) ? 'array' : typeof value.value
}

/** Applies an operation: constants give a constant (null where one is null and `isNullPassed`), all else pixels. */
export function operate(
  op: PixelOp,
  values: readonly Value[],
  type: ValueType,
  expressions: Expressions,
  isNullPassed = true,
): Value {
  if (values.some(({ kind }) => kind === 'unknown')) return unknown
  if (values.every(({ kind }) => kind === 'constant')) {
    const fixed = values.map((value) => (value.kind === 'constant' ? value.value : null))
    if (isNullPassed && fixed.includes(null)) return constant(null)
    const out = new Float64Array(1)
    const registers = fixed.map((value) => Float64Array.of(toNumber(value)))
    PIXEL_OPS[op].run(out, registers, 1)
    const result = out[0] as number
    if (type === 'number') return constant(result)
    return constant(Number.isNaN(result) ? null : result !== 0)
  }
  const inputs = values.map((value) => expressionOf(value, expressions))
  if (inputs.some((input) => input === null)) {
    throw new GraphError('ProcessParameterInvalid', 'Numbers or truth values are needed.')
  }
  return pixel(expressions.op(op, ...(inputs as Expression[])), type)
}

const toNumber = (value: unknown): number =>
  typeof value === 'number' ? value : typeof value === 'boolean' ? Number(value) : Number.NaN
