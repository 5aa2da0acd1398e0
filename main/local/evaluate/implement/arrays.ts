/**
 * Processes on arrays: statistics and access.
 * Owns: `ignore_nodata`, labels, what empty arrays give. Does not: loop over pixels (reductions, order-statistics).
 */
import type { Expression } from '../expression.ts'
import { quantilesOf } from '../order-statistics.ts'
import { GraphError, invalid } from '../problem.ts'
import { type Reduction, reduceNumbers } from '../reductions.ts'
import type { Implementation, Tracing } from '../tracing.ts'
import {
  type Arguments,
  arrayItems,
  constant,
  type Label,
  makeArray,
  unknown,
  type Value,
  type ValueType,
} from '../values.ts'
import { expressionOf, operate, pixel, typeOf } from './pixels.ts'

type Items = { items: readonly Value[]; labels: readonly Label[] | null }

function itemsOf(given: Arguments, name = 'data'): Items | null {
  const value = given.value(name)
  if (value.kind === 'unknown') return null
  const array = arrayItems(value)
  if (array === null) throw invalid(name, 'an array is needed.')
  return array.items.some(({ kind }) => kind === 'unknown') ? null : array
}

const isConstant = (value: Value): value is Extract<Value, { kind: 'constant' }> => value.kind === 'constant'
const constantsIn = (items: readonly Value[]): unknown[] | null =>
  items.every(isConstant) ? items.map((item) => (item.kind === 'constant' ? item.value : null)) : null

/** Numbers of constants, null as NaN. */
function numbersOf(values: readonly unknown[]): number[] {
  return values.map((value) => {
    if (value === null) return Number.NaN
    if (typeof value === 'number') return value
    if (typeof value === 'boolean') return value ? 1 : 0
    throw invalid('data', 'an item is neither a number nor a truth value.')
  })
}

function expressionsOf(items: readonly Value[], { expressions }: Tracing): Expression[] {
  return items.map((item) => {
    const expression = expressionOf(item, expressions)
    if (expression === null) throw invalid('data', 'an item is neither a number nor a truth value.')
    return expression
  })
}

const reducer =
  (reduction: Reduction, type: ValueType = 'number'): Implementation =>
  (given, tracing) => {
    const array = itemsOf(given)
    if (array === null) return unknown
    const ignoreNodata = given.flag('ignore_nodata')
    const fixed = constantsIn(array.items)
    if (fixed === null) {
      return pixel(tracing.expressions.reduce(reduction, ignoreNodata, expressionsOf(array.items, tracing)), type)
    }
    if (fixed.some((value) => Number.isNaN(value))) return constant(Number.NaN)
    const result = reduceNumbers(reduction, numbersOf(fixed), ignoreNodata)
    if (Number.isNaN(result) && isNothing(reduction, fixed, ignoreNodata)) return constant(null)
    return constant(type === 'boolean' ? result !== 0 : result)
  }

/** Whether NaN means "no value" here, and is not what arithmetic gave. */
const isNothing = (reduction: Reduction, values: readonly unknown[], ignoreNodata: boolean): boolean => {
  const valid = values.filter((value) => value !== null).length
  const needed = reduction === 'variance' || reduction === 'sd' ? 2 : 1
  return valid < needed || (!ignoreNodata && valid < values.length) || reduction === 'all' || reduction === 'any'
}

const edge =
  (reduction: 'first' | 'last'): Implementation =>
  (given, tracing) => {
    const array = itemsOf(given)
    if (array === null) return unknown
    const ignoreNodata = given.flag('ignore_nodata')
    const ordered = reduction === 'first' ? array.items : [...array.items].reverse()
    const fixed = constantsIn(ordered)
    if (fixed !== null) return constant((ignoreNodata ? fixed.find((value) => value !== null) : fixed[0]) ?? null)
    const isTruth = array.items.every((item) => ['boolean', 'null'].includes(typeOf(item)))
    const inputs = expressionsOf(array.items, tracing)
    return pixel(tracing.expressions.reduce(reduction, ignoreNodata, inputs), isTruth ? 'boolean' : 'number')
  }

/** Quantiles of an array at ascending probabilities. */
function quantilesAt(given: Arguments, tracing: Tracing, probabilities: readonly number[]): Value[] {
  const array = itemsOf(given)
  if (array === null) return probabilities.map(() => unknown)
  const ignoreNodata = given.flag('ignore_nodata')
  const fixed = constantsIn(array.items)
  if (fixed === null) {
    const inputs = expressionsOf(array.items, tracing)
    return tracing.expressions.quantiles(inputs, probabilities, ignoreNodata).map((one) => pixel(one, 'number'))
  }
  const valid = numbersOf(fixed.filter((value) => value !== null))
  const isNothing = valid.length === 0 || (!ignoreNodata && valid.length < fixed.length)
  if (isNothing) return probabilities.map(() => constant(null))
  const out: Value[] = []
  quantilesOf(Float64Array.from(valid), valid.length, probabilities, (index, value) => {
    out[index] = constant(value)
  })
  return out
}

const quantiles: Implementation = (given, tracing) => {
  const probabilities = given.has('probabilities') ? given.constant('probabilities') : null
  const q = given.has('q') ? given.constant('q') : null
  if (probabilities !== null && q !== null) {
    throw new GraphError('QuantilesParameterConflict', 'Only one of `probabilities` and `q` may be given.', 'q')
  }
  const wanted = probabilities ?? q
  if (wanted === null) {
    throw new GraphError('QuantilesParameterMissing', 'Either `probabilities` or `q` has to be given.')
  }
  if (typeof wanted === 'number') {
    if (wanted > 10_000) throw invalid('probabilities', 'there may be at most 10,000 intervals.')
    const cuts = Array.from({ length: wanted - 1 }, (_, i) => (i + 1) / wanted)
    return makeArray(quantilesAt(given, tracing, cuts))
  }
  const list = wanted as number[]
  if (list.some((value, i) => i > 0 && value < (list[i - 1] as number))) {
    throw new GraphError(
      'AscendingProbabilitiesRequired',
      'The probabilities are not in ascending order.',
      'probabilities',
    )
  }
  return makeArray(quantilesAt(given, tracing, list))
}

