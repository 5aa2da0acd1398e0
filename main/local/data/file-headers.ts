/**
 * Headers of the user's rasters, read once and kept until the file changes.
 * Owns: table cache_file (by path, size and time of change). What may pass by itself (no permission) is not kept.
 */

import type { Database } from '../../core/database.ts'
import { AppError } from '../../core/errors.ts'
import { footprint, openRaster } from '../../raster/index.ts'
import type { DataType, Grid } from '../../raster/types.ts'

export type HeaderBand = {
  description: string | null
  dataType: DataType
  nodata: number | null
  scale: number
  offset: number
}
/** What the scanner needs of a file. */
export type FileHeader = {
  grid: Grid
  /** West, south, east, north in degrees. */
  bbox: [number, number, number, number]
  bands: HeaderBand[]
  dateTime: string | null
}
export type FoundHeader = { ok: true; header: FileHeader } | { ok: false; reason: string; isLasting: boolean }

/** Reads a file's header. Never throws. */
export async function readFileHeader(path: string, signal: AbortSignal): Promise<FoundHeader> {
  try {
    const raster = await openRaster({ kind: 'file', path }, { signal })
    try {
      const { grid, problem, bands, dateTime } = raster.header
      if (!grid)
        return { ok: false, reason: problem ?? 'The file does not say where on Earth it lies.', isLasting: true }
      const bbox = footprint(grid)
      if (!bbox)
        return {
          ok: false,
          reason: 'The file lies outside of what its coordinate reference system covers.',
          isLasting: true,
        }
      const kept = bands.map(({ description, dataType, nodata, scale, offset }) => {
        return { description, dataType, nodata, scale, offset }
      })
      return { ok: true, header: { grid, bbox, bands: kept, dateTime } }
    } finally {
      await raster.close()
    }
  } catch (failure) {
    if (failure instanceof AppError)
      return { ok: false, reason: failure.message, isLasting: failure.code === 'unreadable-data' }
    return { ok: false, reason: 'The file cannot be read as a GeoTIFF.', isLasting: false }
  }
}

/** JSON with the numbers that JSON lacks. */
const encode = (found: FoundHeader) =>
  JSON.stringify(found, (_, value) => (typeof value === 'number' && !Number.isFinite(value) ? `#${value}` : value))
const decode = (text: string): FoundHeader =>
  JSON.parse(text, (key, value) => (key === 'nodata' && typeof value === 'string' ? Number(value.slice(1)) : value))

export type FileState = { path: string; sizeBytes: number; modifiedMs: number }

export class HeaderCache {
  readonly #database: Database
  #waiting: { state: FileState; found: FoundHeader }[] = []

  constructor(database: Database) {
    this.#database = database
  }

  get(state: FileState): FoundHeader | undefined {
    const row = this.#database.get<{ found: string }>(
      'SELECT found FROM cache_file WHERE path = ? AND size_bytes = ? AND modified_ms = ?',
      [state.path, state.sizeBytes, state.modifiedMs],
    )
    return row && decode(row.found)
  }

  /** Keeps it with the next ones; one transaction for many. */
  put(state: FileState, found: FoundHeader): void {
    if (!found.ok && !found.isLasting) return
    this.#waiting.push({ state, found })
    if (this.#waiting.length >= 100) this.flush()
  }

  flush(): void {
    const rows = this.#waiting
    this.#waiting = []
    if (rows.length === 0) return
    this.#database.tx(() => {
      for (const { state, found } of rows)
        this.#database.run(
          'INSERT OR REPLACE INTO cache_file (path, size_bytes, modified_ms, found) VALUES (?,?,?,?)',
          [state.path, state.sizeBytes, state.modifiedMs, encode(found)],
        )
    })
  }
}
