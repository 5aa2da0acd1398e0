/**
 * Tokens, codes and passwords of a sign-in: they go to the servers they belong to and nowhere else, and nothing of them is
 * in the database, the log, the request log, a status or an error. With the real keyring where there is one to be had.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../../main/core/clock.ts'
import { type Database, openDatabase } from '../../../main/core/database.ts'
import { toWireError } from '../../../main/core/errors.ts'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { createSecrets, type Keychain } from '../../../main/core/secrets.ts'
import { applicationMigrations } from '../../../main/migrations/index.ts'
import type { SignInMethod } from '../../../preload/contract/connections.ts'
import { startLoopback } from '../../fakes/loopback.ts'
import { type OidcOptions, SERVICE_SECRET } from '../../fakes/oidc-server.ts'
import { registerBasic } from '../../fakes/recorder.ts'
import { eventually, openWorld, providersOf, type World } from '../../integration/connections/sign-in-world.ts'

let folder: string
let database: Database
let world: World
const closing: (() => unknown)[] = []
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'swath-sign-in-'))
  const log = createLog({ sink: memorySink() })
  database = (await openDatabase({ path: join(folder, 'swath.db'), migrations: applicationMigrations, log })).database
})
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
  await world.close()
  database.close()
  rmSync(folder, { recursive: true, force: true })
})

function fakeKeychain(): Keychain {
  const entries = new Map<string, string>()
  return {
    getPassword: async (_service, name) => entries.get(name) ?? null,
    setPassword: async (_service, name, value) => void entries.set(name, value),
    deletePassword: async (_service, name) => entries.delete(name),
  }
}
const keychain = { current: fakeKeychain() }
async function open(oidc?: OidcOptions) {
  keychain.current = fakeKeychain()
  world = await openWorld({
    ...(oidc ? { oidc } : {}),
    secrets: (redactor, log) =>
      createSecrets({
        database,
        clock: systemClock,
        log,
        redactor,
        service: 'Swath test',
        loadKeychain: async () => keychain.current,
      }),
  })
  return { ...world, ...world.run() }
}
const byDevice: SignInMethod = { way: 'device', providerId: 'egi' }

/** Everything that is written down, and all that a failure says. */
function writtenBy(run: { sink: { lines: unknown[] }; requestLog: { list(): unknown[] } }, ...more: unknown[]): string {
  database.run('PRAGMA wal_checkpoint(TRUNCATE)')
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'))
  return [JSON.stringify([run.sink.lines, run.requestLog.list(), more]), ...files].join('\n')
}

test('no token, code, password or secret is written down, whatever goes well or wrong', async () => {
  const run = await open({ tokenForm: 'jwt' })
  const { oidc, backEnd, signIns, target, status, clock, signInByDevice, me } = run
  const failures: unknown[] = []
  const caught = (failure: unknown) => void failures.push(toWireError(failure, 'ref'), failure)
  // servers that repeat what they were sent
  const echo = async () => {
    const tokens = oidc.issued().map(({ value }) => value)
    oidc.fail('POST /token', { status: 400, body: { error: tokens.at(-1), error_description: tokens.join(' ') } })
    await signIns.start(target, byDevice)
    await clock.advance(1_000)
    await run.until(({ signIn }) => signIn !== 'signing-in')
    failures.push(status())
  }
  await signInByDevice(oidc)
  oidc.expireAccessTokens()
  await me()
  await echo()
  await signIns.start(target, { way: 'basic', user: 'analyst', password: backEnd.password })
  await signIns.start(target, { way: 'basic', user: 'analyst', password: 'wrong-password-canary' }).catch(caught)
  const service: SignInMethod = {
    way: 'client-credentials',
    providerId: 'egi',
    clientId: 'service',
    clientSecret: SERVICE_SECRET,
  }
  await signIns.start(target, service)
  oidc.fail('POST /token', { status: 400, body: { error: 'invalid_client', error_description: SERVICE_SECRET } })
  await signIns.start(target, service).catch(caught)
  await signIns.start(target, { way: 'browser', providerId: 'egi', clientId: 'desktop' })
  await oidc.visit(run.pages.at(-1) ?? '')
  await run.until(({ signIn }) => signIn !== 'signing-in')
  // opaque ones: nothing in their look gives them away
  const known = oidc
    .issued()
    .filter(({ kind }) => ['refresh_token', 'device_code', 'authorization_code'].includes(kind))
  const message = known
    .map(({ value }) => value)
    .slice(-6)
    .join(' ')
  backEnd.refusal = { status: 403, code: 'PermissionsInsufficient', message }
  await signInByDevice(oidc)
  failures.push(status())
  oidc.isDown = true
  await signIns.signOut(target)

  const text = writtenBy(
    run,
    failures.map((failure) => run.redactor.value(failure)),
    status(),
  )
  const secrets = [
    ...oidc.issued().filter(({ kind }) => kind !== 'user_code'),
    { kind: 'password', value: backEnd.password },
    { kind: 'wrong password', value: 'wrong-password-canary' },
    { kind: 'client secret', value: SERVICE_SECRET },
    ...oidc.requests.map(({ form }) => ({ kind: 'verifier', value: form.get('code_verifier') ?? '' })),
    ...['basic-token-1', 'basic-token-2'].map((value) => ({ kind: 'basic token', value })),
  ].filter(({ value }) => value !== '')
  expect(new Set(secrets.map(({ kind }) => kind)).size).toBe(9 + 1)
  for (const { kind, value } of secrets) {
    const whole = kind === 'access_token' ? (value.split('.').at(-1) ?? value) : value
    expect(text.includes(whole), `${kind} was written down`).toBe(false)
  }
  expect(text).toContain('A sign-in failed')
})

