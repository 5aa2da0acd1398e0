/**
 * What belongs to an entry and lies behind links: queryables, items, previews, pictures of descriptions.
 * Owns: the pages of items that can be asked for (in memory; the window has opaque names). Does not: keep items.
 */
import { randomBytes } from 'node:crypto'
import type { CatalogueItem, Entry, EntryKey, Preview } from '../../preload/contract/catalogue.ts'
import type { Handlers } from '../../preload/contract/index.ts'
import type { JsonObject } from '../../preload/contract/vocabulary.ts'
import type { ConnectionsFeature } from '../connections/index.ts'
import { type Clock, instant } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { CacheReader } from './cache-reader.ts'
import type { Fetched, FetchLinked } from './fetch-linked.ts'
import { itemsPath, toItems } from './items.ts'
import { parseJson } from './json-limits.ts'
import { ITEMS_RELS, linkOf, type PreviewLink, previewLinks, QUERYABLES_RELS, SERVERS } from './links.ts'
import { namesPicture } from './picture-addresses.ts'
import type { Pictures } from './pictures.ts'
import type { Ask } from './process.ts'

type Needs = {
  connections: Pick<ConnectionsFeature, 'find'>
  reader: CacheReader
  ask: Ask
  clock: Clock
  log: Log
  linked: FetchLinked
  pictures: Pictures
}
type KnownQueryables = { schema: JsonObject; asOf: string }
type Calls = Pick<Handlers<'catalogue'>, 'queryables' | 'items' | 'previews' | 'allowPicture'>
export type LinkedData = { calls: Calls; has(key: EntryKey, document: JsonObject): NonNullable<Entry['has']> }

const DAY_MS = 24 * 3_600_000
const MOST_QUERYABLES_BYTES = 2_000_000
/** Parsed in main, and handed to the window: what takes no longer than a frame or two. */
const MOST_ITEMS_BYTES = 3_000_000
const FEWEST_ITEMS = 5
const MOST_PAGES = 1_000
/** Nobody answered: that says nothing about what there is. */
const GONE: readonly AppError['code'][] = ['offline', 'time-out', 'signed-out', 'rate-limited', 'canceled']

