/**
 * Rows of downloads and their parts.
 * Owns: SQL of tables transfer and transfer_part. Only the transfers process calls what writes; main reads.
 */
import type { WireError } from '../../preload/contract/errors.ts'
import type { Transfer } from '../../preload/contract/transfers.ts'
import { type Clock, instant } from '../core/clock.ts'
import type { Database, SqlValue } from '../core/database.ts'
import type { DownloadRequest } from './messages.ts'

export type TransferRow = {
  id: string
  revision: number
  title: string
  result_id: string
  asset_key: string
  /** Whose credential it may use. */
  connection_id: string | null
  state: Transfer['state']
  origin: string
  target_path: string
  media_type: string | null
  stated_bytes: number | null
  checksum: string | null
  own_checksum: string | null
  total_bytes: number | null
  received_bytes: number
  etag: string | null
  last_modified: string | null
  failure: string | null
  created_at: string
  updated_at: string
}
export type PartRow = { first_byte: number; byte_count: number; crc32: number }
/** Columns that change while a transfer is under way. */
export type TransferChange = Partial<
  Pick<
    TransferRow,
    'state' | 'own_checksum' | 'total_bytes' | 'received_bytes' | 'etag' | 'last_modified' | 'failure' | 'target_path'
  >
>
export const isOpen = (state: Transfer['state']) => state === 'waiting' || state === 'running' || state === 'verifying'
export const isEnded = (state: Transfer['state']) => state === 'done' || state === 'failed' || state === 'canceled'

const COLUMNS = `id, revision, title, result_id, asset_key, connection_id, state, origin, target_path, media_type, stated_bytes, checksum,
  own_checksum, total_bytes, received_bytes, etag, last_modified, failure, created_at, updated_at`

export type TransferStore = ReturnType<typeof createTransferStore>
export function createTransferStore(database: Database, clock: Clock) {
  const get = (id: string) => database.get<TransferRow>(`SELECT ${COLUMNS} FROM transfer WHERE id = ?`, [id])
  const change = (id: string, columns: TransferChange): void => {
    const names = Object.keys(columns) as (keyof TransferChange)[]
    const values: SqlValue[] = names.map((name) => columns[name] ?? null)
    database.run(
      `UPDATE transfer SET ${names.map((name) => `${name} = ?`).join(', ')}${names.length ? ', ' : ''}
       revision = revision + 1, updated_at = ? WHERE id = ?`,
      [...values, instant(clock.now()), id],
    )
  }
  return {
    get,
    change,
    list: () => database.all<TransferRow>(`SELECT ${COLUMNS} FROM transfer ORDER BY created_at`),
    open: () =>
      database.all<TransferRow>(
        `SELECT ${COLUMNS} FROM transfer WHERE state IN ('waiting', 'running', 'verifying') ORDER BY created_at`,
      ),
    ofResult: (resultId: string) =>
      database.all<TransferRow>(`SELECT ${COLUMNS} FROM transfer WHERE result_id = ? ORDER BY created_at`, [resultId]),
    /** The newest download of an asset. */
    newestOf: (resultId: string, assetKey: string) =>
      database.get<TransferRow>(
        `SELECT ${COLUMNS} FROM transfer WHERE result_id = ? AND asset_key = ? ORDER BY created_at DESC, rowid DESC LIMIT 1`,
        [resultId, assetKey],
      ),
    /** One that is not ended and goes to this path. */
    openAt: (targetPath: string) =>
      database.get<TransferRow>(
        `SELECT ${COLUMNS} FROM transfer
         WHERE target_path = ? AND state IN ('waiting', 'running', 'verifying', 'paused')`,
        [targetPath],
      ),
    add(id: string, request: DownloadRequest): void {
      const now = instant(clock.now())
      const { title, resultId, assetKey, connectionId, targetPath, mediaType, sizeBytes, checksum } = request
      database.run(
        `INSERT INTO transfer (id, kind, title, result_id, asset_key, connection_id, state, origin, target_path,
         media_type, stated_bytes, checksum, total_bytes, created_at, updated_at)
         VALUES (?, 'download', ?, ?, ?, ?, 'waiting', ?, ?, ?, ?, ?, ?, ?, ?)`,
        [
          id,
          title,
          resultId,
          assetKey,
          connectionId,
          new URL(request.url).origin,
          targetPath,
          mediaType,
          sizeBytes,
          checksum,
          sizeBytes,
          now,
          now,
        ],
      )
    },
    parts: (id: string) =>
      database.all<PartRow>(
        'SELECT first_byte, byte_count, crc32 FROM transfer_part WHERE transfer_id = ? ORDER BY first_byte',
        [id],
      ),
    /** The bytes are forced to disk already. */
    addPart(id: string, part: PartRow): void {
      database.tx(() => {
        database.run('INSERT INTO transfer_part (transfer_id, first_byte, byte_count, crc32) VALUES (?, ?, ?, ?)', [
          id,
          part.first_byte,
          part.byte_count,
          part.crc32,
        ])
        change(id, { received_bytes: part.first_byte + part.byte_count })
      })
    },
    /** Forgets the parts from this byte on. */
    dropParts(id: string, fromByte: number): void {
      database.tx(() => {
        database.run('DELETE FROM transfer_part WHERE transfer_id = ? AND first_byte >= ?', [id, fromByte])
        change(id, { received_bytes: fromByte })
      })
    },
    remove: (id: string) => void database.run('DELETE FROM transfer WHERE id = ?', [id]),
  }
}

/** As the contract has it. */
export function toTransfer(
  row: TransferRow,
  live?: { receivedBytes: number; bytesPerSecond: number | null },
): Transfer {
  return {
    id: row.id as Transfer['id'],
    revision: row.revision,
    kind: 'download',
    title: row.title,
    resultId: row.result_id as Transfer['resultId'],
    assetKey: row.asset_key,
    state: row.state,
    totalBytes: row.total_bytes,
    receivedBytes: live?.receivedBytes ?? row.received_bytes,
    bytesPerSecond: live?.bytesPerSecond ?? null,
    ...(row.failure === null ? {} : { failure: JSON.parse(row.failure) as WireError }),
    updatedAt: row.updated_at,
  }
}
