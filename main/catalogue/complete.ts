/**
 * Reads the whole documents of collections whose list is slim: slowly in the background, at once for one that is asked.
 * Owns: what is being read now. Each document is kept as it comes, so that a restart goes on where this stopped.
 */
import type { EntryKey } from '../../preload/contract/catalogue.ts'
import type { Connection } from '../../preload/contract/connections.ts'
import type { ConnectionsFeature } from '../connections/index.ts'
import { type Clock, instant } from '../core/clock.ts'
import { AppError, toWireError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { OpeneoStream } from '../protocols/openeo.ts'
import { type CacheReader, failureOf } from './cache-reader.ts'
import type { Ask } from './process.ts'

type Needs = {
  connections: Pick<ConnectionsFeature, 'session'>
  reader: CacheReader
  ask: Ask
  clock: Clock
  log: Log
  entryChanged(key: EntryKey): void
}
export type Completer = ReturnType<typeof createCompleter>

/** Connections with more collections are completed on demand only. */
const MOST_COLLECTIONS = 500
const AT_ONCE = 2
const BATCH = 40
const DAY_MS = 24 * 3_600_000
const MOST_BYTES = 4_000_000
const GONE: readonly AppError['code'][] = [
  'offline',
  'time-out',
  'signed-out',
  'rate-limited',
  'canceled',
  'not-offered',
]

/** Where the whole document of an entry is; null where the list has all there is. */
export function wholePath({ kind, namespace, id }: Pick<EntryKey, 'kind' | 'namespace' | 'id'>): string | null {
  if (kind === 'collection') return `/collections/${encodeURIComponent(id)}`
  if (kind === 'process' && namespace === 'user') return `/process_graphs/${encodeURIComponent(id)}`
  return null
}

export async function bytesOf(stream: OpeneoStream, mostBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let byteCount = 0
  for await (const part of stream.body) {
    byteCount += part.length
    if (byteCount > mostBytes) {
      stream.cancel()
      throw new AppError('back-end', 'The answer of the server is too long.', { retry: 'never' })
    }
    parts.push(part)
  }
  return Buffer.concat(parts, byteCount)
}

export function createCompleter({ connections, reader, ask, clock, log, entryChanged }: Needs) {
  const reading = new Map<string, Promise<boolean>>()
  const background = new Map<string, AbortController>()
  const dayAgo = () => instant(clock.now() - DAY_MS)

  /** True where what is shown of the entry is another now: its document came in, or could not be read in a new way. */
  async function readWhole(key: EntryKey, priority: 'user' | 'background', signal?: AbortSignal): Promise<boolean> {
    const path = wholePath(key)
    if (path === null) return false
    try {
      const stream = await connections
        .session(key.connectionId)
        .read({ path, headers: { accept: 'application/json' }, signal, priority })
      const bytes = await bytesOf(stream, MOST_BYTES)
      return (await ask('whole', { key, at: instant(clock.now()), bytes })).isKept
    } catch (failure) {
      const isPassing = failure instanceof AppError && GONE.includes(failure.code)
      if (isPassing && priority === 'background') throw failure
      const logRef = log.warn('A document of the catalogue could not be read', { kind: key.kind, id: key.id, failure })
      const told = toWireError(failure, logRef)
      const known = failureOf(reader.entry(key)?.whole_failure ?? null)
      await ask('whole', { key, at: instant(clock.now()), failure: told })
      return known?.code !== told.code || known.serverCode !== told.serverCode
    }
  }
  /** One request for one entry, whoever asks. */
  function once(key: EntryKey, priority: 'user' | 'background', signal?: AbortSignal): Promise<boolean> {
    const name = JSON.stringify([key.connectionId, key.kind, key.namespace, key.id])
    const known = reading.get(name)
    if (known) return known
    const work = readWhole(key, priority, signal).finally(() => reading.delete(name))
    reading.set(name, work)
    return work
  }

  async function completeAll(id: string, signal: AbortSignal): Promise<void> {
    const count = reader.ids(id, 'collection', '').length
    if (count === 0 || count > MOST_COLLECTIONS) return
    for (;;) {
      const ids = await ask('incomplete', { connectionId: id, notSince: dayAgo(), most: BATCH })
      if (ids.length === 0) break
      const work = async () => {
        for (let next = ids.shift(); next !== undefined; next = ids.shift()) {
          if (signal.aborted) return
          await once({ connectionId: id as never, kind: 'collection', namespace: '', id: next }, 'background', signal)
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, work))
      if (signal.aborted) return
    }
    await ask('publish', undefined)
  }

  return {
    /** Begins, or goes on; a connection that cannot be asked any more is left for the next time. */
    start({ id }: Pick<Connection, 'id'>): void {
      if (background.has(id)) return
      const control = new AbortController()
      background.set(id, control)
      completeAll(id, control.signal)
        .catch((failure) => log.info('Documents of the catalogue are read later', { connection: id, failure }))
        .finally(() => {
          if (background.get(id) === control) background.delete(id)
        })
    },
    /** For an entry that is looked at: where its document is not whole, or the last try is a day old. */
    want(key: EntryKey): void {
      const row = reader.entry(key)
      if (!row || wholePath(key) === null) return
      const isRecent = row.whole_at !== null && row.whole_at > dayAgo()
      if (row.has_whole === 1 && row.is_stale === 0 && (row.whole_at === null || isRecent)) return
      if (row.whole_failure !== null && isMomentAgo(row.whole_at)) return
      once(key, 'user')
        .then((isOther) => void (isOther && entryChanged(key)))
        .catch((failure) => log.info('A document of the catalogue is read later', { id: key.id, failure }))
    },
    forget(id: string): void {
      background.get(id)?.abort()
      background.delete(id)
    },
    close(): void {
      for (const control of background.values()) control.abort()
    },
  }
  /** A failure is not tried again by each look at it. */
  function isMomentAgo(at: string | null): boolean {
    return at !== null && at > instant(clock.now() - 30_000)
  }
}
