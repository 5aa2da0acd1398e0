/**
 * From a back-end's results document to what is kept here: which files to fetch, under which names, and a STAC document
 * whose links lead to them. Pure.
 * Owns: safe and unique file names, relative hrefs. Does not: fetch (transfers) or write (fetch-results.ts).
 * Sources: openEO API 1.2.0, "results"; STAC 1.0/1.1, self-contained catalogues (best practices, relative links).
 */
import type { ResultAsset } from '../../preload/contract/library.ts'
import type { JsonObject } from '../../preload/contract/vocabulary.ts'
import { fileNameKey, safeFileName } from '../core/files.ts'
import { mediaKind } from './media-kind.ts'

export type PlannedAsset = {
  key: string
  title: string
  mediaType: string
  mediaKind: ResultAsset['mediaKind']
  roles: string[]
  /** Where the back-end has it: http(s), absolute. */
  href: string
  /** Beside the document. */
  fileName: string
  sizeBytes: number | null
  /** Multihash in hex, as the STAC file extension writes it. */
  checksum: string | null
}
export type PlannedResult = {
  assets: PlannedAsset[]
  /** Assets that cannot be fetched over HTTP, and why. */
  left: { key: string; reason: string }[]
  document: JsonObject
  bbox: [number, number, number, number] | null
  interval: [string | null, string | null] | null
}

type Loose = Record<string, unknown>
const object = (value: unknown): Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {}
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Names that the folder of a result needs for itself. */
const OWN_NAMES = ['collection.json', 'item.json', 'swath.json']
const MOST_ASSETS = 20_000

/** `baseUrl` is the address that the document came from: its hrefs may be relative to it. */
export function planResult(document: JsonObject, baseUrl: string): PlannedResult {
  const nameOf = createNames()
  for (const name of OWN_NAMES) nameOf(name)
  const assets: PlannedAsset[] = []
  const left: PlannedResult['left'] = []
  for (const [key, value] of Object.entries(object(document.assets)).slice(0, MOST_ASSETS)) {
    const asset = object(value)
    const href = text(asset.href)
    const url = href && URL.canParse(href, baseUrl) ? new URL(href, baseUrl) : null
    if (url?.protocol === 'https:' || url?.protocol === 'http:') assets.push(planAsset(key, asset, url, nameOf))
    else
      left.push({
        key,
        reason: href ? 'The file lies in a place that is not reached over HTTP.' : 'The back-end gives no address.',
      })
  }
  return { assets, left, document: localDocument(document, assets), ...coverage(document) }
}

function planAsset(key: string, asset: Loose, url: URL, nameOf: (wanted: string) => string): PlannedAsset {
  const mediaType = text(asset.type)
  const lastOfPath = decodeSegment(url.pathname.split('/').at(-1) ?? '')
  // openEO back-ends use the file name as key; where the key is a bare word the address has the ending
  const name = /\.[a-z0-9]{1,8}$/i.test(key) ? (key.split(/[\\/]/).at(-1) ?? key) : lastOfPath || key
  const fileName = nameOf(notAsPart(safeFileName(name)))
  const sizeBytes = asset['file:size']
  return {
    key,
    title: text(asset.title) || fileName,
    mediaType,
    mediaKind: mediaKind(mediaType, fileName),
    roles: list(asset.roles).filter((role): role is string => typeof role === 'string'),
    href: url.href,
    fileName,
    sizeBytes: typeof sizeBytes === 'number' && Number.isSafeInteger(sizeBytes) && sizeBytes >= 0 ? sizeBytes : null,
    checksum: /^[0-9a-f]{8,200}$/i.test(text(asset['file:checksum']))
      ? text(asset['file:checksum']).toLowerCase()
      : null,
  }
}

/** `x.part` is the file that the download of `x` grows in (transfers/part-file.ts): no asset may have such a name. */
const notAsPart = (name: string): string => (fileNameKey(name).endsWith('.part') ? `${name}_` : name)

/** Unique names, also where thousands of files want the same one. */
function createNames(): (wanted: string) => string {
  const taken = new Set<string>()
  const counts = new Map<string, number>()
  return (wanted) => {
    const key = fileNameKey(wanted)
    const dot = wanted.lastIndexOf('.')
    const [stem, extension] = dot > 0 ? [wanted.slice(0, dot), wanted.slice(dot)] : [wanted, '']
    let n = counts.get(key) ?? 1
    let free = n === 1 ? wanted : `${stem} (${n})${extension}`
    while (taken.has(fileNameKey(free))) free = `${stem} (${++n})${extension}`
    counts.set(key, n + 1)
    taken.add(fileNameKey(free))
    return free
  }
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** The address without user, password and query where these could let somebody in. */
function unsigned(href: string): string {
  if (!URL.canParse(href)) return href
  const url = new URL(href)
  const isSecret = [...url.searchParams.keys()].some((name) => SECRET_PARAMETERS.test(name))
  if (!isSecret && !url.username && !url.password) return href
  url.username = ''
  url.password = ''
  if (isSecret) url.search = ''
  return url.href
}
const SECRET_PARAMETERS = /signature|token|credential|^sig$|^key$|accesskey|accessid|password|secret|^code$/i

const LIVE_LINKS = ['self', 'canonical', 'item', 'root', 'parent', 'collection', 'next', 'prev', 'monitor']

/** The document with hrefs to the files beside it; links into the back-end's signed world are dropped, the rest kept. */
function localDocument(document: JsonObject, planned: PlannedAsset[]): JsonObject {
  const plans = new Map(planned.map((plan) => [plan.key, plan]))
  const assets = Object.fromEntries(
    Object.entries(object(document.assets)).map(([key, value]) => {
      const plan = plans.get(key)
      // other addresses of the same file (alternate assets extension) may be signed, and the file is here
      const { alternate: _, ...asset } = object(value)
      if (plan) return [key, { ...asset, href: `./${encodeURIComponent(plan.fileName)}` }]
      return [key, 'href' in asset ? { ...asset, href: unsigned(text(asset.href)) } : asset]
    }),
  )
  const links = list(document.links)
    .map(object)
    .filter((link) => !LIVE_LINKS.includes(text(link.rel)) && text(link.href) === unsigned(text(link.href)))
  return { ...document, assets, links } as JsonObject
}

function coverage(document: JsonObject): Pick<PlannedResult, 'bbox' | 'interval'> {
  const extent = object(document.extent)
  const properties = object(document.properties)
  const box = list(list(object(extent.spatial).bbox)[0] ?? document.bbox).filter(
    (value): value is number => typeof value === 'number',
  )
  const flat = box.length === 6 ? [box[0], box[1], box[3], box[4]] : box
  const [from, to] = list(list(object(extent.temporal).interval)[0])
  const first = text(from) || text(properties.start_datetime) || text(properties.datetime)
  const last = text(to) || text(properties.end_datetime) || text(properties.datetime)
  return {
    bbox: flat.length === 4 ? (flat as [number, number, number, number]) : null,
    interval: first || last ? [first || null, last || null] : null,
  }
}
