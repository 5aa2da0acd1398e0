/**
 * Promises of HTTP about what servers and networks do wrong, over real sockets and both ways: nothing is read without
 * end, nobody waits without end, a page is never data, and each is told as what it is. No test waits for real time.
 * What Electron's network does with the same is in test/security/shell/hostile-servers-in-chromium.test.ts.
 */
import type { ServerResponse } from 'node:http'
import { networkInterfaces } from 'node:os'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  askJson,
  createBulkHttp,
  createControlHttp,
  createCredential,
  createRequestLog,
  fetchTransport,
} from '../../../main/core/http/index.ts'
import { createRedactor } from '../../../main/core/redact.ts'
import { createTestClock } from '../../fakes/clock.ts'
import { type Loopback, startLoopback } from '../../fakes/loopback.ts'

// large bodies, and the machine may be busy
vi.setConfig({ testTimeout: 30_000 })
const MB = 1024 * 1024
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})
const serve = async (...args: Parameters<typeof startLoopback>): Promise<Loopback> => {
  const server = await startLoopback(...args)
  closing.push(server.close)
  return server
}
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate)
}

function way(kind: 'control' | 'bulk') {
  const redactor = createRedactor()
  const clock = createTestClock()
  const requestLog = createRequestLog({ clock, redactor })
  const needs = { requestLog, redactor, userAgent: 'Swath/test', clock, random: () => 0 }
  const bulk = createBulkHttp(needs)
  closing.push(bulk.close)
  const http = kind === 'bulk' ? bulk : createControlHttp({ ...needs, transport: fetchTransport(fetch) })
  return { http, clock, requestLog }
}
/** Writes as long as somebody reads; the answer says how much that was. */
async function pour(response: ServerResponse, mostBytes: number): Promise<number> {
  const chunk = Buffer.alloc(64 * 1024, ' ')
  let byteCount = 0
  while (byteCount < mostBytes && !response.destroyed) {
    byteCount += chunk.length
    if (response.write(chunk)) continue
    await new Promise<void>((resolve) => {
      const done = () => {
        response.off('drain', done).off('close', done)
        resolve()
      }
      response.on('drain', done).on('close', done)
    })
  }
  response.end()
  return byteCount
}

