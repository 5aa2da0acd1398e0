/**
 * STAC items to a collection of scenes.
 * Owns: which assets are rasters, names and common names of bands (STAC 1.0 and 1.1 with their extensions), nodata.
 * Does not: fetch documents (load-stac.ts). Grids and types come from the files themselves, as metadata is often wrong;
 * nodata from the file's tag, else from the item. Documents are hostile: nothing in them is trusted to have a type.
 */
import { footprint } from '../../raster/grid.ts'
import type { RasterHeader, RasterSource } from '../../raster/types.ts'
import type { BandInfo, LocalCollection, Scene, SceneBand } from '../model.ts'
import { readInstant, writeInstant } from './instants.ts'

export type StacItem = {
  document: Readonly<Record<string, unknown>>
  /** The source of an asset's href; null where it may not be read. */
  resolve: (href: string) => RasterSource | null
}

export type StacConversion = {
  id: string
  title?: string
  description?: string
  license?: string
  items: readonly StacItem[]
  /** Reads the header of a raster. */
  header: (source: RasterSource) => Promise<RasterHeader>
}

export type StacProblem = { item: string; asset: string | null; reason: string }

type Json = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Json => value !== null && typeof value === 'object' && !Array.isArray(value)
const objects = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : [])
const text = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' && value.length <= 1000 ? value : null
const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []

const HEADERS_AT_ONCE = 8

/** Assets that cannot be used are told in `problems`, never silently dropped. */
export async function stacToCollection(
  conversion: StacConversion,
): Promise<{ collection: LocalCollection; problems: StacProblem[] }> {
  const problems: StacProblem[] = []
  const infos = new Map<string, BandInfo>()
  const scenes: (Scene | null)[] = new Array<Scene | null>(conversion.items.length).fill(null)
  let next = 0
  const worker = async () => {
    while (next < conversion.items.length) {
      const index = next
      next += 1
      scenes[index] = await sceneOf(conversion.items[index] as StacItem, index, conversion, infos, problems)
    }
  }
  await Promise.all(Array.from({ length: HEADERS_AT_ONCE }, worker))
  const used = scenes.filter((scene) => scene !== null)
  const order = (scene: Scene) => (scene.datetime === null ? Infinity : (readInstant(scene.datetime) ?? Infinity))
  return {
    collection: {
      id: conversion.id,
      title: conversion.title ?? conversion.id,
      description: conversion.description ?? '',
      license: conversion.license ?? 'other',
      bands: orderedBands(used, infos),
      scenes: used.toSorted((a, b) => order(a) - order(b) || 0),
    },
    problems,
  }
}

/** In the order in which the items name them, whichever header was read first. */
function orderedBands(scenes: readonly Scene[], infos: ReadonlyMap<string, BandInfo>): BandInfo[] {
  const names = new Set(scenes.flatMap(({ bands }) => bands.map(({ name }) => name)))
  return [...names].flatMap((name) => infos.get(name) ?? [])
}

async function sceneOf(
  { document, resolve }: StacItem,
  index: number,
  { header }: StacConversion,
  infos: Map<string, BandInfo>,
  problems: StacProblem[],
): Promise<Scene | null> {
  const id = text(document.id) ?? `item-${index + 1}`
  const properties = isObject(document.properties) ? document.properties : {}
  const bands: SceneBand[] = []
  for (const [key, asset] of Object.entries(isObject(document.assets) ? document.assets : {})) {
    if (!isObject(asset) || !isRaster(asset)) continue
    const fail = (reason: string) => problems.push({ item: id, asset: key, reason })
    const source = resolve(text(asset.href) ?? '')
    if (source === null) {
      fail('The address of the file is not allowed here.')
      continue
    }
    try {
      const found = await header(source)
      if (found.grid === null) fail(found.problem ?? 'The file has no place on Earth.')
      else addBands(bands, infos, key, asset, source, found)
    } catch (failure) {
      fail(failure instanceof Error ? failure.message : 'The file cannot be read.')
    }
  }
  const [first] = bands
  if (first === undefined) {
    problems.push({ item: id, asset: null, reason: 'The item has no raster that can be used.' })
    return null
  }
  return { id, datetime: timeOf(properties), bbox: footprint(first.grid) ?? [-180, -90, 180, 90], bands }
}

/** The item's instant; of a range its start. */
function timeOf(properties: Json): string | null {
  for (const value of [properties.datetime, properties.start_datetime]) {
    const instant = typeof value === 'string' ? readInstant(value) : null
    if (instant !== null) return writeInstant(instant)
  }
  return null
}

const NOT_DATA = ['thumbnail', 'overview', 'metadata', 'visual']

function isRaster(asset: Json): boolean {
  const roles = strings(asset.roles)
  if (!roles.includes('data') && roles.some((role) => NOT_DATA.includes(role))) return false
  return /tiff|geotiff/i.test(text(asset.type) ?? '') || /\.tiff?(?:\?|$)/i.test(text(asset.href) ?? '')
}

function addBands(
  bands: SceneBand[],
  infos: Map<string, BandInfo>,
  key: string,
  asset: Json,
  source: RasterSource,
  { bands: samples, grid }: RasterHeader,
): void {
  if (grid === null) return
  const described = describedBands(asset)
  for (const [sample, header] of samples.entries()) {
    const stated = described[sample] ?? {}
    const fallback = samples.length === 1 ? key : (header.description ?? `${key}_${sample + 1}`)
    const name = text(stated.name) ?? fallback
    if (bands.some((band) => band.name === name)) continue
    const number = (value: unknown, otherwise: number) => (typeof value === 'number' ? value : otherwise)
    bands.push({
      name,
      source,
      sample,
      grid,
      dataType: header.dataType,
      nodata: header.nodata ?? nodataOf(stated.nodata ?? asset.nodata),
      scale: header.scale === 1 ? number(stated['raster:scale'] ?? stated.scale, 1) : header.scale,
      offset: header.offset === 0 ? number(stated['raster:offset'] ?? stated.offset, 0) : header.offset,
    })
    if (infos.has(name)) continue
    infos.set(name, {
      name,
      commonName: text(stated['eo:common_name']) ?? text(stated.common_name),
      description: text(stated.description),
      classes: classesOf(stated['classification:classes'] ?? asset['classification:classes']),
    })
  }
}

/** What the asset says of each band: `bands` of STAC 1.1, else `eo:bands` and `raster:bands` of 1.0 laid over one another. */
function describedBands(asset: Json): Json[] {
  if (Array.isArray(asset.bands)) return objects(asset.bands)
  const eo = objects(asset['eo:bands'])
  const raster = objects(asset['raster:bands'])
  return Array.from({ length: Math.max(eo.length, raster.length) }, (_, i) => ({ ...raster[i], ...eo[i] }))
}

/** Numbers may be written as texts where JSON has no word for them. */
function nodataOf(value: unknown): number | null {
  if (typeof value === 'number') return value
  if (value === 'nan') return Number.NaN
  if (value === 'inf') return Number.POSITIVE_INFINITY
  return value === '-inf' ? Number.NEGATIVE_INFINITY : null
}

const classesOf = (value: unknown): BandInfo['classes'] =>
  objects(value).flatMap((one) =>
    typeof one.value === 'number'
      ? [{ value: one.value, name: text(one.name) ?? String(one.value), description: text(one.description) ?? '' }]
      : [],
  )
