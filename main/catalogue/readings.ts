/**
 * The lists that are being read: bytes come in, entries go out to the cache, a page at a time.
 * Owns: what a reading has seen so far (in memory: a reading that dies is begun again). Runs in the catalogue's process.
 * Does not: fetch, or follow links.
 */
import type { ListName } from '../../preload/contract/catalogue.ts'
import type { WireError } from '../../preload/contract/errors.ts'
import { AppError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { CacheWriter } from './cache-writer.ts'
import { isShallow } from './json-limits.ts'
import { entriesOf, LISTS, type ListedEntry, listedEntry, missingMembers, nextLink } from './list-entries.ts'
import type { PageEnd, ReadingEnd } from './messages.ts'
import { createListSplitter, type ListSplitter } from './split-list.ts'

type Page = {
  url: string
  splitter: ListSplitter | null
  /** Of a list that is one document. */
  chunks: Uint8Array[]
  waiting: Buffer[]
  rows: number[]
  /** Whatever the list has, also what is left out. */
  listedCount: number
  newCount: number
}
type Reading = {
  connectionId: string
  list: ListName
  now: string
  seen: Set<number>
  /** Kind, namespace and id of every entry so far. */
  keys: Set<string>
  visited: Set<string>
  byteCount: number
  refusedCount: number
  twiceCount: number
  page: Page | null
}
export type Readings = ReturnType<typeof createReadings>

const MOST_ENTRIES = 200_000
const MOST_BYTES = 1_000_000_000
const MOST_DOCUMENT_BYTES = 20_000_000
/** Entries of one transaction: some 30 ms, after which other questions have their turn. */
const AT_ONCE = 200
const rest = () => new Promise<void>((resolve) => setImmediate(resolve))
const tooMuch = () =>
  new AppError('back-end', 'The list of the back-end is longer than can be kept here.', { retry: 'never' })

export function createReadings(writer: CacheWriter, log: Log, changed: (connectionId: string) => void) {
  const readings = new Map<number, Reading>()
  let lastNumber = 0

  const reading = (number: number): Reading => {
    const found = readings.get(number)
    if (!found) throw new AppError('canceled', 'The reading of the list was broken off.', { retry: 'now' })
    return found
  }
  const pageOf = (of: Reading): Page => {
    if (!of.page) throw new Error('no page is being read')
    return of.page
  }

  /** The first of two with the same id wins: it must not be overwritten by the second. */
  function keepFirst(of: Reading, page: Page, entry: ListedEntry, bytes: Uint8Array): void {
    const key = `${entry.kind} ${entry.namespace} ${entry.id}`
    if (of.keys.has(key)) {
      of.twiceCount++
      return
    }
    of.keys.add(key)
    const { n, isChanged } = writer.keep(of.connectionId, of.list, entry, bytes, of.now)
    if (isChanged) changed(of.connectionId)
    if (of.seen.has(n)) return // on a page before that was not modified
    of.seen.add(n)
    page.newCount++
    page.rows.push(n)
  }
  async function keepWaiting(of: Reading, page: Page): Promise<void> {
    while (page.waiting.length > 0) {
      const batch = page.waiting.splice(0, AT_ONCE)
      writer.tx(() => {
        for (const bytes of batch) {
          page.listedCount++
          const entry = listedEntry(of.list, parsed(bytes))
          if (entry === null) of.refusedCount++
          else keepFirst(of, page, entry, bytes)
        }
      })
      if (of.seen.size > MOST_ENTRIES) throw tooMuch()
      await rest()
    }
  }
  async function keepDocument(of: Reading, page: Page): Promise<Record<string, unknown>> {
    const document = parsed(Buffer.concat(page.chunks)) as Record<string, unknown> | null
    page.chunks = []
    if (typeof document !== 'object' || document === null)
      throw new AppError('back-end', 'The back-end answered with something other than JSON.', { retry: 'never' })
    writer.tx(() => {
      for (const entry of entriesOf(of.list, document)) {
        const bytes = asJson(entry.document)
        if (bytes === null) of.refusedCount++
        else keepFirst(of, page, entry, bytes)
      }
    })
    await rest()
    return document
  }
  function endOf(
    of: Reading,
    page: Pick<Page, 'listedCount' | 'newCount'>,
    next: string | null,
    missing: string[],
  ): PageEnd {
    return { count: page.listedCount, newCount: page.newCount, readCount: of.seen.size, next, missing }
  }

  return {
    begin(input: { connectionId: string; list: ListName; now: string }): number {
      lastNumber++
      readings.set(lastNumber, {
        ...input,
        seen: new Set(),
        keys: new Set(),
        visited: new Set(),
        byteCount: 0,
        refusedCount: 0,
        twiceCount: 0,
        page: null,
      })
      return lastNumber
    },
    knownPage(number: number, url: string): { etag: string } | null {
      const of = reading(number)
      const row = writer.page(of.connectionId, of.list, url)
      return row ? { etag: row.etag } : null
    },
    beginPage(number: number, url: string): void {
      const of = reading(number)
      const { arrayKey } = LISTS[of.list]
      const page: Page = { url, splitter: null, chunks: [], waiting: [], rows: [], listedCount: 0, newCount: 0 }
      const refused = () => {
        of.refusedCount++
        page.listedCount++
      }
      if (arrayKey !== null) page.splitter = createListSplitter(arrayKey, (bytes) => page.waiting.push(bytes), refused)
      of.page = page
    },
    async chunk(number: number, bytes: Uint8Array): Promise<{ readCount: number }> {
      const of = reading(number)
      const page = pageOf(of)
      of.byteCount += bytes.length
      if (of.byteCount > MOST_BYTES) throw tooMuch()
      if (page.splitter) page.splitter.push(bytes)
      else {
        page.chunks.push(bytes)
        if (of.byteCount > MOST_DOCUMENT_BYTES) throw tooMuch()
      }
      await keepWaiting(of, page)
      return { readCount: of.seen.size }
    },
    async endPage(number: number, etag: string | null): Promise<PageEnd> {
      const of = reading(number)
      const page = pageOf(of)
      const others = page.splitter ? page.splitter.end() : new Map(Object.entries(await keepDocument(of, page)))
      const next = page.splitter ? nextLink(others.get('links')) : null
      const missing = missingMembers(others.get('federation:missing'))
      const entries = new Uint8Array(Uint32Array.from(page.rows).buffer)
      const kept = etag === null ? null : { etag, next, missing: JSON.stringify(missing), entries }
      writer.keepPage(of.connectionId, of.list, page.url, kept)
      of.visited.add(page.url)
      of.page = null
      return endOf(of, page, next, missing)
    },
    samePage(number: number, url: string): PageEnd {
      const of = reading(number)
      const row = writer.page(of.connectionId, of.list, url)
      if (!row) throw new Error('a page that is not known cannot be the same')
      const rows = [...new Uint32Array(Uint8Array.from(row.entries).buffer)]
      const news = rows.filter((n) => !of.seen.has(n))
      for (const n of rows) of.seen.add(n)
      of.visited.add(url)
      return endOf(
        of,
        { listedCount: rows.length, newCount: news.length },
        row.next,
        JSON.parse(row.missing) as string[],
      )
    },
    finish(number: number, end: ReadingEnd): { count: number } {
      const of = reading(number)
      readings.delete(number)
      const count = writer.finish(of.connectionId, of.list, of.seen, end)
      writer.dropPages(of.connectionId, of.list, of.visited)
      changed(of.connectionId)
      if (of.refusedCount + of.twiceCount > 0)
        log.warn('Entries of a list were left out', {
          connection: of.connectionId,
          list: of.list,
          refused: of.refusedCount,
          sameId: of.twiceCount,
        })
      return { count }
    },
    abandon(connectionId: string, list: ListName, failure: WireError | null): { count: number } {
      for (const [number, of] of readings)
        if (of.connectionId === connectionId && of.list === list) readings.delete(number)
      return { count: writer.abandon(connectionId, list, failure) }
    },
    forget(connectionId: string): void {
      for (const [number, of] of readings) if (of.connectionId === connectionId) readings.delete(number)
    },
  }
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
  } catch {
    return null
  }
}

/** null where it is nested too deep to be written. */
function asJson(document: unknown): Buffer | null {
  try {
    const bytes = Buffer.from(JSON.stringify(document))
    return isShallow(bytes) ? bytes : null
  } catch {
    return null
  }
}
