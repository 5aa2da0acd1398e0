/**
 * What services said of themselves and of the account, beside the rows that are read all the time.
 * Owns: tables connection_document and connection_account. Does not: understand them (protocols/capabilities.ts).
 */
import type { z } from 'zod'
import { Account } from '../../preload/contract/connections.ts'
import type { Database } from '../core/database.ts'

export type StoredDocument = { document: unknown; url: string; etag: string | null; asOf: string }
export type DocumentKind = 'capabilities' | 'conformance'

/** What is stored in a column of JSON, where it still has the form that this version knows. */
export function stored<T>(schema: z.ZodType<T>, text: string | null): T | null {
  if (text === null) return null
  const parsed = schema.safeParse(JSON.parse(text))
  return parsed.success ? parsed.data : null
}
export function createDocuments(database: Database, now: () => string) {
  return {
    /** As last read; null: never. */
    account(id: string): Account | null {
      const [account] = database.column<string>('SELECT account FROM connection_account WHERE connection_id = ?', [id])
      return stored(Account, account ?? null)
    },
    keepAccount(id: string, account: Account | null): void {
      if (account === null) database.run('DELETE FROM connection_account WHERE connection_id = ?', [id])
      else
        database.run(
          `INSERT INTO connection_account (connection_id, account) VALUES (?, ?)
           ON CONFLICT (connection_id) DO UPDATE SET account = excluded.account`,
          [id, JSON.stringify(account)],
        )
    },

    /** What a document is asked for with, so that it is not sent again; null where there is none. */
    etag(id: string, kind: DocumentKind): string | null {
      const sql = 'SELECT etag FROM connection_document WHERE connection_id = ? AND kind = ?'
      return database.get<{ etag: string | null }>(sql, [id, kind])?.etag ?? null
    },
    document(id: string, kind: DocumentKind): StoredDocument | null {
      const row = database.get<{ document: string; url: string; etag: string | null; as_of: string }>(
        'SELECT document, url, etag, as_of FROM connection_document WHERE connection_id = ? AND kind = ?',
        [id, kind],
      )
      return row ? { document: JSON.parse(row.document), url: row.url, etag: row.etag, asOf: row.as_of } : null
    },
    /** One that is as it was is not written again: servers without ETags send it each time. */
    keepDocument(id: string, kind: DocumentKind, { document, url, etag }: Omit<StoredDocument, 'asOf'>): void {
      const text = JSON.stringify(document)
      const { changes } = database.run(
        `UPDATE connection_document SET url = ?, etag = ?, as_of = ?
         WHERE connection_id = ? AND kind = ? AND document = ?`,
        [url, etag, now(), id, kind, text],
      )
      if (changes > 0) return
      database.run(
        `INSERT INTO connection_document (connection_id, kind, document, url, etag, as_of) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (connection_id, kind) DO UPDATE SET document = excluded.document, url = excluded.url,
         etag = excluded.etag, as_of = excluded.as_of`,
        [id, kind, text, url, etag, now()],
      )
    },
    /** It was asked for and is as it was. */
    confirmDocument(id: string, kind: DocumentKind): void {
      database.run('UPDATE connection_document SET as_of = ? WHERE connection_id = ? AND kind = ?', [now(), id, kind])
    },
    dropDocument(id: string, kind: DocumentKind): void {
      database.run('DELETE FROM connection_document WHERE connection_id = ? AND kind = ?', [id, kind])
    },
  }
}
