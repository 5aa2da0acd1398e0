/**
 * Fetches the STAC documents that a graph loads.
 * Owns: what may be read (http and https; local paths inside the folders of the back-end), limits of size, count and
 * time, links between documents. A document from the network can never point at a local file, and neither a link nor a
 * redirect leads to this computer or its network unless the one that it comes from lies there (web-address.ts).
 */
import { readFile, realpath, stat } from 'node:fs/promises'
import { isAbsolute, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { openRaster, type RasterSource } from '../../raster/index.ts'
import { whyNotFollowed } from '../../raster/web-address.ts'
import type { LocalCollection } from '../model.ts'
import { OpeneoError } from '../openeo-error.ts'
import type { World } from './api.ts'
import type { Graph } from './graph.ts'
import { type StacItem, stacToCollection } from './stac.ts'

const MAX_BYTES = 32 * 2 ** 20
const MAX_DOCUMENTS = 2000
const MAX_LINK_DEPTH = 4
const MAX_REDIRECTS = 5
const TIME_OUT_MS = 30_000

type Json = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Json => value !== null && typeof value === 'object' && !Array.isArray(value)

const refused = (message: string) => new OpeneoError(400, 'ProcessParameterInvalid', message)

/**
 * The collections behind the URLs of all load_stac nodes of a graph.
 * @throws OpeneoError where a document cannot be read, or holds no scene
 */
export async function loadStacDocuments(
  graph: Graph,
  parameters: Readonly<Record<string, unknown>>,
  world: World,
  signal: AbortSignal | undefined,
): Promise<Map<string, LocalCollection>> {
  const loaded = new Map<string, LocalCollection>()
  for (const { processId, arguments: given } of graph.nodes.values()) {
    const url = processId === 'load_stac' ? given.get('url') : undefined
    const address = url?.kind === 'literal' ? url.value : url?.kind === 'parameter' ? parameters[url.name] : undefined
    if (typeof address !== 'string' || loaded.has(address)) continue
    const roots = await Promise.all((world.loadStacRoots ?? []).map((root) => realpath(root).catch(() => root)))
    loaded.set(address, await loadOne(address, roots, signal))
  }
  return loaded
}

async function loadOne(
  address: string,
  roots: readonly string[],
  signal: AbortSignal | undefined,
): Promise<LocalCollection> {
  const start = isAbsolute(address) ? pathToFileURL(address) : parseUrl(address)
  if (start === null) throw refused('The address of the STAC document is not a URL.')
  const items: { document: Json; base: URL }[] = []
  const refusals: string[] = []
  const { document: top, base } = await readDocument(start, roots, signal)
  await gather(top, base, 0, { roots, signal, visited: new Set([start.href, base.href]), items })
  if (items.length === 0) throw new OpeneoError(400, 'NoDataAvailable', 'The STAC document names no items.')
  const { collection, problems } = await stacToCollection({
    id: typeof top.id === 'string' ? top.id : 'stac',
    items: await Promise.all(items.map((item) => resolvable(item, roots, refusals))),
    header: async (source) => {
      const raster = await openRaster(source, { signal })
      await raster.close()
      return raster.header
    },
  })
  if (collection.scenes.length > 0) return collection
  const reason = refusals[0] ?? problems[0]?.reason ?? 'There is no raster in it.'
  throw new OpeneoError(400, 'NoDataAvailable', `The STAC document has no data that can be used. ${reason}`)
}

type Gathering = {
  roots: readonly string[]
  signal: AbortSignal | undefined
  /** Addresses of the documents read so far: links in a circle are followed once. */
  visited: Set<string>
  items: { document: Json; base: URL }[]
}

/** Items of a document and of those that it links to. */
async function gather(document: Json, base: URL, depth: number, state: Gathering): Promise<void> {
  if (document.type === 'Feature') {
    state.items.push({ document, base })
    return
  }
  if (document.type === 'FeatureCollection' && Array.isArray(document.features)) {
    for (const feature of document.features) if (isObject(feature)) state.items.push({ document: feature, base })
  }
  if (depth >= MAX_LINK_DEPTH) return
  const links = Array.isArray(document.links) ? document.links.filter(isObject) : []
  const of = (...relations: string[]) => links.filter(({ rel }) => relations.includes(String(rel)))
  // a collection of an API has all its items behind one link; a static one names them
  const followed = of('items').length > 0 ? of('items') : of('item', 'child', 'next')
  for (const { href } of followed) {
    const url = typeof href === 'string' ? parseUrl(href, base) : null
    if (url === null || state.visited.has(url.href)) continue
    state.visited.add(url.href)
    if (state.visited.size > MAX_DOCUMENTS)
      throw refused(`The STAC document links to more than ${MAX_DOCUMENTS} others.`)
    // further pages lie beside the first one, not below it
    const read = await readDocument(url, state.roots, state.signal, base)
    if (read.base.href !== url.href && state.visited.has(read.base.href)) continue
    state.visited.add(read.base.href)
    await gather(read.document, read.base, document.type === 'FeatureCollection' ? depth : depth + 1, state)
  }
}

const parseUrl = (text: string, base?: URL): URL | null =>
  URL.canParse(text, base?.href) ? new URL(text, base?.href) : null

/** The document, and the address after all redirects: what its relative links start from (RFC 3986, 5.1.3). */
async function readDocument(
  url: URL,
  roots: readonly string[],
  signal: AbortSignal | undefined,
  from?: URL,
): Promise<{ document: Json; base: URL }> {
  const { text, base } =
    url.protocol === 'file:'
      ? { text: await readLocal(url, roots, from), base: url }
      : await readRemote(url, signal, from ?? url)
  try {
    const document: unknown = JSON.parse(text)
    if (isObject(document)) return { document, base }
  } catch {}
  throw refused('The STAC document is not a JSON object.')
}

async function readLocal(url: URL, roots: readonly string[], from: URL | undefined): Promise<string> {
  if (from !== undefined && from.protocol !== 'file:')
    throw refused('A document from the network links to a local file.')
  const path = await allowedPath(url, roots)
  if (path === null) throw refused('The STAC document does not lie in a folder of this back-end.')
  const { size } = await stat(path)
  if (size > MAX_BYTES) throw refused('The STAC document is larger than 32 MiB.')
  return readFile(path, 'utf8')
}

/** The real path where it lies in one of the folders, links followed; else null. */
async function allowedPath(url: URL, roots: readonly string[]): Promise<string | null> {
  try {
    const path = await realpath(fileURLToPath(url))
    return roots.some((root) => isInside(root, path)) ? path : null
  } catch {
    return null
  }
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path)
  return way !== '' && !way.startsWith('..') && !isAbsolute(way)
}

