/**
 * Writes the catalogue's cache: entries, their documents, their words, lists and pages.
 * Owns: every table of the cache; runs in the catalogue's process alone. Does not: fetch, or decide when.
 * Each entry is right by itself, so that a reading that breaks off leaves nothing wrong.
 */
import { createHash } from 'node:crypto'
import type { ListName } from '../../preload/contract/catalogue.ts'
import type { WireError } from '../../preload/contract/errors.ts'
import type { Database } from '../core/database.ts'
import { judgeAbsent, type ListedEntry } from './list-entries.ts'
import type { CacheKey, ReadingEnd } from './messages.ts'
import { pack } from './pack.ts'
import { type EntryFields, idKey, membersOf, readEntry, sortKey } from './read-entry.ts'
import { buildSnapshot, encodeSnapshot, type SnapshotRow } from './snapshot.ts'

type KnownRow = { n: number; list_hash: Uint8Array; has_whole: number; is_missing: number }
export type PageRow = { etag: string; next: string | null; missing: string; entries: Uint8Array }
export type CacheWriter = ReturnType<typeof createCacheWriter>

const KNOWN = `SELECT n, list_hash, has_whole, is_missing FROM entry
  WHERE connection_id = ? AND kind = ? AND namespace = ? AND id = ?`
const FIELDS = `title = :title, sort_key = :sort_key, summary = :summary, west = :west, south = :south, east = :east,
  north = :north, starts = :starts, ends = :ends, has_interval = :has_interval, band_count = :band_count,
  resolution_m = :resolution_m, bands = :bands, platforms = :platforms, members = :members,
  is_deprecated = :is_deprecated, is_experimental = :is_experimental, has_whole = :has_whole, as_of = :as_of`
const INSERT = `INSERT INTO entry (connection_id, list, kind, namespace, id, id_key, title, sort_key, summary, west, south,
  east, north, starts, ends, has_interval, band_count, resolution_m, bands, platforms, members, is_deprecated,
  is_experimental, list_hash, has_whole, as_of)
  VALUES (:connection_id, :list, :kind, :namespace, :id, :id_key, :title, :sort_key, :summary, :west, :south, :east,
  :north, :starts, :ends, :has_interval, :band_count, :resolution_m, :bands, :platforms, :members, :is_deprecated,
  :is_experimental, :list_hash, :has_whole, :as_of)`

function columnsOf(fields: EntryFields, asOf: string) {
  const [west = null, south = null, east = null, north = null] = fields.bbox ?? []
  return {
    title: fields.title,
    sort_key: sortKey(fields.title),
    summary: fields.summary,
    west,
    south,
    east,
    north,
    starts: fields.interval?.[0]?.slice(0, 64) ?? null,
    ends: fields.interval?.[1]?.slice(0, 64) ?? null,
    has_interval: fields.interval !== null,
    band_count: fields.bandCount,
    resolution_m: fields.resolutionM,
    bands: JSON.stringify(fields.bands),
    platforms: JSON.stringify(fields.platforms),
    members: JSON.stringify(fields.members),
    is_deprecated: fields.isDeprecated,
    is_experimental: fields.isExperimental,
    has_whole: fields.hasWhole,
    as_of: asOf,
  }
}

