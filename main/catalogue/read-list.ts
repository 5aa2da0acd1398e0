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
import { accountOf, firstPage, freshUntilMs, MOST_PAGES, nextPage, PAGE_SIZE } from './plan-reading.ts'
import type { Ask } from './process.ts'

type Needs = {
  session: OpeneoSession
  ask: Ask
  clock: Clock
  signal: AbortSignal
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

/**
 * Answers how many entries the list has then. `isSameAccount`: pages may be asked for "if changed" only.
 * @throws AppError as the back-end or the network failed; the reading is given up then
 */
export async function readList(
  connection: Connection,
  list: ListName,
  isSameAccount: boolean,
  needs: Needs,
): Promise<{ count: number }> {
  const { ask, clock, session } = needs
  const reading = await ask('beginReading', { connectionId: connection.id, list, now: instant(clock.now()) })
  const missing = new Set<string>()
  const visited = new Set<string>()
  const absolute = (path: string) => (path.startsWith('/') ? session.rootUrl.replace(/\/+$/, '') + path : path)
  const read = (url: string) => readPage(reading, url, isSameAccount, needs)
  let url = absolute(firstPage(list))
  let cacheControl: string | null = null
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
    if (next.do === 'end' && isCut(page.end, url)) next = { do: 'read', url: absolute(url.replace(/\?limit=\d+$/, '')) }
    else if (page.end.count > 0 && page.end.newCount === 0) break // pages that never end, always the same
    if (next.do === 'end') break
    if (n + 1 >= MOST_PAGES)
      throw new AppError('back-end', 'The list of the back-end has more pages than are read here.', { retry: 'never' })
    url = next.url
  }
  return ask('finishReading', {
    reading,
    asOf: instant(clock.now()),
    freshUntil: instant(freshUntilMs(clock.now(), cacheControl)),
    account: accountOf(connection),
    missing: [...missing],
  })

  /** As many as were asked for, and no word of more: the server takes the limit and knows no pages. */
  function isCut(end: PageEnd, of: string): boolean {
    return end.next === null && end.count === PAGE_SIZE && of.endsWith(`?limit=${PAGE_SIZE}`)
  }
}

type ReadPage = { end: PageEnd; url: string; cacheControl: string | null }
async function readPage(reading: number, url: string, isConditional: boolean, needs: Needs): Promise<ReadPage> {
  const { ask, session, signal, progress } = needs
  const known = isConditional ? await ask('knownPage', { reading, url }) : null
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
