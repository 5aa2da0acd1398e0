/**
 * Filters over time, space and labels, and masks.
 * Owns: which planes and pixels stay. All of them only change what a cube refers to; what is left out is never read.
 */
import { alignedOffset } from '../../../raster/grid.ts'
import type { Expression } from '../expression.ts'
import { readPolygons } from '../geometry.ts'
import { contains, readInterval } from '../instants.ts'
import { GraphError, invalid } from '../problem.ts'
import { bringTo, cropGrid, insideArea, readArea } from '../spatial.ts'
import type { Implementation, Tracing } from '../tracing.ts'
import { type Arguments, type Cube, constant, cubeValue, dimensionNamed, rememberingCube, unknown } from '../values.ts'
import { withPositions } from './bands.ts'

/** The temporal dimension that is meant: the named one, or the only one. */
export function temporalAxis(cube: Cube, name: string | null): number {
  if (name !== null) {
    const axis = dimensionNamed(cube, name)
    if (cube.dimensions[axis]?.type === 'temporal') return axis
    throw new GraphError('DimensionNotAvailable', `The dimension "${name}" is not one of time.`, 'dimension')
  }
  const axes = cube.dimensions.flatMap(({ type }, i) => (type === 'temporal' ? [i] : []))
  if (axes.length > 1) {
    throw new GraphError(
      'TooManyDimensions',
      'The cube has several time dimensions; `dimension` has to name one.',
      'dimension',
    )
  }
  const [axis] = axes
  if (axis === undefined) throw new GraphError('DimensionNotAvailable', 'The cube has no time dimension.', 'dimension')
  return axis
}

const filterTemporal: Implementation = (given) => {
  let cube = given.cube('data')
  const interval = readInterval(given.constant('extent'), 'extent')
  const name = given.constant('dimension') as string | null
  const axes =
    name === null
      ? cube.dimensions.flatMap(({ type }, i) => (type === 'temporal' ? [i] : []))
      : [temporalAxis(cube, name)]
  if (axes.length === 0) throw new GraphError('DimensionNotAvailable', 'The cube has no time dimension.', 'data')
  for (const axis of axes) {
    const times = cube.dimensions[axis]?.times ?? []
    const positions = times.flatMap((time, i) =>
      time !== null && interval !== null && contains(interval, time.start) ? [i] : [],
    )
    cube = withPositions(cube, axis, positions)
  }
  return cubeValue(cube)
}

const filterLabels: Implementation = (given, tracing) => {
  const cube = given.cube('data')
  const axis = dimensionNamed(cube, given.text('dimension'))
  const condition = given.graph('condition')
  const positions: number[] = []
  for (const [i, label] of (cube.dimensions[axis]?.labels ?? []).entries()) {
    const answer = tracing.call(condition, { value: constant(label), context: given.value('context') })
    if (answer.kind === 'unknown') return unknown
    if (answer.kind === 'constant' && answer.value === true) positions.push(i)
  }
  return cubeValue(withPositions(cube, axis, positions))
}

const filterBbox: Implementation = (given) => {
  const cube = given.cube('data')
  const area = readArea(given.constant('extent'), 'extent')
  if (area === null) return cubeValue(cube)
  const grid = cropGrid(cube.grid, area, 'extent')
  if (grid === null) throw new GraphError('NoDataAvailable', 'The cube does not reach into the box.', 'extent')
  return cubeValue({ ...cube, grid })
}

const mapPlanes = (cube: Cube, of: (plane: Expression) => Expression): Cube =>
  rememberingCube({ ...cube, plane: (index) => of(cube.plane(index)) })

const filterSpatial: Implementation = (given, { expressions }) => {
  const cube = given.cube('data')
  const area = readArea(given.constant('geometries'), 'geometries')
  if (area === null) throw invalid('geometries', 'GeoJSON is needed.')
  const grid = cropGrid(cube.grid, area, 'geometries')
  if (grid === null) throw new GraphError('NoDataAvailable', 'The cube does not reach into the polygons.', 'geometries')
  const inside = insideArea(area, grid, expressions, 'geometries')
  if (inside === null) throw invalid('geometries', 'GeoJSON is needed.')
  const none = expressions.constant(Number.NaN)
  return cubeValue({ ...mapPlanes(cube, (plane) => expressions.op('select', inside, plane, none)), grid })
}

/** What masked pixels become: null is "no value". */
function replacementOf(given: Arguments, { expressions }: Tracing): Expression {
  const replacement = given.constant('replacement')
  if (typeof replacement === 'string') throw invalid('replacement', 'a raster cannot hold texts.')
  if (replacement === null) return expressions.constant(Number.NaN)
  return expressions.constant(Number(replacement))
}

const maskPolygon: Implementation = (given, tracing) => {
  const { expressions } = tracing
  const cube = given.cube('data')
  const polygons = readPolygons(given.constant('mask'), 'mask')
  const inside = insideArea({ crs: polygons.crs, bounds: [0, 0, 0, 0], polygons }, cube.grid, expressions, 'mask')
  if (inside === null) throw invalid('mask', 'GeoJSON is needed.')
  const masked = given.flag('inside') ? inside : expressions.op('not', inside)
  const replacement = replacementOf(given, tracing)
  return cubeValue(mapPlanes(cube, (plane) => expressions.op('mask', plane, masked, replacement)))
}

/** For each dimension of the mask its position in the data. */
function axesOfMask(data: Cube, mask: Cube): number[] {
  return mask.dimensions.map((dimension) => {
    const axis = data.dimensions.findIndex(({ name }) => name === dimension.name)
    const own = data.dimensions[axis]
    const fits =
      own !== undefined &&
      own.type === dimension.type &&
      own.labels.length === dimension.labels.length &&
      own.labels.every((label, i) => label === dimension.labels[i])
    if (fits) return axis
    const why = own === undefined ? 'the data does not have it' : 'its labels are not those of the data'
    throw new GraphError('IncompatibleDataCubes', `The mask has a dimension "${dimension.name}", but ${why}.`, 'mask')
  })
}

const mask: Implementation = (given, tracing) => {
  const { expressions } = tracing
  const data = given.cube('data')
  const other = given.cube('mask')
  const axes = axesOfMask(data, other)
  if (alignedOffset(data.grid, other.grid) === null) {
    tracing.log({
      level: 'info',
      message: 'The mask lies on another grid; it is brought to that of the data with the nearest pixel.',
    })
  }
  const replacement = replacementOf(given, tracing)
  return cubeValue(
    rememberingCube({
      ...data,
      plane: (index) => {
        const where = other.plane(axes.map((axis) => index[axis] ?? 0))
        return expressions.op(
          'mask',
          data.plane(index),
          bringTo(where, other.grid, data.grid, 'near', expressions),
          replacement,
        )
      },
    }),
  )
}

export const filterImplementations: Readonly<Record<string, Implementation>> = {
  filter_temporal: filterTemporal,
  filter_labels: filterLabels,
  filter_bbox: filterBbox,
  filter_spatial: filterSpatial,
  mask_polygon: maskPolygon,
  mask,
}
