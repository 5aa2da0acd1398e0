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

/** The finest ground sample distance that the document states, in metres. */
function resolutionOf(collection: Loose): number | null {
  const summaries = object(collection.summaries)
  const stated = [...list(summaries.gsd), ...list(summaries['eo:gsd'])]
  const bands = [...list(summaries['eo:bands']), ...list(collection.bands), ...list(summaries.bands)].map(object)
  const values = [...stated, ...bands.map((band) => band.gsd)].filter(
    (value): value is number => typeof value === 'number' && value > 0,
  )
  return values.length > 0 ? values.reduce((least, value) => Math.min(least, value)) : null
}
