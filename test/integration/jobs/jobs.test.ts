/**
 * Jobs at a back-end that fails at every moment: each job is made once, started once, followed to its end, and what the
 * user asked for is done after a crash as well.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ConnectionsFeature } from '../../../main/connections/index.ts'
import { systemClock } from '../../../main/core/clock.ts'
import { type Database, openDatabase } from '../../../main/core/database.ts'
import { AppError } from '../../../main/core/errors.ts'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { createSchedule } from '../../../main/core/schedule.ts'
import { createJobs, type JobsFeature } from '../../../main/jobs/index.ts'
import { applicationMigrations } from '../../../main/migrations/index.ts'
import type { OpeneoRequest, OpeneoSession } from '../../../main/protocols/openeo.ts'
import type { AppEvent } from '../../../preload/contract/index.ts'
import type { Job } from '../../../preload/contract/jobs.ts'
import { createTestClock, type TestClock } from '../../fakes/clock.ts'
import { type FakeBackEnd, startBackEnd } from '../../fakes/openeo-back-end.ts'

const sink = memorySink()
const log = createLog({ sink })
let backEnd: FakeBackEnd
let database: Database
let clock: TestClock
const opened: JobsFeature[] = []

/** One request, as the HTTP policy sends it, without its retries: the features must cope with a failure. */
async function send(rootUrl: string, request: OpeneoRequest) {
  const answer = await fetch(rootUrl + request.path, {
    method: request.method,
    headers: { authorization: `Bearer basic//${backEnd.token}`, 'content-type': 'application/json' },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
  }).catch((cause) => {
    throw new AppError('offline', 'The back-end did not answer.', { cause })
  })
  const text = await answer.text()
  const body: unknown = text ? JSON.parse(text) : null
  if (!answer.ok) {
    const { code, message } = body as { code: string; message: string }
    const known = { 404: 'not-found', 429: 'rate-limited' } as const
    const kind = known[answer.status as keyof typeof known] ?? (answer.status < 500 ? 'invalid-input' : 'back-end')
    throw new AppError(kind, message, { serverCode: code })
  }
  return { status: answer.status, header: (name: string) => answer.headers.get(name), body }
}

/** Jobs over the same database, as after a start of the application. `until` waits for an event, never for a time. */
function open() {
  const session: OpeneoSession = {
    rootUrl: backEnd.url,
    send: (request) => send(backEnd.url, request),
    read: () => Promise.reject(new Error('nothing of jobs is read in pieces')),
  }
  const waiting: { test: (job: Job) => boolean; done: (job: Job) => void }[] = []
  let connected: (connection: never) => void = () => {}
  const connections = {
    find: () => ({ kind: 'openeo', federation: [] }),
    all: () => [],
    onRemoved: () => {},
    session: () => session,
    onConnected: (listener: typeof connected) => {
      connected = listener
    },
  } as unknown as ConnectionsFeature
  const seen: Job[] = []
  const publish = (event: AppEvent) => {
    if (event.feature !== 'jobs' || event.name !== 'changed') return
    seen.push(event.payload)
    for (const waiter of waiting) if (waiter.test(event.payload)) waiter.done(event.payload)
  }
  const schedule = createSchedule({ clock, log, random: () => 0.5 })
  const jobs = createJobs({ database, connections, publish, clock, schedule, log })
  opened.push(jobs)
  const until = (test: (job: Job) => boolean) =>
    new Promise<Job>((done) => {
      const last = seen.at(-1)
      if (last && test(last)) done(last)
      else waiting.push({ test, done })
    })
  /** Lets time pass until the job is so. */
  const follow = async (test: (job: Job) => boolean): Promise<Job> => {
    let found: Job | undefined
    void until(test).then((job) => {
      found = job
    })
    for (let minutes = 0; minutes < 300 && !found; minutes++) await clock.advance(5_000)
    if (!found) throw new Error(`never so; last seen: ${JSON.stringify(seen.at(-1))}`)
    return found
  }
  return { jobs, until, follow, seen, connect: () => connected({ id: 'c' } as never) }
}

