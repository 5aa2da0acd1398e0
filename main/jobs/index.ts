/**
 * Batch jobs at any back-end.
 * Owns: their rows, sending, following, and what the lists of back-ends tell. Emits: jobs.changed, removed, listRead.
 * Does not: fetch results (library is told that a job has finished), hold tokens (connections).
 */
import type { Connection } from '../../preload/contract/connections.ts'
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
import { isFollowedByList } from './found-jobs.ts'
import type { JobRow } from './job-row.ts'
import { createJobStore } from './job-store.ts'
import { isFinal } from './next-poll.ts'
import { nextStep } from './next-step.ts'
import { createJobLists } from './read-lists.ts'
import { createShownJobs } from './shown-jobs.ts'

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

/** Jobs that are told to the window after one list; as many as its list holds. */
const MOST_TOLD = 1000

export function createJobs({ database, connections, publish, clock, schedule, log }: Needs): JobsFeature {
  const store = createJobStore({ database, clock })
  const finishedListeners: ((job: Job) => void)[] = []
  const shown = createShownJobs({ store, connections, publish, shownAgain: (id) => follow(id) })
  const { announce } = shown
  const steps = createSteps({
    store,
    clock,
    log,
    session: connections.session,
    async dialect(connectionId) {
      const id = connectionId as Job['connectionId']
      const { federationVersion } = await connections.handlers.details({ id })
      return { apiVersion: connections.find(id)?.apiVersion ?? '1.2.0', federationVersion }
    },
  })
  const follower = createFollower({
    store,
    clock,
    schedule,
    log,
    carryOut: steps,
    isEmbedded: (id) => connections.find(id)?.kind === 'embedded',
    isHidden: shown.isHidden,
    changed: tell,
  })
  const lists = createJobLists({
    store,
    connections,
    clock,
    schedule,
    log,
    isHidden: shown.isHidden,
    ask: (id) => void follower.nudge(id),
    read: (list) => publish({ feature: 'jobs', name: 'listRead', payload: list }),
    changed(ids) {
      if (ids.length === 0) return
      shown.refresh()
      // the window lists no more; what comes later is shown when it asks again
      for (const id of ids.slice(0, MOST_TOLD)) {
        const row = store.get(id)
        if (row && !shown.isHidden(id)) announce(row)
      }
    },
  })
  connections.onConnected((connection) => {
    shown.refresh()
    follower.resume(connection.id)
    lists.connected(connection)
  })
  connections.onRemoved((id) => {
    lists.removed(id)
    store.forgetDismissed(id)
    shown.refresh()
  })

  function tell(row: JobRow): void {
    // what is removed here is finished with the back-end in silence
    if (row.removed_at !== null) return
    const job = announce(row)
    if (job.state === 'finished' && job.resultId === null && job.wantsResults)
      for (const listener of finishedListeners) listener(job)
  }
  function follow(id: string): void {
    const row = store.peek(id)
    if (row && !isFollowedByList(row) && !isFinal(row.state)) void follower.nudge(id)
  }
  /** Asks for a job that was found, also one that has ended: its graph and its log are not in the list. */
  async function lookAt(row: JobRow): Promise<void> {
    const step = nextStep(row)
    if (step.do !== 'nothing' || row.remote_id === null || row.origin === 'swath') return follower.nudge(row.id)
    await steps({ do: 'look' }, row)
    const after = store.peek(row.id)
    if (after) tell(after)
  }

  const get = (id: string): JobRow => {
    const row = store.get(id)
    if (!row) throw new AppError('not-found', 'The job is not in the list any more.')
    return row
  }
  /** Ends what is known of it here; a list does not bring it back. */
  function dismiss(row: JobRow): void {
    store.dismiss(row)
    publish({ feature: 'jobs', name: 'removed', payload: { id: row.id as Job['id'] } })
  }
  const changeAndGo = (id: string, change: Parameters<typeof store.change>[1]): Job => {
    const row = store.change(id, change) ?? get(id)
    void follower.nudge(id)
    return announce(row)
  }

  return {
    find: (id) => {
      const row = store.get(id)
      return row && shown.asJob(row)
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
    unfetched: () => store.unfetched().map(shown.asJob),
    resume: () => follower.resume(),
    close() {
      follower.close()
      lists.close()
    },
    handlers: {
      list: async () => shown.list(),
      async submit(job) {
        const connection = connections.find(job.connectionId)
        if (!connection) throw new AppError('not-found', 'The connection is not there any more.')
        const row = store.add({ ...job, federationMember: memberOf(connection, job.federationMember) })
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
          wants_results: 1,
        })
      },
      async cancel({ id }) {
        const row = get(id)
        return isFinal(row.state) ? shown.asJob(row) : changeAndGo(id, { wants: 'cancel' })
      },
      async fetchResults({ id }) {
        const row = get(id)
        if (row.result_id !== null) return shown.asJob(row)
        const after = store.change(id, { wants_results: 1 }) ?? row
        if (isFinal(after.state)) tell(after)
        else void follower.nudge(id)
        return shown.asJob(after)
      },
      async findAtBackEnd({ connectionId }) {
        if (!connections.find(connectionId)) throw new AppError('not-found', 'The connection is not there any more.')
        return lists.readNow(connectionId)
      },
      lists: async () => lists.lists(),
      async remove({ id, from = 'back-end' }) {
        const row = get(id)
        for (const other of shown.behind(id).map(store.peek)) if (other) store.dismiss(other)
        // of a connection that is not there any more nothing can be asked
        if (from === 'list' || !connections.find(row.connection_id)) dismiss(row)
        else {
          store.hide(id)
          publish({ feature: 'jobs', name: 'removed', payload: { id } })
          void follower.nudge(id)
        }
        shown.refresh()
      },
      async logs({ id, after }) {
        get(id)
        return store.logsAfter(id, after)
      },
      async refresh({ id }) {
        await lookAt(get(id))
        return shown.asJob(get(id))
      },
    },
  }
}

/** @throws AppError conflict where the job would run somewhere else than asked for */
function memberOf({ federation }: Pick<Connection, 'federation'>, wanted: string | null): string | null {
  if (wanted === null || federation.length === 0) return null
  if (federation.some(({ id }) => id === wanted)) return wanted
  throw new AppError('conflict', `The federation does not have the member ${wanted} any more. Choose another one.`)
}
