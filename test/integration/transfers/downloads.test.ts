/**
 * Promises of downloads, with the real process, a real database and a server that does what servers do: the bytes are
 * right or there is no file; what came is not asked for again; one bad file stops no other; nothing secret is written.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../../main/core/clock.ts'
import { openDatabase } from '../../../main/core/database.ts'
import { AppError } from '../../../main/core/errors.ts'
import { createRequestLog } from '../../../main/core/http/index.ts'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { createRedactor } from '../../../main/core/redact.ts'
import { applicationMigrations } from '../../../main/migrations/index.ts'
import { createTransfers, type DownloadRequest } from '../../../main/transfers/index.ts'
import type { Transfer } from '../../../preload/contract/transfers.ts'
import { makeCertificate } from '../../fakes/certificates.ts'
import { type FileServer, startFileServer } from '../../fakes/file-server.ts'
import { createRandom } from '../../fakes/random.ts'
import { type StartedProcess, startTransfersProcess } from '../../fakes/transfers-process.ts'

// a process is started in most tests, and the machine may be busy
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })
const MB = 1024 * 1024
const random = createRandom('file contents')
const content = (byteCount: number) => {
  const block = random.bytes(1_000_003)
  return Buffer.concat(Array.from({ length: Math.ceil(byteCount / block.length) }, () => block)).subarray(0, byteCount)
}

const closingOfTest: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closingOfTest.splice(0).reverse()) await close()
})

async function serve(bytes = content(300_000)): Promise<FileServer> {
  const server = await startFileServer(bytes)
  closingOfTest.push(server.close)
  return server
}

type Swath = Awaited<ReturnType<typeof startAlone>>
let shared: Swath | undefined
const sharedClosing: (() => unknown)[] = []
afterAll(async () => {
  for (const close of sharedClosing.reverse()) await close()
})
/** One process and database for all tests that need no life of their own: starting one costs most of a second. */
async function start(server: FileServer): Promise<Swath> {
  shared ??= await startAlone(server, undefined, sharedClosing)
  await shared.transfers.forget('result-1')
  rmSync(join(shared.folder, 'library'), { recursive: true, force: true })
  shared.events.length = 0
  shared.renewals.length = 0
  shared.setRenewLink(async () => server.link())
  shared.setServer(server)
  return shared
}

async function startAlone(
  firstServer: FileServer,
  folder = mkdtempSync(join(tmpdir(), 'swath-transfers-')),
  closing = closingOfTest,
) {
  let server = firstServer
  closing.push(() => rmSync(folder, { recursive: true, force: true }))
  const sink = memorySink()
  const redactor = createRedactor()
  const log = createLog({ sink, redactor, level: 'debug' })
  const path = join(folder, 'swath.db')
  const { database } = await openDatabase({ path, migrations: applicationMigrations, log })
  const events: Transfer[] = []
  const listeners: (() => void)[] = []
  const processes: StartedProcess[] = []
  const renewals: string[] = []
  let renewLink = async (): Promise<string> => server.link()
  const requestLog = createRequestLog({ clock: systemClock, redactor })
  const transfers = createTransfers({
    database,
    publish: () => {},
    clock: systemClock,
    log,
    requestLog,
    userAgent: 'Swath/test',
    startProcess() {
      const process = startTransfersProcess()
      processes.push(process)
      return process
    },
    renewLink: (_resultId, assetKey) => {
      renewals.push(assetKey)
      return renewLink()
    },
    resolveProxy: async () => 'DIRECT',
  })
  transfers.onChange((transfer) => {
    events.push(transfer)
    for (const listener of listeners.splice(0)) listener()
  })
  const close = async () => {
    await transfers.close()
    database.close()
  }
  closing.push(close)
  /** The first event, past or to come, that fits. */
  async function until(fits: (transfer: Transfer) => boolean, from = 0): Promise<Transfer> {
    for (;;) {
      const found = events.slice(from).find(fits)
      if (found) return found
      await new Promise<void>((resolve) => listeners.push(resolve))
    }
  }
  const target = (name: string) => join(folder, 'library', name)
  const request = (more: Partial<DownloadRequest> = {}): DownloadRequest => ({
    resultId: 'result-1',
    assetKey: 'output',
    connectionId: 'connection-1',
    title: 'output.tif',
    url: server.link(),
    targetPath: target('output.tif'),
    mediaType: 'image/tiff',
    sizeBytes: null,
    checksum: null,
    ...more,
  })
  const ended = (key = 'output', from = 0) =>
    until((t) => t.assetKey === key && ['done', 'failed', 'canceled'].includes(t.state), from)
  const everythingWritten = () =>
    [path, `${path}-wal`]
      .filter(existsSync)
      .map((file) => readFileSync(file, 'latin1'))
      .concat(JSON.stringify([sink.lines, requestLog.list(), events]))
      .join()
  return {
    folder,
    database,
    transfers,
    events,
    processes,
    renewals,
    requestLog,
    sink,
    until,
    target,
    request,
    ended,
    everythingWritten,
    close,
    setServer: (other: FileServer) => {
      server = other
    },
    setRenewLink: (work: () => Promise<string>) => {
      renewLink = work
    },
  }
}
const same = (path: string, bytes: Buffer) => readFileSync(path).equals(bytes)

