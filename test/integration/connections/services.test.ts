/** Services of other kinds in the same store: fields, secrets in the keychain alone, what answers, what does not. */
import { createServer } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Database, openDatabase } from '../../../main/core/database.ts'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { createRedactor } from '../../../main/core/redact.ts'
import { applicationMigrations } from '../../../main/migrations/index.ts'
import type { ConnectionSecrets, ServiceSettings } from '../../../preload/contract/connections.ts'
import { memorySecrets, openConnections } from '../../fakes/connections.ts'
import { type Asked, type Loopback, startLoopback } from '../../fakes/loopback.ts'
import { startBackEnd } from '../../fakes/openeo-back-end.ts'
import { SENTINEL_HUB } from '../../fakes/profiles/sentinel-hub.ts'

let database: Database
const closing: (() => unknown)[] = []
beforeEach(async () => {
  const log = createLog({ sink: memorySink() })
  database = (await openDatabase({ path: ':memory:', migrations: applicationMigrations, log })).database
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
  database.close()
})
async function serverOf(answer: (asked: Asked) => { status?: number; body?: unknown } | undefined): Promise<Loopback> {
  const server = await startLoopback((asked, response) => {
    const { status = 200, body } = answer(asked) ?? { status: 404 }
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? {}))
  })
  closing.push(() => server.close())
  return server
}
function open() {
  const redactor = createRedactor()
  const secrets = memorySecrets(redactor)
  const world = openConnections({ database, secrets, redactor })
  closing.push(() => world.close())
  const add = async (url: string, settings: ServiceSettings, given?: ConnectionSecrets, title?: string) => {
    const added = await world.calls.addService({
      url,
      settings,
      ...(given ? { secrets: given } : {}),
      ...(title ? { title } : {}),
    })
    return world.until(added.id, ({ state }) => state === 'connected' || state === 'failed')
  }
  return { ...world, secrets, add }
}
const CATALOGUE: ServiceSettings = { kind: 'stac', dialect: 'unknown', auth: 'none' }
const STORE: ServiceSettings = { kind: 's3', region: 'eu-central-1', isPathStyle: true, isAnonymous: true }

const landing = (more: object) => ({
  stac_version: '1.0.0',
  type: 'Catalog',
  id: 'c',
  title: 'My catalogue',
  links: [],
  ...more,
})
test.each([
  ['stac-api', landing({ conformsTo: ['https://api.stacspec.org/v1.0.0/core'] })],
  ['static', landing({})],
  ['records', { title: 'My catalogue', links: [{ rel: 'conformance', href: 'conformance' }] }],
] as const)('a catalogue tells that it is %s; its title and landing page are kept', async (dialect, document) => {
  const server = await serverOf(({ path }) => {
    if (path === '/') return { body: document }
    if (path === '/conformance')
      return { body: { conformsTo: ['http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core'] } }
  })
  const { add, calls } = open()
  const connection = await add(server.url, CATALOGUE)
  expect(connection).toMatchObject({ kind: 'stac', state: 'connected', title: 'My catalogue', signIn: 'not-needed' })
  expect(await calls.service({ id: connection.id })).toMatchObject({ dialect })
  expect(await calls.details({ id: connection.id })).toMatchObject({ asOf: expect.any(String) })
  expect(() => open().connections.session(connection.id)).toThrow(expect.objectContaining({ code: 'not-offered' }))
})

test('what is no catalogue says so; an openEO back-end is told from one', async () => {
  const { add } = open()
  const other = await serverOf(() => ({ body: { hello: 'world' } }))
  expect(await add(other.url, CATALOGUE)).toMatchObject({ state: 'failed', failure: { code: 'back-end' } })
  const backEnd = await startBackEnd({ profile: SENTINEL_HUB })
  closing.push(() => backEnd.close())
  const mistaken = await add(backEnd.url, CATALOGUE)
  expect([mistaken.state, mistaken.failure?.message]).toMatchObject([
    'failed',
    expect.stringContaining('openEO back-end'),
  ])
})