const count: Implementation = (given, tracing) => {
  const array = itemsOf(given)
  if (array === null) return unknown
  const condition = given.value('condition')
  if (condition.kind === 'constant' && condition.value === true) return constant(array.items.length)
  const answers =
    condition.kind === 'graph'
      ? array.items.map((x) => tracing.call(condition, { x, context: given.value('context') }))
      : array.items
  if (answers.some(({ kind }) => kind === 'unknown')) return unknown
  const counts = (value: unknown) =>
    condition.kind === 'graph' ? value === true : typeof value === 'number' ? Number.isFinite(value) : value !== null
  const fixed = answers.filter((item) => (isConstant(item) ? counts(item.value) : item.kind !== 'pixel')).length
  const pixels = answers.filter(({ kind }) => kind === 'pixel')
  if (pixels.length === 0) return constant(fixed)
  const reduction = condition.kind === 'graph' ? 'countTrue' : 'count'
  const counted = tracing.expressions.reduce(reduction, true, expressionsOf(pixels, tracing))
  return operate('add', [pixel(counted, 'number'), constant(fixed)], 'number', tracing.expressions)
}

const element: Implementation = (given) => {
  const hasIndex = given.has('index')
  const hasLabel = given.has('label')
  if (hasIndex && hasLabel) {
    throw new GraphError('ArrayElementParameterConflict', 'Only one of `index` and `label` may be given.', 'label')
  }
  if (!hasIndex && !hasLabel) {
    throw new GraphError('ArrayElementParameterMissing', 'Either `index` or `label` has to be given.')
  }
  const array = itemsOf(given)
  if (array === null) return unknown
  if (hasLabel && array.labels === null) {
    throw new GraphError('ArrayNotLabeled', 'The values have no labels; use `index`.', 'label')
  }
  const wanted = given.constant(hasLabel ? 'label' : 'index')
  const position = hasLabel ? (array.labels ?? []).indexOf(wanted as Label) : (wanted as number)
  const found = array.items[position]
  if (found !== undefined) return found
  if (given.flag('return_nodata')) return constant(null)
  const have = array.labels === null ? `${array.items.length} values` : array.labels.slice(0, 20).join(', ')
  const message = `There is no value ${hasLabel ? `"${String(wanted)}"` : `at ${String(wanted)}`}; there are ${have}.`
  throw new GraphError('ArrayElementNotAvailable', message, hasLabel ? 'label' : 'index')
}

const MAX_ITEMS = 1_000_000

const create: Implementation = (given) => {
  const array = itemsOf(given)
  if (array === null) return unknown
  const repeat = given.number('repeat')
  if (array.items.length * repeat > MAX_ITEMS)
    throw invalid('repeat', 'the array would have more than a million items.')
  return makeArray(Array.from({ length: repeat }, () => array.items).flat())
}

const concat: Implementation = (given) => {
  const first = itemsOf(given, 'array1')
  const second = itemsOf(given, 'array2')
  if (first === null || second === null) return unknown
  const items = [...first.items, ...second.items]
  if (first.labels === null || second.labels === null) return makeArray(items)
  const known = new Set(first.labels)
  const both = second.labels.find((label) => known.has(label))
  if (both !== undefined) throw new GraphError('ArrayLabelConflict', `Both arrays have the label "${both}".`, 'array2')
  return makeArray(items, [...first.labels, ...second.labels])
}

const contains: Implementation = (given, tracing) => {
  const array = itemsOf(given)
  const value = given.value('value')
  if (array === null || value.kind === 'unknown') return unknown
  if (value.kind === 'constant' && value.value === null) return constant(false)
  const same = array.items.filter((item) => typeOf(item) === typeOf(value))
  if (value.kind === 'constant' && same.some((item) => isConstant(item) && item.value === value.value))
    return constant(true)
  const asked = same.filter((item) => item.kind === 'pixel' || value.kind === 'pixel')
  if (asked.length === 0) return constant(false)
  const found = asked.map((item) => operate('equal', [item, value], 'boolean', tracing.expressions))
  return pixel(tracing.expressions.reduce('any', true, expressionsOf(found, tracing)), 'boolean')
}

export const arrayImplementations: Readonly<Record<string, Implementation>> = {
  sum: reducer('sum'),
  product: reducer('product'),
  min: reducer('min'),
  max: reducer('max'),
  mean: reducer('mean'),
  variance: reducer('variance'),
  sd: reducer('sd'),
  all: reducer('all', 'boolean'),
  any: reducer('any', 'boolean'),
  first: edge('first'),
  last: edge('last'),
  median: (given, tracing) => quantilesAt(given, tracing, [0.5])[0] ?? unknown,
  quantiles,
  extrema: (given, tracing) => makeArray([reducer('min')(given, tracing), reducer('max')(given, tracing)]),
  count,
  array_create: create,
  array_concat: concat,
  array_element: element,
  array_contains: contains,
  array_labels: (given) => {
    const array = itemsOf(given)
    return array === null ? unknown : constant(array.labels ?? array.items.map((_, i) => i))
  },
}
