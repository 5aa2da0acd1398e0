/** A real HTTP server on a free port of 127.0.0.1 that does what the test says and remembers what it was asked. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Asked = { method: string; path: string; headers: IncomingMessage['headers']; body: string; atMs: number }
export type Loopback = {
  /** Without a slash at its end. */
  readonly url: string
  readonly asked: Asked[]
  close(): Promise<void>
}
type Answer = (request: Asked, response: ServerResponse, n: number) => void | Promise<void>

/** `answer` gets what was asked and how many requests came before this one. */
export async function startLoopback(answer: Answer): Promise<Loopback> {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { method = '', url: path = '', headers } = request
    const one: Asked = { method, path, headers, body: Buffer.concat(chunks).toString(), atMs: performance.now() }
    asked.push(one)
    response.on('error', () => {})
    try {
      await answer(one, response, asked.length - 1)
    } catch {
      response.destroy()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
