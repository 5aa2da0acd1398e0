/**
 * Changing an area that exists: its corners as a value, moved, added and removed.
 * Owns: gluing parts that were cut at the antimeridian, and cutting them again; keeping a box a box.
 * Does not: know pointers, keys or the screen.
 */
import type { AreaGeometry } from '../../preload/contract/vocabulary.ts'
import { type Drawn, ringProblem } from './draw-area.ts'
import { clampLatitude, type LngLat, nearestCopy } from './projection.ts'
import { polygonGeometry, polygonsOf, type Ring, withoutRepeats } from './rings.ts'

/** Polygons of open rings (outer first), longitudes running on across the antimeridian. */
export type Shape = readonly (readonly Ring[])[]
export type CornerPath = readonly [polygon: number, ring: number, corner: number]

const open = (ring: number[][]): LngLat[] =>
  ring.slice(0, -1).map(([longitude = 0, latitude = 0]) => [longitude, latitude])

/** The geometry's corners; two parts that meet at ±180 with one edge each become one again. */
export function shapeOf(geometry: AreaGeometry): Shape {
  const shape = polygonsOf(geometry).map((polygon) => polygon.map(open))
  const [a, b] = shape
  const glued = shape.length === 2 && a?.length === 1 && b?.length === 1 ? glue(a[0] as Ring, b[0] as Ring) : null
  return glued ? [[glued]] : shape
}

/** Index of the corner where the only edge on the meridian begins, else -1. */
function onlyEdgeOn(ring: Ring, meridian: number): number {
  const edges = ring.flatMap(([longitude], i) =>
    longitude === meridian && ring[(i + 1) % ring.length]?.[0] === meridian ? [i] : [],
  )
  return edges.length === 1 ? (edges[0] as number) : -1
}

function glue(one: Ring, other: Ring): Ring | null {
  const [west, east] = onlyEdgeOn(one, 180) >= 0 ? [one, other] : [other, one]
  const [i, j] = [onlyEdgeOn(west, 180), onlyEdgeOn(east, -180)]
  if (i < 0 || j < 0) return null
  const [a, b] = [west[i] as LngLat, west[(i + 1) % west.length] as LngLat]
  const [c, d] = [east[j] as LngLat, east[(j + 1) % east.length] as LngLat]
  if (a[1] !== d[1] || b[1] !== c[1]) return null
  const rotated = (ring: Ring, first: number) => ring.map((_, k) => ring[(first + k) % ring.length] as LngLat)
  // both rings without their edge on the meridian, one after the other; then without the corners that the cut made
  const joined = [...rotated(west, i + 1), ...rotated(east, j + 1).map(([lon, lat]): LngLat => [lon + 360, lat])]
  return withoutRepeats(joined).filter((corner, k, all) => {
    const [before, after] = [all[(k + all.length - 1) % all.length], all[(k + 1) % all.length]] as [LngLat, LngLat]
    return corner[0] !== 180 || !isStraight(before, corner, after)
  })
}
const isStraight = (a: LngLat, b: LngLat, c: LngLat) =>
  Math.abs((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])) < 1e-9

const mapRing = (shape: Shape, [p, r]: CornerPath, change: (ring: Ring) => Ring): Shape =>
  shape.map((polygon, i) => (i === p ? polygon.map((ring, j) => (j === r ? change(ring) : ring)) : polygon))

export const cornerAt = (shape: Shape, [p, r, c]: CornerPath): LngLat | undefined => shape[p]?.[r]?.[c]

/** Whether the shape is one box along meridians and parallels. */
export function isBox(shape: Shape): boolean {
  const ring = shape.length === 1 && shape[0]?.length === 1 ? shape[0][0] : undefined
  if (ring?.length !== 4) return false
  return ring.every(([x, y], i) => {
    const [nx, ny] = ring[(i + 1) % 4] as LngLat
    return (x === nx) !== (y === ny)
  })
}

/** A corner moved. The corners of a box move their neighbours along, so that it stays a box. */
export function withCornerAt(shape: Shape, path: CornerPath, [longitude, latitude]: LngLat): Shape {
  const old = cornerAt(shape, path)
  if (!old) return shape
  const to: LngLat = [nearestCopy(longitude, old[0]), clampLatitude(latitude)]
  const isBoxed = isBox(shape)
  return mapRing(shape, path, (ring) =>
    ring.map((corner, i): LngLat => {
      if (i === path[2]) return to
      if (!isBoxed) return corner
      return [corner[0] === old[0] ? to[0] : corner[0], corner[1] === old[1] ? to[1] : corner[1]]
    }),
  )
}

/** A new corner in the middle of the edge that begins at `path`. */
export function withCornerAfter(shape: Shape, path: CornerPath): Shape {
  return mapRing(shape, path, (ring) => {
    const [a, b] = [ring[path[2]], ring[(path[2] + 1) % ring.length]]
    if (!a || !b) return ring
    return [...ring.slice(0, path[2] + 1), [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], ...ring.slice(path[2] + 1)]
  })
}

/** Without the corner; a ring of three corners keeps them all. */
export function withoutCorner(shape: Shape, path: CornerPath): Shape {
  return mapRing(shape, path, (ring) => (ring.length <= 3 ? ring : ring.filter((_, i) => i !== path[2])))
}

/** The whole shape moved; it stops where a corner would leave the map. */
export function movedBy(shape: Shape, longitude: number, latitude: number): Shape {
  const latitudes = shape.flat(2).map(([, lat]) => lat)
  const room = latitude > 0 ? clampLatitude(90) - Math.max(...latitudes) : clampLatitude(-90) - Math.min(...latitudes)
  const up = latitude > 0 ? Math.min(latitude, Math.max(room, 0)) : Math.max(latitude, Math.min(room, 0))
  return shape.map((polygon) => polygon.map((ring) => ring.map(([lon, lat]): LngLat => [lon + longitude, lat + up])))
}

/** The shape as GeoJSON, or why it is no area. */
export function geometryOf(shape: Shape): Drawn {
  for (const ring of shape.flat()) {
    const problem = ringProblem(ring)
    if (problem) return { ok: false, problem }
  }
  const parts = shape.map((polygon) => polygonGeometry(polygon)).flatMap((geometry) => polygonsOf(geometry))
  const [only] = parts
  if (parts.length === 1 && only) return { ok: true, geometry: { type: 'Polygon', coordinates: only } }
  return { ok: true, geometry: { type: 'MultiPolygon', coordinates: parts } }
}

export const cornerCount = (shape: Shape) => shape.flat(2).length
