/**
 * Connections from their beginning to their end, over real HTTP: agreement, accounts, restart, disabling, removal; the
 * account page; members of a federation that come and go; and that nothing secret is in the database.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SEEN_AGE_MS } from '../../../main/connections/index.ts'
import { FEDERATION_LOOK_MS } from '../../../main/connections/read-back-end.ts'
import { type Database, openDatabase } from '../../../main/core/database.ts'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { createRedactor } from '../../../main/core/redact.ts'
import type { Secrets } from '../../../main/core/secrets.ts'
import { applicationMigrations } from '../../../main/migrations/index.ts'
import { Account, type Connection, ConnectionDetails } from '../../../preload/contract/connections.ts'
import { createTestClock } from '../../fakes/clock.ts'
import { type ConnectionsOptions, memorySecrets, openConnections } from '../../fakes/connections.ts'
import { CAPTIVE_PORTAL, type FakeBackEnd, type Profile, startBackEnd } from '../../fakes/openeo-back-end.ts'
import { startAggregator } from '../../fakes/profiles/aggregator.ts'
import { SENTINEL_HUB } from '../../fakes/profiles/sentinel-hub.ts'

const TOKEN = 'canary-of-the-token'
const PASSWORD = 'canary-of-the-password'
const redactor = createRedactor()
let folder: string
let database: Database
let secrets: Secrets
const closing: (() => unknown)[] = []

async function openFile(): Promise<Database> {
  const log = createLog({ sink: memorySink() })
  return (await openDatabase({ path: join(folder, 'swath.db'), migrations: applicationMigrations, log })).database
}
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'swath-lifecycle-'))
  database = await openFile()
  secrets = memorySecrets(redactor)
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
  database.close()
  rmSync(folder, { recursive: true, force: true })
})
async function backEndOf(profile?: Profile): Promise<FakeBackEnd> {
  const backEnd = await startBackEnd(profile ? { profile } : {})
  backEnd.token = TOKEN
  backEnd.password = PASSWORD
  closing.push(() => backEnd.close())
  return backEnd
}
function open(options: Partial<ConnectionsOptions> = {}) {
  const world = openConnections({ database, secrets, redactor, ...options })
  closing.push(() => world.close())
  const connectTo = async (backEnd: FakeBackEnd, title?: string): Promise<Connection> => {
    const { id } = await world.calls.add({ url: backEnd.url, agreed: [], ...(title ? { title } : {}) })
    return world.become('connected', id)
  }
  const signInTo = async (id: Connection['id'], backEnd: FakeBackEnd): Promise<Connection> => {
    await world.calls.startSignIn({ id, method: { way: 'basic', user: backEnd.user, password: backEnd.password } })
    return world.until(id, ({ signIn, userId }) => signIn === 'signed-in' && userId !== undefined)
  }
  return { ...world, connectTo, signInTo }
}
/** The application ends and begins anew on the same files and keychain. */
async function restart(world: ReturnType<typeof open>, options: Partial<ConnectionsOptions> = {}) {
  world.close()
  database.close()
  database = await openFile()
  return open(options)
}
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => expect.unreachable('it should have failed'),
    (failure: unknown) => failure as { code: string; link?: { href: string } },
  )

