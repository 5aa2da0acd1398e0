/**
 * Processes that change dimensions, labels or the grid of a cube, and merging.
 * Owns: names, labels and their conflicts. Does not: touch values, except where a merge combines them.
 */
import { gridBounds, resampledGrid, resolution } from '../../../raster/grid.ts'
import { crsFromUserInput, type Grid, type Resampling } from '../../../raster/index.ts'
import { readInstant } from '../instants.ts'
import { GraphError, invalid } from '../problem.ts'
import { bringTo } from '../spatial.ts'
import type { Implementation, Tracing } from '../tracing.ts'
import {
  type Cube,
  constant,
  cubeValue,
  type Dimension,
  type DimensionType,
  dimensionNamed,
  type Label,
  positionOf,
  rememberingCube,
  type Value,
} from '../values.ts'
import { expressionOf, pixel } from './pixels.ts'

const exists = (cube: Cube, name: string) => name === cube.x || name === cube.y || positionOf(cube, name) >= 0

const addDimension: Implementation = (given) => {
  const cube = given.cube('data')
  const name = given.text('name')
  if (exists(cube, name)) throw new GraphError('DimensionExists', `The cube has a dimension "${name}" already.`, 'name')
  const type = given.text('type')
  if (type === 'spatial' || type === 'geometry') {
    throw new GraphError('FeatureUnsupported', 'Dimensions of space cannot be added here.', 'type')
  }
  const label = given.constant('label') as Label
  const instant = type === 'temporal' && typeof label === 'string' ? readInstant(label) : null
  const dimension: Dimension = {
    name,
    type: type as DimensionType,
    labels: [label],
    ...(type === 'temporal' ? { times: [instant === null ? null : { start: instant, end: instant }] } : {}),
    ...(type === 'bands' ? { commonNames: [null] } : {}),
  }
  return cubeValue({
    ...cube,
    dimensions: [...cube.dimensions, dimension],
    plane: (index) => cube.plane(index.slice(0, -1)),
  })
}

const dropDimension: Implementation = (given) => {
  const cube = given.cube('data')
  const axis = dimensionNamed(cube, given.text('name'), 'name')
  const count = cube.dimensions[axis]?.labels.length ?? 0
  if (count !== 1) {
    const message = `The dimension has ${count} labels; it has to be reduced to one first.`
    throw new GraphError('DimensionLabelCountMismatch', message, 'name')
  }
  const dimensions = cube.dimensions.toSpliced(axis, 1)
  return cubeValue({ ...cube, dimensions, plane: (index) => cube.plane(index.toSpliced(axis, 0, 0)) })
}

const renameDimension: Implementation = (given) => {
  const cube = given.cube('data')
  const target = given.text('target')
  const source = given.text('source')
  if (exists(cube, target))
    throw new GraphError('DimensionExists', `The cube has a dimension "${target}" already.`, 'target')
  if (source === cube.x) return cubeValue({ ...cube, x: target })
  if (source === cube.y) return cubeValue({ ...cube, y: target })
  const axis = dimensionNamed(cube, source, 'source')
  const dimension = { ...(cube.dimensions[axis] as Dimension), name: target }
  return cubeValue({ ...cube, dimensions: cube.dimensions.with(axis, dimension) })
}

