/** Promise: what is told of a member is what the catalogue states of everything that the graph uses, and nothing is guessed. */
import { expect, test } from 'vitest'
import { checkFederation, type FederationKnowledge, type Known } from '../../../main/graphs/federation.ts'
import { forceMember } from '../../../main/protocols/forced-member.ts'
import type { FederationMember } from '../../../preload/contract/connections.ts'
import type { ProcessGraph } from '../../../preload/contract/vocabulary.ts'
import { createRandom } from '../../fakes/random.ts'

const memberOf = (id: string, status: FederationMember['status'] = 'online') =>
  ({ id, title: id.toUpperCase(), status }) as FederationMember
const offered = (members: string[] | null, document = {}): Known => ({ members, document })

type Lists = { processes?: Record<string, Known>; collections?: Record<string, Known>; formats?: Record<string, Known> }
const knowledgeOf = (lists: Lists, more: Partial<FederationKnowledge> = {}): FederationKnowledge => ({
  members: [memberOf('vito'), memberOf('eodc', 'offline')],
  statesMembers: true,
  process: (id) => lists.processes?.[id] ?? 'none',
  collection: (id) => lists.collections?.[id] ?? 'none',
  outputFormat: (name) => lists.formats?.[name.toUpperCase()] ?? 'none',
  missing: { processes: [], collections: [], formats: [] },
  ...more,
})
const everything: Lists = {
  processes: {
    load_collection: offered(null),
    save_result: offered(null),
    ndvi: offered(['vito']),
    max: offered(null),
  },
  collections: { S2: offered(null), TERRAIN: offered(['eodc']) },
  formats: { GTIFF: offered(null), ZARR: offered(['eodc']) },
}
const graph = (collection = 'S2', format = 'GTiff', more = {}): ProcessGraph =>
  ({
    load: { process_id: 'load_collection', arguments: { id: collection } },
    ...more,
    save: { process_id: 'save_result', arguments: { data: { from_node: 'load' }, format }, result: true },
  }) as ProcessGraph
const ndvi = { ndvi: { process_id: 'ndvi', arguments: { data: { from_node: 'load' } } } }

test('what all members offer, every member can run', () => {
  const check = checkFederation(graph(), knowledgeOf(everything))
  expect(check.answer).toBe('some-member')
  expect(check.members).toMatchObject([
    { id: 'vito', title: 'VITO', isOnline: true, canRun: true, lacks: [] },
    { id: 'eodc', isOnline: false, canRun: true, lacks: [] },
  ])
  expect(check.nodes).toEqual([])
})

test('a collection of one member and a process of another: no single member', () => {
  const check = checkFederation(graph('TERRAIN', 'gtiff', ndvi), knowledgeOf(everything))
  expect(check.answer).toBe('no-member')
  expect(check.members.map(({ lacks }) => lacks)).toEqual([
    [{ nodeId: 'load', what: 'collection', name: 'TERRAIN' }],
    [{ nodeId: 'ndvi', what: 'process', name: 'ndvi' }],
  ])
  expect(check.nodes).toEqual([
    { nodeId: 'load', name: 'load_collection TERRAIN', members: ['eodc'] },
    { nodeId: 'ndvi', name: 'ndvi', members: ['vito'] },
  ])
})

test('a parameter and an option of a format count where the node uses them', () => {
  const parameters = [{ name: 'data' }, { name: 'options', 'federation:backends': ['eodc'] }]
  const zlevel = { parameters: { zlevel: { 'federation:backends': ['vito'] } } }
  const lists = {
    ...everything,
    processes: { ...everything.processes, save_result: offered(null, { parameters }) },
    formats: { GTIFF: offered(null, zlevel) },
  }
  expect(checkFederation(graph(), knowledgeOf(lists)).nodes).toEqual([])
  const save = { process_id: 'save_result', arguments: { format: 'GTiff', options: { zlevel: 9 } }, result: true }
  const check = checkFederation({ ...graph(), save } as ProcessGraph, knowledgeOf(lists))
  expect(check.answer).toBe('no-member')
  expect(check.members.map(({ lacks }) => lacks[0]?.name)).toEqual(['options', 'options.zlevel'])
})

test('nodes of child graphs and of conditions are judged under their path; the condition that names a member is not', () => {
  const child = { process_graph: { x: { process_id: 'ndvi', arguments: {}, result: true } } }
  const reduce = { process_id: 'max', arguments: { reducer: child } }
  const load = { process_id: 'load_collection', arguments: { id: 'S2', properties: { cloud: child } } }
  const all = { ...graph(), reduce, load } as ProcessGraph
  const { members } = checkFederation(all, knowledgeOf(everything))
  expect(members[1]?.lacks.map(({ nodeId }) => nodeId)).toEqual(['load/properties/cloud/x', 'reduce/reducer/x'])
  const forced = forceMember(graph(), 'vito', { apiVersion: '1.1.0', federationVersion: null }).graph
  expect(checkFederation(forced, knowledgeOf(everything)).answer).toBe('some-member')
})

