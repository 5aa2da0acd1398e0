/** What a later version of Swath brings reaches everybody, but for the fields that the user has changed. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { BUILT_IN, createKnownBackEnds } from '../../../main/connections/known-back-ends.ts'
import { systemClock } from '../../../main/core/clock.ts'
import { type Database, openDatabase } from '../../../main/core/database.ts'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { applicationMigrations } from '../../../main/migrations/index.ts'
import { readAddress } from '../../../main/protocols/address.ts'
import { KnownBackEnd } from '../../../preload/contract/connections.ts'

let database: Database
beforeEach(async () => {
  const log = createLog({ sink: memorySink() })
  database = (await openDatabase({ path: ':memory:', migrations: applicationMigrations, log })).database
})
afterEach(() => database.close())
const entry = (id: string, url: string, title = id) => ({ id, kind: 'openeo' as const, title, url, description: 'd' })

test('a new address comes, a changed title stays, a hidden entry stays hidden, a withdrawn one goes', () => {
  const [a, b, c] = [
    entry('a', 'https://a.example.org'),
    entry('b', 'https://b.example.org'),
    entry('c', 'https://c.example.org'),
  ]
  const first = createKnownBackEnds(database, systemClock, [a, b, c])
  first.save({ ...a, title: 'Mine' })
  first.remove('b')
  first.save({ ...c, url: 'https://mine.example.org' })
  const later = createKnownBackEnds(database, systemClock, [
    entry('a', 'https://new-a.example.org', 'A'),
    entry('b', 'https://new-b.example.org'),
    entry('d', 'https://d.example.org'),
  ])
  expect(later.list().map(({ id, title, url, isHidden }) => [id, title, url, isHidden])).toEqual([
    ['a', 'Mine', 'https://new-a.example.org', false],
    ['b', 'b', 'https://new-b.example.org', true],
    ['d', 'd', 'https://d.example.org', false],
  ])
  expect(() => later.save({ ...entry('nobody', 'https://x.example.org') })).toThrow(
    expect.objectContaining({ code: 'not-found' }),
  )
})

test('the entries that come with Swath are addresses that can be used, each once', () => {
  for (const one of BUILT_IN) {
    KnownBackEnd.parse({ ...one, isBuiltIn: true, isHidden: false })
    expect(readAddress(one.url)).toBe(one.url)
    expect(one.url).toMatch(/^https:/)
  }
  expect(new Set(BUILT_IN.map(({ id }) => id)).size).toBe(BUILT_IN.length)
})
