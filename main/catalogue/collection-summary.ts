/**
 * What the window needs of a STAC Collection to list, filter and preselect it. Pure and tolerant: documents of real
 * back-ends lack fields, carry nulls and put bands in any of three places (cube:dimensions, summaries, bands of STAC 1.1).
 */
import type { CollectionBand, CollectionSummary } from '../../preload/contract/catalogue.ts'

type Loose = Record<string, unknown>
const object = (value: unknown): Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {}
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

const MOST_INSTANTS = 2000
/** Imaging spectrometers have some hundred. */
const MOST_BANDS = 1000

/** null where the document has no id: such a collection cannot be asked for. */
export function summarize(
  document: unknown,
  connectionId: CollectionSummary['connectionId'],
): CollectionSummary | null {
  const collection = object(document)
  const id = text(collection.id)
  if (!id) return null
  const extent = object(collection.extent)
  const bbox = bboxOf(list(object(extent.spatial).bbox)[0])
  const interval = intervalOf(list(object(extent.temporal).interval)[0])
  const resolutionM = resolutionOf(collection)
  return {
    connectionId,
    id,
    title: text(collection.title) || id,
    description: text(collection.description),
    bands: bandsOf(collection),
    instants: instantsOf(collection),
    ...(bbox ? { bbox } : {}),
    ...(interval ? { interval } : {}),
    ...(resolutionM === null ? {} : { resolutionM }),
  }
}

const dimensions = (collection: Loose): Loose[] => Object.values(object(collection['cube:dimensions'])).map(object)

function bboxOf(value: unknown): number[] | null {
  const numbers = list(value).filter((entry): entry is number => typeof entry === 'number' && Number.isFinite(entry))
  if (numbers.length === 4) return numbers
  const [west, south, , east, north] = numbers
  return numbers.length === 6 ? [west as number, south as number, east as number, north as number] : null
}

function intervalOf(value: unknown): [string | null, string | null] | null {
  const [from, to] = list(value)
  return value === undefined ? null : [text(from) || null, text(to) || null]
}

function bandsOf(collection: Loose): CollectionBand[] {
  const summaries = object(collection.summaries)
  const described = [...list(collection.bands), ...list(summaries.bands), ...list(summaries['eo:bands'])].map(object)
  const names = list(dimensions(collection).find((dimension) => dimension.type === 'bands')?.values)
  const known = names.length > 0 ? names : described.map((band) => band.name)
  const byName = new Map([...described].reverse().map((band) => [band.name, band]))
  const unique = new Set(
    known.map((name) => (typeof name === 'string' || typeof name === 'number' ? String(name) : '')),
  )
  return [...unique]
    .filter(Boolean)
    .slice(0, MOST_BANDS)
    .map((name) => {
      const band = byName.get(name) ?? {}
      const commonName = text(band['eo:common_name']) || text(band.common_name)
      const description = text(band.description)
      return { name, ...(commonName ? { commonName } : {}), ...(description ? { description } : {}) }
    })
}

function instantsOf(collection: Loose): string[] {
  const temporal = dimensions(collection).find((dimension) => dimension.type === 'temporal')
  return list(temporal?.values).map(text).filter(Boolean).slice(0, MOST_INSTANTS)
}

/** Of a degree of latitude, on the sphere that web maps use. */
const METRES_PER_DEGREE = 111_320

/**
 * The finest ground sample distance that the document states, in metres: `gsd` (a list, or the range of STAC summaries),
 * of bands, `raster:bands`; else the steps of the horizontal dimensions.
 */
function resolutionOf(collection: Loose): number | null {
  const summaries = object(collection.summaries)
  const bands = [...list(summaries['eo:bands']), ...list(collection.bands), ...list(summaries.bands)].map(object)
  const rasterBands = [...list(summaries['raster:bands']), ...bands].map(object)
  const stated = [
    ...valuesOf(summaries.gsd),
    ...valuesOf(summaries['eo:gsd']),
    ...bands.map((band) => band.gsd),
    ...rasterBands.flatMap((band) => [band.spatial_resolution, band['raster:spatial_resolution']]),
  ]
  return finest(stated) ?? finest(dimensions(collection).map(stepInMetres))
}
const finest = (values: readonly unknown[]): number | null => {
  const lengths = values.filter((value): value is number => typeof value === 'number' && value > 0 && value < Infinity)
  return lengths.length > 0 ? lengths.reduce((least, value) => Math.min(least, value)) : null
}
/** Of a summary: a list of values, or a range. */
const valuesOf = (summary: unknown): unknown[] =>
  Array.isArray(summary) ? summary : [object(summary).minimum ?? object(summary).min]

/** Of a horizontal dimension (STAC datacube extension 2.2); null where it is none or its unit is not known. */
function stepInMetres({ type, axis, step, reference_system: system }: Loose): number | null {
  if (type !== 'spatial' || (axis !== 'x' && axis !== 'y') || typeof step !== 'number') return null
  const isInDegrees = inDegrees(system)
  return isInDegrees === null ? null : Math.abs(step) * (isInDegrees ? METRES_PER_DEGREE : 1)
}
/** Without a reference system it is EPSG:4326. null: not known. */
function inDegrees(system: unknown): boolean | null {
  if (system === undefined || system === null) return true
  const { type, id } = object(system)
  if (type === 'GeographicCRS') return true
  if (type === 'ProjectedCRS') return false
  const stated = object(id).code ?? system
  if (typeof stated !== 'number' && typeof stated !== 'string') return null
  if (/^GEOG|CRS84|WGS\s?84$/i.test(String(stated))) return true
  if (/^PROJC|^AUTO:?42/i.test(String(stated))) return false
  const code = Number(/(\d{4,6})$/.exec(String(stated).slice(0, 200))?.[1] ?? Number.NaN)
  // EPSG numbers its geographic systems from 4001 to 4999; what lies above is projected, in metres but for a few
  if (Number.isNaN(code)) return null
  return code > 4000 && code < 5000
}
