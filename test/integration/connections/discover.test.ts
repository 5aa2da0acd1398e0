/**
 * Discovery over real HTTP: every way to write an address, every driver's document, and everything else that may answer.
 * Nothing is sent along that could identify anybody.
 */
import { createServer } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Database, openDatabase } from '../../../main/core/database.ts'
import { createBulkTransport } from '../../../main/core/http/index.ts'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { applicationMigrations } from '../../../main/migrations/index.ts'
import { Discovery } from '../../../preload/contract/connections.ts'
import { makeCertificate } from '../../fakes/certificates.ts'
import { openConnections } from '../../fakes/connections.ts'
import { type Loopback, startLoopback } from '../../fakes/loopback.ts'
import { CAPTIVE_PORTAL, type FakeBackEnd, type Profile, startBackEnd } from '../../fakes/openeo-back-end.ts'
import { startAggregator } from '../../fakes/profiles/aggregator.ts'
import { API_1_3 } from '../../fakes/profiles/api-1.3.ts'
import { EARTH_ENGINE } from '../../fakes/profiles/earth-engine.ts'
import { EODC } from '../../fakes/profiles/eodc.ts'
import { PYTHON_DRIVER } from '../../fakes/profiles/python-driver.ts'
import { SENTINEL_HUB } from '../../fakes/profiles/sentinel-hub.ts'
import { TITILER_OPENEO } from '../../fakes/profiles/titiler-openeo.ts'

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
async function backEndOf(profile?: Profile): Promise<FakeBackEnd> {
  const backEnd = await startBackEnd(profile ? { profile } : {})
  closing.push(() => backEnd.close())
  return backEnd
}
async function pages(answer: Parameters<typeof startLoopback>[0]): Promise<Loopback> {
  const server = await startLoopback(answer)
  closing.push(() => server.close())
  return server
}
function open(transport?: Parameters<typeof openConnections>[0]['transport']) {
  const world = openConnections({ database, ...(transport ? { transport } : {}) })
  closing.push(() => world.close())
  return {
    ...world,
    discover: async (address: string, more: { versionUrl?: string } = {}) =>
      Discovery.parse(await world.calls.discover({ address, ...more })),
  }
}
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => expect.unreachable('it should have failed'),
    (failure: unknown) => failure as { code: string; message: string },
  )

test.each([
  [PYTHON_DRIVER, '1.2.0'],
  [SENTINEL_HUB, '1.0.0'],
  [EARTH_ENGINE, undefined],
  [EODC, undefined],
  [TITILER_OPENEO, undefined],
  [API_1_3, '1.3.0'],
])('$0.name is found at the address that users know, with its best version', async (profile, version) => {
  const backEnd = await backEndOf(profile)
  const found = await open().discover(backEnd.address)
  expect(found).toMatchObject({ state: 'found', url: backEnd.url, title: profile.title, connectionIds: [] })
  if (version) expect(found).toMatchObject({ apiVersion: version })
  for (const { headers } of backEnd.requests) {
    expect(headers.authorization).toBeUndefined()
    expect(headers.cookie).toBeUndefined()
  }
})

test('with and without scheme, slash and version path, pasted from a browser or an editor', async () => {
  const backEnd = await backEndOf(PYTHON_DRIVER)
  const { discover } = open()
  const host = new URL(backEnd.origin).host
  const root = (version: string) => `${backEnd.origin}/openeo/${version}`
  for (const [typed, url] of [
    [host, root('1.2')],
    [`${host}/`, root('1.2')],
    [`${backEnd.origin}/.well-known/openeo`, root('1.2')],
    // an address above the versions is one of the same service
    [`${host}/openeo`, root('1.2')],
    // whoever names a version gets the best one, and may choose then
    [`${host}/openeo/1.1/`, root('1.2')],
    [`${host}/openeo/1.3`, root('1.2')],
    [`https://editor.openeo.org/?server=${encodeURIComponent(backEnd.origin)}`, root('1.2')],
  ] as const)
    expect(await discover(typed), typed).toMatchObject({ state: 'found', url })
  const chosen = await discover(host, { versionUrl: `${root('1.0')}/` })
  expect(chosen).toMatchObject({ url: root('1.0'), apiVersion: '1.0.1' })
  expect(chosen.state === 'found' && chosen.versions.map(({ apiVersion }) => apiVersion)).toEqual([
    '1.3.0',
    '1.2.0',
    '1.1.0',
    '1.0.1',
  ])
  expect(await failureOf(discover(host, { versionUrl: 'https://elsewhere.example.org' }))).toMatchObject({
    code: 'not-found',
  })
})

