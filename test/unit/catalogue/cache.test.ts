/** What readings leave in the cache: members, duplicates, users, ages, circles. A real SQLite in memory. */
import { beforeEach, expect, test } from 'vitest'
import { type CacheWriter, createCacheWriter } from '../../../main/catalogue/cache-writer.ts'
import { createReadings, type Readings } from '../../../main/catalogue/readings.ts'
import { type Database, openDatabase } from '../../../main/core/database.ts'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { createRedactor } from '../../../main/core/redact.ts'
import { cacheMigrations } from '../../../main/migrations/cache/index.ts'

let database: Database
let writer: CacheWriter
let readings: Readings
const log = createLog({ sink: memorySink(), redactor: createRedactor() })
const ID = 'one'
const day = (n: number) => `2026-01-0${n}T00:00:00.000Z`

beforeEach(async () => {
  database = (await openDatabase({ path: ':memory:', migrations: cacheMigrations, log })).database
  writer = createCacheWriter(database)
  readings = createReadings(writer, log, () => {})
})

type Given = { url?: string; collections?: object[]; next?: string; etag?: string; isSame?: boolean; isHalf?: boolean }
type How = { on?: number; missing?: string[]; account?: string; isWhole?: boolean; isOpen?: boolean }
async function read(pages: Given[], { on = 1, missing = [], account = '', isWhole = true, isOpen }: How = {}) {
  const n = readings.begin({ connectionId: ID, list: 'collections', now: day(on), account })
  const ends = []
  for (const { url = 'p', collections = [], next, etag, isSame, isHalf } of pages) {
    if (isSame) {
      expect(readings.knownPage(n, url)).not.toBeNull()
      ends.push(readings.samePage(n, url))
      continue
    }
    const links = next ? [{ rel: 'next', href: next }] : []
    const bytes = Buffer.from(JSON.stringify({ collections, links, 'federation:missing': missing }))
    readings.beginPage(n, url)
    await readings.chunk(n, isHalf ? bytes.subarray(0, bytes.length - 60) : bytes)
    if (!isHalf) ends.push(await readings.endPage(n, etag ?? null))
  }
  if (!isOpen) readings.finish(n, { asOf: day(on), freshUntil: day(on), missing, isWhole })
  return { ends, n }
}
const ids = () => database.column<string>(`SELECT id || iif(is_missing, ' missing', '') FROM entry ORDER BY id`)
const membersOf = (id: string) =>
  JSON.parse(database.column<string>('SELECT members FROM entry WHERE id = ?', [id])[0] ?? 'null')
const of = (...members: string[]) => ({ id: 'S2', 'federation:backends': members })
const key = { connectionId: ID, kind: 'collection', namespace: '', id: 'S2' } as const
const rowOf = () =>
  database.get('SELECT title, as_of, document_at, is_stale, ends, band_count FROM entry WHERE id = ?', ['S2'])

test('a member that is missing stays a member, and keeps what the others drop', async () => {
  await read([{ collections: [of('vito', 'cdse')] }])
  await read([{ collections: [of('vito')] }], { on: 2, missing: ['cdse'] })
  expect(membersOf('S2')).toEqual(['vito', 'cdse'])
  await read([{ collections: [of('vito')] }], { on: 3, missing: ['cdse'] })
  expect(membersOf('S2')).toEqual(['vito', 'cdse'])
  await read([{ collections: [] }], { on: 4, missing: ['cdse'] })
  expect(ids()).toEqual(['S2 missing'])
  expect(membersOf('S2')).toEqual(['cdse'])
  await read([{ collections: [] }], { on: 5 })
  expect(ids()).toEqual([])
})

