/**
 * Writes what the catalogue's cache knows of lists and their pages, and takes entries out: at the end of a reading, with
 * a list, with a user who signed out, with a connection.
 * Owns: the tables list, page and account. Does not: write entries (cache-writer does).
 */
import type { ListName } from '../../preload/contract/catalogue.ts'
import type { WireError } from '../../preload/contract/errors.ts'
import type { Database } from '../core/database.ts'
import { judgeAbsent, settleLost } from './list-entries.ts'
import type { CacheKey, ReadingEnd, Skipped } from './messages.ts'

export type PageRow = {
  etag: string
  next: string | null
  missing: string
  entries: Uint8Array
  account: string
  skipped: string
  fingerprint: string | null
}
type ListedRow = {
  n: number
  members: string
  lost_members: string
  is_missing: number
  is_unseen: number
  account: string
}
type Finish = ReadingEnd & { account: string; skipped: Skipped }

export function createListWriter(database: Database, remove: (n: number) => void) {
  const countOf = (connectionId: string, list: ListName): number =>
    database.column<number>('SELECT count(*) FROM entry WHERE connection_id = ? AND list = ?', [
      connectionId,
      list,
    ])[0] ?? 0

  function settleSeen(row: ListedRow, missing: readonly string[]): void {
    if (row.is_missing || row.is_unseen)
      database.run('UPDATE entry SET is_missing = 0, is_unseen = 0 WHERE n = ?', [row.n])
    if (row.lost_members === '[]') return
    const former = { members: JSON.parse(row.members) as string[], lost: JSON.parse(row.lost_members) as string[] }
    const { members, lost } = settleLost(former, missing)
    if (lost.length < former.lost.length)
      database.run('UPDATE entry SET members = ?, lost_members = ? WHERE n = ?', [
        JSON.stringify(members),
        JSON.stringify(lost),
        row.n,
      ])
  }
  /** `asOf`: of the list before, which is when the entry was last seen in it. */
  function settleAbsent(row: ListedRow, { missing, isWhole }: ReadingEnd, asOf: string | null): void {
    const members = JSON.parse(row.members) as string[]
    if (isWhole && judgeAbsent(members, missing) === 'gone') {
      remove(row.n)
      return
    }
    // those that answered do not have it any more
    const stay = isWhole ? members.filter((member) => missing.includes(member)) : members
    if (stay.length < members.length)
      database.run('UPDATE entry SET members = ? WHERE n = ?', [JSON.stringify(stay), row.n])
    if (isWhole ? row.is_missing : row.is_unseen) return
    database.run(`UPDATE entry SET is_missing = ?, is_unseen = ?, as_of = max(as_of, coalesce(?, as_of)) WHERE n = ?`, [
      isWhole,
      !isWhole,
      asOf,
      row.n,
    ])
  }
  function removeAll(where: string, parameters: string[]): number {
    const rows = database.column<number>(`SELECT n FROM entry WHERE ${where}`, parameters)
    for (const n of rows) remove(n)
    return rows.length
  }
  function forget(connectionId: string): void {
    database.tx(() => {
      removeAll('connection_id = ?', [connectionId])
      for (const table of ['list', 'page', 'extra', 'account'])
        database.run(`DELETE FROM ${table} WHERE connection_id = ?`, [connectionId])
    })
  }

  return {
    forget,
    /** Everything of connections that are not there any more goes: of a removal that was cut off. Answers their ids. */
    prune(connectionIds: readonly string[]): string[] {
      const kept = database.column<string>(
        `SELECT connection_id FROM entry UNION SELECT connection_id FROM list UNION SELECT connection_id FROM page
         UNION SELECT connection_id FROM extra`,
      )
      const orphans = kept.filter((id) => !connectionIds.includes(id))
      for (const id of orphans) forget(id)
      return orphans
    },
    /** From now on entries of this user may be here. */
    noteAccount(connectionId: string, account: string): void {
      if (account !== '') database.run('INSERT OR IGNORE INTO account VALUES (?, ?)', [connectionId, account])
    },
    /** What was read as somebody else goes, but for what anybody may see. True where there was anything. */
    dropOthers(connectionId: string, account: string): boolean {
      return database.tx(() => {
        const others = [connectionId, account]
        const isOther = `connection_id = ? AND account <> '' AND account <> ?`
        const count = removeAll(isOther, others)
        const lists = database.run(`DELETE FROM list WHERE ${isOther}`, others).changes
        database.run(`DELETE FROM account WHERE ${isOther}`, others)
        // pages tell rows: some are gone
        if (count > 0) database.run('DELETE FROM page WHERE connection_id = ?', [connectionId])
        else database.run(`DELETE FROM page WHERE ${isOther}`, others)
        if (count + lists > 0) database.run('DELETE FROM extra WHERE connection_id = ?', [connectionId])
        return count + lists > 0
      })
    },
    /**
     * What the reading did not see goes, or stays: where it may be a missing member's, where the list led in a circle, or
     * where it was read as somebody else. Answers how many entries the list has.
     */
    finish(connectionId: string, list: ListName, seen: ReadonlySet<number>, end: Finish): number {
      return database.tx(() => {
        const before = database.get<{ as_of: string | null }>(
          'SELECT as_of FROM list WHERE connection_id = ? AND list = ?',
          [connectionId, list],
        )
        const rows = database.all<ListedRow>(
          `SELECT n, members, lost_members, is_missing, is_unseen, account FROM entry
           WHERE connection_id = ? AND list = ?`,
          [connectionId, list],
        )
        for (const row of rows)
          if (seen.has(row.n)) settleSeen(row, end.missing)
          else if (row.account === '' || row.account === end.account) settleAbsent(row, end, before?.as_of ?? null)
        database.run(
          `INSERT INTO list (connection_id, list, as_of, fresh_until, account, missing, skipped, is_partial)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (connection_id, list) DO UPDATE SET as_of = excluded.as_of, fresh_until = excluded.fresh_until,
             account = excluded.account, missing = excluded.missing, skipped = excluded.skipped,
             is_partial = excluded.is_partial, failure = NULL`,
          [
            connectionId,
            list,
            end.asOf,
            end.freshUntil,
            end.account,
            JSON.stringify(end.missing),
            JSON.stringify(end.skipped),
            !end.isWhole,
          ],
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
        const count = removeAll('connection_id = ? AND list = ?', [connectionId, list])
        for (const table of ['list', 'page'])
          database.run(`DELETE FROM ${table} WHERE connection_id = ? AND list = ?`, [connectionId, list])
        return count > 0
      })
    },

    page: (connectionId: string, list: ListName, url: string) =>
      database.get<PageRow>(
        `SELECT etag, next, missing, entries, account, skipped, fingerprint FROM page
         WHERE connection_id = ? AND list = ? AND url = ?`,
        [connectionId, list, url],
      ),
    /** The keys of rows; undefined where one is gone. */
    keysOf(rows: Iterable<number>): { n: number; key: CacheKey }[] | undefined {
      const found: { n: number; key: CacheKey }[] = []
      for (const n of rows) {
        const row = database.get<Omit<CacheKey, 'connectionId'> & { connection_id: string }>(
          'SELECT connection_id, kind, namespace, id FROM entry WHERE n = ?',
          [n],
        )
        if (!row) return undefined
        found.push({ n, key: { ...row, connectionId: row.connection_id } })
      }
      return found
    },
    keepPage(connectionId: string, list: ListName, url: string, page: PageRow | null): void {
      const key = [connectionId, list, url]
      if (page === null)
        return void database.run('DELETE FROM page WHERE connection_id = ? AND list = ? AND url = ?', key)
      database.run(
        `INSERT OR REPLACE INTO page
           (connection_id, list, url, etag, next, missing, entries, account, skipped, fingerprint)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        [...key, page.etag, page.next, page.missing, page.entries, page.account, page.skipped, page.fingerprint],
      )
    },
    /** Pages that the last reading did not come to. */
    dropPages(connectionId: string, list: ListName, visited: ReadonlySet<string>): void {
      const urls = database.column<string>('SELECT url FROM page WHERE connection_id = ? AND list = ?', [
        connectionId,
        list,
      ])
      for (const url of urls)
        if (!visited.has(url))
          database.run('DELETE FROM page WHERE connection_id = ? AND list = ? AND url = ?', [connectionId, list, url])
    },
  }
}
