/**
 * What HTTP does when things do not go straight: pure decisions about time, retries, redirects and failures.
 * Owns: the numbers. Does not: send anything (client.ts acts on what is decided here).
 */
import type { ErrorCode } from '../../../preload/contract/errors.ts'

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** 0 means without end. `connect` counts on the bulk way only; Electron's network does not tell it apart. */
export type TimeOuts = { connectMs: number; firstByteMs: number; idleMs: number; totalMs: number }
export const CONTROL_TIME_OUTS: TimeOuts = { connectMs: 15_000, firstByteMs: 60_000, idleMs: 30_000, totalMs: 180_000 }
export const BULK_TIME_OUTS: TimeOuts = { connectMs: 15_000, firstByteMs: 60_000, idleMs: 60_000, totalMs: 0 }

/** Sending these again changes nothing that the first time did not (RFC 9110 §9.2.2). PATCH and POST are not among them. */
export const isIdempotent = (method: Method) => method !== 'POST' && method !== 'PATCH'

const RETRIED = new Set([408, 429, 502, 503, 504])
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 30_000
/** A server may ask for more patience than that; then the caller is told and decides. */
export const LONGEST_ASKED_MS = 120_000
export const MOST_ATTEMPTS = 4

/**
 * How long the server asks to wait, in ms, from Retry-After (RFC 9110 §10.2.3: seconds or a date) or from the dialects
 * `Retry-After-Ms` and `x-ms-retry-after-ms`. A number above 3600 is taken as milliseconds, as Sentinel Hub sends it.
 */
export function retryAfterMs(headers: { get(name: string): string | null }, nowMs: number): number | undefined {
  for (const name of ['retry-after-ms', 'x-ms-retry-after-ms']) {
    const stated = headers.get(name)?.trim()
    if (stated && /^\d+(\.\d+)?$/.test(stated)) return Number(stated)
  }
  const stated = headers.get('retry-after')?.trim()
  if (!stated) return undefined
  if (/^\d+(\.\d+)?$/.test(stated)) return Number(stated) > 3600 ? Number(stated) : Number(stated) * 1000
  const atMs = /\d/.test(stated) ? Date.parse(stated) : Number.NaN
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs)
}

export type Seen = {
  /** 1 for the first. */
  attempt: number
  isIdempotent: boolean
  /** The answer's status, or the code of a network failure. */
  outcome: { status: number; retryAfterMs: number | undefined } | { failure: ErrorCode; isFinal: boolean }
  mostAttempts?: number
}
export type AttemptDecision = { do: 'stop' } | { do: 'wait'; waitMs: number }

/** Whether to ask again, and when. `random` is 0 ≤ x < 1; back-off is exponential with half of it as jitter. */
export function nextAttempt(seen: Seen, random: number): AttemptDecision {
  const stop: AttemptDecision = { do: 'stop' }
  if (!seen.isIdempotent || seen.attempt >= (seen.mostAttempts ?? MOST_ATTEMPTS)) return stop
  const backOffMs = Math.min(FIRST_WAIT_MS * 2 ** (seen.attempt - 1), LONGEST_WAIT_MS)
  const waitMs = backOffMs / 2 + (backOffMs / 2) * random
  if ('failure' in seen.outcome) {
    const isPassing = seen.outcome.failure === 'offline' || seen.outcome.failure === 'time-out'
    return isPassing && !seen.outcome.isFinal ? { do: 'wait', waitMs } : stop
  }
  if (!RETRIED.has(seen.outcome.status)) return stop
  const asked = seen.outcome.retryAfterMs
  if (asked === undefined) return { do: 'wait', waitMs }
  if (asked > LONGEST_ASKED_MS) return stop
  return { do: 'wait', waitMs: asked + waitMs * 0.2 }
}

export type Hop = {
  url: URL
  method: Method
  status: number
  location: string | null
  /** Method and address of every request so far, this one included. */
  visited: readonly string[]
  hasCredentials: boolean
  hasBody: boolean
  /** Whether the way may lead from https to http where nothing secret goes along. */
  followsToOpen?: boolean
}
export type RedirectDecision =
  | { do: 'follow'; url: URL; method: Method; keepsBody: boolean; keepsCredentials: boolean }
  | { do: 'refuse'; because: 'too-many' | 'loop' | 'downgrade' | 'opened' | 'address' | 'body-elsewhere' }
  | { do: 'answer' }

export const MOST_REDIRECTS = 5
export const isRedirect = (status: number) => [301, 302, 303, 307, 308].includes(status)
/** What `visited` holds of a request. */
export const visit = (method: Method, url: URL) => `${method} ${url.href}`

/** Whether to go where the answer points (RFC 9110 §15.4; method changes as the Fetch standard has them). */
export function nextHop(hop: Hop): RedirectDecision {
  if (!isRedirect(hop.status) || hop.location === null) return { do: 'answer' }
  if (hop.visited.length > MOST_REDIRECTS) return { do: 'refuse', because: 'too-many' }
  if (!URL.canParse(hop.location, hop.url.href)) return { do: 'refuse', because: 'address' }
  const url = new URL(hop.location, hop.url.href)
  if (!isWebAddress(url)) return { do: 'refuse', because: 'address' }
  const becomesGet =
    hop.status === 303 ? hop.method !== 'HEAD' : hop.method === 'POST' && (hop.status === 301 || hop.status === 302)
  const method = becomesGet ? 'GET' : hop.method
  const isSameOrigin = url.origin === hop.url.origin
  const isDowngrade = hop.url.protocol === 'https:' && url.protocol === 'http:'
  if (isDowngrade && hop.hasCredentials) return { do: 'refuse', because: 'downgrade' }
  if (isDowngrade && hop.followsToOpen === false) return { do: 'refuse', because: 'opened' }
  if (hop.hasBody && !becomesGet && !isSameOrigin) return { do: 'refuse', because: 'body-elsewhere' }
  if (hop.visited.includes(visit(method, url))) return { do: 'refuse', because: 'loop' }
  return { do: 'follow', url, method, keepsBody: hop.hasBody && !becomesGet, keepsCredentials: isSameOrigin }
}

/** http or https, and without user info: credentials never stand in an address. */
export const isWebAddress = (url: URL) =>
  (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '' && url.password === ''

/** Headers that say nothing about who asks; all others stay with the origin that they were meant for. */
const IMPERSONAL = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'content-type',
  'if-match',
  'if-none-match',
  'if-range',
  'range',
  'user-agent',
])
/** The headers that may go to another origin. */
export const impersonalHeaders = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => IMPERSONAL.has(name.toLowerCase())))
