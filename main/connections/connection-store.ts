/**
 * Connections as rows.
 * Owns: tables connection and consent. Does not: know what is alive, keep secrets or documents (connection-documents.ts).
 */
import { z } from 'zod'
import {
  Certificate,
  type ConnectionKind,
  FederationMember,
  OFFERS,
  type OfferName,
  ServiceSettings,
  Terms,
} from '../../preload/contract/connections.ts'
import { type Clock, instant } from '../core/clock.ts'
import type { Database, SqlValue } from '../core/database.ts'
import { newId } from '../core/ids.ts'
import { createDocuments, stored } from './connection-documents.ts'

export type ConnectionRecord = {
  id: string
  revision: number
  kind: ConnectionKind
  title: string
  url: string
  enteredUrl: string
  isDisabled: boolean
  settings: ServiceSettings | null
  apiVersion: string | null
  backendVersion: string | null
  isProduction: boolean | null
  offers: OfferName[]
  federation: FederationMember[]
  userId: string | null
  userName: string | null
  checkedAt: string | null
  conformsTo: string[]
  /** Documents that need an agreement, as last stated. */
  terms: StatedTerms[]
  trustedCertificates: Certificate[]
}
export type StatedTerms = Pick<Terms, 'kind' | 'href' | 'title'>
export type NewConnection = {
  kind: ConnectionKind
  title: string
  url: string
  enteredUrl: string
  settings?: ServiceSettings
  trustedCertificates?: readonly Certificate[] | undefined
}
/** What a change may touch. */
export type ConnectionChange = Partial<Omit<ConnectionRecord, 'id' | 'revision' | 'kind'>>

type ConnectionRow = Record<
  | 'id'
  | 'kind'
  | 'title'
  | 'url'
  | 'entered_url'
  | 'offers'
  | 'federation'
  | 'conforms_to'
  | 'terms'
  | 'trusted_certificates'
  | 'created_at',
  string
> &
  Record<'revision' | 'position' | 'is_disabled', number> &
  Record<'settings' | 'api_version' | 'backend_version' | 'user_id' | 'user_name' | 'checked_at', string | null> & {
    is_production: number | null
  }

const Names = z.array(z.string())
const Certificates = z.array(Certificate)
const ManyTerms = z.array(Terms.omit({ agreedAt: true }))
const Members = z.array(FederationMember)
const KINDS: readonly string[] = ['embedded', 'openeo', 'stac', 's3', 'destine'] satisfies ConnectionKind[]

const toRecord = (row: ConnectionRow): ConnectionRecord => ({
  id: row.id,
  revision: row.revision,
  kind: (KINDS.includes(row.kind) ? row.kind : 'openeo') as ConnectionKind,
  title: row.title,
  url: row.url,
  enteredUrl: row.entered_url,
  isDisabled: row.is_disabled === 1,
  settings: stored(ServiceSettings, row.settings),
  apiVersion: row.api_version,
  backendVersion: row.backend_version,
  isProduction: row.is_production === null ? null : row.is_production === 1,
  offers: OFFERS.filter((offer) => stored(Names, row.offers)?.includes(offer)),
  federation: stored(Members, row.federation) ?? [],
  userId: row.user_id,
  userName: row.user_name,
  checkedAt: row.checked_at,
  conformsTo: stored(Names, row.conforms_to) ?? [],
  terms: stored(ManyTerms, row.terms) ?? [],
  trustedCertificates: stored(Certificates, row.trusted_certificates) ?? [],
})

const json = (value: unknown) => (value === null ? null : JSON.stringify(value))
/** Column and value for each field that a change may touch. */
const COLUMNS: { [K in keyof ConnectionChange]-?: [string, (value: ConnectionRecord[K]) => SqlValue] } = {
  title: ['title', (value) => value],
  url: ['url', (value) => value],
  enteredUrl: ['entered_url', (value) => value],
  isDisabled: ['is_disabled', (value) => value],
  settings: ['settings', json],
  apiVersion: ['api_version', (value) => value],
  backendVersion: ['backend_version', (value) => value],
  isProduction: ['is_production', (value) => value],
  offers: ['offers', json],
  federation: ['federation', json],
  userId: ['user_id', (value) => value],
  userName: ['user_name', (value) => value],
  checkedAt: ['checked_at', (value) => value],
  conformsTo: ['conforms_to', json],
  terms: ['terms', json],
  trustedCertificates: ['trusted_certificates', json],
}

