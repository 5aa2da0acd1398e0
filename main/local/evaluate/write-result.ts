/**
 * Writes the files of one saved result from blocks that somebody computes.
 * Owns: names inside the output folder, formats, what an asset says of its file. Does not: compute blocks.
 * A file has its final name only when it is whole; what was begun is taken away when the run fails.
 */
import { join } from 'node:path'
import { type CogBand, createCogWriter, type DataType, footprint, type Window, writePng } from '../../raster/index.ts'
import type { RunAsset } from './api.ts'
import type { BlockTask, BlockValues, SavedResult } from './block-evaluator.ts'
import { readOptions } from './formats.ts'
import { readInstant } from './instants.ts'
import type { ResultFile } from './result-files.ts'
import type { Cube } from './values.ts'
import { jsonOf, writeText } from './write-json.ts'

/** Computes one block; the order of calls is the order in which blocks are begun. */
export type ComputeBlock = (task: BlockTask) => Promise<BlockValues>

export type FileJob = {
  /** Blocks of this file. */
  blocks: number
  /** Writes it; rejects with the reason where it cannot. Nothing is left behind then. */
  write: (compute: ComputeBlock, blocksAtOnce: number, signal: AbortSignal | undefined) => Promise<RunAsset>
}

const PICTURE_BLOCK = 512

/** The files of a result. `isTaken`: whether another file of this run has the name already. */
export function fileJobs(
  result: SavedResult,
  saved: number,
  outputDir: string,
  isTaken: (name: string) => boolean,
): FileJob[] {
  const format = result.format as 'GTiff' | 'PNG' | 'JSON'
  const options = readOptions(format, result.options)
  const extension = { GTiff: '.tif', PNG: '.png', JSON: '.json' }[format]
  const prefix = options.filename_prefix as string
  const nameOf = (stem: string) => {
    const base = stem === '' ? prefix : `${prefix}_${stem}`
    for (let n = 1; ; n++) {
      const name = `${base}${n === 1 ? '' : `-${n}`}${extension}`
      if (!isTaken(name)) return name
    }
  }
  if (format === 'JSON') return [jsonJob(result, saved, outputDir, nameOf(''))]
  const make = format === 'GTiff' ? geotiffJob : pictureJob
  return result.files.map((file, index) =>
    make(result, { saved, file: index }, file, options, outputDir, nameOf(file.stem)),
  )
}

