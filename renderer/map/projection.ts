/**
 * Where things lie on the screen: spherical Mercator (EPSG:3857) as deck.gl's MapView draws it, without pitch or turn.
 * Owns: degrees ↔ pixels, fitting a box, the scale bar, how coordinates are written.
 * Longitudes may run past ±180: the map repeats, and a place east of the antimeridian is 181, 182 …
 */
import type { Bbox } from '../../preload/contract/vocabulary.ts'

export type LngLat = readonly [longitude: number, latitude: number]
export type Pixel = readonly [x: number, y: number]
export type ViewBox = { longitude: number; latitude: number; zoom: number; width: number; height: number }

/** Side of the world in pixels at zoom 0. */
export const WORLD_PX = 512
/** Where the square world of EPSG:3857 ends. */
export const MAX_LATITUDE = 85.051129
export const MIN_ZOOM = -1
export const MAX_ZOOM = 22
const RAD = Math.PI / 180
const EARTH_CIRCUMFERENCE_M = 2 * Math.PI * 6_378_137

const clamp = (value: number, low: number, high: number) => Math.max(low, Math.min(high, value))
export const clampLatitude = (latitude: number) => clamp(latitude, -MAX_LATITUDE, MAX_LATITUDE)

const worldX = (longitude: number) => (longitude / 360 + 0.5) * WORLD_PX
const worldY = (latitude: number) =>
  (0.5 - Math.asinh(Math.tan(clampLatitude(latitude) * RAD)) / (2 * Math.PI)) * WORLD_PX
const longitudeOf = (x: number) => (x / WORLD_PX - 0.5) * 360
const latitudeOf = (y: number) => Math.atan(Math.sinh((0.5 - y / WORLD_PX) * 2 * Math.PI)) / RAD

/** Screen pixels of a place, origin at the upper left corner of the map. */
export function project(view: ViewBox, [longitude, latitude]: LngLat): Pixel {
  const scale = 2 ** view.zoom
  return [
    (worldX(longitude) - worldX(view.longitude)) * scale + view.width / 2,
    (worldY(latitude) - worldY(view.latitude)) * scale + view.height / 2,
  ]
}

/** The place under a screen pixel; longitude is not wrapped, latitude ends at the edge of the Mercator square. */
export function unproject(view: ViewBox, [x, y]: Pixel): LngLat {
  const scale = 2 ** view.zoom
  return [
    longitudeOf((x - view.width / 2) / scale + worldX(view.longitude)),
    clampLatitude(latitudeOf((y - view.height / 2) / scale + worldY(view.latitude))),
  ]
}

/** -180 ≤ longitude < 180; 180 itself stays 180. */
export function wrapLongitude(longitude: number): number {
  if (longitude === 180) return 180
  return ((((longitude + 180) % 360) + 360) % 360) - 180
}

/** The copy of `longitude` (± n·360) that is nearest to `near`, so that lines take the short way. */
export function nearestCopy(longitude: number, near: number): number {
  return longitude + 360 * Math.round((near - longitude) / 360)
}

/** The view moved by pixels (positive: the map's content goes left and up). */
export function panned(view: ViewBox, dx: number, dy: number): Pick<ViewBox, 'longitude' | 'latitude'> {
  const [longitude, latitude] = unproject(view, [view.width / 2 + dx, view.height / 2 + dy])
  return { longitude: wrapLongitude(longitude), latitude }
}

/** The view zoomed so that the place under `anchor` stays there. */
export function zoomedAt(view: ViewBox, zoom: number, anchor: Pixel): Pick<ViewBox, 'longitude' | 'latitude' | 'zoom'> {
  const place = unproject(view, anchor)
  const next = { ...view, zoom: clamp(zoom, MIN_ZOOM, MAX_ZOOM) }
  const [x, y] = project(next, place)
  return { ...panned(next, x - anchor[0], y - anchor[1]), zoom: next.zoom }
}

/**
 * The view that shows a box with `paddingPx` around it. A box with west > east crosses the antimeridian.
 * `maxZoom` keeps a box without extent from zooming into nothing.
 */