test('terms have to be agreed to actively; the agreement is kept by link, also for a second account', async () => {
  const backEnd = await backEndOf()
  const at = (path: string) => `${backEnd.origin}${path}`
  backEnd.capabilities = {
    links: [
      { rel: 'terms-of-service', href: '/terms' },
      { rel: 'privacy-policy', href: '/privacy', title: null },
    ],
  }
  const world = open()
  const { calls, become } = world
  for (const agreed of [[], [at('/terms')], [at('/terms'), at('/other')]])
    expect(await failureOf(calls.add({ url: backEnd.url, agreed }))).toMatchObject({
      code: 'consent-needed',
      link: { href: expect.stringContaining(backEnd.origin) },
    })
  expect((await calls.list()).map(({ kind }) => kind)).toEqual(['embedded'])

  const { id } = await calls.add({ url: backEnd.url, agreed: [at('/terms'), at('/privacy')] })
  await become('connected', id)
  const { terms } = ConnectionDetails.parse(await calls.details({ id }))
  expect(terms).toMatchObject([{ agreedAt: expect.any(String) }, { agreedAt: expect.any(String) }])
  const second = await calls.addAccount({ id })
  expect(second).toMatchObject({ title: 'Fake (2)', url: backEnd.url })
  expect(second.id).not.toBe(id)

  // another link: the session goes on, the question is there again, also after a restart
  backEnd.capabilities = { links: [{ rel: 'terms-of-service', href: '/terms-2' }] }
  expect(await calls.reconnect({ id })).toMatchObject({ state: 'connected' })
  const again = await restart(world)
  expect((await again.calls.details({ id })).terms).toMatchObject([{ href: at('/terms-2'), agreedAt: null }])
  expect(await failureOf(again.calls.agree({ id, agreed: [] }))).toMatchObject({ code: 'consent-needed' })
  expect(await failureOf(again.calls.addAccount({ id }))).toMatchObject({ code: 'consent-needed' })
  await again.calls.agree({ id, agreed: [at('/terms-2')] })
  expect((await again.calls.details({ id })).terms).toMatchObject([{ agreedAt: expect.any(String) }])
})

test('with new terms everything can be read and ended; a new sign-in and new work wait for the agreement', async () => {
  const backEnd = await backEndOf()
  const { calls, connections, connectTo, signInTo } = open()
  const { id } = await connectTo(backEnd)
  await signInTo(id, backEnd)
  const session = connections.session(id)
  const href = `${backEnd.origin}/terms`
  backEnd.capabilities = { links: [{ rel: 'terms-of-service', href, title: 'New terms' }] }
  expect(await calls.reconnect({ id })).toMatchObject({ state: 'connected', signIn: 'signed-in' })

  const needed = { code: 'consent-needed', link: { href, title: 'New terms' } }
  const before = backEnd.requests.length
  for (const [method, path] of [
    ['POST', '/jobs'],
    ['POST', '/result'],
    ['POST', '/jobs/one/results'],
    ['PATCH', '/jobs/one'],
    ['PUT', '/process_graphs/one'],
  ] as const)
    expect(await failureOf(session.send({ method, path, body: {} })), path).toMatchObject(needed)
  const way = { way: 'basic', user: backEnd.user, password: backEnd.password } as const
  expect(await failureOf(calls.startSignIn({ id, method: way }))).toMatchObject(needed)
  expect(backEnd.requests.length).toBe(before)

  expect((await session.send({ method: 'GET', path: '/jobs' })).status).toBe(200)
  await session.send({ method: 'POST', path: '/validation', body: { process_graph: {} } })
  await session.send({ method: 'DELETE', path: '/jobs/one' }).catch((failure) => {
    expect(failure).not.toMatchObject({ code: 'consent-needed' })
  })

  const { promise: told, resolve } = Promise.withResolvers<void>()
  connections.onConnected((connection) => {
    if (connection.id === id) resolve()
  })
  await calls.agree({ id, agreed: [href] })
  await told // what waited for it goes on
  await session.send({ method: 'POST', path: '/jobs', body: {} }).catch((failure) => {
    expect(failure).not.toMatchObject({ code: 'consent-needed' })
  })
  await calls.startSignIn({ id, method: way })
})

test('everything is there after a restart, without a network as well; start asks again', async () => {
  const backEnd = await backEndOf()
  backEnd.account = { name: 'Ann Analyst', budget: '12.5', storage: null, roles: ['user'], info: { plan: 7 } }
  const world = open()
  const { id } = await world.connectTo(backEnd, 'Mine')
  await world.signInTo(id, backEnd)
  const account = Account.parse(await world.calls.account({ id }))
  expect(account).toMatchObject({
    userId: backEnd.user,
    name: 'Ann Analyst',
    budget: 12.5,
    storage: null,
    roles: ['user'],
    more: { info: { plan: 7 } },
  })
  backEnd.down()
  const again = await restart(world)
  const [, kept] = await again.calls.list()
  expect(kept).toMatchObject({ id, title: 'Mine', state: 'connecting', apiVersion: '1.2.0', userName: 'Ann Analyst' })
  expect(await again.calls.account({ id })).toEqual(account)
  expect((await again.calls.details({ id })).endpoints.length).toBeGreaterThan(5)
  again.connections.start()
  expect(await again.become('failed', id)).toMatchObject({
    failure: { code: 'offline', retry: 'later' },
    signIn: 'signed-in',
  })
  backEnd.up()
  again.connections.resume()
  expect(await again.become('connected', id)).toMatchObject({ signIn: 'signed-in', userId: backEnd.user })
})

