/** Promises of HTTP over real sockets, on both ways: retries, time-outs, limits, cancel, and credentials kept at home. */
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../../main/core/clock.ts'
import {
  askJson,
  createBulkHttp,
  createControlHttp,
  createCredential,
  createRequestLog,
  fetchTransport,
  type Http,
} from '../../../main/core/http/index.ts'
import { createRedactor } from '../../../main/core/redact.ts'
import { type Loopback, startLoopback } from '../../fakes/loopback.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})
const serve = async (...args: Parameters<typeof startLoopback>): Promise<Loopback> => {
  const server = await startLoopback(...args)
  closing.push(server.close)
  return server
}

const redactor = createRedactor()
function way(kind: 'control' | 'bulk', timeOuts: { firstByteMs?: number; idleMs?: number } = {}) {
  const requestLog = createRequestLog({ clock: systemClock, redactor })
  // back-off of 500 ms becomes nothing; what the server asks for stays
  const clock = {
    ...systemClock,
    setTimer: (ms: number, run: () => void) => systemClock.setTimer(ms <= 1_000 ? ms / 50 : ms, run),
  }
  const needs = { requestLog, redactor, userAgent: 'Swath/test', clock }
  const bulk = createBulkHttp({ ...needs, timeOuts })
  closing.push(bulk.close)
  const control = createControlHttp({ ...needs, timeOuts, transport: fetchTransport(fetch) })
  const http: Http = kind === 'bulk' ? bulk : control
  return { http, requestLog }
}

