/**
 * Reads areas out of a GeoJSON text that may come from anywhere. Pure.
 * Owns: what is accepted (RFC 7946 in EPSG:4326) and the sentences for what is not. Does not: store.
 */
import type { AreaGeometry } from '../../preload/contract/vocabulary.ts'
import { AppError } from '../core/errors.ts'

export type NamedGeometry = { name: string | null; geometry: AreaGeometry }

/** More areas in one file are a data set, not areas of interest. */
const MOST_AREAS = 500
const MOST_POSITIONS = 200_000
const NAME_PROPERTIES = ['name', 'Name', 'NAME', 'title', 'label', 'id']

type Loose = Record<string, unknown>
const isObject = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const refuse = (message: string) => new AppError('invalid-input', message)

/**
 * The polygons of a GeoJSON text, each with the name of its feature.
 * @throws AppError invalid-input with a sentence that says what is wrong
 */
export function readAreas(text: string): NamedGeometry[] {
  const document = parse(text)
  const crs = isObject(document.crs) ? JSON.stringify(document.crs) : ''
  if (crs && !/CRS84|EPSG:{1,2}4326/i.test(crs))
    throw refuse('The file states another coordinate system than WGS 84 longitude and latitude (EPSG:4326).')
  const found: NamedGeometry[] = []
  const budget = { positions: MOST_POSITIONS }
  let skipped = 0
  for (const { name, geometry } of geometriesOf(document)) {
    if (!isObject(geometry)) continue
    if (geometry.type !== 'Polygon' && geometry.type !== 'MultiPolygon') {
      skipped += 1
      continue
    }
    found.push({ name, geometry: checkGeometry(geometry, budget) })
    if (found.length > MOST_AREAS) throw refuse(`The file holds more than ${MOST_AREAS} polygons.`)
  }
  if (found.length > 0) return found
  throw refuse(
    skipped > 0
      ? 'The file holds points or lines only; an area of interest has to be a polygon.'
      : 'The file holds no polygon.',
  )
}

function parse(text: string): Loose {
  let document: unknown
  try {
    document = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (cause) {
    throw new AppError('invalid-input', 'The file is not JSON. Areas are read from GeoJSON files.', { cause })
  }
  if (!isObject(document) || typeof document.type !== 'string') throw refuse('The file is JSON, but not GeoJSON.')
  return document
}

/** Every geometry of the document with its name; nested collections are walked without recursion. */
function* geometriesOf(document: Loose): Generator<{ name: string | null; geometry: unknown }> {
  const waiting: { value: unknown; name: string | null }[] = [{ value: document, name: null }]
  // by position: taking the first of a million entries away moves all the others
  for (let at = 0; at < waiting.length; at++) {
    const { value, name } = waiting[at] as (typeof waiting)[number]
    if (!isObject(value)) continue
    if (value.type === 'FeatureCollection' && Array.isArray(value.features))
      for (const feature of value.features) waiting.push({ value: feature, name: null })
    else if (value.type === 'Feature') waiting.push({ value: value.geometry, name: nameOf(value) })
    else if (value.type === 'GeometryCollection' && Array.isArray(value.geometries))
      for (const geometry of value.geometries) waiting.push({ value: geometry, name })
    else yield { name, geometry: value }
  }
}

function nameOf(feature: Loose): string | null {
  const properties = isObject(feature.properties) ? feature.properties : {}
  const key = NAME_PROPERTIES.find((candidate) => ['string', 'number'].includes(typeof properties[candidate]))
  const name = key === undefined ? '' : String(properties[key]).trim()
  return name ? name.slice(0, 200) : null
}

/**
 * The geometry with closed rings, two numbers a corner and nothing else.
 * @throws AppError invalid-input with a sentence that says what is wrong
 */
export function checkGeometry(geometry: Loose, budget = { positions: MOST_POSITIONS }): AreaGeometry {
  if (geometry.type === 'Polygon') return { type: 'Polygon', coordinates: checkPolygon(geometry.coordinates, budget) }
  if (!Array.isArray(geometry.coordinates) || geometry.coordinates.length === 0) throw refuse('A polygon is empty.')
  const coordinates = geometry.coordinates.map((polygon) => checkPolygon(polygon, budget))
  return { type: 'MultiPolygon', coordinates }
}

function checkPolygon(rings: unknown, budget: { positions: number }): number[][][] {
  if (!Array.isArray(rings) || rings.length === 0) throw refuse('A polygon is empty.')
  return rings.map((ring) => {
    if (!Array.isArray(ring)) throw refuse('A polygon has a ring that is not a list of positions.')
    budget.positions -= ring.length
    if (budget.positions < 0)
      throw refuse(`The polygons have more than ${MOST_POSITIONS.toLocaleString('en')} corners.`)
    return closeRing(ring.map(checkPosition))
  })
}

function checkPosition(position: unknown): number[] {
  const [longitude, latitude] = Array.isArray(position) ? position : []
  if (typeof longitude !== 'number' || typeof latitude !== 'number')
    throw refuse('A corner of a polygon is not a pair of numbers.')
  if (!Number.isFinite(longitude) || !Number.isFinite(latitude) || Math.abs(latitude) > 90 || Math.abs(longitude) > 180)
    throw refuse(
      'A corner lies outside the range of longitude and latitude. The file may be in a projected coordinate system.',
    )
  return [longitude, latitude]
}

function closeRing(ring: number[][]): number[][] {
  const [first, last] = [ring[0], ring.at(-1)]
  const isClosed = first && last && first[0] === last[0] && first[1] === last[1]
  const closed = isClosed || !first ? ring : [...ring, first]
  if (closed.length < 4) throw refuse('A polygon has fewer than three corners.')
  return closed
}
