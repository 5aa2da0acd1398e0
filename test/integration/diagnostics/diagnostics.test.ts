/** The bundle for support is whole and holds no secret; notices are told once and until they are dismissed. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Database, openDatabase } from '../../../main/core/database.ts'
import { createLog, memorySink, silentLog } from '../../../main/core/log.ts'
import { createRedactor } from '../../../main/core/redact.ts'
import { createDiagnostics } from '../../../main/diagnostics/index.ts'
import { applicationMigrations } from '../../../main/migrations/index.ts'
import type { AppEvent } from '../../../preload/contract/index.ts'
import { createTestClock } from '../../fakes/clock.ts'

const CANARY = 'canary-7f3a-of-the-bundle'
let folder: string
let database: Database
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'swath-diagnostics-'))
  database = (await openDatabase({ path: ':memory:', migrations: applicationMigrations, log: silentLog })).database
})
afterEach(() => {
  database.close()
  rmSync(folder, { recursive: true, force: true })
})

function open(path: string | null) {
  const redactor = createRedactor()
  redactor.addSecret(CANARY)
  const events: AppEvent[] = []
  const sink = memorySink()
  const diagnostics = createDiagnostics({
    database,
    publish: (event) => events.push(event),
    clock: createTestClock(),
    log: createLog({ sink, redactor }),
    about: { version: '1', electron: '1', chrome: '1', node: '1', sqlite: '1', platform: 'x' },
    requests: () => [{ id: 1, url: `https://x.example/a?token=${CANARY}` }] as never,
    secretStore: async () => ({ active: 'memory', reason: 'No keychain.' }),
    readLog: async () => Array.from({ length: 2000 }, (_, n) => `line ${n} ${CANARY}`),
    settings: () => ({ proxy: { url: `http://me:${CANARY}@proxy.example` } }),
    redact: (value) => redactor.value(value),
    interactive: () => {},
    dialogs: { chooseSaveFile: async () => path, openLink: async () => {}, copyText: () => {}, revealLog: () => {} },
  })
  return { ...diagnostics, events, sink }
}

test('the bundle has every line and no secret', async () => {
  const path = join(folder, 'bundle.json')
  const { handlers, notify } = open(path)
  notify('warning', 'Title', `Message ${CANARY}`)
  expect(await handlers.exportBundle()).toEqual({ fileName: 'bundle.json' })
  const text = readFileSync(path, 'utf8')
  expect(text).not.toContain(CANARY)
  const bundle = JSON.parse(text) as { log: string[]; requests: object[]; notices: object[]; about: object }
  expect(bundle.log).toHaveLength(2000)
  expect(bundle.log.at(-1)).toContain('line 1999')
  expect([bundle.requests.length, bundle.notices.length]).toEqual([1, 1])
})

test('canceled: nothing is written; a folder that refuses says so', async () => {
  expect(await open(null).handlers.exportBundle()).toBeNull()
  await expect(open(join(folder, 'missing', 'x.json')).handlers.exportBundle()).rejects.toMatchObject({
    code: 'not-found',
  })
})

test('a notice is told once, and stays until it is dismissed', async () => {
  const { handlers, notify, events } = open(null)
  notify('info', 'A', 'B')
  notify('info', 'A', 'B')
  const [notice] = await handlers.notices()
  expect([(await handlers.notices()).length, events.length]).toEqual([1, 1])
  await handlers.dismissNotice({ id: notice?.id ?? '' })
  expect(await handlers.notices()).toEqual([])
  notify('info', 'A', 'B')
  expect(await handlers.notices()).toHaveLength(1)
})

test('a problem of the window is in the log, redacted, under its reference', async () => {
  const { handlers, sink } = open(null)
  const { logRef } = await handlers.reportProblem({ message: `broken ${CANARY}` })
  expect(sink.lines.find(({ ref }) => ref === logRef)).toBeDefined()
  expect(JSON.stringify(sink.lines)).not.toContain(CANARY)
})
