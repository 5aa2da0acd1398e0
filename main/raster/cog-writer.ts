/**
 * Writes a Cloud Optimized GeoTIFF from blocks that come in any order.
 * Owns: the spool of compressed blocks, the assembly (directories, coarse overviews first, full resolution last), and
 * that nothing lies under the final name before it is complete and on the disk.
 * Bands are stored as separate planes: one band of many is read without the others, and predictors work better.
 * Memory: a few blocks being compressed, and the pyramid's waiting ones.
 */
import { type FileHandle, open, rename, unlink } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { basename, dirname } from 'node:path'
import { promisify } from 'node:util'
import { constants, deflate, zstdCompress } from 'node:zlib'
import { AppError, fromFileError } from '../core/errors.ts'
import { canceled } from './byte-source.ts'
import { type CogBand, type CogCompression, cogDirectories } from './cog-layout.ts'
import { newValues } from './decode.ts'
import { predictFloat, predictIntegers } from './predictors.ts'
import { type LevelSize, levelSizes, type OverviewMethod, Pyramid } from './pyramid.ts'
import { headLength, writeHead } from './tiff-write.ts'
import type { DataType, Grid, Values } from './types.ts'

export type { CogBand, CogCompression } from './cog-layout.ts'

export type CogOptions = {
  grid: Grid
  /** All with the same data type and nodata, because a GeoTIFF has one of each. */
  bands: readonly CogBand[]
  /** Pixels; a multiple of 16. */
  blockSize?: number
  compression?: CogCompression
  overviews?: OverviewMethod | 'none'
  /** Items of the dataset in GDAL_METADATA. */
  metadata?: Readonly<Record<string, string>>
  /** `YYYY:MM:DD HH:MM:SS` */
  dateTime?: string
  /** How files are opened; tests put a failing disk here. */
  openFile?: typeof open
}

export type FinishOptions = { signal?: AbortSignal | undefined; onProgress?: (fraction: number) => void }

export type CogWriter = {
  readonly blockSize: number
  readonly columns: number
  readonly rows: number
  /**
   * One array for each band with the block's pixels (cut to the raster at its right and lower edge), row by row.
   * NaN becomes nodata; integers are rounded and kept within their type. The arrays may be used again after the call.
   * Resolves when there is room for another block. A block that is never written holds no data.
   * @throws AppError `disk-full`, `read-only`, `invalid-input`
   */
  writeBlock(column: number, row: number, values: readonly ArrayLike<number>[]): Promise<void>
  /** @throws as writeBlock, and `canceled`; after any failure nothing is left on the disk */
  finish(options?: FinishOptions): Promise<{ sizeBytes: number }>
  abort(): Promise<void>
}

/** @throws AppError `invalid-input`, `read-only`, `disk-full`, `not-found` (no such folder) */
export async function createCogWriter(path: string, options: CogOptions): Promise<CogWriter> {
  const { grid, bands, blockSize = 512 } = options
  const first = bands[0]
  if (!first) throw new AppError('invalid-input', 'A raster needs at least one band.')
  if (bands.some((b) => b.dataType !== first.dataType || !Object.is(b.nodata, first.nodata)))
    throw new AppError('invalid-input', 'All bands of a GeoTIFF need the same data type and the same nodata value.')
  if (!(Number.isInteger(blockSize) && blockSize >= 16 && blockSize <= 4096 && blockSize % 16 === 0))
    throw new AppError('invalid-input', 'The block size must be a multiple of 16.')
  const hasOverviews = options.overviews !== 'none'
  const levels = levelSizes(grid.width, grid.height, blockSize, hasOverviews)
  cogDirectories(options, levels, blockSize) // an unwritable CRS is found now, not after an hour
  const writer = new Writer(path, options, levels, blockSize, first)
  await writer.start()
  return writer
}

const deflateAsync = promisify(deflate)
const zstdAsync = promisify(zstdCompress)
type Place = { offset: number; length: number }

class Writer implements CogWriter {
  readonly blockSize: number
  readonly columns: number
  readonly rows: number
  private readonly path: string
  private readonly options: CogOptions
  private readonly levels: LevelSize[]
  private readonly dataType: DataType
  private readonly nodata: number | null
  private readonly pyramid: Pyramid
  private readonly places = new Map<string, Place>()
  private readonly busy = new Set<Promise<void>>()
  private readonly written = new Set<number>()
  private spool: FileHandle | undefined
  private spoolBytes = 0
  private failure: unknown
  private state: 'open' | 'finishing' | 'done' = 'open'

