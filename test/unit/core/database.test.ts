/** Promises of the database: whole transactions, damage kept aside, newer versions untouched, a copy before changes. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type OpenOptions, openDatabase } from '../../../main/core/database.ts'
import { AppError } from '../../../main/core/errors.ts'
import { createLog, memorySink, silentLog } from '../../../main/core/log.ts'
import type { Migration } from '../../../main/core/migrate.ts'
import { applicationMigrations } from '../../../main/migrations/index.ts'
import { createTestClock } from '../../fakes/clock.ts'

const root = mkdtempSync(join(tmpdir(), 'swath-database-'))
afterAll(() => rmSync(root, { recursive: true }))
let folderCount = 0
const newPath = () => join(root, String(folderCount++), 'swath.db')

const first: Migration = {
  number: 10,
  name: 'first',
  sql: 'CREATE TABLE thing (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE, is_old INTEGER NOT NULL DEFAULT 0) STRICT',
}
const second: Migration = { number: 20, name: 'second', sql: 'ALTER TABLE thing ADD COLUMN note TEXT' }
type More = Pick<OpenOptions, 'role' | 'beforeDiscard'>
const open = async (path: string, migrations: readonly Migration[] = [first], more: More = {}) => {
  const opened = await openDatabase({ path, migrations, log: silentLog, ...more })
  return opened.database
}
const codeOf = (failure: unknown) => (failure instanceof AppError ? failure.code : failure)

test('runs in Electron, whose Node the native part is made for', () => {
  expect(process.versions.electron).toBeDefined()
})

test('writes, reads, converts booleans, and keeps nothing of a transaction that fails', async () => {
  const database = await open(':memory:')
  expect(database.run('INSERT INTO thing (word, is_old) VALUES (:word, :isOld)', { word: 'a', isOld: true })).toEqual({
    changes: 1,
    lastId: 1,
  })
  expect(() =>
    database.tx(() => {
      database.run('INSERT INTO thing (word) VALUES (?)', ['b'])
      database.tx(() => database.run('INSERT INTO thing (word) VALUES (?)', ['c']))
      throw new Error('no')
    }),
  ).toThrow('no')
  expect(database.all('SELECT word, is_old FROM thing')).toEqual([{ word: 'a', is_old: 1 }])
  expect(database.get('SELECT word FROM thing WHERE id = ?', [9])).toBeUndefined()
  expect(() => database.tx(async () => {})).toThrow('must not wait')
  database.close()
})

test('a durable transaction is forced to disk, and the next ordinary one is not', async () => {
  const database = await open(newPath())
  const level = () => database.get<{ synchronous: number }>('PRAGMA synchronous')?.synchronous
  expect(database.durable(level)).toBe(2)
  expect(level()).toBe(1)
  expect(() => database.tx(() => database.durable(() => 1))).toThrow('outermost')
  database.close()
})

test('a second entry with one key is a conflict; another broken rule is a bug of the caller', async () => {
  const database = await open(':memory:')
  database.run("INSERT INTO thing (word) VALUES ('a')")
  const again = () => database.run("INSERT INTO thing (word) VALUES ('a')")
  expect(again).toThrow(AppError)
  expect(again).toThrow(expect.objectContaining({ code: 'conflict' }))
  expect(() => database.run('INSERT INTO thing (word) VALUES (NULL)')).not.toThrow(AppError)
  database.close()
})

test('settings of the connection are as stated', async () => {
  const database = await open(newPath())
  expect(database.get('PRAGMA journal_mode')).toEqual({ journal_mode: 'wal' })
  expect(database.get('PRAGMA foreign_keys')).toEqual({ foreign_keys: 1 })
  database.close()
})

test('a database is copied before it is changed, and the copy opens as the old version', async () => {
  const path = newPath()
  const before = await open(path)
  before.run("INSERT INTO thing (word) VALUES ('kept')")
  before.close()
  const after = await open(path, [first, second])
  expect(after.get('SELECT word, note FROM thing')).toEqual({ word: 'kept', note: null })
  after.close()
  const copy = await open(`${path}.before-20`)
  expect(copy.get('SELECT * FROM thing')).toEqual({ id: 1, word: 'kept', is_old: 0 })
  copy.close()
})

test('a migration that fails changes nothing, and the one before it stays', async () => {
  const path = newPath()
  const broken: Migration = {
    number: 30,
    name: 'broken',
    sql: 'CREATE TABLE half (id INTEGER) STRICT; SELECT nonsense',
  }
  await expect(open(path, [first, second, broken])).rejects.toThrow('nonsense')
  const database = await open(path, [first, second])
  expect(database.all("SELECT name FROM sqlite_master WHERE type = 'table'")).toEqual([{ name: 'thing' }])
  expect(database.get('PRAGMA user_version')).toEqual({ user_version: 20 })
  database.close()
})

test('steps out of order are refused', async () => {
  await expect(open(':memory:', [second, first])).rejects.toThrow('out of order')
})

test('a database of a newer version is refused and not touched', async () => {
  const path = newPath()
  ;(await open(path, [first, second])).close()
  const bytes = readFileSync(path)
  await expect(open(path, [first])).rejects.toSatisfy((failure) => codeOf(failure) === 'newer-version')
  expect(readFileSync(path).equals(bytes)).toBe(true)
  expect(readdirSync(join(path, '..')).sort()).toEqual(['swath.db'])
})

test.each([
  ['noise', (path: string) => writeFileSync(path, Buffer.alloc(9000, 'not a database '))],
  ['half a file', (path: string) => truncateSync(path, 8192 + 100)],
  ['a page of zeros', (path: string) => writeFileSync(path, Buffer.alloc(4096), { flag: 'r+', flush: true })],
])('%s is kept aside with its -wal, a new database is begun and reported', async (_what, damage) => {
  const path = newPath()
  const before = await open(path)
  for (let i = 0; i < 500; i++) before.run('INSERT INTO thing (word) VALUES (?)', [`word ${i}`.repeat(20)])
  before.close()
  damage(path)
  writeFileSync(`${path}-wal`, 'rest')
  const sink = memorySink()
  const clock = createTestClock(Date.UTC(2026, 10, 20, 9, 30))
  const opened = await openDatabase({ path, migrations: [first], log: createLog({ sink }), clock })
  expect(opened).toMatchObject({ state: 'set-aside' })
  expect(opened.database.all('SELECT * FROM thing')).toEqual([])
  opened.database.close()
  const keptAs = 'swath.damaged-2026-11-20T09-30-00.000Z.db'
  expect(readdirSync(join(path, '..'))).toContain(keptAs)
  expect(statSync(join(path, '..', keptAs)).size).toBeGreaterThan(0)
  expect(sink.lines).toMatchObject([{ level: 'error', fields: { keptAs } }, { level: 'info' }])
})

test('damage deep in the file is met while open, told, and the whole file is checked at the next opening', async () => {
  const path = newPath()
  const before = await open(path)
  before.tx(() => {
    for (let i = 0; i < 5000; i++) before.run('INSERT INTO thing (word) VALUES (?)', [`word ${i} `.repeat(250)])
  })
  before.close()
  const database = await open(path)
  writeFileSync(path, Buffer.alloc(4096 * 300, 7), { flag: 'r+', flush: true })
  expect(statSync(path).size).toBeGreaterThan(16_000_000)
  expect(() => database.all('SELECT sum(length(word)) FROM thing')).toThrow(
    expect.objectContaining({ code: 'unreadable-data' }),
  )
  database.close()
  expect(readdirSync(join(path, '..'))).toContain('swath.db.suspect')
  const opened = await openDatabase({ path, migrations: [first], log: silentLog })
  expect(opened.state).toBe('set-aside')
  opened.database.close()
  expect(readdirSync(join(path, '..'))).not.toContain('swath.db.suspect')
})

test('a full disk and a folder that cannot be written are said as such', async () => {
  const database = await open(newPath())
  database.run('PRAGMA max_page_count = 4')
  const fill = () => database.run('INSERT INTO thing (word) VALUES (?)', ['x'.repeat(100_000)])
  expect(fill).toThrow(expect.objectContaining({ code: 'disk-full', retry: 'now' }))
  database.close()
  await expect(open('/sys/swath.db')).rejects.toSatisfy((failure) => codeOf(failure) === 'read-only')
})

test('a guest neither migrates nor sets aside', async () => {
  const path = newPath()
  const guest = () => openDatabase({ path, migrations: [first, second], log: silentLog, role: 'guest' })
  await expect(guest()).rejects.toBeInstanceOf(AppError)
  ;(await open(path)).close()
  await expect(guest()).rejects.toThrow('older than itself')
  const owner = await open(path, [first, second])
  const { database } = await guest()
  owner.run("INSERT INTO thing (word) VALUES ('seen')")
  expect(database.get('SELECT word FROM thing')).toEqual({ word: 'seen' })
  database.close()
  owner.close()
  writeFileSync(path, Buffer.alloc(9000, 'not a database '))
  await expect(guest()).rejects.toSatisfy((failure) => codeOf(failure) === 'unreadable-data')
  expect(readFileSync(path).length).toBe(9000)
})

test('a slow statement is reported with its text and without its values', async () => {
  const sink = memorySink()
  const slow: string[] = []
  let reading = 0
  const clock = { ...createTestClock(), monotonicMs: () => (reading += 16) }
  const options = { path: ':memory:', migrations: [first], log: createLog({ sink }), clock }
  const { database } = await openDatabase({ ...options, onSlow: (sql) => slow.push(sql) })
  database.run('INSERT INTO thing (word) VALUES (?)', ['private'])
  expect(slow).toEqual(['INSERT INTO thing (word) VALUES (?)'])
  expect(sink.lines.at(-1)).toMatchObject({ level: 'warn', fields: { durationMs: 16 } })
  expect(JSON.stringify(sink.lines)).not.toContain('private')
  database.close()
})

test('every table of the application is STRICT, and every list is answered from an index', async () => {
  const database = await open(':memory:', applicationMigrations)
  const tables = database
    .all<{ name: string; strict: number }>('PRAGMA table_list')
    .filter((t) => !t.name.startsWith('sqlite_'))
  expect(tables.length).toBeGreaterThan(10)
  expect(tables.filter((table) => table.strict !== 1)).toEqual([])
  const planOf = (sql: string) =>
    database
      .all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .map((step) => step.detail)
      .join('; ')
  const lists: [string, string][] = [
    ['SELECT * FROM area WHERE removed_at IS NULL ORDER BY created_at', 'area_kept'],
    ['SELECT * FROM job WHERE removed_at IS NULL ORDER BY created_at DESC LIMIT 200', 'job_kept'],
    ["SELECT * FROM job WHERE tag = 'x'", 'job_by_tag'],
    ["SELECT * FROM job_log WHERE job_id = 'x' ORDER BY position", 'PRIMARY KEY'],
    ['SELECT * FROM result ORDER BY created_at DESC LIMIT 200', 'result_by_creation'],
    ["SELECT * FROM result_asset WHERE result_id = 'x'", 'PRIMARY KEY'],
    ['SELECT * FROM notice WHERE dismissed_at IS NULL ORDER BY at', 'notice_shown'],
    ['SELECT * FROM transfer ORDER BY created_at', 'transfer_by_creation'],
    ["SELECT * FROM transfer WHERE state IN ('waiting', 'running', 'verifying') ORDER BY created_at", 'transfer_open'],
    ["SELECT * FROM transfer_part WHERE transfer_id = 'x' ORDER BY first_byte", 'PRIMARY KEY'],
  ]
  for (const [sql, index] of lists) {
    expect(planOf(sql), sql).toContain(index)
    expect(planOf(sql), sql).not.toContain('TEMP B-TREE')
  }
  database.close()
})

test('a reader cannot write, waits for nobody, and sees what was committed', async () => {
  const path = newPath()
  const writer = await open(path, [first])
  const reader = await open(path, [first], { role: 'reader' })
  const add = "INSERT INTO thing (id, word) VALUES (?, 'x')"
  expect(() => reader.run(add, [1])).toThrow(expect.objectContaining({ code: 'read-only' }))
  writer.tx(() => {
    writer.run(add, [1])
    expect(reader.column('SELECT id FROM thing')).toEqual([])
  })
  expect(reader.column('SELECT id FROM thing')).toEqual([1])
  for (const one of [reader, writer]) one.close()
})

test('a cache that is damaged or of another version is thrown away, once others have closed it', async () => {
  const path = newPath()
  let released = 0
  const cache = { beforeDiscard: async () => void released++ }
  ;(await open(path, [first], cache)).close()
  ;(await open(path, [first], cache)).close()
  expect(released).toBe(0)
  ;(await open(path, [{ ...first, number: 77 }], cache)).close()
  ;(await open(path, [first], cache)).close() // newer than this one
  writeFileSync(path, 'no database at all')
  ;(await open(path, [first], cache)).close()
  expect(released).toBe(3)
  expect(readdirSync(dirname(path)).filter((name) => name.includes('damaged'))).toEqual([])
})
