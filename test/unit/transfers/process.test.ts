/** The transfers process that does not start, or dies again and again: replaced, but not every second without end. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openDatabase } from '../../../main/core/database.ts'
import { createRequestLog } from '../../../main/core/http/index.ts'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { createRedactor } from '../../../main/core/redact.ts'
import { applicationMigrations } from '../../../main/migrations/index.ts'
import { createTransfers, type DownloadRequest } from '../../../main/transfers/index.ts'
import { createTransferStore } from '../../../main/transfers/transfer-store.ts'
import { createTestClock } from '../../fakes/clock.ts'

const root = mkdtempSync(join(tmpdir(), 'swath-process-'))
afterAll(() => rmSync(root, { recursive: true }))
let count = 0

type Asked = { kind: string; n: number; what: string; input: unknown }
/** `refuses` decides whether the process with this number (from 0) fails to start. */
async function setUp(refuses: (n: number) => boolean) {
  const clock = createTestClock()
  const log = createLog({ sink: memorySink() })
  const { database } = await openDatabase({
    path: join(root, `${count++}`, 'swath.db'),
    migrations: applicationMigrations,
    log,
  })
  const processes: { end(): void; killed: number; asked: Asked[] }[] = []
  const transfers = createTransfers({
    database,
    publish() {},
    clock,
    log,
    requestLog: createRequestLog({ clock, redactor: createRedactor() }),
    userAgent: 'Swath/test',
    startProcess() {
      const n = processes.length
      const listeners: ((message: unknown) => void)[] = []
      const exits: ((code: number) => void)[] = []
      const self = { killed: 0, asked: [] as Asked[], end: () => exits.map((exit) => exit(1)) }
      processes.push(self)
      return {
        postMessage(message) {
          const asked = message as Asked
          self.asked.push(asked)
          const error = { code: 'disk-full', message: 'The disk is full.', retry: 'now', logRef: '' }
          const answer = asked.what === 'start' && refuses(n) ? { ok: false, error } : { ok: true, value: undefined }
          queueMicrotask(() => {
            for (const listener of listeners) listener({ kind: 'answer', n: asked.n, ...answer })
          })
        },
        onMessage: (listener) => listeners.push(listener),
        onExit: (listener) => void exits.push(listener),
        kill() {
          self.killed++
          self.end()
        },
      }
    },
    renewLink: async () => 'https://files.example/a.tif',
    resolveProxy: async () => 'DIRECT',
  })
  const request: DownloadRequest = {
    resultId: 'r',
    assetKey: 'a',
    connectionId: null,
    title: 'a',
    url: 'https://files.example/a.tif',
    targetPath: join(root, 'a.tif'),
    mediaType: null,
    sizeBytes: null,
    checksum: null,
  }
  const store = createTransferStore(database, clock)
  return { clock, processes, transfers, store, request, close: () => database.close() }
}

test('a start that fails ends the process; the next use starts another', async () => {
  const { processes, transfers, request, close } = await setUp((n) => n === 0)
  await expect(transfers.download(request)).rejects.toMatchObject({ code: 'disk-full' })
  expect(processes.map((process) => process.killed)).toEqual([1])
  await transfers.download(request)
  expect(processes.length).toBe(2)
  expect(processes[1]?.asked.map((asked) => asked.what)).toEqual(['start', 'download'])
  close()
})

test('a start that fails is tried again by itself where something is open', async () => {
  const { clock, processes, transfers, store, request, close } = await setUp((n) => n < 2)
  store.add('t', request)
  await expect(transfers.resumeOpen()).rejects.toMatchObject({ code: 'disk-full' })
  await clock.advance(10_000)
  expect(processes.length).toBe(3)
  expect(processes.map((process) => process.killed)).toEqual([1, 1, 0])
  close()
})

test('a process that dies again and again is started ever more seldom, and not on demand either', async () => {
  const { clock, processes, transfers, store, request, close } = await setUp(() => false)
  store.add('t', request)
  await transfers.resumeOpen()
  let ended = 0
  for (let second = 0; second < 40; second++) {
    for (; ended < processes.length; ended++) processes[ended]?.end()
    await clock.advance(1_000)
  }
  expect(processes.length).toBeLessThanOrEqual(5)
  await expect(transfers.download(request)).rejects.toMatchObject({ retry: 'later' })
  await clock.advance(120_000)
  expect(processes.length).toBe(6)
  await transfers.download(request)
  expect(processes.length).toBe(6)
  close()
})

test('the newest download of an asset is the one that goes on', async () => {
  const { clock, processes, transfers, store, request, close } = await setUp(() => false)
  for (const [id, assetKey] of [
    ['t1', 'a'],
    ['t2', 'a'],
    ['t3', 'b'],
  ] as const) {
    store.add(id, { ...request, assetKey, targetPath: join(root, id) })
    store.change(id, { state: 'failed' })
    await clock.advance(1)
  }
  expect(await transfers.retry('r', 'a')).toBe(true)
  expect(processes[0]?.asked.at(-1)).toMatchObject({ what: 'resume', input: { id: 't2' } })
  expect(await transfers.retry('r', 'c')).toBe(false)
  expect(await transfers.retry('other', 'a')).toBe(false)
  close()
})
