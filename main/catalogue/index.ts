/**
 * What the connections offer, kept for reading and searching without a network.
 * Owns: the catalogue's process and its cache (docs/adr/0012). Emits: catalogue.changed, listChanged, entryChanged.
 * Does not: hold tokens (connections does), or parse lists (the process does).
 */
import type { CollectionSummary, Entry, EntryKey, EntryKind } from '../../preload/contract/catalogue.ts'
import type { Handlers } from '../../preload/contract/index.ts'
import type { JsonObject } from '../../preload/contract/vocabulary.ts'
import type { ConnectionsFeature } from '../connections/index.ts'
import { type Clock, instant } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import type { Http } from '../core/http/index.ts'
import type { Log } from '../core/log.ts'
import type { Migration } from '../core/migrate.ts'
import type { Schedule } from '../core/schedule.ts'
import type { Publish } from '../ipc/publish.ts'
import { createAccounts } from './accounts.ts'
import { createCacheReader, type EntryRow, failureOf, shownAsOf } from './cache-reader.ts'
import { summarize } from './collection-summary.ts'
import { createCompleter } from './complete.ts'
import { createFetchLinked } from './fetch-linked.ts'
import type { SearchedConnection } from './filter.ts'
import { createLinkedData } from './linked-data.ts'
import { createPictures, type Pictures } from './pictures.ts'
import { type CatalogueProcess, createProcessLife } from './process.ts'
import { createRefresher } from './refresh.ts'
import { createSearch } from './search.ts'

export type { CatalogueProcess } from './process.ts'

export type CatalogueFeature = {
  handlers: Handlers<'catalogue'>
  collection(connectionId: string, id: string): CollectionSummary | undefined
  /** The STAC Collection as the back-end wrote it. */
  document(connectionId: string, id: string): JsonObject | undefined
  /** The document of any entry; `namespace` of a process is `backend` unless told. */
  documentOf(connectionId: string, kind: EntryKind, id: string, namespace?: string): JsonObject | undefined
  /** `federation:backends` of an entry: [] is all members; undefined where the entry is not known. */
  members(connectionId: string, kind: EntryKind, id: string, namespace?: string): string[] | undefined
  /** Ids of the processes that the back-end offers; empty where it was never read. */
  processIds(connectionId: string): ReadonlySet<string>
  /** Tiles and pictures behind the ids of previews, thumbnails and allowed pictures. */
  pictures: Pick<Pictures, 'tile' | 'media'>
  /** How many entries are kept of a connection. */
  entryCount(connectionId: string): number
  /** Resolves when what was kept can be read. */
  ready(): Promise<void>
  close(): Promise<void>
}
type Needs = {
  /** catalogue.sqlite in the data folder. */
  path: string
  /** The tables of that file. */
  migrations: readonly Migration[]
  connections: Pick<ConnectionsFeature, 'all' | 'find' | 'session' | 'onConnected' | 'onRemoved'>
  publish: Publish
  clock: Clock
  schedule: Pick<Schedule, 'every' | 'cancel'>
  log: Log
  startProcess(): CatalogueProcess
  /** For what lies at other servers than the back-end's; without credentials. */
  http: Http
}

/** How often is looked whether a list is old; each has its own time. */
const LOOK_MS = 60_000
const LOOK_KEY = 'catalogue'
const defaultNamespace = (kind: EntryKind) => (kind === 'process' ? 'backend' : '')

