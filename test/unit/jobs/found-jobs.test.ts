/** Promise: a list adds and updates and removes nothing; the same job is one job, in whichever order it was seen. */
import { expect, test } from 'vitest'
import { type KnownJob, MOST_FOUND, planList } from '../../../main/jobs/found-jobs.ts'
import { comparableRoot, findTwins, memberRoot, splitJobId, type TwinRow } from '../../../main/jobs/twins.ts'
import type { RemoteJob } from '../../../main/protocols/openeo.ts'
import { createRandom } from '../../fakes/random.ts'

const NOW = '2026-05-01T00:00:00.000Z'
const remote = (id: string, more: Partial<RemoteJob> = {}): RemoteJob => ({
  id,
  title: id,
  status: 'running',
  progress: 5,
  description: 'x',
  created: '2026-04-01T00:00:00.000Z',
  updated: null,
  graph: null,
  ...more,
})
const known = (remoteId: string | null, more: Partial<KnownJob> = {}): KnownJob => ({
  id: `row-${remoteId}`,
  remote_id: remoteId,
  tag: `swath-${remoteId}`,
  title: remoteId ?? 'mine',
  state: 'running',
  progress: 5,
  updated_at: '2026-04-01T00:00:00.000Z',
  origin: 'back-end',
  wants_results: 0,
  wants: null,
  removed_at: null,
  ...more,
})
const plan = (listed: RemoteJob[], rows: KnownJob[], dismissed: string[] = [], isComplete = true) =>
  planList(listed, rows, new Set(dismissed), isComplete, NOW)

test('new ones are added, changed ones changed, others left; own and dismissed ones are not touched', () => {
  const rows = [known('same'), known('moved'), known('own', { origin: 'swath' }), known('asked', { wants_results: 1 })]
  const listed = ['same', 'moved', 'own', 'asked', 'new', 'removed'].map((id) =>
    remote(id, id === 'same' ? {} : { status: 'finished' }),
  )
  const { add, change, unlisted } = plan([...listed, remote('new')], rows, ['removed'])
  expect(add.map(({ remoteId }) => remoteId)).toEqual(['new'])
  expect(change).toMatchObject([{ id: 'row-moved', found: { state: 'finished', progress: 100 } }])
  expect(unlisted).toEqual([])
})

test('what is not listed is asked for when the list was whole, and only while it is open', () => {
  const rows = [known('open'), known('ended', { state: 'finished' })]
  expect(plan([], rows).unlisted).toEqual(['row-open'])
  expect(plan([], rows, [], false)).toEqual({ add: [], change: [], unlisted: [] })
})

test('a job whose answer is still under way to this computer is nobody else’s', () => {
  const sending = [known(null, { origin: 'swath', state: 'sending', tag: 'swath-7', title: 'NDVI' })]
  expect(plan([remote('j', { description: 'Sent by Swath (swath-7)' })], sending).add).toEqual([])
  expect(plan([remote('j', { description: '', title: 'NDVI' })], sending).add).toEqual([])
  expect(plan([remote('j', { description: 'by others', title: 'NDVI' })], sending).add).toHaveLength(1)
})

test('of very many the newest are kept, and all that are open', () => {
  const many = Array.from({ length: MOST_FOUND + 50 }, (_, i) =>
    remote(`j${i}`, {
      status: i === 0 ? 'running' : 'finished',
      created: new Date(Date.UTC(2020, 0, 1, 0, i)).toISOString(),
    }),
  )
  const { add } = plan(many, [])
  expect(add).toHaveLength(MOST_FOUND + 1)
  expect(add.some(({ remoteId }) => remoteId === 'j0')).toBe(true)
  expect(add.some(({ remoteId }) => remoteId === 'j1')).toBe(false)
})

test('ids of an aggregator are split at the first hyphen, where a member stands before it', () => {
  const members = [{ id: 'vito' }, { id: 'eodc' }]
  expect(splitJobId('vito-j-2404-a', members)).toEqual({ member: 'vito', id: 'j-2404-a' })
  for (const id of ['agg-pj-1', 'vito', 'vito-', '-1', 'vitox-1', '']) expect(splitJobId(id, members)).toBeNull()
})