const newJob = (title = 'NDVI') => ({
  connectionId: 'c' as Job['connectionId'],
  title,
  graph: { one: { process_id: 'constant', arguments: { x: 1 }, result: true } },
  collectionId: null,
  recipeId: null,
  areaId: null,
  federationMember: null,
})
const hasState = (state: Job['state']) => (job: Job) => job.state === state

beforeEach(async () => {
  backEnd = await startBackEnd()
  clock = realPaced(createTestClock(systemClock.now()))
  database = (await openDatabase({ path: ':memory:', migrations: applicationMigrations, log })).database
})
afterEach(async () => {
  for (const jobs of opened.splice(0)) jobs.close()
  await backEnd.close()
  database.close()
})

/** Real requests take real time: before time is moved, whatever answers are under way may arrive. */
function realPaced(inner: TestClock): TestClock {
  return Object.assign(Object.create(inner) as TestClock, {
    async advance(byMs: number) {
      for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve))
      await inner.advance(byMs)
    },
  })
}

test('a job is made, started, followed and told as finished, with its logs', async () => {
  const { jobs, follow } = open()
  const finished: Job[] = []
  jobs.onFinished((job) => finished.push(job))
  const id = (await jobs.handlers.submit(newJob())).id as Job['id']
  const job = await follow(hasState('finished'))
  expect(job).toMatchObject({ id, remoteId: 'job-1', progress: 100, trouble: null })
  expect(finished.map((entry) => entry.id)).toEqual([id])
  expect((await jobs.handlers.logs({ id, after: null })).map((entry) => entry.message)).toEqual(['look 1', 'look 2'])
  expect(backEnd.jobs.get('job-1')).toMatchObject({ starts: 1, title: 'NDVI' })
})

test('an answer that was lost does not make a second job', async () => {
  backEnd.fail('POST /jobs', 'lose-answer')
  const { jobs, follow } = open()
  await jobs.handlers.submit(newJob())
  await follow(hasState('finished'))
  expect(backEnd.jobs.size).toBe(1)
  expect(backEnd.count('POST /jobs')).toBe(1)
})

test('a request that never arrived is sent again', async () => {
  backEnd.fail('POST /jobs', 'cut', 'cut')
  const { jobs, follow } = open()
  await jobs.handlers.submit(newJob())
  await follow(hasState('finished'))
  expect(backEnd.jobs.size).toBe(1)
})

test('a lost answer to the start does not start twice', async () => {
  backEnd.fail('POST /jobs/{id}/results', 'lose-answer', 'cut')
  const { jobs, follow } = open()
  await jobs.handlers.submit(newJob())
  await follow(hasState('finished'))
  expect(backEnd.jobs.get('job-1')?.starts).toBe(1)
})

test('a start whose answer was lost is not sent again where the job has ended since', async () => {
  backEnd.script = ['finished']
  backEnd.fail('POST /jobs/{id}/results', 'lose-answer')
  const { jobs, follow } = open()
  await jobs.handlers.submit(newJob())
  expect(await follow(hasState('finished'))).toMatchObject({ trouble: null })
  expect(backEnd.jobs.get('job-1')?.starts).toBe(1)
})

test.each([
  { told: 'with', hasUpdated: true, fault: 'lose-answer', starts: 2, isDoubtful: false },
  { told: 'with', hasUpdated: true, fault: 'cut', starts: 2, isDoubtful: false },
  { told: 'without', hasUpdated: false, fault: 'lose-answer', starts: 2, isDoubtful: true },
  // nobody can tell the old end from a new one: what would cost twice is not sent
  { told: 'without', hasUpdated: false, fault: 'cut', starts: 1, isDoubtful: true },
] as const)(
  'a job $told a time of change that is started again ($fault) has $starts starts in all',
  async ({ hasUpdated, fault, starts, isDoubtful }) => {
    backEnd.hasUpdated = hasUpdated
    backEnd.script = ['finished']
    const { jobs, follow, seen } = open()
    const { id } = (await jobs.handlers.submit(newJob())) as Job
    await follow(hasState('finished'))
    backEnd.fail('POST /jobs/{id}/results', fault)
    const lines = sink.lines.length
    const again = await jobs.handlers.restart({ id })
    expect(again.state).toBe('created')
    await follow((job) => job.state === 'finished' && job.revision > again.revision)
    expect(backEnd.jobs.get('job-1')?.starts).toBe(starts)
    expect(seen.at(-1)?.trouble).toBeNull()
    const doubts = sink.lines.slice(lines).filter(({ message }) => message.includes('is not sent again'))
    expect(doubts).toHaveLength(isDoubtful ? 1 : 0)
    // the next wish is a new one
    await jobs.handlers.restart({ id })
    await follow((job) => job.state === 'created')
    await follow(hasState('finished'))
    expect(backEnd.jobs.get('job-1')?.starts).toBe(starts + 1)
  },
)

