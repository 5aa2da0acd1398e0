/**
 * Results on this computer: a folder for each, with its files, its STAC document and where it came from.
 * Owns: tables result and result_asset, the library's folder. Emits: library.changed, library.removed.
 * Does not: move bytes (transfers does) or show them (layers does). Nothing is overwritten: each fetch is a new folder.
 */
import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import type { WireError } from '../../preload/contract/errors.ts'
import type { Handlers } from '../../preload/contract/index.ts'
import type { Job } from '../../preload/contract/jobs.ts'
import type { Provenance, Result } from '../../preload/contract/library.ts'
import type { Transfer } from '../../preload/contract/transfers.ts'
import type { JsonObject } from '../../preload/contract/vocabulary.ts'
import type { ConnectionsFeature } from '../connections/index.ts'
import { type Clock, instant } from '../core/clock.ts'
import type { Database } from '../core/database.ts'
import { AppError, fromFileError } from '../core/errors.ts'
import { safeFileName, uniqueFileName, writeAtomically } from '../core/files.ts'
import { newId } from '../core/ids.ts'
import type { Log } from '../core/log.ts'
import type { Publish } from '../ipc/publish.ts'
import type { JobsFeature } from '../jobs/index.ts'
import * as openeo from '../protocols/openeo.ts'
import type { RasterSource } from '../raster/types.ts'
import type { TransfersFeature } from '../transfers/index.ts'
import { type PlannedResult, planResult } from './plan-result.ts'
import { createResultStore, metadataOf, type ResultRow, toResult } from './result-store.ts'

/** As the library needs transfers. */
type Downloads = Pick<TransfersFeature, 'download' | 'retry' | 'forget' | 'onChange'>

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

const FIRST_RETRY_MS = 5_000
const LONGEST_RETRY_MS = 300_000