test('neither tokens nor passwords are in the database, the events or the log', async () => {
  const backEnd = await backEndOf()
  const world = open()
  const { id } = await world.connectTo(backEnd)
  await world.signInTo(id, backEnd)
  const s3 = await world.calls.addService({
    url: backEnd.origin,
    settings: { kind: 's3', region: '', isPathStyle: true, isAnonymous: false, accessKeyId: 'AKIA' },
    secrets: { secretAccessKey: 'canary-of-the-store' },
  })
  await world.become('connected', s3.id)
  await world.calls.refreshAccount({ id })
  database.run('PRAGMA wal_checkpoint(TRUNCATE)')
  const written = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'))
  const told = [JSON.stringify(world.events), JSON.stringify(world.sink.lines), JSON.stringify(world.requestLog.list())]
  for (const text of [...written, ...told, JSON.stringify(await world.calls.list())])
    for (const canary of [TOKEN, PASSWORD, 'canary-of-the-store']) expect(text).not.toContain(canary)
  expect(backEnd.requests.some(({ authorization }) => authorization === `Bearer basic//${TOKEN}`)).toBe(true)
})

test('signing in and out reads the back-end again and tells followers; another account knows nothing of the first', async () => {
  const backEnd = await backEndOf()
  const world = open()
  const followed: string[] = []
  world.connections.onConnected(({ id, signIn }) => void followed.push(`${id} ${signIn}`))
  const { id } = await world.connectTo(backEnd)
  const second = await world.calls.addAccount({ id })
  await world.become('connected', second.id)
  await world.signInTo(id, backEnd)
  expect(world.connections.find(second.id)).toMatchObject({ signIn: 'signed-out' })
  expect(world.handedOn).toEqual([
    expect.objectContaining({ id, rootUrl: backEnd.url, authorization: `Bearer basic//${TOKEN}` }),
  ])
  const { connection } = await world.calls.signOut({ id })
  expect(connection).toMatchObject({ signIn: 'signed-out', state: 'connected' })
  expect(connection).not.toHaveProperty('userId')
  expect(await world.calls.account({ id })).toBeNull()
  await world.calls.reconnect({ id })
  expect(backEnd.requests.at(-1)?.authorization).toBeUndefined()
  expect(world.handedOn.at(-1)).toMatchObject({ id, authorization: null })
  expect(followed).toContain(`${id} signed-out`)
  expect(followed).toContain(`${id} signed-in`)
})

test('an account that is not enrolled is said, with where to do that; the back-end stays connected', async () => {
  const backEnd = await backEndOf()
  backEnd.capabilities = { links: [{ rel: 'create-form', href: '/register', title: 'Join' }] }
  const world = open()
  const { id } = await world.connectTo(backEnd)
  backEnd.failAlways('GET /me', { status: 403, code: 'PermissionsInsufficient', message: 'Not enrolled.' })
  await world.handlers
    .startSignIn({ id, method: { way: 'basic', user: backEnd.user, password: PASSWORD } })
    .catch(() => {})
  const shown = await world.until(id, ({ signInFailure }) => signInFailure !== undefined)
  expect(shown).toMatchObject({
    state: 'connected',
    signInFailure: { code: 'not-enrolled', link: { href: `${backEnd.origin}/register`, title: 'Join' } },
  })
})

test('capabilities that are only for some do not end a connection: they are read without the account', async () => {
  const backEnd = await backEndOf()
  const world = open()
  const { id } = await world.connectTo(backEnd)
  await world.signInTo(id, backEnd)
  backEnd.fail('GET /', { status: 403, code: 'PermissionsInsufficient' })
  expect(await world.calls.reconnect({ id })).toMatchObject({ state: 'connected', signIn: 'signed-in' })
})

