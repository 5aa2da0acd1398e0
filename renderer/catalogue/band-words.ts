/**
 * The bands of a collection, put together from the places where back-ends state them. Pure.
 * Sources: STAC 1.1 `bands`; the extensions eo (`eo:bands`), raster (`raster:bands`), datacube (`cube:dimensions`).
 * The same band may be in several of them; the first that states a fact wins, in this order.
 */
import type { Json, JsonObject } from '../../preload/contract/vocabulary.ts'
import { formatNumber } from '../ui/format.ts'
import { listOf, numberOf, objectOf, objectsOf, shortJson, textOf } from './schema/json.ts'

export type BandRow = {
  name: string
  commonName: string
  description: string
  wavelength: string
  resolution: string
  dataType: string
  nodata: string
  unit: string
  /** `× 0.0001 − 0.1`: how stored numbers become values. */
  scaling: string
}
const MOST = 1000
type Names = { names: string[]; facts: JsonObject[] }

const first = (band: JsonObject, ...names: string[]): Json | undefined =>
  names.map((name) => band[name]).find((value) => value !== undefined && value !== null)
const words = (value: Json | undefined) => (value === undefined ? '' : shortJson(value, 60))

function wavelengthOf(band: JsonObject): string {
  const centreUm = numberOf(first(band, 'eo:center_wavelength', 'center_wavelength'))
  const widthUm = numberOf(first(band, 'eo:full_width_half_max', 'full_width_half_max'))
  if (centreUm === null) return ''
  // what is in the light is told in nm, as analysts do; thermal bands and longer in µm
  const say = (um: number) => (centreUm < 3 ? `${formatNumber(um * 1000, 4)} nm` : `${formatNumber(um, 4)} µm`)
  return widthUm === null ? say(centreUm) : `${say(centreUm)} ± ${say(widthUm / 2)}`
}

function scalingOf(band: JsonObject): string {
  const scale = numberOf(first(band, 'raster:scale', 'scale'))
  const offset = numberOf(first(band, 'raster:offset', 'offset'))
  const parts = [
    scale !== null && scale !== 1 ? `× ${formatNumber(scale)}` : '',
    offset !== null && offset !== 0 ? `${offset < 0 ? '−' : '+'} ${formatNumber(Math.abs(offset))}` : '',
  ]
  return parts.filter(Boolean).join(' ')
}

function rowOf(name: string, all: readonly JsonObject[]): BandRow {
  const band: JsonObject = Object.assign({}, ...[...all].reverse())
  const resolution = first(band, 'gsd', 'eo:gsd', 'raster:spatial_resolution', 'spatial_resolution', 'openeo:gsd')
  const metres = numberOf(resolution)
  const stated = objectOf(resolution)
  const inUnit = listOf(stated.value)
    .map(numberOf)
    .filter((value) => value !== null)
  return {
    name,
    commonName: words(first(band, 'eo:common_name', 'common_name')),
    description: textOf(band.description) || textOf(band.title),
    wavelength: wavelengthOf(band),
    resolution:
      metres !== null
        ? `${formatNumber(metres)} m`
        : inUnit.length
          ? `${inUnit.join(' × ')} ${textOf(stated.unit)}`
          : '',
    dataType: textOf(first(band, 'data_type', 'raster:data_type')),
    nodata: words(first(band, 'nodata', 'raster:nodata')),
    unit: textOf(first(band, 'unit', 'raster:unit')),
    scaling: scalingOf(band),
  }
}

const nameOf = (band: JsonObject) => textOf(band.name) || (typeof band.name === 'number' ? String(band.name) : '')

/** Names in the order of the cube, and whatever else is named; a list without names belongs to the cube's by place. */
function collected(document: JsonObject): Names[] {
  const summaries = objectOf(document.summaries)
  const dimensions = Object.values(objectOf(document['cube:dimensions'])).map(objectOf)
  const dimension = dimensions.find(({ type }) => type === 'bands')
  const names = listOf(dimension?.values).map((value) => (typeof value === 'string' ? value : String(value ?? '')))
  const lists = [
    document.bands,
    summaries.bands,
    summaries['eo:bands'],
    summaries['raster:bands'],
    document['eo:bands'],
    document['raster:bands'],
  ]
  const found = lists.map((list): Names => {
    const facts = objectsOf(list)
    return {
      facts,
      names: facts.map((band, index) => nameOf(band) || (facts.length === names.length ? (names[index] ?? '') : '')),
    }
  })
  const inAssets = Object.entries(objectOf(document.item_assets)).flatMap(([key, asset]) => {
    const bands = [objectOf(asset).bands, objectOf(asset)['eo:bands'], objectOf(asset)['raster:bands']].map(objectsOf)
    // an asset of one band lends it its own facts
    return bands
      .filter((list) => list.length > 0)
      .map((list): Names => {
        const own = list.length === 1 ? onlyBandFacts(objectOf(asset)) : {}
        return {
          facts: list.map((band) => ({ ...own, ...band })),
          names: list.map((band) => nameOf(band) || (list.length === 1 ? key : '')),
        }
      })
  })
  return [{ names, facts: names.map(() => ({})) }, ...found, ...inAssets]
}

const BAND_FACTS = ['gsd', 'data_type', 'nodata', 'unit', 'raster:scale', 'raster:offset']
const onlyBandFacts = (asset: JsonObject): JsonObject =>
  Object.fromEntries(BAND_FACTS.flatMap((name) => (asset[name] === undefined ? [] : [[name, asset[name] as Json]])))

export function bandRows(document: JsonObject): BandRow[] {
  const facts = new Map<string, JsonObject[]>()
  const sources = collected(document)
  // where the cube names its bands, those are the bands; assets may hold more that cannot be loaded
  const isClosed = (sources[0]?.names.length ?? 0) > 0
  for (const [source, { names, facts: bands }] of sources.entries()) {
    names.forEach((name, index) => {
      if (!name || (isClosed && source > 0 && !facts.has(name)) || facts.size >= MOST) return
      facts.set(name, [...(facts.get(name) ?? []), bands[index] ?? {}])
    })
  }
  return [...facts].map(([name, all]) => rowOf(name, all))
}