const renameLabels: Implementation = (given) => {
  const cube = given.cube('data')
  const axis = dimensionNamed(cube, given.text('dimension'))
  const own = cube.dimensions[axis] as Dimension
  const target = given.constant('target') as Label[]
  const stated = given.constant('source') as Label[]
  if (stated.length === 0 && own.labels.some((label, i) => label !== i) && target.length !== own.labels.length) {
    const message = 'The labels are not counted from 0; `source` has to name those that get another name.'
    throw new GraphError('LabelsNotEnumerated', message, 'source')
  }
  const source = stated.length === 0 ? own.labels.slice(0, target.length) : stated
  if (source.length !== target.length) {
    throw new GraphError(
      'LabelMismatch',
      `There are ${target.length} new labels for ${source.length} old ones.`,
      'target',
    )
  }
  const renamed = new Map(source.map((label, i) => [label, target[i] as Label]))
  const missing = source.find((label) => !own.labels.includes(label))
  if (missing !== undefined) throw new GraphError('LabelNotAvailable', `There is no label "${missing}".`, 'source')
  const labels = own.labels.map((label) => renamed.get(label) ?? label)
  if (new Set(labels).size < labels.length) {
    throw new GraphError('LabelExists', 'One of the new labels is there already.', 'target')
  }
  const commonNames = own.commonNames?.map((name, i) => (labels[i] === own.labels[i] ? name : null))
  const dimension = { ...own, labels, ...(commonNames === undefined ? {} : { commonNames }) }
  return cubeValue({ ...cube, dimensions: cube.dimensions.with(axis, dimension) })
}

const dimensionLabels: Implementation = (given) => {
  const cube = given.cube('data')
  return constant(cube.dimensions[dimensionNamed(cube, given.text('dimension'))]?.labels ?? [])
}

const METHODS = new Set<string>([
  'near',
  'bilinear',
  'cubic',
  'cubicspline',
  'lanczos',
  'average',
  'mode',
  'max',
  'min',
  'med',
  'q1',
  'q3',
])

function methodOf(method: string): Resampling {
  if (METHODS.has(method)) return method as Resampling
  throw new GraphError('FeatureUnsupported', `The method "${method}" is not supported by this back-end.`, 'method')
}

const onGrid = (cube: Cube, grid: Grid, method: Resampling, { expressions }: Tracing): Cube =>
  rememberingCube({ ...cube, grid, plane: (index) => bringTo(cube.plane(index), cube.grid, grid, method, expressions) })

const resampleSpatial: Implementation = (given, tracing) => {
  const cube = given.cube('data')
  const stated = given.constant('resolution') as number | [number, number]
  const [rx, ry] = typeof stated === 'number' ? [stated, stated] : stated
  const projection = given.constant('projection')
  const crs = projection === null ? cube.grid.crs : crsFromUserInput(projection)
  if (projection === null && rx === 0 && ry === 0) return cubeValue(cube)
  const plain = resampledGrid(cube.grid, crs, null)
  const kept = resolution(plain.transform)
  const size: [number, number] = [rx === 0 ? kept[0] : rx, ry === 0 ? kept[1] : ry]
  const bounds = projection === null ? gridBounds(cube.grid) : gridBounds(plain)
  const grid = aligned(resampledGrid(cube.grid, crs, size, bounds), bounds, given.text('align'))
  if (grid.width * grid.height > 2 ** 34)
    throw invalid('resolution', 'the result would have more than 17 billion pixels.')
  return cubeValue(onGrid(cube, grid, methodOf(given.text('method')), tracing))
}

/** A grid that begins at the wanted corner of the bounds instead of the upper left one. */
function aligned(grid: Grid, [, south, east]: [number, number, number, number], align: string): Grid {
  const [x, b, c, y, e, f] = grid.transform
  const originX = align.endsWith('right') ? east - grid.width * b : x
  const originY = align.startsWith('lower') ? south - grid.height * f : y
  return { ...grid, transform: [originX, b, c, originY, e, f] }
}

const resampleCubeSpatial: Implementation = (given, tracing) => {
  const target = given.cube('target')
  return cubeValue(onGrid(given.cube('data'), target.grid, methodOf(given.text('method')), tracing))
}

/** Labels of both, those of time in order, the second's new ones after the first's otherwise. */
function mergedDimension(first: Dimension, second: Dimension): Dimension {
  const added = second.labels.flatMap((label, i) => (first.labels.includes(label) ? [] : [i]))
  const join = <T>(a: readonly T[] | undefined, b: readonly T[] | undefined, none: T): T[] => [
    ...first.labels.map((_, i) => a?.[i] ?? none),
    ...added.map((i) => b?.[i] ?? none),
  ]
  const labels = [...first.labels, ...added.map((i) => second.labels[i] as Label)]
  const times = join(first.times, second.times, null)
  const commonNames = join(first.commonNames, second.commonNames, null)
  if (first.type !== 'temporal') return { ...first, labels, ...(first.type === 'bands' ? { commonNames } : {}) }
  const order = labels
    .map((_, i) => i)
    .toSorted((a, b) => (times[a]?.start ?? Infinity) - (times[b]?.start ?? Infinity) || a - b)
  return { ...first, labels: order.map((i) => labels[i] as Label), times: order.map((i) => times[i] ?? null) }
}

