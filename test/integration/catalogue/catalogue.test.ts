/** What a back-end offers stays readable without it; a reading that fails takes nothing away; many documents block nobody. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createCatalogue } from '../../../main/catalogue/index.ts'
import type { ConnectionsFeature } from '../../../main/connections/index.ts'
import { type Database, openDatabase } from '../../../main/core/database.ts'
import { AppError } from '../../../main/core/errors.ts'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { createRedactor } from '../../../main/core/redact.ts'
import { applicationMigrations } from '../../../main/migrations/index.ts'
import { CollectionList } from '../../../preload/contract/catalogue.ts'
import type { AppEvent } from '../../../preload/contract/index.ts'
import { createTestClock } from '../../fakes/clock.ts'
import { type FakeBackEnd, startBackEnd } from '../../fakes/openeo-back-end.ts'
import { createSendJson } from '../../fakes/send-json.ts'

const connectionId = 'c' as never
const log = createLog({ sink: memorySink() })
let backEnd: FakeBackEnd
let database: Database
let isAway = false
const clock = createTestClock()

beforeEach(async () => {
  backEnd = await startBackEnd()
  isAway = false
  database = (await openDatabase({ path: ':memory:', migrations: applicationMigrations, log })).database
})
afterEach(async () => {
  await backEnd.close()
  database.close()
})

function open() {
  const { sendJson } = createSendJson(createRedactor())
  const session = {
    rootUrl: backEnd.url,
    send: (request: never) => {
      if (isAway) throw new AppError('offline', 'The back-end did not answer.')
      return sendJson(backEnd.url, request, null)
    },
  }
  const events: AppEvent[] = []
  const connections = { session: () => session, onConnected: () => {} } as unknown as ConnectionsFeature
  const catalogue = createCatalogue({ database, connections, publish: (event) => events.push(event), clock, log })
  const list = async () => CollectionList.parse(await catalogue.handlers.collections({ connectionId }))
  return { catalogue, events, list, refresh: () => catalogue.handlers.refresh({ connectionId }) }
}
const whole = (id: string, bands = ['B04']) => ({
  id,
  title: `Title of ${id}`,
  'cube:dimensions': { bands: { type: 'bands', values: bands } },
})
const idsOf = (list: { collections: { id: string }[] }) => list.collections.map(({ id }) => id)

test('never read: an empty list without a date', async () => {
  const { catalogue, list } = open()
  expect(await list()).toEqual({ asOf: null, collections: [] })
  await expect(catalogue.handlers.collection({ connectionId, id: 'x' })).rejects.toMatchObject({ code: 'not-found' })
  expect(catalogue.processIds('c').size).toBe(0)
})

test('page after page, slim entries completed, the first of two with one id, nothing without an id', async () => {
  backEnd.pageSize = 2
  backEnd.collections = [
    whole('a'),
    { id: 'slim' },
    { ...whole('a'), title: 'second' },
    { title: 'no id' },
    null,
    whole('b'),
  ]
  backEnd.documents.set('slim', whole('slim', ['red', 'nir']))
  backEnd.processes = [{ id: 'ndvi' }, { id: 'ndvi', summary: 'second' }, {}]
  const { catalogue, list, refresh, events } = open()
  await refresh()
  const found = await list()
  expect(idsOf(found)).toEqual(['a', 'b', 'slim'])
  expect(found.collections[0]?.title).toBe('Title of a')
  expect(found.collections[2]?.bands.map(({ name }) => name)).toEqual(['red', 'nir'])
  expect(found.asOf).toBe(new Date(clock.now()).toISOString())
  expect(await catalogue.handlers.processes({ connectionId })).toMatchObject({ processes: [{ id: 'ndvi' }] })
  expect(events).toEqual([{ feature: 'catalogue', name: 'changed', payload: { connectionId: 'c', asOf: found.asOf } }])
})

test('without the back-end everything stays readable, with its date; a failed reading changes nothing', async () => {
  backEnd.collections = [whole('a'), { id: 'slim' }]
  backEnd.documents.set('slim', whole('slim', ['red']))
  const { list, refresh } = open()
  await refresh()
  const before = await list()
  await clock.advance(60_000)
  isAway = true
  await expect(refresh()).rejects.toMatchObject({ code: 'offline' })
  expect(await list()).toEqual(before)
  isAway = false
  backEnd.collections = []
  backEnd.fail('GET /processes', { html: '<html>' })
  await expect(refresh()).rejects.toMatchObject({ code: 'back-end' })
  expect(await list()).toEqual(before)
})

test('a collection whose document cannot be read this time keeps the one that is known', async () => {
  backEnd.collections = [{ id: 'slim' }]
  backEnd.documents.set('slim', whole('slim', ['red']))
  const { list, refresh } = open()
  await refresh()
  backEnd.fail('GET /collections/{id}', { status: 500 })
  await refresh()
  expect((await list()).collections[0]?.bands).toEqual([{ name: 'red' }])
})

test('what the back-end does not offer any more goes', async () => {
  backEnd.collections = [whole('a'), whole('b')]
  backEnd.processes = [{ id: 'x' }, { id: 'y' }]
  const { catalogue, list, refresh } = open()
  await refresh()
  backEnd.collections = [whole('b', ['B08'])]
  backEnd.processes = [{ id: 'y' }]
  await refresh()
  expect(idsOf(await list())).toEqual(['b'])
  expect((await list()).collections[0]?.bands).toEqual([{ name: 'B08' }])
  expect([...catalogue.processIds('c')]).toEqual(['y'])
})

test('who asks while a reading is under way gets the next one', async () => {
  backEnd.collections = [whole('a')]
  const { list, refresh } = open()
  const first = refresh()
  backEnd.collections = [whole('b')]
  await Promise.all([first, refresh(), refresh(), refresh()])
  expect(idsOf(await list())).toEqual(['b'])
  expect(backEnd.count('GET /collections')).toBe(2)
})

test('a document that is nested too deep costs no other', async () => {
  let deep: unknown = 1
  for (let depth = 0; depth < 1500; depth++) deep = [deep]
  backEnd.collections = [whole('a'), { ...whole('deep'), deep }, whole('z')]
  const { list, refresh } = open()
  await refresh()
  expect(idsOf(await list())).toEqual(['a', 'z'])
})

test('two thousand collections are kept and listed without holding up others', async () => {
  const text = 'A plausible description of a collection, with some words. '.repeat(60)
  backEnd.collections = Array.from({ length: 2000 }, (_, n) => ({ ...whole(`c${n}`), description: text }))
  const { catalogue, refresh } = open()
  await refresh()
  let turns = 0
  let isDone = false
  const others = (async () => {
    for (; !isDone; turns++) await new Promise((resolve) => setImmediate(resolve))
  })()
  const found = await catalogue.handlers.collections({ connectionId })
  isDone = true
  await others
  expect(found.collections).toHaveLength(2000)
  expect(turns).toBeGreaterThan(1) // in one piece others would have had the one turn that was waiting at the end
})
