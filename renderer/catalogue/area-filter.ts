/** Where the area of the search comes from: an area of interest, or what the map shows. Pure. */
import type { Bbox } from '../../preload/contract/vocabulary.ts'
import { type ViewBox, viewBounds } from '../map/projection.ts'

const wrapped = (longitude: number) => ((((longitude + 180) % 360) + 360) % 360) - 180
const clip = (value: number, most: number) => Math.max(-most, Math.min(most, value))

/** A box as main takes it: longitudes wrapped, the whole world where it is as wide; west > east crosses the antimeridian. */
export function searchBox([west = 0, south = 0, east = 0, north = 0]: readonly number[]): Bbox {
  const [low, high] = [clip(Math.min(south, north), 90), clip(Math.max(south, north), 90)]
  const width = east < west ? east + 360 - west : east - west
  if (width >= 360) return [-180, low, 180, high]
  const inside = (value: number) => (Math.abs(value) <= 180 ? value : wrapped(value))
  return [inside(west), low, inside(east), high]
}

/** What the map shows; null before it has a size. */
export const viewBox = (view: ViewBox): Bbox | null =>
  view.width > 0 && view.height > 0 ? searchBox(viewBounds(view)) : null