describe.each(['control', 'bulk'] as const)('%s', (kind) => {
  test('JSON goes and comes, with credentials, at its origin', async () => {
    const server = await serve((asked, response) => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ got: JSON.parse(asked.body) }))
    })
    const { http, requestLog } = way(kind)
    const credential = createCredential(server.url, { authorization: 'Bearer CANARY' })
    const answer = await askJson(http, { url: `${server.url}/jobs`, method: 'POST', json: { a: 'ü' }, credential })
    expect(answer.value).toEqual({ got: { a: 'ü' } })
    expect(server.asked[0]?.headers).toMatchObject({
      authorization: 'Bearer CANARY',
      'content-type': 'application/json',
      'user-agent': 'Swath/test',
    })
    expect(requestLog.list()).toMatchObject([{ method: 'POST', status: 200, outcome: 'answered', attempt: 1 }])
    expect(requestLog.list()[0]?.receivedBytes).toBe(18)
  })

  test('a passing failure is tried again, a POST is not', async () => {
    const server = await serve((_asked, response, n) => {
      response.statusCode = n < 2 ? 503 : 200
      response.end(n < 2 ? '' : '{"ok":true}')
    })
    const { http, requestLog } = way(kind)
    expect((await askJson(http, { url: server.url })).value).toEqual({ ok: true })
    expect(requestLog.list().map((record) => [record.status, record.attempt])).toEqual([
      [503, 1],
      [503, 2],
      [200, 3],
    ])
    const busy = await serve((_asked, response) => void response.writeHead(503).end())
    await expect(askJson(http, { url: busy.url, method: 'POST', json: {} })).rejects.toMatchObject({ code: 'back-end' })
    expect(busy.asked.length).toBe(1)
  })

  test('a cut connection is tried again', async () => {
    const server = await serve((_asked, response, n) => void (n === 0 ? response.destroy() : response.end('{}')))
    expect((await askJson(way(kind).http, { url: server.url })).value).toEqual({})
    expect(server.asked.length).toBe(2)
  })

  test('the server is obeyed that asks for fewer requests', async () => {
    const server = await serve((_asked, response, n) => {
      if (n === 0) response.setHeader('retry-after-ms', '5000')
      response.statusCode = n === 0 ? 429 : 200
      response.end('{}')
    })
    const { http, requestLog } = way(kind)
    const stop = new AbortController()
    const asking = askJson(http, { url: server.url, signal: stop.signal })
    while (requestLog.list()[0]?.outcome !== 'answered') await new Promise(setImmediate)
    const other = askJson(http, { url: server.url, signal: stop.signal })
    await new Promise((resolve) => setTimeout(resolve, 300)) // long enough to be asked again, were it not obeyed
    expect(server.asked.length).toBe(1)
    stop.abort()
    await expect(asking).rejects.toMatchObject({ code: 'canceled' })
    await expect(other).rejects.toMatchObject({ code: 'canceled' })
  })

  test('what is not repeated makes others wait all the same', async () => {
    const server = await serve((_asked, response, n) => {
      if (n === 0) response.setHeader('retry-after', '5')
      response.statusCode = n === 0 ? 429 : 200
      response.end('{}')
    })
    const { http } = way(kind)
    await expect(askJson(http, { url: server.url, method: 'POST', json: {} })).rejects.toMatchObject({
      code: 'rate-limited',
    })
    const stop = new AbortController()
    const other = askJson(http, { url: server.url, signal: stop.signal })
    await new Promise((resolve) => setTimeout(resolve, 500)) // longer than the gap that is kept anyway
    expect(server.asked.length).toBe(1)
    stop.abort()
    await expect(other).rejects.toMatchObject({ code: 'canceled' })
  })

  test('slow servers: no first byte, or silence in the middle', async () => {
    const server = await serve((asked, response) => {
      if (asked.path === '/mute') return
      response.writeHead(200, { 'content-length': '100' })
      response.write('{')
    })
    const { http, requestLog } = way(kind, { firstByteMs: 1_200, idleMs: 1_200 })
    await expect(http.ask({ url: `${server.url}/mute`, mostAttempts: 1 })).rejects.toMatchObject({ code: 'time-out' })
    const half = await http.ask({ url: `${server.url}/half`, mostAttempts: 1 })
    await expect(half.bytes(1_000)).rejects.toMatchObject({ code: 'time-out' })
    expect(requestLog.list().map((record) => record.failure)).toEqual(['time-out', 'time-out'])
  })

  test('a body that breaks off is a failure, never a short body', async () => {
    const server = await serve((_asked, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half', () => response.destroy())
    })
    const answer = await way(kind).http.ask({ url: server.url })
    await expect(answer.bytes(1_000)).rejects.toMatchObject({ code: 'offline' })
  })

  test('cancel takes effect, before and within the body', async () => {
    let isOpen = 0
    const server = await serve((_asked, response) => {
      isOpen++
      response.on('close', () => isOpen--)
      response.writeHead(200)
      response.write('x')
    })
    const { http, requestLog } = way(kind)
    await expect(http.ask({ url: server.url, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'canceled' })
    const stop = new AbortController()
    const answer = await http.ask({ url: server.url, signal: stop.signal })
    const reading = answer.bytes(100)
    stop.abort()
    await expect(reading).rejects.toMatchObject({ code: 'canceled' })
    while (isOpen > 0) await new Promise(setImmediate)
    expect(requestLog.list().map((record) => record.outcome)).toEqual(['canceled'])
  })

  test('what only looks like JSON is said as what it is', async () => {
    const server = await serve((asked, response) => {
      const [type, body] = {
        '/page': ['text/html', '<!doctype html><p>Sign in'],
        '/lie': ['application/json', '<html></html>'],
        '/cut': ['application/json', '{"a": [1, 2'],
        '/text': ['text/plain', 'hello'],
        '/long': ['application/json', `"${'x'.repeat(5_000)}"`],
        '/empty': ['application/json', ''],
      }[asked.path] as [string, string]
      response.setHeader('content-type', type)
      response.end(body)
    })
    const { http } = way(kind)
    for (const path of ['/page', '/lie', '/cut', '/text', '/long'])
      await expect(askJson(http, { url: server.url + path, mostBytes: 1_000 }), path).rejects.toMatchObject({
        code: 'back-end',
        retry: 'never',
      })
    expect((await askJson(http, { url: `${server.url}/empty` })).value).toBeNull()
  })

  test('an openEO error comes through with code and reference', async () => {
    const server = await serve((_asked, response) => {
      response.writeHead(404, { 'content-type': 'application/json' })
      response.end('{"id":"r-9","code":"JobNotFound","message":"The batch job does not exist."}')
    })
    await expect(askJson(way(kind).http, { url: server.url })).rejects.toMatchObject({
      code: 'not-found',
      serverCode: 'JobNotFound',
      serverRef: 'r-9',
      message: 'The batch job does not exist.',
    })
  })

  test('nobody there is offline, a wrong address is not even tried', async () => {
    const gone = await startLoopback(() => {})
    await gone.close()
    const { http } = way(kind)
    await expect(http.ask({ url: gone.url, mostAttempts: 2 })).rejects.toMatchObject({
      code: 'offline',
      retry: 'later',
    })
    for (const url of ['file:///etc/passwd', 'not an address', 'https://user:pass@example.org/', 'javascript:1'])
      await expect(http.send({ url }), url).rejects.toMatchObject({ code: 'invalid-input' })
  })

  test('credentials stay with their origin through redirects; loops end', async () => {
    const other = await serve((_asked, response) => void response.end('{"here":true}'))
    const server = await serve((asked, response) => {
      const to = { '/away': `${other.url}/a`, '/near': '/b', '/loop': '/loop2', '/loop2': '/loop' }[asked.path]
      response.writeHead(to ? 307 : 200, to ? { location: to } : {}).end(to ? '' : '{"near":true}')
    })
    const { http } = way(kind)
    const credential = createCredential(server.url, { authorization: 'Bearer CANARY' })
    const headers = { cookie: 'CANARY=1', 'x-key': 'CANARY', range: 'bytes=0-9', authorization: 'Basic CANARY' }
    const away = await askJson(http, { url: `${server.url}/away`, credential, headers })
    expect([away.value, away.url]).toEqual([{ here: true }, `${other.url}/a`])
    expect(JSON.stringify(other.asked)).not.toContain('CANARY')
    expect(other.asked[0]?.headers.range).toBe('bytes=0-9')
    await askJson(http, { url: `${server.url}/near`, credential })
    expect(server.asked.at(-1)?.headers.authorization).toBe('Bearer CANARY')
    await expect(http.ask({ url: `${server.url}/loop` })).rejects.toMatchObject({ code: 'back-end', retry: 'never' })
    // asked elsewhere from the start, the credential is not sent at all
    await askJson(http, { url: other.url, credential })
    expect(JSON.stringify(other.asked)).not.toContain('CANARY')
  })

  test('a turn comes back whatever happens to the answer', async () => {
    const server = await serve((_asked, response) => void response.end('x'.repeat(100)))
    const { http } = way(kind)
    for (let i = 0; i < 30; i++) {
      const answer = await http.send({ url: server.url })
      if (i % 3 === 0) answer.cancel()
      else if (i % 3 === 1) for await (const _chunk of answer.body) break
      else await expect(answer.bytes(1)).rejects.toMatchObject({ code: 'back-end' })
    }
    expect(server.asked.length).toBe(30)
  })
})

