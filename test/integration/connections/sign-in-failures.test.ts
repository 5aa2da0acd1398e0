/** What keeps a user from signing in: each cause has its own code, its own sentence, and its next step. */
import { createServer } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { AppError } from '../../../main/core/errors.ts'
import type { SignInMethod } from '../../../preload/contract/connections.ts'
import { DEVICE_GRANT, type OidcFault, type OidcOptions } from '../../fakes/oidc-server.ts'
import { openWorld, providersOf, type World } from './sign-in-world.ts'

let world: World
const open = async (oidc?: OidcOptions) => {
  world = await openWorld(oidc ? { oidc } : {})
  return { ...world, ...world.run() }
}
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
  await world.close()
})
const byDevice: SignInMethod = { way: 'device', providerId: 'egi' }
const byBrowser: SignInMethod = { way: 'browser', providerId: 'egi', clientId: 'desktop' }

test('a wrong password', async () => {
  const { signIns, target, status, keychain } = await open()
  const start = signIns.start(target, { way: 'basic', user: 'analyst', password: 'wrong' })
  await expect(start).rejects.toMatchObject({ code: 'credentials-refused', serverCode: 'CredentialsInvalid' })
  expect(status()).toMatchObject({ signIn: 'signed-out', failure: { code: 'credentials-refused', retry: 'never' } })
  expect(keychain.entries.size).toBe(0)
})

test.each([
  ['PermissionsInsufficient', 403],
  ['CredentialsInvalid', 403], // the Sentinel Hub driver, without an EGI entitlement
  ['AccessTokenError', 500], // the Python driver, a service account that belongs to nobody
] as const)(
  'an account that is not enrolled (%s): where that is done, and no session stays',
  async (code, httpStatus) => {
    const { oidc, signInByDevice, status, backEnd, keychain, target } = await open()
    target.links = [{ rel: 'create-form', href: 'https://back-end.example/register', title: 'Join' }]
    backEnd.refusal = { status: httpStatus, code, message: 'Proper enrolment is required.' }
    await signInByDevice(oidc)
    expect(status()).toMatchObject({
      signIn: 'signed-out',
      failure: {
        code: 'not-enrolled',
        serverCode: code,
        message: expect.stringContaining('Proper enrolment is required.'),
        link: { href: 'https://back-end.example/register', title: 'Join' },
      },
    })
    expect(keychain.entries.size).toBe(0)
  },
)

test('the link to enrol comes from the sign-in service where the back-end has none', async () => {
  const { oidc, signInByDevice, status, backEnd } = await open()
  const links = [
    { rel: 'about', href: 'javascript:alert(1)', title: 'No' },
    { rel: 'create-form', href: 'https://aai.example/enrol', title: '' },
  ]
  backEnd.oidc = providersOf(oidc, { links })
  backEnd.refusal = { status: 403, code: 'PermissionsInsufficient' }
  await signInByDevice(oidc)
  expect(status().failure?.link).toEqual({ href: 'https://aai.example/enrol', title: 'Register' })
})

test('a token that the back-end takes in no form', async () => {
  const { oidc, signInByDevice, status, backEnd } = await open()
  backEnd.form = 'none'
  await signInByDevice(oidc)
  expect(status()).toMatchObject({
    signIn: 'signed-out',
    failure: { code: 'credentials-refused', serverCode: 'TokenInvalid', message: expect.stringContaining('EGI') },
  })
})

test('a back-end that cannot be asked right now does not spoil a sign-in', async () => {
  const { oidc, signInByDevice, status, backEnd } = await open()
  backEnd.refusal = { status: 500, code: 'Internal' }
  await signInByDevice(oidc)
  expect(status()).toEqual({ signIn: 'signed-in' })
})

