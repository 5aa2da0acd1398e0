/**
 * Rings in degrees: whether they cross themselves, what lies in them, how they are cut at the antimeridian.
 * Owns: pure geometry on open rings (the first vertex is not repeated). Does not: know projections or the screen.
 * Longitudes may run past ±180 here; geometry that leaves this file follows RFC 7946 (§3.1.6 winding, §3.1.9 cutting).
 */
import type { AreaGeometry } from '../../preload/contract/vocabulary.ts'
import { type LngLat, nearestCopy } from './projection.ts'

export type Ring = readonly LngLat[]

const cross = (o: LngLat, a: LngLat, b: LngLat) => (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0])
const isOn = (a: LngLat, b: LngLat, p: LngLat) =>
  Math.min(a[0], b[0]) <= p[0] &&
  p[0] <= Math.max(a[0], b[0]) &&
  Math.min(a[1], b[1]) <= p[1] &&
  p[1] <= Math.max(a[1], b[1])
const isSame = (a: LngLat, b: LngLat) => a[0] === b[0] && a[1] === b[1]

/** Whether two segments have a point in common, ends included. */
export function segmentsMeet(a: LngLat, b: LngLat, c: LngLat, d: LngLat): boolean {
  const [p, q, r, s] = [cross(a, b, c), cross(a, b, d), cross(c, d, a), cross(c, d, b)]
  if (((p > 0 && q < 0) || (p < 0 && q > 0)) && ((r > 0 && s < 0) || (r < 0 && s > 0))) return true
  return (
    (p === 0 && isOn(a, b, c)) || (q === 0 && isOn(a, b, d)) || (r === 0 && isOn(c, d, a)) || (s === 0 && isOn(c, d, b))
  )
}

/** The vertices without those that repeat the one before them. */
export function withoutRepeats(ring: Ring): LngLat[] {
  return ring.filter(
    (vertex, i) => !isSame(vertex, ring[(i + ring.length - 1) % ring.length] as LngLat) || ring.length === 1,
  )
}

/** Whether any two edges that are not neighbours meet, or neighbours run back over one another. */
export function isSelfCrossing(ring: Ring): boolean {
  const n = ring.length
  for (let i = 0; i < n; i++) {
    const [a, b] = [ring[i] as LngLat, ring[(i + 1) % n] as LngLat]
    const next = ring[(i + 2) % n] as LngLat
    const isFoldedBack =
      cross(a, b, next) === 0 && (a[0] - b[0]) * (next[0] - b[0]) + (a[1] - b[1]) * (next[1] - b[1]) > 0
    if (n > 2 && isFoldedBack) return true
    for (let j = i + 2; j < n; j++) {
      if (i === 0 && j === n - 1) continue // neighbours by way of the closing edge
      if (segmentsMeet(a, b, ring[j] as LngLat, ring[(j + 1) % n] as LngLat)) return true
    }
  }
  return false
}

/** Whether all corners lie on one line. */
export function isFlat(ring: Ring): boolean {
  const [a, b] = ring
  return !a || !b || ring.every((corner) => cross(a, b, corner) === 0)
}

/** Twice the signed area in square degrees; positive: counter-clockwise. */
export function signedArea(ring: Ring): number {
  return ring.reduce((sum, [x, y], i) => {
    const [nx, ny] = ring[(i + 1) % ring.length] as LngLat
    return sum + x * ny - nx * y
  }, 0)
}

/** Whether a place lies in a ring (even-odd rule). */
export function isInRing(ring: Ring, [x, y]: LngLat): boolean {
  let isInside = false
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [x0, y0] = ring[j] as LngLat
    const [x1, y1] = ring[i] as LngLat
    if (y0 > y !== y1 > y && x < ((x1 - x0) * (y - y0)) / (y1 - y0) + x0) isInside = !isInside
  }
  return isInside
}

/** Whether a place lies in a geometry; holes are outside. The place's longitude may lie past ±180. */
export function isInGeometry(geometry: AreaGeometry, [longitude, latitude]: LngLat): boolean {
  const place: LngLat = [nearestCopy(longitude, 0), latitude]
  return polygonsOf(geometry).some((polygon) => {
    const [outer, ...holes] = polygon as unknown as LngLat[][]
    return outer && isInRing(outer, place) && !holes.some((hole) => isInRing(hole, place))
  })
}

export const polygonsOf = (geometry: AreaGeometry): number[][][][] =>
  geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates

type Crossing = { latitude: number; chain: number; isStart: boolean }

