/**
 * Sessions in bad company: endpoints that refuse alone, captive portals, providers that are gone, keychains that are
 * locked, numbers that nobody can mean. Nothing of it signs the user out, and nothing of it is asked for again and again.
 */
import { afterEach, expect, test } from 'vitest'
import { AppError } from '../../../main/core/errors.ts'
import { fromAnswer } from '../../../main/core/http/failures.ts'
import { createRedactor } from '../../../main/core/redact.ts'
import type { OidcFault, OidcOptions } from '../../fakes/oidc-server.ts'
import { eventually, openWorld, type World } from './sign-in-world.ts'

let world: World
const open = async (oidc?: OidcOptions) => {
  world = await openWorld(oidc ? { oidc } : {})
  return { ...world, ...world.run() }
}
const signedIn = async (oidc?: OidcOptions) => {
  const run = await open(oidc)
  await run.signInByDevice(world.oidc)
  expect(run.status()).toEqual({ signIn: 'signed-in' })
  return run
}
afterEach(() => world.close())
const byDevice = { way: 'device', providerId: 'egi' } as const
const onlyHere = () => new AppError('signed-out', 'Logs are for admins.', { serverCode: 'AuthenticationRequired' })
/** Renewals that failed: what came of a request, and not only that it was sent. */
const failuresIn = ({ sink }: { sink: { lines: unknown[] } }) =>
  sink.lines.filter((line) => JSON.stringify(line).includes('could not be renewed')).length
const refreshes = () => world.oidc.count('POST /token', 'refresh_token')

test('one endpoint that refuses every token ends no session: /me is asked before', async () => {
  const { signIns, target, me, status, backEnd } = await signedIn()
  for (const round of [1, 2, 3, 4]) {
    const header = (await signIns.authorization(target)) ?? ''
    const other = await signIns.afterRefusal(target, header, onlyHere())
    expect(other === null).toBe(round > 1) // the first time the token may have been at fault
    expect(status()).toEqual({ signIn: 'signed-in' })
  }
  expect(await me()).toMatchObject({ status: 200, replays: 0 })
  expect(refreshes()).toBe(1)
  const asked = backEnd.asked.filter(({ path }) => path === '/me').length
  await Promise.all(
    Array.from({ length: 20 }, async () =>
      signIns.afterRefusal(target, (await signIns.authorization(target)) ?? '', onlyHere()),
    ),
  )
  expect(backEnd.asked.filter(({ path }) => path === '/me').length).toBe(asked) // it was taken a moment ago
})

test('nor one without a refresh token', async () => {
  const { signIns, target, me, status } = await signedIn({ quirks: ['no-refresh-token'] })
  const header = (await signIns.authorization(target)) ?? ''
  expect(await signIns.afterRefusal(target, header, onlyHere())).toBeNull()
  expect(status()).toEqual({ signIn: 'signed-in' })
  expect(await me()).toMatchObject({ status: 200, replays: 0 })
})

test('a back-end that cannot be asked at /me proves nothing', async () => {
  const { signIns, target, status, backEnd } = await signedIn({ quirks: ['no-refresh-token'] })
  backEnd.isDown = true
  const header = (await signIns.authorization(target)) ?? ''
  expect(await signIns.afterRefusal(target, header, onlyHere())).toBeNull()
  expect(status()).toEqual({ signIn: 'signed-in' })
})

const portal = (status: number) => fromAnswer(status, '<html>Welcome to the hotel</html>', createRedactor())
test.each([403, 401, 511])('a captive portal (HTTP %d) at /credentials/basic ends nothing', async (code) => {
  const { signIns, target, backEnd } = await open()
  await signIns.start(target, { way: 'basic', user: 'analyst', password: backEnd.password })
  const later = world.run()
  const inHotel = {
    ...later.target,
    http: { ...later.target.http, ask: async () => Promise.reject(portal(code)) },
  }
  await later.signIns.restore(inHotel)
  await expect(later.signIns.authorization(inHotel)).rejects.toMatchObject({ code: expect.not.stringMatching(/^bug$/) })
  expect(later.status().signIn).toBe('signed-in')
  later.signIns.networkIsBack()
  expect(await later.signIns.authorization(later.target)).toBe('Bearer basic//basic-token-2')
  expect(later.status()).toEqual({ signIn: 'signed-in' })
})

