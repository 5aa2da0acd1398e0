/**
 * Brings results in: reads what the back-end offers, keeps it as rows, writes the documents, asks for the downloads.
 * Owns: the order (row, folder, documents, files; each step is found again after a crash) and when it is tried again.
 * Does not: move bytes (transfers does) or answer the window (index.ts). Nothing is overwritten: each run has a folder.
 */
import { access, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Job } from '../../preload/contract/jobs.ts'
import type { JsonObject } from '../../preload/contract/vocabulary.ts'
import type { ConnectionsFeature } from '../connections/index.ts'
import { type Clock, instant } from '../core/clock.ts'
import { AppError, fromFileError, toWireError } from '../core/errors.ts'
import { fileNameKey, safeFileName, uniqueFileName, writeAtomically } from '../core/files.ts'
import { newId } from '../core/ids.ts'
import type { Log } from '../core/log.ts'
import type { JobsFeature } from '../jobs/index.ts'
import * as openeo from '../protocols/openeo.ts'
import type { TransfersFeature } from '../transfers/index.ts'
import { planResult } from './plan-result.ts'
import { metadataOf, type ResultRow, type ResultStore } from './result-store.ts'

type Needs = {
  store: ResultStore
  connections: ConnectionsFeature
  jobs: JobsFeature
  downloads: Pick<TransfersFeature, 'download' | 'retry'>
  clock: Clock
  log: Log
  /** The library's folder. */
  folder: string
  version: string
  announce(resultId: string): void
}
export type ResultFetcher = {
  /** The results of a finished job; tried again until it works. */
  fetch(jobId: string): void
  /** Brings a result on: documents that are not written and files that nobody fetches. */
  complete(resultId: string): Promise<void>
  renewLink(resultId: string, assetKey: string): Promise<string>
  close(): void
}
type Fetching = { isBusy: boolean; again: boolean; attempt: number; disarm: (() => void) | null }

const FIRST_RETRY_MS = 5_000
const LONGEST_RETRY_MS = 300_000
const RAN_AGAIN = 'The job was started again since; the files of its earlier run cannot be fetched any more.'

