/**
 * Polygons of a process graph: read from GeoJSON, brought to the CRS of a grid, laid over pixels.
 * Owns: which pixel centres lie in a polygon (Simple Features "intersects": its border counts). Does not: points and
 * lines. GeoJSON is longitude and latitude unless a `crs` member names another system (older writers do).
 */
import { transformer, WGS84 } from '../../raster/crs.ts'
import { type Crs, crsFromUserInput, type Grid, sameCrs, type Window } from '../../raster/index.ts'
import { GraphError } from './problem.ts'

/** Rings as x, y, x, y …; the first is the outer one, the others are holes. */
export type Polygon = { rings: Float64Array[] }
export type Polygons = { crs: Crs; polygons: Polygon[] }

const MAX_VERTICES = 1_000_000

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

/** True for anything that says it is a GeoJSON object. */
export const isGeojson = (value: unknown): value is Record<string, unknown> =>
  isObject(value) &&
  typeof value.type === 'string' &&
  /^(Feature|FeatureCollection|GeometryCollection|(Multi)?(Polygon|Point|LineString))$/.test(value.type)

/**
 * The polygons of a GeoJSON object.
 * @throws GraphError ProcessParameterInvalid for anything that holds none, or geometries that are not polygons
 */
export function readPolygons(value: unknown, argument: string): Polygons {
  const fail = (reason: string): never => {
    throw new GraphError('ProcessParameterInvalid', `The GeoJSON cannot be used: ${reason}`, argument)
  }
  const polygons: Polygon[] = []
  let vertices = 0
  const ring = (raw: unknown): Float64Array => {
    if (!Array.isArray(raw) || raw.length < 4) return fail('a ring of a polygon has fewer than four positions.')
    vertices += raw.length
    if (vertices > MAX_VERTICES) return fail('it has more than a million positions.')
    const flat = new Float64Array(raw.length * 2)
    for (let i = 0; i < raw.length; i++) {
      const position: unknown = raw[i]
      const [x, y] = Array.isArray(position) ? (position as unknown[]) : []
      if (!Number.isFinite(x) || !Number.isFinite(y)) return fail('a position is not a pair of numbers.')
      flat[2 * i] = x as number
      flat[2 * i + 1] = y as number
    }
    return flat
  }
  const polygon = (raw: unknown) => {
    if (!Array.isArray(raw) || raw.length === 0) return fail('a polygon has no ring.')
    return polygons.push({ rings: raw.map(ring) })
  }
  const waiting: unknown[] = [value]
  for (let object = waiting.pop(); object !== undefined; object = waiting.pop()) {
    if (!isObject(object)) fail('a geometry is missing.')
    const { type, coordinates, features, geometry, geometries } = object as Record<string, unknown>
    if (type === 'FeatureCollection' && Array.isArray(features)) waiting.push(...features)
    else if (type === 'GeometryCollection' && Array.isArray(geometries)) waiting.push(...geometries)
    else if (type === 'Feature') waiting.push(geometry ?? null)
    else if (type === 'Polygon') polygon(coordinates)
    else if (type === 'MultiPolygon' && Array.isArray(coordinates)) for (const one of coordinates) polygon(one)
    else fail('only polygons are supported.')
  }
  if (polygons.length === 0) fail('it holds no polygon.')
  return { crs: crsOf(value, argument), polygons }
}

function crsOf(value: unknown, argument: string): Crs {
  const named =
    isObject(value) && isObject(value.crs) && isObject(value.crs.properties) ? value.crs.properties.name : null
  if (typeof named !== 'string' || /CRS84/.test(named)) return WGS84
  try {
    return crsFromUserInput(/EPSG:+(?:[\d.]*:)?(\d+)$/.exec(named)?.[1] ?? named)
  } catch {
    throw new GraphError('ProcessParameterInvalid', 'The reference system of the GeoJSON is not known.', argument)
  }
}

