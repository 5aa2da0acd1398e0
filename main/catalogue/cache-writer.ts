/**
 * Writes the catalogue's cache: entries, their documents and words here, lists and pages in cache-lists.
 * Owns: every table of the cache; runs in the catalogue's process alone. Does not: fetch, or decide when.
 * Each entry is right by itself, so that a reading that breaks off leaves nothing wrong.
 */
import { createHash } from 'node:crypto'
import type { ListName } from '../../preload/contract/catalogue.ts'
import type { WireError } from '../../preload/contract/errors.ts'
import type { Database } from '../core/database.ts'
import { createListWriter } from './cache-lists.ts'
import { type ListedEntry, restateMembers } from './list-entries.ts'
import type { CacheKey } from './messages.ts'
import { pack, unpack } from './pack.ts'
import { type EntryFields, idKey, membersOf, readEntry, sortKey } from './read-entry.ts'
import { buildSnapshot, encodeSnapshot, type SnapshotRow } from './snapshot.ts'

type KnownRow = {
  n: number
  list_hash: Uint8Array
  has_whole: number
  is_missing: number
  is_unseen: number
  document_at: string | null
  members: string
  lost_members: string
  account: string
}
export type CacheWriter = ReturnType<typeof createCacheWriter>

const KNOWN = `SELECT n, list_hash, has_whole, is_missing, is_unseen, document_at, members, lost_members, account FROM entry
  WHERE connection_id = ? AND kind = ? AND namespace = ? AND id = ?`
const FIELDS = `title = :title, sort_key = :sort_key, summary = :summary, west = :west, south = :south, east = :east,
  north = :north, starts = :starts, ends = :ends, has_interval = :has_interval, band_count = :band_count,
  resolution_m = :resolution_m, bands = :bands, platforms = :platforms, members = :members,
  is_deprecated = :is_deprecated, is_experimental = :is_experimental, has_whole = :has_whole, as_of = :as_of`
const INSERT = `INSERT INTO entry (connection_id, list, kind, namespace, id, id_key, title, sort_key, summary, west, south,
  east, north, starts, ends, has_interval, band_count, resolution_m, bands, platforms, members, is_deprecated,
  is_experimental, list_hash, has_whole, as_of, account)
  VALUES (:connection_id, :list, :kind, :namespace, :id, :id_key, :title, :sort_key, :summary, :west, :south, :east,
  :north, :starts, :ends, :has_interval, :band_count, :resolution_m, :bands, :platforms, :members, :is_deprecated,
  :is_experimental, :list_hash, :has_whole, :as_of, :account)`

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

const EMPTY = new Uint8Array()
const hashOf = (bytes: Uint8Array): Buffer => createHash('sha1').update(bytes).digest()

