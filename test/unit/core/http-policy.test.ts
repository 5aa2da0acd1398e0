/** Promises of the HTTP policy: when to ask again, how long to wait, where to follow, what never goes along. */
import { expect, test } from 'vitest'
import { toWireError } from '../../../main/core/errors.ts'
import { proxyOf } from '../../../main/core/http/bulk-transport.ts'
import { createCredential, headersFor } from '../../../main/core/http/credential.ts'
import { fromAnswer, fromNetworkFailure } from '../../../main/core/http/failures.ts'
import { createLimiter } from '../../../main/core/http/limiter.ts'
import { type Hop, impersonalHeaders, nextAttempt, nextHop, retryAfterMs } from '../../../main/core/http/policy.ts'
import { createRequestLog, MOST_RECORDS } from '../../../main/core/http/request-log.ts'
import { createRedactor } from '../../../main/core/redact.ts'
import { createTestClock } from '../../fakes/clock.ts'

const NOW = Date.UTC(2026, 10, 20, 9, 30)
test.each([
  [{ 'retry-after': '7' }, 7_000],
  [{ 'retry-after': '0' }, 0],
  [{ 'retry-after': '5000' }, 5_000], // milliseconds
  [{ 'retry-after': 'Fri, 20 Nov 2026 09:31:00 GMT' }, 60_000],
  [{ 'retry-after': 'Fri, 20 Nov 2026 09:29:00 GMT' }, 0],
  [{ 'retry-after-ms': '1500', 'retry-after': '2' }, 1_500],
  [{ 'x-ms-retry-after-ms': '20' }, 20],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after': '-5' }, undefined],
  [{}, undefined],
])('%j asks for %j ms', (headers, waitMs) => {
  const asked = retryAfterMs(new Headers(headers as Record<string, string>), NOW)
  if (headers['retry-after' as keyof typeof headers] === '-5') expect(asked ?? 0).toBe(0)
  else expect(asked).toBe(waitMs)
})

const answered = (status: number, asked?: number) => ({ status, retryAfterMs: asked })
test('only idempotent requests are sent again, and only for answers that pass', () => {
  for (const status of [408, 429, 502, 503, 504])
    expect(nextAttempt({ attempt: 1, isIdempotent: true, outcome: answered(status) }, 0).do).toBe('wait')
  for (const status of [200, 301, 400, 401, 403, 404, 409, 500, 501])
    expect(nextAttempt({ attempt: 1, isIdempotent: true, outcome: answered(status) }, 0).do).toBe('stop')
  expect(nextAttempt({ attempt: 1, isIdempotent: false, outcome: answered(503) }, 0).do).toBe('stop')
  const lost = { failure: 'offline', isFinal: false } as const
  expect(nextAttempt({ attempt: 1, isIdempotent: true, outcome: lost }, 0).do).toBe('wait')
  expect(nextAttempt({ attempt: 1, isIdempotent: true, outcome: { ...lost, isFinal: true } }, 0).do).toBe('stop')
  expect(nextAttempt({ attempt: 1, isIdempotent: false, outcome: lost }, 0).do).toBe('stop')
  expect(nextAttempt({ attempt: 4, isIdempotent: true, outcome: lost }, 0).do).toBe('stop')
})
test('waits grow, spread, and obey the server within bounds', () => {
  const wait = (attempt: number, random: number, asked?: number) => {
    const seen = { attempt, isIdempotent: true, outcome: answered(503, asked), mostAttempts: 99 }
    const decision = nextAttempt(seen, random)
    return decision.do === 'wait' ? decision.waitMs : undefined
  }
  expect([1, 2, 3, 4].map((attempt) => wait(attempt, 0))).toEqual([250, 500, 1_000, 2_000])
  expect(wait(1, 0.999)).toBeCloseTo(500, 0)
  expect(wait(50, 1)).toBe(30_000)
  expect(wait(1, 0, 10_000)).toBeGreaterThanOrEqual(10_000)
  expect(wait(1, 0, 120_001)).toBeUndefined()
})