test('a start that the back-end turned away is sent again, also where no time of change is told', async () => {
  backEnd.hasUpdated = false
  backEnd.script = ['finished']
  const { jobs, follow } = open()
  const { id } = (await jobs.handlers.submit(newJob())) as Job
  await follow(hasState('finished'))
  backEnd.fail('POST /jobs/{id}/results', { status: 429 }, { status: 429 })
  await jobs.handlers.restart({ id })
  await follow((job) => job.trouble !== null)
  await follow(hasState('finished'))
  expect(backEnd.jobs.get('job-1')?.starts).toBe(2)
})

test('a job that is found again and was started by other means is not started from here', async () => {
  backEnd.script = ['finished']
  backEnd.fail('POST /jobs', 'lose-answer')
  const { jobs, follow } = open()
  await jobs.handlers.submit(newJob())
  await follow((job) => job.trouble !== null)
  const remote = backEnd.jobs.get('job-1')
  if (remote) remote.status = 'finished'
  await follow(hasState('finished'))
  expect(backEnd.count('POST /jobs/{id}/results')).toBe(0)
})

test('a start that was open when the marks came in counts as tried', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'swath-jobs-'))
  const path = join(folder, 'swath.sqlite')
  const old = (await openDatabase({ path, migrations: applicationMigrations.filter(({ number }) => number < 70), log }))
    .database
  const add = `INSERT INTO job (id, connection_id, tag, title, state, graph, wants, remote_id, created_at, updated_at)
               VALUES (?, 'c', ?, 'NDVI', ?, '{}', 'start', ?, '2026-01-01', '2026-01-02')`
  old.run(add, ['sent', 'tag-1', 'created', 'job-1'])
  old.run(add, ['unsent', 'tag-2', 'waiting', null])
  old.close()
  const next = (await openDatabase({ path, migrations: applicationMigrations, log })).database
  const marks = next.all('SELECT id, start_tried_at, start_from FROM job ORDER BY id')
  next.close()
  rmSync(folder, { recursive: true })
  expect(marks).toEqual([
    { id: 'sent', start_tried_at: '2026-01-02', start_from: null },
    { id: 'unsent', start_tried_at: null, start_from: null },
  ])
})

test('a start that is called off while the job is looked at before is not sent', async () => {
  backEnd.script = ['finished']
  const { jobs, follow } = open()
  const { id } = (await jobs.handlers.submit(newJob())) as Job
  await follow(hasState('finished'))
  const looks = backEnd.count('GET /jobs/{id}')
  const held = Promise.withResolvers<void>()
  backEnd.hold = held.promise
  await jobs.handlers.restart({ id })
  while (backEnd.count('GET /jobs/{id}') === looks) await new Promise((resolve) => setImmediate(resolve))
  await jobs.handlers.cancel({ id })
  backEnd.hold = null
  held.resolve()
  await jobs.handlers.refresh({ id })
  expect(database.get('SELECT wants FROM job')).toEqual({ wants: null })
  expect(backEnd.jobs.get('job-1')?.starts).toBe(1)
})

test('a start that is asked for again while its answer is missing is the same start', async () => {
  backEnd.script = ['finished']
  backEnd.fail('POST /jobs/{id}/results', 'lose-answer')
  const { jobs, follow } = open()
  const { id } = (await jobs.handlers.submit(newJob())) as Job
  await follow((job) => job.trouble !== null)
  await jobs.handlers.restart({ id })
  await follow(hasState('finished'))
  expect(backEnd.jobs.get('job-1')?.starts).toBe(1)
})

