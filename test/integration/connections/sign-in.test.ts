/** Signing in by each way, and signing out, against a real OpenID provider. */

import { afterEach, expect, test } from 'vitest'
import { DEVICE_GRANT, type OidcOptions, SERVICE_SECRET } from '../../fakes/oidc-server.ts'
import { eventually, freePort, GRANTS, openWorld, providersOf, type World } from './sign-in-world.ts'

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
const byDevice = { way: 'device', providerId: 'egi' } as const

test('a code is shown, approved elsewhere, and the session survives a restart', async () => {
  const { signIns, target, status, oidc, clock, until, me, keychain, poll } = await open()
  await signIns.start(target, byDevice)
  expect(status()).toMatchObject({
    signIn: 'signing-in',
    pending: { step: 'approve', providerTitle: 'EGI Check-in', isDisturbed: false },
  })
  const { userCode, verificationUri, expiresAt } = status().pending ?? {}
  expect(verificationUri).toBe(`${oidc.url}/device`)
  expect(Date.parse(expiresAt ?? '') - clock.now()).toBe(600_000)
  expect(signIns.page('one')).toContain(userCode)
  await poll(oidc, 1_000)
  expect(status().signIn).toBe('signing-in')
  await oidc.approve(userCode ?? '')
  await clock.advance(1_000)
  await until(({ signIn }) => signIn !== 'signing-in')
  expect(status()).toEqual({ signIn: 'signed-in' })
  expect(signIns.page('one')).toBeNull()
  expect(await me()).toMatchObject({ status: 200, header: expect.stringMatching(/^Bearer oidc\/egi\/\S+$/) })
  expect([...keychain.entries.keys()]).toEqual(['sign-in/one'])
  const begin = oidc.requests.find(({ line }) => line === 'POST /device/auth')?.form
  expect(Object.fromEntries(begin ?? [])).toMatchObject({
    client_id: 'desktop',
    scope: 'email offline_access openid',
    code_challenge_method: 'S256',
  })

  const again = world.run()
  await again.signIns.restore(again.target)
  expect(again.status()).toEqual({ signIn: 'signed-in' })
  expect(oidc.count('POST /token', 'refresh_token')).toBe(0) // reading it asks nobody
  expect(await again.me()).toMatchObject({ status: 200 })
  expect(oidc.count('POST /token', 'refresh_token')).toBe(1)
})

test.each([
  ['issuer-slash'],
  ['verification-url'],
  ['no-device-expiry'],
  ['interval-zero'],
  ['no-offline-access'],
  ['no-revocation'],
] as const)('a provider with the quirk %s is signed in to, and refreshes', async (quirk) => {
  const { signInByDevice, status, oidc, me } = await open({ quirks: [quirk] })
  await signInByDevice(oidc)
  expect(status()).toEqual({ signIn: 'signed-in' })
  oidc.expireAccessTokens()
  expect(await me()).toMatchObject({ status: 200, replays: 1 })
  expect(oidc.count('POST /token', 'refresh_token')).toBe(1)
  const { scope } = Object.fromEntries(oidc.requests.find(({ line }) => line === 'POST /device/auth')?.form ?? [])
  expect(scope?.split(' ').includes('offline_access')).toBe(quirk !== 'no-offline-access')
})

test('an issuer that the back-end lists with a slash, and authorization parameters, are taken as meant', async () => {
  const { signInByDevice, status, oidc, backEnd } = await open()
  backEnd.oidc = providersOf(oidc, {
    issuer: `${oidc.url}/`,
    authorization_parameters: { audience: 'openeo', client_id: 'evil', scope: 'all' },
  })
  await signInByDevice(oidc)
  expect(status().signIn).toBe('signed-in')
  const form = Object.fromEntries(oidc.requests.find(({ line }) => line === 'POST /device/auth')?.form ?? [])
  expect(form).toMatchObject({ audience: 'openeo', client_id: 'desktop', scope: 'email offline_access openid' })
})

test('polls go on over a network that fails, with the same code, and slower when asked to', async () => {
  const { signIns, target, status, oidc, clock, until, poll } = await open()
  await signIns.start(target, byDevice)
  const code = status().pending?.userCode ?? ''
  await poll(oidc, 1_000)
  oidc.fail('POST /token', 'cut', { status: 503 })
  await poll(oidc, 1_000)
  expect(status().pending?.isDisturbed).toBe(true)
  await poll(oidc, 2_000)
  expect(status().pending?.isDisturbed).toBe(true)
  clock.sleep(60_000) // the lid was closed for a minute
  oidc.fail('POST /token', { status: 400, body: { error: 'slow_down' } })
  await poll(oidc, 4_000)
  expect(status().pending?.isDisturbed).toBe(false)
  const asked = oidc.count('POST /token')
  await clock.advance(5_999)
  expect(oidc.count('POST /token')).toBe(asked) // 1 s and 5 s more
  await oidc.approve(code)
  await clock.advance(1)
  await until(({ signIn }) => signIn === 'signed-in')
  const codes = oidc.requests.filter(({ line }) => line === 'POST /token').map(({ form }) => form.get('device_code'))
  expect(new Set(codes).size).toBe(1)
  expect(oidc.count('POST /device/auth')).toBe(1)
})