/** The same polygons in another CRS; long edges are divided, as they bend. Positions without an image make it fail. */
export function reprojectPolygons({ crs, polygons }: Polygons, to: Crs, argument: string): Polygon[] {
  const turn = sameCrs(crs, to) ? null : transformer(crs, to)
  if (turn === null) return polygons
  const longest = crs.unit === 'degree' ? 0.05 : 5000
  return polygons.map(({ rings }) => ({
    rings: rings.map((ring) => {
      const xs: number[] = []
      const ys: number[] = []
      for (let i = 0; i + 3 < ring.length; i += 2) {
        const [x0, y0, x1, y1] = ring.subarray(i, i + 4) as unknown as [number, number, number, number]
        const parts = Math.min(64, Math.max(1, Math.ceil(Math.hypot(x1 - x0, y1 - y0) / longest)))
        for (let part = 0; part < parts; part++) {
          xs.push(x0 + ((x1 - x0) * part) / parts)
          ys.push(y0 + ((y1 - y0) * part) / parts)
        }
      }
      xs.push(ring.at(-2) as number)
      ys.push(ring.at(-1) as number)
      const x = Float64Array.from(xs)
      const y = Float64Array.from(ys)
      turn(x, y)
      const flat = new Float64Array(2 * x.length)
      for (let i = 0; i < x.length; i++) {
        if (Number.isNaN(x[i])) {
          const reason = 'a part of it cannot be expressed in the reference system of the cube.'
          throw new GraphError('ProcessParameterInvalid', `The GeoJSON cannot be used: ${reason}`, argument)
        }
        flat[2 * i] = x[i] as number
        flat[2 * i + 1] = y[i] as number
      }
      return flat
    }),
  }))
}

/** West, south, east, north around all rings. */
export function boundsOfPolygons(polygons: readonly Polygon[]): [number, number, number, number] {
  const bounds: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const { rings } of polygons) {
    for (const ring of rings) {
      for (let i = 0; i < ring.length; i += 2) {
        bounds[0] = Math.min(bounds[0], ring[i] as number)
        bounds[1] = Math.min(bounds[1], ring[i + 1] as number)
        bounds[2] = Math.max(bounds[2], ring[i] as number)
        bounds[3] = Math.max(bounds[3], ring[i + 1] as number)
      }
    }
  }
  return bounds
}

/** 1 for each pixel of the window whose centre lies in a polygon or on its border, else 0. North-up grids. */
export function rasterizePolygons(polygons: readonly Polygon[], grid: Grid, window: Window): Uint8Array {
  const out = new Uint8Array(window.width * window.height)
  const [originX, pixelX, , originY, , pixelY] = grid.transform
  const firstX = originX + (window.column + 0.5) * pixelX
  for (const polygon of polygons) {
    for (let row = 0; row < window.height; row++) {
      const y = originY + (window.row + row + 0.5) * pixelY
      for (const [from, to] of crossings(polygon, y)) {
        const start = Math.max(0, Math.ceil((from - firstX) / pixelX - 1e-9))
        const end = Math.min(window.width - 1, Math.floor((to - firstX) / pixelX + 1e-9))
        if (start <= end) out.fill(1, row * window.width + start, row * window.width + end + 1)
      }
    }
  }
  return out
}

/** The parts of the line at `y` that lie in the polygon, ends included: even-odd over all rings, and edges along the line. */
function crossings({ rings }: Polygon, y: number): [number, number][] {
  const xs: number[] = []
  const parts: [number, number][] = []
  for (const ring of rings) {
    for (let i = 0; i + 3 < ring.length; i += 2) {
      const y0 = ring[i + 1] as number
      const y1 = ring[i + 3] as number
      const x0 = ring[i] as number
      const x1 = ring[i + 2] as number
      if (y0 === y && y1 === y) parts.push([Math.min(x0, x1), Math.max(x0, x1)])
      else if (y0 === y) parts.push([x0, x0])
      if (y0 <= y !== y1 <= y) xs.push(x0 + ((y - y0) / (y1 - y0)) * (x1 - x0))
    }
  }
  xs.sort((a, b) => a - b)
  for (let i = 0; i + 1 < xs.length; i += 2) parts.push([xs[i] as number, xs[i + 1] as number])
  return parts
}
