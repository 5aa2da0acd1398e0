/**
 * Processes that hand the values of a cube to a child graph: one by one, or all along a dimension.
 * Owns: what the child graph is given and what its answer means. The child graph runs on expressions, once for each
 * plane; so whatever it picks out of its array is all that is read.
 */
import type { Expression } from '../expression.ts'
import { contains, type Interval, readInstant } from '../instants.ts'
import { type PeriodName, periodsBetween } from '../periods.ts'
import { GraphError, invalid } from '../problem.ts'
import type { Implementation, Tracing } from '../tracing.ts'
import {
  type Arguments,
  arrayItems,
  type Cube,
  cubeValue,
  type Dimension,
  dimensionNamed,
  type Label,
  planeIndices,
  rememberingCube,
  unknown,
  type Value,
  type ValueType,
} from '../values.ts'
import { temporalAxis } from './filter.ts'
import { expressionOf, pixel, typeOf } from './pixels.ts'

/** The answer of a child graph as an expression. */
function answerOf(
  answer: Value,
  argument: string,
  { expressions }: Tracing,
): { expression: Expression; type: ValueType } {
  const expression = expressionOf(answer, expressions)
  if (expression === null) {
    throw invalid(
      argument,
      `the child process gives ${typeOf(answer) === 'array' ? 'an array' : 'something'} where one number or truth value is needed.`,
    )
  }
  return { expression, type: typeOf(answer) === 'boolean' ? 'boolean' : 'number' }
}

/** Looks at the first plane, so that faults of the child graph show at once and the type of the values is known. */
function settled(cube: Cube, typeOfPlane: (index: readonly number[]) => ValueType): Cube {
  for (const index of planeIndices(cube.dimensions)) {
    cube.plane(index)
    return { ...cube, valueType: typeOfPlane(index) }
  }
  return cube
}

/** A cube whose planes a child graph computes. */
function computed(
  shape: Omit<Cube, 'plane' | 'valueType'>,
  argument: string,
  tracing: Tracing,
  answer: (index: readonly number[]) => Value,
): Cube {
  let type: ValueType = 'number'
  const cube = rememberingCube({
    ...shape,
    valueType: 'number',
    plane: (index) => {
      const found = answerOf(answer(index), argument, tracing)
      type = found.type
      return found.expression
    },
  })
  return settled(cube, () => type)
}

const apply: Implementation = (given, tracing) => {
  const cube = given.cube('data')
  const child = given.graph('process')
  const context = given.value('context')
  return cubeValue(
    computed(cube, 'process', tracing, (index) =>
      tracing.call(child, { x: pixel(cube.plane(index), cube.valueType), context }),
    ),
  )
}

/** The values along a dimension as a labelled array. */
function along(cube: Cube, axis: number, index: readonly number[], positions: readonly number[] | null): Value {
  const labels = cube.dimensions[axis]?.labels ?? []
  const chosen = positions ?? labels.map((_, i) => i)
  const items = chosen.map((position) => pixel(cube.plane(index.toSpliced(axis, 0, position)), cube.valueType))
  return { kind: 'array', items, labels: chosen.map((position) => labels[position] ?? position) }
}

const reduceDimension: Implementation = (given, tracing) => {
  const cube = given.cube('data')
  const axis = dimensionNamed(cube, given.text('dimension'))
  const child = given.graph('reducer')
  const context = given.value('context')
  const shape = { ...cube, dimensions: cube.dimensions.toSpliced(axis, 1) }
  return cubeValue(
    computed(shape, 'reducer', tracing, (index) =>
      tracing.call(child, { data: along(cube, axis, index, null), context }),
    ),
  )
}

const applyDimension: Implementation = (given, tracing) => {
  const cube = given.cube('data')
  const axis = dimensionNamed(cube, given.text('dimension'))
  const child = given.graph('process')
  const target = given.constant('target_dimension') as string | null
  const own = cube.dimensions[axis] as Dimension
  if (target !== null && target !== own.name && cube.dimensions.some(({ name }) => name === target)) {
    throw new GraphError(
      'FeatureUnsupported',
      'The target dimension exists already; a new one is needed.',
      'target_dimension',
    )
  }
  const known = new Map<string, readonly Value[] | null>()
  const answer = (index: readonly number[]): readonly Value[] | null => {
    const others = index.toSpliced(axis, 1)
    const key = others.join(',')
    const found = known.get(key)
    if (found !== undefined) return found
    const value = tracing.call(child, { data: along(cube, axis, others, null), context: given.value('context') })
    const items = value.kind === 'unknown' ? null : (arrayItems(value)?.items ?? [value])
    known.set(key, items)
    return items
  }
  const [first] = planeIndices(cube.dimensions)
  const items = first === undefined ? [] : answer(first)
  if (items === null) return unknown
  const keepsLabels = items.length === own.labels.length && (target === null || target === own.name)
  const changed: Dimension = keepsLabels
    ? own
    : { name: target ?? own.name, type: target === null ? own.type : 'other', labels: items.map((_, i) => i) }
  const shape = { ...cube, dimensions: cube.dimensions.with(axis, changed) }
  return cubeValue(
    computed(shape, 'process', tracing, (index) => {
      const values = answer(index)
      return values === null ? unknown : (values[index[axis] ?? 0] ?? { kind: 'constant', value: null })
    }),
  )
}