test('a member that is back and does not have it any more is none; one that has it is one again', async () => {
  await read([{ collections: [of('vito', 'cdse')] }])
  await read([{ collections: [of('vito')] }], { on: 2, missing: ['cdse'] })
  await read([{ collections: [of('vito')] }], { on: 3 })
  expect(membersOf('S2')).toEqual(['vito'])
  await read([{ collections: [of('vito', 'cdse')] }], { on: 4 })
  await read([], { on: 5, missing: ['vito', 'cdse'] })
  expect(ids()).toEqual(['S2 missing'])
  await read([{ collections: [of('vito', 'cdse')] }], { on: 6 })
  expect(ids()).toEqual(['S2'])
  expect(membersOf('S2')).toEqual(['vito', 'cdse'])
})

test('a whole document that was read without a member does not cost it', async () => {
  await read([{ collections: [of('vito', 'cdse')] }])
  await read([{ collections: [of('vito')] }], { on: 2, missing: ['cdse'] })
  const document = { ...of('vito'), 'cube:dimensions': {} }
  writer.keepWhole(key, document, Buffer.from(JSON.stringify(document)), day(2))
  expect(membersOf('S2')).toEqual(['vito', 'cdse'])
})

test('what two pages have is on both, also where one was not modified', async () => {
  const [a, b, c] = ['A', 'B', 'C'].map((id) => ({ id }))
  const first = [
    { url: 'p1', collections: [a, b], next: 'p2', etag: '1' },
    { url: 'p2', collections: [b, c], etag: '2' },
  ] as Given[]
  await read(first)
  await read(
    [
      { url: 'p1', collections: [a] as object[], next: 'p2', etag: '1b' },
      { url: 'p2', isSame: true },
    ],
    { on: 2 },
  )
  expect(ids()).toEqual(['A', 'B', 'C'])
  expect(database.get('SELECT skipped FROM list')).toEqual({ skipped: '{"noId":0,"double":1,"refused":0}' })
})

test('a page with another version of an entry of a page before is read whole each time', async () => {
  const { n } = await read(
    [
      { url: 'p1', collections: [{ id: 'A', title: 'first' }], next: 'p2', etag: '1' },
      { url: 'p2', collections: [{ id: 'A', title: 'second' }], etag: '2' },
    ],
    { isOpen: true },
  )
  expect(readings.knownPage(n, 'p1')).toEqual({ etag: '1' })
  expect(readings.knownPage(n, 'p2')).toBeNull()
})

test('a page that came by half and then again has all its entries', async () => {
  const collections = [{ id: 'A' }, { id: 'B' }]
  await read([
    { collections, isHalf: true },
    { collections, etag: '1' },
  ])
  expect(database.get('SELECT skipped FROM list')).toEqual({ skipped: '{"noId":0,"double":0,"refused":0}' })
  await read([{ isSame: true }], { on: 2 })
  expect(ids()).toEqual(['A', 'B'])
})

test('pages are told apart by what is on them; those without any entry to keep do not end a list', async () => {
  const { ends } = await read([
    { url: 'p1', collections: [{ id: 'A' }], next: 'p2' },
    { url: 'p2', collections: [{ title: 'no id' }, { id: 7 }], next: 'p3' },
    { url: 'p3', collections: [{ title: 'nor this' }], next: 'p4' },
    { url: 'p4', collections: [{ id: 'Z' }], next: 'p5' },
    { url: 'p5', collections: [{ id: 'A', title: 'another' }] },
  ])
  expect(ends.map(({ isRepeated }) => isRepeated)).toEqual([false, false, false, false, true])
  expect(ids()).toEqual(['A', 'Z'])
  expect(database.get('SELECT skipped FROM list')).toEqual({ skipped: '{"noId":3,"double":1,"refused":0}' })
})

test('a list that leads in a circle makes nothing go, and nothing younger', async () => {
  await read([{ collections: [{ id: 'A' }, { id: 'Z' }] }])
  await read([{ collections: [{ id: 'A' }] }], { on: 2, isWhole: false })
  expect(ids()).toEqual(['A', 'Z'])
  expect(database.all('SELECT id, is_unseen FROM entry ORDER BY id')).toEqual([
    { id: 'A', is_unseen: 0 },
    { id: 'Z', is_unseen: 1 },
  ])
  expect(database.get('SELECT is_partial FROM list')).toEqual({ is_partial: 1 })
  await read([{ collections: [{ id: 'A' }] }], { on: 3 })
  expect(ids()).toEqual(['A'])
})