test('bulk goes through the proxy that is named, for http and by CONNECT', async () => {
  const server = await serve((_asked, response) => void response.end('through'))
  const seen: string[] = []
  const proxy = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`)
    response.end('from the proxy')
  })
  proxy.on('connect', (request, socket) => {
    seen.push(`CONNECT ${request.url}`)
    const [host, port] = (request.url ?? '').split(':')
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      onward.pipe(socket).pipe(onward)
    })
    onward.on('error', () => socket.destroy())
    socket.on('error', () => onward.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const sockets = new Set<Socket>()
  proxy.on('connection', (socket) => sockets.add(socket))
  closing.push(() => {
    proxy.close()
    for (const socket of sockets) socket.destroy()
  })
  const requestLog = createRequestLog({ clock: systemClock, redactor })
  const resolveProxy = async () => `PROXY 127.0.0.1:${(proxy.address() as AddressInfo).port}`
  const http = createBulkHttp({ requestLog, redactor, userAgent: 'Swath/test', resolveProxy })
  closing.push(http.close)
  const answer = await http.ask({ url: `${server.url}/a` })
  expect(Buffer.from(await answer.bytes(100)).toString()).toMatch(/proxy|through/)
  await http.ask({ url: server.url.replace('http:', 'https:'), mostAttempts: 1 }).catch(() => {})
  expect(seen.some((line) => line.startsWith('CONNECT 127.0.0.1:'))).toBe(true)
  expect(seen.length).toBe(2)
})

test('bulk leaves bytes as they are: nothing is unpacked on the way', async () => {
  const packed = gzipSync('x'.repeat(1_000))
  const server = await serve((_asked, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' })
    response.end(packed)
  })
  const answer = await way('bulk').http.ask({ url: server.url, headers: { 'accept-encoding': 'identity' } })
  expect(packed.equals(await answer.bytes(10_000))).toBe(true)
  expect(answer.headers.get('content-encoding')).toBe('gzip')
})