/** The parts of a simple ring on one side of a meridian. Vertices on the meridian count as west of it. */
export function sideOfMeridian(ring: Ring, meridian: number, side: 'west' | 'east'): LngLat[][] {
  const isKept = ([longitude]: LngLat) => (side === 'west' ? longitude <= meridian : longitude > meridian)
  const kept = ring.map(isKept)
  if (kept.every(Boolean)) return [[...ring]]
  const first = ring.findIndex((_, i) => kept[i] && !kept[(i + ring.length - 1) % ring.length])
  if (first < 0) return []
  const chains: LngLat[][] = []
  const crossings: Crossing[] = []
  const cutAt = (a: LngLat, b: LngLat): LngLat => [meridian, a[1] + ((meridian - a[0]) / (b[0] - a[0])) * (b[1] - a[1])]
  for (let k = 0; k < ring.length; k++) {
    const i = (first + k) % ring.length
    const [vertex, before, after] = [
      ring[i],
      ring[(i + ring.length - 1) % ring.length],
      ring[(i + 1) % ring.length],
    ] as LngLat[]
    if (!kept[i] || !vertex || !before || !after) continue
    if (!kept[(i + ring.length - 1) % ring.length]) {
      const cut = cutAt(before, vertex)
      chains.push([cut])
      crossings.push({ latitude: cut[1], chain: chains.length - 1, isStart: true })
    }
    chains.at(-1)?.push(vertex)
    if (!kept[(i + 1) % ring.length]) {
      const cut = cutAt(vertex, after)
      chains.at(-1)?.push(cut)
      crossings.push({ latitude: cut[1], chain: chains.length - 1, isStart: false })
    }
  }
  return linked(chains, crossings)
}

/** Joins chains along the meridian: sorted by latitude, crossings 0–1, 2–3 … bound the inside of the ring. */
function linked(chains: LngLat[][], crossings: Crossing[]): LngLat[][] {
  const sorted = [...crossings].sort((a, b) => a.latitude - b.latitude)
  const rings: LngLat[][] = []
  const used = new Set<number>()
  chains.forEach((_, begin) => {
    if (used.has(begin)) return
    const ring: LngLat[] = []
    let chain = begin
    while (!used.has(chain)) {
      used.add(chain)
      ring.push(...(chains[chain] as LngLat[]))
      const end = sorted.findIndex((crossing) => crossing.chain === chain && !crossing.isStart)
      chain = sorted[end ^ 1]?.chain ?? begin
    }
    rings.push(withoutRepeats(ring))
  })
  return rings.filter((ring) => ring.length >= 3)
}

const closed = (ring: Ring, isHole: boolean): number[][] => {
  const isCounterClockwise = signedArea(ring) > 0
  const wound = isCounterClockwise === isHole ? [...ring].reverse() : [...ring]
  return [...wound, wound[0] as LngLat].map(([longitude, latitude]) => [longitude, latitude])
}
const moved = (ring: Ring, turn: number): LngLat[] => ring.map(([longitude, latitude]) => [longitude + turn, latitude])

/**
 * One polygon (outer ring, holes; longitudes as drawn) as GeoJSON: shifted into -180…180, cut where it crosses the
 * antimeridian. Holes that cross it are cut as well and go to the part that holds them.
 */
export function polygonGeometry(rings: readonly Ring[]): AreaGeometry {
  const [outer = [], ...holes] = rings
  const west = Math.min(...outer.map(([longitude]) => longitude))
  const turn = -360 * Math.floor((west + 180) / 360)
  const shifted = [outer, ...holes].map((ring) => moved(ring, turn))
  const parts = (
    [
      ['west', 0],
      ['east', -360],
    ] as const
  ).flatMap(([side, back]) => {
    const [outers = [], ...cutHoles] = shifted.map((ring) =>
      sideOfMeridian(ring, 180, side).map((part) => moved(part, back)),
    )
    return outers.map((part) => ({ part, holes: cutHoles.flat() }))
  })
  const polygons = parts.map(({ part, holes: all }) => [
    closed(part, false),
    ...all.filter((hole) => isInRing(part, middle(hole))).map((hole) => closed(hole, true)),
  ])
  const [only] = polygons
  return polygons.length === 1 && only
    ? { type: 'Polygon', coordinates: only }
    : { type: 'MultiPolygon', coordinates: polygons }
}

/** A place just inside the ring, beside the middle of its first edge. */
function middle(ring: Ring): LngLat {
  const [[x0, y0] = [0, 0], [x1, y1] = [0, 0]] = ring as LngLat[]
  const side = signedArea(ring) > 0 ? 1e-7 : -1e-7
  return [(x0 + x1) / 2 - (y1 - y0) * side, (y0 + y1) / 2 + (x1 - x0) * side]
}
