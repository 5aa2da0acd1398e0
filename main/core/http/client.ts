/**
 * Sends requests by the policy, whichever way they go: turns, retries, redirects, credentials, time-outs, the log.
 * Owns: one limiter and one client for each way. Does not: know a protocol or hold secrets.
 */
import { type Clock, systemClock } from '../clock.ts'
import { AppError } from '../errors.ts'
import type { Redactor } from '../redact.ts'
import { asAnswer, createGuard } from './answer.ts'
import { type Trust, trustFor } from './certificate.ts'
import { headersFor } from './credential.ts'
import { canceled, fromAnswer, fromNetworkFailure } from './failures.ts'
import { createLimiter } from './limiter.ts'
import {
  impersonalHeaders,
  isIdempotent,
  isWebAddress,
  LONGEST_ASKED_MS,
  type Method,
  nextAttempt,
  nextHop,
  retryAfterMs,
  type TimeOuts,
  visit,
} from './policy.ts'
import type { RequestLog } from './request-log.ts'
import type { Transport } from './transport.ts'
import type { Http, HttpAnswer, HttpRequest } from './types.ts'

export type ClientOptions = {
  transport: Transport
  timeOuts: TimeOuts
  mostAtOnce: number
  /** Whether a redirect may lead from https to http, where nothing secret goes along. */
  followsToOpen: boolean
  requestLog: RequestLog
  redactor: Redactor
  userAgent: string
  clock?: Clock
  random?: () => number
}

const REFUSALS = {
  'too-many': 'The server forwards too often.',
  loop: 'The server forwards in a circle.',
  downgrade: 'The server forwards from an encrypted to an open connection; credentials would be readable.',
  address: 'The server forwards to an address that cannot be opened.',
  opened: 'The server forwards from an encrypted to an open connection; what comes could be changed on the way.',
  inner: 'The server forwards to this computer, or into its own network.',
  'body-elsewhere': 'The server forwards what was sent to another server.',
}
const MOST_ERROR_BYTES = 64_000

