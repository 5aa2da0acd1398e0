/** A call of the window, over the real process, to a file beside the data and back: the fresh status, and a catalogue to read anew. */
import { fork } from 'node:child_process'
import { cpSync, existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../main/core/clock.ts'
import { openDatabase } from '../../../main/core/database.ts'
import { silentLog } from '../../../main/core/log.ts'
import { createLocal } from '../../../main/local/index.ts'
import { applicationMigrations } from '../../../main/migrations/index.ts'
import { LocalStatus } from '../../../preload/contract/local.ts'
import { temporaryFolder } from './support/back-end.ts'

const entry = resolve(import.meta.dirname, '../../../main/worker/local-back-end.ts')
const shared = resolve(import.meta.dirname, '../../../../shared/data')
/** Gives a plain Node process the `parentPort` of Electron's utility processes, over node's own channel to its parent. */
const PARENT_PORT = `process.parentPort = {
  on: (_event, listener) => process.on('message', (data) => listener({ data })),
  postMessage: (message) => process.send?.(message),
}`

async function startLocal() {
  const { database } = await openDatabase({ path: ':memory:', migrations: applicationMigrations, log: silentLog })
  const told: LocalStatus[] = []
  let offers = 0
  const local = createLocal({
    database,
    publish: (event) => void (event.feature === 'local' && told.push(LocalStatus.parse(event.payload))),
    clock: systemClock,
    log: silentLog,
    startProcess() {
      const child = fork(entry, [], {
        execArgv: ['--import', `data:text/javascript,${encodeURIComponent(PARENT_PORT)}`],
        env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        // NaN must cross as it does between Electron's processes
        serialization: 'advanced',
      })
      return {
        postMessage: (message) => void child.send(message),
        onMessage: (listener) => void child.on('message', listener),
        onExit: (listener) => void child.on('exit', (code) => listener(code ?? 1)),
        kill: () => void child.kill('SIGKILL'),
      }
    },
    dataDir: temporaryFolder(),
    sampleDir: temporaryFolder(),
    threads: () => 1,
    access: () => {},
    offerChanged: () => offers++,
    notify: () => {},
    chooseFolder: async () => null,
    copyText: () => {},
  })
  onTestFinished(async () => {
    await local.close()
    database.close()
  })
  local.start()
  return { ...local.handlers, last: () => told.at(-1), offers: () => offers }
}

test('a date and NaN as nodata: kept beside the file, in the answer, and offered anew', async () => {
  const folder = temporaryFolder()
  cpSync(join(shared, 'lc.tif'), join(folder, 'lc.tif'))
  const local = await startLocal()
  await local.addFolder({ path: folder })
  await expect
    .poll(local.last, { timeout: 20_000 })
    .toMatchObject({ state: 'running', isScanning: false, undatedCount: 1 })
  const { collectionId = '', sceneId = '' } = local.last()?.undated[0] ?? {}
  const before = local.offers()
  const dated = await local.stateDate({ collectionId, sceneId, datetime: '2021-03-04' })
  expect(dated).toMatchObject({
    isScanning: false,
    undated: [],
    dated: [{ files: ['lc.tif'], datetime: '2021-03-04T00:00:00Z' }],
  })
  expect(existsSync(join(folder, 'lc.json'))).toBe(true)
  expect(local.offers()).toBeGreaterThan(before)
  const stated = await local.stateNodata({ collectionId, value: 'nan' })
  expect(stated.collections).toMatchObject([{ id: collectionId, bands: [{ nodata: 'nan', statedBy: 'here' }] }])
  await local.stateNodata({ collectionId, value: null })
  const back = await local.stateDate({ collectionId, sceneId, datetime: null })
  expect(back).toMatchObject({
    undatedCount: 1,
    dated: [],
    collections: [{ bands: [{ nodata: null, statedBy: null }] }],
  })
  expect(readdirSync(folder)).toEqual(['lc.tif'])
  await expect(local.stateDate({ collectionId, sceneId, datetime: 'soon' })).rejects.toMatchObject({
    code: 'invalid-input',
  })
}, 30_000)
