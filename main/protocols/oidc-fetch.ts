/**
 * The way of openid-client to the network: over core/http, so that proxy, trust, turns and the request log hold.
 * Owns: the tolerance for answers that are nearly right, the registering of every secret as it comes, and the reading of
 * the service's clock. Does not: repeat a POST (a refresh token may be used once).
 */
import type { CustomFetch } from 'openid-client'
import type { Clock } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import type { Http } from '../core/http/index.ts'

export type OidcNeeds = {
  http: Http
  clock: Clock
  /** Called for every token and code before anything else is done with it. */
  addSecret(value: string): void
}
type FetchOptions = {
  signal?: AbortSignal | undefined
  /** Leaves the ID token out: a refresh needs none, and its times must not end a session. */
  withoutIdToken?: boolean
  /** This computer's clock less that of the service, in ms, by the Date header of an answer. */
  clockAhead?(aheadMs: number): void
}

const MOST_BYTES = 1_000_000
/** Where a service does not say how long a device code lives (RFC 8628 §3.2 demands it); and at most. */
const DEVICE_CODE_LIVES_S = 600
const DEVICE_CODE_MOST_S = 3_600
/** RFC 8628 §3.2: without an interval, 5 seconds. */
const POLL_INTERVAL_S = 5
const POLL_MOST_S = 60
/** Nobody means more than 30 years. */
const TOKEN_MOST_S = 1e9
/** What of an answer's headers matters here. WWW-Authenticate would hide the error in the body. */
const KEPT_HEADERS = ['content-type', 'date', 'retry-after']

type Loose = Record<string, unknown>

export function createOidcFetch(needs: OidcNeeds, options: FetchOptions = {}): CustomFetch {
  const { http, clock, addSecret } = needs
  return async (url, { method, headers, body }) => {
    if (method !== 'GET' && method !== 'POST') throw new AppError('bug', 'A sign-in asks with GET or POST.')
    const { 'user-agent': _, ...ownHeaders } = headers
    const answer = await http.send({
      url,
      method,
      headers: ownHeaders,
      ...(body === undefined || body === null ? {} : { body: String(body) }),
      signal: options.signal,
      priority: 'user',
      mostAttempts: method === 'POST' ? 1 : 2,
    })
    if (method === 'POST' && new URL(answer.url).origin !== new URL(url).origin) {
      answer.cancel()
      throw new AppError('provider-unavailable', 'The sign-in service forwards to another server.', { retry: 'never' })
    }
    const bytes = await answer.bytes(MOST_BYTES)
    const date = Date.parse(answer.headers.get('date') ?? '')
    if (!Number.isNaN(date)) options.clockAhead?.(clock.now() - date)
    if (answer.status >= 500 || answer.status === 429)
      throw new AppError('provider-unavailable', `The sign-in service is in trouble (HTTP ${answer.status}).`)
    const kept = KEPT_HEADERS.flatMap((name): [string, string][] => {
      const value = answer.headers.get(name)
      return value === null ? [] : [[name, value]]
    })
    const isEmpty = answer.status === 204 || answer.status === 205 || answer.status === 304
    const text = new TextDecoder().decode(bytes)
    return new Response(isEmpty ? null : mended(text, addSecret, options.withoutIdToken ?? false), {
      status: answer.status,
      headers: kept,
    })
  }
}

/** The answer's text with what is nearly right put right; a text that is no JSON object as it is. */
function mended(text: string, addSecret: (value: string) => void, withoutIdToken: boolean): string {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    return text
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return text
  const answer = document as Loose
  for (const name of ['access_token', 'refresh_token', 'id_token', 'device_code', 'user_code']) {
    const value = answer[name]
    if (typeof value === 'string') addSecret(value)
    else if (value !== undefined) delete answer[name] // null, as some send it
    if (value === '') delete answer[name]
  }
  if (answer.access_token !== undefined) mendTokens(answer, withoutIdToken)
  if (answer.device_code !== undefined) mendDevice(answer)
  return JSON.stringify(answer)
}

function mendTokens(answer: Loose, withoutIdToken: boolean): void {
  if (typeof answer.token_type !== 'string') answer.token_type = 'Bearer'
  const livesS = Number(answer.expires_in ?? Number.NaN)
  if (livesS > 0 && Number.isFinite(livesS)) answer.expires_in = Math.min(livesS, TOKEN_MOST_S)
  else delete answer.expires_in
  if (typeof answer.scope !== 'string') delete answer.scope
  if (withoutIdToken) delete answer.id_token
}

/** Google names the address `verification_url`; some leave out how long and how often, or say what nobody can mean. */
function mendDevice(answer: Loose): void {
  if (typeof answer.verification_uri !== 'string') answer.verification_uri = answer.verification_url
  if (typeof answer.verification_uri_complete !== 'string') delete answer.verification_uri_complete
  const livesS = Number(answer.expires_in ?? Number.NaN)
  answer.expires_in = livesS > 0 ? Math.min(livesS, DEVICE_CODE_MOST_S) : DEVICE_CODE_LIVES_S
  const intervalS = Number(answer.interval ?? Number.NaN)
  answer.interval = intervalS > 0 ? Math.min(Math.max(intervalS, 1), POLL_MOST_S) : POLL_INTERVAL_S
}