describe.each(['control', 'bulk'] as const)('%s', (kind) => {
  test('a document of 100 MB is not read on: neither where its length is stated nor where it is not', async () => {
    for (const isStated of [true, false]) {
      let poured: Promise<number> | undefined
      const server = await serve((_asked, response) => {
        response.writeHead(200, {
          'content-type': 'application/json',
          ...(isStated ? { 'content-length': String(100 * MB) } : {}),
        })
        poured = pour(response, 100 * MB)
      })
      const { http } = way(kind)
      await expect(askJson(http, { url: `${server.url}/`, mostBytes: MB })).rejects.toMatchObject({
        code: 'back-end',
        retry: 'never',
        message: 'The answer of the server is too long.',
      })
      // what was on its way in the buffers of two processes
      expect(await poured).toBeLessThan(30 * MB)
      expect(server.asked.length).toBe(1)
    }
  })

  test('a stream ends where it was told to, and ends the request where its reader goes', async () => {
    const pouring: Promise<number>[] = []
    const server = await serve((_asked, response) => void pouring.push(pour(response, 100 * MB)))
    const { http, requestLog } = way(kind)
    const limited = await http.ask({ url: server.url, mostBytes: MB })
    let byteCount = 0
    const reading = (async () => {
      for await (const chunk of limited.body) byteCount += chunk.length
    })()
    await expect(reading).rejects.toMatchObject({ code: 'back-end', retry: 'never' })
    expect(byteCount).toBeLessThanOrEqual(MB)
    const left = await http.ask({ url: server.url })
    for await (const _chunk of left.body) break
    expect(Math.max(...(await Promise.all(pouring)))).toBeLessThan(30 * MB)
    expect(requestLog.list().map((record) => record.outcome)).toEqual(['failed', 'answered'])
  })

  test('what has not changed is an answer where that is accepted, and else a failure', async () => {
    const server = await serve((asked, response) => {
      const isKnown = asked.headers['if-none-match'] === '"v1"'
      response.writeHead(isKnown ? 304 : 200, { etag: '"v1"' }).end(isKnown ? undefined : '{"a":1}')
    })
    const { http } = way(kind)
    const headers = { 'if-none-match': '"v1"' }
    const known = await askJson(http, { url: server.url, headers, accepts304: true })
    expect([known.status, known.value, known.headers.get('etag')]).toEqual([304, null, '"v1"'])
    const other = await askJson(http, { url: server.url, headers: { 'if-none-match': '"v0"' }, accepts304: true })
    expect([other.status, other.value]).toEqual([200, { a: 1 }])
    await expect(http.ask({ url: server.url, headers })).rejects.toMatchObject({ code: 'invalid-input' })
  })

  test('a network that asks for a sign-in first: by its status, or by sending everybody to its page', async () => {
    const login = await serve((_asked, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Free WLAN</title>')
    })
    const portal = await serve((asked, response) => {
      if (asked.path === '/511') response.writeHead(511, { 'content-type': 'text/html' }).end('<h1>Sign in</h1>')
      else response.writeHead(302, { location: `${login.url}/login?from=${asked.path}` }).end()
    })
    const { http } = way(kind)
    await expect(askJson(http, { url: `${portal.url}/511` })).rejects.toMatchObject({ code: 'offline', retry: 'later' })
    const credential = createCredential(portal.url, { authorization: 'Bearer CANARY' })
    const failure = await askJson(http, { url: `${portal.url}/me`, credential }).catch((thrown) => thrown)
    expect(failure).toMatchObject({ code: 'back-end', retry: 'never' })
    expect(failure.message).toContain(new URL(login.url).host)
    expect(login.asked.length).toBe(1)
    expect(JSON.stringify(login.asked)).not.toContain('CANARY')
  })

  test('what is sent with a body goes to no other server', async () => {
    const other = await serve((_asked, response) => void response.end('{}'))
    const server = await serve((_asked, response) => void response.writeHead(307, { location: other.url }).end())
    const credential = createCredential(server.url, { authorization: 'Bearer CANARY' })
    const sending = askJson(way(kind).http, { url: server.url, method: 'POST', json: { a: 'CANARY' }, credential })
    await expect(sending).rejects.toMatchObject({ code: 'back-end', retry: 'never' })
    expect(other.asked).toEqual([])
  })

  test('redirects in a circle and without end', async () => {
    const server = await serve((asked, response) => {
      const n = Number(/\d+/.exec(asked.path)?.[0] ?? 0)
      const location = asked.path.startsWith('/circle') ? `/circle${(n + 1) % 3}` : `/on${n + 1}`
      response.writeHead(302, { location }).end()
    })
    const { http } = way(kind)
    for (const [path, most] of [
      ['/circle0', 3],
      ['/on0', 6],
    ] as const) {
      server.asked.length = 0
      await expect(http.ask({ url: server.url + path })).rejects.toMatchObject({ code: 'back-end', retry: 'never' })
      expect(server.asked.length, path).toBeLessThanOrEqual(most)
    }
  })

  test.each([
    ['seconds', 429, () => '7', 7_000],
    ['seconds', 503, () => '7', 7_000],
    ['milliseconds', 429, () => '4500', 4_500],
    ['a date', 429, (now: number) => new Date(now + 9_000).toUTCString(), 9_000],
    ['a date', 502, (now: number) => new Date(now + 9_000).toUTCString(), 9_000],
    ['a date that has passed', 429, (now: number) => new Date(now - 9_000).toUTCString(), 0],
    ['nonsense', 503, () => 'soon', 250],
  ] as const)('Retry-After in %s with %i is obeyed', async (_name, status, header, waitMs) => {
    const { http, clock, requestLog } = way(kind)
    const server = await serve((_asked, response, n) => {
      if (n > 0) return void response.end('{}')
      response.writeHead(status, { 'retry-after': header(clock.now()) }).end()
    })
    const asking = askJson(http, { url: server.url })
    await until(() => requestLog.list()[0]?.outcome === 'answered')
    await clock.advance(Math.max(0, waitMs - 1))
    expect(server.asked.length).toBe(1)
    await clock.advance(600) // and a little, so that not all come at once
    expect((await asking).value).toEqual({})
    expect(server.asked.length).toBe(2)
  })

  test('a wait that is too long is told and not waited for', async () => {
    const server = await serve((_asked, response) => void response.writeHead(429, { 'retry-after': '3000' }).end())
    await expect(askJson(way(kind).http, { url: server.url })).rejects.toMatchObject({
      code: 'rate-limited',
      retry: 'later',
    })
    expect(server.asked.length).toBe(1)
  })

  test('servers in trouble are asked four times and then told', async () => {
    for (const status of [502, 503, 504]) {
      const server = await serve((_asked, response) => void response.writeHead(status).end('<h1>Bad gateway</h1>'))
      const { http, clock } = way(kind)
      const asking = askJson(http, { url: server.url }).catch((failure) => failure)
      for (let n = 1; n < 4; n++) {
        await until(() => server.asked.length === n)
        await until(() => clock.timerCount > 0)
        while (server.asked.length === n) await clock.advance(1_000)
      }
      expect(await asking).toMatchObject({
        code: 'back-end',
        retry: 'later',
        message: expect.stringContaining(`${status}`),
      })
      expect(server.asked.length).toBe(4)
    }
  })

  test('an answer that takes 20 s is waited for; one that never comes is not', async () => {
    const { promise, resolve: release } = Promise.withResolvers<void>()
    const server = await serve(async (asked, response) => {
      if (asked.path === '/never') return
      await promise
      response.end('{"late":true}')
    })
    const { http, clock } = way(kind)
    const late = askJson(http, { url: `${server.url}/late` })
    await until(() => server.asked.length === 1)
    await clock.advance(20_000)
    release()
    expect((await late).value).toEqual({ late: true })
    const never = askJson(http, { url: `${server.url}/never`, mostAttempts: 1 }).catch((failure) => failure)
    await until(() => server.asked.length === 2)
    await clock.advance(60_000)
    expect(await never).toMatchObject({ code: 'time-out', retry: 'now' })
  })

  test('half a body is a failure: cut by its length, cut within a chunk, or as JSON that ends too soon', async () => {
    const server = await serve((asked, response) => {
      if (asked.path === '/length') {
        response.writeHead(200, { 'content-length': '1000', 'content-type': 'application/json' })
        return void response.write('{"a":', () => response.destroy())
      }
      response.writeHead(200, { 'content-type': 'application/json' })
      if (asked.path === '/json') return void response.end('{"a": [1, 2')
      response.write('{"a":', () => response.destroy())
    })
    const { http } = way(kind)
    for (const [path, code] of [
      ['/length', 'offline'],
      ['/chunk', 'offline'],
      ['/json', 'back-end'],
    ])
      await expect(askJson(http, { url: server.url + path, mostAttempts: 1 }), path).rejects.toMatchObject({ code })
  })

  const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'))
  test.runIf(hasIpv6)('IPv6 literals are addresses like others, and origins of their own', async () => {
    const server = await serve((_asked, response) => void response.end('{}'), { host: '::1' })
    const { http } = way(kind)
    const credential = createCredential(server.url, { authorization: 'Bearer v6' })
    expect((await askJson(http, { url: `${server.url}/jobs`, credential })).url).toBe(`${server.url}/jobs`)
    expect(server.asked[0]?.headers).toMatchObject({ authorization: 'Bearer v6', host: new URL(server.url).host })
  })
})

test('a packed body that grows beyond the limit is not unpacked on', async () => {
  const bomb = gzipSync(Buffer.alloc(200 * MB, ' '))
  expect(bomb.length).toBeLessThan(MB)
  const server = await serve((_asked, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb)
  })
  const { http, requestLog } = way('control')
  await expect(askJson(http, { url: server.url, mostBytes: MB })).rejects.toMatchObject({
    code: 'back-end',
    message: 'The answer of the server is too long.',
  })
  expect(requestLog.list()[0]?.receivedBytes).toBeLessThan(4 * MB)
})