test('a disabled connection is asked nothing and hands on nothing; enabling goes on as before', async () => {
  const backEnd = await backEndOf()
  const world = open()
  const { id } = await world.connectTo(backEnd)
  await world.signInTo(id, backEnd)
  expect(await world.calls.update({ id, isDisabled: true })).toMatchObject({
    state: 'disabled',
    signIn: 'signed-in',
  })
  expect(world.handedOn.at(-1)).toMatchObject({ id, authorization: null })
  const before = backEnd.requests.length
  expect(() => world.connections.session(id)).toThrow(expect.objectContaining({ code: 'offline' }))
  expect(await world.calls.reconnect({ id })).toMatchObject({ state: 'disabled' })
  world.connections.resume()
  world.connections.start()
  expect(await failureOf(world.calls.refreshAccount({ id }))).toMatchObject({ code: 'offline' })
  expect(backEnd.requests.length).toBe(before)
  await world.calls.update({ id, isDisabled: false })
  await world.become('connected', id)
  expect(world.handedOn.at(-1)).toMatchObject({ id, authorization: `Bearer basic//${TOKEN}` })
})

test('titles are unique, places are kept', async () => {
  const backEnd = await backEndOf()
  const world = open()
  const { calls, connectTo } = world
  const a = await connectTo(backEnd, 'One')
  const b = await connectTo(backEnd, 'one')
  const c = await connectTo(backEnd)
  expect([a.title, b.title, c.title]).toEqual(['One', 'one (2)', 'Fake'])
  expect(await calls.update({ id: c.id, title: 'ONE' })).toMatchObject({ title: 'ONE (3)' })
  expect(await calls.update({ id: c.id, title: 'ONE (3)' })).toMatchObject({ title: 'ONE (3)' })
  await calls.update({ id: c.id, position: 0 })
  const again = await restart(world)
  expect((await again.calls.list()).map(({ id }) => id)).toEqual([c.id, 'embedded', a.id, b.id])
})

test('removing says what goes along, signs out, forgets secrets, tells everybody; the embedded one stays', async () => {
  const backEnd = await backEndOf()
  const belongings = { jobCount: 3, openJobCount: 1, resultCount: 2, catalogueEntryCount: 40 }
  const world = open({ belongings })
  const { calls, connections } = world
  const { id } = await world.connectTo(backEnd)
  await world.signInTo(id, backEnd)
  expect(await calls.removalConsequences({ id })).toEqual({ ...belongings, isSignedIn: true })
  const removed: string[] = []
  connections.onRemoved((one) => void removed.push(one))
  await calls.remove({ id })
  expect(removed).toEqual([id])
  expect(connections.find(id)).toBeUndefined()
  expect([...memoryOf(secrets).keys()]).toEqual([])
  expect(world.handedOn.at(-1)).toMatchObject({ id, authorization: null })
  expect(world.events.at(-1)).toMatchObject({ name: 'removed', payload: { id } })
  expect(database.all('SELECT * FROM connection_document')).toEqual([])
  await expect(calls.remove({ id: 'embedded' as never })).rejects.toMatchObject({ code: 'conflict' })
  const before = backEnd.requests.length
  connections.resume()
  expect(await failureOf(calls.reconnect({ id }))).toMatchObject({ code: 'not-found' })
  expect(backEnd.requests.length).toBe(before)
})
const memoryOf = (of: Secrets) => (of as ReturnType<typeof memorySecrets>).values

test('what a back-end lacks has a reason; the oldest driver is read by what it says', async () => {
  const backEnd = await backEndOf(SENTINEL_HUB)
  const world = open()
  const connection = await world.connectTo(backEnd)
  expect(connection.apiVersion).toBe('1.0.0')
  expect(connection.offers).not.toContain('job-logs')
  const details = ConnectionDetails.parse(await world.calls.details({ id: connection.id }))
  expect(details.lacks.find(({ offer }) => offer === 'job-logs')?.because).toContain('GET /jobs/{id}/logs')
  expect(details.conformsTo).toEqual([])
})

