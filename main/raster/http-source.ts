/**
 * One remote file read by HTTP ranges (RFC 9110 section 14) over node's agents with kept connections.
 * Owns: merging of neighbouring ranges asked for at once, checks of 206 and Content-Range, the entity tag that the
 * file must keep, redirects (headers go to the source's own origin only), retries and time-outs.
 * Does not: cache (block-cache.ts), know tokens beyond the headers of this one source.
 */
import { Agent, type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps, Agent as SecureAgent } from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '../core/errors.ts'
import { type ByteSource, canceled, unreadable } from './byte-source.ts'
import { whyNotFollowed } from './web-address.ts'

export type HttpOptions = {
  headers?: Readonly<Record<string, string>>
  signal?: AbortSignal | undefined
  /** Without a byte for so long, a request is given up. */
  timeOutMs?: number
  /** Wait before the first retry; doubles with each. */
  retryDelayMs?: number
}
type Policy = { headers: Readonly<Record<string, string>>; timeOutMs: number; retryDelayMs: number }

const AGENT_OPTIONS = { keepAlive: true, maxSockets: 6, scheduling: 'lifo' } as const
const agents = { 'http:': new Agent(AGENT_OPTIONS), 'https:': new SecureAgent(AGENT_OPTIONS) }
const FIRST_BYTES = 64 << 10
const MERGE_GAP_BYTES = 16 << 10
const MERGED_BYTES = 8 << 20
const MAX_REDIRECTS = 5
const MAX_ATTEMPTS = 4
const MAX_RETRY_AFTER_MS = 10_000

/**
 * @throws AppError `not-found`, `signed-out`, `forbidden`, `rate-limited`, `back-end`, `time-out`, `offline`,
 *   `unreadable-data` (no ranges, or the file changed), `canceled`
 */
export async function openUrl(url: string, options: HttpOptions = {}): Promise<ByteSource> {
  const target = parseUrl(url)
  const { headers = {}, timeOutMs = 30_000, retryDelayMs = 250 } = options
  const file = new RemoteFile(target, { headers, timeOutMs, retryDelayMs })
  await file.start(options.signal)
  return file
}

function parseUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : null
  if (!parsed || (parsed.protocol !== 'http:' && parsed.protocol !== 'https:'))
    throw new AppError('invalid-input', 'The address of the file is not a web address.')
  return parsed
}

type Wanted = {
  offset: number
  length: number
  signal: AbortSignal | undefined
  resolve: (bytes: Uint8Array<ArrayBuffer>) => void
  reject: (failure: unknown) => void
}

class RemoteFile implements ByteSource {
  sizeBytes: number | null = null
  private target: URL
  private readonly origin: string
  private readonly policy: Policy
  private entityTag: string | null = null
  private head: Uint8Array<ArrayBuffer> = new Uint8Array(0)
  private queue: Wanted[] = []
  private readonly closing = new AbortController()

  constructor(target: URL, policy: Policy) {
    this.target = target
    this.origin = target.origin
    this.policy = policy
  }

  /** Learns size and entity tag, and keeps the first bytes: a COG's header is in them. */
  async start(signal?: AbortSignal): Promise<void> {
    this.head = await this.fetch(0, FIRST_BYTES, true, signal)
  }