test.each(['fresh', 'again'])('a kill between the start (%s) and its row does not start twice', async (kind) => {
  backEnd.script = ['finished']
  const before = open()
  const id = (await before.jobs.handlers.submit(newJob())).id as Job['id']
  if (kind === 'again') await before.follow(hasState('finished'))
  const earlier = backEnd.count('POST /jobs/{id}/results')
  const write = database.durable
  const marks: number[] = []
  const killed = new Promise<void>((done) => {
    database.durable = (work) => {
      const sent = backEnd.count('POST /jobs/{id}/results')
      if (sent > earlier) {
        before.jobs.close()
        done()
        throw new Error('killed')
      }
      const result = write(work)
      if (database.get('SELECT 1 FROM job WHERE start_tried_at IS NOT NULL')) marks.push(sent)
      return result
    }
  })
  if (kind === 'again') await before.jobs.handlers.restart({ id })
  await killed
  expect(marks).toEqual([earlier]) // on the disk before the request
  expect(database.get('SELECT state, wants FROM job')).toEqual({ state: 'created', wants: 'start' })
  database.durable = write

  const after = open()
  after.connect()
  await after.follow(hasState('finished'))
  expect(backEnd.jobs.get('job-1')?.starts).toBe(earlier + 1)
  expect(database.get('SELECT start_tried_at, start_from FROM job')).toEqual({ start_tried_at: null, start_from: null })
})

test('a job that cannot be made is tried less and less often, and its trouble keeps its beginning', async () => {
  backEnd.fail('POST /jobs', ...Array.from({ length: 8 }, () => ({ status: 500 })))
  const { jobs, until } = open()
  const { id } = (await jobs.handlers.submit(newJob())) as Job
  const gaps: number[] = []
  let nextTryAt: string | null = null
  let since: string | undefined
  for (let tries = 1; tries <= 7; tries++) {
    const { trouble } = await until((job) => job.trouble !== null && job.trouble.nextTryAt !== nextTryAt)
    expect(backEnd.count('POST /jobs')).toBe(tries)
    since ??= trouble?.since
    expect(trouble?.since).toBe(since)
    nextTryAt = trouble?.nextTryAt ?? null
    const gapMs = Date.parse(nextTryAt ?? '') - clock.now()
    gaps.push(gapMs)
    await clock.advance(gapMs - 1)
    expect(backEnd.count('POST /jobs')).toBe(tries)
    await clock.advance(1)
  }
  expect(gaps).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000])
  // canceled before it was made: the trouble is over too
  await until((job) => job.trouble !== null && job.trouble.nextTryAt !== nextTryAt)
  await jobs.handlers.cancel({ id })
  expect(await until(hasState('canceled'))).toMatchObject({ trouble: null })
})

test.each(['waiting', 'sending', 'created', 'queued', 'running'])(
  'after a crash in state %s the job goes on',
  async (state) => {
    const before = open()
    if (state === 'sending') backEnd.fail('POST /jobs', 'lose-answer')
    if (state === 'waiting') backEnd.fail('POST /jobs', 'cut')
    if (state === 'created') backEnd.fail('POST /jobs/{id}/results', 'cut')
    backEnd.script = ['queued', 'running', 'running', 'running', 'finished']
    const id = (await before.jobs.handlers.submit(newJob())).id as Job['id']
    await before.follow((job) => job.state === state || job.trouble !== null)
    before.jobs.close() // nothing more is written: as after kill -9

    const after = open()
    after.connect()
    await after.follow(hasState('finished'))
    expect(after.jobs.find(id)).toMatchObject({ state: 'finished' })
    expect(backEnd.jobs.size).toBe(1)
    expect(backEnd.jobs.get('job-1')?.starts).toBe(1)
  },
)

test('while the back-end is away the job says so and goes on by itself', async () => {
  const { jobs, follow } = open()
  backEnd.fail('GET /jobs/{id}', 'cut', { status: 503 }, { status: 502 })
  await jobs.handlers.submit(newJob())
  const troubled = await follow((job) => job.trouble !== null)
  expect(troubled.trouble).toMatchObject({ error: { code: 'offline' }, nextTryAt: expect.any(String) })
  const since = troubled.trouble?.since
  const again = await follow((job) => job.trouble !== null && job.revision > troubled.revision)
  expect(again.trouble?.since).toBe(since)
  expect((await follow(hasState('finished'))).trouble).toBeNull()
})

