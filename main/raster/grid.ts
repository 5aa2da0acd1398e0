/**
 * Geometry of grids: pixels to coordinates and back, footprints, intersections, the grid after resampling.
 * Owns: pure functions. Pixel (0, 0) is the outer corner of the first pixel; windows are in whole pixels.
 * Why edges are sampled: four corners do not bound a rectangle that another projection bends.
 */
import { AppError } from '../core/errors.ts'
import { sameCrs, transformer, WGS84 } from './crs.ts'
import type { Affine, Crs, Grid, Window } from './types.ts'

/** [west, south, east, north] or [minimum x, minimum y, maximum x, maximum y] in the units of a CRS. */
export type Bounds = [number, number, number, number]

/** Coordinates of a pixel position. */
export function pixelToWorld([a, b, c, d, e, f]: Affine, column: number, row: number): [number, number] {
  return [a + column * b + row * c, d + column * e + row * f]
}

/** The affine transform from coordinates to pixel positions. */
export function invertAffine([a, b, c, d, e, f]: Affine): Affine {
  const determinant = b * f - c * e
  return [
    (c * d - a * f) / determinant,
    f / determinant,
    -c / determinant,
    (a * e - b * d) / determinant,
    -e / determinant,
    b / determinant,
  ]
}

/** First `inner`, then `outer`. */
export function composeAffine(outer: Affine, inner: Affine): Affine {
  const [a, b, c, d, e, f] = outer
  const [i, j, k, l, m, n] = inner
  return [a + b * i + c * l, b * j + c * m, b * k + c * n, d + e * i + f * l, e * j + f * m, e * k + f * n]
}

/** Bounds in the grid's own CRS. */
export function gridBounds({ transform, width, height }: Grid): Bounds {
  const corners = [
    pixelToWorld(transform, 0, 0),
    pixelToWorld(transform, width, 0),
    pixelToWorld(transform, 0, height),
    pixelToWorld(transform, width, height),
  ]
  const xs = corners.map(([x]) => x)
  const ys = corners.map(([, y]) => y)
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]
}

/** The length of a pixel's sides in units of the CRS. */
export function resolution([, b, c, , e, f]: Affine): [number, number] {
  return [Math.hypot(b, e), Math.hypot(c, f)]
}

const EDGE_SAMPLES = 21

/** Positions around a rectangle in order; `at` maps fractions of its sides. */
function ringOf(at: (u: number, v: number) => [number, number]): [Float64Array, Float64Array] {
  const points: [number, number][] = []
  const steps = EDGE_SAMPLES - 1
  for (let i = 0; i < steps; i++) points.push(at(i / steps, 0))
  for (let i = 0; i < steps; i++) points.push(at(1, i / steps))
  for (let i = 0; i < steps; i++) points.push(at(1 - i / steps, 1))
  for (let i = 0; i < steps; i++) points.push(at(0, 1 - i / steps))
  return [Float64Array.from(points, ([x]) => x), Float64Array.from(points, ([, y]) => y)]
}

/**
 * Bounds of a grid in degrees, for the contract's Bbox: west > east where it crosses the antimeridian; a grid with a
 * pole inside reaches all around. null where it has no place on the ellipsoid.
 */
export function footprint(grid: Grid): Bounds | null {
  const { width, height, transform } = grid
  const [xs, ys] = ringOf((u, v) => pixelToWorld(transform, u * width, v * height))
  const toDegrees = transformer(grid.crs, WGS84)
  if (!toDegrees) return degreesOfRing(xs, ys)
  toDegrees(xs, ys)
  return withPoles(grid, degreesOfRing(xs, ys))
}

function degreesOfRing(xs: Float64Array, ys: Float64Array): Bounds | null {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity]
  let unwrapped = Number.NaN
  for (let i = 0; i < xs.length; i++) {
    const x = xs[i] as number
    const y = ys[i] as number
    if (Number.isNaN(x) || Number.isNaN(y)) continue
    // each longitude next to the one before it, so that a step over 180° is a short step
    unwrapped = Number.isNaN(unwrapped) ? x : x - 360 * Math.round((x - unwrapped) / 360)
    west = Math.min(west, unwrapped)
    east = Math.max(east, unwrapped)
    south = Math.min(south, y)
    north = Math.max(north, y)
  }
  if (!Number.isFinite(west)) return null
  const [low, high] = [Math.max(-90, south), Math.min(90, north)]
  if (east - west >= 360 - 1e-9) return [-180, low, 180, high]
  return [wrapLongitude(west), low, wrapLongitude(east, true), high]
}

