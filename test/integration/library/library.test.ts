/**
 * Results come in once, whole and with their documents, wherever the work is cut off; what the disk or the back-end
 * refuses is said and can be tried again; nothing is overwritten.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import Ajv from 'ajv'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ConnectionsFeature } from '../../../main/connections/index.ts'
import { systemClock } from '../../../main/core/clock.ts'
import { type Database, openDatabase } from '../../../main/core/database.ts'
import { AppError } from '../../../main/core/errors.ts'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { createSchedule } from '../../../main/core/schedule.ts'
import { createJobs } from '../../../main/jobs/index.ts'
import { createLibrary } from '../../../main/library/index.ts'
import { applicationMigrations } from '../../../main/migrations/index.ts'
import type { OpeneoRequest } from '../../../main/protocols/openeo.ts'
import type { DownloadRequest } from '../../../main/transfers/index.ts'
import type { AppEvent } from '../../../preload/contract/index.ts'
import { Result } from '../../../preload/contract/library.ts'
import type { Transfer } from '../../../preload/contract/transfers.ts'

const log = createLog({ sink: memorySink() })
const clock = systemClock
type Loose = Record<string, unknown>

let folder: string
let database: Database
/** What the back-end's /results answers; a function may fail. */
let results: () => Promise<unknown> | unknown
const closing: (() => void)[] = []