test('GET /conformance is asked only where the capabilities have no classes and state it', async () => {
  const backEnd = await backEndOf()
  const world = open()
  const { id } = await world.connectTo(backEnd)
  expect(backEnd.count('GET /conformance')).toBe(0)
  backEnd.capabilities = { conformsTo: null }
  await world.calls.reconnect({ id })
  expect(backEnd.count('GET /conformance')).toBe(1)
  expect((await world.calls.details({ id })).conformsTo).toContain('https://api.openeo.org/1.2.0')
  backEnd.failAlways('GET /conformance', { status: 500 })
  expect(await world.calls.reconnect({ id })).toMatchObject({ state: 'connected' })
})

test('an unchanged document is not sent again, and nothing is told that did not change', async () => {
  const backEnd = await backEndOf({ ...(await import('../../fakes/openeo/profile.ts')).PLAIN, hasEtags: true })
  const world = open()
  const { id } = await world.connectTo(backEnd)
  await world.calls.reconnect({ id })
  const asked = backEnd.requests.filter(({ line }) => line === 'GET /').at(-1)
  expect(asked?.headers['if-none-match']).toBeDefined()
  expect(world.connections.find(id)).toMatchObject({ state: 'connected', apiVersion: '1.2.0' })
})

test('a member that is lost, and comes back, shows by itself while the window is open', async () => {
  const clock = createTestClock(Date.now())
  const aggregator = await startAggregator()
  closing.push(() => aggregator.close())
  const world = open({ clock })
  const found = await world.calls.discover({ address: aggregator.address })
  if (found.state !== 'found') throw new Error(found.state)
  const { id } = await world.calls.add({ url: found.url, agreed: found.terms.map(({ href }) => href) })
  await world.become('connected', id)
  expect((await world.calls.details({ id })).federationVersion).toBe('0.1')
  let followed = 0
  world.connections.onConnected(() => void followed++)
  const statusOf = (connection: Connection) => connection.federation.find((member) => member.id === 'eodc')?.status

  const lookedAt = async (isDone: (connection: Connection) => boolean) => {
    const done = world.until(id, isDone)
    await clock.advance(FEDERATION_LOOK_MS * 1.2)
    return done
  }
  aggregator.members.get('eodc')?.down()
  expect((await lookedAt((one) => statusOf(one) === 'offline')).state).toBe('connected')
  expect(followed).toBe(1)
  aggregator.members.get('eodc')?.up()
  await lookedAt((one) => statusOf(one) === 'online')
  expect(followed).toBe(2)

  // without a network, and asleep, nobody asks
  const before = aggregator.count('GET /')
  world.schedule.pause('suspended')
  await clock.advance(10 * FEDERATION_LOOK_MS)
  expect(aggregator.count('GET /')).toBe(before)
  world.schedule.resume('suspended')
  await aggregator.asked('GET /', before + 1)
})

test('whoever comes back to the window sees how things stand now; not every glance asks', async () => {
  const clock = createTestClock(Date.now())
  const aggregator = await startAggregator({ timeLimitMs: 2_000 })
  closing.push(() => aggregator.close())
  const world = open({ clock })
  aggregator.capabilities = { links: [] }
  const { id } = await world.connectTo(aggregator)
  const asked = aggregator.count('GET /')
  aggregator.members.get('eodc')?.down()
  await clock.advance(SEEN_AGE_MS - 1)
  world.connections.windowSeen()
  expect(aggregator.count('GET /')).toBe(asked)
  await clock.advance(1)
  world.connections.windowSeen()
  world.connections.windowSeen()
  const isDown = ({ federation }: Connection) => federation.some(({ status }) => status === 'offline')
  expect(await world.until(id, isDown)).toMatchObject({ state: 'connected' })
  expect(aggregator.count('GET /')).toBe(asked + 1)

  // what failed is asked as well; what is switched off is not
  aggregator.failAlways('GET /', { status: 500 })
  expect(await world.calls.reconnect({ id })).toMatchObject({ state: 'failed' })
  aggregator.mend()
  world.schedule.pause('suspended')
  await clock.advance(SEEN_AGE_MS)
  world.connections.windowSeen()
  await world.become('connected', id)
  await world.calls.update({ id, isDisabled: true })
  await clock.advance(SEEN_AGE_MS)
  world.connections.windowSeen()
  expect(world.connections.find(id)).toMatchObject({ state: 'disabled' })
})

