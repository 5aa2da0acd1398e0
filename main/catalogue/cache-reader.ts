/**
 * Reads the catalogue's cache in main: a connection that cannot write and never waits for the process that does.
 * Owns: the connection and the arrays of the search. A file that is not there yet, or goes away, is an empty catalogue;
 * one that is held by another program, or a disk that does not answer, is tried again: only damage costs the cache.
 */

import { existsSync } from 'node:fs'
import type { EntryKind, ListName } from '../../preload/contract/catalogue.ts'
import type { WireError } from '../../preload/contract/errors.ts'
import type { JsonObject } from '../../preload/contract/vocabulary.ts'
import type { Clock } from '../core/clock.ts'
import { type Database, isBeyondUse, openDatabase } from '../core/database.ts'
import { AppError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Migration } from '../core/migrate.ts'
import type { CacheKey } from './messages.ts'
import { unpack } from './pack.ts'
import { decodeSnapshot, type Snapshot } from './snapshot.ts'

export type EntryRow = {
  n: number
  connection_id: string
  list: ListName
  kind: EntryKind
  namespace: string
  id: string
  title: string
  summary: string
  west: number | null
  south: number | null
  east: number | null
  north: number | null
  starts: string | null
  ends: string | null
  has_interval: number
  band_count: number
  resolution_m: number | null
  platforms: string
  members: string
  is_deprecated: number
  is_experimental: number
  is_missing: number
  has_whole: number
  is_stale: number
  whole_at: string | null
  whole_failure: string | null
  as_of: string
  /** Of a document that did not come with the list. */
  document_at: string | null
  is_unseen: number
}
export type ListRow = {
  connection_id: string
  list: ListName
  as_of: string | null
  fresh_until: string | null
  account: string
  missing: string
  failure: string | null
  skipped: string
  is_partial: number
}
export type CacheReader = ReturnType<typeof createCacheReader>

const COLUMNS = `n, connection_id, list, kind, namespace, id, title, summary, west, south, east, north, starts, ends,
  has_interval, band_count, resolution_m, platforms, members, is_deprecated, is_experimental, is_missing, has_whole,
  is_stale, whole_at, whole_failure, as_of, document_at, is_unseen`

type ReaderNeeds = {
  path: string
  migrations: readonly Migration[]
  log: Log
  clock: Pick<Clock, 'setTimer'>
  /** The file was found to be of no use; it is closed here already. */
  damaged: () => void
  /** It could be opened at last, after it could not. */
  openedLate: () => void
  /** What is kept of this connection is not shown now. */
  isHidden: (connectionId: string) => boolean
}
const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 30_000