test('two back-ends on one server: the path that was typed decides', async () => {
  const api = (title: string) => JSON.stringify({ api_version: '1.1.0', title, endpoints: [], links: [] })
  const server = await pages(({ path }, response) => {
    response.setHeader('content-type', 'application/json')
    if (path === '/.well-known/openeo')
      return void response.end(JSON.stringify({ versions: [{ url: `${server.url}/a`, api_version: '1.1.0' }] }))
    if (path === '/a/' || path === '/b/') return void response.end(api(path))
    response.writeHead(404).end('{}')
  })
  const { discover } = open()
  expect(await discover(server.url)).toMatchObject({ url: `${server.url}/a`, title: '/a/' })
  expect(await discover(`${server.url}/b`)).toMatchObject({ url: `${server.url}/b`, title: '/b/' })
  expect(await discover(`${server.url}/c`)).toMatchObject({ url: `${server.url}/a` })
})

test('an IPv6 address', async () => {
  const backEnd = await startBackEnd({ host: '::1' })
  closing.push(() => backEnd.close())
  const { port } = new URL(backEnd.origin)
  expect(await open().discover(`[::1]:${port}`)).toMatchObject({ state: 'found', url: backEnd.origin })
})

test('a federation, its terms, and where to register', async () => {
  const aggregator = await startAggregator()
  closing.push(() => aggregator.close())
  const found = await open().discover(aggregator.address)
  if (found.state !== 'found') throw new Error(found.state)
  expect(found.members.map(({ id, status }) => [id, status])).toEqual([
    ['vito', 'online'],
    ['eodc', 'online'],
  ])
  expect(found.terms.map(({ kind, agreedAt }) => [kind, agreedAt])).toEqual([
    ['terms-of-service', null],
    ['privacy-policy', null],
  ])
  expect(found.offers).toContain('batch-jobs')
})

test('discovery may lead to another origin; it is shown, and asked without anything that was typed', async () => {
  const backEnd = await backEndOf()
  const server = await pages(({ path }, response) => {
    if (path === '/.well-known/openeo')
      return void response.end(
        JSON.stringify({ versions: [{ url: backEnd.url, api_version: '1.2.0', production: true }] }),
      )
    response.writeHead(404).end()
  })
  expect(await open().discover(`${server.url}/?token=secret`)).toMatchObject({ url: backEnd.url })
  expect(backEnd.requests.map(({ path }) => path)).toEqual(['/'])
})

test('a listed address that nobody can reach is looked for at the host that was typed', async () => {
  const api = { api_version: '1.1.0', title: 'Behind a proxy', endpoints: [], links: [] }
  const server = await pages(({ path }, response) => {
    response.setHeader('content-type', 'application/json')
    const versions = [{ url: 'http://127.0.0.1:9/openeo/1.1', api_version: '1.1.0' }]
    if (path === '/.well-known/openeo') return void response.end(JSON.stringify({ versions }))
    if (path === '/openeo/1.1/') return void response.end(JSON.stringify(api))
    response.writeHead(404).end('{}')
  })
  expect(await open().discover(server.url)).toMatchObject({ url: `${server.url}/openeo/1.1`, title: 'Behind a proxy' })
})

test('an API root that forwards for good is kept where it forwards to', async () => {
  const backEnd = await backEndOf()
  const server = await pages(({ path }, response) => {
    if (path === '/') return void response.writeHead(308, { location: `${backEnd.url}/` }).end()
    response.writeHead(404).end()
  })
  expect(await open().discover(server.url)).toMatchObject({ url: backEnd.url })
})

const json = (document: unknown) => ({ body: JSON.stringify(document), type: 'application/json' })
test.each([
  ['a web page', { html: '<html><title>It works!</title></html>' }, 'back-end', /web page/],
  ['a captive portal', CAPTIVE_PORTAL, 'back-end', /network may ask for a sign-in/],
  ['a 404', { status: 404 }, 'not-found', /No openEO back-end was found/],
  ['a server error', { status: 500, message: 'It broke.' }, 'back-end', /./],
  ['maintenance', { status: 503, code: 'InfrastructureMaintenance', message: 'Back at noon.' }, 'back-end', /noon/],
  ['a redirect in a circle', 'loop', 'back-end', /forwards/],
  ['a redirect to a file', { redirect: 'file:///etc/passwd' }, 'back-end', /forwards/],
  ['half of an answer', 'half', 'offline', /broke off|no answer/],
  ['a cut connection', 'cut', 'offline', /./],
  ['100 MB', { largeBytes: 100_000_000 }, 'back-end', /too long/],
  ['no JSON', { body: '{"api_version": "1.2', type: 'application/json' }, 'back-end', /not valid JSON/],
  ['a list', json([1, 2]), 'back-end', /not an openEO back-end/],
  ['null', json(null), 'back-end', /not an openEO back-end/],
  [
    'an STAC API',
    json({ stac_version: '1.0.0', type: 'Catalog', id: 'x', links: [] }),
    'back-end',
    /STAC catalogue.*added as a catalogue/,
  ],
  [
    'OGC API Records',
    json({ title: 'R', conformsTo: ['http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/core'] }),
    'back-end',
    /Records/,
  ],
  ['another generation', json({ api_version: '0.4.2', endpoints: [] }), 'back-end', /0\.4\.2/],
  ['a version of the future', json({ api_version: '2.0.0', endpoints: [] }), 'back-end', /2\.0\.0/],
] as const)('%s says what it is', async (_what, fault, code, message) => {
  const backEnd = await backEndOf()
  backEnd.failAlways('*', fault as Parameters<FakeBackEnd['failAlways']>[1])
  const failure = await failureOf(open().discover(backEnd.address))
  expect(failure).toMatchObject({ code, message: expect.stringMatching(message) })
  expect(failure.message).not.toContain(backEnd.origin)
})