test('a sign-in that is called off is over: nothing is asked any more and nothing listens', async () => {
  const { signIns, target, status, oidc, clock } = await open()
  await signIns.start(target, byDevice)
  signIns.cancel('one')
  expect(status()).toEqual({ signIn: 'signed-out' })
  await clock.advance(60_000)
  expect(oidc.count('POST /token')).toBe(0)
  expect(clock.timerCount).toBe(0)
})

test('a second sign-in takes the place of the first, and the session of before goes when the new one stands', async () => {
  const { signIns, target, status, oidc, signInByDevice, me } = await open()
  await signInByDevice(oidc, 'first')
  const before = (await me()).header
  await signIns.start(target, byDevice)
  expect(status()).toMatchObject({ signIn: 'signed-in', pending: { step: 'approve' } })
  expect((await me()).header).toBe(before) // until then the old one serves
  await signInByDevice(oidc, 'second')
  expect(status().signIn).toBe('signed-in')
  const { header } = await me()
  expect(await oidc.verify(header?.split('/')[2] ?? '')).toMatchObject({ subject: 'second' })
  await eventually(() => oidc.count('POST /token/revocation') === 2)
})

test('the browser comes back to the listed address, exactly, and is answered with a plain page', async () => {
  const port = await freePort()
  const redirectUrl = `http://localhost:${port}`
  const { signIns, target, status, oidc, backEnd, pages, until, me } = await open({ redirectUrls: [redirectUrl] })
  backEnd.oidc = providersOf(oidc, {}, { redirect_urls: ['https://editor.openeo.org', redirectUrl] })
  await signIns.start(target, { way: 'browser', providerId: 'egi' })
  expect(status()).toMatchObject({ signIn: 'signing-in', pending: { step: 'browser', userCode: null } })
  expect(pages).toEqual([signIns.page('one')])
  const asked = new URL(pages[0] ?? '').searchParams
  expect(asked.get('redirect_uri')).toBe(redirectUrl)
  expect(asked.get('code_challenge_method')).toBe('S256')
  const answer = await oidc.visit(pages[0] ?? '')
  expect(answer.status).toBe(200)
  expect(await answer.text()).toContain('can be closed')
  await until(({ signIn }) => signIn !== 'signing-in')
  expect(status()).toEqual({ signIn: 'signed-in' })
  expect(await me()).toMatchObject({ status: 200 })
  await expect(fetch(redirectUrl)).rejects.toThrow() // nobody listens any more
})

test('an own client signs in over the browser at the stated address', async () => {
  const { signIns, target, oidc, backEnd, pages, until, ownRedirectUrl } = await open()
  backEnd.oidc = providersOf(oidc, { default_clients: null })
  const { providers } = await signIns.methods(target)
  expect(providers).toMatchObject([{ ways: [], redirectUrl: ownRedirectUrl }])
  await signIns.start(target, { way: 'browser', providerId: 'egi', clientId: 'desktop' })
  await oidc.visit(pages[0] ?? '')
  expect(await until(({ signIn }) => signIn !== 'signing-in')).toEqual({ signIn: 'signed-in' })
})

test('a service account signs in with its secret, without a user, and again when its token ends', async () => {
  const { signIns, target, status, oidc, me, keychain } = await open()
  const method = { way: 'client-credentials', providerId: 'egi', clientId: 'service' } as const
  await signIns.start(target, { ...method, clientSecret: SERVICE_SECRET })
  expect(status()).toEqual({ signIn: 'signed-in' })
  expect(await me()).toMatchObject({ status: 200, replays: 0 })
  oidc.expireAccessTokens()
  expect(await me()).toMatchObject({ status: 200, replays: 1 })
  expect(oidc.count('POST /token', 'client_credentials')).toBe(2)
  expect(keychain.entries.get('sign-in/one')).toContain(SERVICE_SECRET)

  const again = world.run()
  await again.signIns.restore(again.target)
  expect(await again.me()).toMatchObject({ status: 200 })
  await expect(again.signIns.start(target, { ...method, clientSecret: 'wrong' })).rejects.toMatchObject({
    code: 'credentials-refused',
    serverCode: 'invalid_client',
  })
  expect(again.status()).toMatchObject({ signIn: 'signed-in', failure: { code: 'credentials-refused' } })
})

test('user and password become a token that is renewed silently, also after a restart', async () => {
  const { signIns, target, status, me, backEnd, clock } = await open()
  await signIns.start(target, { way: 'basic', user: 'analyst', password: backEnd.password })
  expect(status()).toEqual({ signIn: 'signed-in' })
  expect(await me()).toMatchObject({ status: 200, header: 'Bearer basic//basic-token-1' })
  const again = world.run()
  await again.signIns.restore(again.target)
  expect(await again.me()).toMatchObject({ status: 200, header: 'Bearer basic//basic-token-2' })
  // the token of before is refused now: another is had without asking the user
  expect(await me()).toMatchObject({ status: 200, header: 'Bearer basic//basic-token-3', replays: 1 })
  await clock.advance(60_000)
  backEnd.password = 'changed'
  backEnd.refusal = { status: 403, code: 'TokenInvalid' }
  expect(await me()).toMatchObject({ status: 403 })
  expect(status()).toMatchObject({ signIn: 'expired', failure: { code: 'credentials-refused' } })
})

