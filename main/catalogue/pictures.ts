/**
 * Pictures and tiles that documents link to, by ids that mean nothing outside: what app://media and app://tiles answer.
 * Owns: the ids, and the last 50 MB of bytes (in memory); tiles come from hosts that were named before they are asked.
 * Does not: judge bytes (the shell reads their kind), or read capabilities (the catalogue's process does).
 */
import { randomBytes } from 'node:crypto'
import { AppError } from '../core/errors.ts'
import type { FetchLinked } from './fetch-linked.ts'
import { parseJson } from './json-limits.ts'
import { type PreviewLink, tileAddress } from './links.ts'
import type { Ask } from './process.ts'
import { wmtsTileAddress } from './wmts.ts'

export type Pictures = ReturnType<typeof createPictures>
type Source = { connectionId: string; base: string | undefined; link: PreviewLink }
type Template = { at(z: number, x: number, y: number): string | null; base: string; host: string | null }

const MOST_SOURCES = 5_000
const MOST_BYTES = 10_000_000
const MOST_KEPT_BYTES = 50_000_000
const MOST_CAPABILITIES_BYTES = 8_000_000
/** Parsed in main. */
const MOST_TILEJSON_BYTES = 500_000
/** A page that shows what there is does not wait longer. */
const MOST_WAIT_MS = 5_000
const ACCEPT = 'image/avif,image/webp,image/png,image/jpeg,image/gif;q=0.9,*/*;q=0.1'

