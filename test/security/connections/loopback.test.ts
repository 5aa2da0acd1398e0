/** The page on this computer that takes a provider's redirect: once, from the browser of this sign-in, and from nobody else. */
import { request } from 'node:http'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterEach, expect, test } from 'vitest'
import { isUsableRedirect, LOOPBACK_LASTS_MS, listenOnLoopback } from '../../../main/protocols/oidc-loopback.ts'
import { createTestClock } from '../../fakes/clock.ts'

const STATE = 'the-state-of-this-sign-in'
const control = { current: new AbortController() }
afterEach(() => control.current.abort())

let lastPort = 28_500
async function open(host = '127.0.0.1', path = '/callback') {
  control.current = new AbortController()
  const clock = createTestClock()
  const secrets: string[] = []
  for (;;) {
    lastPort += 1
    const redirectUrl = `http://${host}:${lastPort}${path}`
    try {
      const { signal } = control.current
      const loopback = await listenOnLoopback({
        redirectUrl,
        state: STATE,
        clock,
        signal,
        addSecret: (value) => secrets.push(value),
      })
      return { loopback, redirectUrl, port: lastPort, clock, secrets, good: `${path}?code=the-code&state=${STATE}` }
    } catch (failure) {
      if ((failure as { code?: string }).code !== 'conflict') throw failure
    }
  }
}
type Sent = { host?: string; method?: string; address?: string }
function ask(port: number, path: string, sent: Sent = {}): Promise<{ status: number; headers: object; text: string }> {
  const { host = `127.0.0.1:${port}`, method = 'GET', address = '127.0.0.1' } = sent
  return new Promise((resolve, reject) => {
    const asked = request({ host: address, port, path, method, headers: { host }, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    })
    asked.on('error', reject)
    asked.end()
  })
}

test('the redirect of this sign-in is taken, once, with a page that can do nothing', async () => {
  const { loopback, port, good, secrets } = await open()
  const [first, second] = await Promise.all([ask(port, good), ask(port, good).catch(() => null)])
  const answers = [first, second].filter((answer) => answer !== null)
  expect(answers.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(1)
  for (const { status } of answers) expect([200, 410]).toContain(status)
  expect(await loopback.answer).toEqual({ code: 'the-code', issuer: null })
  expect(secrets).toEqual(['the-code'])
  const page = answers.find(({ status }) => status === 200)
  expect(page?.headers).toMatchObject({
    'content-security-policy': expect.stringContaining("default-src 'none'"),
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  })
  expect(page?.text).not.toMatch(/<script|the-code|href|src=/)
  await expect(ask(port, good)).rejects.toThrow()
})

test.each([
  ['another host, as with a name that leads here', { host: 'evil.example' }, ''],
  ['the same host without its port', { host: '127.0.0.1' }, ''],
  ['localhost where 127.0.0.1 was said', { host: 'localhost' }, ''],
  ['a form that was sent', { method: 'POST' }, ''],
  ['another path', {}, '/callback/?code=x&state=the-state-of-this-sign-in'],
  ['the path with a second slash', {}, '//callback?code=x&state=the-state-of-this-sign-in'],
  ['another state', {}, '/callback?code=x&state=guessed'],
  ['no state', {}, '/callback?code=x'],
  ['two states', {}, '/callback?code=x&state=the-state-of-this-sign-in&state=guessed'],
  ['no code', {}, '/callback?state=the-state-of-this-sign-in'],
  ['an error without the state', {}, '/callback?error=access_denied'],
  ['markup', {}, '/callback?code=x&state=%3Cscript%3Ealert(1)%3C/script%3E'],
] as const)('%s is refused, and the sign-in goes on waiting', async (_what, sent, path) => {
  const { loopback, port, good } = await open()
  const { status, text } = await ask(port, path || good, sent as Sent)
  expect(status).toBeGreaterThanOrEqual(400)
  expect(text).not.toMatch(/script|guessed|evil/)
  await ask(port, good)
  expect(await loopback.answer).toMatchObject({ code: 'the-code' })
})

test('it is not to be reached from outside of this computer', async () => {
  const { port } = await open()
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((one) => one && !one.internal && one.family === 'IPv4')?.address
  if (outside === undefined) return expect(networkInterfaces()).toBeDefined()
  const failure = await new Promise<NodeJS.ErrnoException>((resolve, reject) => {
    connect({ host: outside, port }, () => reject(new Error('It was reached.'))).on('error', resolve)
  })
  expect(failure.code).toMatch(/ECONNREFUSED|EHOSTUNREACH|ETIMEDOUT/)
})

test('localhost is answered at both of its addresses, where there are two', async () => {
  const { port, loopback } = await open('localhost', '/')
  const hasIpv6 = Object.values(networkInterfaces())
    .flat()
    .some((one) => one?.address === '::1')
  if (hasIpv6) expect((await ask(port, '/', { host: `localhost:${port}`, address: '::1' })).status).toBe(400)
  expect(
    (await ask(port, `/?code=c&state=${STATE}&iss=https%3A%2F%2Fp.example`, { host: `localhost:${port}` })).status,
  ).toBe(200)
  expect(await loopback.answer).toEqual({ code: 'c', issuer: 'https://p.example' })
})

test('after five minutes, and when it is called off, nobody listens', async () => {
  const { loopback, port, clock, good } = await open()
  await clock.advance(LOOPBACK_LASTS_MS)
  await expect(loopback.answer).rejects.toMatchObject({ code: 'sign-in-expired' })
  await expect(ask(port, good)).rejects.toThrow()
  const other = await open()
  control.current.abort()
  await expect(other.loopback.answer).rejects.toMatchObject({ code: 'canceled' })
  await expect(ask(other.port, other.good)).rejects.toThrow()
})

test.each([
  ['http://localhost:1410/', true],
  ['http://localhost:5000', true],
  ['http://127.0.0.1:1410/callback', true],
  ['http://[::1]:1410/', true],
  ['http://localhost/', false],
  ['http://localhost:80/', false],
  ['https://localhost:1410/', false],
  ['http://localhost.evil.example:1410/', false],
  ['http://127.0.0.1.evil.example:1410/', false],
  ['http://user@localhost:1410/', false],
  ['http://localhost:*/', false],
  ['http://127.0.0.1:1410/*', false],
  ['http://localhost:1410/?next=x', false],
  ['https://editor.openeo.org', false],
  ['urn:ietf:wg:oauth:2.0:oob', false],
  [7, false],
])('whether %s is a redirect that can be answered here: %s', (address, isUsable) => {
  expect(isUsableRedirect(address)).toBe(isUsable)
})
