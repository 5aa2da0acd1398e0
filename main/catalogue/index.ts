/**
 * What the back-ends offer, kept for reading without a network.
 * Owns: tables cache_collection, cache_process, cache_document. Emits: catalogue.changed.
 * Reads a back-end each time it connects; a failed reading leaves what is known in place.
 */
import type { CollectionSummary } from '../../preload/contract/catalogue.ts'
import type { Handlers } from '../../preload/contract/index.ts'
import type { JsonObject } from '../../preload/contract/vocabulary.ts'
import type { ConnectionsFeature } from '../connections/index.ts'
import { type Clock, instant } from '../core/clock.ts'
import type { Database, SqlValue } from '../core/database.ts'
import { AppError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Publish } from '../ipc/publish.ts'
import * as openeo from '../protocols/openeo.ts'
import { summarize } from './collection-summary.ts'

export type CatalogueFeature = {
  handlers: Handlers<'catalogue'>
  collection(connectionId: string, id: string): CollectionSummary | undefined
  /** The STAC Collection as the back-end wrote it. */
  document(connectionId: string, id: string): JsonObject | undefined
  /** Ids of the processes that the back-end offers; empty where it was never read. */
  processIds(connectionId: string): ReadonlySet<string>
}
type Needs = { database: Database; connections: ConnectionsFeature; publish: Publish; clock: Clock; log: Log }
type DocumentRow = { document: string; as_of: string }

const READ_AT_ONCE = 4
const SLICE_MS = 8
const GONE: readonly AppError['code'][] = ['offline', 'time-out', 'signed-out', 'rate-limited', 'canceled']
const COLLECTION = `INSERT INTO cache_collection (connection_id, id, is_complete, as_of, document) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (connection_id, id) DO UPDATE
  SET document = excluded.document, is_complete = excluded.is_complete, as_of = excluded.as_of`
const PROCESS = `INSERT INTO cache_process (connection_id, id, as_of, document) VALUES (?, ?, ?, ?)
  ON CONFLICT (connection_id, namespace, id) DO UPDATE SET document = excluded.document, as_of = excluded.as_of`

/** By id; the first of two with the same one. What has no id cannot be asked for. */
function withIds(documents: JsonObject[]): Map<string, JsonObject> {
  const found = new Map<string, JsonObject>()
  for (const document of documents)
    if (typeof document.id === 'string' && document.id !== '' && !found.has(document.id))
      found.set(document.id, document)
  return found
}

/** To be called between pieces of work: lets others have their turn once some milliseconds have gone. */
function createBreather(): () => Promise<void> {
  let sinceMs = performance.now()
  return async () => {
    if (performance.now() - sinceMs < SLICE_MS) return
    await new Promise((resolve) => setImmediate(resolve))
    sinceMs = performance.now()
  }
}