export function fitted(
  bbox: Bbox,
  width: number,
  height: number,
  { paddingPx = 40, maxZoom = 16 } = {},
): Pick<ViewBox, 'longitude' | 'latitude' | 'zoom'> {
  const [west, south, eastGiven, north] = bbox
  const east = eastGiven < west ? eastGiven + 360 : eastGiven
  const [x0, x1, y0, y1] = [worldX(west), worldX(east), worldY(north), worldY(south)]
  const room = (size: number) => Math.max(size - 2 * paddingPx, 20)
  const zoom = Math.min(
    x1 > x0 ? Math.log2(room(width) / (x1 - x0)) : maxZoom,
    y1 > y0 ? Math.log2(room(height) / (y1 - y0)) : maxZoom,
    maxZoom,
  )
  return {
    longitude: wrapLongitude(longitudeOf((x0 + x1) / 2)),
    latitude: latitudeOf((y0 + y1) / 2),
    zoom: clamp(zoom, MIN_ZOOM, MAX_ZOOM),
  }
}

/**
 * Whether a box can be recognised in the view: it overlaps it, and is at least `leastShare` of it in one direction.
 * A box with west > east crosses the antimeridian; every copy of it on the repeated world counts.
 */
export function isRecognisable(view: ViewBox, bbox: Bbox, leastShare = 1 / 8): boolean {
  const [west, south, eastGiven, north] = bbox
  const east = eastGiven < west ? eastGiven + 360 : eastGiven
  const shift = nearestCopy((west + east) / 2, view.longitude) - (west + east) / 2
  const [x0, y0] = project(view, [west + shift, north])
  const [x1, y1] = project(view, [east + shift, south])
  if (x1 < 0 || x0 > view.width || y1 < 0 || y0 > view.height) return false
  return x1 - x0 >= view.width * leastShare || y1 - y0 >= view.height * leastShare
}

/** The box that the view shows; west and east are not wrapped. */
export function viewBounds(view: ViewBox): [west: number, south: number, east: number, north: number] {
  const [west, north] = unproject(view, [0, 0])
  const [east, south] = unproject(view, [view.width, view.height])
  return [west, south, east, north]
}

/** Ground metres of one screen pixel at a latitude. */
export function metresPerPixel(latitude: number, zoom: number): number {
  return (EARTH_CIRCUMFERENCE_M * Math.cos(clampLatitude(latitude) * RAD)) / (WORLD_PX * 2 ** zoom)
}

export type ScaleBar = { metres: number; widthPx: number; label: string }

/** The longest bar of 1, 2 or 5 · 10ⁿ metres that fits, as it holds at the middle of the map. */
export function scaleBar(latitude: number, zoom: number, maxPx = 120): ScaleBar {
  const perPx = metresPerPixel(latitude, zoom)
  const most = perPx * maxPx
  const power = 10 ** Math.floor(Math.log10(most))
  const metres = [5, 2, 1].map((step) => step * power).find((length) => length <= most) ?? power
  const label =
    metres >= 1000
      ? `${(metres / 1000).toLocaleString('en')} km`
      : metres >= 1
        ? `${metres} m`
        : `${Math.round(metres * 100)} cm`
  return { metres, widthPx: metres / perPx, label }
}

/** Enough decimals to tell two neighbouring pixels apart, at most 7 (about 1 cm). */
export function decimalsAt(zoom: number): number {
  return clamp(Math.ceil(Math.log10((WORLD_PX * 2 ** zoom) / 360)), 1, 7)
}

/** e.g. `46.4812° N, 11.3402° E`; the decimals follow the zoom. */
export function coordinateLabel([longitude, latitude]: LngLat, zoom: number): string {
  const digits = decimalsAt(zoom)
  const lon = wrapLongitude(longitude)
  return `${Math.abs(latitude).toFixed(digits)}° ${latitude < 0 ? 'S' : 'N'}, ${Math.abs(lon).toFixed(digits)}° ${lon < 0 ? 'W' : 'E'}`
}
