/** Remote files over a real loopback server, and every way in which a server can fail. */
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { openUrl } from '../../../main/raster/http-source.ts'
import { openRaster } from '../../../main/raster/index.ts'
import { DATA } from './gdal.ts'

vi.setConfig({ testTimeout: 30_000 }) // a busy machine is no failure

const NAME = 'TCI.tif'
let file: Buffer
beforeAll(() => {
  file = readFileSync(join(DATA, NAME))
})

type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void
const servers: Server[] = []
const requests: IncomingMessage[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
  requests.length = 0
})

async function serve(handler: Handler): Promise<string> {
  const server = createServer((request, response) => {
    requests.push(request)
    handler(request, response, requests.length)
  })
  servers.push(server)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/${NAME}`
}

function range(request: IncomingMessage): [number, number] {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
  return [Number(from), Math.min(Number(to), file.length - 1)]
}

/** A well-behaved server. */
const good = (request: IncomingMessage, response: ServerResponse, tag = '"one"') => {
  const [from, to] = range(request)
  response.writeHead(206, {
    'content-range': `bytes ${from}-${to}/${file.length}`,
    'content-length': to - from + 1,
    etag: tag,
  })
  response.end(file.subarray(from, to + 1))
}

const WINDOW = { column: 100, row: 700, width: 300, height: 200 }
const QUICK = { retryDelayMs: 1, timeOutMs: 300 }

describe('a good server', () => {
  it('gives the same pixels as the local file, in few requests', async () => {
    const url = await serve((request, response) => good(request, response))
    const remote = await openRaster({ kind: 'url', url })
    const local = await openRaster({ kind: 'file', path: join(DATA, NAME) })
    expect(remote.header).toEqual(local.header)
    const before = requests.length
    expect(await remote.readWindow({ window: WINDOW })).toEqual(await local.readWindow({ window: WINDOW }))
    const blocks = 6 * 5 // of 64 pixels
    expect(requests.length - before).toBeLessThan(blocks / 2)
    // once read, nothing is fetched again
    const after = requests.length
    await remote.readWindow({ window: WINDOW })
    expect(requests.length).toBe(after)
    await remote.close()
    await local.close()
  })

  it('is sent the headers of the source; another origin is not', async () => {
    const other = await serve((request, response) => good(request, response))
    const url = await serve((_request, response) => response.writeHead(302, { location: other }).end())
    const headers = { authorization: 'Bearer secret', 'x-key': 'secret' }
    const raster = await openRaster({ kind: 'url', url, headers })
    await raster.readWindow({ window: WINDOW })
    const host = new URL(url).host
    expect(requests.length).toBeGreaterThan(3)
    for (const { headers: sent } of requests) {
      expect(sent.authorization).toBe(sent.host === host ? 'Bearer secret' : undefined)
      expect(sent['x-key']).toBe(sent.host === host ? 'secret' : undefined)
    }
    await raster.close()
  })

  it('keeps the headers on redirects within the origin', async () => {
    const url = await serve((request, response, count) => {
      if (count === 1) response.writeHead(301, { location: '/elsewhere' }).end()
      else good(request, response)
    })
    const raster = await openRaster({ kind: 'url', url, headers: { authorization: 'Bearer secret' } })
    expect(requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer secret', 'Bearer secret'])
    await raster.close()
  })
})

describe('a server that fails', () => {
  const answers: [string, string, Handler][] = [
    ['does not know ranges', 'unreadable-data', (_request, response) => response.writeHead(200).end(file)],
    [
      'sends another range',
      'unreadable-data',
      (_request, response) => response.writeHead(206, { 'content-range': `bytes 7-9/${file.length}` }).end('abc'),
    ],
    [
      'sends more than asked for',
      'unreadable-data',
      (request, response) => {
        const [from, to] = range(request)
        response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${file.length}` })
        response.end(file.subarray(from, to + 500))
      },
    ],
    ['says 401', 'signed-out', (_request, response) => response.writeHead(401).end()],
    ['says 403', 'forbidden', (_request, response) => response.writeHead(403).end()],
    ['says 404', 'not-found', (_request, response) => response.writeHead(404).end()],
    ['says 416', 'unreadable-data', (_request, response) => response.writeHead(416).end()],
    [
      'says 429 again and again',
      'rate-limited',
      (_request, response) => response.writeHead(429, { 'retry-after': '0' }).end(),
    ],
    ['says 500 again and again', 'back-end', (_request, response) => response.writeHead(500).end()],
    [
      'redirects in a circle',
      'unreadable-data',
      (_request, response) => response.writeHead(302, { location: '/again' }).end(),
    ],
    [
      'redirects to something else than the web',
      'invalid-input',
      (_request, response) => response.writeHead(302, { location: 'file:///etc/hostname' }).end(),
    ],
    [
      'redirects into its own network',
      'unreadable-data',
      (_request, response) => response.writeHead(302, { location: 'http://169.254.169.254/x.tif' }).end(),
    ],
    [
      'redirects with a name and a password',
      'unreadable-data',
      (request, response) =>
        response.writeHead(302, { location: `http://user:word@${request.headers.host}/x.tif` }).end(),
    ],
    [
      'breaks off',
      'unreadable-data',
      (request, response) => {
        const [from, to] = range(request)
        response.writeHead(206, {
          'content-range': `bytes ${from}-${to}/${file.length}`,
          'content-length': to - from + 1,
        })
        response.write(file.subarray(from, from + 100), () => response.destroy())
      },
    ],
    ['never answers', 'time-out', () => undefined],
    [
      'stops in the middle',
      'time-out',
      (request, response) => {
        const [from, to] = range(request)
        response.writeHead(206, {
          'content-range': `bytes ${from}-${to}/${file.length}`,
          'content-length': to - from + 1,
        })
        response.write(file.subarray(from, from + 100))
      },
    ],
  ]
  it.each(answers)('%s: %s', async (_what, code, handler) => {
    const url = await serve(handler)
    const failure = await openUrl(url, QUICK).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code })
    expect((failure as Error).message).toMatch(/^[A-Z].*\.$/)
    expect((failure as Error).message).not.toContain('127.0.0.1')
  })

  it('is not there', async () => {
    const url = await serve(() => undefined)
    servers.splice(0)[0]?.close()
    await expect(openUrl(url, QUICK)).rejects.toMatchObject({ code: 'offline' })
  })

  it('recovers: a short body, a reset and a 503 are tried again', async () => {
    const url = await serve((request, response, count) => {
      if (count === 1) response.writeHead(503, { 'retry-after': '0' }).end()
      else if (count === 2) request.socket.destroy()
      else if (count === 3) {
        const [from, to] = range(request)
        response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${file.length}` })
        response.end(file.subarray(from, from + 10))
      } else good(request, response)
    })
    const source = await openUrl(url, QUICK)
    expect(source.sizeBytes).toBe(file.length)
    expect(Buffer.from(await source.read(500_000, 1000))).toEqual(file.subarray(500_000, 501_000))
    expect(requests).toHaveLength(5)
    await source.close()
  })

  it.each([
    ['another entity tag', (request: IncomingMessage, response: ServerResponse) => good(request, response, '"two"')],
    [
      'the whole new file, as If-Range asks',
      (_request: IncomingMessage, response: ServerResponse) => response.writeHead(200).end(file),
    ],
  ])('changed the file meanwhile: %s', async (_what, later) => {
    const url = await serve((request, response, count) =>
      count === 1 ? good(request, response) : later(request, response),
    )
    const source = await openUrl(url, QUICK)
    await expect(source.read(900_000, 100)).rejects.toMatchObject({ code: 'unreadable-data' })
    expect(requests[1]?.headers['if-range']).toBe('"one"')
    await source.close()
  })

  it('a failed block is read again, not remembered', async () => {
    let isBroken = false
    const url = await serve((request, response) => (isBroken ? response.writeHead(404).end() : good(request, response)))
    const raster = await openRaster({ kind: 'url', url })
    isBroken = true
    await expect(raster.readWindow({ window: WINDOW })).rejects.toMatchObject({ code: 'not-found' })
    isBroken = false
    await expect(raster.readWindow({ window: WINDOW })).resolves.toHaveLength(3)
    await raster.close()
  })

  it('cancel and close end what waits', async () => {
    let isSilent = false
    const url = await serve((request, response) => (isSilent ? undefined : good(request, response)))
    const source = await openUrl(url)
    isSilent = true
    const controller = new AbortController()
    const reading = source.read(900_000, 100, controller.signal)
    await new Promise((done) => setImmediate(done))
    controller.abort()
    await expect(reading).rejects.toMatchObject({ code: 'canceled' })
    const other = source.read(900_000, 100)
    await source.close()
    await expect(other).rejects.toMatchObject({ code: 'canceled' })
  })
})
