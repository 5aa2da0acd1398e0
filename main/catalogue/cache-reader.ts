/**
 * Reads the catalogue's cache in main: a connection that cannot write and never waits for the process that does.
 * Owns: the connection and the arrays of the search. A file that is not there yet, or goes away, is an empty catalogue.
 */

import { existsSync } from 'node:fs'
import type { EntryKind, ListName } from '../../preload/contract/catalogue.ts'
import type { WireError } from '../../preload/contract/errors.ts'
import type { JsonObject } from '../../preload/contract/vocabulary.ts'
import { type Database, openDatabase } from '../core/database.ts'
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
}
export type ListRow = {
  connection_id: string
  list: ListName
  as_of: string | null
  fresh_until: string | null
  account: string
  missing: string
  failure: string | null
}
export type CacheReader = ReturnType<typeof createCacheReader>

const COLUMNS = `n, connection_id, list, kind, namespace, id, title, summary, west, south, east, north, starts, ends,
  has_interval, band_count, resolution_m, platforms, members, is_deprecated, is_experimental, is_missing, has_whole,
  is_stale, whole_at, whole_failure, as_of`

type ReaderNeeds = { path: string; migrations: readonly Migration[]; log: Log; damaged: () => void }
/** `damaged`: the file was found to be of no use; it is closed here already. */
export function createCacheReader({ path, migrations, log, damaged }: ReaderNeeds) {
  let database: Database | undefined
  let snapshot: Snapshot | null | undefined
  let opening: Promise<void> | undefined

  async function openFile(): Promise<void> {
    if (database || !existsSync(path)) return
    try {
      database = (await openDatabase({ path, migrations, log, role: 'reader' })).database
    } catch (failure) {
      log.warn('The cache of the catalogue cannot be read', { failure })
      damaged()
    }
  }
  function release(): void {
    database?.close()
    database = undefined
    snapshot = undefined
  }
  /** Reads; where there is nothing to read, or no more, `otherwise`. */
  function read<T>(work: (database: Database) => T, otherwise: T): T {
    if (!database) return otherwise
    try {
      return work(database)
    } catch (failure) {
      if (failure instanceof AppError && failure.code === 'unreadable-data') {
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
    open(): Promise<void> {
      opening ??= openFile().finally(() => {
        opening = undefined
      })
      return opening
    },
    release,
    read,
    /** What can be searched is another one. */
    forgetSnapshot(): void {
      snapshot = undefined
    },
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
      read(
        (open) =>
          open.get<EntryRow>(
            `SELECT ${COLUMNS} FROM entry WHERE connection_id = ? AND kind = ? AND namespace = ? AND id = ?`,
            [connectionId, kind, namespace, id],
          ),
        undefined,
      ),
    documentOf,
    ids: (connectionId: string, kind: EntryKind, namespace: string): string[] =>
      read(
        (open) =>
          open.column<string>('SELECT id FROM entry WHERE connection_id = ? AND kind = ? AND namespace = ?', [
            connectionId,
            kind,
            namespace,
          ]),
        [],
      ),
    lists: (): ListRow[] => read((open) => open.all<ListRow>('SELECT * FROM list'), []),
    list: (connectionId: string, list: ListName) =>
      read(
        (open) => open.get<ListRow>('SELECT * FROM list WHERE connection_id = ? AND list = ?', [connectionId, list]),
        undefined,
      ),
    hasAny: (connectionId: string): boolean =>
      read(
        (open) =>
          open.get(
            'SELECT 1 FROM entry WHERE connection_id = :id UNION ALL SELECT 1 FROM list WHERE connection_id = :id',
            {
              id: connectionId,
            },
          ) !== undefined,
        false,
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

/** When an entry was last known to be offered: as its list, unless it is missing there. */
export const asOfEntry = (row: EntryRow, list: ListRow | undefined): string =>
  row.is_missing === 0 && list?.as_of && list.as_of > row.as_of ? list.as_of : row.as_of
export const failureOf = (json: string | null): WireError | null => (json ? (JSON.parse(json) as WireError) : null)