  read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    if (this.closing.signal.aborted || signal?.aborted) return Promise.reject(canceled())
    if (offset < 0 || length < 0 || (this.sizeBytes !== null && offset + length > this.sizeBytes))
      return Promise.reject(unreadable('The file is cut short: its header points beyond its end.'))
    if (offset + length <= this.head.length) return Promise.resolve(this.head.slice(offset, offset + length))
    return new Promise((resolve, reject) => {
      if (this.queue.length === 0) setImmediate(() => this.flush())
      this.queue.push({ offset, length, signal, resolve, reject })
    })
  }

  /** One request for ranges that lie together. */
  private flush(): void {
    const wanted = this.queue.sort((a, b) => a.offset - b.offset)
    this.queue = []
    for (const group of mergeRanges(wanted)) void this.fetchGroup(group)
  }

  private async fetchGroup(group: Wanted[]): Promise<void> {
    const start = (group[0] as Wanted).offset
    const end = Math.max(...group.map(({ offset, length }) => offset + length))
    const allGone = new AbortController()
    const check = () => {
      if (group.every(({ signal }) => signal?.aborted)) allGone.abort()
    }
    for (const { signal } of group) signal?.addEventListener('abort', check)
    try {
      const bytes = await this.fetch(start, end - start, false, allGone.signal)
      for (const { offset, length, resolve } of group) resolve(bytes.slice(offset - start, offset - start + length))
    } catch (failure) {
      for (const { reject } of group) reject(failure)
    } finally {
      for (const { signal } of group) signal?.removeEventListener('abort', check)
    }
  }

  /** With retries of what may pass: dropped connections, short bodies, 429 and 5xx. */
  private async fetch(
    offset: number,
    length: number,
    isFirst: boolean,
    signal?: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const stop = signal ? AbortSignal.any([signal, this.closing.signal]) : this.closing.signal
    for (let attempt = 1; ; attempt++) {
      if (stop.aborted) throw canceled()
      try {
        return await this.attempt(offset, length, isFirst, stop)
      } catch (failure) {
        if (stop.aborted) throw canceled()
        if (!(failure instanceof Passing)) throw failure
        if (attempt >= MAX_ATTEMPTS) throw failure.outcome
        const wait = failure.retryAfterMs ?? this.policy.retryDelayMs * 2 ** (attempt - 1)
        await delay(Math.min(wait, MAX_RETRY_AFTER_MS), undefined, { signal: stop }).catch(() => undefined)
      }
    }
  }

  private async attempt(offset: number, length: number, isFirst: boolean, signal: AbortSignal) {
    let url = this.target
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const response = await this.send(url, offset, length, signal)
      const location = response.headers.location
      const status = response.statusCode ?? 0
      if (status >= 300 && status < 400 && status !== 304 && location && URL.canParse(location, url.href)) {
        response.destroy()
        const next = parseUrl(new URL(location, url).href)
        const reason = whyNotFollowed(url, next)
        if (reason !== null) throw unreadable(`The server of the file redirects where nobody follows. ${reason}`)
        url = next
        continue
      }
      const bytes = await this.accept(response, offset, length, isFirst, signal)
      // permanent or not, the answering address serves the rest; a signed one that expires begins again at the first
      if (isFirst && (status === 206 || status === 200))
        this.target = hop > 0 && url.origin === this.origin ? url : this.target
      return bytes
    }
    throw unreadable('The server of the file redirects in a circle.')
  }

  private send(url: URL, offset: number, length: number, signal: AbortSignal): Promise<IncomingMessage> {
    const headers: Record<string, string> = {
      ...(url.origin === this.origin ? this.policy.headers : {}),
      range: `bytes=${offset}-${offset + length - 1}`,
      'accept-encoding': 'identity',
      ...(this.entityTag === null ? {} : { 'if-range': this.entityTag }),
    }
    const isSecure = url.protocol === 'https:'
    return new Promise((resolve, reject) => {
      const send = isSecure ? requestHttps : requestHttp
      const agent = isSecure ? agents['https:'] : agents['http:']
      let answer: IncomingMessage | undefined
      const request: ClientRequest = send(url, { headers, agent, signal }, (response) => {
        answer = response
        resolve(response)
      })
      request.setTimeout(this.policy.timeOutMs, () => {
        answer?.destroy(timeOut())
        request.destroy(timeOut())
      })
      request.on('error', (failure) => reject(failure instanceof AppError ? failure : new Passing(offline(failure))))
      request.end()
    })
  }

  private async accept(
    response: IncomingMessage,
    offset: number,
    length: number,
    isFirst: boolean,
    signal: AbortSignal,
  ) {
    const status = response.statusCode ?? 0
    try {
      if (status === 416 && isFirst) throw unreadable('The file is empty.')
      if (status !== 206 && status !== 200) throw failureOf(status, response.headers['retry-after'])
      if (status === 200) {
        if (!isFirst && this.entityTag !== null) throw changed()
        throw unreadable('The server of the file does not send parts of it (no byte ranges).')
      }
      const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(response.headers['content-range'] ?? '')
      if (!range || Number(range[1]) !== offset)
        throw unreadable('The server of the file sent another part than asked for.')
      const size = range[3] === '*' ? null : Number(range[3])
      const tag = response.headers.etag ?? null
      if (isFirst) this.remember(size, tag)
      else if (
        (size !== null && size !== this.sizeBytes) ||
        (tag !== null && this.entityTag !== null && tag !== this.entityTag)
      )
        throw changed()
      const expected = Math.min(length, Number(range[2]) - offset + 1)
      if (expected < length && (!isFirst || size === null || size > expected)) throw new Passing(cutShort())
      return await readBody(response, expected, signal)
    } finally {
      if (!response.complete) response.destroy()
    }
  }

  private remember(size: number | null, tag: string | null): void {
    this.sizeBytes = size
    this.entityTag = tag !== null && !tag.startsWith('W/') ? tag : null // weak tags may not be used with If-Range
  }

  async close(): Promise<void> {
    this.closing.abort()
    for (const { reject } of this.queue.splice(0)) reject(canceled())
  }
}

