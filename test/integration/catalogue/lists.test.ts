/**
 * Lists of back-ends are read page by page, kept over restarts and failures, and nothing that belongs to a missing member
 * is ever dropped.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import type { Entry } from '../../../preload/contract/catalogue.ts'
import { deepCollection, hostileCollections } from '../../fakes/openeo/hostile.ts'
import { PLAIN } from '../../fakes/openeo/profile.ts'
import type { Call } from '../../fakes/openeo/types.ts'
import { type BackEndOptions, type FakeBackEnd, startBackEnd } from '../../fakes/openeo-back-end.ts'
import { startAggregator } from '../../fakes/profiles/aggregator.ts'
import { openWorld, type World } from './world.ts'

// each world starts a process; on a busy machine that takes seconds
vi.setConfig({ testTimeout: 40_000, hookTimeout: 40_000 })

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})
async function fake(options: BackEndOptions = {}): Promise<FakeBackEnd> {
  const backEnd = await startBackEnd(options)
  closing.push(backEnd.close)
  return backEnd
}
async function open(folder?: string): Promise<World> {
  const world = await openWorld(folder === undefined ? {} : { folder })
  closing.push(() => world.close().catch(() => {}))
  return world
}
const named = (id: string, more: object = {}) => ({ id, title: id, description: 'x', 'cube:dimensions': {}, ...more })
const many = (count: number, prefix = 'c') => Array.from({ length: count }, (_, n) => named(`${prefix}-${n}`))
const idsOf = (world: World) => world.ids({ kinds: ['collection'], sort: 'title' })

test.each([
  { by: 'page', hrefs: 'relative' },
  { by: 'offset', hrefs: 'absolute' },
  { by: 'token', hrefs: 'relative' },
] as const)('a paged list is read to its end: $by, $hrefs', async ({ by, hrefs }) => {
  const backEnd = await fake({ profile: { ...PLAIN, paging: { by, hrefs, ignoresLimit: true } } })
  backEnd.collections = many(23)
  backEnd.pageSize = 5
  const world = await open()
  const { id } = await world.connect(backEnd.address, { isOnce: true })
  expect(await idsOf(world)).toHaveLength(23)
  expect(backEnd.count('GET /collections')).toBe(5)
  expect(await world.list(id, 'collections')).toMatchObject({ count: 23, isOffered: true, failure: null, missing: [] })
  expect(await world.list(id, 'processing-parameters')).toMatchObject({ isOffered: false, count: 0, asOf: null })
})

test('pages that lead in a circle end, and pages that are always the same', async () => {
  const backEnd = await fake()
  backEnd.collections = many(12)
  backEnd.pageSize = 5
  backEnd.hasCyclicPages = true
  const world = await open()
  await world.connect(backEnd.address, { isOnce: true })
  expect(await idsOf(world)).toHaveLength(12)
  expect(backEnd.count('GET /collections')).toBeLessThanOrEqual(4)

  let asked = 0
  const endless = await fake({
    routes: () => ({
      'GET /collections': {
        auth: 'none',
        run: ({ response }: Call) => {
          response.writeHead(200, { 'content-type': 'application/json' })
          const links = [{ rel: 'next', href: `?page=${++asked}` }]
          return response.end(JSON.stringify({ collections: many(3, 'endless'), links }))
        },
      },
    }),
  })
  await world.connect(endless.address, { isOnce: true })
  expect(asked).toBe(2)
})

test('a next page at another server is not asked, and nothing goes for it', async () => {
  const elsewhere = await fake()
  const backEnd = await fake({
    routes: () => ({
      'GET /collections': {
        auth: 'none',
        run: ({ response }: Call) => {
          response.writeHead(200, { 'content-type': 'application/json' })
          const links = [{ rel: 'next', href: `${elsewhere.url}/collections?stolen=1` }]
          return response.end(JSON.stringify({ collections: many(2), links }))
        },
      },
    }),
  })
  const world = await open()
  const { id } = await world.connect(backEnd.address)
  expect(elsewhere.requests).toEqual([])
  expect(await world.list(id, 'collections')).toMatchObject({ count: 2, asOf: null, failure: { code: 'back-end' } })
})

test('a server that takes the limit and knows no pages is asked again without it', async () => {
  const all = many(1500)
  const backEnd = await fake({
    routes: () => ({
      'GET /collections': {
        auth: 'none',
        run: ({ response, url }: Call) => {
          response.writeHead(200, { 'content-type': 'application/json' })
          const limit = Number(url.searchParams.get('limit') ?? all.length)
          return response.end(JSON.stringify({ collections: all.slice(0, limit), links: [] }))
        },
      },
    }),
  })
  const world = await open()
  const { id } = await world.connect(backEnd.address, { isOnce: true })
  expect(await world.list(id, 'collections')).toMatchObject({ count: 1500, failure: null })
})

test('a server that refuses the limit is asked without it', async () => {
  const backEnd = await fake()
  backEnd.collections = many(3)
  backEnd.fail('GET /collections', { status: 400, code: 'QueryParameterInvalid' })
  const world = await open()
  const { id } = await world.connect(backEnd.address, { isOnce: true })
  expect(await world.list(id, 'collections')).toMatchObject({ count: 3, failure: null })
})

test('what has not changed is answered with 304 and stays; what is not listed any more goes', async () => {
  const backEnd = await fake({ profile: { ...PLAIN, hasEtags: true, paging: { ...PLAIN.paging, ignoresLimit: true } } })
  const answered: number[] = []
  backEnd.collections = many(8)
  backEnd.fileFormats = { input: {}, output: { GTiff: { gis_data_types: ['raster'], parameters: {} } } }
  const world = await open()
  const { id } = await world.connect(backEnd.address, { isOnce: true })
  const before = backEnd.requests.length
  const first = await world.list(id, 'file-formats')
  await world.refresh(id)
  for (const { headers } of backEnd.requests.slice(before)) answered.push(headers['if-none-match'] ? 304 : 200)
  expect(answered).toContain(304)
  expect(await idsOf(world)).toHaveLength(8)
  const second = await world.list(id, 'file-formats')
  expect(second).toMatchObject({ count: 1, failure: null })
  expect((second.asOf as string) > (first.asOf as string)).toBe(true)

  backEnd.collections = [...many(5), named('new')]
  await world.refresh(id)
  expect(await idsOf(world)).toEqual(['c-0', 'c-1', 'c-2', 'c-3', 'c-4', 'new'])
})

test('a missing member costs nothing of what is known; what the others dropped goes', async () => {
  const of = (...members: string[]) => ({ 'federation:backends': members })
  const backEnd = await fake()
  backEnd.collections = [
    named('only-a', of('a')),
    named('a-and-b', of('a', 'b')),
    named('only-b', of('b')),
    named('in-summaries', { summaries: of('a') }),
    named('nobody-says'),
    named('stays', of('b')),
  ]
  const world = await open()
  const { id } = await world.connect(backEnd.address, { isOnce: true })
  const before = (await world.search({ text: 'only-a' })).hits[0]
  backEnd.collections = [named('stays', of('b'))]
  backEnd.missing = ['a']
  await world.refresh(id)
  const hits = (await world.search({ kinds: ['collection'], sort: 'title' })).hits
  expect(hits.map((hit) => [hit.id, hit.isMissing])).toEqual([
    ['a-and-b', true],
    ['in-summaries', true],
    ['nobody-says', true],
    ['only-a', true],
    ['stays', false],
  ])
  expect(hits[3]?.asOf).toBe(before?.asOf)
  expect(await world.list(id, 'collections')).toMatchObject({ missing: ['a'], count: 5 })

  backEnd.missing = []
  backEnd.collections = [named('only-a', of('a')), named('stays', of('b'))]
  await world.refresh(id)
  expect((await world.search({ kinds: ['collection'] })).hits.map((hit) => [hit.id, hit.isMissing])).toEqual([
    ['only-a', false],
    ['stays', false],
  ])
})

test('a member that is back brings its lists along, although they are fresh; one that stays away is not asked for', async () => {
  const aggregator = await startAggregator({ timeLimitMs: 2_000 })
  closing.push(aggregator.close)
  aggregator.capabilities = { links: [] }
  const eodc = aggregator.members.get('eodc')
  const world = await open()
  const { id } = await world.connect(aggregator.url, { isOnce: true })
  eodc?.down()
  await world.refresh(id)
  expect(await world.list(id, 'collections')).toMatchObject({ missing: ['eodc'] })
  const count = aggregator.count('GET /collections')
  await world.call('connections', 'reconnect', { id })
  await world.call('connections', 'reconnect', { id })
  eodc?.up()
  await world.call('connections', 'reconnect', { id })
  await vi.waitFor(async () => expect(await world.list(id, 'collections')).toMatchObject({ missing: [] }), 10_000)
  expect(aggregator.count('GET /collections')).toBe(count + 1)
  const { hits } = await world.search({ text: 'austrian', kinds: ['collection'] })
  expect(hits).toMatchObject([{ id: 'AUSTRIAN_TERRAIN', isMissing: false }])
})

test('a failure in the middle keeps what was known and what came', async () => {
  const backEnd = await fake({ profile: { ...PLAIN, paging: { ...PLAIN.paging, ignoresLimit: true } } })
  backEnd.collections = many(4, 'old')
  const world = await open()
  const { id } = await world.connect(backEnd.address, { isOnce: true })
  const { asOf } = await world.list(id, 'collections')
  backEnd.collections = many(10, 'new')
  backEnd.pageSize = 5
  backEnd.fail('GET /collections', { until: Promise.resolve() }, 'half')
  await world.refresh(id).catch(() => {})
  const ids = await idsOf(world)
  expect(ids.filter((name) => name.startsWith('old'))).toHaveLength(4)
  expect(ids.filter((name) => name.startsWith('new')).length).toBeGreaterThanOrEqual(5)
  const state = await world.list(id, 'collections')
  expect(state.failure).not.toBeNull()
  expect(state).toMatchObject({ asOf, isReading: false })
  await world.refresh(id)
  expect(await idsOf(world)).toHaveLength(10)
  expect(await world.list(id, 'collections')).toMatchObject({ failure: null, count: 10 })
})

test.each([
  ['a web page', { html: '<html>sign in to the network</html>' }],
  ['no list', { body: '{"collections":null,"links":[]}' }],
  ['half of a document', { body: '{"collections":[{"id":"a"},{"id"' }],
  ['a document of another kind', { body: '[1,2,3]' }],
])('%s instead of a list is a failure of this list alone', async (_, fault) => {
  const backEnd = await fake()
  backEnd.processes = [{ id: 'add', description: '', parameters: [], returns: {} }]
  backEnd.failAlways('GET /collections', fault)
  const world = await open()
  const { id } = await world.connect(backEnd.address)
  expect(await world.list(id, 'collections')).toMatchObject({ asOf: null, failure: { code: 'back-end' } })
  expect(await world.list(id, 'processes')).toMatchObject({ failure: null, count: 1 })
})

test('entries that nobody should write cost themselves only', async () => {
  const backEnd = await fake()
  backEnd.collections = [...hostileCollections('http://127.0.0.1:9/pixel'), deepCollection(5_000)]
  const world = await open()
  const { id } = await world.connect(backEnd.address, { isOnce: true })
  const ids = await idsOf(world)
  expect(ids).toEqual(
    expect.arrayContaining(['first', 'last', 'without-extent', '__proto__', 'a/b c?d#e%2f..', 'huge']),
  )
  expect(ids.filter((name) => name === 'twice')).toHaveLength(1)
  expect((await world.search({ text: 'twice' })).hits[0]?.title).toBe('The first of two')
  expect(ids).not.toContain('')
  expect(await world.list(id, 'collections')).toMatchObject({ failure: null })
  for (const { kind, namespace, id: entryId, connectionId } of (await world.search()).hits)
    await world.call('catalogue', 'entry', { kind, namespace, id: entryId, connectionId })
})

test('a reading that is canceled ends at once and keeps what came', async () => {
  const backEnd = await fake({ profile: { ...PLAIN, paging: { ...PLAIN.paging, ignoresLimit: true } } })
  backEnd.collections = many(10)
  backEnd.pageSize = 5
  const world = await open()
  const { id } = await world.connect(backEnd.address, { isOnce: true })
  const { promise: never } = Promise.withResolvers<void>()
  const before = backEnd.count('GET /collections')
  backEnd.fail('GET /collections', { until: Promise.resolve() }, { until: never })
  const reading = world.failureOf(world.refresh(id))
  await backEnd.asked('GET /collections', before + 2)
  expect((await world.list(id, 'collections')).isReading).toBe(true)
  await world.call('catalogue', 'cancelRefresh', { connectionId: id })
  expect(await reading).toMatchObject({ code: 'canceled' })
  expect(await world.list(id, 'collections')).toMatchObject({ isReading: false, count: 10, failure: null })
})

test('everything is there after a restart without a network, and a damaged cache is read again', async () => {
  const backEnd = await fake()
  backEnd.collections = many(7)
  const first = await openWorld()
  const { id } = await first.connect(backEnd.address, { isOnce: true })
  await first.stop()
  const second = await openWorld({ folder: first.folder })
  expect(await idsOf(second)).toHaveLength(7)
  expect(second.processes).toEqual([])
  expect((await second.list(id, 'collections')).asOf).not.toBeNull()
  await second.stop()

  writeFileSync(join(first.folder, 'catalogue.sqlite'), 'this is no database')
  const third = await open(first.folder)
  third.connections.start()
  // nobody asks for it: what was being read while the cache was thrown away is read again
  await vi.waitFor(async () => expect(await idsOf(third)).toHaveLength(7), 20_000)
})

test('a process that dies is started again by the next reading', async () => {
  const backEnd = await fake()
  backEnd.collections = many(3)
  const world = await open()
  const { id } = await world.connect(backEnd.address, { isOnce: true })
  const [process] = world.processes
  const gone = new Promise((resolve) => process?.child.once('exit', resolve))
  process?.child.kill('SIGKILL')
  await gone
  expect(await idsOf(world)).toHaveLength(3)
  backEnd.collections = many(4)
  await world.refresh(id)
  expect(await idsOf(world)).toHaveLength(4)
  expect(world.processes).toHaveLength(2)
})

test('a connection that is removed takes its entries along', async () => {
  const [one, other] = [await fake(), await fake()]
  one.collections = many(3, 'one')
  other.collections = many(2, 'other')
  const world = await open()
  const { id } = await world.connect(one.address, { isOnce: true })
  await world.connect(other.address, { isOnce: true })
  expect(world.catalogue.entryCount(id)).toBeGreaterThanOrEqual(3)
  const changed = world.event(
    ({ feature, name, payload }) =>
      feature === 'catalogue' &&
      name === 'changed' &&
      (payload as { connectionId: string }).connectionId === id &&
      world.catalogue.entryCount(id) === 0,
  )
  await world.call('connections', 'remove', { id })
  await changed
  expect(await idsOf(world)).toEqual(['other-0', 'other-1'])
  expect(world.catalogue.entryCount(id)).toBe(0)
})

test('slim lists are completed in the background', async () => {
  const backEnd = await fake({ profile: { ...PLAIN, collections: 'slim' } })
  const bands = { bands: { type: 'bands', values: ['B04', 'B08'] } }
  backEnd.collections = [named('good', { 'cube:dimensions': bands })]
  const world = await open()
  const { id } = await world.connect(backEnd.address, { isOnce: true })
  await world.event(() => world.catalogue.collection(id, 'good')?.bands.length === 2)
  const key = { connectionId: id, kind: 'collection', namespace: '', id: 'good' }
  expect(await world.call<Entry>('catalogue', 'entry', key)).toMatchObject({ isComplete: true, failure: null })
  expect(backEnd.count('GET /collections/{id}')).toBe(1)
  await world.refresh(id) // the same list: nothing is asked again
  expect(backEnd.count('GET /collections/{id}')).toBe(1)
})

test('a whole document that cannot be read says why, and what the list has stays', async () => {
  const backEnd = await fake({ profile: { ...PLAIN, collections: 'slim' } })
  backEnd.collections = [named('bad')]
  backEnd.failAlways('GET /collections/{id}', { status: 404, code: 'CollectionNotFound' })
  const world = await open()
  const { id } = await world.connect(backEnd.address, { isOnce: true })
  const key = { connectionId: id, kind: 'collection', namespace: '', id: 'bad' }
  await world.call('catalogue', 'entry', key)
  await world.event((event) => event.feature === 'catalogue' && event.name === 'entryChanged')
  const entry = await world.call<Entry>('catalogue', 'entry', key)
  expect(entry).toMatchObject({ title: 'bad', isComplete: false, failure: { serverCode: 'CollectionNotFound' } })
})
