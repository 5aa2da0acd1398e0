/**
 * Promise: from the catalogue as it was read, also without a network and after a member was lost, it is told which
 * members of a federation could run a graph.
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../../main/core/clock.ts'
import { createGraphs } from '../../../main/graphs/index.ts'
import type { Connection } from '../../../preload/contract/connections.ts'
import type { FederationCheck } from '../../../preload/contract/graphs.ts'
import type { ProcessGraph } from '../../../preload/contract/vocabulary.ts'
import { type Aggregator, startAggregator } from '../../fakes/profiles/aggregator.ts'
import { openWorld, type World } from '../catalogue/world.ts'

let aggregator: Aggregator
let world: World
let connection: Connection

beforeEach(async () => {
  aggregator = await startAggregator({ timeLimitMs: 500 })
  // what a user agrees to before connecting is another test's
  aggregator.capabilities = { links: [] }
  world = await openWorld()
  connection = await world.connect(aggregator.url)
})
afterEach(async () => {
  await world.close()
  await aggregator.close()
})

const graphOf = (collection: string, format: string, processes: string[] = [], options?: object): ProcessGraph =>
  ({
    load: { process_id: 'load_collection', arguments: { id: collection } },
    ...Object.fromEntries(processes.map((id) => [id, { process_id: id, arguments: {} }])),
    save: { process_id: 'save_result', arguments: { format, ...(options ? { options } : {}) }, result: true },
  }) as ProcessGraph

function check(graph: ProcessGraph): Promise<FederationCheck> {
  const { handlers } = createGraphs({
    database: world.database,
    clock: systemClock,
    connections: world.connections,
    catalogue: world.catalogue,
    areas: { find: () => undefined },
  })
  return handlers.federation({ connectionId: connection.id, graph }) as Promise<FederationCheck>
}
const able = ({ members }: FederationCheck) => members.filter(({ canRun }) => canRun).map(({ id }) => id)

test('processes, collections, formats and parameters of members, and what none has alone', async () => {
  expect(able(await check(graphOf('SENTINEL2_L2A', 'GTiff')))).toEqual(['vito', 'eodc'])
  expect(able(await check(graphOf('SENTINEL2_L2A', 'GTiff', ['ndvi'])))).toEqual(['vito'])
  expect(able(await check(graphOf('AUSTRIAN_TERRAIN', 'gtiff')))).toEqual(['eodc'])
  expect(able(await check(graphOf('SENTINEL2_L2A', 'zarr')))).toEqual(['eodc'])
  expect(able(await check(graphOf('SENTINEL2_L2A', 'GTiff', [], { zlevel: 9 })))).toEqual(['eodc'])
  const none = await check(graphOf('AUSTRIAN_TERRAIN', 'GTiff', ['ndvi']))
  expect(none).toMatchObject({
    answer: 'no-member',
    members: [
      { id: 'vito', lacks: [{ nodeId: 'load', what: 'collection', name: 'AUSTRIAN_TERRAIN' }] },
      { id: 'eodc', lacks: [{ nodeId: 'ndvi', what: 'process', name: 'ndvi' }] },
    ],
  })
})

test('it works without a network', async () => {
  aggregator.down()
  const asked = aggregator.requests.length
  expect(able(await check(graphOf('SENTINEL2_L2A', 'GTiff', ['ndvi'])))).toEqual(['vito'])
  expect(aggregator.requests).toHaveLength(asked)
})

test('a member that is lost keeps its collections, and what it shared as well', async () => {
  aggregator.members.get('eodc')?.down()
  await world.refresh(connection.id)
  const own = await check(graphOf('AUSTRIAN_TERRAIN', 'GTiff'))
  expect(own.members.map(({ id, lacks }) => [id, lacks.length > 0])).toEqual([
    ['vito', true],
    ['eodc', false],
  ])
  const shared = await check(graphOf('SENTINEL2_L2A', 'GTiff'))
  expect(shared.members.map(({ id, canRun, lacks }) => [id, canRun, lacks])).toEqual([
    ['vito', true, []],
    ['eodc', true, []],
  ])
})
