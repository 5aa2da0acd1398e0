/**
 * What belongs to an entry and lies behind links: queryables, items, previews, pictures of descriptions.
 * Owns: the pages of items that can be asked for (in memory; the window has opaque names). Does not: keep items.
 */
import { randomBytes } from 'node:crypto'
import type { CatalogueItem, EntryKey, Preview } from '../../preload/contract/catalogue.ts'
import type { Handlers } from '../../preload/contract/index.ts'
import type { JsonObject } from '../../preload/contract/vocabulary.ts'
import type { ConnectionsFeature } from '../connections/index.ts'
import { type Clock, instant } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { CacheReader } from './cache-reader.ts'
import type { FetchLinked } from './fetch-linked.ts'
import { itemsPath, toItems } from './items.ts'
import { parseJson } from './json-limits.ts'
import { linkOf, previewLinks, QUERYABLES_RELS } from './links.ts'
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

const DAY_MS = 24 * 3_600_000
const MOST_QUERYABLES_BYTES = 2_000_000
const MOST_ITEMS_BYTES = 20_000_000
const MOST_PAGES = 1_000
/** Nobody answered: that says nothing about what there is. */
const GONE: readonly AppError['code'][] = ['offline', 'time-out', 'signed-out', 'rate-limited', 'canceled']

export function createLinkedData({ connections, reader, ask, clock, log, linked, pictures }: Needs): Calls {
  const pages = new Map<string, { connectionId: string; url: string }>()

  function documentOf(key: EntryKey): JsonObject {
    const row = reader.entry(key)
    if (!row) throw new AppError('not-found', 'The entry is not known here. Refresh the lists of the connection.')
    return reader.documentOf(row.n) ?? {}
  }
  const offers = (key: EntryKey, what: 'queryables' | 'items') =>
    connections.find(key.connectionId)?.offers.includes(what) === true
  function addressOf(key: EntryKey, href: string): URL {
    const url = linked.resolve(key.connectionId, href)
    if (!url)
      throw new AppError('back-end', 'The back-end links to an address that is not followed.', { retry: 'never' })
    return url
  }
  const below = (key: EntryKey, what: string) => `collections/${encodeURIComponent(key.id)}/${what}`

  async function readQueryables(key: EntryKey, href: string): Promise<KnownQueryables | null> {
    const { bytes } = await linked.get(key.connectionId, addressOf(key, href), {
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
  function toPreview(key: EntryKey, link: ReturnType<typeof previewLinks>[number]): Preview[] {
    const template = link.href.replace(/\{s\}/g, link.servers[0] ?? 'a')
    const url = linked.resolve(key.connectionId, template)
    if (!url) return []
    return [
      {
        id: pictures.register(key.connectionId, link),
        kind: link.kind === 'tilejson' ? 'xyz' : link.kind,
        title: link.title,
        host: url.host,
        minimumZoom: null,
        maximumZoom: null,
        attribution: link.attribution,
      },
    ]
  }

  return {
    async queryables(key) {
      const document = documentOf(key)
      if (key.kind !== 'collection') return null
      const kept = reader.extra(key, 'queryables')
      const known = kept && { schema: kept.body, asOf: kept.asOf }
      if (known && known.asOf > instant(clock.now() - DAY_MS)) return known
      const link = linkOf(document, QUERYABLES_RELS)
      const href = link?.href ?? (offers(key, 'queryables') ? below(key, 'queryables') : null)
      if (href === null) return known
      try {
        return (await readQueryables(key, href)) ?? known
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
      const href = linkOf(document, ['items'])?.href ?? (offers(key, 'items') ? below(key, 'items') : null)
      if (href === null || key.kind !== 'collection')
        throw new AppError('not-offered', 'The back-end offers no list of items for this collection.')
      const url = asked ? new URL(asked.url) : itemsPath(addressOf(key, href), { bbox, interval, limit })
      const answer = await linked.get(key.connectionId, url, {
        accept: 'application/geo+json, application/json',
        mostBytes: MOST_ITEMS_BYTES,
      })
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
      return previewLinks(documentOf(key)).flatMap((link) => toPreview(key, link))
    },

    async allowPicture({ key, href }) {
      // the window asks for what a description shows, and for nothing else
      const isThere = JSON.stringify(documentOf(key)).includes(JSON.stringify(href).slice(1, -1))
      if (!isThere || !linked.resolve(key.connectionId, href))
        throw new AppError(
          'invalid-input',
          'The picture is not one of this description, or its address is not allowed.',
        )
      return { id: pictures.register(key.connectionId, { ...NO_LINK, href }) }
    },
  }
}

const NO_LINK = { kind: 'picture' as const, title: '', attribution: null, servers: [], layer: '', dimensions: {} }
