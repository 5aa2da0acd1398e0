/**
 * Results on this computer: a folder for each, with its files, its STAC document and where it came from.
 * Owns: tables result and result_asset, the library's folder. Emits: library.changed, library.removed.
 * Does not: bring results in (fetch-results.ts), move bytes (transfers does) or show them (layers does).
 */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import type { Handlers } from '../../preload/contract/index.ts'
import type { Provenance, Result } from '../../preload/contract/library.ts'
import type { Transfer } from '../../preload/contract/transfers.ts'
import type { ConnectionsFeature } from '../connections/index.ts'
import type { Clock } from '../core/clock.ts'
import type { Database } from '../core/database.ts'
import { AppError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Publish } from '../ipc/publish.ts'
import type { JobsFeature } from '../jobs/index.ts'
import type { RasterSource } from '../raster/types.ts'
import type { TransfersFeature } from '../transfers/index.ts'
import { copyResult } from './copy-result.ts'
import { createResultFetcher } from './fetch-results.ts'
import { createResultStore, metadataOf, type ResultRow, toResult } from './result-store.ts'

/** As the library needs transfers. */
type Downloads = Pick<TransfersFeature, 'download' | 'retry' | 'forget' | 'onChange'> & {
  handlers: Pick<TransfersFeature['handlers'], 'list'>
}

export type LibraryFeature = {
  handlers: Handlers<'library'>
  /** Where an asset lies. @throws AppError not-found */
  assetSource(resultId: string, assetKey: string): { source: RasterSource; title: string }
  onRemoved(listener: (resultId: string) => void): void
  /** A fresh address for an asset whose link has expired. */
  renewLink(resultId: string, assetKey: string): Promise<string>
  /** Fetches what finished while Swath was away. */
  resume(): void
  close(): void
}
type Needs = {
  database: Database
  connections: ConnectionsFeature
  jobs: JobsFeature
  downloads: Downloads
  publish: Publish
  clock: Clock
  log: Log
  folder: string
  version: string
  shell: {
    revealFile(path: string): void
    moveToTrash(path: string): Promise<void>
    chooseFolder(title: string): Promise<string | null>
  }
}

/** Between two announcements of one result while its files arrive. */
const GAP_MS = 250