/** A failure that a retry may heal; `outcome` is thrown when it does not. */
class Passing extends Error {
  readonly outcome: AppError
  readonly retryAfterMs: number | undefined
  constructor(outcome: AppError, retryAfterMs?: number) {
    super(outcome.message)
    this.outcome = outcome
    this.retryAfterMs = retryAfterMs
  }
}

const changed = () => unreadable('The file changed on its server while it was read; it has to be opened again.')
const cutShort = () => unreadable('The server of the file broke off before everything had arrived.')
const timeOut = () => new AppError('time-out', 'The server of the file did not answer in time.')
const offline = (cause: unknown) => new AppError('offline', 'The server of the file cannot be reached.', { cause })

function failureOf(status: number, retryAfter: string | undefined): Error {
  if (status === 401) return new AppError('signed-out', 'The server of the file asks to sign in.')
  if (status === 403) return new AppError('forbidden', 'The server does not allow reading the file.')
  if (status === 404 || status === 410) return new AppError('not-found', 'The file is not on its server any more.')
  const seconds = Number(retryAfter ?? Number.NaN)
  const wait = Number.isFinite(seconds) ? seconds * 1000 : undefined
  if (status === 429) return new Passing(new AppError('rate-limited', 'The server of the file asks to wait.'), wait)
  const failure = new AppError('back-end', `The server of the file answered with status ${status}.`)
  return status >= 500 ? new Passing(failure, wait) : failure
}

/** Exactly `length` bytes; less is a broken transfer, more is refused. */
async function readBody(
  response: IncomingMessage,
  length: number,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length)
  let filled = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      if (signal.aborted) throw canceled()
      if (filled + chunk.length > length) throw unreadable('The server of the file sent more than asked for.')
      bytes.set(chunk, filled)
      filled += chunk.length
    }
  } catch (failure) {
    if (failure instanceof AppError) throw failure
    throw new Passing(cutShort())
  }
  if (filled < length) throw new Passing(cutShort())
  return bytes
}

/** Groups ranges (in order of offset) whose gaps are not worth a request of their own. */
export function mergeRanges<T extends { offset: number; length: number }>(ranges: readonly T[]): T[][] {
  const groups: T[][] = []
  let start = 0
  let end = 0
  for (const range of ranges) {
    const group = groups.at(-1)
    const newEnd = Math.max(end, range.offset + range.length)
    if (group && range.offset <= end + MERGE_GAP_BYTES && newEnd - start <= MERGED_BYTES) {
      group.push(range)
      end = newEnd
    } else {
      groups.push([range])
      start = range.offset
      end = range.offset + range.length
    }
  }
  return groups
}