export function createCatalogue({
  path,
  migrations,
  connections,
  publish,
  clock,
  schedule,
  log,
  startProcess,
  http,
}: Needs): CatalogueFeature {
  let processIdsOf = new Map<string, ReadonlySet<string>>()
  const reader = createCacheReader({
    path,
    migrations,
    log,
    clock,
    isHidden: (id) => accounts.isHidden(id),
    openedLate: () => tellChanged(connections.all().map(({ id }) => id)),
    // its process throws it away and begins another; one that cannot even be started leaves an empty catalogue
    damaged: () =>
      void process
        .ask('renew', undefined)
        .catch((failure) => log.error('The cache of the catalogue could not be renewed', { failure })),
  })
  function tellChanged(connectionIds: readonly string[]): void {
    reader.forgetSnapshot()
    warm()
    processIdsOf = new Map()
    for (const connectionId of connectionIds)
      publish({
        feature: 'catalogue',
        name: 'changed',
        payload: { connectionId: connectionId as EntryKey['connectionId'], asOf: instant(clock.now()) },
      })
  }
  const process = createProcessLife({
    path,
    connectionIds: () => connections.all().map(({ id }) => id),
    clock,
    log,
    start: startProcess,
    release: reader.release,
    changed: tellChanged,
    async ready(wasDiscarded) {
      await reader.open()
      if (wasDiscarded) for (const { id } of connections.all()) quietly(id, refresher.startOver(id))
    },
  })
  const { ask } = process
  const accounts = createAccounts({
    find: connections.find,
    kept: reader.accounts,
    ask,
    log,
    dropped: (id) => completer.forget(id),
  })
  const completer = createCompleter({
    connections,
    reader,
    ask,
    clock,
    log,
    entryChanged: (key) => publish({ feature: 'catalogue', name: 'entryChanged', payload: key }),
  })
  const refresher = createRefresher({
    connections,
    reader,
    ask,
    clock,
    log,
    isHidden: accounts.isHidden,
    dropOthers: accounts.dropOthers,
    listChanged: (state) => publish({ feature: 'catalogue', name: 'listChanged', payload: state }),
    done: completer.start,
  })
  const search = createSearch(reader, () =>
    connections
      .all()
      .filter(({ id }) => !accounts.isHidden(id))
      .map(
        ({ id, url, state, federation }): SearchedConnection => ({
          id,
          rootUrl: url,
          isDisabled: state === 'disabled',
          members: federation.map((member) => member.id),
        }),
      ),
  )
  const linked = createFetchLinked({ connections, http })
  const pictures = createPictures(linked, ask)
  const linkedData = createLinkedData({ connections, reader, ask, clock, log, linked, pictures })
  const warm = () => void setImmediate(() => search.warm())
  const opened = reader.open().then(() => {
    warm()
    // of a removal that was cut off: the process drops them when it starts
    if (reader.connectionIds().some((id) => !connections.find(id)))
      ask('publish', undefined).catch((failure) => log.warn('The cache could not be tidied', { failure }))
  })
  schedule.every(LOOK_KEY, LOOK_MS, () => refresher.refreshByTime(), { needsNetwork: true })

  const quietly = (id: string, reading: Promise<void>) =>
    void reading.catch((failure) => log.warn('The catalogue could not be read', { connection: id, failure }))
  function refreshQuietly(id: string): void {
    quietly(
      id,
      opened.then(() => refresher.refreshOld(id)),
    )
  }
  connections.onConnected(({ id, kind }) => {
    if (kind === 'openeo' || kind === 'embedded') refreshQuietly(id)
  })
  connections.onRemoved((id) => {
    refresher.forget(id)
    completer.forget(id)
    pictures.forget(id)
    processIdsOf.delete(id)
    // always: an answer may be on its way that is not kept yet. Where it fails, the next start of the process drops it
    ask('forget', { connectionId: id }).catch((failure) =>
      log.error('What was kept of a connection could not be removed', { connection: id, failure }),
    )
  })

  const keyOf = (connectionId: string, kind: EntryKind, id: string, namespace = defaultNamespace(kind)) => ({
    connectionId,
    kind,
    namespace,
    id,
  })
  function rowOf(key: EntryKey): EntryRow {
    const row = reader.entry(key)
    if (!row) throw new AppError('not-found', 'The entry is not known here. Refresh the lists of the connection.')
    return row
  }
  function documentOf(...of: Parameters<typeof keyOf>): JsonObject | undefined {
    const row = reader.entry(keyOf(...of))
    return (row && reader.documentOf(row.n)) ?? undefined
  }
  const summaryOf = (connectionId: string, document: JsonObject) =>
    summarize(document, connectionId as CollectionSummary['connectionId'])

  /** The list may be younger than the document. */
  function withLine(summary: CollectionSummary | null, row: EntryRow): CollectionSummary | null {
    const { west, south, east, north } = row
    if (!summary || row.is_stale === 0) return summary
    const hasBox = west !== null && south !== null && east !== null && north !== null
    return {
      ...summary,
      title: row.title,
      ...(hasBox ? { bbox: [west, south, east, north] } : {}),
      ...(row.has_interval ? { interval: [row.starts, row.ends] } : {}),
    }
  }
  function toEntry(key: EntryKey, row: EntryRow): Entry {
    const document = reader.documentOf(row.n) ?? {}
    const isComplete = row.has_whole === 1
    return {
      key,
      title: row.title,
      document,
      collection: key.kind === 'collection' ? withLine(summaryOf(key.connectionId, document), row) : null,
      isComplete,
      failure: isComplete ? null : failureOf(row.whole_failure),
      members: JSON.parse(row.members) as string[],
      isMissing: row.is_missing === 1,
      has: linkedData.has(key, document),
      asOf: shownAsOf(row, reader.list(row.connection_id, row.list)),
    }
  }

  return {
    collection(connectionId, id) {
      const document = documentOf(connectionId, 'collection', id)
      return (document && summaryOf(connectionId, document)) ?? undefined
    },
    document: (connectionId, id) => documentOf(connectionId, 'collection', id),
    documentOf,
    members(...of) {
      const row = reader.entry(keyOf(...of))
      return row && (JSON.parse(row.members) as string[])
    },
    processIds(connectionId) {
      if (accounts.isHidden(connectionId)) return new Set()
      const known = processIdsOf.get(connectionId) ?? new Set(reader.ids(connectionId, 'process', 'backend'))
      processIdsOf.set(connectionId, known)
      return known
    },
    pictures: { tile: pictures.tile, media: pictures.media },
    entryCount: (connectionId) => reader.entryCount(connectionId),
    ready: () => opened,
    async close() {
      schedule.cancel(LOOK_KEY)
      refresher.close()
      completer.close()
      // who closes last puts the log into the file, and main cannot write
      reader.release()
      await process.close()
    },
    handlers: {
      async search(query) {
        await opened
        return search.search(query)
      },
      async facets({ connectionIds, kinds, text }) {
        await opened
        return search.facets(connectionIds, kinds, text)
      },
      async entry(key) {
        await opened
        const row = rowOf(key)
        completer.want(key)
        return toEntry(key, row)
      },
      async twins(key) {
        await opened
        return search.twins(rowOf(key))
      },
      async lists({ connectionId }) {
        await opened
        return refresher.states(connectionId)
      },
      async refresh({ connectionId }) {
        await opened
        completer.forget(connectionId)
        await refresher.refresh(connectionId)
      },
      async cancelRefresh({ connectionId }) {
        refresher.cancel(connectionId)
        completer.forget(connectionId)
      },
      ...linkedData.calls,
    },
  }
}
