/**
 * The one page of a sign-in over the browser: a server on this computer that takes the provider's redirect, once.
 * Owns: what it accepts: GET, the exact path, its own Host header, the state of this sign-in. It shows no scripts and
 * nothing of what it was sent. Does not: know the provider; the code is exchanged elsewhere.
 * Source: RFC 8252 §7.3 and §8.3 (loopback redirects), RFC 6749 §4.1.2.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Clock } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import { canceled } from '../core/http/failures.ts'
import { isLoopbackHost } from './oidc-discovery.ts'
import { fromOAuthError } from './oidc-failures.ts'

/**
 * Where the provider sends the browser for a client of the user's own.
 * Why one fixed port: RFC 8252 §7.3 lets any port of 127.0.0.1 match, but many providers compare the whole address, and
 * an address that does not match fails in the browser where Swath cannot see it. Below the ranges from which systems
 * hand out ports, so that it is rarely taken. Why not `localhost`: RFC 8252 §8.3.
 */
export const OWN_REDIRECT_URL = 'http://127.0.0.1:28417/callback'
export const LOOPBACK_LASTS_MS = 300_000

/** A listed redirect that this computer can answer: http, loopback, a port that needs no privileges, nothing behind. */
export function isUsableRedirect(address: unknown): address is string {
  if (typeof address !== 'string' || !URL.canParse(address)) return false
  const url = new URL(address)
  return (
    url.protocol === 'http:' &&
    isLoopbackHost(url.hostname) &&
    Number(url.port) >= 1024 &&
    url.search === '' &&
    url.hash === '' &&
    url.username === '' &&
    !address.includes('*')
  )
}

export type LoopbackAnswer = { code: string; issuer: string | null }
export type Loopback = {
  /** The redirect, once. @throws AppError sign-in-expired, canceled, and what the provider says */
  answer: Promise<LoopbackAnswer>
  close(): void
}
type Options = { redirectUrl: string; state: string; clock: Clock; signal: AbortSignal; addSecret(value: string): void }

/** Listens before it returns. @throws AppError conflict where the port is taken */
export async function listenOnLoopback(options: Options): Promise<Loopback> {
  const { redirectUrl, clock, signal } = options
  const { promise, resolve, reject } = Promise.withResolvers<LoopbackAnswer>()
  promise.catch(() => {}) // whoever waits for it may come later
  let isUsed = false
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    const seen = judge(request, options, isUsed)
    if (seen.do === 'refuse') return page(response, seen.status, seen.says)
    isUsed = true
    if (seen.do === 'accept') options.addSecret(seen.answer.code)
    page(response, 200, seen.do === 'accept' ? DONE : NOT_DONE, () => {
      close()
      if (seen.do === 'accept') resolve(seen.answer)
      else reject(seen.failure)
    })
  }
  const servers = await listen(new URL(redirectUrl), onRequest)
  const stop = () => end(canceled())
  const disarm = clock.setTimer(LOOPBACK_LASTS_MS, () =>
    end(new AppError('sign-in-expired', 'The browser did not come back from the sign-in service in time.')),
  )
  function close(): void {
    disarm()
    signal.removeEventListener('abort', stop)
    for (const server of servers) {
      server.close()
      server.closeIdleConnections()
    }
  }
  function end(failure: AppError): void {
    close()
    for (const server of servers) server.closeAllConnections()
    reject(failure)
  }
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  return { answer: promise, close }
}

const DONE = 'The sign-in goes on in Swath. This window can be closed.'
const NOT_DONE = 'The sign-in was not approved. This window can be closed.'
type Judgement =
  | { do: 'refuse'; status: number; says: string }
  | { do: 'accept'; answer: LoopbackAnswer }
  | { do: 'fail'; failure: AppError }

/** What a request is worth: only the browser that comes from this sign-in knows its state. */
function judge(request: IncomingMessage, { redirectUrl, state }: Options, isUsed: boolean): Judgement {
  const expected = new URL(redirectUrl)
  const refuse = (status: number, says: string): Judgement => ({ do: 'refuse', status, says })
  if (request.headers.host !== expected.host) return refuse(421, 'This address is not served here.')
  if (request.method !== 'GET') return refuse(405, 'This page can only be opened.')
  const [path, query = ''] = (request.url ?? '').split('?', 2)
  if (path !== expected.pathname) return refuse(404, 'There is nothing here.')
  if (isUsed) return refuse(410, 'This sign-in was answered already.')
  const parameters = new URLSearchParams(query)
  const once = (name: string) => (parameters.getAll(name).length === 1 ? parameters.get(name) : null)
  if (!isSame(once('state'), state)) return refuse(400, 'This does not belong to the sign-in that Swath waits for.')
  const error = once('error')
  if (error) return { do: 'fail', failure: fromOAuthError(error) }
  const code = once('code')
  if (!code) return refuse(400, 'The sign-in service sent no answer.')
  return { do: 'accept', answer: { code, issuer: once('iss') } }
}

const digest = (text: string) => createHash('sha256').update(text).digest()
const isSame = (given: string | null, expected: string) =>
  given !== null && timingSafeEqual(digest(given), digest(expected))

function page(response: ServerResponse, status: number, says: string, then?: () => void): void {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Swath</title><p>${says}</p></html>`
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': String(Buffer.byteLength(html)),
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    connection: 'close',
  })
  if (then) response.once('close', then)
  response.end(html)
}

/** `localhost` may lead a browser to either of two addresses: both are listened at, where there are two. */
async function listen(url: URL, onRequest: (request: IncomingMessage, response: ServerResponse) => void) {
  const hosts = url.hostname === 'localhost' ? ['127.0.0.1', '::1'] : [url.hostname === '[::1]' ? '::1' : url.hostname]
  const servers: Server[] = []
  for (const host of hosts) {
    const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, onRequest)
    server.maxConnections = 16
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen({ port: Number(url.port), host, exclusive: true }, resolve)
      })
      server.on('error', () => {})
      servers.push(server)
    } catch (failure) {
      const { code } = failure as NodeJS.ErrnoException
      if (servers.length > 0 && code !== 'EADDRINUSE' && code !== 'EACCES') continue // no IPv6 here
      for (const open of servers) open.close()
      throw new AppError(
        'conflict',
        `Port ${url.port} of this computer is in use by another program, and the sign-in service answers only there. Sign in with a code, or close that program.`,
        { cause: failure, retry: 'now' },
      )
    }
  }
  return servers
}