test('a graph that the back-end refuses is an error of the job, said in the back-end’s words, and not sent again', async () => {
  backEnd.fail('POST /jobs', { status: 400, code: 'ProcessUnsupported', message: 'There is no process foo.' })
  const { jobs, follow } = open()
  await jobs.handlers.submit(newJob())
  expect(await follow(hasState('error'))).toMatchObject({ errorMessage: 'There is no process foo.', remoteId: null })
  await clock.advance(600_000)
  expect(backEnd.count('POST /jobs')).toBe(1)
})

test('a job that fails tells the last error of its log', async () => {
  backEnd.script = ['queued', 'error']
  const { jobs, follow } = open()
  await jobs.handlers.submit(newJob())
  expect(await follow(hasState('error'))).toMatchObject({ errorMessage: 'look 1' })
})

test('canceling stops it at the back-end; removing removes it there too', async () => {
  backEnd.script = ['queued', 'running', 'running', 'running', 'running', 'running']
  const { jobs, follow } = open()
  const id = (await jobs.handlers.submit(newJob())).id as Job['id']
  await follow(hasState('running'))
  await jobs.handlers.cancel({ id })
  await follow(hasState('canceled'))
  await jobs.handlers.remove({ id })
  expect(await jobs.handlers.list()).toEqual([])
  await clock.advance(1000)
  expect(backEnd.jobs.size).toBe(0)
})

test('a removal asked for while the back-end is away is done after a restart', async () => {
  const before = open()
  const id = (await before.jobs.handlers.submit(newJob())).id as Job['id']
  await before.follow(hasState('finished'))
  backEnd.fail('DELETE /jobs/{id}', 'cut')
  await before.jobs.handlers.remove({ id })
  await clock.advance(10)
  before.jobs.close()
  const after = open()
  after.connect()
  for (let turns = 0; turns < 50 && backEnd.jobs.size > 0; turns++) await clock.advance(5000)
  expect(backEnd.jobs.size).toBe(0)
})

test('a job that the back-end has lost is gone, and stays in the list', async () => {
  const { jobs, follow } = open()
  backEnd.script = ['queued', 'running', 'running', 'running', 'running', 'running']
  await jobs.handlers.submit(newJob())
  await follow(hasState('running'))
  backEnd.jobs.clear()
  await follow(hasState('gone'))
  expect(await jobs.handlers.list()).toHaveLength(1)
})

test('a cancel that is asked for while the start is answered is not lost', async () => {
  backEnd.script = ['queued', ...Array.from({ length: 100 }, () => 'running')]
  const { jobs, follow, seen } = open()
  const { id } = (await jobs.handlers.submit(newJob())) as Job
  while (seen.at(-1)?.state !== 'created') await new Promise((resolve) => setImmediate(resolve))
  await jobs.handlers.cancel({ id }) // the request to start is under way
  await follow(hasState('canceled'))
  expect(['created', 'canceled']).toContain(backEnd.jobs.get('job-1')?.status)
})

test('a job that is removed while it is looked at does not come back to the list, and goes at the back-end too', async () => {
  backEnd.script = ['queued', ...Array.from({ length: 100 }, () => 'running')]
  const { jobs, follow, seen } = open()
  const { id } = (await jobs.handlers.submit(newJob())) as Job
  await follow(hasState('running'))
  const looking = jobs.handlers.refresh({ id }).catch(() => {})
  const before = seen.length
  await jobs.handlers.remove({ id })
  await looking
  for (let turns = 0; turns < 50 && backEnd.jobs.size > 0; turns++) await clock.advance(5000)
  expect(backEnd.jobs.size).toBe(0)
  expect(seen.slice(before)).toEqual([])
  expect(database.get('SELECT count(*) AS n FROM job')).toEqual({ n: 0 })
})

