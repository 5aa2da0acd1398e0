/** Rows of jobs: bounded logs that keep what matters, queries that use an index, a queue in its order. */
import { expect, test } from 'vitest'
import { openDatabase } from '../../../../main/core/database.ts'
import { createLog, memorySink } from '../../../../main/core/log.ts'
import { JobStore, MOST_LOG_ROWS, TRIM_EVERY } from '../../../../main/local/batch-jobs/job-store.ts'
import { BACK_END_MIGRATIONS } from '../../../../main/local/batch-jobs/schema.ts'
import { createTestClock } from '../../../fakes/clock.ts'

async function newStore() {
  const log = createLog({ sink: memorySink() })
  const { database } = await openDatabase({ path: ':memory:', migrations: BACK_END_MIGRATIONS, log })
  return { database, store: new JobStore(database, createTestClock()) }
}
const job = { title: null, description: null, process: { process_graph: {} }, budget: null, logLevel: 'debug' } as const

test('a log is bounded: the oldest entries go, warnings and errors stay', async () => {
  const { store } = await newStore()
  const made = store.create(job)
  store.log(made, { level: 'error', message: 'the first error' })
  for (let i = 0; i < MOST_LOG_ROWS + 100; i++) store.log(made, { level: 'info', message: `entry ${i}` })
  const logs = store.logs(made, 'debug', 0, 100_000)
  expect(logs.length).toBeLessThanOrEqual(MOST_LOG_ROWS + TRIM_EVERY)
  expect(logs[0]?.message).toBe('the first error')
  expect(logs.at(-1)?.message).toBe(`entry ${MOST_LOG_ROWS + 99}`)
})

test('entries of any size are cut, and data that cannot be JSON are left out', async () => {
  const { store } = await newStore()
  const made = store.create(job)
  store.log(made, { level: 'info', message: 'x'.repeat(1_000_000), data: 'y'.repeat(1_000_000) })
  const [entry] = store.logs(made, 'info', 0, 1)
  expect(entry?.message.length).toBe(10_000)
  expect(JSON.stringify(entry).length).toBeLessThan(11_000)
})

test('the queue keeps its order when a job comes back into it', async () => {
  const { store } = await newStore()
  const ids = [1, 2, 3].map(() => store.create(job).id)
  for (const id of ids.toReversed()) store.enqueue(id)
  expect(store.nextQueued()?.id).toBe(ids[2])
  store.update(ids[2] as string, { status: 'running' })
  expect(store.nextQueued()?.id).toBe(ids[1])
  store.requeue(ids[2] as string)
  expect(store.nextQueued()).toMatchObject({ id: ids[2], interruptions: 1, run: 2 })
})

test('what is asked often is answered from indexes', async () => {
  const { database } = await newStore()
  const plan = (sql: string) =>
    database
      .all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .map(({ detail }) => detail)
      .join('; ')
  expect(plan('SELECT * FROM job WHERE id = 1')).toContain('USING INDEX')
  expect(plan('SELECT * FROM job WHERE seq < 9 ORDER BY seq DESC LIMIT 1')).toContain('PRIMARY KEY')
  expect(
    plan("SELECT * FROM job WHERE status = 'queued' AND queue_place IS NOT NULL ORDER BY queue_place LIMIT 1"),
  ).toMatch(/job_by_status(?!.*TEMP)/)
  expect(plan('SELECT * FROM job_log WHERE job_seq = 1 AND id > 2 AND level <= 3 ORDER BY id LIMIT 9')).toContain(
    'job_log_by_job',
  )
})
