/**
 * Reads one list of one back-end, page after page, and hands the bytes to the catalogue's process as they come.
 * Owns: nothing. Does not: decide when to read; what came before a failure is kept, and a failure makes nothing go.
 */
import type { ListName } from '../../preload/contract/catalogue.ts'
import type { Connection } from '../../preload/contract/connections.ts'
import { type Clock, instant } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import type { OpeneoSession, OpeneoStream } from '../protocols/openeo.ts'
import type { PageEnd } from './messages.ts'
import { firstPage, freshUntilMs, MOST_PAGES, nextPage, PAGE_SIZE } from './plan-reading.ts'
import type { Ask } from './process.ts'

type Needs = {
  session: OpeneoSession
  ask: Ask
  clock: Clock
  signal: AbortSignal
  /** Who is signed in, '' for nobody; and whether that is so still. */
  account: string
  isStill(): boolean
  /** Entries so far. */
  progress(readCount: number): void
}
/** Bytes that are handed on at once. */
const CHUNK_BYTES = 256_000
/** Failures that another way of asking would not change. */
const FINAL: readonly AppError['code'][] = [
  'offline',
  'time-out',
  'signed-out',
  'credentials-refused',
  'not-enrolled',
  'untrusted-certificate',
  'rate-limited',
  'canceled',
  'unreadable-data',
  'disk-full',
]

/** Pages without anything, one after the other: a list that never ends. */
const MOST_EMPTY_PAGES = 20

/**
 * Answers how many entries the list has then. A list that leads in a circle (an address or the entries of a page come
 * again) ends there, and makes nothing go.
 * @throws AppError as the back-end or the network failed, canceled where another user is there meanwhile; the reading is
 * given up then
 */
export async function readList(connection: Connection, list: ListName, needs: Needs): Promise<{ count: number }> {
  const { ask, clock, session } = needs
  const reading = await ask('beginReading', {
    connectionId: connection.id,
    list,
    now: instant(clock.now()),
    account: needs.account,
  })
  const missing = new Set<string>()
  const visited = new Set<string>()
  const absolute = (path: string) => (path.startsWith('/') ? session.rootUrl.replace(/\/+$/, '') + path : path)
  const read = (url: string) => readPage(reading, url, needs)
  let url = absolute(firstPage(list))
  let cacheControl: string | null = null
  let isWhole = true
  let isAskedAgain = false
  let emptyCount = 0
  for (let n = 0; ; n++) {
    visited.add(url)
    const page = await read(url).catch((failure: unknown) => {
      const plain = absolute(firstPage(list).split('?')[0] as string)
      const isRefused = failure instanceof AppError && !FINAL.includes(failure.code)
      if (n > 0 || url === plain || !isRefused) throw failure
      // some servers do not take the limit
      visited.add(plain)
      url = plain
      return read(plain)
    })
    if (n === 0) cacheControl = page.cacheControl
    for (const member of page.end.missing) missing.add(member)
    let next = nextPage(page.end.next, page.url, session.rootUrl, visited)
    if (next.do === 'refuse')
      throw new AppError('back-end', 'The list goes on at another server, which is not asked.', { retry: 'never' })
    emptyCount = page.end.count === 0 ? emptyCount + 1 : 0
    const isCircle = next.do === 'circle' || (page.end.isRepeated && !isAskedAgain && next.do === 'read')
    isAskedAgain = false
    if (isCircle || emptyCount > MOST_EMPTY_PAGES) {
      isWhole = false
      break
    }
    if (next.do === 'end' && isCut(page.end, url)) {
      next = { do: 'read', url: absolute(url.replace(/\?limit=\d+$/, '')) }
      isAskedAgain = true
    }
    if (next.do !== 'read') break
    if (n + 1 >= MOST_PAGES)
      throw new AppError('back-end', 'The list of the back-end has more pages than are read here.', { retry: 'never' })
    url = next.url
  }
  if (!needs.isStill() || needs.signal.aborted)
    throw new AppError('canceled', 'Another user is signed in now.', { retry: 'now' })
  return ask('finishReading', {
    reading,
    asOf: instant(clock.now()),
    freshUntil: instant(freshUntilMs(clock.now(), cacheControl)),
    missing: [...missing],
    isWhole,
  })

  /** As many as were asked for, and no word of more: the server takes the limit and knows no pages. */
  function isCut(end: PageEnd, of: string): boolean {
    return end.next === null && end.count === PAGE_SIZE && of.endsWith(`?limit=${PAGE_SIZE}`)
  }
}

type ReadPage = { end: PageEnd; url: string; cacheControl: string | null }
async function readPage(reading: number, url: string, needs: Needs): Promise<ReadPage> {
  const { ask, session, signal, progress } = needs
  const known = await ask('knownPage', { reading, url })
  const stream = await session.read({
    path: url,
    headers: { accept: 'application/json', ...(known ? { 'if-none-match': known.etag } : {}) },
    signal,
    priority: 'background',
  })
  const cacheControl = stream.header('cache-control')
  try {
    if (stream.status === 304) {
      stream.cancel()
      if (!known) throw new AppError('back-end', 'The back-end answered that a list is as before, without being asked.')
      const end = await ask('samePage', { reading, url })
      progress(end.readCount)
      return { end, url, cacheControl }
    }
    await ask('beginPage', { reading, url })
    for await (const bytes of inPieces(stream)) {
      const { readCount } = await ask('chunk', { reading, bytes })
      progress(readCount)
      if (signal.aborted) throw new AppError('canceled', 'The reading of the list was canceled.')
    }
    const end = await ask('endPage', { reading, etag: etagOf(stream) })
    progress(end.readCount)
    return { end, url: isSameOrigin(stream.url, session.rootUrl) ? stream.url : url, cacheControl }
  } catch (failure) {
    stream.cancel()
    throw failure
  }
}

/** Links are relative to where the page came from (RFC 3986 §5.1.3), as long as that is the back-end itself. */
const isSameOrigin = (url: string, rootUrl: string) =>
  URL.canParse(url) && new URL(url).origin === new URL(rootUrl).origin
const etagOf = (stream: OpeneoStream) => {
  const etag = stream.header('etag')
  return etag && etag.length <= 500 ? etag : null
}

async function* inPieces(stream: OpeneoStream): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = []
  let byteCount = 0
  for await (const bytes of stream.body) {
    waiting.push(bytes)
    byteCount += bytes.length
    if (byteCount < CHUNK_BYTES) continue
    yield Buffer.concat(waiting)
    waiting = []
    byteCount = 0
  }
  if (byteCount > 0) yield Buffer.concat(waiting)
}