export function createPictures(linked: FetchLinked, ask: Ask) {
  const sources = new Map<string, Source>()
  const idsOf = new Map<string, string>()
  const templates = new Map<string, Promise<Template | null>>()
  const kept = new Map<string, Uint8Array>()
  let keptBytes = 0

  function remember(url: string, bytes: Uint8Array): Uint8Array {
    kept.set(url, bytes)
    keptBytes += bytes.length
    for (const [oldest, old] of kept) {
      if (keptBytes <= MOST_KEPT_BYTES) break
      kept.delete(oldest)
      keptBytes -= old.length
    }
    return bytes
  }
  async function bytesAt(source: Source, url: URL, signal: AbortSignal): Promise<Uint8Array> {
    const key = `${source.connectionId} ${url.href}`
    const known = kept.get(key)
    if (known) {
      kept.delete(key)
      kept.set(key, known)
      return known
    }
    const { bytes } = await linked.get(source.connectionId, url, { accept: ACCEPT, mostBytes: MOST_BYTES, signal })
    return kept.has(key) ? bytes : remember(key, bytes)
  }

  async function readTemplate(source: Source): Promise<Template | null> {
    const { connectionId, base, link } = source
    if (link.kind === 'xyz')
      return { at: (z, x, y) => tileAddress(link.href, z, x, y, link.servers), base: base ?? '', host: null }
    const url = linked.resolve(connectionId, link.href, base)
    if (!url) return null
    const read = link.kind === 'wmts' ? await readCapabilities(source, url) : await readTilejson(source, url)
    const address = read?.at(read.zoom, 0, 0)
    const tile = address && linked.resolve(connectionId, address, read?.base)
    if (!read || !tile) return null
    // of somebody else's document nobody was told where it leads
    const isTold = tile.host === url.host || linked.isOwnOrigin(connectionId, url)
    return isTold ? { at: read.at, base: read.base, host: tile.host } : null
  }
  type Read = Pick<Template, 'at' | 'base'> & { zoom: number }
  async function readCapabilities({ connectionId, link }: Source, url: URL): Promise<Read | null> {
    if (!url.searchParams.has('SERVICE') && !/\.xml$/i.test(url.pathname)) {
      url.searchParams.set('SERVICE', 'WMTS')
      url.searchParams.set('REQUEST', 'GetCapabilities')
    }
    const document = await linked.get(connectionId, url, {
      accept: 'application/xml, text/xml',
      mostBytes: MOST_CAPABILITIES_BYTES,
    })
    const { layer: wanted, dimensions } = link
    const layer = await ask('wmts', { xml: document.bytes, url: document.url, layer: wanted, dimensions })
    if (!layer) return null
    const [zoom = 0] = layer.matrices.keys()
    return { at: (z, x, y) => wmtsTileAddress(layer, z, x, y), base: document.url, zoom }
  }
  async function readTilejson({ connectionId }: Source, url: URL): Promise<Read | null> {
    const document = await linked.get(connectionId, url, { accept: 'application/json', mostBytes: MOST_TILEJSON_BYTES })
    const tilejson = parseJson(document.bytes) as { tiles?: unknown; scheme?: unknown } | undefined
    const tiles = (Array.isArray(tilejson?.tiles) ? tilejson.tiles : []).filter((one) => typeof one === 'string')
    const [first] = tiles
    if (first === undefined) return null
    const template = tilejson?.scheme === 'tms' ? first.replaceAll('{y}', '{-y}') : first
    return { at: (z, x, y) => tileAddress(template, z, x, y, []), base: document.url, zoom: 0 }
  }
  /** Read once; a failure is tried again by the next tile. */
  function templateOf(id: string, source: Source): Promise<Template | null> {
    const known = templates.get(id)
    if (known) return known
    const reading = readTemplate(source)
    reading.catch(() => templates.delete(id))
    templates.set(id, reading)
    return reading
  }

  return {
    /** The id of a picture or of tiles; the same for the same link. `base`: the document that has the link. */
    register(connectionId: string, link: PreviewLink, base?: string): string {
      const key = JSON.stringify([connectionId, base, link.kind, link.href, link.layer])
      const known = idsOf.get(key)
      if (known) return known
      const id = randomBytes(18).toString('base64url')
      idsOf.set(key, id)
      sources.set(id, { connectionId, base, link })
      if (sources.size > MOST_SOURCES) {
        const [oldest] = sources.keys()
        const [oldestKey] = idsOf.keys()
        sources.delete(oldest as string)
        templates.delete(oldest as string)
        idsOf.delete(oldestKey as string)
      }
      return id
    },
    /** null: no such id, or no tile there. @throws AppError as the server failed */
    async tile(id: string, z: number, x: number, y: number, signal: AbortSignal): Promise<Uint8Array | null> {
      const source = sources.get(id)
      if (!source || source.link.kind === 'picture') return null
      const template = await templateOf(id, source)
      const address = template?.at(z, x, y)
      const url = address && linked.resolve(source.connectionId, address, template?.base || source.base)
      return url ? orNothing(bytesAt(source, url, signal)) : null
    },
    /**
     * The host that tiles are really asked of, where only a document of the back-end itself says it; null: the link's own.
     */
    async tileHost(id: string): Promise<string | null> {
      const source = sources.get(id)
      if (source?.link.kind !== 'wmts' && source?.link.kind !== 'tilejson') return null
      const url = linked.resolve(source.connectionId, source.link.href, source.base)
      if (!url || !linked.isOwnOrigin(source.connectionId, url)) return null
      const reading = templateOf(id, source).catch(() => null)
      const late = new Promise<null>((resolve) => setTimeout(resolve, MOST_WAIT_MS, null).unref())
      return (await Promise.race([reading, late]))?.host ?? null
    },
    async media(id: string, signal: AbortSignal): Promise<Uint8Array | null> {
      const source = sources.get(id)
      if (source?.link.kind !== 'picture') return null
      const url = linked.resolve(source.connectionId, source.link.href, source.base)
      return url ? orNothing(bytesAt(source, url, signal)) : null
    },
    forget(connectionId: string): void {
      for (const [id, source] of sources) if (source.connectionId === connectionId) sources.delete(id)
      for (const [key, id] of idsOf) if (!sources.has(id)) idsOf.delete(key)
      for (const [key, bytes] of kept)
        if (key.startsWith(`${connectionId} `)) {
          kept.delete(key)
          keptBytes -= bytes.length
        }
    },
  }
}

/** Where a server has no tile it says so in many ways. */
async function orNothing(bytes: Promise<Uint8Array>): Promise<Uint8Array | null> {
  try {
    return await bytes
  } catch (failure) {
    if (failure instanceof AppError && failure.code === 'not-found') return null
    throw failure
  }
}