test.each([301, 302, 303, 307, 308])(
  'a token endpoint that forwards with %d to another origin gives nothing away',
  async (code) => {
    const { signIns, target, status, oidc, clock, until, signInByDevice, me } = await open()
    const thief = await startLoopback((_asked, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ access_token: 'stolen', token_type: 'Bearer', refresh_token: 'stolen-as-well' }))
    })
    closing.push(() => thief.close())
    const away = { status: code, headers: { location: `${thief.url}/token` } }
    const service: SignInMethod = {
      way: 'client-credentials',
      providerId: 'egi',
      clientId: 'service',
      clientSecret: SERVICE_SECRET,
    }
    oidc.fail('POST /token', away)
    await expect(signIns.start(target, service)).rejects.toMatchObject({ retry: 'never' })
    await signIns.start(target, byDevice)
    oidc.fail('POST /token', away)
    await clock.advance(1_000)
    await until(({ signIn }) => signIn !== 'signing-in')
    expect(status()).toMatchObject({ signIn: 'signed-out', failure: { retry: 'never' } })
    await signInByDevice(oidc)
    expect(status()).toEqual({ signIn: 'signed-in' })
    oidc.expireAccessTokens()
    oidc.fail('POST /token', away)
    await expect(me()).rejects.toMatchObject({ retry: 'never' })
    expect((await signIns.authorization(target))?.includes('stolen')).toBe(false)
    const shown = thief.asked.map(({ headers, body, path }) => JSON.stringify([headers, body, path])).join('\n')
    for (const { value } of oidc.issued()) expect(shown).not.toContain(value)
    expect(shown).not.toContain(SERVICE_SECRET)
    expect(shown).not.toContain(Buffer.from(`service:${SERVICE_SECRET}`).toString('base64'))
    for (const { form } of oidc.requests)
      if (form.get('code_verifier')) expect(shown).not.toContain(form.get('code_verifier'))
  },
)

test('a back-end that forwards /me or /credentials/basic to another origin does not send the token along', async () => {
  const { signIns, target, oidc, backEnd, signInByDevice } = await open()
  const thief = await startLoopback((_asked, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"user_id":"x","access_token":"stolen"}')
  })
  const forwarder = await startLoopback(({ path }, response) => {
    if (path === '/credentials/oidc') {
      response.writeHead(200, { 'content-type': 'application/json' })
      return void response.end(JSON.stringify(providersOf(oidc)))
    }
    response.writeHead(307, { location: thief.url + path }).end()
  })
  closing.push(
    () => thief.close(),
    () => forwarder.close(),
  )
  // the forwarder is the user's back-end; only what stands behind it may not see anything
  oidc.allow(forwarder.url)
  registerBasic('sign-in', 'analyst', backEnd.password, forwarder.url)
  backEnd.url = forwarder.url
  const there = world.run()
  await there.signInByDevice(oidc)
  await there.signIns.start(there.target, { way: 'basic', user: 'analyst', password: backEnd.password }).catch(() => {})
  expect(thief.asked.length).toBeGreaterThan(0)
  expect(thief.asked.every(({ headers }) => headers.authorization === undefined)).toBe(true)
  expect(signIns.status('one').signIn).toBe('signed-out')
  expect(target.rootUrl).not.toBe(forwarder.url)
  expect(signInByDevice).toBeDefined()
})

