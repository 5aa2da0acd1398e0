/**
 * Keeps the lists of the connections up to date: when somebody connects, when the user asks, when they are old; one
 * reading at a time for each connection, as one user: where another one is there meanwhile, it begins again.
 * Owns: what is being read now, and how the last try of each list went. Does not: parse (the process does).
 */
import { LIST_NAMES, type ListName, type ListState } from '../../preload/contract/catalogue.ts'
import type { Connection } from '../../preload/contract/connections.ts'
import type { WireError } from '../../preload/contract/errors.ts'
import type { ConnectionsFeature } from '../connections/index.ts'
import { type Clock, instant } from '../core/clock.ts'
import { AppError, toWireError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { accountOf } from './accounts.ts'
import { type CacheReader, failureOf, type ListRow } from './cache-reader.ts'
import type { Skipped } from './messages.ts'
import { canRead, FRESH_MS, lacksWhoIsBack } from './plan-reading.ts'
import type { Ask } from './process.ts'
import { readList } from './read-list.ts'

type Needs = {
  connections: Pick<ConnectionsFeature, 'find' | 'session' | 'all'>
  reader: CacheReader
  ask: Ask
  clock: Clock
  log: Log
  /** What is kept of the connection is another user's. */
  isHidden(id: string): boolean
  dropOthers(id: string, account: string): Promise<void>
  listChanged(state: ListState): void
  /** All lists were looked at; the connection still answers. */
  done(connection: Connection): void
}
/** `asked`: by the user, everything; `connected`: what is old or failed; `time`: what is old, and failures not too often. */
type Why = 'asked' | 'connected' | 'time'
type Queued = { why: Why; isCanceled: boolean; promise: Promise<void> }
type Run = {
  why: Why
  /** As whom it reads; null: as nobody, and not what belongs to somebody. */
  account: string | null
  promise: Promise<void>
  control: AbortController
  isCanceled: boolean
  queued: Queued | null
}
type Live = {
  isReading: boolean
  readCount: number
  count?: number | undefined
  failure?: WireError | null
  triedAtMs?: number
}
export type Refresher = ReturnType<typeof createRefresher>

/** The back-end as a whole cannot be asked: the other lists need not be tried. */
const GONE: readonly AppError['code'][] = ['offline', 'time-out', 'signed-out', 'untrusted-certificate', 'canceled']
const NONE_SKIPPED: Skipped = { noId: 0, double: 0, refused: 0 }
const MOST_BEGINNINGS = 10
const KINDS: readonly Connection['kind'][] = ['embedded', 'openeo']

const canceled = () => new AppError('canceled', 'The reading of the lists was canceled.')

export function createRefresher(needs: Needs) {
  const { connections, reader, ask, clock, log, isHidden, dropOthers, listChanged, done } = needs
  const runs = new Map<string, Run>()
  const live = new Map<string, Live>()

  const liveOf = (connectionId: string, list: ListName): Live => {
    const key = `${connectionId} ${list}`
    const known = live.get(key) ?? { isReading: false, readCount: 0 }
    live.set(key, known)
    return known
  }
  function stateOf(connection: Connection, list: ListName, count?: number): ListState {
    const now = liveOf(connection.id, list)
    now.count = count ?? now.count ?? reader.count(connection.id, list)
    const isOthers = isHidden(connection.id)
    const row = isOthers ? undefined : reader.list(connection.id, list)
    return {
      connectionId: connection.id,
      list,
      isOffered: connection.offers.includes(list),
      count: isOthers ? 0 : now.count,
      asOf: row?.as_of ?? null,
      missing: row ? (JSON.parse(row.missing) as string[]) : [],
      isReading: now.isReading,
      readCount: now.readCount,
      failure: now.failure === undefined ? failureOf(row?.failure ?? null) : now.failure,
      skipped: row ? (JSON.parse(row.skipped) as Skipped) : NONE_SKIPPED,
      isPartial: row?.is_partial === 1,
    }
  }
  function announce(id: string, list: ListName): void {
    const connection = connections.find(id)
    if (connection) listChanged(stateOf(connection, list))
  }

  const isStill = (id: string, { account }: Pick<Run, 'account'>): boolean => {
    const connection = connections.find(id)
    return connection !== undefined && accountOf(connection) === account
  }
  function isWanted(connection: Connection, list: ListName, row: ListRow | undefined, run: Run): boolean {
    if (run.why === 'asked') return true
    const isSame = row !== undefined && row.account === (run.account ?? '')
    const isFresh = isSame && row.failure === null && (row.fresh_until ?? '') > instant(clock.now())
    if (run.why === 'connected')
      return !isFresh || lacksWhoIsBack(JSON.parse(row.missing) as string[], connection.federation)
    const { triedAtMs } = liveOf(connection.id, list)
    return !isFresh && (triedAtMs === undefined || clock.monotonicMs() - triedAtMs >= FRESH_MS)
  }
  /** The list of a user whose session has ended stays as it is: as nobody, it would lose what is the user's. */
  function leaveAsIs(connection: Connection, list: ListName): AppError | null {
    if (connection.signIn !== 'expired') return null
    const failure = new AppError(
      'sign-in-expired',
      'The session has ended. Sign in again to have this list read again.',
    )
    liveOf(connection.id, list).failure = toWireError(failure, '')
    announce(connection.id, list)
    return failure
  }

  async function readOne(connection: Connection, list: ListName, run: Run): Promise<AppError | null> {
    const now = liveOf(connection.id, list)
    const row = reader.list(connection.id, list)
    if (!isWanted(connection, list, row, run)) return null
    if (run.account === null && row && row.account !== '') return leaveAsIs(connection, list)
    now.triedAtMs = clock.monotonicMs()
    Object.assign(now, { isReading: true, readCount: 0 })
    announce(connection.id, list)
    try {
      const { count } = await readList(connection, list, {
        account: run.account ?? '',
        isStill: () => isStill(connection.id, run),
        session: connections.session(connection.id),
        ask,
        clock,
        signal: run.control.signal,
        progress(readCount) {
          now.readCount = readCount
          announce(connection.id, list)
        },
      })
      Object.assign(now, { count, failure: null })
      return null
    } catch (failure) {
      const isCanceled = run.control.signal.aborted || (failure instanceof AppError && failure.code === 'canceled')
      const logRef = isCanceled
        ? ''
        : log.warn('A list could not be read', { connection: connection.id, list, failure })
      const told = isCanceled ? null : toWireError(failure, logRef)
      if (told) now.failure = told
      const given = { connectionId: connection.id, list, failure: told }
      const counted = await ask('abandonList', given).catch(() => null)
      if (counted) now.count = counted.count
      return failure instanceof AppError ? failure : new AppError('bug', 'Swath met an error that it does not know.')
    } finally {
      now.isReading = false
      await ask('publish', undefined).catch(() => {})
      announce(connection.id, list)
    }
  }

  async function readAll(id: string, run: Run): Promise<void> {
    const connection = connections.find(id)
    if (!connection) throw new AppError('not-found', 'The connection is not there any more.')
    if (!KINDS.includes(connection.kind)) return
    connections.session(id)
    if (run.account !== null) {
      await dropOthers(id, run.account)
      for (const list of LIST_NAMES) liveOf(id, list).count = undefined
    }
    const failures: AppError[] = []
    const readable = LIST_NAMES.filter((list) => canRead(connection, list))
    for (const list of readable) {
      if (run.control.signal.aborted || !isStill(id, run)) throw canceled()
      const failure = await readOne(connection, list, run)
      if (failure) failures.push(failure)
      if (failure && GONE.includes(failure.code)) throw failure
    }
    if (connection.offers.length > 0)
      for (const list of LIST_NAMES)
        if (!connection.offers.includes(list) && reader.list(id, list))
          await ask('dropList', { connectionId: id, list })
    await ask('publish', undefined)
    const [first] = failures
    if (first && failures.length === readable.length) throw first
    done(connection)
  }

  /** Reads as whoever is there; where that is another user at the end, again. */
  async function readUntilSame(id: string, run: Run): Promise<void> {
    for (let n = 1; ; n++) {
      const connection = connections.find(id)
      run.account = connection ? accountOf(connection) : null
      run.control = new AbortController()
      const failure = await readAll(id, run).then(
        () => null,
        (reason: unknown) => reason,
      )
      if (run.isCanceled) throw canceled()
      if (n >= MOST_BEGINNINGS || !connections.find(id) || (isStill(id, run) && !run.control.signal.aborted)) {
        if (failure) throw failure
        return
      }
    }
  }
  function begin(id: string, why: Why): Promise<void> {
    const run: Run = {
      why,
      account: null,
      control: new AbortController(),
      isCanceled: false,
      queued: null,
      promise: Promise.resolve(),
    }
    runs.set(id, run)
    const tidy = () => {
      if (runs.get(id) === run && run.queued === null) runs.delete(id)
    }
    run.promise = readUntilSame(id, run)
    run.promise.then(tidy, tidy)
    return run.promise
  }
  /** Now, or after what is under way. */
  function beginNext(id: string, why: Why): Promise<void> {
    const current = runs.get(id)
    if (!current) return begin(id, why)
    if (current.queued) {
      if (why === 'asked') current.queued.why = why
      return current.queued.promise
    }
    const queued: Queued = { why, isCanceled: false, promise: Promise.resolve() }
    current.queued = queued
    queued.promise = current.promise
      .catch(() => {})
      .then(() => {
        if (queued.isCanceled) throw canceled()
        return begin(id, queued.why)
      })
    return queued.promise
  }
  function cancel(id: string): void {
    const run = runs.get(id)
    if (!run) return
    if (run.queued) run.queued.isCanceled = true
    run.queued = null
    run.isCanceled = true
    run.control.abort()
  }

  return {
    /** One reading at a time; whoever asks while one is under way gets the one after it. */
    refresh: (id: string): Promise<void> => beginNext(id, 'asked'),
    /** Reads what is old. What is under way goes on, unless it reads as somebody who is not there any more. */
    refreshOld(id: string): Promise<void> {
      const current = runs.get(id)
      if (!current) return begin(id, 'connected')
      if (!current.isCanceled && !isStill(id, current)) current.control.abort()
      return current.promise
    },
    /** What was kept is lost: reads it again, after the reading that is under way, since that one began with what is lost. */
    startOver: (id: string): Promise<void> => beginNext(id, 'connected'),
    /** Reads what has become old, at the connections that answer. */
    refreshByTime(): void {
      for (const connection of connections.all()) {
        const { id, kind, state } = connection
        if (!KINDS.includes(kind) || state !== 'connected' || runs.has(id)) continue
        const account = accountOf(connection)
        if (account === null) continue
        const run = { why: 'time', account } as Run
        const isDue = LIST_NAMES.some(
          (list) => canRead(connection, list) && isWanted(connection, list, reader.list(id, list), run),
        )
        if (isDue)
          begin(id, 'time').catch((failure) => log.info('Lists are read again later', { connection: id, failure }))
      }
    },
    /** What is under way, and what waits for it. */
    cancel,
    isReading: (id: string) => runs.has(id),
    forget(id: string): void {
      cancel(id)
      for (const list of LIST_NAMES) live.delete(`${id} ${list}`)
    },
    states(connectionId: string | null): ListState[] {
      const counts = new Map(reader.counts().map((row) => [`${row.connection_id} ${row.list}`, row.count]))
      return connections
        .all()
        .filter(({ id, kind }) => KINDS.includes(kind) && (connectionId === null || id === connectionId))
        .flatMap((connection) =>
          LIST_NAMES.map((list) => stateOf(connection, list, counts.get(`${connection.id} ${list}`) ?? 0)),
        )
    },
    close(): void {
      for (const id of runs.keys()) cancel(id)
    },
  }
}