test.each([
  [
    { auth: 'basic', user: 'ann' },
    { password: 'canary' },
    'authorization',
    `Basic ${Buffer.from('ann:canary').toString('base64')}`,
  ],
  [{ auth: 'bearer' }, { token: 'canary' }, 'authorization', 'Bearer canary'],
  [{ auth: 'api-key', apiKeyHeader: 'X-Key' }, { apiKey: 'canary' }, 'x-key', 'canary'],
] as const)('a catalogue with %j gets its secret, and nobody else does', async (auth, given, header, value) => {
  const foreign = await serverOf(() => ({ body: { conformsTo: ['https://api.stacspec.org/v1.0.0/core'] } }))
  const server = await serverOf(({ headers }) =>
    headers[header] === value
      ? {
          body: landing({ conformsTo: undefined, links: [{ rel: 'conformance', href: `${foreign.url}/conformance` }] }),
        }
      : { status: 401 },
  )
  const { add, calls, become, secrets } = open()
  const connection = await add(server.url, { kind: 'stac', dialect: 'unknown', ...auth }, given)
  expect(connection).toMatchObject({ state: 'connected' })
  expect(foreign.asked.map(({ headers }) => headers[header])).toEqual([undefined])
  expect(JSON.stringify([database.all('SELECT * FROM connection'), connection])).not.toContain('canary')
  // a wrong one is refused, with a code of its own
  const [name] = Object.keys(given) as (keyof ConnectionSecrets)[]
  const { id } = connection
  const settings = await calls.service({ id })
  await calls.changeService({ id, url: server.url, settings, secrets: { [name as string]: 'wrong' } })
  expect(await become('failed', id)).toMatchObject({ failure: { code: 'credentials-refused' } })
  // left out: the kept one stays
  await calls.changeService({ id, url: server.url, settings, secrets: { [name as string]: 'canary' } })
  await become('connected', id)
  await calls.changeService({ id, url: server.url, settings })
  await become('connected', id)
  // other settings need no secret: it goes
  await calls.changeService({ id, url: server.url, settings: { kind: 'stac', dialect: 'static', auth: 'none' } })
  expect([...secrets.values.keys()]).toEqual([])
})

test('a secret that is kept is not sent to another host until it is given for it', async () => {
  const first = await serverOf(() => ({ body: landing({}) }))
  const second = await serverOf(() => ({ body: landing({}) }))
  const { add, calls } = open()
  const { id } = await add(first.url, { kind: 'stac', dialect: 'unknown', auth: 'bearer' }, { token: 'canary' })
  const settings = await calls.service({ id })
  await expect(calls.changeService({ id, url: second.url, settings })).rejects.toMatchObject({
    code: 'invalid-input',
    fields: { token: expect.any(String) },
  })
  expect(second.asked).toEqual([])
})

test('an object store only has to answer', async () => {
  const server = await serverOf(() => ({ status: 403 }))
  const { add } = open()
  expect(await add(server.url, STORE, undefined, 'Store')).toMatchObject({ state: 'connected', title: 'Store' })
  const broken = await serverOf(() => ({ status: 500 }))
  expect(await add(broken.url, STORE)).toMatchObject({ state: 'failed', failure: { code: 'back-end' } })
  const gone = createServer()
  await new Promise<void>((ready) => gone.listen(0, '127.0.0.1', ready))
  const { port } = gone.address() as { port: number }
  await new Promise((done) => gone.close(done))
  expect(await add(`127.0.0.1:${port}`, STORE)).toMatchObject({ state: 'failed', failure: { code: 'offline' } })
})

