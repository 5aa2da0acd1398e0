/**
 * Reads the lists of jobs of the back-ends, so that jobs of other programs appear and are followed.
 * Owns: when a list is read, and one reading at a time of a connection. Does not: decide what it means (found-jobs.ts).
 * Pace: when a back-end answers or somebody signs in, then every ten minutes; sooner while jobs are open that only the
 * list tells of, because one list costs less than a call for each. A list that takes long is read less often.
 */
import type { Connection } from '../../preload/contract/connections.ts'
import type { Job, JobList } from '../../preload/contract/jobs.ts'
import type { ConnectionsFeature } from '../connections/index.ts'
import { type Clock, instant } from '../core/clock.ts'
import { AppError, toWireError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Schedule } from '../core/schedule.ts'
import * as openeo from '../protocols/openeo.ts'
import { isFollowedByList, isOpen, planList } from './found-jobs.ts'
import type { JobStore } from './job-store.ts'

type Needs = {
  store: JobStore
  connections: Pick<ConnectionsFeature, 'find' | 'session'>
  clock: Clock
  schedule: Pick<Schedule, 'after' | 'cancel'>
  log: Log
  /** Ids of rows that were added or changed. */
  changed: (ids: readonly string[]) => void
  /** Open, and not in the list: the back-end is asked for this one. */
  ask: (id: string) => void
  read: (list: JobList) => void
  isHidden: (id: string) => boolean
}
export type ListReading = { foundCount: number; missing: string[] }
export type JobLists = ReturnType<typeof createJobLists>

const IDLE_MS = 10 * 60_000
const BUSY_MS = 15_000
const LONGEST_BUSY_MS = 60_000
const FRESH_MS = 60_000
/** Part of the time that a back-end may spend on lists. */
const MOST_LOAD = 1 / 10
/** Rows that are written without giving way: some milliseconds. */
const ROWS_AT_ONCE = 200

const keyOf = (connectionId: string) => `jobs of ${connectionId}`

export function createJobLists({ store, connections, clock, schedule, log, changed, ask, read, isHidden }: Needs) {
  const lists = new Map<string, JobList>()
  const underWay = new Map<string, Promise<ListReading>>()
  const rounds = new Map<string, number>()
  let isClosed = false

  function readNow(connectionId: string): Promise<ListReading> {
    schedule.cancel(keyOf(connectionId))
    const same = underWay.get(connectionId)
    if (same) return same
    const reading = readList(connectionId).finally(() => underWay.delete(connectionId))
    underWay.set(connectionId, reading)
    return reading
  }

  async function readList(connectionId: string): Promise<ListReading> {
    const beganMs = clock.monotonicMs()
    const session = connections.session(connectionId)
    try {
      const { jobs, missing, failure } = await openeo.jobList(session)
      if (isClosed || !connections.find(connectionId)) return { foundCount: 0, missing }
      const foundCount = await keep(connectionId, jobs, missing.length === 0 && failure === null)
      tell(connectionId, missing, failure)
      later(connectionId, clock.monotonicMs() - beganMs)
      return { foundCount, missing }
    } catch (failure) {
      if (!isClosed) {
        tell(connectionId, lists.get(connectionId)?.missing ?? [], failure)
        // what only the user can put right is tried again when the connection has changed
        const isHopeless =
          failure instanceof AppError && ['signed-out', 'forbidden', 'not-found'].includes(failure.code)
        if (!isHopeless) wait(connectionId, IDLE_MS)
      }
      throw failure
    }
  }

  async function keep(connectionId: string, listed: readonly openeo.RemoteJob[], isComplete: boolean): Promise<number> {
    const now = instant(clock.now())
    const known = store.knownOf(connectionId)
    const plan = planList(listed, known, store.dismissed(connectionId), isComplete, now)
    const ids: string[] = []
    for (let from = 0; from < plan.add.length; from += ROWS_AT_ONCE) {
      if (from > 0) await new Promise((resolve) => setImmediate(resolve))
      ids.push(...store.addFound(connectionId, plan.add.slice(from, from + ROWS_AT_ONCE)))
    }
    const foundCount = ids.length
    ids.push(...store.changeFound(plan.change))
    if (ids.length > 0) rounds.delete(connectionId)
    changed(ids)
    for (const id of plan.unlisted) if (!isHidden(id)) ask(id)
    return foundCount
  }

  function tell(connectionId: string, missing: string[], failure: unknown): void {
    const logRef =
      failure === null
        ? ''
        : log.info('The jobs of a back-end could not be read', { connection: connectionId, failure })
    const list: JobList = {
      connectionId: connectionId as Job['connectionId'],
      asOf: instant(clock.now()),
      missing,
      failure: failure === null ? null : toWireError(failure, logRef),
    }
    lists.set(connectionId, list)
    read(list)
  }

  /** Jobs are open that nothing but this list tells of. */
  const isBusy = (connectionId: string): boolean =>
    store.knownOf(connectionId).some((row) => isFollowedByList(row) && isOpen(row.state) && !isHidden(row.id))

  function later(connectionId: string, tookMs: number): void {
    const round = rounds.get(connectionId) ?? 0
    rounds.set(connectionId, round + 1)
    const busyMs = Math.min(BUSY_MS * 1.25 ** Math.min(round, 20), LONGEST_BUSY_MS)
    wait(connectionId, Math.max(isBusy(connectionId) ? busyMs : IDLE_MS, tookMs / MOST_LOAD))
  }

  function wait(connectionId: string, waitMs: number): void {
    if (isClosed) return
    const isEmbedded = connections.find(connectionId)?.kind === 'embedded'
    // meanwhile the open jobs may have been found at their member as well, whose list tells of them
    const run = () =>
      waitMs < IDLE_MS && !isBusy(connectionId) ? wait(connectionId, IDLE_MS - waitMs) : quietly(connectionId)
    schedule.after(keyOf(connectionId), waitMs, run, { needsNetwork: !isEmbedded })
  }

  async function quietly(connectionId: string): Promise<void> {
    const connection = connections.find(connectionId)
    if (connection && isReadable(connection)) await readNow(connectionId).catch(() => undefined)
  }

  return {
    /** @throws AppError where the list could not be read at all */
    readNow,
    connected(connection: Connection): void {
      const last = lists.get(connection.id)
      const isFresh = last?.failure === null && clock.now() - Date.parse(last.asOf) < FRESH_MS
      if (!isFresh) void quietly(connection.id)
    },
    removed(connectionId: string): void {
      schedule.cancel(keyOf(connectionId))
      lists.delete(connectionId)
    },
    lists: (): JobList[] => [...lists.values()],
    close(): void {
      isClosed = true
      for (const connectionId of lists.keys()) schedule.cancel(keyOf(connectionId))
    },
  }
}

/** The back-end has jobs, and is there, and this account may ask. */
const isReadable = ({ kind, state, signIn, offers }: Connection): boolean =>
  (kind === 'openeo' || kind === 'embedded') &&
  state === 'connected' &&
  (signIn === 'signed-in' || signIn === 'not-needed') &&
  offers.includes('batch-jobs')
