/**
 * From a request to its answer: host and path checked, route found, client identified, failure put into words.
 * Owns: CORS, preflights, authentication, and the one place where failures become answers, under an id that the log has.
 * Does not: open sockets (http-server.ts) or know what any route does.
 * Why the host check: a page of another site whose name is made to point to 127.0.0.1 must not reach the back-end.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { AppError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import { OpeneoError } from '../openeo-error.ts'
import type { Credentials } from './credentials.ts'
import {
  asOpeneoError,
  authenticationRequired,
  hostInvalid,
  methodNotAllowed,
  notFound,
  requestInvalid,
} from './errors.ts'
import type { Exchange, Route } from './exchange.ts'
import { readJson } from './read-request.ts'
import type { Router } from './router.ts'
import { sendAnswer } from './send-answer.ts'

const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers':
    'Link, Location, OpenEO-Costs, OpenEO-Identifier, Accept-Ranges, Content-Range, Content-Disposition, ETag',
}

type Setting = { router: Router; credentials: Credentials; log: Log; port: number; stalledMs: number }

/** Answers one request; never rejects. `stopping` aborts when the server is about to close. */
export async function answerRequest(
  setting: Setting,
  stopping: AbortSignal,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const id = randomUUID()
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  response.setTimeout(0)
  request.socket.setTimeout(0)
  for (const [name, value] of Object.entries(CORS)) response.setHeader(name, value)
  response.setHeader('Cache-Control', 'no-store')
  response.setHeader('X-Content-Type-Options', 'nosniff')
  if (stopping.aborted) response.setHeader('Connection', 'close')
  try {
    const url = checkedUrl(request, setting.port)
    if (request.method === 'OPTIONS') return preflight(setting.router, url, request, response)
    const found = findRoute(setting.router, request.method ?? '', url.pathname, response)
    const exchange = exchangeOf(request, url, found, id, AbortSignal.any([gone.signal, stopping]))
    exchange.isSignedIn = isAllowed(found.route, setting.credentials, exchange)
    const answer = await found.route.handle(exchange)
    // a socket that times out is destroyed by node's server
    request.socket.setTimeout(setting.stalledMs)
    await sendAnswer(response, exchange, answer, request.method === 'HEAD')
    if (!request.complete) leaveBody(request, response)
  } catch (failure) {
    sendFailure(setting.log, request, response, id, failure)
  }
}

