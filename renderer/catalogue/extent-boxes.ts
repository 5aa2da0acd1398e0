/** Boxes that a map can draw: cut at the antimeridian, and at the latitudes where Web Mercator ends. Pure. */
type Box = [west: number, south: number, east: number, north: number]

/** EPSG:3857 ends there (the square world of web maps). */
const MOST_LATITUDE = 85.05

export function extentBoxes(bbox: readonly number[]): Box[] {
  const [west = 0, south = 0, east = 0, north = 0] = bbox
  if (![west, south, east, north].every(Number.isFinite)) return []
  const low = Math.max(-MOST_LATITUDE, Math.min(south, north))
  const high = Math.min(MOST_LATITUDE, Math.max(south, north))
  if (low > high) return []
  if (west <= east) return [[west, low, east, high]]
  return [
    [west, low, 180, high],
    [-180, low, east, high],
  ]
}
