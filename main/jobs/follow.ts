/**
 * Follows jobs until they end: takes each row, asks next-step.ts what to do, lets carry-out.ts do it, waits, again.
 * Owns: one timer a job, and what is shown of trouble. Does not: lose a job; rows are read again at every start.
 */
import type { Job } from '../../preload/contract/jobs.ts'
import { type Clock, instant } from '../core/clock.ts'
import { AppError, toWireError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Schedule } from '../core/schedule.ts'
import { isFollowedByList } from './found-jobs.ts'
import type { JobRow } from './job-row.ts'
import type { JobStore } from './job-store.ts'
import { nextPoll } from './next-poll.ts'
import { type NextStep, nextStep } from './next-step.ts'

type Needs = {
  store: JobStore
  clock: Clock
  schedule: Pick<Schedule, 'after' | 'cancel'>
  log: Log
  carryOut: (step: NextStep, row: JobRow) => Promise<void>
  isEmbedded: (connectionId: string) => boolean
  changed: (row: JobRow) => void
  /** The same job is followed through another connection. */
  isHidden: (id: string) => boolean
}
export type Follower = {
  /** Looks at the job at once (after something was asked for), or as soon as what runs for it is done. */
  nudge(id: string): Promise<void>
  /** Takes up every open job of a connection (or of all): at the start, after sleep, when a back-end is back. */
  resume(connectionId?: string): void
  close(): void
}

type Followed = { busy: Promise<void> | null; again: boolean; softErrors: number }

const LONGEST_STUMBLE_MS = 60_000
/** What only the user can put right: not tried again by itself. */
const HOPELESS: readonly AppError['code'][] = [
  'signed-out',
  'consent-needed',
  'forbidden',
  'invalid-input',
  'newer-version',
  'conflict',
]

const keyOf = (id: string) => `job ${id}`

export function createFollower({
  store,
  clock,
  schedule,
  log,
  carryOut,
  isEmbedded,
  changed,
  isHidden,
}: Needs): Follower {
  const followed = new Map<string, Followed>()
  let isClosed = false

  function entry(id: string): Followed {
    const known = followed.get(id) ?? { busy: null, again: false, softErrors: 0 }
    followed.set(id, known)
    return known
  }

  function nudge(id: string): Promise<void> {
    const job = entry(id)
    schedule.cancel(keyOf(id))
    if (job.busy) {
      job.again = true
      return job.busy
    }
    job.busy = work(id, job)
      .catch((failure) => stumble(id, job, failure))
      .finally(() => {
        job.busy = null
        if (job.again && !isClosed) {
          job.again = false
          void nudge(id)
        }
      })
    return job.busy
  }

  /** Step after step, until the job has to wait. */
  async function work(id: string, job: Followed): Promise<void> {
    for (let steps = 0; steps < 20 && !isClosed; steps++) {
      const row = store.peek(id)
      if (!row) return forget(id)
      const step = nextStep(row)
      if (step.do === 'nothing') return settle(id, row)
      if (step.do === 'look' && isHidden(id)) return forget(id)
      try {
        await carryOut(step, row)
        // what was found missing only clears the way for the step that failed: it ends no trouble
        const isOver = step.do !== 'find'
        if (isOver) job.softErrors = 0
        const after = isOver && row.trouble !== null ? store.change(id, { trouble: null }) : store.peek(id)
        if (!after) return forget(id)
        changed(after)
        if (step.do === 'look') return wait(id, job, after)
      } catch (failure) {
        return note(id, job, row, failure)
      }
    }
  }

  /** The rows themselves could not be read or written (a full disk): later again. */
  function stumble(id: string, job: Followed, failure: unknown): void {
    if (isClosed) return
    job.softErrors += 1
    log.error('A job could not be kept', { job: id, failure })
    schedule.after(keyOf(id), LONGEST_STUMBLE_MS, () => nudge(id))
  }

  function forget(id: string): void {
    followed.delete(id)
  }

  function settle(id: string, row: JobRow): void {
    // removed or canceled before anything was sent
    if (row.wants === 'remove') store.forget(id)
    else if (row.wants === 'cancel') {
      const after = store.change(id, { state: 'canceled', wants: null, trouble: null, ended_at: instant(clock.now()) })
      if (after) changed(after)
    }
    forget(id)
  }

  function wait(id: string, job: Followed, row: JobRow): void {
    const decision = nextPoll({
      state: row.state,
      isEmbedded: isEmbedded(row.connection_id),
      polls: row.poll_count,
      softErrors: job.softErrors,
    })
    // jobs that were only found are followed by the list of their back-end
    if (decision.do === 'stop' || isFollowedByList(row)) {
      forget(id)
      return
    }
    schedule.after(keyOf(id), decision.waitMs, () => nudge(id), { needsNetwork: !isEmbedded(row.connection_id) })
  }

  function note(id: string, job: Followed, row: JobRow, failure: unknown): void {
    if (isClosed) return
    job.softErrors += 1
    const logRef = log.warn('A step of a job failed', { job: id, state: row.state, failure })
    const before = row.trouble === null ? null : (JSON.parse(row.trouble) as NonNullable<Job['trouble']>)
    const decision = nextPoll({
      state: row.state === 'waiting' || row.state === 'created' ? 'sending' : row.state,
      isEmbedded: isEmbedded(row.connection_id),
      polls: 0,
      softErrors: job.softErrors,
    })
    const isHopeless = failure instanceof AppError && HOPELESS.includes(failure.code)
    const isByItself = decision.do === 'wait' && !isHopeless && !isFollowedByList(row)
    const waitMs = isByItself ? decision.waitMs : null
    const trouble = {
      error: toWireError(failure, logRef),
      since: before?.since ?? instant(clock.now()),
      nextTryAt: waitMs === null ? null : instant(clock.now() + waitMs),
    }
    const after = store.change(id, { trouble: JSON.stringify(trouble) })
    if (after) changed(after)
    if (waitMs !== null)
      schedule.after(keyOf(id), waitMs, () => nudge(id), { needsNetwork: !isEmbedded(row.connection_id) })
  }

  return {
    nudge,
    resume(connectionId) {
      for (const row of store.open()) {
        if (connectionId === undefined || row.connection_id === connectionId) void nudge(row.id)
      }
    },
    close() {
      isClosed = true
      for (const id of followed.keys()) schedule.cancel(keyOf(id))
    },
  }
}