test('what the list says goes before an older whole document, which keeps its date', async () => {
  const bands = { bands: { type: 'bands', values: ['B04', 'B08'] } }
  await read([{ collections: [{ id: 'S2', title: 'Old' }] }])
  const whole = { id: 'S2', title: 'Old', 'cube:dimensions': bands }
  writer.keepWhole(key, whole, Buffer.from(JSON.stringify(whole)), day(2))
  await read([{ collections: [{ id: 'S2', title: 'Old' }] }], { on: 3 })
  expect(rowOf()).toMatchObject({ title: 'Old', document_at: day(2), is_stale: 0 })
  const extent = { temporal: { interval: [['2015-01-01T00:00:00Z', '2027-01-01T00:00:00Z']] } }
  await read([{ collections: [{ id: 'S2', title: 'New title', extent }] }], { on: 4 })
  expect(rowOf()).toEqual({
    title: 'New title',
    as_of: day(4),
    document_at: day(2),
    is_stale: 1,
    ends: '2027-01-01T00:00:00Z',
    band_count: 2,
  })
  expect(database.all("SELECT rowid FROM words WHERE words MATCH 'new'")).toHaveLength(1)
  expect(database.all("SELECT rowid FROM words WHERE words MATCH 'b08'")).toHaveLength(1)
})

test('what a user saw goes with the user; what anybody saw stays', async () => {
  await read([{ collections: [{ id: 'public' }] }])
  await read([{ collections: [{ id: 'public' }, { id: 'private' }], etag: '1' }], { on: 2, account: 'user a' })
  writer.keepExtra({ ...key, id: 'private' }, 'queryables', '{}', day(2))
  expect(readings.dropOthers(ID, 'user a')).toBe(false)
  expect(readings.dropOthers(ID, '')).toBe(true)
  expect(ids()).toEqual(['public'])
  for (const table of ['extra', 'page', 'account', 'list'])
    expect(database.all(`SELECT 1 FROM ${table}`), table).toEqual([])
})

test('a reading as nobody takes nothing of a user away; pages of one user are not those of another', async () => {
  await read([{ collections: [{ id: 'private' }], etag: '1' }], { account: 'user a' })
  const { n } = await read([], { on: 2, account: 'user b', isOpen: true })
  expect(readings.knownPage(n, 'p')).toBeNull()
  await read([{ collections: [{ id: 'public' }] }], { on: 3 })
  expect(ids()).toEqual(['private', 'public'])
})

test('what comes after a connection was removed is not kept', async () => {
  const { n } = await read([{ collections: [{ id: 'S2' }] }], { isOpen: true })
  readings.forget(ID)
  writer.forget(ID)
  writer.keepExtra(key, 'queryables', '{}', day(1))
  readings.abandon(ID, 'collections', { code: 'not-found', message: 'x', retry: 'never', logRef: '' } as never)
  expect(() => readings.finish(n, { asOf: day(1), freshUntil: day(1), missing: [], isWhole: true })).toThrow()
  expect(() => readings.begin({ connectionId: ID, list: 'collections', now: day(1) })).toThrow()
  for (const table of ['entry', 'extra', 'list', 'page', 'account'])
    expect(database.all(`SELECT 1 FROM ${table}`), table).toEqual([])
})

test('what belongs to no connection any more is pruned', async () => {
  await read([{ collections: [{ id: 'S2' }], etag: '1' }], { account: 'user a' })
  expect(writer.prune([ID])).toEqual([])
  expect(writer.prune(['another'])).toEqual([ID])
  for (const table of ['entry', 'document', 'list', 'page', 'account'])
    expect(database.all(`SELECT 1 FROM ${table}`), table).toEqual([])
})