type Bin = { label: Label; interval: Interval; positions: number[] }

/** A cube with one label for each interval of time, each reduced from the labels that fall into it. */
function aggregate(cube: Cube, axis: number, bins: readonly Bin[], given: Arguments, tracing: Tracing): Value {
  const child = given.graph('reducer')
  const own = cube.dimensions[axis] as Dimension
  const dimension: Dimension = {
    name: own.name,
    type: 'temporal',
    labels: bins.map(({ label }) => label),
    times: bins.map(({ interval }) => (Number.isFinite(interval.start) ? interval : null)),
  }
  const shape = { ...cube, dimensions: cube.dimensions.with(axis, dimension) }
  return cubeValue(
    computed(shape, 'reducer', tracing, (index) => {
      const positions = bins[index[axis] ?? 0]?.positions ?? []
      const data = along(cube, axis, index.toSpliced(axis, 1), positions)
      return tracing.call(child, { data, context: given.value('context') })
    }),
  )
}

const MAX_PERIODS = 100_000

const aggregateTemporalPeriod: Implementation = (given, tracing) => {
  const cube = given.cube('data')
  const axis = temporalAxis(cube, given.constant('dimension') as string | null)
  const times = cube.dimensions[axis]?.times ?? []
  const starts = times.flatMap((time) => (time === null ? [] : [time.start]))
  if (starts.length < times.length) {
    const message = `${times.length - starts.length} labels without a time are left out of the aggregation.`
    tracing.log({ level: 'warning', message })
  }
  if (starts.length === 0) return aggregate(cube, axis, [], given, tracing)
  const first = starts.reduce((low, at) => Math.min(low, at), Infinity)
  const last = starts.reduce((high, at) => Math.max(high, at), -Infinity)
  const periods = periodsBetween(given.text('period') as PeriodName, first, last, MAX_PERIODS)
  if (periods === null) throw invalid('period', `there would be more than ${MAX_PERIODS} periods.`)
  const bins = periods.map(({ label, start, end }): Bin => ({ label, interval: { start, end }, positions: [] }))
  let bin = 0
  const ordered = times.map((time, i) => ({ time, i })).toSorted((a, b) => (a.time?.start ?? 0) - (b.time?.start ?? 0))
  for (const { time, i } of ordered) {
    if (time === null) continue
    while (!contains((bins[bin] as Bin).interval, time.start)) bin += 1
    bins[bin]?.positions.push(i)
  }
  return aggregate(cube, axis, bins, given, tracing)
}

const aggregateTemporal: Implementation = (given, tracing) => {
  const cube = given.cube('data')
  const axis = temporalAxis(cube, given.constant('dimension') as string | null)
  const times = cube.dimensions[axis]?.times ?? []
  const intervals = given.constant('intervals') as (string | null)[][]
  const labels = given.constant('labels') as Label[]
  if (labels.length > 0 && labels.length !== intervals.length) {
    throw invalid('labels', 'there have to be as many labels as intervals.')
  }
  const side = (text: string | null | undefined, open: number) => {
    if (text === null || text === undefined) return open
    const instant = readInstant(text)
    if (instant === null)
      throw new GraphError('FeatureUnsupported', 'Intervals of times without a date are not supported.', 'intervals')
    return instant
  }
  const bins = intervals.map(([from, to], i): Bin => {
    const interval = { start: side(from, -Infinity), end: side(to, Infinity) }
    if (interval.end <= interval.start) {
      throw new GraphError('TemporalExtentEmpty', 'The end of an interval has to lie after its start.', 'intervals')
    }
    const positions = times.flatMap((time, at) => (time !== null && contains(interval, time.start) ? [at] : []))
    return { label: labels[i] ?? from ?? '..', interval, positions }
  })
  if (new Set(bins.map(({ label }) => label)).size < bins.length) {
    const message = 'Two intervals would have the same label; give labels that differ.'
    throw new GraphError('DistinctDimensionLabelsRequired', message, 'labels')
  }
  return aggregate(cube, axis, bins, given, tracing)
}

export const reduceImplementations: Readonly<Record<string, Implementation>> = {
  apply,
  reduce_dimension: reduceDimension,
  apply_dimension: applyDimension,
  aggregate_temporal_period: aggregateTemporalPeriod,
  aggregate_temporal: aggregateTemporal,
}
