/**
 * A session that lasts: renewed before it ends and after a refusal, once for all who ask, with the new refresh token kept
 * before anything that came with it is used. The provider notices when an old refresh token comes again.
 */
import { afterEach, expect, test } from 'vitest'
import { AppError } from '../../../main/core/errors.ts'
import type { OidcOptions } from '../../fakes/oidc-server.ts'
import { eventually, openWorld, type World } from './sign-in-world.ts'

let world: World
const open = async (oidc?: OidcOptions) => {
  world = await openWorld(oidc ? { oidc } : {})
  const run = world.run()
  await run.signInByDevice(world.oidc)
  expect(run.status()).toEqual({ signIn: 'signed-in' })
  return { ...world, ...run }
}
afterEach(() => world.close())
const invalid = () => new AppError('signed-out', 'No.', { serverCode: 'TokenInvalid' })
const JWT_CLASS = 'https://api.openeo.org/1.3.0/authentication/jwt'

test('at 80 % of its life the token is renewed, again and again, and no refresh token comes twice', async () => {
  const { clock, oidc, headers, me, status } = await open({ accessTokenLivesS: 100 })
  for (const round of [1, 2, 3]) {
    const before = headers.length
    await clock.advance(79_000)
    expect(oidc.count('POST /token', 'refresh_token')).toBe(round - 1)
    await clock.advance(2_000)
    await eventually(() => headers.length > before)
    expect(oidc.count('POST /token', 'refresh_token')).toBe(round)
  }
  const sent = oidc.requests.map(({ form }) => form.get('refresh_token')).filter((token) => token !== null)
  expect(new Set(sent).size).toBe(sent.length)
  expect(await me()).toMatchObject({ status: 200, replays: 0 })
  expect(status()).toEqual({ signIn: 'signed-in' })
})

test('a new refresh token is in the keychain before its access token is told to anybody', async () => {
  const { oidc, headers, signIns, target, me } = await open()
  const { header } = await me()
  await signIns.afterRefusal(target, header ?? '', invalid())
  const told = headers.at(-1)
  const refreshToken = oidc.issued().findLast(({ kind }) => kind === 'refresh_token')?.value
  expect(told?.header).not.toBe(header)
  expect(JSON.parse(told?.kept ?? '{}').refreshToken).toBe(refreshToken)
})

test('killed between keeping and using the new token, the next start is still signed in', async () => {
  const { oidc, keychain, signIns, target, me } = await open()
  const { header } = await me()
  const { promise: dead, resolve: die } = Promise.withResolvers<void>()
  const set = keychain.set
  keychain.set = async (name, value) => {
    await set(name, value)
    die()
    await new Promise(() => {}) // nothing happens in this process any more
  }
  void signIns.afterRefusal(target, header ?? '', invalid())
  await dead
  keychain.set = set
  const again = world.run()
  await again.signIns.restore(again.target)
  expect(again.status()).toEqual({ signIn: 'signed-in' })
  expect(await again.me()).toMatchObject({ status: 200 })
  expect(oidc.count('POST /token', 'refresh_token')).toBe(2)
})

test('a hundred callers at once, refused and not, lead to one refresh', async () => {
  const { oidc, signIns, target, me } = await open()
  const { header } = await me()
  oidc.expireAccessTokens()
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      n % 2 ? signIns.afterRefusal(target, header ?? '', invalid()) : signIns.authorization(target),
    ),
  )
  expect(oidc.count('POST /token', 'refresh_token')).toBe(1)
  const newer = await signIns.authorization(target)
  expect(newer).not.toBe(header)
  for (const [n, answer] of answers.entries()) if (n % 2) expect(answer).toBe(newer)
  // a refusal that was long under way
  expect(await signIns.afterRefusal(target, header ?? '', invalid())).toBe(newer)
  expect(oidc.count('POST /token', 'refresh_token')).toBe(1)
})

test('a session that was ended at the provider is expired, says so, and stays so over a restart', async () => {
  const { oidc, me, status, signIns, target, headers, keychain } = await open()
  oidc.endSessions()
  expect(await me()).toMatchObject({ status: 403, replays: 0 })
  expect(status()).toMatchObject({
    signIn: 'expired',
    failure: { code: 'signed-out', serverCode: 'invalid_grant', message: expect.stringContaining('Sign in again') },
  })
  expect(headers.at(-1)?.header).toBeNull()
  expect(await signIns.authorization(target)).toBeNull()
  await eventually(() => !keychain.entries.get('sign-in/one')?.includes('refreshToken'))
  const again = world.run()
  await again.signIns.restore(again.target)
  expect(again.status()).toMatchObject({ signIn: 'expired', failure: { code: 'signed-out' } })
  await again.signInByDevice(oidc)
  expect(again.status()).toEqual({ signIn: 'signed-in' })
})

