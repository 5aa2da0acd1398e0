/**
 * Batch jobs at any back-end.
 * Owns: their rows, sending, following. Emits: jobs.changed, jobs.removed.
 * Does not: fetch results (library is told that a job has finished), hold tokens (connections).
 */
import type { Handlers } from '../../preload/contract/index.ts'
import type { Job } from '../../preload/contract/jobs.ts'
import type { ConnectionsFeature } from '../connections/index.ts'
import type { Clock } from '../core/clock.ts'
import type { Database } from '../core/database.ts'
import { AppError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Schedule } from '../core/schedule.ts'
import type { Publish } from '../ipc/publish.ts'
import { createSteps } from './carry-out.ts'
import { createFollower } from './follow.ts'
import { createJobStore, type JobRow, toJob } from './job-store.ts'
import { isFinal } from './next-poll.ts'

export type JobsFeature = {
  handlers: Handlers<'jobs'>
  find(id: string): Job | undefined
  /** Called when a job's results can be fetched; again at every start until `claimResult` was said. */
  onFinished(listener: (job: Job) => void): void
  /**
   * Says that this result belongs to the run that has finished; to be called in a transaction. The answer tells the
   * window afterwards; null where the job was started again or removed since, and the result is not wanted any more.
   */
  claimResult(id: string, resultId: string): (() => void) | null
  /** Why the results could not be read, and when it is tried again; null when they could. */
  noteFetching(id: string, trouble: Job['trouble']): void
  /** Finished jobs whose results are not in the library. */
  unfetched(): Job[]
  /** After sleep or when a network is back: every open job is looked at. */
  resume(): void
  close(): void
}
type Needs = {
  database: Database
  connections: ConnectionsFeature
  publish: Publish
  clock: Clock
  schedule: Schedule
  log: Log
}

export function createJobs({ database, connections, publish, clock, schedule, log }: Needs): JobsFeature {
  const store = createJobStore({ database, clock })
  const finishedListeners: ((job: Job) => void)[] = []
  const announce = (row: JobRow): Job => {
    const job = toJob(row)
    publish({ feature: 'jobs', name: 'changed', payload: job })
    return job
  }
  const follower = createFollower({
    store,
    clock,
    schedule,
    log,
    carryOut: createSteps({ store, clock, log, session: connections.session }),
    isEmbedded: (id) => connections.find(id)?.kind === 'embedded',
    changed(row) {
      // what is removed here is finished with the back-end in silence
      if (row.removed_at !== null) return
      const job = announce(row)
      if (job.state === 'finished' && job.resultId === null) for (const listener of finishedListeners) listener(job)
    },
  })
  connections.onConnected(({ id }) => follower.resume(id))

  const get = (id: string): JobRow => {
    const row = store.get(id)
    if (!row) throw new AppError('not-found', 'The job is not in the list any more.')
    return row
  }
  const changeAndGo = (id: string, change: Parameters<typeof store.change>[1]): Job => {
    const row = store.change(id, change) ?? get(id)
    void follower.nudge(id)
    return announce(row)
  }

  return {
    find: (id) => {
      const row = store.get(id)
      return row && toJob(row)
    },
    onFinished: (listener) => finishedListeners.push(listener),
    claimResult(id, resultId) {
      if (!store.claim(id, resultId)) return null
      return () => {
        const row = store.get(id)
        if (row) announce(row)
      }
    },
    noteFetching(id, trouble) {
      const before = store.get(id)
      if (before?.state !== 'finished') return
      const since = before.trouble === null ? null : (JSON.parse(before.trouble) as NonNullable<Job['trouble']>).since
      const kept = trouble && { ...trouble, since: since ?? trouble.since }
      const row = store.change(id, { trouble: kept && JSON.stringify(kept) })
      if (row) announce(row)
    },
    unfetched: () => store.unfetched().map((row) => toJob(row)),
    resume: () => follower.resume(),
    close: () => follower.close(),
    handlers: {
      list: async () => store.list().map((row) => toJob(row)),
      async submit(job) {
        if (!connections.find(job.connectionId))
          throw new AppError('not-found', 'The connection is not there any more.')
        const row = store.add(job)
        void follower.nudge(row.id)
        return announce(row)
      },
      async restart({ id }) {
        const row = get(id)
        // asked for already, and not answered: the same start, of which it may be noted that it was sent
        if (row.wants === 'start' && row.remote_id !== null) return changeAndGo(id, {})
        if (!isFinal(row.state) && row.state !== 'created')
          throw new AppError('conflict', 'The job has not ended yet. Cancel it first.')
        if (row.remote_id === null || row.state === 'gone')
          throw new AppError('conflict', 'The back-end does not have this job. Run it again from the form.')
        store.clearLogs(id)
        return changeAndGo(id, {
          wants: 'start',
          state: 'created',
          progress: null,
          error_message: null,
          result_id: null,
          started_at: null,
          ended_at: null,
          poll_count: 0,
          start_tried_at: null,
          start_from: null,
        })
      },
      async cancel({ id }) {
        const row = get(id)
        return isFinal(row.state) ? toJob(row) : changeAndGo(id, { wants: 'cancel' })
      },
      fetchResults: async ({ id }) => toJob(get(id)),
      async findAtBackEnd({ connectionId }) {
        connections.session(connectionId)
        return { foundCount: 0, missing: [] }
      },
      lists: async () => [],
      async remove({ id }) {
        get(id)
        store.hide(id)
        publish({ feature: 'jobs', name: 'removed', payload: { id } })
        void follower.nudge(id)
      },
      async logs({ id, after }) {
        get(id)
        return store.logsAfter(id, after)
      },
      async refresh({ id }) {
        await follower.nudge(id)
        return toJob(get(id))
      },
    },
  }
}
