/**
 * Boxes, polygons and grids: which part of a grid is meant, and how two grids come together.
 * Owns: bounding boxes of process graphs, cropping, bringing the planes of one grid to another. Does not: read or warp
 * pixels (leaf-reader.ts).
 */
import { WGS84 } from '../../raster/crs.ts'
import {
  alignedOffset,
  type Bounds,
  gridBounds,
  transformBounds,
  windowGrid,
  windowOfBounds,
} from '../../raster/grid.ts'
import { type Crs, crsFromUserInput, type Grid, type Resampling, sameCrs } from '../../raster/index.ts'
import type { Expression, Expressions } from './expression.ts'
import { boundsOfPolygons, isGeojson, type Polygons, readPolygons, reprojectPolygons } from './geometry.ts'
import { invalid } from './problem.ts'

/** An area of a process graph: a box in some CRS, and perhaps polygons. */
export type Area = { crs: Crs; bounds: Bounds; polygons: Polygons | null }

/**
 * A `spatial_extent`: a bounding box or GeoJSON; null where all is meant.
 * A box in degrees may have west > east: then it crosses the antimeridian.
 * @throws GraphError ProcessParameterInvalid
 */
export function readArea(value: unknown, argument: string): Area | null {
  if (value === null || value === undefined) return null
  if (isGeojson(value)) {
    const polygons = readPolygons(value, argument)
    return { crs: polygons.crs, bounds: boundsOfPolygons(polygons.polygons), polygons }
  }
  const box = value as Record<string, unknown>
  let crs = WGS84
  try {
    if (box.crs !== undefined && box.crs !== null) crs = crsFromUserInput(box.crs)
  } catch {
    throw invalid(argument, 'the reference system of the box is not known.')
  }
  const bounds = [box.west, box.south, box.east, box.north] as Bounds
  if (!bounds.every((edge) => Number.isFinite(edge))) throw invalid(argument, 'an edge of the box is not a number.')
  const [west, south, east, north] = bounds
  if (south > north) throw invalid(argument, 'south lies north of north.')
  if (crs.unit !== 'degree' && west > east) throw invalid(argument, 'west lies east of east.')
  if (crs.unit === 'degree') {
    if (south < -90 || north > 90) throw invalid(argument, 'a latitude lies beyond a pole.')
    if (Math.abs(west) > 360 || Math.abs(east) > 360) throw invalid(argument, 'a longitude is beyond 360 degrees.')
  }
  return { crs, bounds, polygons: null }
}

/**
 * The part of a grid that the area touches, in whole pixels; null where they do not meet.
 * @throws GraphError ProcessParameterInvalid where the area cannot be expressed in the CRS of the grid
 */
export function cropGrid(grid: Grid, area: Area, argument: string): Grid | null {
  for (const bounds of boundsIn(area, grid, argument)) {
    const window = windowOfBounds(grid, atLeastAPoint(bounds))
    if (window !== null) return windowGrid(grid, window)
  }
  return null
}

/** A box without width or height still touches a pixel. */
function atLeastAPoint([west, south, east, north]: Bounds): Bounds {
  const tiny = (at: number) => Math.max(Math.abs(at), 1) * 1e-9
  return [west, south, east > west ? east : west + tiny(west), north > south ? north : south + tiny(south)]
}

/** The area in the CRS of the grid; in degrees perhaps at several turns of the globe, the one that fits first. */
function boundsIn({ crs, bounds, polygons }: Area, grid: Grid, argument: string): Bounds[] {
  const own = polygons === null ? null : reprojectPolygons(polygons, grid.crs, argument)
  const turned =
    own === null ? (sameCrs(crs, grid.crs) ? bounds : transformBounds(bounds, crs, grid.crs)) : boundsOfPolygons(own)
  if (turned === null || !turned.every(Number.isFinite)) {
    throw invalid(argument, `the area cannot be expressed in the reference system of the data (${grid.crs.name}).`)
  }
  if (grid.crs.unit !== 'degree') return [turned]
  const [west, south, eastStated, north] = turned
  const east = eastStated < west ? eastStated + 360 : eastStated
  const turns = [0, 360, -360].map((turn): Bounds => [west + turn, south, east + turn, north])
  const meeting = turns.filter((at) => windowOfBounds(grid, at) !== null)
  if (meeting.length > 1 && eastStated < west) {
    const reason =
      'it crosses the antimeridian, and the data lies on both ends of its grid; ask for the two sides one by one.'
    throw invalid(argument, reason)
  }
  return meeting.length > 0 ? meeting : [turned]
}