/** Does something for each item, so many at once; begins no more after a failure, and waits for what was begun. */
async function forEachOf<T>(items: readonly T[], atOnce: number, of: (item: T) => Promise<void>): Promise<void> {
  const failures: unknown[] = []
  let next = 0
  const worker = async () => {
    while (next < items.length && failures.length === 0) {
      const item = items[next] as T
      next += 1
      try {
        await of(item)
      } catch (failure) {
        failures.push(failure)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker))
  if (failures.length > 0) throw failures[0]
}

type Place = { saved: number; file: number }
type Options = Record<string, unknown>

/** Windows of blocks in an order in which neighbours follow one another: two by two blocks at a time. */
export function blockWindows(width: number, height: number, size: number): Window[] {
  const windows: Window[] = []
  for (let top = 0; top < height; top += 2 * size) {
    for (let left = 0; left < width; left += 2 * size) {
      for (const row of [top, top + size]) {
        for (const column of [left, left + size]) {
          if (row >= height || column >= width) continue
          windows.push({ column, row, width: Math.min(size, width - column), height: Math.min(size, height - row) })
        }
      }
    }
  }
  return windows
}

/** What all formats say of a file. */
function assetOf(cube: Cube, file: ResultFile | null, outputDir: string, name: string, sizeBytes: number) {
  const bbox = footprint(cube.grid)
  return {
    key: name,
    path: join(outputDir, name),
    roles: ['data'],
    title: file?.label ?? name,
    sizeBytes,
    grid: cube.grid,
    ...(bbox === null ? {} : { bbox }),
    ...(file?.datetime == null ? {} : { datetime: file.datetime }),
    ...(file?.interval == null ? {} : { interval: file.interval }),
  }
}

/** The number that stands for no value: NaN where it can, else the end of the range that is needed least. */
export function defaultNodata(dataType: DataType): number {
  if (dataType.startsWith('float')) return Number.NaN
  const bits = Number(/\d+$/.exec(dataType)?.[0])
  return dataType.startsWith('u') ? 2 ** bits - 1 : -(2 ** (bits - 1))
}

/** `YYYY:MM:DD HH:MM:SS`, as TIFF wants it. */
function tiffTime({ datetime, interval }: ResultFile): string | null {
  const instant = readInstant(datetime ?? interval?.[0] ?? '')
  return instant === null ? null : new Date(instant).toISOString().slice(0, 19).replace('T', ' ').replaceAll('-', ':')
}

function geotiffJob(
  { cube }: SavedResult,
  place: Place,
  file: ResultFile,
  options: Options,
  outputDir: string,
  name: string,
): FileJob {
  const blockSize = options.blocksize as number
  const dataType = options.datatype as DataType
  const nodata = (options.nodata as number | undefined) ?? defaultNodata(dataType)
  const bands: CogBand[] = file.bandNames.map((band) => ({ name: band, dataType, nodata }))
  const { width, height } = cube.grid
  const time = tiffTime(file)
  return {
    blocks: Math.ceil(width / blockSize) * Math.ceil(height / blockSize),
    write: async (compute, blocksAtOnce, signal) => {
      const writer = await createCogWriter(join(outputDir, name), {
        grid: cube.grid,
        bands,
        blockSize,
        compression: options.compression as 'deflate',
        overviews: cube.valueType === 'boolean' || !dataType.startsWith('float') ? 'nearest' : 'average',
        ...(time === null ? {} : { dateTime: time }),
        ...(file.label === null ? {} : { metadata: { TIME: file.label } }),
      })
      try {
        const isFloat32 = dataType === 'float32'
        await forEachOf(blockWindows(width, height, blockSize), blocksAtOnce, async (window) => {
          const values = await compute({ ...place, window, isFloat32 })
          await writer.writeBlock(window.column / blockSize, window.row / blockSize, values)
        })
        const { sizeBytes } = await writer.finish({ signal })
        return {
          ...assetOf(cube, file, outputDir, name, sizeBytes),
          mediaType: 'image/tiff; application=geotiff; profile=cloud-optimized',
          bands: bands.map((band) => ({ name: band.name, dataType, nodata })),
        }
      } catch (failure) {
        await writer.abort()
        throw failure
      }
    },
  }
}

function pictureJob(
  { cube }: SavedResult,
  place: Place,
  file: ResultFile,
  options: Options,
  outputDir: string,
  name: string,
): FileJob {
  const { width, height } = cube.grid
  const windows = blockWindows(width, height, PICTURE_BLOCK)
  const low = options.min as number
  const scale = 255 / ((options.max as number) - low)
  return {
    blocks: windows.length,
    write: async (compute, blocksAtOnce) => {
      const data = new Uint8Array(width * height * 4)
      await forEachOf(windows, blocksAtOnce, async (window) => {
        const values = await compute({ ...place, window, isFloat32: true })
        paint(data, width, window, [values[0], values[1] ?? values[0], values[2] ?? values[0]], low, scale)
      })
      const { sizeBytes } = await writePng(join(outputDir, name), { width, height, channels: 4, data })
      return {
        ...assetOf(cube, file, outputDir, name, sizeBytes),
        mediaType: 'image/png',
        roles: ['data', 'visual'],
        bands: file.bandNames.map((band) => ({ name: band, dataType: 'uint8' as const, nodata: null })),
      }
    },
  }
}

/** Colours of a block into an RGBA picture; transparent where one of the three has no value. */
function paint(
  data: Uint8Array,
  width: number,
  window: Window,
  channels: readonly (BlockValues[number] | undefined)[],
  low: number,
  scale: number,
): void {
  for (let row = 0, i = 0; row < window.height; row++) {
    let at = ((window.row + row) * width + window.column) * 4
    for (let column = 0; column < window.width; column++, i++, at += 4) {
      let isValid = true
      for (let channel = 0; channel < 3; channel++) {
        const value = channels[channel]?.[i] ?? Number.NaN
        if (Number.isNaN(value)) isValid = false
        else data[at + channel] = Math.max(0, Math.min(255, Math.round((value - low) * scale)))
      }
      if (isValid) data[at + 3] = 255
      else data.fill(0, at, at + 4)
    }
  }
}

function jsonJob({ cube, files }: SavedResult, saved: number, outputDir: string, name: string): FileJob {
  const { width, height } = cube.grid
  const windows = blockWindows(width, height, PICTURE_BLOCK)
  return {
    blocks: windows.length * files.length,
    write: async (compute, blocksAtOnce) => {
      const planes = new Map<string, Float64Array>()
      const parts = files.flatMap((file, index) => windows.map((window) => ({ file, index, window })))
      await forEachOf(parts, blocksAtOnce, async ({ file, index, window }) => {
        const values = await compute({ saved, file: index, window, isFloat32: false })
        for (const [band, at] of file.planes.entries()) {
          const key = at.join(',')
          const plane = planes.get(key) ?? new Float64Array(width * height)
          planes.set(key, plane)
          for (let row = 0; row < window.height; row++) {
            const line = values[band]?.subarray(row * window.width, (row + 1) * window.width) ?? []
            plane.set(line, (window.row + row) * width + window.column)
          }
        }
      })
      const sizeBytes = await writeText(join(outputDir, name), jsonOf(cube, planes))
      return {
        ...assetOf(cube, files.length === 1 ? (files[0] ?? null) : null, outputDir, name, sizeBytes),
        mediaType: 'application/json',
      }
    },
  }
}
