/**
 * How a request can go wrong. Owns: the faults and how each is played. Does not: decide when; `fail` and `failAlways`
 * of the fake do.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { drained } from './answers.ts'

export type Fault =
  /** Does the work, then cuts the connection before the answer. */
  | 'lose-answer'
  /** Cuts the connection before the work. */
  | 'cut'
  /** Does the work, sends half of the answer, then cuts the connection. */
  | 'half'
  /** Sends the request to itself, for ever where it is `failAlways`. */
  | 'loop'
  | { status: number; code?: string; message?: string; headers?: Record<string, string> }
  /** 200 unless `httpStatus` says otherwise. */
  | { html: string; httpStatus?: number }
  /** Any body. */
  | { body: string; type?: string; httpStatus?: number; headers?: Record<string, string> }
  | { redirect: string; httpStatus?: number }
  /** The answer waits for it, then comes as ever: an answer of 20 s without 20 s. */
  | { until: Promise<unknown> }
  /** A valid JSON document of at least so many bytes, made while it is sent. */
  | { largeBytes: number }

/** Sign-in page of a hotel: every request leads there. */
export const CAPTIVE_PORTAL: Fault = {
  html: '<!doctype html><html><head><title>Welcome to the Grand Hotel</title></head><body><form action="/login"><input name="room"></form></body></html>',
}
/** `retryAfter`: seconds, as the standard has it; above 3,600 milliseconds, as Sentinel Hub sends them. */
export const tooManyRequests = (retryAfter: number): Fault => ({
  status: 429,
  code: 'TooManyRequests',
  message: 'Too many requests.',
  headers: { 'retry-after': String(retryAfter) },
})
/** JSON that is nested so deep that a recursive reader fails. */
export const deeplyNested = (depth: number): Fault => ({
  body: `{"collections":[{"id":"deep","x":${'['.repeat(depth)}${']'.repeat(depth)}}],"links":[]}`,
})

/** Sends a document without ever having it: `{"collections":[…],"links":[]}` with one large description. */
export async function sendLarge(response: ServerResponse, byteCount: number): Promise<void> {
  response.on('error', () => {})
  response.writeHead(200, { 'content-type': 'application/json' })
  response.write('{"api_version":"1.2.0","description":"')
  const chunk = Buffer.alloc(64 * 1024, 'x')
  for (let sent = 0; sent < byteCount && !response.destroyed; sent += chunk.length)
    if (!response.write(chunk)) await drained(response)
  if (!response.destroyed) response.end('","endpoints":[],"collections":[],"processes":[],"links":[]}')
}

/**
 * Plays what needs no answer of the fake; false: the fault lets the request go on (`until`, `half`, `lose-answer`).
 */
export async function play(fault: Fault, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  if (fault === 'lose-answer' || fault === 'half') return false
  if (fault === 'cut') request.socket.destroy()
  else if (fault === 'loop') {
    const url = new URL(request.url ?? '/', 'http://fake')
    url.searchParams.set('again', String(Number(url.searchParams.get('again') ?? 0) + 1))
    response.writeHead(302, { location: url.pathname + url.search }).end()
  } else if ('until' in fault) {
    await fault.until
    return false
  } else if ('html' in fault)
    response.writeHead(fault.httpStatus ?? 200, { 'content-type': 'text/html' }).end(fault.html)
  else if ('body' in fault)
    response
      .writeHead(fault.httpStatus ?? 200, { 'content-type': fault.type ?? 'application/json', ...fault.headers })
      .end(fault.body)
  else if ('redirect' in fault) response.writeHead(fault.httpStatus ?? 302, { location: fault.redirect }).end()
  else if ('largeBytes' in fault) await sendLarge(response, fault.largeBytes)
  else {
    const { status, code = 'Internal', message = code, headers } = fault
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify({ id: `ref-${code}`, code, message, links: [] }))
  }
  return true
}