export type ConnectionStore = ReturnType<typeof createConnectionStore>

export function createConnectionStore(database: Database, clock: Clock) {
  const now = () => instant(clock.now())

  /** Read and checked once: features ask for connections all the time. */
  let kept: ConnectionRecord[] | undefined
  const list = (): readonly ConnectionRecord[] => {
    kept ??= database.all<ConnectionRow>('SELECT * FROM connection ORDER BY position, created_at, id').map(toRecord)
    return kept
  }
  const get = (id: string): ConnectionRecord | undefined => list().find((record) => record.id === id)
  /** One row was changed: the others stay as they were read. */
  function readAgain(id: string): void {
    const row = database.get<ConnectionRow>('SELECT * FROM connection WHERE id = ?', [id])
    kept = row && kept?.map((record) => (record.id === id ? toRecord(row) : record))
  }
  const write = (sql: string, parameters: SqlValue[]): void => {
    kept = undefined
    database.run(sql, parameters)
  }

  function change(id: string, fields: ConnectionChange): void {
    const names = Object.keys(fields) as (keyof ConnectionChange)[]
    if (names.length === 0) return
    const columns = names.map((name) => `${COLUMNS[name][0]} = ?`)
    const values = names.map((name) => (COLUMNS[name][1] as (value: unknown) => SqlValue)(fields[name]))
    database.run(`UPDATE connection SET ${columns.join(', ')} WHERE id = ?`, [...values, id])
    readAgain(id)
  }

  /** All of it or nothing. */
  function tx<T>(work: () => T): T {
    try {
      return database.tx(work)
    } catch (failure) {
      kept = undefined // what was read meanwhile is not there
      throw failure
    }
  }

  return {
    get,
    list,
    change,
    tx,
    /** There is always one for the back-end on this computer. */
    ensure(id: string, kind: ConnectionKind, title: string): void {
      write('INSERT INTO connection (id, kind, title, url, created_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING', [
        id,
        kind,
        title,
        '',
        now(),
      ])
    },
    /** At the end of the list. */
    add(wanted: NewConnection): string {
      const id = newId('connection', clock.now())
      write(
        `INSERT INTO connection (id, kind, title, url, entered_url, settings, trusted_certificates, created_at, position)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(position), 0) + 1 FROM connection))`,
        [
          id,
          wanted.kind,
          wanted.title,
          wanted.url,
          wanted.enteredUrl,
          json(wanted.settings ?? null),
          json(wanted.trustedCertificates ?? []),
          now(),
        ],
      )
      return id
    },
    /** The next revision, kept. */
    nextRevision(id: string): void {
      database.run('UPDATE connection SET revision = revision + 1 WHERE id = ?', [id])
      kept = kept?.map((record) => (record.id === id ? { ...record, revision: record.revision + 1 } : record))
    },
    /** Puts it at that place of the list; all others close up. */
    move(id: string, position: number): void {
      tx(() => {
        const ids = list().map((record) => record.id)
        const others = ids.filter((other) => other !== id)
        others.splice(position, 0, id)
        for (const [place, each] of others.entries())
          write('UPDATE connection SET position = ? WHERE id = ?', [place, each])
      })
    },
    remove(id: string): void {
      write('DELETE FROM connection WHERE id = ?', [id])
    },

    ...createDocuments(database, now),

    /** When the user agreed to this link of the back-end; null: not yet. */
    agreedAt(rootUrl: string, kind: Terms['kind'], href: string): string | null {
      return (
        database.get<{ agreed_at: string }>(
          'SELECT agreed_at FROM consent WHERE root_url = ? AND kind = ? AND href = ?',
          [rootUrl, kind, href],
        )?.agreed_at ?? null
      )
    },
    /** Keeps the first date of each. */
    agree(rootUrl: string, terms: readonly Pick<Terms, 'kind' | 'href'>[]): void {
      database.tx(() => {
        for (const { kind, href } of terms)
          database.run(
            'INSERT INTO consent (root_url, kind, href, agreed_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
            [rootUrl, kind, href, now()],
          )
      })
    },
  }
}