test('a network that fails ends nothing: it is said, tried later, and heals', async () => {
  const { oidc, me, status, signIns, target, clock } = await open({ accessTokenLivesS: 100 })
  oidc.isDown = true
  await clock.advance(80_000)
  await eventually(() => oidc.count('POST /token', 'refresh_token') === 1)
  expect(status()).toEqual({ signIn: 'signed-in' }) // the token of the moment still holds
  expect(await me()).toMatchObject({ status: 200 })
  await clock.advance(20_001)
  await expect(signIns.authorization(target)).rejects.toMatchObject({ code: 'offline', retry: 'later' })
  expect(status()).toMatchObject({ signIn: 'signed-in', failure: { code: 'offline' } })
  oidc.isDown = false
  await clock.advance(40_000)
  await eventually(() => status().failure === undefined)
  expect(await me()).toMatchObject({ status: 200 })
})

test('an expired token is renewed before it is sent, also when the computer slept over its end', async () => {
  const { oidc, me, clock } = await open({ accessTokenLivesS: 100 })
  clock.sleep(3_000_000)
  oidc.expireAccessTokens()
  expect(await me()).toMatchObject({ status: 200, replays: 0 })
})

test('without a refresh token the access token is kept, survives a restart, and its end is told', async () => {
  const { oidc, me, clock, until, keychain } = await open({ quirks: ['no-refresh-token'], accessTokenLivesS: 100 })
  expect(await me()).toMatchObject({ status: 200 })
  expect(keychain.entries.get('sign-in/one')).toContain('accessToken')
  const again = world.run()
  await again.signIns.restore(again.target)
  expect(await again.me()).toMatchObject({ status: 200, replays: 0 })
  expect(oidc.count('POST /token')).toBe(1)
  await clock.advance(100_000)
  expect(await until(({ signIn }) => signIn === 'expired')).toMatchObject({ failure: { code: 'signed-out' } })
  const later = world.run()
  await later.signIns.restore(later.target)
  expect(later.status()).toMatchObject({ signIn: 'expired' })
  expect(await later.signIns.authorization(later.target)).toBeNull()
})

test('a refused token that cannot be renewed is the end of the session', async () => {
  const { oidc, me, status } = await open({ quirks: ['no-refresh-token'] })
  oidc.expireAccessTokens()
  expect(await me()).toMatchObject({ status: 403, replays: 0 })
  expect(status()).toMatchObject({ signIn: 'expired', failure: { code: 'signed-out' } })
})

test('a new token that is refused as well ends the session instead of going in a circle', async () => {
  const { oidc, me, status, backEnd } = await open()
  backEnd.refusal = { status: 403, code: 'TokenInvalid' }
  expect(await me()).toMatchObject({ status: 403, replays: 1 })
  expect(await me()).toMatchObject({ status: 403, replays: 0 })
  expect(oidc.count('POST /token', 'refresh_token')).toBe(1)
  expect(status()).toMatchObject({ signIn: 'expired', failure: { code: 'signed-out' } })
})

test.each([
  ['not enrolled', 403, 'PermissionsInsufficient'],
  ['without payment', 402, 'PaymentRequired'],
  ['a fault of the server', 500, 'Internal'],
] as const)('a refusal that is not about the token changes nothing: %s', async (_what, status, code) => {
  const world = await open()
  world.backEnd.refusal = { status, code }
  expect(await world.me()).toMatchObject({ status, replays: 0 })
  expect(world.oidc.count('POST /token', 'refresh_token')).toBe(0)
  expect(world.status()).toEqual({ signIn: 'signed-in' })
})

test('where the back-end declares JWT the plain token is sent, where it does not take it the other form, and it is remembered', async () => {
  world = await openWorld({ oidc: { tokenForm: 'jwt' } })
  for (const form of ['bare', 'prefixed'] as const) {
    world.backEnd.form = form
    const run = world.run()
    run.target.conformsTo = [JWT_CLASS]
    await run.signInByDevice(world.oidc)
    expect(run.status()).toEqual({ signIn: 'signed-in' })
    const expected = form === 'bare' ? /^Bearer [\w-]+\.[\w-]+\.[\w-]+$/ : /^Bearer oidc\/egi\/[\w-]+\./
    expect(await run.me()).toMatchObject({ status: 200, replays: 0, header: expect.stringMatching(expected) })
    const again = world.run()
    again.target.conformsTo = [JWT_CLASS]
    await again.signIns.restore(again.target)
    expect(await again.me()).toMatchObject({ status: 200, replays: 0, header: expect.stringMatching(expected) })
  }
})

