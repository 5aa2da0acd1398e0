/**
 * What Electron's network, the control way as it really is, does with servers that do wrong: the same promises as in
 * test/integration/core/http-bad-input.test.ts, in a main process of its own. One process asks for everything.
 */
import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runElectronScript } from '../../fakes/electron-script.ts'
import { type Loopback, startLoopback } from '../../fakes/loopback.ts'
import type { Answered, Step } from './support/ask-main.ts'

const MB = 1024 * 1024
let server: Loopback
let other: Loopback
let answers: Record<string, Answered>
const poured = new Map<string, number>()

async function pour(path: string, response: ServerResponse): Promise<void> {
  const chunk = Buffer.alloc(64 * 1024, ' ')
  for (let n = 0; n < 100 * MB && !response.destroyed; n += chunk.length) {
    poured.set(path, n)
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
}

beforeAll(async () => {
  const bomb = gzipSync(Buffer.alloc(200 * MB, ' '))
  other = await startLoopback((_asked, response) => void response.end('<!doctype html><title>Sign in</title>'))
  server = await startLoopback((asked, response) => {
    const { path } = asked
    if (path === '/etag') {
      const isKnown = asked.headers['if-none-match'] === '"v1"'
      response.writeHead(isKnown ? 304 : 200, { etag: '"v1"' }).end(isKnown ? undefined : '{}')
    } else if (path.startsWith('/large')) void pour(path, response)
    else if (path === '/bomb') response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
    else if (path === '/packed') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"a":1}'))
    else if (path === '/away') response.writeHead(302, { location: `${other.url}/login` }).end()
    else if (path === '/near') response.writeHead(302, { location: '/end' }).end()
    else if (path.startsWith('/circle'))
      response.writeHead(302, { location: path === '/circle' ? '/circle2' : '/circle' }).end()
    else if (path === '/half') {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('{"a":', () => response.destroy())
    } else if (path === '/chunk') response.write('{"a":', () => response.destroy())
    else if (path === '/cookie') response.writeHead(200, { 'set-cookie': 'id=1; Path=/' }).end('{}')
    else response.end('{}')
  })
  const secret = { url: server.url, value: 'Bearer CANARY' }
  const url = (path: string) => server.url + path
  const steps: Record<string, Step> = {
    etag: { url: url('/etag'), headers: { 'if-none-match': '"v1"' }, accepts304: true },
    changed: { url: url('/etag'), headers: { 'if-none-match': '"v0"' }, accepts304: true },
    refused304: { url: url('/etag'), headers: { 'if-none-match': '"v1"' } },
    large: { url: url('/large'), mostBytes: MB },
    left: { url: url('/large-left'), cancelAfter: MB },
    bomb: { url: url('/bomb'), mostBytes: MB },
    packed: { url: url('/packed') },
    away: { url: url('/away'), secret, headers: { 'x-key': 'CANARY' } },
    near: { url: url('/near'), secret },
    circle: { url: url('/circle') },
    half: { url: url('/half') },
    chunk: { url: url('/chunk') },
    cookie: { url: url('/cookie') },
    after: { url: url('/after-the-cookie') },
  }
  const found = await runElectronScript<Answered[]>(`${import.meta.dirname}/support/ask-main.ts`, Object.values(steps))
  answers = Object.fromEntries(Object.keys(steps).map((name, i) => [name, found[i] as Answered]))
}, 60_000)
afterAll(async () => {
  await server.close()
  await other.close()
})

test('304 is an answer where it is accepted', () => {
  expect(answers.etag).toMatchObject({ status: 304, byteCount: 0 })
  expect(answers.changed).toMatchObject({ status: 200, body: '{}' })
  expect(answers.refused304?.code).toBe('invalid-input')
})

test('nothing is read without end, packed or not, and what nobody reads on is ended', () => {
  for (const name of ['large', 'bomb']) {
    expect(answers[name], name).toMatchObject({ code: 'back-end', retry: 'never' })
    expect(answers[name]?.byteCount, name).toBeLessThanOrEqual(MB)
  }
  expect(answers.left?.status).toBe(200)
  expect(answers.packed?.body).toBe('{"a":1}')
  // what was on its way in the buffers of two processes
  expect([...poured.keys()]).toEqual(['/large', '/large-left'])
  for (const [path, byteCount] of poured) expect(byteCount, path).toBeLessThan(30 * MB)
})

test('a credential stays with its origin where the server forwards', () => {
  expect(answers.away).toMatchObject({ status: 200, url: `${other.url}/login` })
  expect(other.asked.length).toBe(1)
  expect(JSON.stringify(other.asked)).not.toContain('CANARY')
  expect(answers.near?.status).toBe(200)
  expect(server.asked.find((asked) => asked.path === '/end')?.headers.authorization).toBe('Bearer CANARY')
  expect(answers.circle).toMatchObject({ code: 'back-end', retry: 'never' })
})

test('half a body is a failure', () => {
  expect(answers.half?.code).toBe('offline')
  expect(answers.chunk?.code).toBe('offline')
})

test('no cookie is kept for later requests', () => {
  expect(answers.after?.status).toBe(200)
  expect(server.asked.at(-1)?.headers.cookie).toBeUndefined()
})
