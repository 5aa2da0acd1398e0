/**
 * Processes that compute with numbers.
 * Owns: which operation each of them is. Does not: loop over pixels (pixel-ops.ts).
 */
import type { PixelOp } from '../pixel-ops.ts'
import { GraphError } from '../problem.ts'
import type { Implementation } from '../tracing.ts'
import { constant, type Value } from '../values.ts'
import { operate } from './pixels.ts'

const same: PixelOp[] = [
  'add',
  'subtract',
  'multiply',
  'divide',
  'mod',
  'absolute',
  'sqrt',
  'ln',
  'int',
  'floor',
  'ceil',
  'sgn',
  'sin',
  'cos',
  'tan',
  'arcsin',
  'arccos',
  'arctan',
  'sinh',
  'cosh',
  'tanh',
  'arsinh',
  'arcosh',
  'artanh',
]
const TWO = new Set<PixelOp>(['add', 'subtract', 'multiply', 'divide', 'mod'])

const op =
  (name: PixelOp, ...parameters: string[]): Implementation =>
  (given, { expressions }) =>
    operate(name, parameters.map(given.value), 'number', expressions)

const fixed =
  (value: number): Implementation =>
  () =>
    constant(value)

const numberIn = (value: Value): number | null =>
  value.kind === 'constant' && typeof value.value === 'number' ? value.value : null

const log: Implementation = (given, { expressions }) => {
  const base = numberIn(given.value('base'))
  // their own functions are exact where a quotient of logarithms is not: log(1000, 10) is 3
  if (base === 10) return operate('log10', [given.value('x')], 'number', expressions)
  if (base === 2) return operate('log2', [given.value('x')], 'number', expressions)
  return operate('log', [given.value('x'), given.value('base')], 'number', expressions)
}

const clip: Implementation = (given, { expressions }) => {
  const [min, max] = [given.value('min'), given.value('max')]
  const [low, high] = [numberIn(min), numberIn(max)]
  if (low !== null && high !== null && low > high) {
    throw new GraphError('MinMaxSwapped', 'The lower bound lies above the upper bound.', 'min')
  }
  return operate('clip', [given.value('x'), min, max], 'number', expressions)
}

const linearScaleRange: Implementation = (given, { expressions }) => {
  const run = (name: PixelOp, ...values: Value[]) => operate(name, values, 'number', expressions)
  const [x, inputMin, inputMax, outputMin, outputMax] = (
    ['x', 'inputMin', 'inputMax', 'outputMin', 'outputMax'] as const
  ).map(given.value) as [Value, Value, Value, Value, Value]
  const [low, high] = [numberIn(inputMin), numberIn(inputMax)]
  const isFalling = low !== null && high !== null && low > high
  const clipped = isFalling ? run('clip', x, inputMax, inputMin) : run('clip', x, inputMin, inputMax)
  const share = run('divide', run('subtract', clipped, inputMin), run('subtract', inputMax, inputMin))
  return run('add', run('multiply', share, run('subtract', outputMax, outputMin)), outputMin)
}

export const mathImplementations: Readonly<Record<string, Implementation>> = {
  ...Object.fromEntries(same.map((name) => [name, TWO.has(name) ? op(name, 'x', 'y') : op(name, 'x')])),
  power: op('power', 'base', 'p'),
  exp: op('exp', 'p'),
  log,
  arctan2: op('arctan2', 'y', 'x'),
  round: op('round', 'x', 'p'),
  clip,
  constant: (given) => given.value('x'),
  e: fixed(Math.E),
  pi: fixed(Math.PI),
  nan: fixed(Number.NaN),
  normalized_difference: op('normalizedDifference', 'x', 'y'),
  linear_scale_range: linearScaleRange,
}
