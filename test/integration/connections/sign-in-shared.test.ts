/**
 * Sessions that share something: one browser, one account in two connections, an old session and its successor.
 * At real providers (Keycloak) revoking one token ends all that came to the same client in the same browser.
 */
import { afterEach, expect, test } from 'vitest'
import type { SignInTarget } from '../../../main/connections/types.ts'
import type { OidcOptions } from '../../fakes/oidc-server.ts'
import { eventually, openWorld, type World } from './sign-in-world.ts'

let world: World
const open = async (oidc: OidcOptions = { isOneBrowser: true }) => {
  world = await openWorld({ oidc })
  return { ...world, ...world.run() }
}
type Opened = Awaited<ReturnType<typeof open>>
afterEach(() => world.close())
const byDevice = { way: 'device', providerId: 'egi' } as const
const tokenIn = (header: string | null) => header?.split('/')[2] ?? ''

async function signInAs({ signIns, oidc, clock, until }: Opened, target: SignInTarget, login = 'analyst') {
  const kept = signIns.status(target.id)
  await signIns.start(target, byDevice)
  await oidc.approve(signIns.status(target.id).pending?.userCode ?? '', login)
  await clock.advance(5_000)
  await until(() => signIns.status(target.id).pending === undefined)
  return kept
}
const secondOf = (target: SignInTarget): SignInTarget => ({ ...target, id: 'two', title: 'The same back-end' })

test('the fake provider ends all tokens of a browser at once, as Keycloak does', async () => {
  const run = await open()
  await signInAs(run, run.target)
  await signInAs(run, secondOf(run.target))
  const [first = '', second = ''] = run.oidc
    .issued()
    .flatMap(({ kind, value }) => (kind === 'access_token' ? [value] : []))
  const refreshToken = run.oidc.issued().find(({ kind }) => kind === 'refresh_token')?.value ?? ''
  expect([await run.oidc.verify(first), await run.oidc.verify(second)]).not.toContain(null)
  await fetch(`${run.oidc.url}/token/revocation`, {
    method: 'POST',
    body: new URLSearchParams({ token: refreshToken, client_id: 'desktop' }),
  })
  expect([await run.oidc.verify(first), await run.oidc.verify(second)]).toEqual([null, null])
})

test('signing in again in the same browser does not end the new session', async () => {
  const run = await open()
  await signInAs(run, run.target)
  await signInAs(run, run.target)
  expect(await run.me()).toMatchObject({ status: 200, replays: 0 })
  expect(run.oidc.count('POST /token/revocation')).toBe(0)
  expect(run.status()).toEqual({ signIn: 'signed-in' })
})

test('signing in again as somebody else ends the session of before', async () => {
  const run = await open({})
  await signInAs(run, run.target, 'first')
  const { header } = await run.me()
  await signInAs(run, run.target, 'second')
  await eventually(() => run.oidc.count('POST /token/revocation') === 2)
  expect(await run.oidc.verify(tokenIn(header))).toBeNull()
  expect(await run.me()).toMatchObject({ status: 200 })
})

test('signing out of one connection leaves the session of another that shares the account', async () => {
  const run = await open()
  const { signIns, target, oidc, keychain } = run
  const two = secondOf(target)
  await signInAs(run, target)
  await signInAs(run, two)
  expect(await signIns.signOut(target)).toEqual({ isRevoked: false, isShared: true })
  expect(signIns.status('one')).toEqual({ signIn: 'signed-out' })
  expect([...keychain.entries.keys()]).toEqual(['sign-in/two'])
  expect(await oidc.verify(tokenIn(await signIns.authorization(two)))).toMatchObject({ subject: 'analyst' })
  expect(oidc.count('POST /token/revocation')).toBe(0)
  // the last one takes everything along
  expect(await signIns.signOut(two)).toEqual({ isRevoked: true, isShared: false })
  for (const { kind, value } of oidc.issued()) if (kind === 'access_token') expect(await oidc.verify(value)).toBeNull()
})

test('a session that this run has not read yet is respected as well', async () => {
  const run = await open()
  const two = secondOf(run.target)
  await signInAs(run, run.target)
  await signInAs(run, two)
  const later = world.run({ others: () => [run.target, two] })
  await later.signIns.restore(later.target)
  expect(await later.signIns.signOut(later.target)).toEqual({ isRevoked: false, isShared: true })
  expect(run.oidc.count('POST /token/revocation')).toBe(0)
})

test('two accounts at one provider are ended one by one', async () => {
  const run = await open({})
  const two = secondOf(run.target)
  await signInAs(run, run.target, 'first')
  await signInAs(run, two, 'second')
  expect(await run.signIns.signOut(run.target)).toEqual({ isRevoked: true, isShared: false })
  expect(await run.oidc.verify(tokenIn(await run.signIns.authorization(two)))).toMatchObject({ subject: 'second' })
})

test('a new session that the back-end refuses does not take the standing one along', async () => {
  const run = await open()
  await signInAs(run, run.target)
  run.backEnd.refusal = { status: 403, code: 'PermissionsInsufficient' }
  await signInAs(run, run.target)
  run.backEnd.refusal = null
  expect(run.status()).toMatchObject({ signIn: 'signed-in', failure: { code: 'not-enrolled' } })
  expect(await run.me()).toMatchObject({ status: 200, replays: 0 })
  expect(run.oidc.count('POST /token/revocation')).toBe(0)
})