test.each([
  ['a script', { verification_uri: 'javascript:alert(1)' }],
  ['a file', { verification_uri: 'file:///etc/passwd' }],
  ['an open page', { verification_uri: 'http://evil.example/device' }],
] as const)('a provider cannot have the user open %s', async (_what, stated) => {
  const { signIns, target, status, oidc } = await open()
  oidc.fail('POST /device/auth', {
    status: 200,
    body: { device_code: 'a-device-code', user_code: 'USER-CODE', expires_in: 60, ...stated },
  })
  await expect(signIns.start(target, byDevice)).rejects.toMatchObject({ code: 'provider-unavailable' })
  expect(signIns.page('one')).toBeNull()
  expect(status().pending).toBeUndefined()
})

test('an answer in the browser that does not say from whom it comes is refused where the provider says that it does', async () => {
  const { signIns, target, pages, until, oidc } = await open()
  await signIns.start(target, { way: 'browser', providerId: 'egi', clientId: 'desktop' })
  const asked = new URL(pages[0] ?? '').searchParams
  const redirect = new URL(asked.get('redirect_uri') ?? '')
  redirect.search = new URLSearchParams({ code: 'a-code-of-another', state: asked.get('state') ?? '' }).toString()
  await fetch(redirect)
  const { failure } = await until(({ pending }) => pending === undefined)
  expect(failure).toMatchObject({ code: 'provider-unavailable', retry: 'never' })
  expect(oidc.count('POST /token')).toBe(0)
})

test('a complete address that is not safe is left out', async () => {
  const { signIns, target, oidc, status } = await open()
  const body = {
    device_code: 'a-device-code',
    user_code: 'USER-CODE',
    expires_in: 60,
    verification_uri: 'https://p.example/device',
  }
  oidc.fail('POST /device/auth', { status: 200, body: { ...body, verification_uri_complete: 'javascript:alert(1)' } })
  await signIns.start(target, byDevice)
  expect(signIns.page('one')).toBe('https://p.example/device')
  expect(status().pending?.verificationUriComplete).toBeNull()
})

test('an answer without end is not read to its end', async () => {
  const { signIns, target, oidc } = await open()
  oidc.fail('POST /device/auth', { status: 200, body: `{"device_code":"${'x'.repeat(2_000_000)}"}` })
  await expect(signIns.start(target, byDevice)).rejects.toMatchObject({ code: 'back-end' })
})

test.runIf(process.platform === 'linux')(
  'a session is in the real keyring, whole, large tokens included, and nowhere else',
  async () => {
    expect(process.env.E2E_KEYRING, 'run this under: sh test/with-keyring.sh').toBe('1')
    const run = await open({ tokenForm: 'jwt', quirks: ['no-refresh-token'], scopes: ['email'] })
    const { default: keytar } = await import('keytar')
    keychain.current = keytar
    const { oidc, status, signIns, target } = run
    const store = createSecrets({
      database,
      clock: systemClock,
      log: run.log,
      redactor: run.redactor,
      service: 'Swath test',
      loadKeychain: async () => keytar,
    })
    expect(await store.status()).toMatchObject({ active: 'keytar' })
    await run.signInByDevice(oidc)
    expect(status()).toEqual({ signIn: 'signed-in' })
    expect(await store.get('sign-in/one')).toContain(
      oidc.issued().findLast(({ kind }) => kind === 'access_token')?.value,
    )
    const again = world.run()
    await again.signIns.restore(again.target)
    expect(await again.me()).toMatchObject({ status: 200, replays: 0 })
    const written = writtenBy(run, again.sink.lines)
    for (const { kind, value } of oidc.issued())
      if (kind === 'access_token') expect(written).not.toContain(value.split('.').at(-1))
    await signIns.signOut(target)
    expect((await keytar.findCredentials('Swath test')).filter(({ account }) => account.startsWith('sign-in'))).toEqual(
      [],
    )
    await eventually(() => status().signIn === 'signed-out')
  },
)
