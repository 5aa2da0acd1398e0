/**
 * Opens a GeoTIFF, local or remote, and reads windows and blocks of it.
 * Owns: block addresses, sparse blocks, validity, sharing through the block cache. Bytes come from sources.ts, values
 * from decode.ts. Memory: the windows asked for, the cache's budget, and a few compressed blocks at a time.
 */
import { AppError } from '../core/errors.ts'
import { type BlockCache, threadBlockCache } from './block-cache.ts'
import { type ByteSource, canceled, unreadable } from './byte-source.ts'
import { decodeBlock, newValues } from './decode.ts'
import { type FileLayout, readHeader } from './header.ts'
import type { ImageLayout } from './layout.ts'
import { openSource } from './sources.ts'
import { readTiff, type TiffReader } from './tiff.ts'
import type { Block, Raster, RasterSource, Values, Window, WindowRequest } from './types.ts'

export type OpenOptions = {
  signal?: AbortSignal | undefined
  /** Instead of the one of this thread. */
  cache?: BlockCache
  /** A name that is the same wherever the same open file is meant; sharing a cache between threads needs it. */
  cacheKey?: string
}

/** Reads under way for one window at a time; more would only queue up in the disk or the server. */
const READS_AT_ONCE = 16
const MAX_WINDOW_PIXELS = 2 ** 28
let openedCount = 0

/**
 * @throws AppError `not-found`, `forbidden`, `unreadable-data` (not a TIFF, damaged, or a kind that is not supported),
 *   `canceled`, and for URLs what http-source.ts states
 */
export async function openRaster(source: RasterSource, options: OpenOptions = {}): Promise<Raster> {
  const bytes = await openSource(source, options.signal)
  try {
    const tiff = await readTiff(bytes, options.signal)
    const { header, layout } = await readHeader(tiff, bytes.sizeBytes, options.signal)
    const key = options.cacheKey ?? `raster-${++openedCount}`
    const blocks = new BlockReader(bytes, tiff.reader, options.cache ?? threadBlockCache(), key)
    return rasterOf(header, layout, blocks)
  } catch (failure) {
    await bytes.close()
    throw failure
  }
}

type Table = { offsets: Float64Array; byteCounts: Float64Array }

/** Blocks of all images of one file. */
class BlockReader {
  private readonly tables = new Map<ImageLayout, Promise<Table>>()
  private readonly source: ByteSource
  private readonly reader: TiffReader
  private readonly cache: BlockCache
  private readonly key: string
  isClosed = false

  constructor(source: ByteSource, reader: TiffReader, cache: BlockCache, key: string) {
    this.source = source
    this.reader = reader
    this.cache = cache
    this.key = key
  }

  /** Values of blockWidth × rows in it, one array for each sample. `image` names the image within the file. */
  async read(
    layout: ImageLayout,
    image: string,
    at: number,
    samples: readonly number[],
    fill: number,
    signal?: AbortSignal,
  ) {
    if (this.isClosed || signal?.aborted) throw canceled()
    const keys = samples.map((sample) => `${this.key}/${image}/${at}/${sample}`)
    // one reader that cancels must not take the block from the others, so the shared read does not know the signal
    const values = await this.cache.get(keys, (missing) =>
      this.load(
        layout,
        at,
        missing.map((i) => samples[i] as number),
        fill,
        this.cache.shared,
      ),
    )
    if (signal?.aborted) throw canceled()
    return values
  }

  /** As `read`, past the cache. */
  async readOnce(layout: ImageLayout, at: number, samples: readonly number[], fill: number, signal?: AbortSignal) {
    if (this.isClosed || signal?.aborted) throw canceled()
    const values = await this.load(layout, at, samples, fill, false)
    if (signal?.aborted) throw canceled()
    return values
  }