const hop = (more: Partial<Hop>): Hop => ({
  url: new URL('https://a.example/x'),
  method: 'GET',
  status: 302,
  location: '/y',
  visited: ['GET https://a.example/x'],
  hasCredentials: true,
  hasBody: false,
  ...more,
})
test('redirects are followed as the standard says', () => {
  expect(nextHop(hop({}))).toMatchObject({ do: 'follow', method: 'GET', keepsCredentials: true })
  expect(nextHop(hop({ location: 'https://b.example/' }))).toMatchObject({ do: 'follow', keepsCredentials: false })
  expect(nextHop(hop({ location: 'https://a.example:444/' }))).toMatchObject({ keepsCredentials: false })
  expect(nextHop(hop({ status: 200 }))).toEqual({ do: 'answer' })
  expect(nextHop(hop({ location: null }))).toEqual({ do: 'answer' })
  const post = { method: 'POST', hasBody: true, visited: ['POST https://a.example/x'] } as const
  expect(nextHop(hop({ ...post, status: 303 }))).toMatchObject({ method: 'GET', keepsBody: false })
  expect(nextHop(hop({ ...post, status: 301 }))).toMatchObject({ method: 'GET', keepsBody: false })
  expect(nextHop(hop({ ...post, status: 307 }))).toMatchObject({ method: 'POST', keepsBody: true })
  expect(nextHop(hop({ ...post, status: 307, location: 'https://b.example/' }))).toEqual({
    do: 'refuse',
    because: 'body-elsewhere',
  })
})
test.each([
  ['downgrade', { location: 'http://a.example/y' }],
  ['address', { location: 'file:///etc/passwd' }],
  ['address', { location: 'https://u:p@a.example/' }],
  ['address', { location: 'https://' }],
  ['loop', { location: '/x' }],
  ['too-many', { visited: Array.from({ length: 6 }, (_, i) => `GET https://a.example/${i}`) }],
] as const)('a redirect is refused: %s', (because, more) => {
  expect(nextHop(hop(more))).toEqual({ do: 'refuse', because })
})
test('without credentials an open connection may be followed to', () => {
  expect(nextHop(hop({ location: 'http://a.example/y', hasCredentials: false }))).toMatchObject({ do: 'follow' })
})
test('a client that keeps to encrypted ways follows to no open one', () => {
  const open = hop({ location: 'http://a.example/y', hasCredentials: false, followsToOpen: false })
  expect(nextHop(open)).toEqual({ do: 'refuse', because: 'opened' })
  expect(nextHop({ ...open, url: new URL('http://a.example/x') })).toMatchObject({ do: 'follow' })
})
test('only impersonal headers go to another origin', () => {
  const headers = { Accept: 'a', Range: 'bytes=0-', Authorization: 'x', Cookie: 'y', 'X-Custom': 'z', 'If-Range': 'e' }
  expect(impersonalHeaders(headers)).toEqual({ Accept: 'a', Range: 'bytes=0-', 'If-Range': 'e' })
})

test('a credential cannot be had for another origin, nor printed', () => {
  const credential = createCredential('https://a.example/api/', { authorization: 'Bearer CANARY' })
  expect(headersFor(credential, new URL('https://a.example/other'))).toEqual({ authorization: 'Bearer CANARY' })
  for (const url of [
    'http://a.example/',
    'https://a.example:8443/',
    'https://a.example.evil/',
    'https://evil/a.example',
    'https://sub.a.example/',
    'file:///a.example',
  ])
    expect(headersFor(credential, new URL(url)), url).toEqual({})
  expect(JSON.stringify([credential, { ...credential }, String(credential)])).not.toContain('CANARY')
  expect(headersFor({ origin: 'https://a.example', toJSON: () => '' }, new URL('https://a.example/'))).toEqual({})
})

const error = (code: string, cause?: unknown) => Object.assign(new Error('x', { cause }), { code })
test.each([
  [error('ENOTFOUND'), 'offline', false],
  [Object.assign(new TypeError('fetch failed', { cause: error('ECONNREFUSED') })), 'offline', false],
  [
    Object.assign(new TypeError('fetch failed', { cause: new AggregateError([error('ETIMEDOUT')]) })),
    'time-out',
    false,
  ],
  [new Error('net::ERR_INTERNET_DISCONNECTED'), 'offline', false],
  [new Error('net::ERR_CERT_AUTHORITY_INVALID'), 'untrusted-certificate', true],
  [error('SELF_SIGNED_CERT_IN_CHAIN'), 'untrusted-certificate', true],
  [error('DEPTH_ZERO_SELF_SIGNED_CERT'), 'untrusted-certificate', true],
  [error('ERR_SSL_WRONG_VERSION_NUMBER'), 'back-end', true],
  [new Error('net::ERR_SSL_PROTOCOL_ERROR'), 'back-end', true],
  [new Error('something'), 'offline', false],
])('%s is %s', (failure, code, isFinal) => {
  const found = fromNetworkFailure(failure)
  expect([found.error.code, found.isFinal]).toEqual([code, isFinal])
})

