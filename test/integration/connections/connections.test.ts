/**
 * Connections over real HTTP: each failure has its code and sentence, what is overtaken is not listened to, and the token
 * is in memory alone and goes to its own origin.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CatalogueFeature } from '../../../main/catalogue/index.ts'
import { EMBEDDED_ID } from '../../../main/connections/index.ts'
import { systemClock } from '../../../main/core/clock.ts'
import { type Database, openDatabase } from '../../../main/core/database.ts'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { createGraphs } from '../../../main/graphs/index.ts'
import { applicationMigrations } from '../../../main/migrations/index.ts'
import { createTransfers } from '../../../main/transfers/index.ts'
import { Connection } from '../../../preload/contract/connections.ts'
import type { Draft } from '../../../preload/contract/graphs.ts'
import { openConnections } from '../../fakes/connections.ts'
import { type FakeBackEnd, startBackEnd } from '../../fakes/openeo-back-end.ts'
import { startTransfersProcess } from '../../fakes/transfers-process.ts'

const CANARY = 'canary-of-the-token'
const id = EMBEDDED_ID as never
let folder: string
let database: Database
let backEnd: FakeBackEnd
const closing: (() => unknown)[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'swath-connections-'))
  const log = createLog({ sink: memorySink() })
  database = (await openDatabase({ path: join(folder, 'swath.db'), migrations: applicationMigrations, log })).database
  backEnd = await startBackEnd()
  backEnd.token = CANARY
  backEnd.password = 'canary-of-the-password'
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
  await backEnd.close()
  database.close()
  rmSync(folder, { recursive: true, force: true })
})

function open() {
  const world = openConnections({ database })
  closing.push(() => world.close())
  const access = (server = backEnd) => ({ url: server.url, user: server.user, password: server.password })
  const shown = () => Connection.parse(world.connections.find(EMBEDDED_ID))
  const authorizations = () => world.handedOn.map(({ rootUrl, authorization }) => [rootUrl, authorization])
  return { ...world, access, shown, authorizations }
}

test('the embedded back-end connects: version, user, time of the check; each event has a higher revision', async () => {
  const { connections, events, become, access } = open()
  expect(await connections.handlers.list()).toMatchObject([{ id: 'embedded', kind: 'embedded', state: 'connecting' }])
  connections.embeddedChanged(access())
  const connection = await become('connected')
  expect(connection).toMatchObject({ apiVersion: '1.2.0', userId: 'analyst', url: backEnd.url })
  expect(connection.checkedAt).toBeDefined()
  const revisions = events.map((event) => (event.payload as { revision: number }).revision)
  expect(revisions).toEqual([...revisions].sort((a, b) => a - b))
  expect(new Set(revisions).size).toBe(revisions.length)
})

test.each([
  [
    'a wrong password',
    'GET /credentials/basic',
    { status: 403, code: 'CredentialsInvalid', message: 'The password is wrong.' },
    /^credentials-refused$/,
  ],
  ['a web page', 'GET /', { html: '<html>Sign in</html>' }, /^back-end$/],
  ['a server error', 'GET /me', { status: 500, message: 'It broke.' }, /^back-end$/],
] as const)(
  '%s is a failure with a code and a sentence; connecting again heals it',
  async (_what, line, fault, code) => {
    const { connections, become, access } = open()
    backEnd.fail(line, fault)
    connections.embeddedChanged(access())
    const { failure } = await become('failed')
    expect(failure?.code).toMatch(code)
    expect(failure?.message).toMatch(/^[A-Z].*\.$/s)
    expect(JSON.stringify(failure)).not.toContain(backEnd.url)
    expect(await connections.handlers.reconnect({ id })).toMatchObject({ state: 'connected' })
    expect(connections.find(EMBEDDED_ID)).not.toHaveProperty('failure')
  },
)

test('an API of another generation is said', async () => {
  const { connections, become, access } = open()
  backEnd.apiVersion = '0.4.2'
  connections.embeddedChanged(access())
  expect((await become('failed')).failure?.message).toContain('0.4.2')
})

test('after a restart with another port and password the earlier token and address are not used any more', async () => {
  const { connections, become, access, authorizations } = open()
  connections.embeddedChanged(access())
  await become('connected')
  const other = await startBackEnd()
  closing.push(() => other.close())
  other.password = 'second'
  other.token = 'second-token'
  connections.embeddedChanged(null)
  expect(() => connections.session(EMBEDDED_ID)).toThrowError('not running')
  const before = backEnd.requests.length
  connections.embeddedChanged(access(other))
  const connection = await become('connected')
  expect(connection.url).toBe(other.url)
  expect(backEnd.requests.length).toBe(before)
  expect(other.requests.some(({ authorization }) => authorization?.includes(CANARY))).toBe(false)
  expect(authorizations()).toEqual([
    [backEnd.url, `Bearer basic//${CANARY}`],
    [backEnd.url, null],
    [other.url, 'Bearer basic//second-token'],
  ])
})

test('a slow answer of an earlier address changes nothing', async () => {
  const { connections, become, access, authorizations } = open()
  const { promise, resolve } = Promise.withResolvers<void>()
  backEnd.hold = promise
  connections.embeddedChanged(access())
  const other = await startBackEnd()
  closing.push(() => other.close())
  connections.embeddedChanged(null)
  connections.embeddedChanged(access(other))
  await become('connected')
  backEnd.password = 'changed' // the earlier attempt fails when it goes on
  resolve()
  for (let turns = 0; turns < 50; turns++) await new Promise((done) => setImmediate(done))
  expect(connections.find(EMBEDDED_ID)).toMatchObject({ state: 'connected', url: other.url })
  expect(authorizations().map(([url]) => url)).toEqual([other.url])
})

test('an unknown connection is not there', async () => {
  const { connections } = open()
  await expect(connections.handlers.reconnect({ id: 'nobody' as never })).rejects.toMatchObject({ code: 'not-found' })
  expect(() => connections.session('nobody')).toThrowError('not there')
})

test('token and password are in no event, log line, error, request record or file', async () => {
  const { connections, events, become, access, sink, requestLog } = open()
  backEnd.fail('GET /me', { status: 500, message: `no: Bearer basic//${CANARY} ${CANARY}` })
  connections.embeddedChanged(access())
  await become('failed')
  await connections.handlers.reconnect({ id })
  database.run('PRAGMA wal_checkpoint(TRUNCATE)')
  const written = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'))
  for (const text of [
    JSON.stringify(events),
    JSON.stringify(sink.lines),
    JSON.stringify(requestLog.list()),
    ...written,
  ]) {
    expect(text).not.toContain(CANARY)
    expect(text).not.toContain('canary-of-the-password')
  }
  expect(backEnd.requests.some(({ authorization }) => authorization?.includes(CANARY))).toBe(true)
})

test('a graph has three answers: valid, invalid with the place, could not check', async () => {
  const { connections, become, access } = open()
  const catalogue = { collection: () => undefined, document: () => undefined, processIds: () => new Set() }
  const graphs = createGraphs({
    database,
    clock: systemClock,
    connections,
    catalogue: catalogue as unknown as CatalogueFeature,
    areas: { find: () => undefined },
  })
  const graph = { one: { process_id: 'constant', arguments: { x: 1 }, result: true } }
  const validate = () => graphs.handlers.validate({ connectionId: id, graph })
  expect(await validate()).toMatchObject({ answer: 'could-not-check', findings: [{ code: 'offline' }] })
  connections.embeddedChanged(access())
  await become('connected')
  expect(await validate()).toEqual({ answer: 'valid', findings: [] })
  backEnd.validation = [
    { code: 'ProcessUnsupported', message: 'No foo.', path: [{ node_id: 'one', parameter: 'x' }] },
    { message: 7 },
  ]
  expect(await validate()).toEqual({
    answer: 'invalid',
    findings: [
      { code: 'ProcessUnsupported', message: 'No foo.', nodeId: 'one', argument: 'x' },
      { code: 'Unknown', message: 'The back-end gives no reason.' },
    ],
  })
  backEnd.fail('POST /validation', { html: '<html>' })
  expect(await validate()).toMatchObject({ answer: 'could-not-check', findings: [{ code: 'back-end' }] })

  const draft = { ...((await graphs.handlers.draft()) as Draft), title: 'Mine', parameters: { a: [1, null] } }
  await graphs.handlers.saveDraft(draft)
  expect(await graphs.handlers.draft()).toEqual(draft)
  database.run(`UPDATE draft SET document = json_set(document, '$.format', 'BMP', '$.areaId', 7)`)
  expect(await graphs.handlers.draft()).toEqual({ ...draft, format: 'GTiff', areaId: null })
})

test('downloads get the token at the origin of the back-end, and nowhere else', async () => {
  const world = open()
  const { connections, become, access, log, publish, requestLog } = world
  const foreign = await startBackEnd()
  closing.push(() => foreign.close())
  foreign.files.set('b.tif', { body: Buffer.from('II*\0foreign'), type: 'image/tiff' })
  backEnd.files.set('a.tif', { body: Buffer.from('II*\0own'), type: 'image/tiff', needsToken: true })
  const transfers = createTransfers({
    database,
    publish,
    clock: systemClock,
    log,
    requestLog,
    userAgent: 'Swath/test',
    startProcess: startTransfersProcess,
    renewLink: async () => `${backEnd.url}/files/a.tif`,
    resolveProxy: async () => 'DIRECT',
  })
  closing.push(() => transfers.close())
  world.listening.push(
    ({ id, rootUrl, authorization }) =>
      void transfers.setCredential(id, rootUrl, authorization === null ? null : { authorization }),
  )
  connections.embeddedChanged(access())
  await become('connected')
  const request = (name: string, url: string) => ({
    resultId: 'r',
    connectionId: id,
    assetKey: name,
    title: name,
    url,
    targetPath: join(folder, 'library', name),
    mediaType: 'image/tiff',
    sizeBytes: null,
    checksum: null,
  })
  await transfers.download(request('a.tif', `${backEnd.url}/files/a.tif`))
  await transfers.download(request('b.tif', `${foreign.url}/files/b.tif`))
  for (const name of ['a.tif', 'b.tif'])
    await world.event(
      ({ feature, payload }) =>
        feature === 'transfers' && 'assetKey' in payload && payload.assetKey === name && payload.state === 'done',
    )
  expect(readFileSync(join(folder, 'library', 'a.tif'), 'latin1')).toContain('own')
  expect(backEnd.requests.find(({ line }) => line === 'GET /files/{name}')?.authorization).toContain(CANARY)
  expect(foreign.requests.map(({ authorization }) => authorization)).toEqual([undefined])

  connections.embeddedChanged(null) // the token goes
  await transfers.download(request('c.tif', `${backEnd.url}/files/a.tif`))
  const failed = await world.event(
    ({ feature, payload }) =>
      feature === 'transfers' && 'assetKey' in payload && payload.assetKey === 'c.tif' && payload.state === 'failed',
  )
  expect(failed.payload).toMatchObject({ failure: { code: expect.stringMatching(/signed-out|forbidden/) } })
  expect(backEnd.requests.at(-1)?.authorization).toBeUndefined()
}, 30_000)
