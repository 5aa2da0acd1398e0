/**
 * Results and their assets as rows.
 * Owns: tables result and result_asset. Does not: touch files or publish (index.ts).
 */
import type { WireError } from '../../preload/contract/errors.ts'
import type { Result, ResultAsset } from '../../preload/contract/library.ts'
import type { JsonObject } from '../../preload/contract/vocabulary.ts'
import { type Clock, instant } from '../core/clock.ts'
import type { Database } from '../core/database.ts'
import type { PlannedAsset, PlannedResult } from './plan-result.ts'

export type ResultRow = {
  id: string
  revision: number
  job_id: string | null
  connection_id: string | null
  title: string
  state: Result['state']
  folder: string
  bbox: string | null
  time_interval: string | null
  metadata: string | null
  provenance: string
  created_at: string
}
export type AssetRow = {
  result_id: string
  key: string
  title: string
  media_type: string
  media_kind: ResultAsset['mediaKind']
  roles: string
  file_name: string
  size_bytes: number | null
  checksum: string | null
  state: ResultAsset['state']
  failure: string | null
}
export type NewResult = {
  id: string
  jobId: string
  connectionId: string
  title: string
  folder: string
  provenance: object
}
export type ResultStore = ReturnType<typeof createResultStore>

const MOST_LISTED = 1000

export function createResultStore({ database, clock }: { database: Database; clock: Clock }) {
  const now = () => instant(clock.now())
  const get = (id: string) => database.get<ResultRow>('SELECT * FROM result WHERE id = ?', [id])
  const touch = (id: string) =>
    database.run('UPDATE result SET revision = revision + 1, updated_at = ? WHERE id = ?', [now(), id])
  const assets = (id: string) =>
    database.all<AssetRow>('SELECT * FROM result_asset WHERE result_id = ? ORDER BY position', [id])

  function mark(id: string, state: ResultRow['state']): ResultRow | undefined {
    database.run('UPDATE result SET state = ?, revision = revision + 1, updated_at = ? WHERE id = ?', [
      state,
      now(),
      id,
    ])
    return get(id)
  }

  return {
    get,
    assets,
    asset: (id: string, key: string) =>
      database.get<AssetRow>('SELECT * FROM result_asset WHERE result_id = ? AND key = ?', [id, key]),
    list: () => database.all<ResultRow>('SELECT * FROM result ORDER BY created_at DESC LIMIT ?', [MOST_LISTED]),
    arriving: () => database.all<ResultRow>(`SELECT * FROM result WHERE state = 'arriving'`),
    byJob: (jobId: string) =>
      database.all<ResultRow>('SELECT * FROM result WHERE job_id = ? ORDER BY created_at DESC', [jobId]),
    folders: () => new Set(database.all<{ folder: string }>('SELECT folder FROM result').map((row) => row.folder)),

    /**
     * The whole result in one transaction with `claim`, forced to the disk before the first byte is fetched. Where
     * `claim` answers null nothing is kept, and null is the answer.
     */
    add<T>(result: NewResult, plan: PlannedResult, claim: () => T | null): T | null {
      return database.durable(() => {
        const claimed = claim()
        if (claimed === null) return null
        database.run(
          `INSERT INTO result (id, job_id, connection_id, title, state, folder, bbox, time_interval, metadata,
                               provenance, created_at, updated_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          [
            result.id,
            result.jobId,
            result.connectionId,
            result.title,
            'arriving',
            result.folder,
            plan.bbox && JSON.stringify(plan.bbox),
            plan.interval && JSON.stringify(plan.interval),
            JSON.stringify(plan.document),
            JSON.stringify(result.provenance),
            now(),
            now(),
          ],
        )
        for (const [position, asset] of plan.assets.entries()) insertAsset(result.id, position, asset)
        return claimed
      })
    },

    setAsset(
      id: string,
      key: string,
      change: { state: ResultAsset['state']; failure?: WireError; sizeBytes?: number },
    ) {
      database.tx(() => {
        database.run(
          `UPDATE result_asset SET state = ?, failure = ?, size_bytes = coalesce(?, size_bytes)
           WHERE result_id = ? AND key = ?`,
          [change.state, change.failure ? JSON.stringify(change.failure) : null, change.sizeBytes ?? null, id, key],
        )
        touch(id)
      })
    },
    /** From its assets: complete, incomplete where one failed and none is on its way, else arriving. */
    settle(id: string): ResultRow | undefined {
      const states = database
        .all<{ state: AssetRow['state'] }>('SELECT DISTINCT state FROM result_asset WHERE result_id = ?', [id])
        .map((row) => row.state)
      const isWaiting = states.some((state) => state === 'waiting' || state === 'downloading')
      return mark(id, isWaiting ? 'arriving' : states.includes('failed') ? 'incomplete' : 'complete')
    },
    markArriving: (id: string) => mark(id, 'arriving'),
    /** Also one without files, whose documents could not be written. */
    markIncomplete: (id: string) => mark(id, 'incomplete'),
    rename(id: string, title: string): void {
      database.run('UPDATE result SET title = ? WHERE id = ?', [title, id])
      touch(id)
    },
    remove(id: string): void {
      database.run('DELETE FROM result WHERE id = ?', [id])
    },
  }

  function insertAsset(resultId: string, position: number, asset: PlannedAsset): void {
    database.run(
      `INSERT INTO result_asset (result_id, key, position, title, media_type, media_kind, roles, file_name,
                                 size_bytes, checksum, state)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting')`,
      [
        resultId,
        asset.key,
        position,
        asset.title,
        asset.mediaType,
        asset.mediaKind,
        JSON.stringify(asset.roles),
        asset.fileName,
        asset.sizeBytes,
        asset.checksum,
      ],
    )
  }
}

/** As the window sees it. `received` tells the bytes of an asset that have arrived so far. */
export function toResult(
  row: ResultRow,
  assets: readonly AssetRow[],
  received: (resultId: string, key: string) => number,
): Result {
  return {
    id: row.id as Result['id'],
    revision: row.revision,
    jobId: row.job_id as Result['jobId'],
    connectionId: row.connection_id as Result['connectionId'],
    title: row.title,
    state: row.state,
    bbox: row.bbox === null ? null : (JSON.parse(row.bbox) as number[]),
    interval: row.time_interval === null ? null : (JSON.parse(row.time_interval) as Result['interval']),
    createdAt: row.created_at,
    assets: assets.map((asset) => ({
      key: asset.key,
      title: asset.title,
      mediaType: asset.media_type,
      mediaKind: asset.media_kind,
      roles: JSON.parse(asset.roles) as string[],
      sizeBytes: asset.size_bytes,
      state: asset.state,
      receivedBytes: asset.state === 'here' ? (asset.size_bytes ?? 0) : received(row.id, asset.key),
      ...(asset.failure === null ? {} : { failure: JSON.parse(asset.failure) as WireError }),
    })),
  }
}

export const metadataOf = (row: ResultRow): JsonObject => JSON.parse(row.metadata ?? '{}') as JsonObject