test('a file comes whole, verified, in its place, and nothing beside it', async () => {
  const bytes = content(3 * MB)
  const server = await serve(bytes)
  const swath = await startAlone(server)
  await swath.transfers.download(swath.request({ checksum: server.multihash, sizeBytes: bytes.length }))
  expect(await swath.ended()).toMatchObject({ state: 'done', receivedBytes: bytes.length, totalBytes: bytes.length })
  expect(same(swath.target('output.tif'), bytes)).toBe(true)
  expect(readdirSync(join(swath.folder, 'library'))).toEqual(['output.tif'])
  expect(swath.database.get('SELECT own_checksum FROM transfer')).toEqual({ own_checksum: server.multihash })
  expect(swath.requestLog.list()).toMatchObject([{ status: 200, outcome: 'answered', receivedBytes: bytes.length }])
  const revisions = swath.events.map((event) => event.revision)
  expect([...revisions].sort((a, b) => a - b)).toEqual(revisions)
})

test('a broken connection is resumed where it broke, as often as it takes', async () => {
  const bytes = content(5 * MB)
  const server = await serve(bytes)
  server.set({ cutAfter: MB, cutCount: 4 })
  const swath = await start(server)
  await swath.transfers.download(swath.request({ checksum: server.multihash }))
  expect(await swath.ended()).toMatchObject({ state: 'done' })
  expect(same(swath.target('output.tif'), bytes)).toBe(true)
  expect(server.sent.length).toBe(5)
  const starts = server.sent.map((part) => part.first)
  expect([...starts].sort((a, b) => a - b)).toEqual(starts)
  expect(new Set(starts).size).toBe(5)
})

test('kill -9 in the middle: what was safe is not sent again, and the bytes are right', async () => {
  const bytes = content(40 * MB)
  const server = await serve(bytes)
  server.set({ stallAfter: 25 * MB })
  const swath = await startAlone(server)
  await swath.transfers.download(swath.request({ checksum: server.multihash }))
  const kept = () =>
    swath.database.get<{ n: number }>('SELECT coalesce(sum(byte_count), 0) AS n FROM transfer_part')?.n ?? 0
  while (kept() < 24 * MB) await new Promise((resolve) => setTimeout(resolve, 20))
  const before = kept()
  const process = swath.processes[0] as StartedProcess
  const gone = new Promise((resolve) => process.child.once('exit', resolve))
  process.child.kill('SIGKILL')
  await gone
  expect(existsSync(swath.target('output.tif'))).toBe(false)
  server.set({ stallAfter: 0 })
  expect(await swath.ended()).toMatchObject({ state: 'done' })
  expect(swath.processes.length).toBe(2)
  expect(same(swath.target('output.tif'), bytes)).toBe(true)
  expect(server.sent[1]).toEqual({ first: before, byteCount: bytes.length - before })
  expect(swath.renewals).toEqual(['output']) // the link was in memory only
})

