/**
 * The server on node:http: loopback only, with a time-out for everything that a client can be slow with.
 * Owns: sockets. Does not: answer requests (answer-request.ts) or know what any route does.
 */
import { randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { AppError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import { answerRequest } from './answer-request.ts'
import type { Credentials } from './credentials.ts'
import type { Router } from './router.ts'

export type TimeOuts = {
  /** For the headers, for the whole request, between two requests, and for a client that stops reading. */
  headersMs: number
  requestMs: number
  keepAliveMs: number
  stalledMs: number
}
const TIME_OUTS: TimeOuts = { headersMs: 10_000, requestMs: 60_000, keepAliveMs: 5_000, stalledMs: 120_000 }
const MOST_CONNECTIONS = 256

export type HttpServer = {
  readonly port: number
  /** Takes no new requests, waits for answers that are being sent, and ends what is left after `graceMs`. */
  close(graceMs?: number): Promise<void>
}

type Needs = { router: Router; credentials: Credentials; log: Log; port: number; timeOuts?: Partial<TimeOuts> }

/** @throws AppError conflict where the port is in use, read-only where the system keeps it */
export async function startHttpServer(needs: Needs): Promise<HttpServer> {
  const timeOuts = { ...TIME_OUTS, ...needs.timeOuts }
  const stopping = new AbortController()
  const open = new Set<Socket>()
  const busy = new Set<Socket>()
  const server = createServer({ connectionsCheckingInterval: Math.min(1_000, timeOuts.headersMs) })
  server.headersTimeout = timeOuts.headersMs
  server.requestTimeout = timeOuts.requestMs
  server.keepAliveTimeout = timeOuts.keepAliveMs
  server.maxHeadersCount = 100
  server.maxConnections = MOST_CONNECTIONS
  server.on('connection', (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  server.on('clientError', (failure: NodeJS.ErrnoException, socket) => refuseSocket(failure, socket as Socket))
  server.on('request', (request, response) => {
    const { socket } = request
    busy.add(socket)
    response.once('close', () => {
      busy.delete(socket)
      if (stopping.signal.aborted) socket.destroySoon()
    })
    void answerRequest(
      { ...needs, port: portOf(server), stalledMs: timeOuts.stalledMs },
      stopping.signal,
      request,
      response,
    )
  })
  await listen(server, needs.port)
  return {
    port: portOf(server),
    async close(graceMs = 1_000) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      stopping.abort()
      // node's own list of idle connections leaves out some that clients keep open
      for (const socket of open) if (!busy.has(socket)) socket.destroy()
      const forced = setTimeout(() => {
        for (const socket of open) socket.destroy()
      }, graceMs)
      await closed
      clearTimeout(forced)
    },
  }
}

const portOf = (server: Server) => (server.address() as AddressInfo).port

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (failure: NodeJS.ErrnoException) => {
      if (failure.code === 'EADDRINUSE')
        reject(new AppError('conflict', `Port ${port} is in use by another program. Choose another port, or none.`))
      else if (failure.code === 'EACCES')
        reject(new AppError('forbidden', `The system does not allow programs to use port ${port}.`))
      else reject(failure)
    })
    server.listen(port, '127.0.0.1', resolve)
  })
}

/** Requests that are not HTTP, or not in time: the parser has given up on them, so the answer is written by hand. */
function refuseSocket(failure: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || failure.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const [status, code, message] =
    failure.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? ['408 Request Timeout', 'RequestTimeout', 'The request did not arrive in time.']
      : failure.code === 'HPE_HEADER_OVERFLOW'
        ? ['431 Request Header Fields Too Large', 'RequestInvalid', 'The request has too many or too long headers.']
        : ['400 Bad Request', 'RequestInvalid', 'The request is not valid HTTP.']
  const body = JSON.stringify({ id: randomUUID(), code, message, links: [] })
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Access-Control-Allow-Origin: *\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  )
}
