/** Preferences: defaults, changes that grow the revision, documents of other versions. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Database, openDatabase } from '../../../main/core/database.ts'
import { silentLog } from '../../../main/core/log.ts'
import { applicationMigrations } from '../../../main/migrations/index.ts'
import { createSettings } from '../../../main/settings/index.ts'
import type { AppEvent } from '../../../preload/contract/index.ts'
import { Settings } from '../../../preload/contract/settings.ts'

let database: Database
beforeEach(async () => {
  database = (await openDatabase({ path: ':memory:', migrations: applicationMigrations, log: silentLog })).database
})
afterEach(() => database.close())

function open(memory: unknown = null) {
  const events: AppEvent[] = []
  const kept: object[] = []
  const windowState = { memory: () => memory, keepMemory: (value: object) => void kept.push(value) }
  return { ...createSettings({ database, publish: (event) => events.push(event), windowState }), events, kept }
}

test('an empty profile has defaults that the contract takes', async () => {
  const { handlers } = open()
  expect(Settings.parse(await handlers.get())).toMatchObject({ revision: 0, theme: 'system', localThreads: 0 })
  expect(await handlers.windowMemory()).toBeNull()
})

test('a change touches nothing else, survives, grows the revision and is told', async () => {
  const { handlers, events, onChange } = open()
  const heard: Settings[] = []
  onChange((settings) => heard.push(settings))
  await handlers.change({ areaUnit: 'ha' })
  const after = await handlers.change({ theme: 'dark', areaUnit: undefined })
  expect(after).toMatchObject({ theme: 'dark', areaUnit: 'ha', revision: 2 })
  expect(await open().handlers.get()).toEqual(after)
  expect(events.map(({ payload }) => (payload as Settings).revision)).toEqual([1, 2])
  expect(heard.at(-1)).toEqual(after)
})

test.each([
  ['a document of an older version', { theme: 'dark' }, { theme: 'dark', areaUnit: 'km2' }],
  ['a value that is not known any more', { theme: 'sepia', areaUnit: 'ha' }, { theme: 'system', areaUnit: 'ha' }],
  ['a newer version with more', { theme: 'light', moon: true }, { theme: 'light', areaUnit: 'km2' }],
  ['something else', [1, 2], { theme: 'system' }],
  ['nothing', null, { theme: 'system' }],
])('%s: what holds of it is kept', async (_what, stored, expected) => {
  database.run(`INSERT INTO setting (key, value, revision) VALUES ('settings', ?, 7)`, [JSON.stringify(stored)])
  expect(Settings.parse(await open().handlers.get())).toMatchObject({ ...expected, revision: 7 })
})

test('a layout that is not one is none', async () => {
  expect(await open({ listWidthPx: -5 }).handlers.windowMemory()).toBeNull()
})