  constructor(path: string, options: CogOptions, levels: LevelSize[], blockSize: number, band: CogBand) {
    const full = levels[0] as LevelSize
    this.path = path
    this.options = options
    this.levels = levels
    this.blockSize = blockSize
    this.columns = full.columns
    this.rows = full.rows
    this.dataType = band.dataType
    this.nodata = band.nodata
    const method = options.overviews === 'none' ? 'nearest' : (options.overviews ?? 'average')
    const { dataType, nodata } = band
    this.pyramid = new Pyramid({ levels, blockSize, dataType, nodata, method }, (level, column, row, values) =>
      this.compressBlock(level, column, row, values),
    )
  }

  private get spoolPath(): string {
    return `${this.path}.spool`
  }
  private get partPath(): string {
    return `${this.path}.part`
  }

  async start(): Promise<void> {
    const openFile = this.options.openFile ?? open
    this.spool = await openFile(this.spoolPath, 'w+').catch((failure: unknown) => {
      throw this.named(failure)
    })
  }

  private named(failure: unknown): unknown {
    if (failure instanceof AppError) return failure
    return fromFileError(failure, basename(this.path)) ?? failure
  }

  async writeBlock(column: number, row: number, values: readonly ArrayLike<number>[]): Promise<void> {
    if (this.state !== 'open') throw new AppError('invalid-input', 'The raster is complete already.')
    this.throwFailure()
    const number = row * this.columns + column
    const isInside = column >= 0 && row >= 0 && column < this.columns && row < this.rows
    if (!isInside || values.length !== this.options.bands.length || this.written.has(number))
      throw new AppError('invalid-input', 'The raster has no such block, or it was written before.')
    this.written.add(number)
    const padded = values.map((band) => this.pad(column, row, band))
    this.pyramid.add(0, column, row, padded)
    this.compressBlock(0, column, row, padded)
    await this.room()
  }

  /** To the full block and the raster's type. */
  private pad(column: number, row: number, band: ArrayLike<number>): Values {
    const full = this.levels[0] as LevelSize
    const width = Math.min(this.blockSize, full.width - column * this.blockSize)
    const height = Math.min(this.blockSize, full.height - row * this.blockSize)
    if (band.length !== width * height) throw new AppError('invalid-input', 'A block has the wrong number of pixels.')
    const out = newValues(this.dataType, this.blockSize ** 2)
    if (this.nodata) out.fill(this.nodata)
    const convert = converterOf(this.dataType, this.nodata, band)
    for (let y = 0; y < height; y++) {
      const to = y * this.blockSize
      const from = y * width
      if (!convert) out.set((band as Values).subarray(from, from + width) as never, to)
      else for (let x = 0; x < width; x++) out[to + x] = convert(band[from + x] as number)
    }
    return out
  }

  private compressBlock(level: number, column: number, row: number, values: readonly Values[]): void {
    const columns = (this.levels[level] as LevelSize).columns
    values.forEach((band, i) => {
      const work: Promise<void> = this.compressAndSpool(`${level}/${i}/${row * columns + column}`, band)
        .catch((failure: unknown) => {
          this.failure ??= this.named(failure)
        })
        .finally(() => this.busy.delete(work))
      this.busy.add(work)
    })
  }

  private async compressAndSpool(key: string, band: Values): Promise<void> {
    const bytes = await compress(band, this.dataType, this.blockSize, this.options.compression ?? 'deflate')
    const place = { offset: this.spoolBytes, length: bytes.length }
    this.spoolBytes += bytes.length
    await writeAll(this.spool as FileHandle, bytes, place.offset)
    this.places.set(key, place)
  }

  /** Waits while more blocks are under way than the machine can work on. */
  private async room(): Promise<void> {
    while (this.busy.size >= 2 * availableParallelism() + this.options.bands.length) await Promise.race(this.busy)
    this.throwFailure()
  }

  private throwFailure(): void {
    if (this.failure !== undefined) throw this.failure
  }

  async finish({ signal, onProgress }: FinishOptions = {}): Promise<{ sizeBytes: number }> {
    if (this.state !== 'open') throw new AppError('invalid-input', 'The raster is complete already.')
    this.state = 'finishing'
    try {
      this.pyramid.flush()
      while (this.busy.size > 0) await Promise.all(this.busy)
      this.throwFailure()
      const sizeBytes = await this.assemble(signal, onProgress)
      this.state = 'done'
      await this.removeSpool()
      return { sizeBytes }
    } catch (failure) {
      await this.abort()
      throw this.named(failure)
    }
  }