test('a removal that is asked for while the cancel is answered is not lost', async () => {
  backEnd.script = ['queued', ...Array.from({ length: 100 }, () => 'running')]
  const { jobs, follow } = open()
  const { id } = (await jobs.handlers.submit(newJob())) as Job
  await follow(hasState('running'))
  await jobs.handlers.cancel({ id })
  await jobs.handlers.remove({ id })
  for (let turns = 0; turns < 50 && backEnd.jobs.size > 0; turns++) await clock.advance(5000)
  expect(backEnd.jobs.size).toBe(0)
})

test('a log that cannot be read hides no state', async () => {
  backEnd.fail('GET /jobs/{id}/logs', ...Array.from({ length: 20 }, () => ({ status: 500 })))
  const { jobs, follow, seen } = open()
  await jobs.handlers.submit(newJob())
  await follow(hasState('finished'))
  expect(seen.filter(({ trouble }) => trouble !== null)).toEqual([])
})

test('a job that is told as created for a while after its start is followed on', async () => {
  backEnd.script = ['created']
  const { jobs, follow } = open()
  await jobs.handlers.submit(newJob())
  // the back-end itself only goes on with jobs that it holds as queued
  for (let turns = 0; turns < 5; turns++) await clock.advance(10_000)
  const remote = backEnd.jobs.get('job-1')
  backEnd.script = ['running', 'running', 'finished']
  if (remote) remote.status = 'running'
  await follow(hasState('finished'))
})

test('a job whose description the list leaves out is found again by asking for it', async () => {
  backEnd.fail('POST /jobs', 'lose-answer')
  backEnd.hasSlimJobs = true
  const { jobs, follow } = open()
  await jobs.handlers.submit(newJob())
  await follow(hasState('finished'))
  expect(backEnd.jobs.size).toBe(1)
})

test('entries of a log without ids are all kept, in order and once', async () => {
  backEnd.hasLogIds = false
  backEnd.script = ['queued', 'running', 'running', 'finished']
  const { jobs, follow } = open()
  const { id } = (await jobs.handlers.submit(newJob())) as Job
  await follow(hasState('finished'))
  const messages = (await jobs.handlers.logs({ id, after: null })).map((entry) => entry.message)
  expect(messages).toEqual(['look 1', 'look 2', 'look 3'])
})

test('a full disk stops no job for good', async () => {
  const { jobs, follow } = open()
  const write = database.durable
  let refusals = 3
  database.durable = (work) => {
    if (refusals-- > 0) throw new AppError('disk-full', 'The disk is full: the change was not saved.')
    return write(work)
  }
  await expect(jobs.handlers.submit(newJob())).rejects.toMatchObject({ code: 'disk-full' })
  refusals = 0
  await jobs.handlers.submit(newJob())
  refusals = 2
  await follow(hasState('finished'))
  expect(backEnd.jobs.size).toBe(1)
})

test('the queries that run all the time use an index', () => {
  const planOf = (sql: string) =>
    database
      .all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .map((row) => row.detail)
      .join('\n')
  expect(planOf('SELECT * FROM job WHERE removed_at IS NULL ORDER BY created_at DESC LIMIT 10')).toContain('job_kept')
  // the window asks for these every three seconds while a job runs
  const logs = planOf(
    `SELECT id, level, message, time, code FROM job_log
     WHERE job_id = 'a' AND position > coalesce((SELECT position FROM job_log WHERE job_id = 'a' AND id = 'x'), 0)
     ORDER BY position LIMIT 5000`,
  )
  expect(logs).toContain('PRIMARY KEY (job_id=? AND position>?)')
  expect(logs).toContain('job_log_by_id')
  expect(logs).not.toMatch(/SCAN|TEMP B-TREE/)
  expect(planOf(`SELECT id FROM job_log WHERE job_id = 'a' ORDER BY position DESC LIMIT 1`)).not.toMatch(/SCAN|TEMP/)
  expect(planOf(`SELECT * FROM result_asset WHERE result_id = 'a' ORDER BY position`)).not.toContain('SCAN')
  expect(planOf(`SELECT DISTINCT state FROM result_asset WHERE result_id = 'a'`)).not.toContain('SCAN')
})