const collection = (assets: Loose, more: Loose = {}): Loose => ({
  type: 'Collection',
  stac_version: '1.0.0',
  id: 'job-1',
  title: 'NDVI',
  description: 'Results of a job.',
  license: 'various',
  extent: { spatial: { bbox: [[11, 46, 12, 47]] }, temporal: { interval: [['2025-06-01T00:00:00Z', null]] } },
  assets,
  links: [
    { rel: 'self', href: 'https://back-end.example/jobs/job-1/results?signature=canary-of-the-link' },
    { rel: 'about', href: 'https://docs.example/ndvi' },
    { rel: 'preview', href: 'https://back-end.example/p.png?token=canary-of-the-link' },
  ],
  ...more,
})
const tiff = (name: string) => ({
  href: `https://files.example/${name}?signature=canary-of-the-link`,
  type: 'image/tiff; application=geotiff',
  roles: ['data'],
  alternate: { s3: { href: 'https://s3.example/x?X-Amz-Signature=canary-of-the-link' } },
})

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'swath-library-'))
  database = (await openDatabase({ path: join(folder, 'swath.db'), migrations: applicationMigrations, log })).database
  results = () => collection({ 'openEO.tif': tiff('openEO.tif') })
})
afterEach(() => {
  for (const close of closing.splice(0)) close()
  database.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Downloads as the library sees them: kept in memory, ended by the test. */
function fakeDownloads() {
  const rows = new Map<string, { request: DownloadRequest; state: Transfer['state'] }>()
  const listeners: ((transfer: Transfer) => void)[] = []
  const asTransfer = ({ request, state }: { request: DownloadRequest; state: Transfer['state'] }) =>
    ({ ...request, id: 't', revision: 1, kind: 'download', state, receivedBytes: state === 'done' ? 4 : 0 }) as never
  const rowOf = (key: string) => {
    const row = [...rows.values()].findLast(({ request }) => request.assetKey === key)
    if (!row) throw new Error(`no download of ${key}`)
    return row
  }
  return {
    rows,
    asked: [] as DownloadRequest[],
    /** `isHeard`: whether the application lives to hear of it. */
    end(key: string, state: Transfer['state'], isHeard = true) {
      const row = rowOf(key)
      row.state = state
      if (state === 'done') {
        mkdirSync(dirname(row.request.targetPath), { recursive: true })
        writeFileSync(row.request.targetPath, 'TIFF', { flag: 'wx' })
      }
      if (isHeard) for (const listener of listeners) listener(asTransfer(row))
    },
    feature: {
      handlers: { list: async () => [...rows.values()].map(asTransfer) },
      async download(request: DownloadRequest) {
        downloads.asked.push(request)
        rows.set(request.targetPath, { request, state: 'waiting' })
      },
      async retry(resultId: string, key: string) {
        const row = [...rows.values()].find(({ request: r }) => r.resultId === resultId && r.assetKey === key)
        if (!row || row.state === 'done') return false
        row.state = 'waiting'
        return true
      },
      async forget(resultId: string) {
        for (const [path, { request }] of rows) if (request.resultId === resultId) rows.delete(path)
      },
      onChange: (listener: (transfer: Transfer) => void) => void listeners.push(listener),
    },
    deaf: () => void listeners.splice(0),
  }
}
let downloads = fakeDownloads()

/** The features over the same database, as after a start of the application. */
function open(chosen: { folder?: string | null; trash?: (path: string) => Promise<void> } = {}) {
  const send = async ({ method, path }: OpeneoRequest) => {
    if (method !== 'GET' || !path.endsWith('/results')) throw new AppError('offline', 'The back-end did not answer.')
    return { status: 200, header: () => null, body: await results() }
  }
  const connections = {
    find: () => ({ kind: 'openeo', url: 'https://back-end.example', title: 'Example' }),
    session: () => ({ rootUrl: 'https://back-end.example', send }),
    all: () => [],
    onConnected: () => {},
    onRemoved: () => {},
  } as unknown as ConnectionsFeature
  const events: AppEvent[] = []
  const waiting: (() => void)[] = []
  const publish = (event: AppEvent) => {
    events.push(event)
    for (const look of waiting.splice(0)) look()
  }
  const schedule = createSchedule({ clock, log })
  const jobs = createJobs({ database, connections, publish, clock, schedule, log })
  const library = createLibrary({
    database,
    connections,
    jobs,
    downloads: downloads.feature,
    publish,
    clock,
    log,
    folder: join(folder, 'library'),
    version: '1.0.0',
    shell: {
      revealFile: () => {},
      moveToTrash: chosen.trash ?? (async (path) => rmSync(path, { recursive: true })),
      chooseFolder: async () => chosen.folder ?? null,
    },
  })
  let isClosed = false
  const close = () => {
    if (isClosed) return
    isClosed = true
    downloads.deaf()
    library.close()
    jobs.close()
    schedule.close()
  }
  closing.push(close)
  async function until<T>(look: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
    for (;;) {
      const found = await look()
      if (found) return found
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
  }
  const first = async () => (await library.handlers.list())[0]
  const inState = (state: Result['state']) =>
    until(async () => {
      const result = await first()
      return result?.state === state && result
    })
  return { library, jobs, events, close, until, first, inState }
}

function addFinishedJob(id = 'job_1') {
  database.run(
    `INSERT INTO job (id, connection_id, tag, remote_id, title, state, graph, created_at, updated_at, ended_at)
     VALUES (?, 'c', ?, ?, 'NDVI: a/b', 'finished', '{}', ?, ?, ?)`,
    [id, `tag-${id}`, `remote-${id}`, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'],
  )
}
const folders = () => (existsSync(join(folder, 'library')) ? readdirSync(join(folder, 'library')) : [])
const readJson = (...path: string[]) => JSON.parse(readFileSync(join(folder, 'library', ...path), 'utf8')) as Loose

test('a finished job becomes a folder with its files, a STAC document that stands alone, and where it came from', async () => {
  downloads = fakeDownloads()
  addFinishedJob()
  const { library, inState, jobs, until } = open()
  library.resume()
  await until(() => downloads.rows.size === 1)
  downloads.end('openEO.tif', 'done')
  const result = await inState('complete')
  expect(Result.parse(result)).toMatchObject({ bbox: [11, 46, 12, 47], assets: [{ state: 'here', sizeBytes: 4 }] })
  const [name = ''] = folders()
  expect(name).toMatch(/^\d{4}-\d\d-\d\d NDVI_ a-b$/)
  expect(readdirSync(join(folder, 'library', name)).sort()).toEqual(['collection.json', 'openEO.tif', 'swath.json'])
  expect(readJson(name, 'swath.json')).toMatchObject({ backEndUrl: 'https://back-end.example', swathVersion: '1.0.0' })
  expect(jobs.find('job_1')?.resultId).toBe(result.id)

  const document = readJson(name, 'collection.json')
  expect(document.assets).toMatchObject({ 'openEO.tif': { href: './openEO.tif' } })
  expect(document.links).toEqual([{ rel: 'about', href: 'https://docs.example/ndvi' }])
  const { schemas } = loadSchemas()
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false, schemas })
  const validate = ajv.getSchema('https://schemas.stacspec.org/v1.0.0/collection-spec/json-schema/collection.json')
  expect(validate).toBeDefined()
  expect([validate?.(document), validate?.errors ?? null]).toEqual([true, null])
})

function loadSchemas(): { schemas: Loose[] } {
  const bundle = JSON.parse(readFileSync('../shared/specs/stac-schemas.json', 'utf8')) as Loose
  const holder = (bundle.schemas ?? bundle) as Loose | Loose[]
  const entries = Array.isArray(holder)
    ? holder
    : Object.entries(holder).map(([id, schema]) => ({ $id: id, ...(schema as Loose) }))
  return { schemas: entries.filter((schema) => typeof schema.$id === 'string') }
}

test('signed links are written nowhere: not in the folder, not in the database', async () => {
  downloads = fakeDownloads()
  addFinishedJob()
  const { library, until } = open()
  library.resume()
  await until(() => downloads.rows.size === 1)
  expect(downloads.asked[0]?.url).toContain('canary-of-the-link')
  database.run('PRAGMA wal_checkpoint(TRUNCATE)')
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  expect(files.length).toBeGreaterThan(2)
  for (const file of files)
    expect(readFileSync(join(file.parentPath, file.name)).includes('canary-of-the-link')).toBe(false)
})

test('a crash between the row and the folder: the next start writes the documents and asks for the files, once', async () => {
  downloads = fakeDownloads()
  addFinishedJob()
  const before = open()
  before.library.resume()
  await before.until(() => downloads.rows.size === 1)
  before.close()
  // as if the crash had come right after the row
  rmSync(join(folder, 'library'), { recursive: true })
  downloads = fakeDownloads()
  const after = open()
  after.library.resume()
  after.library.resume()
  await after.until(() => downloads.rows.size === 1)
  downloads.end('openEO.tif', 'done')
  await after.inState('complete')
  expect(await after.library.handlers.list()).toHaveLength(1)
  expect(folders()).toHaveLength(1)
  expect(readdirSync(join(folder, 'library', folders()[0] ?? ''))).toHaveLength(3)
  expect(downloads.asked).toHaveLength(1)
})

test('a download that ended while nobody listened is noticed at the next start', async () => {
  downloads = fakeDownloads()
  addFinishedJob()
  const before = open()
  before.library.resume()
  await before.until(() => downloads.rows.size === 1)
  downloads.end('openEO.tif', 'running')
  downloads.end('openEO.tif', 'done', false)
  before.close()
  const after = open()
  expect((await after.first())?.assets[0]?.state).toBe('downloading')
  after.library.resume()
  await after.inState('complete')
  expect(downloads.asked).toHaveLength(1)
})

test('a job that is started again while its results are read keeps none of the earlier run', async () => {
  downloads = fakeDownloads()
  addFinishedJob()
  const { library, jobs, until } = open()
  const { promise, resolve } = Promise.withResolvers<Loose>()
  results = () => promise
  library.resume()
  await jobs.handlers.restart({ id: 'job_1' as never })
  resolve(collection({ 'openEO.tif': tiff('openEO.tif') }))
  await until(() => jobs.find('job_1')?.trouble !== null) // the back-end is away
  expect(await library.handlers.list()).toEqual([])
  expect(folders()).toEqual([])
  expect(jobs.find('job_1')?.resultId).toBeNull()
})

test('what cannot be read is said at the job, and tried again', async () => {
  downloads = fakeDownloads()
  addFinishedJob()
  const { library, jobs, until, first } = open()
  results = () => {
    throw new AppError('back-end', 'The back-end has trouble.')
  }
  library.resume()
  await until(() => jobs.find('job_1')?.trouble)
  expect(jobs.find('job_1')?.trouble).toMatchObject({ error: { code: 'back-end' }, nextTryAt: expect.any(String) })
  results = () => collection({})
  library.resume()
  await until(async () => (await first())?.state === 'complete')
  expect(jobs.find('job_1')?.trouble).toBeNull()
})

test('a failed file leaves the result incomplete, with the reason; retry fetches it', async () => {
  downloads = fakeDownloads()
  addFinishedJob()
  results = () => collection({ 'a.tif': tiff('a.tif'), 'b.tif': tiff('b.tif') })
  const { library, inState, until } = open()
  library.resume()
  await until(() => downloads.rows.size === 2)
  downloads.end('a.tif', 'done')
  downloads.end('b.tif', 'failed')
  const { id } = await inState('incomplete')
  await library.handlers.retry({ id: id as never })
  await until(() => [...downloads.rows.values()].some(({ state }) => state === 'waiting'))
  downloads.end('b.tif', 'done')
  await inState('complete')
})

test('a disk that takes nothing: the result says so and waits for a retry', async () => {
  downloads = fakeDownloads()
  addFinishedJob()
  writeFileSync(join(folder, 'library'), 'a file where the folder should be')
  const { library, inState, until } = open()
  library.resume()
  const result = await inState('incomplete')
  expect(result.assets[0]).toMatchObject({ state: 'failed', failure: { message: expect.any(String) } })
  rmSync(join(folder, 'library'))
  await library.handlers.retry({ id: result.id as never })
  await until(() => downloads.rows.size === 1)
  downloads.end('openEO.tif', 'done')
  await inState('complete')
})

test('files of one name, of names that are reserved, and names that lead elsewhere', async () => {
  downloads = fakeDownloads()
  addFinishedJob()
  const assets = Object.fromEntries(
    ['../../x.tif', 'X.TIF', 'collection.json', 'item.json', 'con.tif', 'sub/x.tif'].map((key) => [key, tiff('y')]),
  )
  results = () => collection(assets)
  const { library, until } = open()
  library.resume()
  await until(() => downloads.rows.size === 6)
  const names = downloads.asked.map(({ targetPath }) => targetPath.slice(dirname(targetPath).length + 1))
  expect(names).toEqual(['x.tif', 'X (2).TIF', 'collection (2).json', 'item (2).json', '_con.tif', 'x (3).tif'])
  expect(new Set(downloads.asked.map(({ targetPath }) => dirname(targetPath))).size).toBe(1)
})

test('a second result of the same name gets a folder of its own, also where the folder is not ours', async () => {
  downloads = fakeDownloads()
  results = () => collection({})
  addFinishedJob('job_1')
  addFinishedJob('job_2')
  const { library, until } = open()
  library.resume()
  await until(async () => (await library.handlers.list()).filter(({ state }) => state === 'complete').length === 2)
  const names = folders()
  expect(new Set(names).size).toBe(2)
})

test('export copies what is here, and refuses a name that is taken', async () => {
  downloads = fakeDownloads()
  addFinishedJob()
  const target = join(folder, 'target')
  mkdirSync(target)
  const { library, inState, until } = open({ folder: target })
  library.resume()
  await until(() => downloads.rows.size === 1)
  downloads.end('openEO.tif', 'done')
  const { id } = await inState('complete')
  expect(await library.handlers.exportTo({ id: id as never })).toEqual({ fileCount: 1 })
  expect(readdirSync(target)).toEqual(folders())
  expect(readdirSync(join(target, folders()[0] ?? '')).sort()).toEqual(['collection.json', 'openEO.tif', 'swath.json'])
  await expect(library.handlers.exportTo({ id: id as never })).rejects.toMatchObject({ code: 'conflict' })
})

test('a result is not copied into itself', async () => {
  downloads = fakeDownloads()
  addFinishedJob()
  results = () => collection({})
  const chosen: { folder?: string } = {}
  const { library, inState } = open(chosen)
  library.resume()
  const { id } = await inState('complete')
  chosen.folder = join(folder, 'library', folders()[0] ?? '')
  await expect(library.handlers.exportTo({ id: id as never })).rejects.toMatchObject({ code: 'invalid-input' })
  expect(readdirSync(chosen.folder)).toHaveLength(2)
})

test('removing takes the folder, the rows and the downloads; one whose folder is gone already can be removed as well', async () => {
  downloads = fakeDownloads()
  addFinishedJob()
  const { library, until, first } = open()
  library.resume()
  await until(() => downloads.rows.size === 1)
  const id = (await first())?.id as never
  rmSync(join(folder, 'library', folders()[0] ?? ''), { recursive: true })
  const removed: string[] = []
  library.onRemoved((resultId) => removed.push(resultId))
  await library.handlers.remove({ id })
  expect([await library.handlers.list(), downloads.rows.size, removed]).toEqual([[], 0, [id]])
})

test('a trash that refuses keeps the result', async () => {
  downloads = fakeDownloads()
  addFinishedJob()
  results = () => collection({})
  const { library, inState } = open({ trash: () => Promise.reject(new Error('no trash')) })
  library.resume()
  const { id } = await inState('complete')
  await expect(library.handlers.remove({ id: id as never })).rejects.toMatchObject({ code: 'read-only' })
  expect(folders()).toHaveLength(1)
  expect(await library.handlers.list()).toHaveLength(1)
})

test('the links of an earlier run are not renewed with the files of a later one', async () => {
  downloads = fakeDownloads()
  addFinishedJob()
  const { library, until, first } = open()
  library.resume()
  await until(() => downloads.rows.size === 1)
  const id = (await first())?.id ?? ''
  expect(await library.renewLink(id, 'openEO.tif')).toContain('https://files.example/openEO.tif')
  database.run(`UPDATE job SET result_id = 'other'`)
  await expect(library.renewLink(id, 'openEO.tif')).rejects.toMatchObject({ code: 'not-found' })
})

test('renaming grows the revision and is announced', async () => {
  downloads = fakeDownloads()
  addFinishedJob()
  results = () => collection({})
  const { library, inState, events } = open()
  library.resume()
  const before = await inState('complete')
  const after = await library.handlers.rename({ id: before.id as never, title: 'Spring' })
  expect(after).toMatchObject({ title: 'Spring' })
  expect(after.revision).toBeGreaterThan(before.revision)
  expect(events.at(-1)).toMatchObject({ feature: 'library', name: 'changed', payload: { title: 'Spring' } })
})