test('a password that the back-end refuses ends the session; another network may ask once more', async () => {
  const { signIns, target, backEnd } = await open()
  const { password } = backEnd
  await signIns.start(target, { way: 'basic', user: 'analyst', password })
  const later = world.run()
  backEnd.password = 'changed-for-a-moment'
  await later.signIns.restore(later.target)
  expect(await later.signIns.authorization(later.target)).toBeNull()
  expect(later.status()).toMatchObject({ signIn: 'expired', failure: { code: 'credentials-refused' } })
  backEnd.password = password
  expect(await later.signIns.authorization(later.target)).toBeNull()
  later.signIns.networkIsBack()
  expect(later.status()).toEqual({ signIn: 'signed-in' })
  expect(await later.me()).toMatchObject({ status: 200 })
})

test('a certificate that is trusted later, or not any more, reaches the client of a session that stands', async () => {
  const { signIns, target } = await signedIn()
  const used: string[] = []
  const over = (name: string) => ({
    ...target,
    http: {
      send: (request: Parameters<typeof target.http.send>[0]) => {
        used.push(name)
        return target.http.send(request)
      },
      ask: target.http.ask,
    },
  })
  const header = (await signIns.authorization(over('first'))) ?? ''
  const next = (await signIns.afterRefusal(over('second'), header, onlyHere())) ?? ''
  expect(next).not.toBe(header)
  expect(used).toEqual(['second'])
  world.oidc.fail('POST /token', { status: 404, body: '<html>' })
  await world.clock.advance(61_000)
  await expect(signIns.afterRefusal(over('third'), next, onlyHere())).rejects.toMatchObject({
    code: 'provider-unavailable',
  })
  const known = world.oidc.count('GET /.well-known/openid-configuration')
  await world.clock.advance(61_000)
  expect(await signIns.afterRefusal(over('fourth'), next, onlyHere())).not.toBeNull()
  expect(world.oidc.count('GET /.well-known/openid-configuration')).toBe(known + 1)
})

