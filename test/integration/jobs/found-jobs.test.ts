/**
 * Promise: jobs that another program made appear, are followed and stay known when a member is lost; the same job through
 * a federation and through its member is there once; a member that is asked for gets the job.
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Clock } from '../../../main/core/clock.ts'
import type { Database } from '../../../main/core/database.ts'
import type { Job } from '../../../preload/contract/jobs.ts'
import { createTestClock } from '../../fakes/clock.ts'
import type { FakeBackEnd, FakeJob } from '../../fakes/openeo/types.ts'
import { type Aggregator, startAggregator } from '../../fakes/profiles/aggregator.ts'
import { type FoundWorld, newSecrets, openTestDatabase, openWorld } from './found-jobs-world.ts'

let database: Database
let aggregator: Aggregator
let secrets: ReturnType<typeof newSecrets>
const worlds: FoundWorld[] = []
const open = (clock?: Clock) => {
  const world = openWorld(database, secrets, clock)
  worlds.push(world)
  return world
}
const member = (id: string): FakeBackEnd => aggregator.members.get(id)?.backEnd as FakeBackEnd
const GRAPH = {
  load: { process_id: 'load_collection', arguments: { id: 'SENTINEL2_L2A' } },
  save: { process_id: 'save_result', arguments: { data: { from_node: 'load' }, format: 'GTiff' }, result: true },
}
function put(backEnd: FakeBackEnd, id: string, more: Partial<FakeJob> = {}): FakeJob {
  const job: FakeJob = {
    id,
    title: `Made elsewhere ${id}`,
    description: 'by a notebook',
    status: 'finished',
    progress: 100,
    process: { process_graph: GRAPH },
    starts: 1,
    updated: '2026-01-02T00:00:00.000Z',
    logs: [],
    results: {},
    options: {},
    ...more,
  }
  backEnd.jobs.set(id, job)
  return job
}
const newJob = (connectionId: Job['connectionId'], federationMember: string | null) => ({
  connectionId,
  title: 'NDVI',
  graph: GRAPH,
  collectionId: 'SENTINEL2_L2A',
  recipeId: null,
  areaId: null,
  federationMember,
})
const titles = (jobs: Job[]) => jobs.map(({ title }) => title).sort()

beforeEach(async () => {
  database = await openTestDatabase()
  secrets = newSecrets()
  aggregator = await startAggregator({ timeLimitMs: 300 })
})
afterEach(async () => {
  for (const world of worlds.splice(0)) world.close()
  await aggregator.close()
  database.close()
})

test('jobs of others appear with what the list tells; graph and log come when one is looked at', async () => {
  put(member('vito'), 'j-1')
  const world = open()
  const id = await world.connect(aggregator, 'Federation')
  const [job] = await world.list()
  expect(job).toMatchObject({
    connectionId: id,
    remoteId: 'vito-j-1',
    origin: 'back-end',
    state: 'finished',
    graph: {},
    wantsResults: false,
    createdAt: '2026-01-01T00:00:00.000Z',
  })
  expect(await world.calls.refresh({ id: job?.id as Job['id'] })).toMatchObject({ graph: GRAPH, state: 'finished' })
  expect(await world.calls.findAtBackEnd({ connectionId: id })).toEqual({ foundCount: 0, missing: [] })
  expect(world.finished).toEqual([])
})

test('results of a found job are fetched when they are asked for, and not before', async () => {
  put(member('vito'), 'j-1')
  const world = open()
  await world.connect(aggregator, 'Federation')
  const id = (await world.list())[0]?.id as Job['id']
  expect(world.jobs.unfetched()).toEqual([])
  expect(await world.calls.fetchResults({ id })).toMatchObject({ wantsResults: true })
  expect(world.finished.map((job) => job.id)).toEqual([id])
  expect(world.jobs.unfetched()).toHaveLength(1)
})

test('a lost member takes no job away, and the list says who was missing', async () => {
  put(member('vito'), 'j-1')
  put(member('eodc'), 'k-1')
  const world = open()
  const connectionId = await world.connect(aggregator, 'Federation')
  expect(await world.list()).toHaveLength(2)
  aggregator.members.get('eodc')?.down()
  put(member('vito'), 'j-2')
  expect(await world.calls.findAtBackEnd({ connectionId })).toEqual({ foundCount: 1, missing: ['eodc'] })
  expect(titles(await world.list())).toEqual(['Made elsewhere j-1', 'Made elsewhere j-2', 'Made elsewhere k-1'])
  expect(await world.calls.lists()).toMatchObject([{ connectionId, missing: ['eodc'], failure: null }])
})

test('open jobs that were found are followed by the list, without a call for each', async () => {
  const running = put(member('vito'), 'j-1', { status: 'running', progress: 10 })
  const world = open()
  const connectionId = await world.connect(aggregator, 'Federation')
  running.status = 'finished'
  await world.calls.findAtBackEnd({ connectionId })
  expect(await world.list()).toMatchObject([{ state: 'finished', progress: 100 }])
  expect(aggregator.count('GET /jobs/{id}')).toBe(0)
})

test('an open job that a whole list leaves out is asked for by itself', async () => {
  put(member('vito'), 'j-1', { status: 'running' })
  const world = open()
  const connectionId = await world.connect(aggregator, 'Federation')
  member('vito').jobs.delete('j-1')
  await world.calls.findAtBackEnd({ connectionId })
  await world.whenJob(({ state }) => state === 'gone')
  expect(await world.list()).toHaveLength(1)
})

test('what was removed here does not come back, from the list only or at the back-end', async () => {
  put(member('vito'), 'j-1')
  put(member('vito'), 'j-2')
  const world = open()
  const connectionId = await world.connect(aggregator, 'Federation')
  const [first, second] = (await world.list()).sort((a, b) => a.title.localeCompare(b.title))
  await world.calls.remove({ id: first?.id as Job['id'], from: 'list' })
  await world.calls.remove({ id: second?.id as Job['id'] })
  await aggregator.asked('DELETE /jobs/{id}')
  await world.calls.findAtBackEnd({ connectionId })
  expect(await world.list()).toEqual([])
  expect([...member('vito').jobs.keys()]).toEqual(['j-1'])
  world.close()
  worlds.splice(0)
  const again = open()
  again.connections.start()
  await again.become('connected', connectionId)
  await again.calls.findAtBackEnd({ connectionId })
  expect(await again.list()).toEqual([])
})

for (const order of ['the federation first', 'the member first'] as const)
  test(`the same job through a federation and its member is shown once: ${order}`, async () => {
    put(member('vito'), 'j-1')
    const world = open()
    const both =
      order === 'the member first' ? ([member('vito'), aggregator] as const) : ([aggregator, member('vito')] as const)
    const ids = [await world.connect(both[0], 'One'), await world.connect(both[1], 'Two')]
    const [direct, federated] = order === 'the member first' ? ids : [...ids].reverse()
    const once = [{ connectionId: direct, alsoAt: [{ connectionId: federated, remoteId: 'vito-j-1' }] }]
    expect(await world.list()).toMatchObject(once)
    world.close()
    worlds.splice(0)
    const again = open()
    expect(await again.list()).toMatchObject(once)
    expect(await again.list()).toHaveLength(1)
    await again.handlers.remove({ id: direct as Job['connectionId'] })
    expect(await again.list()).toMatchObject([{ connectionId: federated, alsoAt: [] }])
    expect(await again.list()).toHaveLength(1)
  })

test('an open job that is seen twice is followed by one list: the other waits for its ten minutes', async () => {
  put(member('vito'), 'j-1', { status: 'running' })
  const clock = createTestClock(Date.now())
  const world = open(clock)
  await world.connect(aggregator, 'Federation')
  await world.connect(member('vito'), 'VITO')
  const [before, own] = [aggregator.count('GET /jobs'), member('vito').count('GET /jobs')]
  await clock.advance(20_000)
  await member('vito').asked('GET /jobs', own + 1)
  expect(aggregator.count('GET /jobs')).toBe(before)
})

test('the job that was made here is the one that is shown', async () => {
  member('vito').script = ['queued', 'running', 'running', 'finished']
  const world = open()
  const federated = await world.connect(aggregator, 'Federation')
  const direct = await world.connect(member('vito'), 'VITO')
  const { id } = await world.calls.submit(newJob(federated, 'vito'))
  await world.whenJob((job) => job.id === id && job.state === 'queued')
  await world.calls.findAtBackEnd({ connectionId: direct })
  expect(await world.list()).toMatchObject([
    { id, origin: 'swath', federationMember: 'vito', alsoAt: [{ connectionId: direct, remoteId: 'job-1' }] },
  ])
  expect(await world.list()).toHaveLength(1)
})

test('the member that is asked for gets the job, by an option where the federation states its version', async () => {
  const world = open()
  const connectionId = await world.connect(aggregator, 'Federation')
  for (const id of ['eodc', 'vito']) {
    await world.calls.submit(newJob(connectionId, id))
    await world.whenJob((job) => job.federationMember === id && job.remoteId !== null)
  }
  expect(aggregator.federation.choices).toMatchObject([
    { member: 'eodc', by: 'force-backend' },
    { member: 'vito', by: 'force-backend' },
  ])
  const sent = aggregator.requests.filter(({ line }) => line === 'POST /jobs').map(({ body }) => JSON.parse(body))
  expect(sent[0].job_options).toEqual({ 'federation:force-backend': 'eodc' })
  expect(sent[0].process.process_graph).toEqual(GRAPH)
})