/** What may be asked for when `from` names it; a graph's own address is judged as if it came from itself. */
function checkRemote(url: URL, from: URL): void {
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw refused('Only http and https addresses can be loaded.')
  const reason = whyNotFollowed(from, url)
  if (reason !== null) throw refused(`The STAC document at ${url.host} is not loaded. ${reason}`)
}

async function readRemote(
  start: URL,
  signal: AbortSignal | undefined,
  from: URL,
): Promise<{ text: string; base: URL }> {
  checkRemote(start, from)
  let url = start
  const timeOut = AbortSignal.timeout(TIME_OUT_MS)
  try {
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const response = await fetch(url, {
        redirect: 'manual',
        signal: signal === undefined ? timeOut : AbortSignal.any([signal, timeOut]),
        headers: { accept: 'application/json, application/geo+json' },
      })
      const next = redirectOf(response, url)
      if (next === null) {
        if (!response.ok) throw refused(`The server of the STAC document answered with status ${response.status}.`)
        return { text: await bounded(response), base: url }
      }
      await response.body?.cancel()
      checkRemote(next, url)
      url = next
    }
    throw refused('The server of the STAC document redirects in a circle.')
  } catch (failure) {
    if (signal?.aborted) throw signal.reason
    if (failure instanceof OpeneoError) throw failure
    throw new OpeneoError(400, 'NoDataAvailable', `The server ${url.host} of the STAC document did not answer.`)
  }
}

function redirectOf({ status, headers }: Response, url: URL): URL | null {
  const location = headers.get('location')
  return [301, 302, 303, 307, 308].includes(status) && location !== null ? parseUrl(location, url) : null
}

async function bounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > MAX_BYTES) throw refused('The STAC document is larger than 32 MiB.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** The item with its local addresses looked up beforehand, so that resolving needs no waiting. */
async function resolvable(
  { document, base }: { document: Json; base: URL },
  roots: readonly string[],
  refusals: string[],
): Promise<StacItem> {
  const sources = new Map<string, RasterSource | null>()
  for (const asset of Object.values(isObject(document.assets) ? document.assets : {})) {
    const href = isObject(asset) && typeof asset.href === 'string' ? asset.href : null
    if (href !== null) sources.set(href, await sourceOf(href, base, roots, refusals))
  }
  return { document, resolve: (href) => sources.get(href) ?? null }
}

async function sourceOf(
  href: string,
  base: URL,
  roots: readonly string[],
  refusals: string[],
): Promise<RasterSource | null> {
  const url = parseUrl(href, base)
  if (url === null) return null
  if (url.protocol === 'http:' || url.protocol === 'https:') {
    const reason = whyNotFollowed(base, url)
    if (reason === null) return { kind: 'url', url: url.href }
    refusals.push(`Its file at ${url.host} is not read. ${reason}`)
    return null
  }
  if (url.protocol !== 'file:' || base.protocol !== 'file:') return null
  const path = await allowedPath(url, roots)
  return path === null ? null : { kind: 'file', path }
}