export function createClient(options: ClientOptions): Http {
  const { transport, requestLog, redactor, clock = systemClock, random = Math.random } = options
  const limiter = createLimiter({ clock, mostAtOnce: options.mostAtOnce })

  type Step = { url: URL; method: Method; headers: Record<string, string>; body: string | Uint8Array | undefined }

  /** One attempt at one address. */
  async function attemptOnce(step: Step, request: HttpRequest, attempt: number): Promise<HttpAnswer> {
    const timeOuts = { ...options.timeOuts, ...request.timeOuts }
    const giveBack = await limiter.turn(step.url.origin, request.priority ?? 'background', request.signal)
    const entry = requestLog.begin(step.method, step.url.href, attempt)
    const guard = createGuard(timeOuts, request.signal, clock)
    const end = (failure?: unknown) => {
      giveBack()
      guard.end()
      if (failure === undefined) return entry.end('answered')
      const { code } = fromNetworkFailure(failure).error
      entry.end(code === 'canceled' ? 'canceled' : 'failed', code)
    }
    // also where nobody reads the body: the turn must come back
    guard.signal.addEventListener('abort', () => end(guard.signal.reason), { once: true })
    try {
      const headers = { 'user-agent': options.userAgent, ...step.headers, ...headersFor(request.credential, step.url) }
      const raw = await guard.race(
        transport({
          ...step,
          headers,
          signal: guard.signal,
          connectMs: timeOuts.connectMs,
          // each hop of a redirect anew: it holds at its own host only
          trust: trustFor(request.trust, step.url),
        }),
        timeOuts.firstByteMs,
      )
      entry.answered(raw.status, raw.headers.get('x-request-id') ?? raw.headers.get('x-amz-request-id'))
      return asAnswer(raw, { url: step.url, guard, timeOuts, entry, end, mostBytes: request.mostBytes })
    } catch (failure) {
      const reason = guard.reasonOf(failure)
      end(reason)
      throw reason
    }
  }

  /** One address until it answers or patience ends. */
  async function insist(step: Step, request: HttpRequest): Promise<HttpAnswer> {
    for (let attempt = 1; ; attempt++) {
      const seen = { attempt, isIdempotent: isIdempotent(step.method), mostAttempts: request.mostAttempts ?? 4 }
      let answer: HttpAnswer | undefined
      let decision: ReturnType<typeof nextAttempt>
      try {
        answer = await attemptOnce(step, request, attempt)
        const askedMs = retryAfterMs(answer.headers, clock.now())
        const { status } = answer
        decision = nextAttempt({ ...seen, outcome: { status, retryAfterMs: askedMs } }, random())
        // whether this one is repeated or not: all others wait as well, but no server makes anybody wait for hours
        if (status === 429) {
          const waitMs = askedMs ?? (decision.do === 'wait' ? decision.waitMs : 0)
          limiter.slowDown(step.url.origin, Math.min(waitMs, LONGEST_ASKED_MS))
        }
        if (status < 400) limiter.speedUp(step.url.origin)
        if (decision.do === 'stop') return answer
      } catch (failure) {
        const { error, isFinal } = fromNetworkFailure(failure)
        if (error.code === 'canceled') throw error
        decision = nextAttempt({ ...seen, outcome: { failure: error.code, isFinal } }, random())
        if (decision.do === 'stop') throw error
      }
      answer?.cancel()
      await pause(decision.waitMs, request.signal, clock)
    }
  }

  async function send(asked: HttpRequest): Promise<HttpAnswer> {
    let request = asked
    if (!URL.canParse(request.url)) throw new AppError('invalid-input', 'The address is not valid.')
    let step: Step = {
      url: new URL(request.url),
      method: request.method ?? 'GET',
      headers: { ...request.headers },
      body: request.body,
    }
    if (!isWebAddress(step.url))
      throw new AppError('invalid-input', 'Only http and https addresses without a user name can be opened.')
    const visited: string[] = []
    for (;;) {
      visited.push(visit(step.method, step.url))
      const answer = await insist(step, request)
      const hasCredentials =
        Object.keys(headersFor(request.credential, step.url)).length > 0 ||
        Object.keys(step.headers).length > Object.keys(impersonalHeaders(step.headers)).length
      const next = nextHop({
        url: step.url,
        method: step.method,
        status: answer.status,
        location: answer.headers.get('location'),
        visited,
        hasCredentials,
        hasBody: step.body !== undefined,
        followsToOpen: options.followsToOpen,
      })
      if (next.do === 'answer') return { ...answer, isRedirected: visited.length > 1 }
      answer.cancel()
      if (next.do === 'follow' && request.mayLeadTo?.(next.url) === false)
        throw new AppError('back-end', REFUSALS.inner, { retry: 'never' })
      if (next.do === 'refuse') throw new AppError('back-end', REFUSALS[next.because], { retry: 'never' })
      step = {
        url: next.url,
        method: next.method,
        headers: next.keepsCredentials ? step.headers : impersonalHeaders(step.headers),
        body: next.keepsBody ? step.body : undefined,
      }
      // whoever else was on the way could have it sent anywhere at its origin
      if (!next.keepsCredentials) request = { ...request, credential: undefined }
    }
  }

  return {
    send,
    async ask(request) {
      const answer = await send(request)
      if (answer.status >= 200 && answer.status < 300) return answer
      if (answer.status === 304 && request.accepts304) return answer
      const { status, url, isRedirected = false } = answer
      throw fromAnswer(status, await firstText(answer, MOST_ERROR_BYTES), redactor, { status, url, isRedirected })
    },
  }
}

/** The same client with what is trusted for each of its requests; a request's own trust goes before. */
export function withTrust(http: Http, trust: Trust | undefined): Http {
  if (trust === undefined || ('length' in trust && trust.length === 0)) return http
  const bound = (request: HttpRequest): HttpRequest => ({ ...request, trust: request.trust ?? trust })
  return { send: (request) => http.send(bound(request)), ask: (request) => http.ask(bound(request)) }
}

/** The beginning of a body as text; what comes after is not read. */
async function firstText(answer: HttpAnswer, mostBytes: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let byteCount = 0
  try {
    for await (const chunk of answer.body) {
      chunks.push(chunk)
      byteCount += chunk.length
      if (byteCount >= mostBytes) break
    }
  } catch {
    // half an error page is better than none
  }
  return Buffer.concat(chunks).subarray(0, mostBytes).toString('utf8')
}

function pause(waitMs: number, signal: AbortSignal | undefined, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(canceled())
    const stop = () => {
      disarm()
      reject(canceled())
    }
    const disarm = clock.setTimer(waitMs, () => {
      signal?.removeEventListener('abort', stop)
      resolve()
    })
    signal?.addEventListener('abort', stop, { once: true })
  })
}