  private async assemble(signal?: AbortSignal, onProgress?: (fraction: number) => void): Promise<number> {
    const { directories, tables } = cogDirectories(this.options, this.levels, this.blockSize)
    // 4 GB minus room for the head decide between classic TIFF and BigTIFF
    const isBig = this.spoolBytes + headLength(directories, true) >= 2 ** 32 - 65_536
    const order: { place: Place; to: number }[] = []
    let at = headLength(directories, isBig)
    for (let level = this.levels.length - 1; level >= 0; level--) {
      const { columns, rows } = this.levels[level] as LevelSize
      const table = tables[level] as (typeof tables)[number]
      for (let band = 0; band < this.options.bands.length; band++)
        for (let block = 0; block < columns * rows; block++) {
          const place = this.places.get(`${level}/${band}/${block}`)
          if (!place) continue
          const index = band * columns * rows + block
          table.offsets[index] = at
          table.byteCounts[index] = place.length
          order.push({ place, to: at })
          at += place.length + (place.length & 1)
        }
    }
    const openFile = this.options.openFile ?? open
    const file = await openFile(this.partPath, 'w')
    try {
      await writeAll(file, writeHead(directories, isBig), 0)
      await this.copyBlocks(file, order, signal, onProgress)
      await file.truncate(at)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(this.partPath, this.path)
    await syncFolder(dirname(this.path))
    return at
  }

  /** Out of the spool in the order of the file, in pieces of a few megabytes. */
  private async copyBlocks(
    file: FileHandle,
    order: { place: Place; to: number }[],
    signal?: AbortSignal,
    onProgress?: (fraction: number) => void,
  ): Promise<void> {
    const piece = Buffer.allocUnsafe(4 << 20)
    let filled = 0
    let start = order[0]?.to ?? 0
    const write = async () => {
      await writeAll(file, piece.subarray(0, filled), start)
      start += filled
      filled = 0
    }
    for (const [i, { place, to }] of order.entries()) {
      if (signal?.aborted) throw canceled()
      const gap = to - (start + filled)
      if (filled + gap + place.length > piece.length) await write()
      const bytes = place.length > piece.length ? Buffer.allocUnsafe(place.length) : undefined
      if (bytes) {
        await readAll(this.spool as FileHandle, bytes, place.offset)
        await writeAll(file, bytes, to)
        start = to + bytes.length
      } else {
        const skip = to - (start + filled)
        piece.fill(0, filled, filled + skip)
        filled += skip
        await readAll(this.spool as FileHandle, piece.subarray(filled, filled + place.length), place.offset)
        filled += place.length
      }
      if (i % 64 === 0) onProgress?.(i / order.length)
    }
    await write()
    onProgress?.(1)
  }

  async abort(): Promise<void> {
    if (this.state === 'done') return
    this.state = 'done'
    await Promise.allSettled(this.busy)
    await this.removeSpool()
    await unlink(this.partPath).catch(() => undefined)
  }

  private async removeSpool(): Promise<void> {
    await this.spool?.close().catch(() => undefined)
    this.spool = undefined
    await unlink(this.spoolPath).catch(() => undefined)
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, offset + at)
    at += bytesWritten
  }
}

async function readAll(file: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, at, bytes.length - at, offset + at)
    if (bytesRead === 0) throw new Error('the spool ended early')
    at += bytesRead
  }
}

/** The new name itself must survive a power cut; Windows has no such call and needs none. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}

const RANGES: Readonly<Partial<Record<DataType, readonly [number, number]>>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65_535],
  int16: [-32_768, 32_767],
  uint32: [0, 2 ** 32 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
}

/** How values become those of the raster's type; null where they are of it already. */
function converterOf(
  dataType: DataType,
  nodata: number | null,
  band: ArrayLike<number>,
): ((value: number) => number) | null {
  const range = RANGES[dataType]
  if (!range) {
    if (nodata === null || Number.isNaN(nodata)) return ArrayBuffer.isView(band) ? null : (value) => value
    return (value) => (Number.isNaN(value) ? nodata : value)
  }
  if (band.constructor === newValues(dataType, 0).constructor) return null
  const none = nodata ?? 0
  const [low, high] = range
  return (value) => (Number.isNaN(value) ? none : value <= low ? low : value >= high ? high : Math.round(value))
}

/** Predictor 2 for integers and 3 for floats, on a copy. */
async function compress(band: Values, dataType: DataType, blockSize: number, how: CogCompression): Promise<Uint8Array> {
  if (how === 'none') return new Uint8Array(band.buffer, band.byteOffset, band.byteLength)
  const copy = band.slice() as Values
  const bytes = new Uint8Array(copy.buffer, copy.byteOffset, copy.byteLength)
  if (dataType.startsWith('float'))
    predictFloat(bytes, blockSize * copy.BYTES_PER_ELEMENT, blockSize, copy.BYTES_PER_ELEMENT, 1)
  else predictIntegers(copy, blockSize, blockSize, 1)
  if (how === 'zstd') return zstdAsync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 9 } })
  return deflateAsync(bytes, { level: 6 })
}