/** A whole document with what the list says of the same entry now. */
function mergeListed(whole: Record<string, unknown>, listed: Record<string, unknown>): Record<string, unknown> {
  const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value)
  const stated = Object.entries(listed).filter(([, value]) => value !== null && value !== undefined)
  const merged = { ...whole, ...Object.fromEntries(stated) }
  if (isObject(whole.summaries) && isObject(listed.summaries))
    merged.summaries = { ...(whole.summaries as object), ...(listed.summaries as object) }
  return merged
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
  /** The line of the list and the words; not the document. */
  function rewriteLine(n: number, fields: EntryFields, asOf: string): void {
    database.run(`UPDATE entry SET ${FIELDS} WHERE n = :n`, { ...columnsOf(fields, asOf), n })
    database.run('DELETE FROM words WHERE rowid = ?', [n])
    writeWords(n, fields)
  }
  function rewrite(n: number, fields: EntryFields, bytes: Uint8Array, asOf: string): void {
    rewriteLine(n, fields, asOf)
    database.run('UPDATE document SET body = ? WHERE n = ?', [pack(bytes), n])
  }
  function remove(n: number): void {
    database.run('DELETE FROM words WHERE rowid = ?', [n])
    database.run('DELETE FROM document WHERE n = ?', [n])
    database.run('DELETE FROM entry WHERE n = ?', [n])
  }

  /** The entry is in the list as it was. */
  function keepSame(known: KnownRow, document: unknown, account: string): boolean {
    // what anybody sees is nobody's
    if (known.account !== '' && known.account !== account)
      database.run('UPDATE entry SET account = ? WHERE n = ?', [account, known.n])
    if (!known.is_missing && !known.is_unseen && known.lost_members === '[]') return false
    // it may be here by members that were not stated before
    const { members, lost } = restateMembers(membersOf(document), JSON.parse(known.members) as string[])
    database.run('UPDATE entry SET is_missing = 0, is_unseen = 0, members = ?, lost_members = ? WHERE n = ?', [
      JSON.stringify(members),
      JSON.stringify(lost),
      known.n,
    ])
    return true
  }
  /**
   * The entry is another one in the list. A whole document that was read by itself stays with its own date, and is asked
   * for again; what the list says goes before what it said.
   */
  function keepChanged(
    known: KnownRow,
    entry: ListedEntry,
    listed: EntryFields,
    bytes: Uint8Array,
    asOf: string,
  ): void {
    const { members, lost } = restateMembers(listed.members, JSON.parse(known.members) as string[])
    const isSlim = known.has_whole === 1 && !listed.hasWhole
    if (isSlim) {
      const body = database.get<{ body: Uint8Array }>('SELECT body FROM document WHERE n = ?', [known.n])?.body
      const merged = mergeListed(body ? unpack(body) : {}, entry.document)
      rewriteLine(known.n, { ...readEntry(entry.kind, entry.id, merged), members, hasWhole: true }, asOf)
    } else rewrite(known.n, { ...listed, members }, bytes, asOf)
    database.run(
      `UPDATE entry SET is_stale = ?, is_missing = 0, is_unseen = 0, lost_members = ?,
         document_at = iif(?, document_at, NULL) WHERE n = ?`,
      [isSlim, JSON.stringify(lost), isSlim, known.n],
    )
  }

  return {
    tx: database.tx,
    ...createListWriter(database, remove),
    /** Whether the entry that is kept came from the list with these very bytes. */
    isSame: (n: number, bytes: Uint8Array): boolean =>
      hashOf(bytes).equals(
        database.get<{ list_hash: Uint8Array }>('SELECT list_hash FROM entry WHERE n = ?', [n])?.list_hash ?? EMPTY,
      ),
    /**
     * The row of an entry of a list, and whether it was written at all. `bytes`: the entry as JSON; `account`: who asks.
     */
    keep(connectionId: string, list: ListName, entry: ListedEntry, bytes: Uint8Array, asOf: string, account: string) {
      const { kind, namespace, id, document } = entry
      const hash = hashOf(bytes)
      const known = database.get<KnownRow>(KNOWN, [connectionId, kind, namespace, id])
      if (known && hash.equals(known.list_hash)) return { n: known.n, isChanged: keepSame(known, document, account) }
      const fields = readEntry(kind, id, document)
      if (list === 'user-processes') fields.hasWhole = 'process_graph' in document
      if (known) {
        keepChanged(known, entry, fields, bytes, asOf)
        database.run('UPDATE entry SET list = ?, list_hash = ?, account = ? WHERE n = ?', [
          list,
          hash,
          account,
          known.n,
        ])
        return { n: known.n, isChanged: true }
      }
      const { lastId: n } = database.run(INSERT, {
        ...columnsOf(fields, asOf),
        connection_id: connectionId,
        list,
        kind,
        namespace,
        id,
        id_key: idKey(id),
        list_hash: hash,
        account,
      })
      database.run('INSERT INTO document (n, body) VALUES (?, ?)', [n, pack(bytes)])
      writeWords(n, fields)
      return { n, isChanged: true }
    },

    /** The whole document of one entry came in. False where the entry is not known any more. */
    keepWhole(key: CacheKey, document: Record<string, unknown>, bytes: Uint8Array, at: string): boolean {
      return database.tx(() => {
        const known = database.get<KnownRow & { list: string; missing: string | null }>(
          `SELECT n, members, lost_members,
             (SELECT missing FROM list WHERE list.connection_id = entry.connection_id AND list.list = entry.list) AS missing
           FROM entry WHERE connection_id = ? AND kind = ? AND namespace = ? AND id = ?`,
          [key.connectionId, key.kind, key.namespace, key.id],
        )
        if (!known) return false
        const fields = readEntry(key.kind, key.id, document)
        const former = JSON.parse(known.members) as string[]
        const away = [
          ...(JSON.parse(known.lost_members) as string[]),
          ...(JSON.parse(known.missing ?? '[]') as string[]),
        ]
        // an aggregator states the members in the list, and not always again in the document
        const { members, lost } =
          fields.members.length === 0
            ? { members: former, lost: JSON.parse(known.lost_members) as string[] }
            : restateMembers(
                fields.members,
                former.filter((member) => away.includes(member)),
              )
        rewrite(known.n, { ...fields, members, hasWhole: true }, bytes, at)
        database.run(
          `UPDATE entry SET whole_at = ?, document_at = ?, whole_failure = NULL, is_stale = 0, lost_members = ?
           WHERE n = ?`,
          [at, at, JSON.stringify(lost), known.n],
        )
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

    /** An answer that comes late finds no entry any more, and is not kept. */
    keepExtra({ connectionId, kind, namespace, id }: CacheKey, what: string, body: string, at: string): void {
      database.run(
        `INSERT OR REPLACE INTO extra (connection_id, kind, namespace, id, what, body, as_of)
         SELECT connection_id, kind, namespace, id, ?, ?, ? FROM entry
         WHERE connection_id = ? AND kind = ? AND namespace = ? AND id = ?`,
        [what, pack(Buffer.from(body)), at, connectionId, kind, namespace, id],
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
}