test('quit and start again: the rows go on; damage to the safe part meanwhile is found', async () => {
  const bytes = content(30 * MB)
  const server = await serve(bytes)
  server.set({ stallAfter: 20 * MB })
  const first = await startAlone(server)
  await first.transfers.download(first.request({ checksum: server.multihash }))
  await server.sentAtLeast(20 * MB)
  await first.until((t) => t.receivedBytes >= 17 * MB)
  await first.close()
  closingOfTest.splice(closingOfTest.indexOf(first.close), 1)
  const part = `${first.target('output.tif')}.part`
  const spoiled = readFileSync(part)
  spoiled[9 * MB] = (spoiled[9 * MB] as number) ^ 1 // in the second part of 8 MB
  writeFileSync(part, spoiled)
  server.set({ stallAfter: 0 })
  const second = await startAlone(server, first.folder)
  await second.transfers.resumeOpen()
  expect(await second.ended()).toMatchObject({ state: 'done' })
  expect(same(second.target('output.tif'), bytes)).toBe(true)
  expect(server.sent[1]?.first).toBeGreaterThanOrEqual(8 * MB)
  expect(server.sent[1]?.first).toBeLessThan(9 * MB)
})

test('pause keeps what came, resume goes on, cancel leaves nothing', async () => {
  const bytes = content(12 * MB)
  const server = await serve(bytes)
  server.set({ stallAfter: 10 * MB })
  const swath = await start(server)
  await swath.transfers.download(swath.request())
  const { id } = await swath.until((t) => t.receivedBytes > 9 * MB)
  expect(await swath.transfers.handlers.pause({ id })).toMatchObject({ state: 'paused' })
  expect(await swath.transfers.handlers.list()).toMatchObject([{ id, state: 'paused' }])
  server.set({ stallAfter: 0 })
  await swath.transfers.handlers.resume({ id })
  expect(await swath.ended()).toMatchObject({ state: 'done' })
  expect(server.sent[1]?.first).toBeGreaterThan(9 * MB)
  expect(same(swath.target('output.tif'), bytes)).toBe(true)

  server.set({ stallAfter: MB })
  await swath.transfers.download(swath.request({ assetKey: 'other', targetPath: swath.target('other.tif') }))
  const other = await swath.until((t) => t.assetKey === 'other' && t.state === 'running')
  expect(await swath.transfers.handlers.cancel({ id: other.id })).toMatchObject({ state: 'canceled' })
  expect(readdirSync(join(swath.folder, 'library'))).toEqual(['output.tif'])
  await swath.transfers.handlers.clearEnded()
  expect(await swath.transfers.handlers.list()).toEqual([])
  expect(existsSync(swath.target('output.tif'))).toBe(true)
})

test.each([
  ['does not know ranges', { ranges: false }],
  ['has another file now', { bytes: content(4 * MB), etag: '"v2"' }],
  [
    'answers another range than asked',
    { contentRange: (a: number, b: number, c: number) => `bytes ${a - 1}-${b}/${c}` },
  ],
  ['states no validator', { etag: null }],
])('a server that %s: the file starts over, nothing is appended', async (_what, change) => {
  const server = await serve(content(4 * MB))
  server.set({ cutAfter: 2 * MB, cutCount: 1, ...('etag' in change && change.etag === null ? change : {}) })
  const swath = await start(server)
  await swath.transfers.download(swath.request())
  await server.sentAtLeast(2 * MB)
  server.set(change as object)
  expect(await swath.ended()).toMatchObject({ state: 'done' })
  const expected = 'bytes' in change ? (change.bytes as Buffer) : undefined
  const got = readFileSync(swath.target('output.tif'))
  expect(got.length).toBe(4 * MB)
  if (expected) expect(got.equals(expected)).toBe(true)
  else
    expect(`1220${(await import('node:crypto')).createHash('sha256').update(got).digest('hex')}`).toBe(server.multihash)
})

test('an expired link is renewed, and the download goes on', async () => {
  const bytes = content(2 * MB)
  const server = await serve(bytes)
  server.set({ cutAfter: MB, cutCount: 1 })
  const swath = await start(server)
  await swath.transfers.download(swath.request())
  await server.sentAtLeast(MB)
  server.set({ token: 'another-token-of-the-link' })
  expect(await swath.ended()).toMatchObject({ state: 'done' })
  expect(same(swath.target('output.tif'), bytes)).toBe(true)
  expect(swath.renewals).toEqual(['output'])
  expect(server.sent[1]?.first).toBeGreaterThan(0)
})

