/** The life of the embedded back-end's process as the application sees it: it ends, fails, restarts, and never in a circle. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Database, openDatabase } from '../../../main/core/database.ts'
import { silentLog } from '../../../main/core/log.ts'
import { createLocal } from '../../../main/local/index.ts'
import { applicationMigrations } from '../../../main/migrations/index.ts'
import { createTestClock } from '../../fakes/clock.ts'

let database: Database
beforeEach(async () => {
  database = (await openDatabase({ path: ':memory:', migrations: applicationMigrations, log: silentLog })).database
})
afterEach(() => database.close())

type Process = { asked: string[]; say(message: object): void; exit(code: number): void; isKilled: boolean }
function open() {
  const processes: Process[] = []
  const accesses: unknown[] = []
  const clock = createTestClock()
  const local = createLocal({
    database,
    publish: () => {},
    clock,
    log: silentLog,
    startProcess() {
      const process: Process = { asked: [], say: () => {}, exit: () => {}, isKilled: false }
      processes.push(process)
      return {
        postMessage: ({ type }) => void process.asked.push(type),
        onMessage: (listener) => void Object.assign(process, { say: listener }),
        onExit: (listener) => void Object.assign(process, { exit: listener }),
        kill() {
          process.isKilled = true
          process.exit(1)
        },
      }
    },
    dataDir: '/data',
    sampleDir: '/sample',
    threads: () => 0,
    access: (access, failure) => void accesses.push(failure ? failure.code : (access?.url ?? null)),
    offerChanged: () => {},
    notify: () => {},
    chooseFolder: async () => null,
    copyText: () => {},
  })
  const last = () => processes.at(-1) as Process
  return { local, processes, accesses, clock, last, status: () => local.handlers.status(undefined) }
}
const ready = { type: 'ready', url: 'http://127.0.0.1:1', user: 'u', password: 'p' }

test('a process that ends by itself is started again, a few times in a minute', async () => {
  const { local, processes, last, accesses, status } = open()
  local.start()
  last().say(ready)
  expect(await status()).toMatchObject({ state: 'running', url: 'http://127.0.0.1:1' })
  for (let n = 0; n < 10; n++) last().exit(1)
  expect(processes).toHaveLength(4)
  expect(await status()).toMatchObject({ state: 'failed', url: null, failure: { code: 'back-end' } })
  expect(accesses).toEqual(['http://127.0.0.1:1', null, null, null, 'back-end'])
})

test('a failure with a code that is not known is one of the back-end; restart heals it', async () => {
  const { local, processes, last, status } = open()
  local.start()
  last().say({ type: 'failed', code: 'something-new', message: 'The port is taken.' })
  last().exit(1)
  expect(await status()).toMatchObject({
    state: 'failed',
    failure: { code: 'back-end', message: 'The port is taken.' },
  })
  await local.handlers.restart(undefined)
  last().say(ready)
  expect(await status()).toMatchObject({ state: 'running' })
  expect(await status()).not.toHaveProperty('failure')
  expect(processes).toHaveLength(2)
})

test('a process that does not end when asked is killed; what it says afterwards is not listened to', async () => {
  const { local, processes, last, clock, status } = open()
  local.start()
  const first = last()
  const restarting = local.handlers.restart(undefined)
  await clock.advance(2500)
  await restarting
  expect([first.asked, first.isKilled, processes.length]).toEqual([['start', 'stop'], true, 2])
  first.say(ready)
  expect(await status()).toMatchObject({ state: 'starting', url: null })
})

test('closing while a restart is under way starts nothing', async () => {
  const { local, processes, last } = open()
  local.start()
  const restarting = local.handlers.restart(undefined)
  const closing = local.close()
  last().exit(0)
  await Promise.all([restarting, closing])
  expect(processes).toHaveLength(1)
})
