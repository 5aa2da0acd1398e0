/** The aggregator's fan-out: what tests of federation rest on. Expected values follow from the members' own lists. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Aggregator, startAggregator } from '../../fakes/profiles/aggregator.ts'

type Document = Record<string, unknown>
type Entry = { id: string; 'federation:backends'?: string[]; summaries?: Document; parameters?: Entry[]; name?: string }
let aggregator: Aggregator
beforeEach(async () => {
  aggregator = await startAggregator({ version: '0.2', timeLimitMs: 300 })
})
afterEach(() => aggregator.close())

async function ask(path: string, body?: object) {
  const answer = await fetch(aggregator.url + path, {
    headers: { authorization: `Bearer basic//${aggregator.token}` },
    ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
  })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, body: (text ? JSON.parse(text) : null) as never }
}
const member = (id: string) => {
  const found = aggregator.members.get(id)
  if (!found) throw new Error(`no member ${id}`)
  return found
}

test('collections are merged: owners in the summaries, each collection once', async () => {
  const { collections } = (await ask('/collections')).body as { collections: Entry[] }
  expect(collections.map(({ id, summaries }) => [id, summaries?.['federation:backends']])).toEqual([
    ['SENTINEL2_L2A', ['vito', 'eodc']],
    ['SENTINEL1_GRD', ['vito']],
    ['COPERNICUS_30', ['vito']],
    ['AUSTRIAN_TERRAIN', ['eodc']],
  ])
})

test('processes carry their owners, and a parameter that one of them lacks too', async () => {
  const { processes } = (await ask('/processes')).body as { processes: Entry[] }
  const of = (id: string) => processes.find((process) => process.id === id)
  expect(of('ndvi')?.['federation:backends']).toEqual(['vito'])
  expect(of('austrian_mosaic')?.['federation:backends']).toEqual(['eodc'])
  const [data, , options] = of('save_result')?.parameters ?? []
  expect(data?.['federation:backends']).toBeUndefined()
  expect(options).toMatchObject({ name: 'options', 'federation:backends': ['eodc'] })
})

test('formats are merged whatever the case of their names, with the owners of single parameters', async () => {
  const { output } = (await ask('/file_formats')).body as { output: Record<string, Document> }
  expect(Object.entries(output).map(([name, format]) => [name, format['federation:backends']])).toEqual([
    ['GTiff', ['vito', 'eodc']],
    ['netCDF', ['vito']],
    ['PNG', ['vito']],
    ['Zarr', ['eodc']],
  ])
  expect(output.GTiff?.parameters).toMatchObject({
    tile_size: { 'federation:backends': ['vito'] },
    zlevel: { 'federation:backends': ['eodc'] },
  })
})

test('a member that is lost is missing and offline, and back when it is up', async () => {
  member('vito').down()
  const during = (await ask('/collections')).body as { collections: Entry[]; 'federation:missing': string[] }
  expect(during['federation:missing']).toEqual(['vito'])
  expect(during.collections.map(({ id }) => id)).toEqual(['SENTINEL2_L2A', 'AUSTRIAN_TERRAIN'])
  expect((await ask('/')).body).toMatchObject({
    federation: { vito: { status: 'offline' }, eodc: { status: 'online', last_successful_check: expect.any(String) } },
  })
  member('vito').up()
  const after = (await ask('/collections')).body as { collections: Entry[] }
  expect(after).not.toHaveProperty('federation:missing')
  expect(after.collections).toHaveLength(4)
})

test('a member that is too slow for the list is missing from it', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  member('eodc').backEnd.hold = promise
  expect((await ask('/jobs')).body).toMatchObject({ 'federation:missing': ['eodc'] })
  resolve()
})

const graph = (...processes: string[]) => ({
  process_graph: {
    load: { process_id: 'load_collection', arguments: { id: 'SENTINEL2_L2A' } },
    ...Object.fromEntries(processes.map((id) => [id, { process_id: id, arguments: {} }])),
  },
})

test('the first member that can do it gets the job; force-backend decides, and is not handed on', async () => {
  const first = await ask('/jobs', { process: graph('ndvi') })
  expect(first.headers.get('openeo-identifier')).toBe('vito-job-1')
  await ask('/jobs', { process: graph('austrian_mosaic') })
  await ask('/jobs', { process: graph(), 'federation:force-backend': 'eodc', 'driver-memory': '2G' })
  await ask('/jobs', { process: graph(), job_options: { 'federation:force-backend': 'eodc' } })
  const properties = {
    'federation:backends': { process_graph: { eq: { process_id: 'eq', arguments: { y: 'eodc' } } } },
  }
  const load = { process_id: 'load_collection', arguments: { id: 'SENTINEL2_L2A', properties } }
  await ask('/jobs', { process: { process_graph: { load } } })
  expect(aggregator.federation.choices).toEqual([
    { jobId: 'vito-job-1', member: 'vito', by: 'first' },
    { jobId: 'eodc-job-1', member: 'eodc', by: 'first' },
    { jobId: 'eodc-job-2', member: 'eodc', by: 'force-backend' },
    { jobId: 'eodc-job-3', member: 'eodc', by: 'force-backend' },
    { jobId: 'eodc-job-4', member: 'eodc', by: 'properties' },
  ])
  expect(member('eodc').backEnd.jobs.get('job-2')?.options).toEqual({ 'driver-memory': '2G' })
  const { jobs } = (await ask('/jobs')).body as { jobs: Entry[] }
  expect(jobs.map(({ id }) => id)).toEqual(['vito-job-1', 'eodc-job-1', 'eodc-job-2', 'eodc-job-3', 'eodc-job-4'])
})

test('a job is followed through the aggregator; what a member refuses comes as the aggregator’s own failure', async () => {
  await ask('/jobs', { process: graph('ndvi'), title: 'One' })
  expect((await ask('/jobs/vito-job-1/results', {})).status).toBe(202)
  expect((await ask('/jobs/vito-job-1')).body).toMatchObject({ id: 'vito-job-1', title: 'One', status: 'running' })
  expect((await ask('/jobs/vito-job-9')).status).toBe(404)
  member('vito').backEnd.fail('POST /jobs', { status: 400, code: 'ProcessUnsupported', message: 'No ndvi today.' })
  const { status, body } = await ask('/jobs', { process: graph('ndvi') })
  expect([status, (body as Document).code]).toEqual([500, 'Internal'])
  expect((body as Document).message).toContain('No ndvi today.')
})