export function createCatalogue({ database, connections, publish, clock, log }: Needs): CatalogueFeature {
  const asOf = (connectionId: string): string | null =>
    database.get<{ as_of: string }>(`SELECT as_of FROM cache_document WHERE connection_id = ? AND kind = 'catalogue'`, [
      connectionId,
    ])?.as_of ?? null

  const refreshing = new Map<string, { run: Promise<void>; next: Promise<void> | null }>()

  /** One reading at a time; whoever asks while one is under way gets the one after it. */
  function refresh(connectionId: string): Promise<void> {
    const current = refreshing.get(connectionId)
    if (!current) return begin(connectionId)
    current.next ??= current.run.catch(() => {}).then(() => begin(connectionId))
    return current.next
  }
  function begin(connectionId: string): Promise<void> {
    const run = read(connectionId)
    const entry = { run, next: null }
    refreshing.set(connectionId, entry)
    const tidy = () => {
      if (refreshing.get(connectionId) === entry && entry.next === null) refreshing.delete(connectionId)
    }
    run.then(tidy, tidy)
    return run
  }

  async function read(connectionId: string): Promise<void> {
    const session = connections.session(connectionId)
    const listed = withIds(await openeo.collections(session))
    const processes = withIds(await openeo.processes(session))
    const collections = await completeDocuments(connectionId, session, listed)
    const now = instant(clock.now())
    // in slices: each document is valid by itself, so a crash in between leaves nothing wrong
    const rest = createBreather()
    for (const [id, document] of collections) {
      keep(COLLECTION, [connectionId, id, 'cube:dimensions' in document, now], document)
      await rest()
    }
    for (const [id, document] of processes) {
      keep(PROCESS, [connectionId, id, now], document)
      await rest()
    }
    database.tx(() => {
      dropOthers('cache_collection', connectionId, collections)
      dropOthers('cache_process', connectionId, processes)
      database.run(
        `INSERT INTO cache_document (connection_id, kind, document, as_of) VALUES (?, 'catalogue', '{}', ?)
         ON CONFLICT (connection_id, kind) DO UPDATE SET as_of = excluded.as_of`,
        [connectionId, now],
      )
    })
    publish({
      feature: 'catalogue',
      name: 'changed',
      payload: { connectionId: connectionId as CollectionSummary['connectionId'], asOf: now },
    })
  }

  /** The list may be slim: dimensions and bands come with the whole document. Some at a time, in the order of the list. */
  async function completeDocuments(
    connectionId: string,
    session: openeo.OpeneoSession,
    listed: ReadonlyMap<string, JsonObject>,
  ): Promise<Map<string, JsonObject>> {
    const complete = new Map(listed)
    const slim = [...listed].filter(([, entry]) => !('cube:dimensions' in entry)).map(([id]) => id)
    const work = async () => {
      for (let id = slim.shift(); id !== undefined; id = slim.shift()) {
        const document = await wholeDocument(connectionId, session, id)
        if (document) complete.set(id, document)
      }
    }
    await Promise.all(Array.from({ length: READ_AT_ONCE }, work))
    return complete
  }

  /** Where it cannot be read, the one that is known here; null where there is none. */
  async function wholeDocument(connectionId: string, session: openeo.OpeneoSession, id: string) {
    try {
      const document = await openeo.collection(session, id)
      return document.id === id ? document : null
    } catch (failure) {
      // nobody answers: what is known stays as it is, with its date
      if (failure instanceof AppError && GONE.includes(failure.code)) throw failure
      log.warn('A collection could not be read', { id, failure })
      const row = readCollection(connectionId, id)
      return row ? (JSON.parse(row.document) as JsonObject) : null
    }
  }

  function keep(sql: string, parameters: SqlValue[], document: JsonObject): void {
    try {
      database.run(sql, [...parameters, JSON.stringify(document)])
    } catch (failure) {
      if (failure instanceof AppError) throw failure
      // one document that SQLite does not take as JSON (nested too deep) is no reason to lose the rest
      log.warn('A document of the catalogue could not be kept', { id: document.id, failure })
    }
  }

  function dropOthers(
    table: 'cache_collection' | 'cache_process',
    connectionId: string,
    kept: ReadonlyMap<string, unknown>,
  ) {
    for (const { id } of database.all<{ id: string }>(`SELECT id FROM ${table} WHERE connection_id = ?`, [
      connectionId,
    ]))
      if (!kept.has(id)) database.run(`DELETE FROM ${table} WHERE connection_id = ? AND id = ?`, [connectionId, id])
  }

  /** Documents of a list, one after the other, giving way to others in between. */
  async function documentsOf<T>(
    ids: string[],
    read: (id: string) => string | undefined,
    use: (document: JsonObject) => T,
  ) {
    const found: T[] = []
    const rest = createBreather()
    for (const id of ids) {
      const text = read(id)
      if (text !== undefined) found.push(use(JSON.parse(text) as JsonObject))
      await rest()
    }
    return found
  }

  const readCollection = (connectionId: string, id: string): DocumentRow | undefined =>
    database.get<DocumentRow>('SELECT document, as_of FROM cache_collection WHERE connection_id = ? AND id = ?', [
      connectionId,
      id,
    ])

  connections.onConnected(({ id }) => {
    refresh(id).catch((failure) => log.warn('The catalogue could not be read', { connection: id, failure }))
  })

  return {
    collection(connectionId, id) {
      const row = readCollection(connectionId, id)
      if (!row) return undefined
      return summarize(JSON.parse(row.document), connectionId as CollectionSummary['connectionId']) ?? undefined
    },
    document(connectionId, id) {
      const row = readCollection(connectionId, id)
      return row && (JSON.parse(row.document) as JsonObject)
    },
    processIds: (connectionId) =>
      new Set(
        database
          .all<{ id: string }>('SELECT id FROM cache_process WHERE connection_id = ?', [connectionId])
          .map((row) => row.id),
      ),
    handlers: {
      async collections({ connectionId }) {
        const ids = database.all<{ id: string }>(
          'SELECT id FROM cache_collection WHERE connection_id = ? ORDER BY title COLLATE NOCASE, id',
          [connectionId],
        )
        const summaries = await documentsOf(
          ids.map(({ id }) => id),
          (id) => readCollection(connectionId, id)?.document,
          (document) => summarize(document, connectionId),
        )
        return { asOf: asOf(connectionId), collections: summaries.filter((summary) => summary !== null) }
      },
      async collection({ connectionId, id }) {
        const row = readCollection(connectionId, id)
        if (!row) throw new AppError('not-found', 'The collection is not known here. Refresh the list of collections.')
        return { document: JSON.parse(row.document) as JsonObject, asOf: row.as_of }
      },
      async processes({ connectionId }) {
        const ids = database.all<{ id: string }>('SELECT id FROM cache_process WHERE connection_id = ? ORDER BY id', [
          connectionId,
        ])
        const processes = await documentsOf(
          ids.map(({ id }) => id),
          (id) =>
            database.get<DocumentRow>('SELECT document, as_of FROM cache_process WHERE connection_id = ? AND id = ?', [
              connectionId,
              id,
            ])?.document,
          (document) => document,
        )
        return { asOf: asOf(connectionId), processes }
      },
      refresh: async ({ connectionId }) => refresh(connectionId),
    },
  }
}
