/** A cache that cannot be opened now is not one that is damaged. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createCacheReader } from '../../../main/catalogue/cache-reader.ts'
import { createCacheWriter } from '../../../main/catalogue/cache-writer.ts'
import { openDatabase } from '../../../main/core/database.ts'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { createRedactor } from '../../../main/core/redact.ts'
import { cacheMigrations } from '../../../main/migrations/cache/index.ts'
import { createTestClock } from '../../fakes/clock.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'swath-reader-'))
  path = join(folder, 'catalogue.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const log = createLog({ sink: memorySink(), redactor: createRedactor() })

function open() {
  const clock = createTestClock()
  const told = { damaged: 0, late: 0 }
  const reader = createCacheReader({
    path,
    migrations: cacheMigrations,
    log,
    clock,
    damaged: () => void told.damaged++,
    openedLate: () => void told.late++,
    isHidden: () => false,
  })
  return { clock, told, reader }
}
const writeOne = async () => {
  const { database } = await openDatabase({ path, migrations: cacheMigrations, log })
  createCacheWriter(database).noteAccount('c', 'user a')
  return database
}

test('a file that another program holds is opened when it lets go; nobody waits', async () => {
  const database = await writeOne()
  database.get('PRAGMA locking_mode = EXCLUSIVE')
  database.run("INSERT INTO list (connection_id, list) VALUES ('c', 'collections')")
  const { clock, told, reader } = open()
  const beganMs = performance.now()
  await reader.open()
  expect(performance.now() - beganMs).toBeLessThan(1_000)
  expect(reader.lists()).toEqual([])
  expect(told).toEqual({ damaged: 0, late: 0 })
  database.close()
  await clock.advance(1_000)
  await reader.open()
  await clock.advance(0)
  expect(reader.lists()).toHaveLength(1)
  expect(told).toEqual({ damaged: 0, late: 1 })
  reader.release()
})

test('a path that cannot be read is tried again', async () => {
  mkdirSync(path)
  const { clock, told, reader } = open()
  await reader.open()
  expect(told).toEqual({ damaged: 0, late: 0 })
  rmSync(path, { recursive: true })
  ;(await writeOne()).close()
  await clock.advance(1_000)
  await reader.open()
  expect(reader.accounts()).toEqual(new Map([['c', ['user a']]]))
  reader.release()
})

test.each(['this is no database, and long enough to be taken for one'.repeat(40), 'another version'])(
  'a file of no use is told as damaged: %.20s',
  async (content) => {
    if (content === 'another version') {
      const database = await writeOne()
      database.run('PRAGMA user_version = 10')
      database.close()
    } else writeFileSync(path, content)
    const { told, reader } = open()
    await reader.open()
    expect(told.damaged).toBe(1)
  },
)