test.each([
  [404, '{"id":"r-1","code":"CollectionNotFound","message":"The collection does not exist."}', 'not-found'],
  [403, '{"code":"TokenInvalid","message":"Session has expired."}', 'signed-out'],
  [402, '{"code":"PaymentRequired","message":"no credits"}', 'quota'],
  [400, '{"code":"ProcessUnsupported","message":"no such process"}', 'invalid-input'],
  [500, '<html>oops</html>', 'back-end'],
  [418, '', 'invalid-input'],
  [503, '[]', 'back-end'],
  [511, '<html>Sign in to the network</html>', 'offline'],
])('%i %s is %s', (status, body, code) => {
  const failure = fromAnswer(status, body, createRedactor())
  expect(failure.code).toBe(code)
  if (status === 404) expect(failure).toMatchObject({ serverCode: 'CollectionNotFound', serverRef: 'r-1' })
  expect(failure.message).not.toContain('<')
})
test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
  'a server code that every object has (%s) means nothing more than its status',
  (code) => {
    const failure = fromAnswer(500, JSON.stringify({ code, message: 'x' }), createRedactor())
    expect(failure).toMatchObject({ code: 'back-end', serverCode: code })
    expect(structuredClone(toWireError(failure, 'ref')).code).toBe('back-end')
  },
)
test('what a server says is shown on one line, cut, and without secrets', () => {
  const redactor = createRedactor()
  redactor.addSecret('CANARY-1')
  const said = `bad\n\u202etoken CANARY-1 Bearer CANARY-2x ${'x'.repeat(2_000)}`
  const { message } = fromAnswer(400, JSON.stringify({ message: said }), redactor)
  expect(message).not.toMatch(/CANARY|\n|\u202e/)
  expect(message.length).toBeLessThan(510)
})

test.each([
  ['DIRECT', undefined],
  ['', undefined],
  ['PROXY proxy.example:3128; DIRECT', 'http://proxy.example:3128'],
  ['HTTPS proxy.example:443', 'https://proxy.example:443'],
  ['SOCKS5 p:1; PROXY q:2', 'http://q:2'],
])('the proxy of %j is %j', (answer, proxy) => {
  expect(proxyOf(answer)).toBe(proxy)
})
test('a proxy that cannot be used is said', () => {
  expect(() => proxyOf('SOCKS5 p:1080')).toThrow(expect.objectContaining({ code: 'offline', retry: 'never' }))
})

test('turns: so many at once, users first, gaps after 429, none for the canceled', async () => {
  const clock = createTestClock()
  const limiter = createLimiter({ clock, mostAtOnce: 2 })
  const started: string[] = []
  const ask = (name: string, priority: 'user' | 'background', signal?: AbortSignal) =>
    limiter.turn('https://a.example', priority, signal).then((giveBack) => {
      started.push(name)
      return giveBack
    })
  const first = await ask('b1', 'background')
  const second = await ask('b2', 'background')
  const third = ask('b3', 'background')
  const stop = new AbortController()
  const never = ask('b4', 'background', stop.signal)
  const user = ask('u1', 'user')
  stop.abort()
  await expect(never).rejects.toMatchObject({ code: 'canceled' })
  void limiter.turn('https://b.example', 'background').then(() => started.push('other'))
  await clock.advance(0)
  expect(started).toEqual(['b1', 'b2', 'other'])
  first()
  first() // a turn is given back once
  const userTurn = await user
  expect(started).toEqual(['b1', 'b2', 'other', 'u1'])
  second()
  ;(await third)()
  limiter.slowDown('https://a.example', 10_000)
  userTurn()
  const late = ask('late', 'user')
  await clock.advance(9_999)
  expect(started).not.toContain('late')
  await clock.advance(1)
  ;(await late)()
  const next = ask('next', 'user')
  await clock.advance(249)
  expect(started).not.toContain('next')
  await clock.advance(1)
  ;(await next)()
  expect(started.slice(-2)).toEqual(['late', 'next'])
})

test('the request log keeps the last 500, without secrets, and tells of each twice', () => {
  const told: string[] = []
  const clock = createTestClock()
  const log = createRequestLog({ clock, redactor: createRedactor(), onRecord: (r) => told.push(r.outcome) })
  for (let i = 0; i < MOST_RECORDS + 20; i++) {
    const entry = log.begin('GET', `https://a.example/${i}?token=CANARY`, 1)
    entry.answered(200, 'req-1')
    entry.received(10)
    entry.end('answered')
    entry.end('failed', 'offline')
  }
  const records = log.list()
  expect(records.length).toBe(MOST_RECORDS)
  expect(records[0]?.url).toBe('https://a.example/20?token=[redacted]')
  expect(records.at(-1)).toMatchObject({ status: 200, receivedBytes: 10, outcome: 'answered', requestId: 'req-1' })
  expect(told.length).toBe(2 * (MOST_RECORDS + 20))
  log.accept({ ...(records[0] as (typeof records)[0]), id: 3, outcome: 'pending' })
  log.accept({ ...(records[0] as (typeof records)[0]), id: 3, outcome: 'failed' })
  expect(
    log
      .list()
      .slice(-2)
      .map((r) => r.outcome),
  ).toEqual(['answered', 'failed'])
})