const wrong: [string, ServiceSettings, string, string][] = [
  ['no address', STORE, '', 'url'],
  ['a user in the address', STORE, 'https://a:b@example.org', 'url'],
  ['no key', { ...STORE, isAnonymous: false } as ServiceSettings, 'https://example.org', 'accessKeyId'],
  [
    'no secret',
    { ...STORE, isAnonymous: false, accessKeyId: 'A' } as ServiceSettings,
    'https://example.org',
    'secretAccessKey',
  ],
  ['a bucket', { ...STORE, bucket: '../x' } as ServiceSettings, 'https://example.org', 'bucket'],
  ['a region', { ...STORE, region: 'a b' } as ServiceSettings, 'https://example.org', 'region'],
  ['no user', { ...CATALOGUE, auth: 'basic' } as ServiceSettings, 'https://example.org', 'user'],
  [
    'a header',
    { ...CATALOGUE, auth: 'api-key', apiKeyHeader: 'a: b\r\nc' } as ServiceSettings,
    'https://example.org',
    'apiKeyHeader',
  ],
  ['no account', { ...CATALOGUE, auth: 'openeo' } as ServiceSettings, 'https://example.org', 'openeoConnectionId'],
  ['no client', { kind: 'destine', preset: 'destine', auth: 'service-account' }, '', 'clientId'],
  [
    'an open line',
    { kind: 'destine', preset: 'own', auth: 'service-account', clientId: 'a', tokenUrl: 'http://example.org/t' },
    'https://example.org',
    'tokenUrl',
  ],
]
test.each(wrong)('refused: %s', async (_what, settings, url, field) => {
  const { calls } = open()
  await expect(calls.addService({ url, settings })).rejects.toMatchObject({
    code: 'invalid-input',
    fields: { [field]: expect.stringMatching(/^[A-Z].*\.$/) },
  })
  expect(await calls.list()).toHaveLength(1)
})

test('a DestinE service account gets a token at the token address and uses it at the service alone', async () => {
  const tokens = await serverOf(({ path, method, body }) => {
    if (method !== 'POST' || path !== '/token') return undefined
    const form = new URLSearchParams(body)
    if (form.get('client_secret') !== 'canary') return { status: 401, body: { error: 'invalid_client' } }
    return { body: { access_token: 'service-token', token_type: 'Bearer', expires_in: 600 } }
  })
  const service = await serverOf(({ headers }) =>
    headers.authorization === 'Bearer service-token' ? { body: { value: [] } } : { status: 401 },
  )
  const { add, calls, become } = open()
  const settings: ServiceSettings = {
    kind: 'destine',
    preset: 'own',
    auth: 'service-account',
    clientId: 'ann',
    tokenUrl: `${tokens.url}/token`,
  }
  const connection = await add(service.url, settings, { clientSecret: 'canary' })
  expect([connection.state, connection.failure]).toEqual(['connected', undefined])
  expect(JSON.stringify(service.asked)).not.toContain('canary')
  expect(JSON.stringify(tokens.asked.map(({ headers }) => headers))).not.toContain('service-token')
  const { id } = connection
  await calls.changeService({ id, url: service.url, settings, secrets: { clientSecret: 'wrong' } })
  expect(await become('failed', id)).toMatchObject({ failure: { code: 'credentials-refused' } })
})

test('the list to pick from: edits of single fields stay, hidden ones come back, own ones are kept', async () => {
  const { calls, events } = open()
  const list = await calls.known()
  expect(list.length).toBeGreaterThanOrEqual(6)
  expect(list.every(({ isBuiltIn, isHidden }) => isBuiltIn && !isHidden)).toBe(true)
  const first = list[0] as (typeof list)[number]
  const { isBuiltIn: _, ...entry } = first
  await calls.saveKnown({ ...entry, title: 'Mine' })
  const own = await calls.saveKnown({
    kind: 'openeo',
    title: 'Own',
    url: 'https://own.example.org',
    description: '',
  })
  await calls.removeKnown({ id: (list[1] as typeof first).id })
  const after = await calls.known()
  expect(after[0]).toMatchObject({ id: first.id, title: 'Mine', url: first.url, isBuiltIn: true })
  expect(after[1]).toMatchObject({ isHidden: true })
  expect(after.at(-1)).toMatchObject({ title: 'Own', isBuiltIn: false })
  const ownId = own.at(-1)?.id as string
  await calls.restoreKnown()
  expect((await calls.known()).slice(0, -1)).toEqual(list)
  expect(await calls.removeKnown({ id: ownId })).toEqual(list)
  expect(events.filter(({ name }) => name === 'knownChanged')).toHaveLength(5)
})
