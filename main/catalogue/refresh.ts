/**
 * Keeps the lists of the connections up to date: when somebody connects, when the user asks, one reading at a time for
 * each connection.
 * Owns: what is being read now, and how the last try of each list went. Does not: parse (the process does).
 */
import { LIST_NAMES, type ListName, type ListState } from '../../preload/contract/catalogue.ts'
import type { Connection } from '../../preload/contract/connections.ts'
import type { WireError } from '../../preload/contract/errors.ts'
import type { ConnectionsFeature } from '../connections/index.ts'
import { type Clock, instant } from '../core/clock.ts'
import { AppError, toWireError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { type CacheReader, failureOf } from './cache-reader.ts'
import { accountOf, canRead, lacksWhoIsBack } from './plan-reading.ts'
import type { Ask } from './process.ts'
import { readList } from './read-list.ts'

type Needs = {
  connections: Pick<ConnectionsFeature, 'find' | 'session' | 'all'>
  reader: CacheReader
  ask: Ask
  clock: Clock
  log: Log
  listChanged(state: ListState): void
  /** All lists were looked at; the connection still answers. */
  done(connection: Connection): void
}
type Run = { isForced: boolean; promise: Promise<void>; control: AbortController; next: Promise<void> | null }
type Live = { isReading: boolean; readCount: number; count?: number; failure?: WireError | null }
export type Refresher = ReturnType<typeof createRefresher>

/** The back-end as a whole cannot be asked: the other lists need not be tried. */
const GONE: readonly AppError['code'][] = ['offline', 'time-out', 'signed-out', 'untrusted-certificate', 'canceled']
const KINDS: readonly Connection['kind'][] = ['embedded', 'openeo']

export function createRefresher({ connections, reader, ask, clock, log, listChanged, done }: Needs) {
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
    const row = reader.list(connection.id, list)
    return {
      connectionId: connection.id,
      list,
      isOffered: connection.offers.includes(list),
      count: now.count,
      asOf: row?.as_of ?? null,
      missing: row ? (JSON.parse(row.missing) as string[]) : [],
      isReading: now.isReading,
      readCount: now.readCount,
      failure: now.failure === undefined ? failureOf(row?.failure ?? null) : now.failure,
    }
  }
  function announce(id: string, list: ListName): void {
    const connection = connections.find(id)
    if (connection) listChanged(stateOf(connection, list))
  }

  async function readOne(connection: Connection, list: ListName, run: Run): Promise<AppError | null> {
    const now = liveOf(connection.id, list)
    const row = reader.list(connection.id, list)
    const isSameAccount = row !== undefined && row.account === accountOf(connection)
    const isFresh = isSameAccount && row.failure === null && (row.fresh_until ?? '') > instant(clock.now())
    const missing = row ? (JSON.parse(row.missing) as string[]) : []
    if (!run.isForced && isFresh && !lacksWhoIsBack(missing, connection.federation)) return null
    Object.assign(now, { isReading: true, readCount: 0 })
    announce(connection.id, list)
    try {
      const { count } = await readList(connection, list, isSameAccount, {
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
    const failures: AppError[] = []
    const readable = LIST_NAMES.filter((list) => canRead(connection, list))
    for (const list of readable) {
      if (run.control.signal.aborted) throw new AppError('canceled', 'The reading of the lists was canceled.')
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

  function begin(id: string, isForced: boolean): Promise<void> {
    const run: Run = { isForced, control: new AbortController(), next: null, promise: Promise.resolve() }
    runs.set(id, run)
    const tidy = () => {
      if (runs.get(id) === run && run.next === null) runs.delete(id)
    }
    run.promise = readAll(id, run)
    run.promise.then(tidy, tidy)
    return run.promise
  }

  return {
    /** One reading at a time; whoever asks while one is under way gets the one after it. */
    refresh(id: string): Promise<void> {
      const current = runs.get(id)
      if (!current) return begin(id, true)
      current.next ??= current.promise.catch(() => {}).then(() => begin(id, true))
      return current.next
    },
    /** Reads what is old; does nothing while something is read. */
    refreshOld(id: string): Promise<void> {
      return runs.get(id)?.promise ?? begin(id, false)
    },
    /** What was kept is lost: reads it again, after the reading that is under way, since that one began with what is lost. */
    startOver(id: string): Promise<void> {
      const current = runs.get(id)
      if (!current) return begin(id, false)
      current.next ??= current.promise.catch(() => {}).then(() => begin(id, false))
      return current.next
    },
    cancel(id: string): void {
      runs.get(id)?.control.abort()
    },
    isReading: (id: string) => runs.has(id),
    forget(id: string): void {
      runs.get(id)?.control.abort()
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
      for (const { control } of runs.values()) control.abort()
    },
  }
}