export function createLibrary(needs: Needs): LibraryFeature {
  const { database, connections, jobs, downloads, publish, clock, log } = needs
  const store = createResultStore({ database, clock })
  const received = new Map<string, number>()
  const fetching = new Map<string, () => void>()
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

  /** The results of a finished job: read, planned, kept as rows, then fetched. Tried again until it works. */
  function fetchResults(job: Job, attempt = 0): void {
    if (isClosed || (fetching.has(job.id) && attempt === 0)) return
    fetching.set(job.id, () => {})
    bringIn(job)
      .then(() => fetching.delete(job.id))
      .catch((failure) => {
        log.warn('The results of a job could not be read', { job: job.id, failure })
        const isHopeless = failure instanceof AppError && ['disk-full', 'read-only'].includes(failure.code)
        if (isHopeless || isClosed) return void fetching.delete(job.id)
        const waitMs = Math.min(FIRST_RETRY_MS * 2 ** attempt, LONGEST_RETRY_MS)
        fetching.set(
          job.id,
          clock.setTimer(waitMs, () => fetchResults(job, attempt + 1)),
        )
      })
  }

  async function bringIn(job: Job): Promise<void> {
    if (jobs.find(job.id)?.resultId !== null || job.remoteId === null) return
    const { document, baseUrl } = await readResults(job.connectionId, job.remoteId)
    const plan = planResult(document, baseUrl)
    const name = `${instant(clock.now()).slice(0, 10)} ${job.title}`
    const taken = new Set([...store.folders()].map((folder) => folder.normalize('NFKC').toLowerCase()))
    const folder = await makeFolder(safeFileName(name, 'result'), taken)
    const provenance = provenanceOf(job)
    const id = newId('result', clock.now())
    await writeDocuments(join(needs.folder, folder), plan, provenance)
    store.add({ id, jobId: job.id, connectionId: job.connectionId, title: job.title, folder, provenance }, plan)
    jobs.fetched(job.id, id)
    announce(id)
    for (const entry of plan.left) log.warn('A file of a result cannot be fetched', { result: id, ...entry })
    await fetchAssets(id, plan)
  }

  /** A folder that was not there before: a name that is taken on the disk gets a number. */
  async function makeFolder(wanted: string, taken: Set<string>): Promise<string> {
    await mkdir(needs.folder, { recursive: true }).catch((failure) => {
      throw fromFileError(failure, 'the library') ?? failure
    })
    for (;;) {
      const folder = uniqueFileName(wanted, taken)
      try {
        await mkdir(join(needs.folder, folder))
        return folder
      } catch (failure) {
        if ((failure as NodeJS.ErrnoException).code !== 'EEXIST')
          throw fromFileError(failure, 'the folder of the result') ?? failure
      }
    }
  }

  async function readResults(connectionId: string, remoteId: string) {
    const session = connections.session(connectionId)
    const document = await openeo.jobResults(session, remoteId)
    return { document, baseUrl: `${session.rootUrl}/jobs/${encodeURIComponent(remoteId)}/results` }
  }

  function provenanceOf(job: Job) {
    const connection = connections.find(job.connectionId)
    return {
      graph: job.graph,
      backEndUrl: connection?.url ?? null,
      backEndTitle: connection?.title ?? null,
      swathVersion: needs.version,
      startedAt: job.startedAt,
      endedAt: job.endedAt,
    }
  }

  async function writeDocuments(folder: string, plan: PlannedResult, provenance: object): Promise<void> {
    const text = (value: object) => `${JSON.stringify(value, null, 2)}\n`
    const name = (plan.document as JsonObject).type === 'Feature' ? 'item.json' : 'collection.json'
    await writeAtomically(join(folder, name), text(plan.document))
    await writeAtomically(join(folder, 'swath.json'), text(provenance))
  }

  async function fetchAssets(id: string, plan: PlannedResult): Promise<void> {
    const folder = folderOf(get(id))
    for (const asset of plan.assets) {
      const { key, title, href, fileName, mediaType, sizeBytes, checksum } = asset
      const targetPath = join(folder, fileName)
      await downloads.download({
        resultId: id,
        assetKey: key,
        title,
        url: href,
        targetPath,
        mediaType,
        sizeBytes,
        checksum,
      })
    }
  }

  /** After a crash between the rows of the result and those of its downloads: asks again for what is missing. */
  async function completeArriving(row: ResultRow): Promise<void> {
    const waiting = store.assets(row.id).filter((asset) => asset.state === 'waiting')
    for (const asset of waiting) {
      if (await downloads.retry(row.id, asset.key)) continue
      const targetPath = join(folderOf(row), asset.file_name)
      await downloads.download({
        resultId: row.id,
        assetKey: asset.key,
        title: asset.title,
        url: await renewLink(row.id, asset.key),
        targetPath,
        mediaType: asset.media_type,
        sizeBytes: asset.size_bytes,
        checksum: asset.checksum,
      })
    }
  }

  async function renewLink(resultId: string, assetKey: string): Promise<string> {
    const row = get(resultId)
    const remoteId = row.job_id === null ? null : (jobs.find(row.job_id)?.remoteId ?? null)
    if (row.connection_id === null || remoteId === null)
      throw new AppError('not-found', 'The job of this result is not known any more, so its files cannot be fetched.')
    const { document, baseUrl } = await readResults(row.connection_id, remoteId)
    const asset = planResult(document, baseUrl).assets.find((candidate) => candidate.key === assetKey)
    if (!asset) throw new AppError('not-found', 'The back-end does not offer this file any more.')
    return asset.href
  }

  downloads.onChange((transfer) => {
    const { resultId, assetKey } = transfer
    const asset = store.asset(resultId, assetKey)
    if (!asset) return
    received.set(`${resultId}/${assetKey}`, transfer.receivedBytes)
    const state = assetState(transfer.state)
    const isNews = state !== asset.state || state === 'failed'
    if (isNews) {
      const failure: WireError | undefined = transfer.failure
      const sizeBytes = state === 'here' ? transfer.receivedBytes : undefined
      store.setAsset(resultId, assetKey, {
        state,
        ...(failure && state === 'failed' ? { failure } : {}),
        ...(sizeBytes === undefined ? {} : { sizeBytes }),
      })
    }
    if (isNews || state === 'downloading') store.settle(resultId)
    if (state === 'here' || state === 'failed') received.delete(`${resultId}/${assetKey}`)
    announce(resultId)
  })
  jobs.onFinished((job) => fetchResults(job))

  return {
    renewLink,
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
      for (const job of jobs.unfetched()) fetchResults(job)
      for (const row of store.arriving()) {
        completeArriving(row).catch((failure) => log.warn('A result could not go on', { result: row.id, failure }))
      }
    },
    close() {
      isClosed = true
      for (const cancelTimer of fetching.values()) cancelTimer()
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
        const row = get(id)
        for (const asset of store.assets(id).filter((candidate) => candidate.state === 'failed')) {
          store.setAsset(id, asset.key, { state: 'waiting' })
        }
        store.settle(id)
        completeArriving(get(id)).catch((failure) => log.warn('A result could not go on', { result: row.id, failure }))
        return announce(id)
      },
      async remove({ id }) {
        const row = get(id)
        await needs.shell.moveToTrash(folderOf(row)).catch((cause) => {
          const message =
            'The trash of the system did not take the folder; nothing was removed. Show the files to remove them.'
          throw new AppError('read-only', message, { cause })
        })
        for (const listener of removedListeners) listener(id)
        await downloads.forget(id)
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
        const to = join(target, row.folder)
        await cp(folderOf(row), to, {
          recursive: true,
          force: false,
          errorOnExist: true,
          filter: (source) => !source.endsWith('.part'),
        }).catch((failure: NodeJS.ErrnoException) => {
          if (failure.code === 'ERR_FS_CP_EEXIST')
            throw new AppError('conflict', 'The folder holds files of this name already; nothing was overwritten.')
          throw fromFileError(failure, 'the copy of the result') ?? failure
        })
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