test.each([
  ['ahead of', 7_200_000, '2 hours'],
  ['behind', -600_000, '10 minutes'],
] as const)('a clock that is %s that of the provider', async (which, byMs, howMuch) => {
  const { oidc, signInByDevice, status, clock } = await open()
  clock.setWall(Date.now() + byMs)
  await signInByDevice(oidc)
  expect(status()).toMatchObject({ signIn: 'signed-out', failure: { code: 'clock-skew', retry: 'now' } })
  expect(status().failure?.message).toContain(`${howMuch} ${which}`)
})

test.each([
  ['ahead', 7_200],
  ['behind', -7_200],
])('a provider whose own clock is %s is told apart from a refusal', async (_which, clockAheadS) => {
  const { oidc, signInByDevice, status } = await open({ clockAheadS })
  await signInByDevice(oidc)
  expect(status().failure).toMatchObject({ code: 'clock-skew' })
})

test('a clock that is a little wrong does not matter', async () => {
  const { oidc, signInByDevice, status } = await open({ clockAheadS: 120 })
  await signInByDevice(oidc)
  expect(status()).toEqual({ signIn: 'signed-in' })
})

test('the user says no at the page for the code', async () => {
  const { signIns, target, status, oidc, clock, until } = await open()
  await signIns.start(target, byDevice)
  await oidc.deny(status().pending?.userCode ?? '')
  await clock.advance(1_000)
  expect(await until(({ signIn }) => signIn !== 'signing-in')).toMatchObject({
    signIn: 'signed-out',
    failure: { code: 'sign-in-expired', serverCode: 'access_denied' },
  })
})

test('the user says no in the browser', async () => {
  const { signIns, target, oidc, pages, until } = await open()
  await signIns.start(target, byBrowser)
  const answer = await oidc.visit(pages[0] ?? '', 'deny')
  expect(await answer.text()).toContain('not approved')
  const { failure } = await until(({ signIn }) => signIn !== 'signing-in')
  expect(failure).toMatchObject({ code: 'sign-in-expired', serverCode: 'access_denied' })
})

test('the browser is closed: after five minutes the sign-in has run out', async () => {
  const { signIns, target, status, clock, pages } = await open()
  await signIns.start(target, byBrowser)
  await clock.advance(299_999)
  expect(status().signIn).toBe('signing-in')
  await clock.advance(1)
  expect(status()).toMatchObject({ signIn: 'signed-out', failure: { code: 'sign-in-expired', retry: 'now' } })
  await expect(fetch(new URL(pages[0] ?? '').searchParams.get('redirect_uri') ?? '')).rejects.toThrow()
})

test('a code that nobody approves runs out', async () => {
  const { signIns, target, status, clock, poll, oidc } = await open({ deviceCodeLivesS: 3 })
  await signIns.start(target, byDevice)
  for (const _ of [1, 2, 3]) await poll(oidc, 1_000)
  expect(status()).toMatchObject({ signIn: 'signed-out', failure: { code: 'sign-in-expired' } })
  expect(clock.timerCount).toBe(0)
})

test('the port that the redirect needs is taken by another program', async () => {
  const { signIns, target, status, ownRedirectUrl } = await open()
  const { port } = new URL(ownRedirectUrl)
  const other = createServer().listen(Number(port), '127.0.0.1')
  closing.push(() => other.close())
  await new Promise((ready) => other.once('listening', ready))
  await expect(signIns.start(target, byBrowser)).rejects.toMatchObject({ code: 'conflict', retry: 'now' })
  expect(status()).toMatchObject({ signIn: 'signed-out', failure: { message: expect.stringContaining(port) } })
})