test('signing out ends the tokens at the provider and forgets them', async () => {
  const { signIns, target, status, oidc, signInByDevice, keychain, headers, me } = await open()
  await signInByDevice(oidc)
  const { header } = await me()
  expect(await signIns.signOut(target)).toEqual({ isRevoked: true, isShared: false })
  expect(status()).toEqual({ signIn: 'signed-out' })
  expect(keychain.entries.size).toBe(0)
  expect(headers.at(-1)?.header).toBeNull()
  expect(await oidc.verify(header?.split('/')[2] ?? '')).toBeNull()
  expect(
    oidc.requests
      .filter(({ line }) => line === 'POST /token/revocation')
      .map(({ form }) => form.get('token_type_hint')),
  ).toEqual(['refresh_token', 'access_token'])
  expect(oidc.requests.some(({ line }) => line.includes('/session/end'))).toBe(false)
  expect(await signIns.authorization(target)).toBeNull()
})

test.each([
  ['without a way to revoke', 'no-revocation'],
  ['without an answer', null],
] as const)('signing out at a provider %s ends the session here', async (_what, quirk) => {
  const { signIns, target, status, oidc, signInByDevice, keychain } = await open(quirk ? { quirks: [quirk] } : {})
  await signInByDevice(oidc)
  oidc.isDown = quirk === null
  expect(await signIns.signOut(target)).toEqual({ isRevoked: false, isShared: false })
  expect(status()).toEqual({ signIn: 'signed-out' })
  expect(keychain.entries.size).toBe(0)
})

test('what is removed is forgotten without asking anybody', async () => {
  const { signIns, target, status, oidc, signInByDevice, keychain, clock } = await open()
  await signInByDevice(oidc)
  const { length } = oidc.requests
  await signIns.forget('one')
  expect(keychain.entries.size).toBe(0)
  expect(status()).toEqual({ signIn: 'signed-out' })
  await clock.advance(3_600_000)
  expect(oidc.requests.length).toBe(length)
  await signIns.forget('never-seen')
  expect(await signIns.authorization(target)).toBeNull()
})

test('credentials of this run are kept nowhere', async () => {
  const { signIns, target, status, keychain, me, backEnd } = await open()
  await signIns.useForThisRun(target, 'analyst', backEnd.password)
  expect(status()).toEqual({ signIn: 'signed-in' })
  expect(await me()).toMatchObject({ status: 200, header: 'Bearer basic//basic-token-1' })
  expect(keychain.uses).toEqual([])
  await expect(signIns.useForThisRun(target, 'analyst', 'wrong')).rejects.toMatchObject({ code: 'credentials-refused' })
  expect(await signIns.authorization(target)).toBeNull()
})

test('the ways of signing in are read with tolerance, and without a token', async () => {
  const { signIns, target, backEnd, oidc, signInByDevice } = await open()
  await signInByDevice(oidc)
  backEnd.oidc = {
    providers: [
      {
        id: 'egi',
        issuer: `${oidc.url}/`,
        scopes: null,
        default_clients: [{ id: 'a', grant_types: [DEVICE_GRANT] }, null],
      },
      { id: 'egi', issuer: 'https://other.example', title: 'The same id again' },
      { id: 'far', issuer: 'https://far.example/realm', title: 'Far', description: null, links: 'none' },
      {
        id: 'local',
        issuer: 'https://l.example',
        default_clients: [{ id: 'b', grant_types: GRANTS, redirect_urls: ['http://localhost:1410/'] }],
      },
      { id: 'open', issuer: 'http://open.example' },
      { id: 'in/valid', issuer: 'https://a.example' },
      { issuer: 'https://a.example' },
      'nonsense',
    ],
  }
  const before = backEnd.asked.length
  const { hasBasic, providers } = await signIns.methods(target)
  expect(hasBasic).toBe(true)
  expect(providers.map(({ id, ways }) => [id, ways])).toEqual([
    ['egi', ['device']],
    ['far', []],
    ['local', ['device', 'browser']],
  ])
  expect(providers[0]?.title).toBe(new URL(oidc.url).host)
  expect(backEnd.asked.slice(before)).toEqual([{ path: '/credentials/oidc', authorization: undefined }])

  backEnd.oidc = '<html>Welcome</html>'
  expect(await signIns.methods(target)).toEqual({ hasBasic: true, providers: [] })
  const withoutBasic = { ...target, offers: ['oidc', 'account'] as const }
  await expect(signIns.methods(withoutBasic)).rejects.toMatchObject({ code: 'back-end' })
  expect(await signIns.methods({ ...target, offers: ['basic'] })).toEqual({ hasBasic: true, providers: [] })
})
