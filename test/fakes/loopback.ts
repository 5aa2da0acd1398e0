/** A real HTTP(S) server on a free port of this computer that does what the test says and remembers what it was asked. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { recordRequest } from './recorder.ts'

export type Asked = { method: string; path: string; headers: IncomingMessage['headers']; body: string; atMs: number }
export type Loopback = {
  /** Without a slash at its end. */
  readonly url: string
  readonly asked: Asked[]
  close(): Promise<void>
}
/** With a certificate it speaks TLS. `host` is 127.0.0.1 unless told, e.g. `::1`. */
export type LoopbackOptions = { tls?: { key: string; certificate: string }; host?: string }
type Answer = (request: Asked, response: ServerResponse, n: number) => void | Promise<void>

/** `answer` gets what was asked and how many requests came before this one. */
export async function startLoopback(answer: Answer, options: LoopbackOptions = {}): Promise<Loopback> {
  const { tls, host = '127.0.0.1' } = options
  const asked: Asked[] = []
  let origin = ''
  const onRequest = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { method = '', url: path = '', headers } = request
    const body = Buffer.concat(chunks)
    recordRequest(origin, request, body)
    const one: Asked = { method, path, headers, body: body.toString(), atMs: performance.now() }
    asked.push(one)
    response.on('error', () => {})
    try {
      await answer(one, response, asked.length - 1)
    } catch {
      response.destroy()
    }
  }
  const server = tls ? createTlsServer({ key: tls.key, cert: tls.certificate }, onRequest) : createServer(onRequest)
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve))
  const { port } = server.address() as AddressInfo
  origin = `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`
  return {
    url: origin,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
