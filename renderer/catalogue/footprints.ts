/** Outlines of items as rings that a map can draw. Pure; a geometry is whatever the server wrote. */
import type { CatalogueItem } from '../../preload/contract/catalogue.ts'
import type { Json } from '../../preload/contract/vocabulary.ts'
import { extentBoxes } from './extent-boxes.ts'
import { isObject, listOf } from './schema/json.ts'

export type Ring = [longitude: number, latitude: number][]
/** A ring of more corners is drawn as its box: a list of items is an overview. */
const MOST_CORNERS = 80
const MOST_RINGS = 20
const MOST_LATITUDE = 85.05

const ringOf = (stated: Json): Ring | null => {
  const corners = listOf(stated).map((corner) => listOf(corner))
  if (corners.length < 4 || corners.length > MOST_CORNERS) return null
  const ring = corners.map(([x, y]) => [x, y])
  if (
    !ring.every(([x, y]) => typeof x === 'number' && typeof y === 'number' && Math.abs(x) <= 180 && Math.abs(y) <= 90)
  )
    return null
  const longitudes = ring.map(([x]) => x as number)
  // across the antimeridian in one piece: its box is cut there
  if (Math.max(...longitudes) - Math.min(...longitudes) > 180) return null
  return ring.map(([x, y]) => [x as number, Math.max(-MOST_LATITUDE, Math.min(MOST_LATITUDE, y as number))])
}

const boxRing = ([west, south, east, north]: readonly number[]): Ring =>
  [[west, south], [east, south], [east, north], [west, north], [west, south]] as Ring // biome-ignore format: a box

/** The outer rings of an item; its box where there is no polygon that could be drawn. */
export function footprint({ geometry, bbox }: Pick<CatalogueItem, 'geometry' | 'bbox'>): Ring[] {
  if (isObject(geometry ?? undefined)) {
    const { type, coordinates } = geometry as { [name: string]: Json }
    const polygons = type === 'Polygon' ? [coordinates] : type === 'MultiPolygon' ? listOf(coordinates) : []
    const rings = polygons.slice(0, MOST_RINGS).map((polygon) => ringOf(listOf(polygon)[0] ?? null))
    if (rings.length && rings.every((ring) => ring !== null)) return rings
  }
  if (!bbox) return []
  const flat = bbox.length === 6 ? [bbox[0], bbox[1], bbox[3], bbox[4]] : bbox
  return flat.length === 4 ? extentBoxes(flat as number[]).map(boxRing) : []
}
