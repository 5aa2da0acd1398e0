/** Promise: no planted secret passes the redactor, in whatever form and place it stands; and ordinary text does. */
import { expect, test } from 'vitest'
import { createRedactor, REDACTED } from '../../../main/core/redact.ts'
import { createRandom, type Random } from '../../fakes/random.ts'

const ALPHABETS = [
  'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789',
  'abcXYZ0189-._~+/=',
  'pä$$wörd "quoted" \\ & = ? # % < > 🔑',
]
const canary = (random: Random) => {
  const alphabet = [...random.pick(ALPHABETS)]
  return `cnr${Array.from({ length: 8 + random.integer(40) }, () => random.pick(alphabet)).join('')}`
}

type Form = [string, (secret: string) => string]
const FORMS: Form[] = [
  ['as it is', (s) => s],
  ['URL-encoded', (s) => encodeURIComponent(s)],
  ['twice URL-encoded', (s) => encodeURIComponent(encodeURIComponent(s))],
  ['form-encoded', (s) => new URLSearchParams({ x: s }).toString().slice(2)],
  ['base64', (s) => Buffer.from(s).toString('base64')],
  ['base64url', (s) => Buffer.from(s).toString('base64url')],
  ['basic credentials', (s) => Buffer.from(`someone:${s}`).toString('base64')],
  ['basic credentials of a longer name', (s) => Buffer.from(`someone1:${s}`).toString('base64')],
  ['basic credentials of a still longer name', (s) => Buffer.from(`someone12:${s}`).toString('base64')],
  ['JSON', (s) => JSON.stringify({ a: s })],
]
type Place = [string, (text: string) => unknown]
const PLACES: Place[] = [
  ['a sentence', (t) => `The server said ${t} and hung up`],
  ['an error and its cause', (t) => new Error(`failed: ${t}`, { cause: new TypeError(t) })],
  ['an object', (t) => ({ deep: [{ er: { still: t } }] })],
  ['a key', (t) => ({ [t]: 1 })],
  ['a Map', (t) => new Map([['note', t]])],
  ['a Set', (t) => new Set([t])],
  ['headers', (t) => new Headers({ 'x-note': encodeURIComponent(t) })],
]

test('registered canaries in every form and every place', () => {
  const random = createRandom('canaries')
  for (let round = 0; round < 60; round++) {
    const redactor = createRedactor()
    const secret = canary(random)
    redactor.addSecret(secret)
    redactor.addSecret(canary(random))
    for (const [form, encode] of FORMS) {
      const text = encode(secret)
      // what remains of a base64 text around the secret's own bytes is not the secret
      const core = form.includes('base64') || form.includes('basic') ? text.slice(-14, -4) : text
      for (const [place, put] of PLACES) {
        const written = JSON.stringify(redactor.value(put(text)))
        expect(written, `${form} in ${place}: ${secret}`).not.toContain(core)
        expect(written, `${form} in ${place}: ${secret}`).not.toContain(JSON.stringify(secret).slice(1, -1))
      }
      expect(redactor.text(`before ${text} after`)).not.toContain(core)
    }
  }
})

test.each([
  'Authorization: Bearer oidc/egi/CANARY123.abc-_~+/=',
  'authorization: Basic CANARY123==',
  '{"Authorization":"Bearer CANARY123"}',
  'Cookie: session=CANARY123; theme=dark',
  'set-cookie: sid=CANARY123; HttpOnly',
  'x-api-key=CANARY123',
  'Proxy-Authorization: Negotiate CANARY123',
  'https://user:CANARY123@example.org/x',
  'https://CANARY123@example.org/x',
  'https://s3.example.org/a.tif?X-Amz-Signature=CANARY123&X-Amz-Date=20260101T000000Z',
  'https://s3.example.org/a.tif?x-amz-security-token=CANARY123',
  'https://blob.example.org/a.tif?sv=2024&sig=CANARY123%3D&se=2026',
  'https://example.org/#access_token=CANARY123&token_type=Bearer',
  'https://example.org/cb?code=CANARY123&state=1',
  'grant_type=refresh_token&refresh_token=CANARY123',
  'client_secret=CANARY123',
  '?password=CANARY123',
  '?key=CANARY123',
  '?api_key=CANARY123',
  '{"access_token": "CANARY123", "expires_in": 300}',
  'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJDQU5BUlkxMjMifQ.CANARY123',
])('a pattern gives the secret away: %s', (text) => {
  const redactor = createRedactor()
  expect(redactor.text(`GET ${text}\nnext line`)).not.toContain('CANARY123')
  expect(redactor.text(`GET ${text}\nnext line`)).toContain('next line')
  expect(JSON.stringify(redactor.value({ note: [text] }))).not.toContain('CANARY123')
})