test('a link that stays bad fails with a sentence, and another file goes on', async () => {
  const server = await serve()
  const swath = await start(server)
  swath.setRenewLink(async () => server.link('still-a-wrong-token'))
  await swath.transfers.download(swath.request({ url: server.link('a-wrong-token-of-it') }))
  await swath.transfers.download(swath.request({ assetKey: 'good', targetPath: swath.target('good.tif') }))
  expect(await swath.ended()).toMatchObject({ state: 'failed', failure: { code: 'forbidden' } })
  expect(await swath.ended('good')).toMatchObject({ state: 'done' })
  swath.setRenewLink(async () => {
    throw new AppError('not-found', 'The job is not there any more.')
  })
  const from = swath.events.length
  expect(await swath.transfers.retry('result-1', 'output')).toBe(true)
  expect(await swath.ended('output', from)).toMatchObject({ state: 'failed', failure: { code: 'not-found' } })
  swath.setRenewLink(async () => server.link())
  const again = swath.events.length
  await swath.transfers.retry('result-1', 'output')
  expect(await swath.ended('output', again)).toMatchObject({ state: 'done' })
  expect(await swath.transfers.retry('result-1', 'nothing')).toBe(false)
})

test('a byte that was changed on the way is found; the file is fetched once more', async () => {
  const bytes = content(2 * MB)
  const server = await serve(bytes)
  server.set({ corruptAt: 1_500_000, corruptCount: 1 })
  const swath = await start(server)
  await swath.transfers.download(swath.request({ checksum: server.multihash }))
  expect(await swath.ended()).toMatchObject({ state: 'done' })
  expect(same(swath.target('output.tif'), bytes)).toBe(true)
  expect(server.sent.length).toBe(2)
})

test.each([
  ['is damaged every time', { corruptAt: 5, corruptCount: 99 }, {}],
  ['has another size than stated', {}, { sizeBytes: 12 }],
  ['is a page', { page: '<!doctype html><p>Sign in', contentType: 'text/html' }, {}],
  ['is a page that calls itself data', { page: '<html><p>Sign in</html>' }, {}],
])('a file that %s is never put into place', async (_what, behaviour, more) => {
  const server = await serve()
  server.set(behaviour)
  const swath = await start(server)
  await swath.transfers.download(swath.request({ checksum: server.multihash, ...more }))
  expect(await swath.ended()).toMatchObject({ state: 'failed', failure: { code: 'unreadable-data' } })
  expect(existsSync(swath.target('output.tif'))).toBe(false)
})

test('a length that is not told: the file comes all the same, and a cut is found by its checksum', async () => {
  const bytes = content(MB)
  const server = await serve(bytes)
  server.set({ hasLength: false })
  const swath = await start(server)
  await swath.transfers.download(swath.request())
  expect(await swath.ended()).toMatchObject({ state: 'done', totalBytes: bytes.length })
  expect(same(swath.target('output.tif'), bytes)).toBe(true)
})

test('a file that is there is never overwritten', async () => {
  const server = await serve()
  const swath = await start(server)
  mkdirSync(join(swath.folder, 'library'), { recursive: true })
  writeFileSync(swath.target('output.tif'), 'mine')
  await swath.transfers.download(swath.request())
  expect(await swath.ended()).toMatchObject({ state: 'failed', failure: { code: 'conflict' } })
  expect(readFileSync(swath.target('output.tif'), 'utf8')).toBe('mine')
})

test('a crash between moving the file and writing the row is noticed: it is done', async () => {
  const server = await serve()
  const swath = await startAlone(server)
  await swath.transfers.download(swath.request())
  const { id } = await swath.ended()
  await swath.close()
  closingOfTest.splice(closingOfTest.indexOf(swath.close), 1)
  const { database } = await openDatabase({
    path: join(swath.folder, 'swath.db'),
    migrations: applicationMigrations,
    log: createLog({ sink: memorySink() }),
  })
  database.run("UPDATE transfer SET state = 'verifying'")
  database.close()
  const again = await startAlone(server, swath.folder)
  await again.transfers.resumeOpen()
  expect(await again.ended()).toMatchObject({ id, state: 'done' })
  expect(server.sent.length).toBe(1)
})

