/** Whether a job was made at a back-end is told by a whole list alone: of another one it is not made again. */
import { expect, test } from 'vitest'
import { systemClock } from '../../../main/core/clock.ts'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { createSteps } from '../../../main/jobs/carry-out.ts'
import type { JobRow } from '../../../main/jobs/job-row.ts'
import type { JobStore } from '../../../main/jobs/job-store.ts'
import type { OpeneoSession } from '../../../main/protocols/openeo.ts'

function find(pages: Record<string, unknown>, row: Partial<JobRow> = {}) {
  const changes: object[] = []
  const session = {
    rootUrl: 'https://api.example',
    send: async ({ path }: { path: string }) => ({ status: 200, header: () => null, body: pages[path] }),
  } as unknown as OpeneoSession
  const carryOut = createSteps({
    store: { change: (_id: string, change: object) => void changes.push(change) } as unknown as JobStore,
    clock: systemClock,
    log: createLog({ sink: memorySink() }),
    session: () => session,
    dialect: () => expect.unreachable('nothing is made'),
  })
  const sent = { id: 'one', connection_id: 'c', tag: 'swath-7', title: 'NDVI', federation_member: null, ...row }
  return { changes, done: carryOut({ do: 'find' }, sent as JobRow) }
}
const other = { id: 'job-1', description: 'Sent by Swath (swath-1)' }

test('a whole list without the job: it may be made', async () => {
  const { changes, done } = find({ '/jobs': { jobs: [other], links: [] } })
  await done
  expect(changes).toEqual([{ state: 'waiting' }])
})

test.each([
  [
    'ends early',
    { '/jobs': { jobs: [other], links: [{ rel: 'next', href: 'https://elsewhere.example/jobs' }] } },
    null,
  ],
  ['lacks a member', { '/jobs': { jobs: [other], links: [], 'federation:missing': ['b'] } }, null],
  ['lacks the member that was asked', { '/jobs': { jobs: [], links: [], 'federation:missing': ['b'] } }, 'b'],
])('a list that %s does not tell that the job was not made', async (_what, pages, federation_member) => {
  const { changes, done } = find(pages, { federation_member })
  await expect(done).rejects.toMatchObject({ code: 'back-end', retry: 'later' })
  expect(changes).toEqual([])
})

test('the member that was asked is in the list: others may be missing', async () => {
  const { changes, done } = find(
    { '/jobs': { jobs: [], links: [], 'federation:missing': ['b'] } },
    { federation_member: 'a' },
  )
  await done
  expect(changes).toEqual([{ state: 'waiting' }])
})

test('a job that such a list names is found', async () => {
  const { changes, done } = find({
    '/jobs': {
      jobs: [{ id: 'job-7', status: 'created', description: 'Sent by Swath (swath-7)' }],
      links: [],
      'federation:missing': ['b'],
    },
  })
  await done
  expect(changes).toMatchObject([{ state: 'created', remote_id: 'job-7' }])
})