export function createLibrary(needs: Needs): LibraryFeature {
  const { database, connections, jobs, downloads, publish, clock, log } = needs
  const store = createResultStore({ database, clock })
  const received = new Map<string, number>()
  const soon = new Map<string, () => void>()
  const lastToldMs = new Map<string, number>()
  const removedListeners: ((resultId: string) => void)[] = []
  let isClosed = false

  const receivedOf = (resultId: string, key: string) => received.get(`${resultId}/${key}`) ?? 0
  const asResult = (row: ResultRow): Result => toResult(row, store.assets(row.id), receivedOf)
  const folderOf = (row: Pick<ResultRow, 'folder'>) => join(needs.folder, row.folder)
  const get = (id: string): ResultRow => {
    const row = store.get(id)
    if (!row) throw new AppError('not-found', 'The result is not in the library any more.')
    return row
  }
  function announce(id: string): Result {
    const result = asResult(get(id))
    publish({ feature: 'library', name: 'changed', payload: result })
    return result
  }

  /** While files arrive news come many times a second, and a result may have thousands of files. */
  function announceSoon(id: string): void {
    if (soon.has(id)) return
    const sinceMs = clock.monotonicMs() - (lastToldMs.get(id) ?? Number.NEGATIVE_INFINITY)
    const tell = () => {
      soon.delete(id)
      if (isClosed || !store.get(id)) return
      lastToldMs.set(id, clock.monotonicMs())
      announce(id)
    }
    if (sinceMs >= GAP_MS) tell()
    else soon.set(id, clock.setTimer(GAP_MS - sinceMs, tell))
  }

  const fetcher = createResultFetcher({
    store,
    connections,
    jobs,
    downloads,
    clock,
    log,
    folder: needs.folder,
    version: needs.version,
    announce,
  })
  const goOn = (id: string) =>
    void fetcher.complete(id).catch((failure) => log.warn('A result could not go on', { result: id, failure }))

  function noteTransfer(transfer: Transfer): void {
    const { resultId, assetKey } = transfer
    const asset = store.asset(resultId, assetKey)
    if (!asset || isClosed) return
    const place = `${resultId}/${assetKey}`
    received.set(place, transfer.receivedBytes)
    const state = assetState(transfer.state)
    if (state === 'here' || state === 'failed') received.delete(place)
    if (state !== asset.state || state === 'failed') {
      store.setAsset(resultId, assetKey, {
        state,
        ...(transfer.failure && state === 'failed' ? { failure: transfer.failure } : {}),
        ...(state === 'here' ? { sizeBytes: transfer.receivedBytes } : {}),
      })
    }
    store.settle(resultId)
    announceSoon(resultId)
  }

  /** What the downloads came to while nobody listened: a crash can come between their rows and those of the result. */
  async function reconcile(rows: ResultRow[]): Promise<void> {
    if (rows.length === 0) return
    const transfers = new Map((await downloads.handlers.list()).map((one) => [`${one.resultId}/${one.assetKey}`, one]))
    if (isClosed) return
    for (const row of rows) {
      for (const asset of store.assets(row.id).filter(({ state }) => state === 'downloading')) {
        const transfer = transfers.get(`${row.id}/${asset.key}`)
        if (!transfer) store.setAsset(row.id, asset.key, { state: 'waiting' })
        else if (assetState(transfer.state) !== asset.state) noteTransfer(transfer as Transfer)
      }
      goOn(row.id)
    }
  }

  /** A folder that the user has removed by hand is no reason to keep the row. */
  async function trash(row: ResultRow): Promise<void> {
    const isThere = await access(folderOf(row)).then(
      () => true,
      () => false,
    )
    if (!isThere) return
    await needs.shell.moveToTrash(folderOf(row)).catch((cause) => {
      for (const asset of store.assets(row.id).filter(({ state }) => state !== 'here'))
        store.setAsset(row.id, asset.key, { state: 'failed' })
      store.settle(row.id)
      announce(row.id)
      const message =
        'The trash of the system did not take the folder; it is still in the library. Show the files to remove them.'
      throw new AppError('read-only', message, { cause })
    })
  }
  function forget(id: string): void {
    soon.get(id)?.()
    soon.delete(id)
    lastToldMs.delete(id)
    for (const place of received.keys()) if (place.startsWith(`${id}/`)) received.delete(place)
  }

  downloads.onChange(noteTransfer)
  jobs.onFinished((job) => fetcher.fetch(job.id))

  return {
    renewLink: fetcher.renewLink,
    onRemoved: (listener) => removedListeners.push(listener),
    assetSource(resultId, assetKey) {
      const row = get(resultId)
      const asset = store.asset(resultId, assetKey)
      if (!asset) throw new AppError('not-found', 'The result has no such file.')
      if (asset.state !== 'here') throw new AppError('not-found', 'The file is not on this computer yet.')
      const several = store.assets(resultId).filter((other) => other.media_kind === 'raster').length > 1
      const title = several ? `${row.title}: ${asset.title}` : row.title
      return { source: { kind: 'file', path: join(folderOf(row), asset.file_name) }, title }
    },
    resume() {
      for (const job of jobs.unfetched()) fetcher.fetch(job.id)
      reconcile(store.arriving()).catch((failure) => log.warn('Results could not go on', { failure }))
    },
    close() {
      isClosed = true
      fetcher.close()
      for (const disarm of soon.values()) disarm()
    },
    handlers: {
      list: async () => store.list().map(asResult),
      provenance: async ({ id }) => JSON.parse(get(id).provenance) as z.infer<typeof Provenance>,
      metadata: async ({ id }) => metadataOf(get(id)),
      async rename({ id, title }) {
        get(id)
        store.rename(id, title)
        return announce(id)
      },
      async retry({ id }) {
        get(id)
        for (const asset of store.assets(id).filter((candidate) => candidate.state === 'failed')) {
          store.setAsset(id, asset.key, { state: 'waiting' })
        }
        store.markArriving(id)
        goOn(id)
        return announce(id)
      },
      async remove({ id }) {
        const row = get(id)
        await downloads.forget(id)
        await trash(row)
        for (const listener of removedListeners) listener(id)
        forget(id)
        store.remove(id)
        publish({ feature: 'library', name: 'removed', payload: { id } })
      },
      async reveal({ id }) {
        const row = get(id)
        const first = store.assets(id).find((asset) => asset.state === 'here')
        needs.shell.revealFile(join(folderOf(row), first?.file_name ?? ''))
      },
      async exportTo({ id }) {
        const row = get(id)
        const target = await needs.shell.chooseFolder('Copy the result to')
        if (target === null) return null
        await copyResult(folderOf(row), target, row.folder)
        return { fileCount: store.assets(id).filter((asset) => asset.state === 'here').length }
      },
    },
  }
}

function assetState(state: Transfer['state']): Result['assets'][number]['state'] {
  if (state === 'done') return 'here'
  if (state === 'failed' || state === 'canceled') return 'failed'
  return state === 'waiting' ? 'waiting' : 'downloading'
}