test('a provider that is down is not stormed while the token of the moment holds', async () => {
  const run = await signedIn({ accessTokenLivesS: 100 })
  const { signIns, target, oidc, clock } = run
  oidc.isDown = true
  await clock.advance(81_000)
  await eventually(() => failuresIn(run) === 1)
  for (let n = 0; n < 10; n++) {
    expect(await signIns.authorization(target)).not.toBeNull()
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(failuresIn(run)).toBe(1)
  // the token is over: who needs one is told why there is none, and asks the provider now and then
  await clock.advance(20_000)
  await eventually(() => failuresIn(run) === 2)
  for (let n = 0; n < 10; n++) await expect(signIns.authorization(target)).rejects.toMatchObject({ code: 'offline' })
  expect(failuresIn(run)).toBeLessThanOrEqual(3)
})

test.each([
  ['a page of a portal', { status: 200, body: '<html>', headers: { 'content-type': 'text/html' } }],
  ['another page', { status: 404, body: '<html>' }],
] as [string, OidcFault][])('a provider that answers with %s is tried again, slowly', async (_what, fault) => {
  const run = await signedIn({ accessTokenLivesS: 100 })
  const { oidc, clock, headers, status } = run
  oidc.fail('POST /token', fault, fault)
  await clock.advance(81_000)
  await eventually(() => failuresIn(run) === 1)
  await clock.advance(25_000) // over by now
  await eventually(() => failuresIn(run) === 2)
  await eventually(() => headers.at(-1)?.header === null) // nobody else sends what is over
  expect(status()).toMatchObject({ signIn: 'signed-in', failure: { code: 'provider-unavailable' } })
  const { length } = headers
  await clock.advance(605_000)
  await eventually(() => headers.length > length)
  expect(status()).toEqual({ signIn: 'signed-in' })
})

test('a renewal that gets no answer ends after its limit, and whoever waits may leave before', async () => {
  const { signIns, target, oidc, clock } = await signedIn({ accessTokenLivesS: 100 })
  const { promise, resolve } = Promise.withResolvers<void>()
  oidc.hold = promise
  clock.sleep(200_000)
  const control = new AbortController()
  const left = signIns.authorization(target, control.signal)
  const patient = signIns.authorization(target).catch((failure: unknown) => failure)
  await eventually(() => refreshes() === 1)
  control.abort(new AppError('canceled', 'Canceled.'))
  await expect(left).rejects.toMatchObject({ code: 'canceled' })
  await clock.advance(20_000)
  expect(await patient).toMatchObject({ code: 'provider-unavailable', retry: 'later' })
  oidc.hold = null
  resolve()
})

test('a keychain that refuses is not asked by every request, and nothing goes out as if nobody were signed in', async () => {
  const { keychain, clock } = await signedIn()
  const later = world.run()
  keychain.isLocked = true
  const before = keychain.uses.length
  for (let n = 0; n < 5; n++) {
    await later.signIns.restore(later.target)
    await expect(later.signIns.authorization(later.target)).rejects.toMatchObject({ code: 'secret-unreadable' })
  }
  expect(keychain.uses.length - before).toBe(1)
  expect(later.status()).toMatchObject({ signIn: 'signed-out', failure: { code: 'secret-unreadable' } })
  keychain.isLocked = false
  await expect(later.signIns.authorization(later.target)).rejects.toMatchObject({ code: 'secret-unreadable' })
  await clock.advance(30_000)
  expect(await later.me()).toMatchObject({ status: 200 })
  expect(later.status()).toEqual({ signIn: 'signed-in' })
})

test('what the user does asks the keychain at once', async () => {
  const { keychain } = await signedIn()
  const later = world.run()
  keychain.isLocked = true
  await later.signIns.restore(later.target)
  keychain.isLocked = false
  await later.signIns.lookAgain()
  expect(later.status()).toEqual({ signIn: 'signed-in' })
  keychain.isLocked = true
  const third = world.run()
  await third.signIns.restore(third.target)
  await third.signInByDevice(world.oidc)
  expect(third.status()).toMatchObject({ signIn: 'signed-in', failure: { code: 'secret-unreadable' } })
})

test.each([
  [1e15, 1e9, 3_600_000],
  [-5, 0.001, 600_000],
  ['soon', 'often', 600_000],
])('numbers of a device answer that nobody can mean are cut: lives %s, every %s', async (lives, interval, livesMs) => {
  const { signIns, target, oidc, status, clock } = await open()
  oidc.fail('POST /device/auth', {
    status: 200,
    body: {
      device_code: 'a-device-code-of-a-test',
      user_code: 'USER-CODE',
      verification_uri: 'https://p.example/device',
      expires_in: lives,
      interval,
    },
  })
  await signIns.start(target, byDevice)
  expect(Date.parse(status().pending?.expiresAt ?? '') - clock.now()).toBe(livesMs)
  await clock.advance(999)
  expect(oidc.count('POST /token')).toBe(0)
  await clock.advance(60_000)
  await eventually(() => oidc.count('POST /token') > 0)
})

test('the host of a page that is neither the provider nor the back-end is told', async () => {
  const { signIns, target, oidc, status } = await open()
  const body = { device_code: 'a-device-code-of-a-test', user_code: 'USER-CODE', expires_in: 60 }
  oidc.fail(
    'POST /device/auth',
    { status: 200, body: { ...body, verification_uri: 'https://login.elsewhere.example/device' } },
    {
      status: 200,
      body: { ...body, verification_uri: `${oidc.url}/device`, verification_uri_complete: 'https://a.example/' },
    },
    { status: 200, body: { ...body, verification_uri: `${oidc.url}/device` } },
  )
  await signIns.start(target, byDevice)
  expect(status().pending?.foreignHost).toBe('login.elsewhere.example')
  await signIns.start(target, byDevice)
  expect(status().pending?.foreignHost).toBe('a.example')
  await signIns.start(target, byDevice)
  expect(status().pending?.foreignHost).toBeUndefined()
})

test('a JWT that is refused with the prefix is sent without, also where the back-end declares nothing', async () => {
  world = await openWorld({ oidc: { tokenForm: 'jwt' } })
  world.backEnd.form = 'bare'
  const run = world.run()
  await run.signInByDevice(world.oidc)
  expect(run.status()).toEqual({ signIn: 'signed-in' })
  expect(await run.me()).toMatchObject({ status: 200, replays: 0, header: expect.stringMatching(/^Bearer [\w-]+\./) })
})

test('after the end of the program no renewal begins', async () => {
  const { signIns, target, oidc, clock } = await signedIn({ accessTokenLivesS: 100 })
  await signIns.close()
  clock.sleep(200_000)
  await expect(signIns.authorization(target)).rejects.toMatchObject({ code: 'canceled' })
  expect(oidc.count('POST /token', 'refresh_token')).toBe(0)
})
