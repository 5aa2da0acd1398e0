/**
 * Area of polygons on the ellipsoid, shared because the window shows it while drawing and main stores it.
 * Method: the polygon is integrated on the authalic sphere of WGS 84 (Snyder, Map Projections, USGS PP 1395, eq. 3-11
 * and 3-12), edges as straight lines in longitude and authalic latitude. Rings follow RFC 7946 (holes subtract).
 */
import type { AreaGeometry, Bbox } from './vocabulary.ts'

const RADIUS_M = 6_378_137
const ECCENTRICITY = 0.0818191908426215
const E2 = ECCENTRICITY * ECCENTRICITY
const RAD = Math.PI / 180

/** q of Snyder eq. 3-12 for a geodetic latitude in radians. */
function authalicQ(latitude: number): number {
  const s = Math.sin(latitude)
  const es = ECCENTRICITY * s
  return (1 - E2) * (s / (1 - es * es) - Math.log((1 - es) / (1 + es)) / (2 * ECCENTRICITY))
}
const Q_POLE = authalicQ(Math.PI / 2)
const AUTHALIC_RADIUS_M = RADIUS_M * Math.sqrt(Q_POLE / 2)
const authalicSine = (latitudeDeg: number) => Math.max(-1, Math.min(1, authalicQ(latitudeDeg * RAD) / Q_POLE))

function ringKm2(ring: readonly number[][]): number {
  let sum = 0
  for (let i = 0; i < ring.length - 1; i++) {
    const [lon0 = 0, lat0 = 0] = ring[i] as number[]
    const [lon1 = 0, lat1 = 0] = ring[i + 1] as number[]
    // the sine is not linear along the edge: steps of at most one degree of latitude keep the error below 1e-4
    const steps = Math.max(1, Math.ceil(Math.abs(lat1 - lat0)))
    for (let step = 0; step < steps; step++) {
      const south = authalicSine(lat0 + ((lat1 - lat0) * step) / steps)
      const north = authalicSine(lat0 + ((lat1 - lat0) * (step + 1)) / steps)
      sum += (((lon1 - lon0) * RAD) / steps) * ((south + north) / 2)
    }
  }
  return Math.abs(sum * AUTHALIC_RADIUS_M * AUTHALIC_RADIUS_M) / 1e6
}

/** km² of a GeoJSON polygon or multi-polygon in EPSG:4326. */
export function areaKm2(geometry: AreaGeometry): number {
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
  return polygons.reduce((total, [outer, ...holes]) => {
    const holesKm2 = holes.reduce((sum, hole) => sum + ringKm2(hole), 0)
    return total + (outer ? ringKm2(outer) : 0) - holesKm2
  }, 0)
}

/** The box as polygons; two where it crosses the antimeridian (west > east). RFC 7946 §3.1.9 and §5.2. */
export function bboxGeometry([west, south, east, north]: Bbox): AreaGeometry {
  const box = (w: number, e: number) => [
    [
      [w, south],
      [e, south],
      [e, north],
      [w, north],
      [w, south],
    ],
  ]
  if (west <= east) return { type: 'Polygon', coordinates: box(west, east) }
  return { type: 'MultiPolygon', coordinates: [box(west, 180), box(-180, east)] }
}

/** Without spreading the corners into arguments: a ring may have more of them than a call takes. */
function ringBox(ring: readonly number[][]): Bbox {
  const box: Bbox = [
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ]
  for (const [lon = 0, lat = 0] of ring) {
    box[0] = Math.min(box[0], lon)
    box[1] = Math.min(box[1], lat)
    box[2] = Math.max(box[2], lon)
    box[3] = Math.max(box[3], lat)
  }
  return box
}

/** The smallest box around the geometry; one that ends at +180 and begins again at -180 is taken as crossing. */
export function geometryBbox(geometry: AreaGeometry): Bbox {
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
  const boxes = polygons.map(([outer]) => ringBox(outer ?? []))
  const south = Math.min(...boxes.map((box) => box[1]))
  const north = Math.max(...boxes.map((box) => box[3]))
  const eastern = boxes.filter((box) => box[2] === 180)
  const western = boxes.filter((box) => box[0] === -180)
  if (boxes.length > 1 && eastern.length && western.length && eastern.length + western.length === boxes.length) {
    return [Math.min(...eastern.map((box) => box[0])), south, Math.max(...western.map((box) => box[2])), north]
  }
  return [Math.min(...boxes.map((box) => box[0])), south, Math.max(...boxes.map((box) => box[2])), north]
}