test('room on the disk is looked at before the first byte', async () => {
  const server = await serve()
  server.set({ hasLength: false })
  const swath = await start(server)
  await swath.transfers.download(swath.request({ sizeBytes: 2 ** 50 }))
  expect(await swath.ended()).toMatchObject({ state: 'failed', failure: { code: 'disk-full' } })
})

test('progress is told four times a second at most, with a speed', async () => {
  const server = await serve(content(4 * MB))
  server.set({ speed: 3_000 })
  const swath = await start(server)
  const startMs = performance.now()
  await swath.transfers.download(swath.request())
  await swath.ended()
  const seconds = (performance.now() - startMs) / 1_000
  const told = swath.events.filter((event) => event.bytesPerSecond !== null)
  expect(told.length).toBeGreaterThan(1)
  expect(told.length).toBeLessThanOrEqual(Math.ceil(seconds * 4) + 2)
  expect(told.at(-1)?.bytesPerSecond).toBeGreaterThan(100_000)
})

test('forgetting a result ends its downloads and leaves the finished files', async () => {
  const server = await serve()
  const swath = await start(server)
  await swath.transfers.download(swath.request())
  await swath.ended()
  server.set({ stallAfter: 65_536 })
  await swath.transfers.download(swath.request({ assetKey: 'b', targetPath: swath.target('b.tif') }))
  await swath.until((t) => t.assetKey === 'b' && t.state === 'running')
  await swath.transfers.forget('result-1')
  expect(await swath.transfers.handlers.list()).toEqual([])
  expect(readdirSync(join(swath.folder, 'library'))).toEqual(['output.tif'])
})

test('the same file asked for twice is one download', async () => {
  const server = await serve()
  server.set({ stallAfter: 65_536 })
  const swath = await start(server)
  await swath.transfers.download(swath.request())
  await swath.transfers.download(swath.request())
  expect((await swath.transfers.handlers.list()).length).toBe(1)
  server.set({ stallAfter: 0 })
  expect(await swath.ended()).toMatchObject({ state: 'done' })
})

test('headers go to their own origin only, and neither they nor the link are written anywhere', async () => {
  const other = await serve()
  const server = await serve()
  const swath = await startAlone(server)
  await swath.transfers.setCredential('connection-1', server.url, { authorization: 'Bearer CANARY-of-the-header' })
  await swath.transfers.download(swath.request())
  await swath.transfers.download(
    swath.request({ assetKey: 'b', url: other.link(), targetPath: swath.target('b.tif'), title: 'b' }),
  )
  await swath.ended()
  await swath.ended('b')
  server.set({ status: 418, statusCount: 99 })
  await swath.transfers.download(swath.request({ assetKey: 'c', targetPath: swath.target('c.tif') }))
  await swath.ended('c')
  expect(server.asked[0]?.headers.authorization).toBe('Bearer CANARY-of-the-header')
  expect(other.asked[0]?.headers.authorization).toBeUndefined()
  expect(swath.requestLog.list().length).toBeGreaterThan(2)
  const written = swath.everythingWritten()
  expect(written).toContain('output.tif')
  expect(written).not.toContain('CANARY')
  expect(written).not.toContain(new URL(server.link()).searchParams.get('signature'))
})