test.each([
  ['does not answer', 'cut'],
  ['is in trouble', { status: 503 }],
  ['answers with a page', { status: 200, body: '<html>', headers: { 'content-type': 'text/html' } }],
  ['is not there', { status: 404, body: {} }],
  ['names itself as another', { status: 200, body: { issuer: 'https://evil.example' } }],
  ['has addresses that are not encrypted', { status: 200, body: { token_endpoint: 'http://evil.example/token' } }],
] as const)('a provider that %s', async (_what, fault) => {
  const { signIns, target, status, oidc } = await open()
  const stated = fault as { body?: object | string }
  const document = typeof stated.body === 'object' ? { issuer: oidc.issuer, ...stated.body } : stated.body
  const one = (fault === 'cut' ? fault : { ...stated, body: document }) as OidcFault
  oidc.fail('GET /.well-known/openid-configuration', one, one, one, one)
  await expect(signIns.start(target, byDevice)).rejects.toMatchObject({ code: 'provider-unavailable' })
  expect(status()).toMatchObject({ signIn: 'signed-out', failure: { code: 'provider-unavailable' } })
  expect(status().failure?.message).toMatch(/^[A-Z].*sign-in service.*\.$/)
})

test('a provider that does not exist, while the back-end answers', async () => {
  const { signIns, target, backEnd, oidc } = await open()
  backEnd.oidc = providersOf(oidc, { issuer: 'https://does-not-exist.invalid' })
  await expect(signIns.start(target, byDevice)).rejects.toMatchObject({
    code: 'provider-unavailable',
    retry: 'later',
    message: 'The sign-in service could not be reached: EGI Check-in.',
  })
})

test('a back-end that does not answer', async () => {
  const { signIns, target, backEnd, status } = await open()
  backEnd.isDown = true
  await expect(signIns.start(target, byDevice)).rejects.toMatchObject({ code: 'offline' })
  expect(status()).toMatchObject({ signIn: 'signed-out', failure: { code: 'offline' } })
})

test.each([
  [
    'a client that the provider does not know',
    byDevice,
    { default_clients: [{ id: 'withdrawn', grant_types: [DEVICE_GRANT] }] },
    'credentials-refused',
  ],
  ['no client for a code', byDevice, { default_clients: [] }, 'not-offered'],
  ['no client for the browser', { way: 'browser', providerId: 'egi' }, {}, 'not-offered'],
  ['a provider that is not listed', { way: 'device', providerId: 'gone' }, {}, 'not-found'],
] as const)('%s', async (_what, method, change, code) => {
  const { signIns, target, backEnd, oidc } = await open()
  backEnd.oidc = providersOf(oidc, change)
  await expect(signIns.start(target, method)).rejects.toMatchObject({ code })
})

test('what is not tokens, in place of tokens', async () => {
  const { signIns, target, status, oidc, clock, until } = await open()
  for (const body of [{}, { access_token: 7 }, [], { access_token: 'a\r\nb', token_type: 'Bearer' }]) {
    await signIns.start(target, byDevice)
    oidc.fail('POST /token', { status: 200, body })
    await clock.advance(1_000)
    await until(({ signIn }) => signIn !== 'signing-in')
    expect(status()).toMatchObject({ signIn: 'signed-out', failure: { code: 'provider-unavailable' } })
  }
})

test('what the provider sends in its errors is not shown', async () => {
  const { signIns, target, status, oidc, clock, until } = await open()
  await signIns.start(target, byDevice)
  const body = { error: 'weird <b>thing</b>', error_description: 'Call +1 555 0100' }
  oidc.fail('POST /token', { status: 400, body })
  await clock.advance(1_000)
  await until(({ signIn }) => signIn !== 'signing-in')
  expect(JSON.stringify(status())).not.toMatch(/555|<b>/)
})

test('a keychain that takes nothing: signed in until Swath is closed, and that is said', async () => {
  const { oidc, signInByDevice, status, keychain, me } = await open()
  keychain.set = async () => {
    throw new AppError('secret-unreadable', 'No.')
  }
  await signInByDevice(oidc)
  expect(status()).toMatchObject({ signIn: 'signed-in', failure: { code: 'secret-unreadable' } })
  expect(await me()).toMatchObject({ status: 200 })
})

test('a back-end without sign-in needs none', async () => {
  const { signIns, target, status } = await open()
  target.offers = ['collections']
  await signIns.restore(target)
  expect(status()).toEqual({ signIn: 'not-needed' })
  target.offers = [] // never reached
  expect(status()).toEqual({ signIn: 'signed-out' })
})