/** The address asked for. @throws OpeneoError HostInvalid unless it is ours by a loopback name */
function checkedUrl(request: IncomingMessage, port: number): URL {
  const host = request.headers.host?.toLowerCase() ?? ''
  const isOurs = ['127.0.0.1', 'localhost', '[::1]'].some((name) => host === `${name}:${port}`)
  const isDefaultPort = port === 80 && ['127.0.0.1', 'localhost', '[::1]'].includes(host)
  if (!isOurs && !isDefaultPort) throw hostInvalid()
  const target = request.url ?? '/'
  // the path stays as it came: URL() would resolve dots before the router sees them
  if (!target.startsWith('/')) throw requestInvalid('The request names no path.')
  const [path = '/', query = ''] = splitOnce(target, '?')
  const url = new URL(`http://${host}/`)
  if (path.split('/').some((segment) => /^(\.|%2e){1,2}$/i.test(segment))) throw notFound()
  url.pathname = path.startsWith('//') ? '/%00' : path
  url.search = query
  return url
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

type Found = { route: Route; parameters: Record<string, string> }
function findRoute(router: Router, method: string, path: string, response: ServerResponse): Found {
  const match = router.match(method, path)
  if (match.found) return match
  if (match.allowed.length > 0) response.setHeader('Allow', [...match.allowed, 'OPTIONS'].join(', '))
  throw match.allowed.length === 0 ? notFound() : methodNotAllowed(match.allowed)
}

function exchangeOf(
  request: IncomingMessage,
  url: URL,
  { route, parameters }: Found,
  id: string,
  signal: AbortSignal,
): Exchange {
  const header = (name: string) => {
    const value = request.headers[name]
    return Array.isArray(value) ? value.join(', ') : value
  }
  const origin = header('origin')
  return {
    method: route.method,
    parameters,
    query: url.searchParams,
    path: url.pathname,
    header,
    base: url.origin,
    isSignedIn: false,
    isForeignPage: origin !== undefined && origin !== url.origin,
    id,
    signal,
    json: () => readJson(request),
  }
}

/** @throws OpeneoError 401 or 403 where the route is not for this client */
function isAllowed(route: Route, credentials: Credentials, exchange: Exchange): boolean {
  if (route.access === 'open' || route.access === 'basic') return false
  const isSignedIn = credentials.isSignedIn(exchange.header('authorization'))
  if (isSignedIn || route.access === 'optional') return isSignedIn
  if (route.access === 'signed' && exchange.query.has('signature')) return false
  throw authenticationRequired()
}

function preflight(router: Router, url: URL, request: IncomingMessage, response: ServerResponse): void {
  const methods = new Set<string>(['OPTIONS'])
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])
    if (router.match(method, url.pathname).found) methods.add(method)
  if (methods.size === 1) throw notFound()
  response.statusCode = 204
  response.setHeader('Access-Control-Allow-Methods', [...methods].join(', '))
  response.setHeader(
    'Access-Control-Allow-Headers',
    'Accept, Authorization, Content-Type, If-None-Match, If-Range, Range',
  )
  response.setHeader('Access-Control-Max-Age', '600')
  response.setHeader('Content-Type', 'application/json')
  if (request.headers['access-control-request-private-network'] === 'true')
    response.setHeader('Access-Control-Allow-Private-Network', 'true')
  response.end()
}

/** Bytes that a refused client may still send before its connection is cut, so that it reads the answer first. */
const MOST_IGNORED_BYTES = 256_000_000
const IGNORE_MS = 10_000

function leaveBody(request: IncomingMessage, response: ServerResponse): void {
  let ignored = 0
  const cut = () => request.socket.destroy()
  const timer = setTimeout(cut, IGNORE_MS).unref()
  response.once('close', () => clearTimeout(timer))
  request.on('data', (chunk: Buffer) => {
    ignored += chunk.length
    if (ignored > MOST_IGNORED_BYTES) cut()
  })
  request.once('end', () => clearTimeout(timer))
  request.on('error', () => clearTimeout(timer))
  request.resume()
}

function sendFailure(log: Log, request: IncomingMessage, response: ServerResponse, id: string, failure: unknown): void {
  if (response.writableEnded) return
  if (response.destroyed) {
    // the client has left; its half of the connection must not keep ours open
    request.socket.destroy()
    return
  }
  const error = asOpeneoError(failure)
  const isExpected = failure instanceof OpeneoError || failure instanceof AppError
  const path = (request.url ?? '').split('?')[0]
  log[isExpected ? 'info' : 'error']('Request refused', {
    id,
    method: request.method,
    path,
    code: error.code,
    message: error.message,
    ...(isExpected ? {} : { failure }),
  })
  if (response.headersSent) {
    response.destroy()
    return
  }
  for (const name of ['Content-Length', 'Content-Disposition', 'ETag', 'Last-Modified']) response.removeHeader(name)
  if (error.status === 401)
    response.setHeader('WWW-Authenticate', `${path === '/credentials/basic' ? 'Basic' : 'Bearer'} realm="openEO"`)
  if (error.status === 503) response.setHeader('Retry-After', '5')
  const isUnread = !request.complete
  if (isUnread) response.setHeader('Connection', 'close')
  const body = Buffer.from(JSON.stringify({ id, code: error.code, message: error.message, links: [] }))
  response.statusCode = error.status
  response.setHeader('Content-Type', 'application/json')
  response.setHeader('Content-Length', body.length)
  response.end(request.method === 'HEAD' ? undefined : body)
  if (isUnread) leaveBody(request, response)
}