/** Into −180…180; 180 stays 180 at an eastern edge. */
function wrapLongitude(longitude: number, isEast = false): number {
  if (longitude >= -180 && (longitude < 180 || (isEast && longitude <= 180))) return longitude
  const wrapped = ((((longitude + 180) % 360) + 360) % 360) - 180
  return isEast && wrapped === -180 ? 180 : wrapped
}

/** A ring around a pole does not contain it by its bounds; it is tried by itself. */
function withPoles(grid: Grid, bounds: Bounds | null): Bounds | null {
  if (!bounds) return null
  let [west, south, east, north] = bounds
  for (const pole of [90, -90]) {
    const xs = Float64Array.of(0, 90, 180, -90)
    const ys = new Float64Array(4).fill(pole)
    transformer(WGS84, grid.crs)?.(xs, ys)
    const inverse = invertAffine(grid.transform)
    const [column, row] = pixelToWorld(inverse, xs[0] as number, ys[0] as number)
    const isPoint = xs.every(
      (x, i) => Math.abs(x - (xs[0] as number)) < 1 && Math.abs((ys[i] as number) - (ys[0] as number)) < 1,
    )
    if (!isPoint || !(column >= 0 && column <= grid.width && row >= 0 && row <= grid.height)) continue
    west = -180
    east = 180
    if (pole > 0) north = 90
    else south = -90
  }
  return [west, south, east, north]
}

/**
 * Bounds in another CRS, by sampling the edges and the inside. Bounds in degrees may have west > east.
 * null where no part has an image.
 */
export function transformBounds(bounds: Bounds, from: Crs, to: Crs): Bounds | null {
  const [west, south, eastStated, north] = bounds
  const east = from.unit === 'degree' && eastStated < west ? eastStated + 360 : eastStated
  const steps = EDGE_SAMPLES - 1
  const xs = new Float64Array(EDGE_SAMPLES ** 2)
  const ys = new Float64Array(EDGE_SAMPLES ** 2)
  for (let i = 0, k = 0; i <= steps; i++)
    for (let j = 0; j <= steps; j++, k++) {
      xs[k] = west + ((east - west) * j) / steps
      ys[k] = south + ((north - south) * i) / steps
    }
  const turn = transformer(from, to)
  if (to.unit === 'degree' && turn) {
    turn(xs, ys)
    return degreesOfRing(xs, ys)
  }
  turn?.(xs, ys)
  const finite = (values: Float64Array) => values.filter((value) => Number.isFinite(value))
  const [fx, fy] = [finite(xs), finite(ys)]
  if (fx.length === 0 || fy.length === 0) return null
  return [minimum(fx), minimum(fy), maximum(fx), maximum(fy)]
}

const minimum = (values: Float64Array) => values.reduce((a, b) => Math.min(a, b), Infinity)
const maximum = (values: Float64Array) => values.reduce((a, b) => Math.max(a, b), -Infinity)

/** Pixels beside a bound by less than this share of a pixel belong to rounding, not to the bound. */
const ROUNDING = 1e-6

/**
 * The window of a grid that bounds in its CRS touch, cut to the grid; null where they do not meet.
 * @param snap `outwards`: every pixel touched; `centres`: pixels whose centre lies inside
 */