test('a back-end that fails is tried again, later and later; a refusal for good is not', async () => {
  const clock = createTestClock(Date.now())
  const backEnd = await backEndOf()
  const world = open({ clock })
  const { id } = await world.connectTo(backEnd)
  backEnd.failAlways('GET /', { status: 500 })
  await world.calls.reconnect({ id })
  expect(world.connections.find(id)).toMatchObject({ state: 'failed', failure: { code: 'back-end', retry: 'later' } })
  const before = backEnd.count('GET /')
  const retried = backEnd.asked('GET /', before + 1)
  await clock.advance(6_000)
  await retried
  backEnd.mend()
  backEnd.apiVersion = '0.4.2'
  const failed = await world.calls.reconnect({ id })
  expect(failed).toMatchObject({ state: 'failed', failure: { retry: 'never' } })
  const after = backEnd.count('GET /')
  await clock.advance(3_600_000)
  expect(backEnd.count('GET /')).toBe(after)
  backEnd.apiVersion = '1.2.0'
  // another network is a reason to ask once more
  world.connections.resume()
  expect(await world.become('connected', id)).toMatchObject({ apiVersion: '1.2.0' })
})

test('behind the sign-in page of a hotel a connection waits, and comes back by itself', async () => {
  const clock = createTestClock(Date.now())
  const backEnd = await backEndOf()
  const world = open({ clock })
  const { id } = await world.connectTo(backEnd)
  backEnd.failAlways('*', CAPTIVE_PORTAL)
  const failed = await world.calls.reconnect({ id })
  expect(failed).toMatchObject({
    state: 'failed',
    failure: { retry: 'later', message: expect.stringMatching(/sign-in/) },
  })
  expect(failed.offers.length).toBeGreaterThan(5)
  backEnd.mend()
  const back = world.become('connected', id)
  await clock.advance(6_000)
  await back
})

test('a database of the version before keeps its connection', async () => {
  const path = join(folder, 'old.db')
  const log = createLog({ sink: memorySink() })
  const before = applicationMigrations.filter(({ number }) => number < 80)
  const old = (await openDatabase({ path, migrations: before, log })).database
  old.run(`INSERT INTO connection (id, kind, title, url, user_id, created_at)
    VALUES ('embedded', 'embedded', 'My computer', 'http://127.0.0.1:1', 'local', '2026-01-01T00:00:00.000Z')`)
  old.close()
  const now = (await openDatabase({ path, migrations: applicationMigrations, log })).database
  closing.push(() => now.close())
  expect(await open({ database: now }).calls.list()).toMatchObject([
    { id: 'embedded', title: 'My computer', userId: 'local', offers: [], federation: [], signIn: 'signed-out' },
  ])
})

test('a redirect to another origin while signed in: the token does not follow', async () => {
  const [backEnd, foreign] = [await backEndOf(), await backEndOf()]
  const world = open()
  const { id } = await world.connectTo(backEnd)
  await world.signInTo(id, backEnd)
  backEnd.failAlways('GET /', { redirect: `${foreign.url}/` })
  await world.calls.reconnect({ id })
  await foreign.asked('GET /', 1)
  expect(foreign.requests.map(({ authorization }) => authorization)).toEqual(foreign.requests.map(() => undefined))
})

test('a token that is refused is replaced once and the request sent again', async () => {
  const backEnd = await backEndOf()
  const world = open()
  const { id } = await world.connectTo(backEnd)
  await world.signInTo(id, backEnd)
  backEnd.token = 'second-token'
  expect(await world.calls.refreshAccount({ id })).toMatchObject({ userId: backEnd.user })
  expect(world.handedOn.at(-1)).toMatchObject({ id, authorization: 'Bearer basic//second-token' })
  // where no other token can be had, the session has ended; the back-end goes on
  backEnd.failAlways('GET /me', { status: 403, code: 'TokenInvalid' })
  backEnd.failAlways('GET /credentials/basic', { status: 403, code: 'CredentialsInvalid' })
  await failureOf(world.calls.refreshAccount({ id }))
  expect(await world.until(id, ({ signIn }) => signIn === 'expired')).toMatchObject({ state: 'connected' })
})