  private async load(
    layout: ImageLayout,
    at: number,
    samples: readonly number[],
    fill: number,
    shared: boolean,
  ): Promise<Values[]> {
    const table = await this.table(layout)
    if (layout.planar === 1) return this.decode(layout, table, at, at, samples, fill, shared)
    const planes = samples.map((s) =>
      this.decode(layout, table, at, s * layout.columns * layout.rows + at, [0], fill, shared),
    )
    return (await Promise.all(planes)).flat()
  }

  private async decode(
    layout: ImageLayout,
    table: Table,
    at: number,
    index: number,
    samples: readonly number[],
    fill: number,
    shared: boolean,
  ) {
    const offset = table.offsets[index] as number
    const length = table.byteCounts[index] as number
    const row = Math.floor(at / layout.columns)
    const rowCount = layout.isTiled
      ? layout.blockHeight
      : Math.min(layout.blockHeight, layout.height - row * layout.blockHeight)
    if (offset === 0 || length === 0) {
      return samples.map(() => {
        const values = newValues(layout.dataType, layout.blockWidth * rowCount, shared)
        return fill === 0 ? values : (values.fill(fill) as Values)
      })
    }
    if (length > MAX_COMPRESSED_BYTES) throw unreadable('The file is damaged: a part of it is implausibly large.')
    const compressed = await this.source.read(offset, length)
    if (this.isClosed) throw canceled()
    return decodeBlock(layout, compressed, rowCount, samples, shared)
  }

  private table(layout: ImageLayout): Promise<Table> {
    const known = this.tables.get(layout)
    if (known) return known
    const limit = 8 << 20
    const reading = Promise.all([
      this.reader.numbers(layout.offsets, limit),
      this.reader.numbers(layout.byteCounts, limit),
    ]).then(([offsets, byteCounts]) => ({ offsets, byteCounts }))
    this.tables.set(layout, reading)
    reading.catch(() => this.tables.delete(layout))
    return reading
  }

  async close(): Promise<void> {
    this.isClosed = true
    this.cache.drop(`${this.key}/`)
    await this.source.close()
  }
}
const MAX_COMPRESSED_BYTES = 256 << 20

function rasterOf(header: Raster['header'], layout: FileLayout, blocks: BlockReader): Raster {
  const fillOf = (sample: number) => header.bands[sample]?.nodata ?? 0
  const levelOf = (level: number) => {
    const found = layout.levels[level]
    if (!found) throw new AppError('invalid-input', 'The raster has no such resolution.')
    return found
  }
  const readWindow = async ({ level = 0, samples, window, signal }: WindowRequest): Promise<Values[]> => {
    const image = levelOf(level)
    const wanted = samples ?? header.bands.map((_, i) => i)
    checkWindow(image, window, wanted, header.bands.length)
    const read = (at: number) => blocks.read(image, `L${level}`, at, wanted, fillOf(wanted[0] ?? 0), signal)
    return assemble(image, window, wanted.length, read, signal)
  }
  return {
    header,
    readWindow,
    async readBlock({ level, column, row, samples, signal, isTransient = false }) {
      const image = levelOf(level)
      const window = blockWindow(image, column, row)
      if (window.width <= 0 || window.height <= 0 || column < 0 || row < 0)
        throw new AppError('invalid-input', 'The raster has no such block.')
      checkWindow(image, window, samples, header.bands.length)
      const at = row * image.columns + column
      const fill = fillOf(samples[0] ?? 0)
      const values = isTransient
        ? await blocks.readOnce(image, at, samples, fill, signal)
        : await blocks.read(image, `L${level}`, at, samples, fill, signal)
      return { window, values: values.map((band) => cutBlock(band, window, image.blockWidth)) } satisfies Block
    },
    async readValidity({ level = 0, window, signal }) {
      const image = levelOf(level)
      checkWindow(image, window, [], header.bands.length)
      const mask = layout.masks[level]
      if (header.validity === 'mask' && mask) {
        const read = (at: number) => blocks.read(mask, `M${level}`, at, [0], 0, signal)
        const [values] = await assemble(mask, window, 1, read, signal)
        return Uint8Array.from(values as Uint8Array, (value) => (value === 0 ? 0 : 255))
      }
      if (typeof header.validity === 'string') return null
      const [alpha] = await readWindow({ level, samples: [header.validity.alpha], window, signal })
      return Uint8Array.from(alpha as Uint8Array, (value) => (value === 0 ? 0 : 255))
    },
    close: () => blocks.close(),
  }
}