export function windowOfBounds(grid: Grid, bounds: Bounds, snap: 'outwards' | 'centres' = 'outwards'): Window | null {
  const inverse = invertAffine(grid.transform)
  const [x0, y0, x1, y1] = bounds
  const corners = [
    pixelToWorld(inverse, x0, y0),
    pixelToWorld(inverse, x1, y0),
    pixelToWorld(inverse, x0, y1),
    pixelToWorld(inverse, x1, y1),
  ]
  const columns = corners.map(([column]) => column)
  const rows = corners.map(([, row]) => row)
  const low = (value: number) =>
    snap === 'outwards' ? Math.floor(value + ROUNDING) : Math.ceil(value - 0.5 - ROUNDING)
  const high = (value: number) =>
    snap === 'outwards' ? Math.ceil(value - ROUNDING) : Math.floor(value + 0.5 - ROUNDING)
  const left = Math.max(0, low(Math.min(...columns)))
  const top = Math.max(0, low(Math.min(...rows)))
  const right = Math.min(grid.width, high(Math.max(...columns)))
  const bottom = Math.min(grid.height, high(Math.max(...rows)))
  if (!(right > left && bottom > top)) return null
  return { column: left, row: top, width: right - left, height: bottom - top }
}

/** The part of a grid that a window covers. */
export function windowGrid(grid: Grid, { column, row, width, height }: Window): Grid {
  const [, b, c, , e, f] = grid.transform
  const [x, y] = pixelToWorld(grid.transform, column, row)
  return { crs: grid.crs, transform: [x, b, c, y, e, f], width, height }
}

/** Where the second grid lies in pixels of the first, if it has the same CRS, pixel size and phase; else null. */
export function alignedOffset(first: Grid, second: Grid): { column: number; row: number } | null {
  if (!sameCrs(first.crs, second.crs)) return null
  const [x, sx, shearX, y, shearY, sy] = composeAffine(invertAffine(first.transform), second.transform)
  const tolerance = 1e-3 // of a pixel, over the whole grid
  const reach = Math.max(second.width, second.height, 1)
  if (Math.abs(sx - 1) * reach > tolerance || Math.abs(sy - 1) * reach > tolerance) return null
  if (Math.abs(shearX) * reach > tolerance || Math.abs(shearY) * reach > tolerance) return null
  if (Math.abs(x - Math.round(x)) > tolerance || Math.abs(y - Math.round(y)) > tolerance) return null
  return { column: Math.round(x), row: Math.round(y) }
}

/** The window of the first grid that the second covers too (both in the first's pixels, any CRS); null: apart. */
export function intersectGrids(first: Grid, second: Grid): Window | null {
  const bounds = transformBounds(gridBounds(second), second.crs, first.crs)
  return bounds && windowOfBounds(first, bounds)
}

const MAX_GRID_SIDE = 2 ** 31 - 1

/**
 * The north-up grid that covers a source grid (or bounds in the target CRS) at a resolution.
 * @param resolutionOfTarget side lengths in units of the target CRS; null keeps the ground sampling of the source:
 *   the diagonal in pixels stays what it was, as in GDAL's GDALSuggestedWarpOutput
 * @throws AppError `invalid-input` where the source has no image in the CRS
 */
export function resampledGrid(
  source: Grid,
  crs: Crs,
  resolutionOfTarget: readonly [number, number] | null,
  bounds: Bounds | null = null,
): Grid {
  const covered = bounds ?? transformBounds(gridBounds(source), source.crs, crs)
  if (!covered) throw new AppError('invalid-input', 'The area has no image in the coordinate reference system.')
  const [west, south, eastStated, north] = covered
  const east = crs.unit === 'degree' && eastStated < west ? eastStated + 360 : eastStated
  const [rx, ry] = resolutionOfTarget ?? suggestedResolution(source, crs, [west, south, east, north])
  const width = Math.max(1, Math.ceil((east - west) / rx - ROUNDING))
  const height = Math.max(1, Math.ceil((north - south) / ry - ROUNDING))
  if (!(rx > 0 && ry > 0 && width <= MAX_GRID_SIDE && height <= MAX_GRID_SIDE))
    throw new AppError('invalid-input', 'The resolution does not give a raster.')
  return { crs, transform: [west, rx, 0, north, 0, -ry], width, height }
}

function suggestedResolution(source: Grid, crs: Crs, [west, south, east, north]: Bounds): [number, number] {
  if (sameCrs(source.crs, crs)) return resolution(source.transform)
  const diagonal = Math.hypot(east - west, north - south)
  const size = diagonal / Math.hypot(source.width, source.height)
  return [size, size]
}