export function createLinkedData({ connections, reader, ask, clock, log, linked, pictures }: Needs): LinkedData {
  const pages = new Map<string, { connectionId: string; url: string }>()

  function documentOf(key: EntryKey): JsonObject {
    const row = reader.entry(key)
    if (!row) throw new AppError('not-found', 'The entry is not known here. Refresh the lists of the connection.')
    return reader.documentOf(row.n) ?? {}
  }
  const offers = (key: EntryKey, what: 'queryables' | 'items') =>
    connections.find(key.connectionId)?.offers.includes(what) === true
  /** As the document links to it, else as the back-end says that all collections have it; null: neither. */
  function hrefOf(key: EntryKey, document: JsonObject, what: 'queryables' | 'items'): string | null {
    if (key.kind !== 'collection') return null
    const link = linkOf(document, what === 'items' ? ITEMS_RELS : QUERYABLES_RELS)
    if (link) return link.href
    return offers(key, what)
      ? `${linked.rootOf(key.connectionId).href}collections/${encodeURIComponent(key.id)}/${what}`
      : null
  }
  function addressOf(key: EntryKey, document: JsonObject, href: string): URL {
    const url = linked.resolve(key.connectionId, href, linked.addressOf(key, document))
    if (!url)
      throw new AppError('back-end', 'The back-end links to an address that is not followed.', { retry: 'never' })
    return url
  }

  async function readQueryables(key: EntryKey, url: URL): Promise<KnownQueryables | null> {
    const { bytes } = await linked.get(key.connectionId, url, {
      accept: 'application/schema+json, application/json',
      mostBytes: MOST_QUERYABLES_BYTES,
    })
    const schema = parseJson(bytes) as JsonObject | undefined
    if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return null
    const { properties } = schema
    if (typeof properties !== 'object' || properties === null) return null
    const asOf = instant(clock.now())
    await ask('extra', { key, what: 'queryables', body: JSON.stringify(schema), at: asOf })
    return { schema, asOf }
  }

  function remember(connectionId: string, url: string): string {
    const name = randomBytes(18).toString('base64url')
    pages.set(name, { connectionId, url })
    if (pages.size > MOST_PAGES) pages.delete(pages.keys().next().value as string)
    return name
  }
  /** The first page of items: with fewer of them where so many are too much at once. */
  async function readItems(key: EntryKey, url: URL): Promise<Fetched> {
    const ways = { accept: 'application/geo+json, application/json', mostBytes: MOST_ITEMS_BYTES }
    const limit = Number(url.searchParams.get('limit') ?? 0)
    if (limit <= FEWEST_ITEMS) return linked.get(key.connectionId, url, ways)
    const fetched = await linked.getUpTo(key.connectionId, url, ways)
    if (fetched) return fetched
    const fewer = new URL(url)
    fewer.searchParams.set('limit', String(Math.max(FEWEST_ITEMS, Math.floor(limit / 5))))
    return readItems(key, fewer)
  }
  async function toPreview(key: EntryKey, base: string, link: PreviewLink): Promise<Preview[]> {
    const hosts = new Set<string>()
    const id = pictures.register(key.connectionId, link, base)
    for (const server of link.servers.length > 0 ? link.servers : SERVERS) {
      const url = linked.resolve(key.connectionId, link.href.replaceAll('{s}', server), base)
      if (!url) return []
      hosts.add(url.host)
    }
    const tileHost = await pictures.tileHost(id)
    return [
      {
        id,
        kind: link.kind === 'tilejson' ? 'xyz' : link.kind,
        title: link.title,
        host: tileHost ?? [...hosts].join(', '),
        minimumZoom: null,
        maximumZoom: null,
        attribution: link.attribution,
      },
    ]
  }

  const calls: Calls = {
    async queryables(key) {
      const document = documentOf(key)
      if (key.kind !== 'collection') return null
      const kept = reader.extra(key, 'queryables')
      const known = kept && { schema: kept.body, asOf: kept.asOf }
      if (known && known.asOf > instant(clock.now() - DAY_MS)) return known
      const href = hrefOf(key, document, 'queryables')
      if (href === null) return known
      try {
        return (await readQueryables(key, addressOf(key, document, href))) ?? known
      } catch (failure) {
        if (known) return known
        // a web page, 404 or 501: there are none
        if (failure instanceof AppError && !GONE.includes(failure.code)) {
          log.info('Queryables could not be read', { id: key.id, failure })
          return null
        }
        throw failure
      }
    },

    async items({ key, bbox, interval, limit, page }) {
      const document = documentOf(key)
      const asked = page === null ? null : pages.get(page)
      if (page !== null && asked?.connectionId !== key.connectionId)
        throw new AppError('not-found', 'This page of items is not known any more. Search again.')
      const href = hrefOf(key, document, 'items')
      if (href === null) throw new AppError('not-offered', 'The back-end offers no list of items for this collection.')
      const url = asked ? new URL(asked.url) : itemsPath(addressOf(key, document, href), { bbox, interval, limit })
      const answer = await readItems(key, url)
      const found = toItems(parseJson(answer.bytes))
      if (!found)
        throw new AppError('back-end', 'The back-end answered with something other than a list of items.', {
          retry: 'never',
        })
      const nextUrl = found.next === null ? null : linked.resolve(key.connectionId, found.next, answer.url)
      const isOwn = nextUrl !== null && nextUrl.origin === url.origin && nextUrl.href !== url.href
      const items = found.items.map(({ thumbnail, self, ...item }): CatalogueItem => {
        const base = self && linked.resolve(key.connectionId, self, answer.url)?.href
        const link = thumbnail && { ...NO_LINK, href: thumbnail }
        return { ...item, thumbnailId: link ? pictures.register(key.connectionId, link, base || answer.url) : null }
      })
      return { items, nextPage: isOwn ? remember(key.connectionId, nextUrl.href) : null, matched: found.matched }
    },

    async previews(key) {
      const document = documentOf(key)
      const base = linked.addressOf(key, document)
      const found = await Promise.all(previewLinks(document).map((link) => toPreview(key, base, link)))
      return found.flat()
    },

    async allowPicture({ key, href }) {
      const document = documentOf(key)
      const base = linked.addressOf(key, document)
      const root = linked.rootOf(key.connectionId).href
      // the window asks for what a description shows, and for nothing else; without a self link it reads from the root
      const isThere = namesPicture(document, href, [base, root.replace(/\/$/, ''), root])
      if (!isThere || !linked.resolve(key.connectionId, href))
        throw new AppError(
          'invalid-input',
          'The picture is not one of this description, or its address is not allowed.',
        )
      return { id: pictures.register(key.connectionId, { ...NO_LINK, href }, base) }
    },
  }
  return {
    calls,
    /** What can be asked for of an entry. */
    has: (key, document) => ({
      queryables: hrefOf(key, document, 'queryables') !== null,
      items: hrefOf(key, document, 'items') !== null,
      previews: previewLinks(document).length > 0,
    }),
  }
}

const NO_LINK = { kind: 'picture' as const, title: '', attribution: null, servers: [], layer: '', dimensions: {} }