test('a well-known document of versions that nobody speaks names them', async () => {
  const backEnd = await backEndOf()
  const versions = ['0.4.2', '2.0.0'].map((version) => ({ url: `/${version}`, api_version: version, production: true }))
  backEnd.failAlways('GET /.well-known/openeo', json({ versions }))
  const failure = await failureOf(open().discover(backEnd.address))
  expect(failure).toMatchObject({ code: 'back-end', message: expect.stringMatching(/2\.0\.0, 0\.4\.2/) })
})

test('a well-known document that leads to itself, or to nothing, is no cycle', async () => {
  const backEnd = await backEndOf()
  const { discover } = open()
  backEnd.failAlways(
    'GET /.well-known/openeo',
    json({ versions: [{ url: '/.well-known/openeo', api_version: '1.2.0' }] }),
  )
  expect(await discover(backEnd.address)).toMatchObject({ url: backEnd.url })
  backEnd.failAlways('GET /.well-known/openeo', json({ versions: [] }))
  expect(await discover(backEnd.address)).toMatchObject({ url: backEnd.url })
  expect(backEnd.requests.length).toBeLessThan(8)
})

test('a server that holds its connections open and sends nothing can be left', async () => {
  const silent = createServer(() => {})
  await new Promise<void>((ready) => silent.listen(0, '127.0.0.1', ready))
  closing.push(() => silent.close())
  const { discover, calls } = open()
  const { port } = silent.address() as { port: number }
  const connected = new Promise((resolve) => silent.once('connection', resolve))
  const failure = failureOf(discover(`127.0.0.1:${port}`))
  await connected
  await calls.cancelDiscovery()
  expect(await failure).toMatchObject({ code: 'canceled' })
})

test('a slow answer is waited for; a second question ends the first', async () => {
  const backEnd = await backEndOf()
  const { discover } = open()
  const { promise, resolve } = Promise.withResolvers<void>()
  backEnd.hold = promise
  const first = failureOf(discover(backEnd.address))
  await backEnd.asked('GET /.well-known/openeo', 1)
  const second = discover(backEnd.address)
  expect(await first).toMatchObject({ code: 'canceled' })
  resolve()
  expect(await second).toMatchObject({ state: 'found' })
})

test('429 is asked again when the server says so, in seconds and in milliseconds', async () => {
  const backEnd = await backEndOf()
  backEnd.fail('GET /.well-known/openeo', { status: 429, headers: { 'retry-after': '0' } })
  backEnd.fail('GET /', { status: 429, headers: { 'retry-after-ms': '1' } })
  expect(await open().discover(backEnd.address)).toMatchObject({ state: 'found' })
})

test('a certificate that nobody vouches for is shown, and can be trusted for the question and for the connection', async () => {
  const tls = makeCertificate()
  const backEnd = await startBackEnd({ tls })
  closing.push(() => backEnd.close())
  const transport = createBulkTransport()
  closing.push(() => transport.close())
  const { calls, become } = open(transport)
  const found = await calls.discover({ address: backEnd.address })
  if (found.state !== 'untrusted') throw new Error(found.state)
  expect(found.certificate).toMatchObject({ host: '127.0.0.1', sha256: tls.sha256, problem: 'self-signed' })
  expect(backEnd.requests).toEqual([])

  const { certificate } = found
  expect(await calls.discover({ address: backEnd.address, trust: certificate })).toMatchObject({ state: 'found' })
  const wrong = { ...certificate, sha256: '0'.repeat(64) }
  expect(await calls.discover({ address: backEnd.address, trust: wrong })).toMatchObject({ state: 'untrusted' })
  await expect(calls.add({ url: backEnd.url, agreed: [] })).rejects.toMatchObject({ code: 'untrusted-certificate' })

  const { id } = await calls.add({ url: backEnd.url, agreed: [], trust: certificate })
  expect(await become('connected', id)).toMatchObject({ trustedCertificate: { sha256: tls.sha256 } })
  await calls.distrustCertificate({ id })
  const refused = await become('failed', id)
  expect(refused).toMatchObject({
    failure: { code: 'untrusted-certificate' },
    refusedCertificate: { sha256: tls.sha256 },
  })
  expect(refused).not.toHaveProperty('trustedCertificate')
  await expect(calls.trustCertificate({ id, sha256: wrong.sha256 })).rejects.toMatchObject({ code: 'conflict' })
  expect(await calls.trustCertificate({ id, sha256: tls.sha256 })).toMatchObject({ state: 'connected' })
})