export function createCacheReader(needs: ReaderNeeds) {
  const { path, migrations, log, clock, damaged, openedLate, isHidden } = needs
  let accounts: ReadonlyMap<string, readonly string[]> | undefined
  let retryMs = FIRST_RETRY_MS
  let disarm: (() => void) | undefined
  let database: Database | undefined
  let snapshot: Snapshot | null | undefined
  let opening: Promise<void> | undefined

  async function openFile(): Promise<void> {
    if (database || !existsSync(path)) return
    try {
      database = (await openDatabase({ path, migrations, log, role: 'reader' })).database
      accounts = undefined
      retryMs = FIRST_RETRY_MS
    } catch (failure) {
      log.warn('The cache of the catalogue cannot be read', { failure })
      if (isBeyondUse(failure)) damaged()
      else retryLater()
    }
  }
  function open(): Promise<void> {
    opening ??= openFile().finally(() => {
      opening = undefined
    })
    return opening
  }
  function retryLater(): void {
    disarm?.()
    disarm = clock.setTimer(retryMs, () => {
      void open().then(() => database && openedLate())
    })
    retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)
  }
  function release(): void {
    database?.close()
    database = undefined
    snapshot = undefined
    accounts = undefined
    disarm?.()
  }
  /** Reads; where there is nothing to read, or no more, `otherwise`. */
  function read<T>(work: (database: Database) => T, otherwise: T): T {
    if (!database) return otherwise
    try {
      return work(database)
    } catch (failure) {
      if (isBeyondUse(failure)) {
        log.error('The cache of the catalogue is damaged', { failure })
        release()
        damaged()
        return otherwise
      }
      throw failure
    }
  }
  const documentOf = (n: number): JsonObject | null =>
    read((open) => {
      const row = open.get<{ body: Uint8Array }>('SELECT body FROM document WHERE n = ?', [n])
      try {
        return row ? unpack(row.body) : null
      } catch (cause) {
        throw new AppError('unreadable-data', 'A document of the catalogue is damaged.', { cause })
      }
    }, null)

  return {
    /** Opens the file where it is there. Twice is once. */
    open,
    release,
    read,
    /** What can be searched is another one. */
    forgetSnapshot(): void {
      snapshot = undefined
      accounts = undefined
    },
    /** Users whose entries may be here, by connection. */
    accounts(): ReadonlyMap<string, readonly string[]> {
      accounts ??= read((open) => {
        const found = new Map<string, string[]>()
        const rows = open.all<{ connection_id: string; account: string }>('SELECT connection_id, account FROM account')
        for (const row of rows) found.set(row.connection_id, [...(found.get(row.connection_id) ?? []), row.account])
        return found
      }, new Map())
      return accounts
    },
    /** Connections that something is kept of. */
    connectionIds: (): string[] =>
      read((open) => open.column<string>('SELECT connection_id FROM entry UNION SELECT connection_id FROM list'), []),
    snapshot(): Snapshot | null {
      if (snapshot === undefined)
        snapshot = read((open) => {
          const row = open.get<{ body: Uint8Array }>('SELECT body FROM snapshot')
          try {
            return row ? decodeSnapshot(row.body) : null
          } catch (cause) {
            throw new AppError('unreadable-data', 'The cache of the catalogue is damaged.', { cause })
          }
        }, null)
      return snapshot
    },
    row: (n: number) => read((open) => open.get<EntryRow>(`SELECT ${COLUMNS} FROM entry WHERE n = ?`, [n]), undefined),
    entry: ({ connectionId, kind, namespace, id }: CacheKey) =>
      read((open) => {
        if (isHidden(connectionId)) return undefined
        return open.get<EntryRow>(
          `SELECT ${COLUMNS} FROM entry WHERE connection_id = ? AND kind = ? AND namespace = ? AND id = ?`,
          [connectionId, kind, namespace, id],
        )
      }, undefined),
    documentOf,
    ids: (connectionId: string, kind: EntryKind, namespace: string): string[] =>
      read((open) => {
        if (isHidden(connectionId)) return []
        return open.column<string>('SELECT id FROM entry WHERE connection_id = ? AND kind = ? AND namespace = ?', [
          connectionId,
          kind,
          namespace,
        ])
      }, []),
    lists: (): ListRow[] => read((open) => open.all<ListRow>('SELECT * FROM list'), []),
    list: (connectionId: string, list: ListName) =>
      read(
        (open) => open.get<ListRow>('SELECT * FROM list WHERE connection_id = ? AND list = ?', [connectionId, list]),
        undefined,
      ),
    count: (connectionId: string, list: ListName): number =>
      read(
        (open) =>
          open.column<number>('SELECT count(*) FROM entry WHERE connection_id = ? AND list = ?', [
            connectionId,
            list,
          ])[0],
        0,
      ) ?? 0,
    entryCount: (connectionId: string): number =>
      read((open) => open.column<number>('SELECT count(*) FROM entry WHERE connection_id = ?', [connectionId])[0], 0) ??
      0,
    counts: (): { connection_id: string; list: ListName; count: number }[] =>
      read(
        (open) => open.all('SELECT connection_id, list, count(*) AS count FROM entry GROUP BY connection_id, list'),
        [],
      ),
    extra({ connectionId, kind, namespace, id }: CacheKey, what: string): { body: JsonObject; asOf: string } | null {
      return read((open) => {
        const row = open.get<{ body: Uint8Array; as_of: string }>(
          `SELECT body, as_of FROM extra
           WHERE connection_id = ? AND kind = ? AND namespace = ? AND id = ? AND what = ?`,
          [connectionId, kind, namespace, id, what],
        )
        return row ? { body: unpack(row.body), asOf: row.as_of } : null
      }, null)
    },
  }
}

/** When the line of an entry was last known to be so: as its list, unless the list did not have it. */
export const asOfEntry = (row: EntryRow, list: ListRow | undefined): string =>
  row.is_missing === 0 && row.is_unseen === 0 && list?.as_of && list.as_of > row.as_of ? list.as_of : row.as_of
/** How old what is shown of an entry is: a document that was read by itself is not younger for being in the list. */
export const shownAsOf = (row: EntryRow, list: ListRow | undefined): string => row.document_at ?? asOfEntry(row, list)
export const failureOf = (json: string | null): WireError | null => (json ? (JSON.parse(json) as WireError) : null)