test('a form that nobody could prove is replaced by the other when it is refused', async () => {
  world = await openWorld({ oidc: { tokenForm: 'jwt' } })
  const run = world.run()
  run.target.conformsTo = ['https://api.openeo.org/*/authentication/jwt']
  run.target.offers = ['oidc']
  await run.signInByDevice(world.oidc)
  expect(await run.me()).toMatchObject({
    status: 200,
    replays: 1,
    header: expect.stringMatching(/^Bearer oidc\/egi\//),
  })
  expect(world.oidc.count('POST /token', 'refresh_token')).toBe(0)
  expect(await run.me()).toMatchObject({ status: 200, replays: 0 })
})

test.each([
  ['an opaque token', 'opaque', JWT_CLASS],
  ['a back-end that does not declare it', 'jwt', 'https://api.openeo.org/1.2.0'],
] as const)('the plain form is not tried with %s', async (_what, tokenForm, conformance) => {
  world = await openWorld({ oidc: { tokenForm } })
  const run = world.run()
  run.target.conformsTo = [conformance]
  await run.signInByDevice(world.oidc)
  expect(run.status()).toEqual({ signIn: 'signed-in' })
  const sent = world.backEnd.asked.filter(({ path }) => path === '/me').map(({ authorization }) => authorization)
  expect(sent.every((header) => header?.startsWith('Bearer oidc/egi/'))).toBe(true)
})

test('a keychain that does not take the new token is told, and the session goes on until Swath is closed', async () => {
  const { oidc, me, status, keychain } = await open()
  keychain.isLocked = true
  oidc.expireAccessTokens()
  expect(await me()).toMatchObject({ status: 200, replays: 1 })
  expect(status()).toMatchObject({ signIn: 'signed-in', failure: { code: 'secret-unreadable' } })
})

test('a keychain that is locked at the start is asked again', async () => {
  const { keychain } = await open()
  const again = world.run()
  keychain.isLocked = true
  await again.signIns.restore(again.target)
  expect(again.status()).toMatchObject({ signIn: 'signed-out', failure: { code: 'secret-unreadable' } })
  keychain.isLocked = false
  await world.clock.advance(30_000)
  expect(await again.me()).toMatchObject({ status: 200 })
})

test('a session of another origin is not used: its token would go where it does not belong', async () => {
  const { keychain } = await open()
  const again = world.run()
  again.target.rootUrl = 'http://127.0.0.1:9'
  await again.signIns.restore(again.target)
  expect(again.status().signIn).toBe('signed-out')
  expect(await again.signIns.authorization(again.target)).toBeNull()
  expect(keychain.entries.size).toBe(1)
})

test('signing out while a refresh is under way ends the newest token', async () => {
  const { oidc, signIns, target, me, keychain, status } = await open()
  const { header } = await me()
  const { promise, resolve } = Promise.withResolvers<void>()
  oidc.hold = promise
  const refreshed = signIns.afterRefusal(target, header ?? '', invalid())
  await eventually(() => oidc.count('POST /token', 'refresh_token') === 1)
  const out = signIns.signOut(target)
  oidc.hold = null
  resolve()
  expect(await out).toEqual({ isRevoked: true, isShared: false })
  await refreshed
  expect(status()).toEqual({ signIn: 'signed-out' })
  expect(keychain.entries.size).toBe(0)
  const newest = oidc.issued().filter(({ kind }) => kind === 'access_token')
  expect(newest.length).toBe(2)
  for (const { value } of newest) expect(await oidc.verify(value)).toBeNull()
})

test('Swath that is closed while a refresh is under way keeps the new token', async () => {
  const { oidc, signIns, target, me, keychain } = await open()
  const { header } = await me()
  const { promise, resolve } = Promise.withResolvers<void>()
  oidc.hold = promise
  const refreshed = signIns.afterRefusal(target, header ?? '', invalid())
  await eventually(() => oidc.count('POST /token', 'refresh_token') === 1)
  const closed = signIns.close()
  oidc.hold = null
  resolve()
  await closed
  const newest = oidc.issued().findLast(({ kind }) => kind === 'refresh_token')?.value
  expect(JSON.parse(keychain.entries.get('sign-in/one') ?? '{}').refreshToken).toBe(newest)
  await refreshed
})

test('a provider that does not answer does not hold up the end of the program', async () => {
  const { oidc, signIns, target, me, clock } = await open()
  const { header } = await me()
  const { promise, resolve } = Promise.withResolvers<void>()
  oidc.hold = promise
  const refreshed = signIns.afterRefusal(target, header ?? '', invalid()).catch(() => null)
  await eventually(() => oidc.count('POST /token', 'refresh_token') === 1)
  const closed = signIns.close()
  await clock.advance(5_000)
  await closed
  oidc.hold = null
  resolve()
  await refreshed
})