test.each([
  { password: 'CANARY123' },
  { accessToken: 'CANARY123' },
  { refresh_token: 'CANARY123' },
  { headers: { Authorization: 'CANARY123', 'Set-Cookie': ['CANARY123'] } },
  { client_secret: { nested: 'CANARY123' } },
  { secretAccessKey: 'CANARY123' },
  new Map([['password', 'CANARY123']]),
  new Headers({ authorization: 'CANARY123' }),
  Object.assign(new Error('x'), { config: { apiKey: 'CANARY123' } }),
])('a name gives the secret away: %j', (value) => {
  expect(JSON.stringify(createRedactor().value({ value }))).not.toContain('CANARY123')
})

test('what is no secret passes as it is', () => {
  const redactor = createRedactor()
  redactor.addSecret('abc')
  for (const text of [
    'GET https://openeo.example.org/collections/SENTINEL2_L2A?limit=100&bands=B04#top',
    'The job was canceled after 12 s: abc',
    'https://example.org/a@2x.png',
    'monkey=banana',
    'C:\\data\\key.tif',
  ])
    expect(redactor.text(text)).toBe(text)
  const value = { assetKey: 'B04', count: 3, isSecret: true, none: null, when: new Date(0), hasSecret: false }
  expect(redactor.value(value)).toEqual({ ...value, when: '1970-01-01T00:00:00.000Z' })
})

test('hostile values end', () => {
  const redactor = createRedactor()
  const circle: Record<string, unknown> = { name: 'a' }
  circle.self = circle
  expect(redactor.value(circle)).toEqual({ name: 'a', self: '[circular]' })
  expect(
    redactor.value({
      get broken(): string {
        throw new Error('no')
      },
    }),
  ).toBe('[unreadable]')
  const text = redactor.value('x'.repeat(900_000)) as string
  expect(text.length).toBeLessThan(21_000)
  expect(redactor.value(new Uint8Array(9))).toBe('[9 bytes]')
  const startMs = performance.now()
  redactor.text(`Bearer ${'a.'.repeat(200_000)}${'https://'.repeat(20_000)}${'"'.repeat(50_000)}`)
  expect(performance.now() - startMs).toBeLessThan(4_000) // quadratic time would be minutes
  expect(redactor.text(redactor.text('Authorization: Bearer abcdef'))).toBe(`Authorization: ${REDACTED}`)
})

test('sessions that bring a new token every few minutes for months cost neither time nor memory', () => {
  const redactor = createRedactor()
  const password = 'a password of the first day'
  redactor.addSecret(password)
  const token = (n: number) => `${n}-${'Zm9vYmFy'.repeat(200)}-${n}`
  const startMs = performance.now()
  for (let n = 0; n < 5_000; n++) {
    redactor.addSecret(token(n))
    redactor.text('GET https://openeo.example/jobs 200')
  }
  expect(performance.now() - startMs).toBeLessThan(5_000) // one pattern of all of them took half a second each time
  for (const n of [4_999, 4_998, 4_800]) expect(redactor.text(`a ${token(n)} b`)).toBe(`a ${REDACTED} b`)
  expect(redactor.text(`a ${password} b`)).toBe(`a ${REDACTED} b`)
  expect(redactor.text(`a ${token(0)} b`)).toBe(`a ${token(0)} b`) // over for months
  redactor.addSecret(token(4_800))
  for (let n = 5_000; n < 5_200; n++) redactor.addSecret(token(n))
  expect(redactor.text(token(4_800))).toBe(REDACTED) // one that is still in use is a late one
})

test('of secrets that begin alike the longer is taken out whole', () => {
  const redactor = createRedactor()
  for (const secret of ['abcd', 'abcdefgh', 'abcdefghijkl']) redactor.addSecret(secret)
  expect(redactor.text('abcdefghijkl abcdefgh abcd abc')).toBe(`${REDACTED} ${REDACTED} ${REDACTED} abc`)
})
