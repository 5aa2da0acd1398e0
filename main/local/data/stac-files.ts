/**
 * STAC documents beside the user's files: what an Item says of its rasters, and a Collection of its items.
 * Owns: reading them out of hostile JSON. Knows STAC 1.0 (eo:bands, raster:bands) and 1.1 (bands). Does not: open files.
 */
import type { BandInfo } from '../model.ts'

export type StacBand = BandInfo & { nodata: number | null; scale: number; offset: number }
export type StacAsset = { key: string; href: string; roles: string[]; bands: StacBand[] | null }
export type StacItem = {
  id: string
  datetime: string | null
  assets: StacAsset[]
  /** Where the item stands in its document: empty, or `features` and a position. */
  place: (string | number)[]
  isStatedHere: boolean
}
export type StacCollection = {
  id: string
  title: string | null
  description: string | null
  license: string | null
  /** Bands of assets by key, for items that do not repeat them. */
  assetBands: Map<string, StacBand[]>
}
/** What the user states of a collection that Swath made of a folder (statements.ts writes it): nodata by band. */
export type StacStatement = { collectionId: string; nodata: Map<string, number> }
export type StacDocument =
  | { kind: 'items'; items: StacItem[] }
  | { kind: 'collection'; collection: StacCollection }
  | { kind: 'statement'; statement: StacStatement }
  | { kind: 'none' }

type Json = Record<string, unknown>
const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)
const LONGEST_TEXT = 10_000

/** Nodata is a number, or the words that JSON has no number for. */
function nodataOf(value: unknown): number | null {
  if (typeof value === 'number') return value
  if (typeof value !== 'string') return null
  if (/^nan$/i.test(value)) return Number.NaN
  const infinity = /^(-?)inf(inity)?$/i.exec(value)
  if (infinity) return infinity[1] === '-' ? -Infinity : Infinity
  return value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : null
}

const numberOr = (value: unknown, otherwise: number) =>
  typeof value === 'number' && Number.isFinite(value) ? value : otherwise

function classesIn(band: Json): BandInfo['classes'] {
  return list(band['classification:classes']).flatMap((entry) => {
    const { value, name, description } = object(entry)
    if (typeof value !== 'number' || !Number.isInteger(value)) return []
    const label = text(name) ?? text(description) ?? String(value)
    return [{ value, name: label.replace(/[^\w-]+/g, '_').slice(0, 100), description: text(description) ?? label }]
  })
}

function bandOf(eo: Json, raster: Json, position: number): StacBand {
  return {
    name: text(eo.name)?.slice(0, 200) ?? String(position + 1),
    commonName: text(eo.common_name) ?? text(eo['eo:common_name']),
    description: text(eo.description)?.slice(0, LONGEST_TEXT) ?? null,
    classes: [...classesIn(raster), ...(raster === eo ? [] : classesIn(eo))],
    nodata: nodataOf(raster.nodata),
    scale: numberOr(raster.scale ?? raster['raster:scale'], 1),
    offset: numberOr(raster.offset ?? raster['raster:offset'], 0),
  }
}

/** Bands of an asset (or of properties), null where it says nothing of them. */
function bandsOf(holder: Json): StacBand[] | null {
  const common = { nodata: holder.nodata }
  const bands = list(holder.bands)
  if (bands.length > 0)
    return bands.map((band, i) => {
      const whole = { ...common, ...object(band) }
      return bandOf(whole, whole, i)
    })
  const eo = list(holder['eo:bands'])
  const raster = list(holder['raster:bands'])
  const count = Math.max(eo.length, raster.length)
  if (count === 0) return null
  return Array.from({ length: count }, (_, i) => bandOf(object(eo[i]), object(raster[i]), i))
}

function assetsOf(item: Json): StacAsset[] {
  const shared = bandsOf(object(item.properties))
  const entries = Object.entries(object(item.assets))
  const isOnly = entries.length === 1
  return entries.flatMap(([key, value]) => {
    const asset = object(value)
    const href = text(asset.href)
    if (href === null) return []
    const roles = list(asset.roles).filter((role) => typeof role === 'string')
    return [{ key, href, roles, bands: bandsOf(asset) ?? (isOnly ? shared : null) }]
  })
}

/** Fields that the user of Swath stated; other programs pass over this one. */
export const STATED = 'swath:stated'
const isStated = (holder: Json, field: string) => list(holder[STATED]).includes(field)

function itemOf(value: Json, place: (string | number)[]): StacItem | null {
  const id = text(value.id)
  if (value.type !== 'Feature' || id === null || typeof value.assets !== 'object') return null
  const properties = object(value.properties)
  const stated = text(properties.datetime) ?? text(properties.start_datetime)
  const atMs = stated === null ? Number.NaN : Date.parse(stated)
  const datetime = Number.isNaN(atMs) ? null : new Date(atMs).toISOString().replace('.000Z', 'Z')
  const isStatedHere = isStated(properties, 'datetime')
  return { id: id.slice(0, 200), datetime, assets: assetsOf(value), place, isStatedHere }
}

function collectionOf(value: Json): StacCollection | null {
  const id = text(value.id)
  if (id === null) return null
  const assets = Object.entries(object(value.item_assets))
  return {
    id,
    title: text(value.title)?.slice(0, 500) ?? null,
    description: text(value.description)?.slice(0, LONGEST_TEXT) ?? null,
    license: text(value.license)?.slice(0, 100) ?? null,
    assetBands: new Map(
      assets.flatMap(([key, asset]) => {
        const bands = bandsOf(object(asset))
        return bands ? [[key, bands] as const] : []
      }),
    ),
  }
}

function statementOf(value: Json): StacStatement | null {
  const collectionId = text(value.id)
  if (collectionId === null) return null
  const bands = bandsOf(object(value.summaries)) ?? []
  const nodata = bands.flatMap((band) => (band.nodata === null ? [] : [[band.name, band.nodata] as const]))
  return { collectionId, nodata: new Map(nodata) }
}

/** Any JSON value as a STAC document, where it is one. */
export function readStacDocument(value: unknown): StacDocument {
  const document = object(value)
  if (document.type === 'Collection' && text(document.stac_version)) {
    const statement = isStated(document, 'nodata') ? statementOf(document) : null
    if (statement) return { kind: 'statement', statement }
    const collection = collectionOf(document)
    return collection ? { kind: 'collection', collection } : { kind: 'none' }
  }
  const isList = document.type === 'FeatureCollection'
  const features = isList ? list(document.features).map(object) : [document]
  const items = features.flatMap((feature, i) => {
    if (text(feature.stac_version) === null && features.length <= 1) return []
    return itemOf(feature, isList ? ['features', i] : []) ?? []
  })
  return items.length > 0 ? { kind: 'items', items } : { kind: 'none' }
}
