/**
 * The lists that are being read: bytes come in, entries go out to the cache, a page at a time.
 * Owns: what a reading has seen so far (in memory: a reading that dies is begun again). Runs in the catalogue's process.
 * Does not: fetch, or follow links.
 */
import { createHash, type Hash } from 'node:crypto'
import type { ListName } from '../../preload/contract/catalogue.ts'
import type { WireError } from '../../preload/contract/errors.ts'
import { AppError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { CacheWriter } from './cache-writer.ts'
import { isShallow } from './json-limits.ts'
import { entriesOf, LISTS, type ListedEntry, listedEntry, missingMembers, nextLink } from './list-entries.ts'
import type { PageEnd, ReadingEnd, Skipped } from './messages.ts'
import { createListSplitter, type ListSplitter } from './split-list.ts'

type Page = {
  url: string
  splitter: ListSplitter | null
  /** Of a list that is one document. */
  chunks: Uint8Array[]
  waiting: Buffer[]
  /** Every entry of the page, also those that were on a page before. */
  rows: Set<number>
  /** Kind, namespace and id of the entries that were not on a page before. */
  keys: string[]
  /** Whatever the list has, also what is left out. */
  listedCount: number
  skipped: Skipped
  /** Of the ids in their order. */
  fingerprint: Hash
  /** Ids, or what stands in their place, that the fingerprint is of. */
  printedCount: number
  /** An entry of an id that came before, with another content: the page cannot be told by its rows. */
  hasOtherTwin: boolean
}
type Reading = {
  connectionId: string
  list: ListName
  now: string
  account: string
  seen: Set<number>
  /** Kind, namespace and id of every entry so far, and its row. */
  keys: Map<string, number>
  visited: Set<string>
  fingerprints: Set<string>
  byteCount: number
  skipped: Skipped
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

const keyOf = ({ kind, namespace, id }: Pick<ListedEntry, 'kind' | 'namespace' | 'id'>) => `${kind} ${namespace} ${id}`
const rowsOf = ({ entries }: { entries: Uint8Array }) => [...new Uint32Array(Uint8Array.from(entries).buffer)]

export function createReadings(writer: CacheWriter, log: Log, changed: (connectionId: string) => void) {
  const readings = new Map<number, Reading>()
  const forgotten = new Set<string>()
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
    const key = keyOf(entry)
    const first = of.keys.get(key)
    print(page, key)
    if (first !== undefined) {
      // a parameter of processing comes in several groups
      if (LISTS[of.list].arrayKey !== null) page.skipped.double++
      page.rows.add(first)
      page.hasOtherTwin ||= !writer.isSame(first, bytes)
      return
    }
    const { n, isChanged } = writer.keep(of.connectionId, of.list, entry, bytes, of.now, of.account)
    of.keys.set(key, n)
    page.keys.push(key)
    page.rows.add(n)
    of.seen.add(n)
    if (isChanged) changed(of.connectionId)
  }
  function print(page: Page, what: string | Uint8Array): void {
    page.fingerprint.update(what).update('\n')
    page.printedCount++
  }
  function keepListed(of: Reading, page: Page, bytes: Uint8Array): void {
    page.listedCount++
    const document = parsed(bytes)
    const entry = listedEntry(of.list, document)
    if (entry) keepFirst(of, page, entry, bytes)
    else {
      if (document === null) page.skipped.refused++
      else page.skipped.noId++
      print(page, bytes)
    }
  }
  async function keepWaiting(of: Reading, page: Page): Promise<void> {
    while (page.waiting.length > 0) {
      const batch = page.waiting.splice(0, AT_ONCE)
      writer.tx(() => {
        for (const bytes of batch) keepListed(of, page, bytes)
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
        if (bytes === null) page.skipped.refused++
        else keepFirst(of, page, entry, bytes)
      }
    })
    await rest()
    return document
  }
  /** A page that broke off is not a page: what it had comes again, and is not there twice. */
  function giveUpPage(of: Reading): void {
    for (const key of of.page?.keys ?? []) of.keys.delete(key)
    of.page = null
  }
  type Ended = { count: number; fingerprint: string | null; skipped: Skipped; next: string | null; missing: string[] }
  function endOf(of: Reading, { fingerprint, skipped, count, next, missing }: Ended): PageEnd {
    const isRepeated = fingerprint !== null && of.fingerprints.has(fingerprint)
    if (fingerprint !== null) of.fingerprints.add(fingerprint)
    of.skipped.noId += skipped.noId
    of.skipped.double += skipped.double
    of.skipped.refused += skipped.refused
    return { count, isRepeated, readCount: of.seen.size, next, missing }
  }

  return {
    begin(input: { connectionId: string; list: ListName; now: string; account?: string }): number {
      const { account = '' } = input
      if (forgotten.has(input.connectionId)) throw new AppError('canceled', 'The connection is not there any more.')
      writer.noteAccount(input.connectionId, account)
      lastNumber++
      readings.set(lastNumber, {
        ...input,
        account,
        seen: new Set(),
        keys: new Map(),
        visited: new Set(),
        fingerprints: new Set(),
        byteCount: 0,
        skipped: { noId: 0, double: 0, refused: 0 },
        page: null,
      })
      return lastNumber
    },
    knownPage(number: number, url: string): { etag: string } | null {
      const of = reading(number)
      const row = writer.page(of.connectionId, of.list, url)
      if (row?.account !== of.account || !writer.keysOf(rowsOf(row))) return null
      return { etag: row.etag }
    },
    beginPage(number: number, url: string): void {
      const of = reading(number)
      const { arrayKey } = LISTS[of.list]
      giveUpPage(of)
      const page: Page = {
        url,
        splitter: null,
        chunks: [],
        waiting: [],
        rows: new Set(),
        keys: [],
        listedCount: 0,
        skipped: { noId: 0, double: 0, refused: 0 },
        fingerprint: createHash('sha1'),
        printedCount: 0,
        hasOtherTwin: false,
      }
      const refused = () => {
        page.skipped.refused++
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
      const { listedCount: count, skipped } = page
      const fingerprint = page.printedCount > 0 ? page.fingerprint.digest('hex') : null
      const known = { next, missing: JSON.stringify(missing), account: of.account, skipped: JSON.stringify(skipped) }
      const entries = new Uint8Array(Uint32Array.from(page.rows).buffer)
      const kept = etag === null || page.hasOtherTwin ? null : { ...known, etag, entries, fingerprint }
      writer.keepPage(of.connectionId, of.list, page.url, kept)
      of.visited.add(page.url)
      of.page = null
      return endOf(of, { count, fingerprint, skipped, next, missing })
    },
    samePage(number: number, url: string): PageEnd {
      const of = reading(number)
      const row = writer.page(of.connectionId, of.list, url)
      if (!row) throw new Error('a page that is not known cannot be the same')
      const rows = rowsOf(row)
      for (const { n, key } of writer.keysOf(rows) ?? []) {
        of.seen.add(n)
        if (!of.keys.has(keyOf(key))) of.keys.set(keyOf(key), n)
      }
      of.visited.add(url)
      return endOf(of, {
        count: rows.length,
        fingerprint: row.fingerprint,
        skipped: JSON.parse(row.skipped) as Skipped,
        next: row.next,
        missing: JSON.parse(row.missing) as string[],
      })
    },
    finish(number: number, end: ReadingEnd): { count: number } {
      const of = reading(number)
      readings.delete(number)
      const { connectionId, list, skipped, account } = of
      const count = writer.finish(connectionId, list, of.seen, { ...end, account, skipped })
      writer.dropPages(connectionId, list, of.visited)
      changed(connectionId)
      if (skipped.noId + skipped.double + skipped.refused > 0)
        log.warn('Entries of a list were left out', { connection: connectionId, list, ...skipped })
      if (!end.isWhole) log.warn('The pages of a list lead in a circle', { connection: connectionId, list })
      return { count }
    },
    abandon(connectionId: string, list: ListName, failure: WireError | null): { count: number } {
      for (const [number, of] of readings)
        if (of.connectionId === connectionId && of.list === list) readings.delete(number)
      if (forgotten.has(connectionId)) return { count: 0 }
      return { count: writer.abandon(connectionId, list, failure) }
    },
    /** What was read as anybody else goes, and is not read any further. True where there was anything. */
    dropOthers(connectionId: string, account: string): boolean {
      for (const [number, of] of readings)
        if (of.connectionId === connectionId && of.account !== '' && of.account !== account) readings.delete(number)
      return writer.dropOthers(connectionId, account)
    },
    /** For good: ids of connections do not come again. */
    forget(connectionId: string): void {
      forgotten.add(connectionId)
      for (const [number, of] of readings) if (of.connectionId === connectionId) readings.delete(number)
    },
    isForgotten: (connectionId: string): boolean => forgotten.has(connectionId),
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