test('a second sign-in on a session that stands is no sign-out: nobody is told of another session before there is one', async () => {
  const run = await open()
  await signInAs(run, run.target)
  const told = run.replaced.length
  await run.signIns.start(run.target, byDevice)
  expect(run.status()).toMatchObject({ signIn: 'signed-in', pending: { step: 'approve' } })
  expect(await run.me()).toMatchObject({ status: 200 })
  run.signIns.cancel('one')
  expect(run.status()).toEqual({ signIn: 'signed-in' })
  expect(run.replaced.length).toBe(told)
  await signInAs(run, run.target)
  expect(run.replaced.length).toBe(told + 1)
})

test.each([['with a session of before'], ['without one']])(
  'called off while the keychain writes, %s: what was written is taken back and the new tokens are ended',
  async (which) => {
    const run = await open({})
    const { signIns, target, oidc, keychain, clock } = run
    const hasFormer = which.startsWith('with a')
    if (hasFormer) await signInAs(run, target, 'former')
    const before = keychain.entries.get('sign-in/one')
    const { promise: hold, resolve: go } = Promise.withResolvers<void>()
    const { set } = keychain
    let isWriting = false
    keychain.set = async (name, value) => {
      if (!isWriting) {
        isWriting = true
        await hold
      }
      await set(name, value)
    }
    await signIns.start(target, byDevice)
    await oidc.approve(run.status().pending?.userCode ?? '', 'new')
    await clock.advance(5_000)
    await eventually(() => isWriting)
    signIns.cancel('one')
    go()
    await eventually(() => oidc.count('POST /token/revocation') === 2)
    const newest = oidc.issued().findLast(({ kind }) => kind === 'access_token')?.value ?? ''
    expect(await oidc.verify(newest)).toBeNull()
    expect(keychain.entries.get('sign-in/one')).toBe(before)
    expect(run.status()).toEqual({ signIn: hasFormer ? 'signed-in' : 'signed-out' })
    if (hasFormer) expect(await oidc.verify(tokenIn((await run.me()).header))).toMatchObject({ subject: 'former' })
    else expect(await signIns.authorization(target)).toBeNull()
  },
)

test('signing out does not wait for a provider that hangs, and has a limit', async () => {
  const run = await open()
  const { signIns, target, oidc, clock, headers, keychain } = run
  await signInAs(run, target)
  const { promise, resolve } = Promise.withResolvers<void>()
  oidc.hold = promise
  oidc.expireAccessTokens()
  const asked = run.me().catch((failure: unknown) => failure)
  await eventually(() => oidc.count('POST /token', 'refresh_token') === 1)
  const out = signIns.signOut(target)
  await eventually(() => headers.at(-1)?.header === null)
  expect(run.status()).toEqual({ signIn: 'signed-out' })
  await eventually(() => keychain.entries.size === 0)
  await clock.advance(10_000)
  expect(await out).toMatchObject({ isRevoked: false })
  await clock.advance(20_000)
  oidc.hold = null
  resolve()
  await asked
})

test('a session that is refused here may live on at the provider: signing out ends it there', async () => {
  const run = await open({})
  await signInAs(run, run.target)
  run.backEnd.refusal = { status: 403, code: 'TokenInvalid' }
  await run.me()
  await run.me()
  expect(run.status().signIn).toBe('expired')
  expect(await run.signIns.signOut(run.target)).toEqual({ isRevoked: true, isShared: false })
  const refreshToken = run.oidc.issued().findLast(({ kind }) => kind === 'refresh_token')?.value
  expect(
    run.oidc.requests.some(({ line, form }) => line.endsWith('revocation') && form.get('token') === refreshToken),
  ).toBe(true)
})

test('a connection that is switched off renews nothing, and goes on when it is switched on again', async () => {
  const run = await open({ accessTokenLivesS: 100 })
  const { signIns, target, oidc, clock, headers } = run
  await signInAs(run, target)
  const told = headers.length
  signIns.pause('one')
  await clock.advance(300_000)
  expect(oidc.count('POST /token', 'refresh_token')).toBe(0)
  await expect(signIns.authorization(target)).rejects.toMatchObject({ code: 'offline' })
  expect(run.status()).toEqual({ signIn: 'signed-in' })
  signIns.resume('one')
  await clock.advance(1)
  await eventually(() => headers.length > told)
  expect(oidc.count('POST /token', 'refresh_token')).toBe(1)
  expect(await run.me()).toMatchObject({ status: 200, replays: 0 })
})

test('switched off while a token is fetched, the token is handed to nobody', async () => {
  const run = await open()
  await signInAs(run, run.target)
  const later = world.run()
  await later.signIns.restore(later.target)
  const { promise, resolve } = Promise.withResolvers<void>()
  run.oidc.hold = promise
  const known = run.oidc.count('GET /.well-known/openid-configuration')
  const asked = later.signIns.authorization(later.target)
  await eventually(() => run.oidc.count('GET /.well-known/openid-configuration') > known)
  later.signIns.pause('one')
  run.oidc.hold = null
  resolve()
  await expect(asked).rejects.toMatchObject({ code: 'offline' })
  expect(later.headers.map(({ header }) => header)).toEqual([])
  // what came is kept: without it the session would be over
  const newest = run.oidc.issued().findLast(({ kind }) => kind === 'refresh_token')?.value
  expect(run.keychain.entries.get('sign-in/one')).toContain(newest)
})
