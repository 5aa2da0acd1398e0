/**
 * Promises of HTTP against hostile and careless servers: a secret reaches its own origin and nothing else, whatever the
 * server answers; and no record, log line or error holds it. Certificates that nobody vouches for are refused.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../../main/core/clock.ts'
import { toWireError } from '../../../main/core/errors.ts'
import {
  askJson,
  createBulkHttp,
  createControlHttp,
  createCredential,
  createRequestLog,
  fetchTransport,
} from '../../../main/core/http/index.ts'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { createRedactor } from '../../../main/core/redact.ts'
import { startLoopback } from '../../fakes/loopback.ts'
import { createRandom } from '../../fakes/random.ts'

// hundreds of requests, and the machine may be busy
vi.setConfig({ testTimeout: 30_000 })
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

function ways(ownCertificates: string[] = []) {
  const redactor = createRedactor()
  const requestLog = createRequestLog({ clock: systemClock, redactor })
  const clock = { ...systemClock, setTimer: (ms: number, run: () => void) => systemClock.setTimer(ms / 100, run) }
  const needs = { redactor, requestLog, userAgent: 'Swath/test', clock, timeOuts: { totalMs: 0 } }
  const bulk = createBulkHttp({ ...needs, ownCertificates: () => ownCertificates })
  closing.push(bulk.close)
  return { redactor, requestLog, bulk, control: createControlHttp({ ...needs, transport: fetchTransport(fetch) }) }
}

test('canaries: random servers send everywhere, answer anything; nothing leaks', async () => {
  const random = createRandom('hostile servers')
  const { redactor, requestLog, bulk, control } = ways()
  const sink = memorySink()
  const log = createLog({ sink, redactor })
  const canary = (n: number) => `CANARY${n}-${random.bytes(9).toString('hex')}`
  const thrown: unknown[] = []
  const elsewhere = await startLoopback((asked, response) => {
    if (random.integer(3) === 0) response.writeHead(302, { location: `${home.url}/back` }).end()
    else response.end(JSON.stringify({ asked }))
  })
  const home = await startLoopback((asked, response) => {
    const secret = String(asked.headers.authorization ?? '')
    const to = random.pick([
      `${elsewhere.url}/x`,
      `//127.0.0.1:${new URL(elsewhere.url).port}/y`,
      '/near',
      '/loop',
      'http://[',
    ])
    const kind = random.integer(6)
    if (kind < 3) response.writeHead(random.pick([301, 302, 303, 307, 308]), { location: to }).end()
    else if (kind === 3)
      response.writeHead(400).end(JSON.stringify({ code: 'Bad', message: `no such token: ${secret}` }))
    else if (kind === 4) response.writeHead(401, { 'x-request-id': secret }).end(`<p>${asked.path} ${secret}`)
    else response.end('{}')
  })
  closing.push(home.close, elsewhere.close)
  for (let n = 0; n < 120; n++) {
    const token = canary(n)
    redactor.addSecret(token)
    const http = n % 2 === 0 ? bulk : control
    const method = random.pick(['GET', 'POST', 'PUT', 'DELETE'] as const)
    await askJson(http, {
      url: `${home.url}/start?signature=${canary(n)}&x=1`,
      method,
      credential: createCredential(home.url, { authorization: `Bearer ${token}`, 'x-api-key': canary(n) }),
      headers: { cookie: canary(n), 'x-session': canary(n) },
      ...(method === 'POST' || method === 'PUT' ? { json: { password: canary(n) } } : {}),
      mostAttempts: 1,
    }).catch((failure) => {
      thrown.push(toWireError(failure, log.warn('asked', { failure })))
    })
  }
  expect(home.asked.length).toBeGreaterThan(100)
  expect(elsewhere.asked.length).toBeGreaterThan(5)
  expect(thrown.length).toBeGreaterThan(10)
  expect(JSON.stringify(home.asked)).toContain('CANARY')
  for (const [where, what] of Object.entries({
    elsewhere: elsewhere.asked,
    log: sink.lines,
    thrown,
    requests: requestLog.list(),
  }))
    expect(JSON.stringify(what), where).not.toContain('CANARY')
})

test('a certificate that nobody vouches for is refused and nothing is sent; one that the user trusts is taken', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'swath-certificate-'))
  closing.push(() => rmSync(folder, { recursive: true }))
  const [keyPath, certificatePath] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  execFileSync(
    'openssl',
    `req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 -keyout ${keyPath} -out ${certificatePath}`.split(
      ' ',
    ),
    { stdio: 'ignore' },
  )
  const certificate = readFileSync(certificatePath, 'utf8')
  let askedCount = 0
  const server = createServer({ key: readFileSync(keyPath), cert: certificate }, (_request, response) => {
    askedCount++
    response.end('{"ok":true}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  closing.push(() => server.closeAllConnections())
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const stranger = ways()
  for (const http of [stranger.bulk, stranger.control])
    await expect(askJson(http, { url })).rejects.toMatchObject({ code: 'untrusted-certificate', retry: 'never' })
  expect(askedCount).toBe(0)
  expect(stranger.requestLog.list().length).toBe(2) // asking again would not help
  expect((await askJson(ways([certificate]).bulk, { url })).value).toEqual({ ok: true })
})
