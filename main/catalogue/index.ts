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
import type { Database } from '../core/database.ts'
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

export function createCatalogue({ database, connections, publish, clock, log }: Needs): CatalogueFeature {
  const asOf = (connectionId: string): string | null =>
    database.get<{ as_of: string }>(`SELECT as_of FROM cache_document WHERE connection_id = ? AND kind = 'catalogue'`, [
      connectionId,
    ])?.as_of ?? null

  async function refresh(connectionId: string): Promise<void> {
    const session = connections.session(connectionId)
    const [collections, processes] = [await openeo.collections(session), await openeo.processes(session)]
    const complete = await Promise.all(collections.map((entry) => completeDocument(session, entry)))
    const now = instant(clock.now())
    database.tx(() => {
      keepCollections(connectionId, complete, now)
      keepProcesses(connectionId, processes, now)
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

  /** The list may be slim: dimensions and bands come with the whole document. */
  async function completeDocument(session: openeo.OpeneoSession, entry: JsonObject): Promise<JsonObject> {
    if (typeof entry.id !== 'string' || 'cube:dimensions' in entry) return entry
    return openeo.collection(session, entry.id).catch((failure) => {
      log.warn('A collection could not be read', { id: entry.id, failure })
      return entry
    })
  }

  function keepCollections(connectionId: string, documents: JsonObject[], now: string): void {
    database.run('DELETE FROM cache_collection WHERE connection_id = ?', [connectionId])
    for (const document of documents) {
      if (typeof document.id !== 'string' || document.id === '') continue
      database.run(
        `INSERT INTO cache_collection (connection_id, id, document, is_complete, as_of) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO NOTHING`,
        [connectionId, document.id, JSON.stringify(document), 'cube:dimensions' in document, now],
      )
    }
  }

  function keepProcesses(connectionId: string, documents: JsonObject[], now: string): void {
    database.run('DELETE FROM cache_process WHERE connection_id = ?', [connectionId])
    for (const document of documents) {
      if (typeof document.id !== 'string' || document.id === '') continue
      database.run(
        'INSERT INTO cache_process (connection_id, id, document, as_of) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
        [connectionId, document.id, JSON.stringify(document), now],
      )
    }
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
      collections: async ({ connectionId }) => ({
        asOf: asOf(connectionId),
        collections: database
          .all<DocumentRow>(
            'SELECT document, as_of FROM cache_collection WHERE connection_id = ? ORDER BY title COLLATE NOCASE',
            [connectionId],
          )
          .map((row) => summarize(JSON.parse(row.document), connectionId))
          .filter((summary) => summary !== null),
      }),
      async collection({ connectionId, id }) {
        const row = readCollection(connectionId, id)
        if (!row) throw new AppError('not-found', 'The collection is not known here. Refresh the list of collections.')
        return { document: JSON.parse(row.document) as JsonObject, asOf: row.as_of }
      },
      processes: async ({ connectionId }) => ({
        asOf: asOf(connectionId),
        processes: database
          .all<DocumentRow>('SELECT document, as_of FROM cache_process WHERE connection_id = ? ORDER BY id', [
            connectionId,
          ])
          .map((row) => JSON.parse(row.document) as JsonObject),
      }),
      refresh: async ({ connectionId }) => refresh(connectionId),
    },
  }
}