/** Polygons over a grid as an expression that is 1 inside; null where the area is a box. */
export function insideArea(area: Area, grid: Grid, expressions: Expressions, argument: string): Expression | null {
  if (area.polygons === null) return null
  const polygons = reprojectPolygons(area.polygons, grid.crs, argument)
  const key = `${expressions.numberOf(area.polygons)}@${gridKey(grid)}`
  return expressions.leaf({ kind: 'inside', key, polygons, grid })
}

/** The same text for grids that are the same. */
export const gridKey = ({ crs, transform, width, height }: Grid): string =>
  `${crs.epsg ?? crs.proj4}|${transform.join(',')}|${width}x${height}`

/** The grid around several grids of one lattice. */
export function unionGrid(first: Grid, others: readonly Grid[]): Grid {
  let [left, top, right, bottom] = [0, 0, first.width, first.height]
  for (const other of others) {
    const offset = alignedOffset(first, other)
    const window = offset === null ? outwards(first, other) : { ...offset, width: other.width, height: other.height }
    if (window === null) continue
    left = Math.min(left, window.column)
    top = Math.min(top, window.row)
    right = Math.max(right, window.column + window.width)
    bottom = Math.max(bottom, window.row + window.height)
  }
  return windowGrid(first, { column: left, row: top, width: right - left, height: bottom - top })
}

/** The pixels of the first grid's lattice that the other touches, also beyond the first grid. */
function outwards(first: Grid, other: Grid) {
  const bounds = transformBounds(gridBounds(other), other.crs, first.crs)
  if (bounds === null || !bounds.every(Number.isFinite)) return null
  const reach = 2 ** 30
  const wide = windowGrid(first, { column: -reach, row: -reach, width: 2 * reach, height: 2 * reach })
  const window = windowOfBounds(wide, bounds)
  return window && { ...window, column: window.column - reach, row: window.row - reach }
}

/**
 * A plane of one grid on another: as it is where the grids are shifted by whole pixels (no value outside its own),
 * else warped. Bands that lie on their own grid are warped from the file without computing in between.
 */
export function bringTo(
  plane: Expression,
  from: Grid,
  to: Grid,
  method: Resampling,
  expressions: Expressions,
): Expression {
  if (plane.kind === 'constant') return plane
  if (alignedOffset(to, from) !== null) {
    if (covers(from, to)) return plane
    const within = expressions.leaf({ kind: 'within', key: gridKey(from), grid: from })
    return expressions.op('select', within, plane, expressions.constant(Number.NaN))
  }
  return directly(plane, to, method, expressions) ?? warped(plane, from, to, method, expressions)
}

function covers(outer: Grid, inner: Grid): boolean {
  const offset = alignedOffset(outer, inner)
  if (offset === null || offset.column < 0 || offset.row < 0) return false
  return offset.column + inner.width <= outer.width && offset.row + inner.height <= outer.height
}

/** Bands of scenes that lie on the lattice of the cube, alone or as a mosaic, can be warped from their files. */
function directly(plane: Expression, to: Grid, method: Resampling, expressions: Expressions): Expression | null {
  if (
    plane.kind === 'leaf' &&
    plane.leaf.kind === 'read' &&
    alignedOffset(plane.leaf.grid, plane.leaf.band.grid) !== null
  ) {
    const { band, sceneId, key } = plane.leaf
    return expressions.leaf({ kind: 'read', key: `${key}>${method}@${gridKey(to)}`, band, sceneId, grid: to, method })
  }
  if (plane.kind === 'op' && plane.op === 'coalesce') {
    const parts = plane.inputs.map((input) => directly(input, to, method, expressions))
    return parts.every((part) => part !== null) ? expressions.op('coalesce', ...parts) : null
  }
  return null
}

function warped(plane: Expression, from: Grid, to: Grid, method: Resampling, expressions: Expressions): Expression {
  const key = `${plane.id}:${gridKey(from)}>${method}>${gridKey(to)}`
  return expressions.leaf({ kind: 'warp', key, expression: plane, from, grid: to, method })
}