/** A block without its padding; one that has none is handed on as it is. */
function cutBlock(block: Values, { width, height }: Window, stride: number): Values {
  if (width === stride) return block.subarray(0, width * height) as Values
  const out = block.slice(0, width * height) as Values
  for (let y = 0; y < height; y++) out.set(block.subarray(y * stride, y * stride + width) as never, y * width)
  return out
}

function blockWindow(image: ImageLayout, column: number, row: number): Window {
  const x = column * image.blockWidth
  const y = row * image.blockHeight
  return {
    column: x,
    row: y,
    width: Math.min(image.blockWidth, image.width - x),
    height: Math.min(image.blockHeight, image.height - y),
  }
}

function checkWindow(
  image: ImageLayout,
  { column, row, width, height }: Window,
  samples: readonly number[],
  bandCount: number,
) {
  const isInside =
    [column, row, width, height].every(Number.isInteger) &&
    column >= 0 &&
    row >= 0 &&
    width > 0 &&
    height > 0 &&
    column + width <= image.width &&
    row + height <= image.height
  if (!isInside) throw new AppError('invalid-input', 'The window lies outside the raster.')
  if (width * height > MAX_WINDOW_PIXELS) throw new AppError('invalid-input', 'The window is too large.')
  if (!samples.every((sample) => Number.isInteger(sample) && sample >= 0 && sample < bandCount))
    throw new AppError('invalid-input', 'The raster has no such band.')
}

/** The window out of its blocks, a bounded number of them under way at once. */
async function assemble(
  image: ImageLayout,
  window: Window,
  sampleCount: number,
  read: (at: number) => Promise<Values[]>,
  signal?: AbortSignal,
): Promise<Values[]> {
  const firstColumn = Math.floor(window.column / image.blockWidth)
  const lastColumn = Math.floor((window.column + window.width - 1) / image.blockWidth)
  const firstRow = Math.floor(window.row / image.blockHeight)
  const lastRow = Math.floor((window.row + window.height - 1) / image.blockHeight)
  const out = Array.from({ length: sampleCount }, () => newValues(image.dataType, window.width * window.height))
  const places: [number, number][] = []
  for (let row = firstRow; row <= lastRow; row++)
    for (let column = firstColumn; column <= lastColumn; column++) places.push([column, row])
  let next = 0
  const work = async () => {
    while (next < places.length) {
      if (signal?.aborted) throw canceled()
      const [column, row] = places[next++] as [number, number]
      const values = await read(row * image.columns + column)
      for (let s = 0; s < sampleCount; s++) copyInto(out[s] as Values, window, values[s] as Values, image, column, row)
    }
  }
  await Promise.all(Array.from({ length: Math.min(READS_AT_ONCE, places.length) }, work))
  return out
}

/** The part of a block (stride blockWidth) that lies in the window. */
function copyInto(out: Values, window: Window, block: Values, image: ImageLayout, column: number, row: number): void {
  const left = column * image.blockWidth
  const top = row * image.blockHeight
  const x0 = Math.max(window.column, left)
  const x1 = Math.min(window.column + window.width, left + image.blockWidth)
  const y0 = Math.max(window.row, top)
  const y1 = Math.min(window.row + window.height, top + image.blockHeight)
  for (let y = y0; y < y1; y++) {
    const from = (y - top) * image.blockWidth + x0 - left
    out.set(block.subarray(from, from + x1 - x0) as never, (y - window.row) * window.width + x0 - window.column)
  }
}