test('two accounts at one origin: each download has the credential of its own connection, after a restart too', async () => {
  const server = await serve(content(4 * MB))
  const tokens = { a: 'Bearer CANARY-of-a', b: 'Bearer CANARY-of-b' }
  const first = await startAlone(server)
  const lend = async (swath: Swath) => {
    await swath.transfers.setCredential('a', server.url, { authorization: tokens.a })
    await swath.transfers.setCredential('b', `${server.url}/openeo/1.2`, { authorization: tokens.b })
  }
  await lend(first)
  server.set({ stallAfter: MB })
  for (const connectionId of ['a', 'b', null])
    await first.transfers.download(
      first.request({ assetKey: `${connectionId}`, connectionId, targetPath: first.target(`${connectionId}.tif`) }),
    )
  await server.sentAtLeast(3 * MB)
  const sent = () => server.asked.map((asked) => asked.headers.authorization)
  expect(sent().sort()).toEqual([tokens.a, tokens.b, undefined])
  await first.close()
  closingOfTest.splice(closingOfTest.indexOf(first.close), 1)

  server.set({ stallAfter: 0 })
  const second = await startAlone(server, first.folder)
  await lend(second)
  await second.transfers.setCredential('a', server.url, null) // signed out meanwhile
  await second.transfers.resumeOpen()
  for (const key of ['a', 'b', 'null']) expect(await second.ended(key)).toMatchObject({ state: 'done' })
  expect(sent().slice(3).sort()).toEqual([tokens.b, undefined, undefined])
  expect(second.everythingWritten()).not.toContain('CANARY')
})

test('what the back-end refused for want of a sign-in goes on after one, and nothing else does', async () => {
  const server = await serve()
  const swath = await start(server)
  server.set({ status: 401, statusCount: 99 })
  for (const connectionId of ['again', 'still-out'])
    await swath.transfers.download(
      swath.request({ assetKey: connectionId, connectionId, targetPath: swath.target(`${connectionId}.tif`) }),
    )
  for (const key of ['again', 'still-out'])
    expect(await swath.ended(key)).toMatchObject({ state: 'failed', failure: { code: 'signed-out' } })
  server.set({ status: 200, statusCount: 0 })
  const { length } = swath.events
  await swath.transfers.networkIsBack()
  await swath.transfers.signedIn('again')
  expect(await swath.ended('again', length)).toMatchObject({ state: 'done' })
  const states = (await swath.transfers.handlers.list()).map(({ assetKey, state }) => [assetKey, state])
  expect(states).toContainEqual(['still-out', 'failed'])
})

test('a certificate that is trusted for one connection is trusted in its downloads, and in no other', async () => {
  const tls = makeCertificate()
  const server = await startFileServer(content(MB), { tls })
  closingOfTest.push(server.close)
  const swath = await startAlone(server)
  const trust = { host: '127.0.0.1', sha256: tls.sha256 }
  await swath.transfers.setCredential('trusting', server.url, { authorization: 'Bearer CANARY' }, trust)
  await swath.transfers.setCredential('other', server.url, { authorization: 'Bearer CANARY' })
  for (const connectionId of ['other', 'trusting'])
    await swath.transfers.download(
      swath.request({ assetKey: connectionId, connectionId, targetPath: swath.target(`${connectionId}.tif`) }),
    )
  expect(await swath.ended('other')).toMatchObject({
    state: 'failed',
    failure: { code: 'untrusted-certificate', retry: 'never' },
  })
  expect(await swath.ended('trusting')).toMatchObject({ state: 'done' })
  expect(server.asked.length).toBe(1)
})

test('downloads of earlier versions find their connection', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'swath-transfers-'))
  closingOfTest.push(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'swath.db')
  const log = createLog({ sink: memorySink() })
  const before = applicationMigrations.filter(({ number }) => number < 85)
  const { database: old } = await openDatabase({ path, migrations: before, log })
  old.run(`INSERT INTO result (id, connection_id, title, folder, provenance, metadata, state, created_at, updated_at)
    VALUES ('r', 'c', 't', 'f', '{}', '{}', 'complete', '', '')`)
  for (const resultId of ['r', 'gone'])
    old.run(
      `INSERT INTO transfer (id, kind, title, result_id, asset_key, state, origin, target_path, created_at, updated_at)
       VALUES (?, 'download', 't', ?, 'a', 'paused', '', ?, '', '')`,
      [resultId, resultId, resultId],
    )
  old.close()
  const { database } = await openDatabase({ path, migrations: applicationMigrations, log })
  closingOfTest.push(() => database.close())
  expect(database.all('SELECT result_id, connection_id FROM transfer ORDER BY result_id')).toEqual([
    { result_id: 'gone', connection_id: null },
    { result_id: 'r', connection_id: 'c' },
  ])
})