export function createCacheWriter(database: Database) {
  // a long list in one go: the log goes into the file every 32 MB instead of every 4
  database.get('PRAGMA wal_autocheckpoint = 8000')
  function writeWords(n: number, { words }: EntryFields): void {
    database.run('INSERT INTO words (rowid, id, title, keywords, bands, description) VALUES (?, ?, ?, ?, ?, ?)', [
      n,
      words.id,
      words.title,
      words.keywords,
      words.bands,
      words.description,
    ])
  }
  function rewrite(n: number, fields: EntryFields, bytes: Uint8Array, asOf: string): void {
    database.run(`UPDATE entry SET ${FIELDS} WHERE n = :n`, { ...columnsOf(fields, asOf), n })
    database.run('UPDATE document SET body = ? WHERE n = ?', [pack(bytes), n])
    database.run('DELETE FROM words WHERE rowid = ?', [n])
    writeWords(n, fields)
  }
  function remove(n: number): void {
    database.run('DELETE FROM words WHERE rowid = ?', [n])
    database.run('DELETE FROM document WHERE n = ?', [n])
    database.run('DELETE FROM entry WHERE n = ?', [n])
  }

  return {
    tx: database.tx,
    /** The row of an entry of a list, and whether it was written at all. `bytes`: the entry as JSON. */
    keep(connectionId: string, list: ListName, entry: ListedEntry, bytes: Uint8Array, asOf: string) {
      const { kind, namespace, id, document } = entry
      const hash = createHash('sha1').update(bytes).digest()
      const known = database.get<KnownRow>(KNOWN, [connectionId, kind, namespace, id])
      if (known && hash.equals(known.list_hash)) {
        if (known.is_missing) database.run('UPDATE entry SET is_missing = 0 WHERE n = ?', [known.n])
        return { n: known.n, isChanged: known.is_missing === 1 }
      }
      const fields = readEntry(kind, id, document)
      if (list === 'user-processes') fields.hasWhole = 'process_graph' in document
      if (!known) {
        const { lastId: n } = database.run(INSERT, {
          ...columnsOf(fields, asOf),
          connection_id: connectionId,
          list,
          kind,
          namespace,
          id,
          id_key: idKey(id),
          list_hash: hash,
        })
        database.run('INSERT INTO document (n, body) VALUES (?, ?)', [n, pack(bytes)])
        writeWords(n, fields)
        return { n, isChanged: true }
      }
      database.run('UPDATE entry SET list = ?, list_hash = ?, is_stale = has_whole, is_missing = 0 WHERE n = ?', [
        list,
        hash,
        known.n,
      ])
      // the whole document says more than the list, even when it is older; it is asked for again
      if (known.has_whole && !fields.hasWhole)
        database.run('UPDATE entry SET members = ?, is_deprecated = ?, is_experimental = ?, as_of = ? WHERE n = ?', [
          JSON.stringify(fields.members),
          fields.isDeprecated,
          fields.isExperimental,
          asOf,
          known.n,
        ])
      else {
        rewrite(known.n, fields, bytes, asOf)
        database.run('UPDATE entry SET is_stale = 0 WHERE n = ?', [known.n])
      }
      return { n: known.n, isChanged: true }
    },

    /** The whole document of one entry came in. False where the entry is not known any more. */
    keepWhole(key: CacheKey, document: Record<string, unknown>, bytes: Uint8Array, at: string): boolean {
      return database.tx(() => {
        const known = database.get<KnownRow & { members: string; list: string }>(
          `SELECT n, members, list FROM entry WHERE connection_id = ? AND kind = ? AND namespace = ? AND id = ?`,
          [key.connectionId, key.kind, key.namespace, key.id],
        )
        if (!known) return false
        const fields = readEntry(key.kind, key.id, document)
        // an aggregator states the members in the list, and not always again in the document
        const members = membersOf(document)
        if (members.length === 0) fields.members = JSON.parse(known.members) as string[]
        rewrite(known.n, { ...fields, hasWhole: true }, bytes, at)
        database.run('UPDATE entry SET whole_at = ?, whole_failure = NULL, is_stale = 0 WHERE n = ?', [at, known.n])
        return true
      })
    },
    wholeFailed(key: CacheKey, failure: WireError, at: string): void {
      database.run(
        `UPDATE entry SET whole_at = ?, whole_failure = ?
         WHERE connection_id = ? AND kind = ? AND namespace = ? AND id = ?`,
        [at, JSON.stringify(failure), key.connectionId, key.kind, key.namespace, key.id],
      )
    },
    incomplete: (connectionId: string, notSince: string, most: number): string[] =>
      database
        .all<{ id: string }>(
          `SELECT id FROM entry WHERE connection_id = ? AND list = 'collections' AND is_missing = 0
             AND (has_whole = 0 OR is_stale = 1) AND (whole_at IS NULL OR whole_at < ?)
           ORDER BY n LIMIT ?`,
          [connectionId, notSince, most],
        )
        .map((row) => row.id),

    /** What the reading did not see goes, or stays as missing. Answers how many entries the list has. */
    finish(connectionId: string, list: ListName, seen: ReadonlySet<number>, end: ReadingEnd): number {
      return database.tx(() => {
        const before = database.get<{ as_of: string | null }>(
          'SELECT as_of FROM list WHERE connection_id = ? AND list = ?',
          [connectionId, list],
        )
        const rows = database.all<{ n: number; members: string; is_missing: number }>(
          'SELECT n, members, is_missing FROM entry WHERE connection_id = ? AND list = ?',
          [connectionId, list],
        )
        for (const { n, members, is_missing } of rows) {
          if (seen.has(n)) {
            if (is_missing) database.run('UPDATE entry SET is_missing = 0 WHERE n = ?', [n])
          } else if (judgeAbsent(JSON.parse(members) as string[], end.missing) === 'gone') remove(n)
          else if (!is_missing)
            database.run('UPDATE entry SET is_missing = 1, as_of = max(as_of, coalesce(?, as_of)) WHERE n = ?', [
              before?.as_of ?? null,
              n,
            ])
        }
        database.run(
          `INSERT INTO list (connection_id, list, as_of, fresh_until, account, missing) VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT (connection_id, list) DO UPDATE SET as_of = excluded.as_of, fresh_until = excluded.fresh_until,
             account = excluded.account, missing = excluded.missing, failure = NULL`,
          [connectionId, list, end.asOf, end.freshUntil, end.account, JSON.stringify(end.missing)],
        )
        return countOf(connectionId, list)
      })
    },
    abandon(connectionId: string, list: ListName, failure: WireError | null): number {
      if (failure)
        database.run(
          `INSERT INTO list (connection_id, list, failure) VALUES (?, ?, ?)
           ON CONFLICT (connection_id, list) DO UPDATE SET failure = excluded.failure`,
          [connectionId, list, JSON.stringify(failure)],
        )
      return countOf(connectionId, list)
    },
    dropList(connectionId: string, list: ListName): boolean {
      return database.tx(() => {
        const rows = database.all<{ n: number }>('SELECT n FROM entry WHERE connection_id = ? AND list = ?', [
          connectionId,
          list,
        ])
        for (const { n } of rows) remove(n)
        for (const table of ['list', 'page'])
          database.run(`DELETE FROM ${table} WHERE connection_id = ? AND list = ?`, [connectionId, list])
        return rows.length > 0
      })
    },
    forget(connectionId: string): void {
      database.tx(() => {
        for (const { n } of database.all<{ n: number }>('SELECT n FROM entry WHERE connection_id = ?', [connectionId]))
          remove(n)
        for (const table of ['list', 'page', 'extra'])
          database.run(`DELETE FROM ${table} WHERE connection_id = ?`, [connectionId])
      })
    },

    page: (connectionId: string, list: ListName, url: string) =>
      database.get<PageRow>(
        'SELECT etag, next, missing, entries FROM page WHERE connection_id = ? AND list = ? AND url = ?',
        [connectionId, list, url],
      ),
    keepPage(connectionId: string, list: ListName, url: string, page: PageRow | null): void {
      const key = [connectionId, list, url]
      if (page === null)
        return void database.run('DELETE FROM page WHERE connection_id = ? AND list = ? AND url = ?', key)
      database.run(
        `INSERT OR REPLACE INTO page (connection_id, list, url, etag, next, missing, entries)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
        [...key, page.etag, page.next, page.missing, page.entries],
      )
    },
    /** Pages that the last reading did not come to. */
    dropPages(connectionId: string, list: ListName, visited: ReadonlySet<string>): void {
      const pages = database.all<{ url: string }>('SELECT url FROM page WHERE connection_id = ? AND list = ?', [
        connectionId,
        list,
      ])
      for (const { url } of pages)
        if (!visited.has(url))
          database.run('DELETE FROM page WHERE connection_id = ? AND list = ? AND url = ?', [connectionId, list, url])
    },
    keepExtra({ connectionId, kind, namespace, id }: CacheKey, what: string, body: string, at: string): void {
      database.run(
        `INSERT OR REPLACE INTO extra (connection_id, kind, namespace, id, what, body, as_of)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
        [connectionId, kind, namespace, id, what, pack(Buffer.from(body)), at],
      )
    },
    /** Makes the arrays of the search anew. */
    writeSnapshot(): void {
      const rows = database.all<SnapshotRow>(
        `SELECT n, connection_id, kind, namespace, id, sort_key, west, south, east, north, starts, ends, has_interval,
           resolution_m, bands, platforms, members, is_deprecated, is_experimental FROM entry`,
      )
      const last = database.get<{ number: number }>('SELECT number FROM snapshot')?.number ?? 0
      const body = encodeSnapshot(buildSnapshot(last + 1, rows))
      database.run('INSERT OR REPLACE INTO snapshot (one, number, body) VALUES (1, ?, ?)', [last + 1, body])
    },
  }
  function countOf(connectionId: string, list: ListName): number {
    const counted = database.get<{ count: number }>(
      'SELECT count(*) AS count FROM entry WHERE connection_id = ? AND list = ?',
      [connectionId, list],
    )
    return counted?.count ?? 0
  }
}