export function createResultFetcher(needs: Needs): ResultFetcher {
  const { store, connections, jobs, downloads, clock, log } = needs
  const fetching = new Map<string, Fetching>()
  const completing = new Map<string, Promise<void>>()
  /** Addresses as the back-end gave them just now; signed ones are secrets and are kept nowhere else. */
  const links = new Map<string, Map<string, string>>()
  let isClosed = false

  function fetch(jobId: string): void {
    const entry = fetching.get(jobId) ?? { isBusy: false, again: false, attempt: 0, disarm: null }
    fetching.set(jobId, entry)
    entry.disarm?.()
    entry.disarm = null
    if (isClosed) return
    if (entry.isBusy) {
      entry.again = true
      return
    }
    entry.isBusy = true
    entry.again = false
    bringIn(jobId)
      .then(
        () => {
          entry.isBusy = false
          if (entry.again) fetch(jobId)
          else fetching.delete(jobId)
        },
        (failure) => later(jobId, entry, failure),
      )
      .catch((failure) => log.error('The state of a job could not be kept', { job: jobId, failure }))
  }
  function later(jobId: string, entry: Fetching, failure: unknown): void {
    entry.isBusy = false
    if (isClosed) return
    const logRef = log.warn('The results of a job could not be read', { job: jobId, failure })
    const waitMs = Math.min(FIRST_RETRY_MS * 2 ** entry.attempt, LONGEST_RETRY_MS)
    entry.attempt = Math.min(entry.attempt + 1, 20)
    entry.disarm = clock.setTimer(waitMs, () => fetch(jobId))
    const since = instant(clock.now())
    jobs.noteFetching(jobId, {
      error: toWireError(failure, logRef),
      since,
      nextTryAt: instant(clock.now() + waitMs),
    })
  }

  async function bringIn(jobId: string): Promise<void> {
    const job = jobs.find(jobId)
    if (job?.state !== 'finished' || job.resultId !== null || job.remoteId === null) return
    const { document, baseUrl } = await readResults(job.connectionId, job.remoteId)
    const plan = planResult(document, baseUrl)
    const id = newId('result', clock.now())
    const result = {
      id,
      jobId,
      connectionId: job.connectionId,
      title: job.title,
      folder: await freeFolder(job.title),
      provenance: provenanceOf(job),
    }
    if (isClosed) return
    const tell = store.add(result, plan, () => jobs.claimResult(jobId, id))
    if (!tell) return
    tell()
    needs.announce(id)
    for (const entry of plan.left) log.warn('A file of a result cannot be fetched', { result: id, ...entry })
    links.set(id, new Map(plan.assets.map((asset) => [asset.key, asset.href])))
    await complete(id).catch((failure) => log.warn('A result could not go on', { result: id, failure }))
  }

  /** A name that is neither in the rows nor on the disk; the folder itself is made after the row. */
  async function freeFolder(title: string): Promise<string> {
    const onDisk = await readdir(needs.folder).catch(() => [])
    const taken = new Set([...store.folders(), ...onDisk].map(fileNameKey))
    // a slash in a title is no path
    const name = `${instant(clock.now()).slice(0, 10)} ${title.replace(/[/\\]/g, '-')}`
    return uniqueFileName(safeFileName(name, 'result'), taken)
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

  async function readResults(connectionId: string, remoteId: string) {
    const session = connections.session(connectionId)
    const document = await openeo.jobResults(session, remoteId)
    return { document, baseUrl: `${session.rootUrl}/jobs/${encodeURIComponent(remoteId)}/results` }
  }

  /** One at a time for each result: two that fetch the same file would get in each other's way. */
  function complete(resultId: string): Promise<void> {
    const before = completing.get(resultId) ?? Promise.resolve()
    const next = before.catch(() => {}).then(() => bringOn(resultId))
    completing.set(resultId, next)
    const tidy = () => {
      if (completing.get(resultId) === next) completing.delete(resultId)
    }
    next.then(tidy, tidy)
    return next
  }

  async function bringOn(id: string): Promise<void> {
    const row = store.get(id)
    if (!row || isClosed) return
    try {
      await writeDocuments(row)
    } catch (failure) {
      return giveUp(row, failure)
    }
    for (const { key } of store.assets(id)) {
      if (isClosed) return
      await requestFile(row, key)
    }
    links.delete(id)
    if (isClosed || !store.settle(id)) return
    needs.announce(id)
  }

  async function requestFile(row: ResultRow, key: string): Promise<void> {
    const asset = store.asset(row.id, key)
    if (asset?.state !== 'waiting' || (await downloads.retry(row.id, key))) return
    const url = await linkOf(row, key).catch((failure) => {
      // what may pass is tried again at the next connection; the rest is a state of the file
      if (!(failure instanceof AppError) || failure.retry !== 'never' || failure.code === 'signed-out') throw failure
      const logRef = log.warn('A file of a result cannot be had', { result: row.id, key, failure })
      store.setAsset(row.id, key, { state: 'failed', failure: toWireError(failure, logRef) })
      return null
    })
    if (url === null || isClosed) return
    await downloads.download({
      resultId: row.id,
      assetKey: key,
      connectionId: row.connection_id,
      title: asset.title,
      url,
      targetPath: join(needs.folder, row.folder, asset.file_name),
      mediaType: asset.media_type,
      sizeBytes: asset.size_bytes,
      checksum: asset.checksum,
    })
  }

  /** Only what is not there: the documents may have been written before a crash. */
  async function writeDocuments(row: ResultRow): Promise<void> {
    const folder = join(needs.folder, row.folder)
    await mkdir(folder, { recursive: true }).catch((failure) => {
      throw fromFileError(failure, 'the folder of the result') ?? failure
    })
    const metadata = metadataOf(row)
    const documents: [string, JsonObject][] = [
      [metadata.type === 'Feature' ? 'item.json' : 'collection.json', metadata],
      ['swath.json', JSON.parse(row.provenance) as JsonObject],
    ]
    for (const [name, value] of documents) {
      const path = join(folder, name)
      const isThere = await access(path).then(
        () => true,
        () => false,
      )
      if (!isThere) await writeAtomically(path, `${JSON.stringify(value, null, 2)}\n`)
    }
  }

  /** The disk did not take it: every file that waits says why, and `retry` begins again. */
  function giveUp(row: ResultRow, failure: unknown): void {
    if (isClosed) return
    const logRef = log.warn('A result could not be kept', { result: row.id, failure })
    const waiting = store.assets(row.id).filter((asset) => asset.state === 'waiting')
    for (const asset of waiting)
      store.setAsset(row.id, asset.key, { state: 'failed', failure: toWireError(failure, logRef) })
    store.markIncomplete(row.id)
    needs.announce(row.id)
  }

  async function linkOf(row: ResultRow, key: string): Promise<string> {
    return links.get(row.id)?.get(key) ?? renewLink(row.id, key)
  }

  async function renewLink(resultId: string, assetKey: string): Promise<string> {
    const row = store.get(resultId)
    const job = row?.job_id ? jobs.find(row.job_id) : undefined
    if (!row || row.connection_id === null || !job || job.remoteId === null)
      throw new AppError('not-found', 'The job of this result is not known any more, so its files cannot be fetched.')
    if (job.resultId !== row.id) throw new AppError('not-found', RAN_AGAIN)
    const { document, baseUrl } = await readResults(row.connection_id, job.remoteId)
    const found = new Map(planResult(document, baseUrl).assets.map((asset) => [asset.key, asset.href]))
    const href = found.get(assetKey)
    if (href === undefined) throw new AppError('not-found', 'The back-end does not offer this file any more.')
    return href
  }

  return {
    fetch,
    complete,
    renewLink,
    close() {
      isClosed = true
      for (const { disarm } of fetching.values()) disarm?.()
    },
  }
}