test('addresses of one API are the same, whatever scheme, slash, version or way they were found by', () => {
  const root = comparableRoot('https://openeo.vito.be/openeo/1.2')
  for (const same of [
    'http://openeo.vito.be/openeo/1.1/',
    'https://OPENEO.vito.be:443/openeo',
    'https://openeo.vito.be/openeo/v1.2.0',
  ])
    expect(comparableRoot(same)).toBe(root)
  expect(comparableRoot('https://openeo.vito.be/other/1.2')).not.toBe(root)
  expect(comparableRoot('no address')).toBe('')
  expect(memberRoot('https://openeo.vito.be', [root])).toBe(root)
  expect(memberRoot('https://host', ['host/a', 'host/b'])).toBe('host')
  expect(memberRoot('https://vito.be', [root])).toBe('vito.be')
})

const federation = [{ id: 'vito', url: 'https://openeo.vito.be/' }] as never
const AGGREGATOR = { id: 'agg' as never, url: 'https://openeo.cloud/openeo/1.2', federation }
const VITO = { id: 'vito' as never, url: 'https://openeo.vito.be/openeo/1.2', federation: [] }
const row = (id: string, connection: string, remoteId: string | null, more: Partial<TwinRow> = {}): TwinRow => ({
  id,
  connection_id: connection,
  remote_id: remoteId,
  origin: 'back-end',
  created_at: NOW,
  identity: null,
  ...more,
})

test('the member’s own row is shown, unless this computer has made the other', () => {
  const both = [row('a', 'agg', 'vito-1'), row('b', 'vito', '1')]
  expect([...findTwins(both, [AGGREGATOR, VITO]).shownFor]).toEqual([['a', 'b']])
  expect(findTwins(both, [AGGREGATOR, VITO]).alsoAt.get('b')).toEqual([{ connectionId: 'agg', remoteId: 'vito-1' }])
  const own = [row('a', 'agg', 'vito-1', { origin: 'swath' }), row('b', 'vito', '1')]
  expect([...findTwins(own, [AGGREGATOR, VITO]).shownFor]).toEqual([['b', 'a']])
})

test('split jobs, jobs of strangers and jobs without an id stay alone', () => {
  const rows = [row('a', 'agg', 'agg-1'), row('b', 'vito', '1'), row('c', 'agg', null), row('d', 'vito', 'agg-1')]
  expect(findTwins(rows, [AGGREGATOR, VITO]).shownFor.size).toBe(0)
})

test('of a connection that is gone, what was known of its jobs hides them behind the one that is left', () => {
  const rows = [row('a', 'agg', 'vito-1'), row('b', 'vito', '1', { origin: 'swath' })]
  const identities = findTwins(rows, [AGGREGATOR, VITO]).identities
  const kept = rows.map((one) => ({ ...one, identity: identities.get(one.id) ?? null }))
  // the aggregator states the address that users type: without the connection it is known by that
  const after = findTwins(kept, [AGGREGATOR])
  expect([...after.shownFor]).toEqual([['b', 'a']])
  expect(after.alsoAt.get('a')).toEqual([])
})

test('two accounts at the member: the instant decides, else each stays alone', () => {
  const second = { ...VITO, id: 'vito2' as never }
  const rows = [row('a', 'agg', 'vito-1'), row('b', 'vito', '1', { created_at: 'x' }), row('c', 'vito2', '1')]
  expect([...findTwins(rows, [AGGREGATOR, VITO, second]).shownFor]).toEqual([['a', 'c']])
  const unclear = rows.map((one) => ({ ...one, created_at: NOW }))
  expect(findTwins(unclear, [AGGREGATOR, VITO, second]).shownFor.size).toBe(0)
})

test('every job is shown once, in whichever order rows and connections come', () => {
  const random = createRandom('every job is shown once')
  for (let round = 0; round < 200; round++) {
    const rows = Array.from({ length: 30 }, (_, i) => {
      const id = Math.floor(random.next() * 12)
      return random.next() < 0.5 ? row(`r${i}`, 'agg', `vito-${id}`) : row(`r${i}`, 'vito', `${id}`)
    }).filter(
      (one, i, all) =>
        all.findIndex((o) => o.connection_id === one.connection_id && o.remote_id === one.remote_id) === i,
    )
    const { shownFor } = findTwins(rows, [AGGREGATOR, VITO])
    const shuffled = [...rows].sort(() => random.next() - 0.5)
    const other = findTwins(shuffled, [VITO, AGGREGATOR])
    expect(new Map([...shownFor].sort())).toEqual(new Map([...other.shownFor].sort()))
    const shown = rows.filter(({ id }) => !shownFor.has(id)).map(({ remote_id }) => remote_id?.replace('vito-', ''))
    expect(new Set(shown).size).toBe(shown.length)
    expect(new Set(shown)).toEqual(new Set(rows.map(({ remote_id }) => remote_id?.replace('vito-', ''))))
  }
})