test("what a user's own process uses counts too, and one that calls itself ends", () => {
  const own = {
    process_graph: { inner: { process_id: 'ndvi', arguments: {} }, again: { process_id: 'own', arguments: {} } },
  }
  const lists = { ...everything, processes: { ...everything.processes, own: offered(null, own) } }
  const { members } = checkFederation(
    graph('S2', 'GTiff', { own: { process_id: 'own', arguments: {} } }),
    knowledgeOf(lists),
  )
  expect(members[1]?.lacks).toEqual([{ nodeId: 'own/own/inner', what: 'process', name: 'ndvi' }])
})

test('unknown: never read, a list without the member, nothing stated anywhere; but who lacks something for sure does', () => {
  const unread = knowledgeOf(everything, { collection: () => 'unknown' })
  expect(checkFederation(graph(), unread).answer).toBe('unknown')
  const missing = { processes: ['eodc'], collections: [], formats: [] }
  const [vito, eodc] = checkFederation(graph('S2', 'GTiff', ndvi), knowledgeOf(everything, { missing })).members
  expect([vito?.canRun, eodc?.canRun, eodc?.lacks]).toEqual([true, false, []])
  expect(checkFederation(graph(), knowledgeOf(everything, { statesMembers: false })).answer).toBe('unknown')
  const lost = knowledgeOf(
    { ...everything, collections: { S2: offered(['eodc']) } },
    { missing: { ...missing, collections: ['eodc'] } },
  )
  expect(checkFederation(graph(), lost).members[1]?.canRun).toBe(true)
  expect(checkFederation(graph('TERRAIN', 'GTiff', ndvi), knowledgeOf(everything, { missing })).answer).toBe('unknown')
})

test('no members: not federated; a graph that is none does not throw', () => {
  expect(checkFederation(graph(), knowledgeOf({}, { members: [] })).answer).toBe('not-federated')
  for (const odd of [{}, { a: null }, { a: { process_id: 7 } }, { a: { process_id: 'x', arguments: [1] } }])
    expect(() => checkFederation(odd as never, knowledgeOf(everything))).not.toThrow()
})

test('a member can run a graph exactly when it offers every part of it', () => {
  const random = createRandom('a member can run a graph')
  for (let round = 0; round < 200; round++) {
    const ids = ['a', 'b', 'c']
    const some = () => ids.filter(() => random.next() < 0.7)
    const processes = Object.fromEntries(
      Array.from({ length: 6 }, (_, i) => [`p${i}`, offered(random.next() < 0.3 ? null : some())]),
    )
    const made = Object.fromEntries(
      Array.from({ length: 1 + Math.floor(random.next() * 8) }, (_, i) => [
        `n${i}`,
        { process_id: `p${Math.floor(random.next() * 6)}`, arguments: {} },
      ]),
    ) as ProcessGraph
    const check = checkFederation(made, knowledgeOf({ processes }, { members: ids.map((id) => memberOf(id)) }))
    const offers = (id: string, process: string) => {
      const known = processes[process] as { members: string[] | null }
      return known.members === null || known.members.includes(id)
    }
    const used = Object.values(made).map((node) => node.process_id as string)
    for (const member of check.members) {
      expect(member.canRun).toBe(used.every((process) => offers(member.id, process)))
      expect(member.lacks.length).toBe(used.filter((process) => !offers(member.id, process)).length)
    }
    expect(check.answer).toBe(check.members.some(({ canRun }) => canRun) ? 'some-member' : 'no-member')
    for (const { nodeId, members } of check.nodes)
      expect(members).toEqual(ids.filter((id) => offers(id, made[nodeId]?.process_id as string)))
  }
})

test('a member is asked for by an option, or by a condition before API 1.2; once more changes nothing', () => {
  const asked = (apiVersion: string, federationVersion: string | null, of = graph()) =>
    forceMember(of, 'eodc', { apiVersion, federationVersion })
  expect(asked('1.2.0', '0.1')).toEqual({
    graph: graph(),
    options: { job_options: { 'federation:force-backend': 'eodc' } },
  })
  expect(asked('1.2.0', null).options).toEqual({
    job_options: { 'federation:force-backend': 'eodc', _agg_force_backend: 'eodc' },
  })
  const old = asked('1.1.0', null)
  expect(old.options).toEqual({})
  expect(old.graph.load).toMatchObject({
    arguments: {
      properties: {
        'federation:backends': { process_graph: { member: { process_id: 'eq', arguments: { y: 'eodc' } } } },
      },
    },
  })
  expect(asked('1.1.0', null, old.graph)).toEqual(old)
  expect(asked('1.0.0', null, ndvi as ProcessGraph).options).toHaveProperty('job_options')
  expect(forceMember(graph(), null, { apiVersion: '1.2.0', federationVersion: '0.1' }).options).toEqual({})
})