const mergeCubes: Implementation = (given, tracing) => {
  const first = given.cube('cube1')
  const second = onGrid(given.cube('cube2'), first.grid, 'near', tracing)
  const resolver = given.value('overlap_resolver')
  const [wide, narrow] = first.dimensions.length >= second.dimensions.length ? [first, second] : [second, first]
  const alien = narrow.dimensions.find(({ name, type }) =>
    wide.dimensions.every((one) => one.name !== name || one.type !== type),
  )
  if (alien !== undefined)
    throw invalid('cube2', `only one of the cubes has the dimension "${alien.name}", and the other has one of its own.`)
  const dimensions = wide.dimensions.map((dimension) => {
    const [a, b] = [first, second].map((cube) => cube.dimensions.find(({ name }) => name === dimension.name))
    return a !== undefined && b !== undefined ? mergedDimension(a, b) : dimension
  })
  const indexIn = (cube: Cube, index: readonly number[]): number[] | null => {
    const found = cube.dimensions.map(({ name, labels }) => {
      const axis = dimensions.findIndex((dimension) => dimension.name === name)
      return labels.indexOf(dimensions[axis]?.labels[index[axis] ?? 0] as Label)
    })
    return found.includes(-1) ? null : found
  }
  const differing = dimensions.filter(({ name }) => {
    const [a, b] = [first, second].map((cube) => cube.dimensions.find((dimension) => dimension.name === name)?.labels)
    return a !== undefined && b !== undefined && !(a.length === b.length && a.every((label) => b.includes(label)))
  })
  if (differing.length > 1) {
    const names = differing.map(({ name }) => name).join(', ')
    throw invalid('cube2', `the labels differ along more than one dimension (${names}).`)
  }
  const isOverlapping = differing.every(({ name }) => {
    const [a, b] = [first, second].map(
      (cube) => cube.dimensions.find((dimension) => dimension.name === name)?.labels ?? [],
    )
    return (a ?? []).some((label) => (b ?? []).includes(label))
  })
  if (isOverlapping && resolver.kind !== 'graph') {
    const message = 'The cubes have labels in common; `overlap_resolver` has to combine them.'
    throw new GraphError('OverlapResolverMissing', message, 'overlap_resolver')
  }
  const { expressions } = tracing
  return cubeValue(
    rememberingCube({
      ...first,
      dimensions,
      plane: (index) => {
        const [a, b] = [indexIn(first, index), indexIn(second, index)]
        if (a === null && b === null) return expressions.constant(Number.NaN)
        if (b === null) return first.plane(a as number[])
        if (a === null) return second.plane(b)
        const x: Value = pixel(first.plane(a), first.valueType)
        const y: Value = pixel(second.plane(b), second.valueType)
        if (resolver.kind !== 'graph') return first.plane(a)
        const value = tracing.call(resolver, { x, y, context: given.value('context') })
        const expression = expressionOf(value, expressions)
        if (expression === null)
          throw invalid('overlap_resolver', 'the child process has to give one number or truth value.')
        return expression
      },
    }),
  )
}

export const shapeImplementations: Readonly<Record<string, Implementation>> = {
  add_dimension: addDimension,
  drop_dimension: dropDimension,
  rename_dimension: renameDimension,
  rename_labels: renameLabels,
  dimension_labels: dimensionLabels,
  resample_spatial: resampleSpatial,
  resample_cube_spatial: resampleCubeSpatial,
  merge_cubes: mergeCubes,
}
