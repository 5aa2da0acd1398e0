/**
 * Reads leaves over a window: bands of scenes, polygons, limits, and computed planes of other grids.
 * Owns: open rasters (a bounded number), the way from the file's pixels to those of the cube, and counting what was read.
 * Does not: decode or warp (raster/). What lies outside a file is never asked for.
 */
import { AppError } from '../../core/errors.ts'
import { createBlockCache } from '../../raster/block-cache.ts'
import { alignedOffset, gridBounds, transformBounds, windowOfBounds } from '../../raster/grid.ts'
import { type Grid, openRaster, type Raster, type Values, type Window, warpWindow } from '../../raster/index.ts'
import type { SceneBand } from '../model.ts'
import type { Expression, Leaf } from './expression.ts'
import { rasterizePolygons } from './geometry.ts'
import type { Plane } from './program.ts'

type ReadLeaf = Extract<Leaf, { kind: 'read' }>
type WarpLeaf = Extract<Leaf, { kind: 'warp' }>

/** What has been read so far. */
export type ReadCounts = { windowsRead: number; pixelsRead: number; scenes: string[]; bands: string[] }

export type LeafReader = {
  /** The leaf over a window of a grid that is aligned with the leaf's. null: no value anywhere. */
  read: (leaf: Leaf, grid: Grid, window: Window, signal: AbortSignal | undefined) => Promise<Plane>
  counts: () => ReadCounts
  close: () => Promise<void>
}

export type LeafReaderOptions = {
  cacheBytes: number
  /** Opens a raster; tests count here. */
  open?: typeof openRaster
  /** Computes an expression over a window of a grid, for warping it. */
  compute: (
    expression: Expression,
    grid: Grid,
    window: Window,
    signal: AbortSignal | undefined,
  ) => Promise<Float64Array>
}

const MAX_OPEN = 64

export function createLeafReader({ cacheBytes, open = openRaster, compute }: LeafReaderOptions): LeafReader {
  const cache = createBlockCache(cacheBytes)
  const rasters = new Map<string, Promise<Raster>>()
  const counts = { windowsRead: 0, pixelsRead: 0, scenes: new Set<string>(), bands: new Set<string>() }

  /** The raster of a band, open; the one that was not used for longest is closed where there are too many. */
  function rasterOf({ source }: SceneBand): Promise<Raster> {
    const key = source.kind === 'file' ? source.path : source.url
    const found = rasters.get(key)
    rasters.delete(key)
    // without a signal: others may wait for the same file
    const raster = found ?? open(source, { cache, cacheKey: key })
    rasters.set(key, raster)
    raster.catch(() => rasters.delete(key))
    if (rasters.size > MAX_OPEN) {
      const [oldest, closing] = rasters.entries().next().value as [string, Promise<Raster>]
      rasters.delete(oldest)
      closeLater.push(closing)
    }
    return raster
  }
  /** Closed at the end: another window may still be read from them. */
  const closeLater: Promise<Raster>[] = []

  async function readBand(leaf: ReadLeaf, grid: Grid, window: Window, signal: AbortSignal | undefined): Promise<Plane> {
    const { band } = leaf
    const isPlain = leaf.method === undefined
    const offset = isPlain ? alignedOffset(band.grid, grid) : null
    const covered = offset === null ? meets(band.grid, grid, window) : true
    if (!covered) return null
    const part = offset === null ? window : overlap(band.grid, window, offset)
    if (part === null) return null
    const raster = await rasterOf(band)
    counts.windowsRead += 1
    counts.pixelsRead += part.width * part.height
    counts.scenes.add(leaf.sceneId)
    counts.bands.add(band.name)
    if (offset !== null) return copied(raster, band, window, offset, part, signal)
    const [values] = await warpWindow(raster, {
      target: grid,
      window,
      samples: [band.sample],
      method: leaf.method ?? 'near',
      sourceGrid: band.grid,
      nodata: band.nodata,
      signal,
    })
    return values === undefined ? null : { values, nodata: null }
  }

  async function readLeaf(leaf: Leaf, grid: Grid, window: Window, signal: AbortSignal | undefined): Promise<Plane> {
    signal?.throwIfAborted()
    if (leaf.kind === 'read') {
      return readBand(leaf, grid, window, signal).catch((failure: unknown) => {
        throw named(failure, leaf)
      })
    }
    if (leaf.kind === 'inside') return { values: rasterizePolygons(leaf.polygons, grid, window), nodata: null }
    if (leaf.kind === 'within') return { values: within(leaf.grid, grid, window), nodata: null }
    return warped(leaf, grid, window, signal, compute)
  }

  return {
    read: readLeaf,
    counts: () => ({ ...counts, scenes: [...counts.scenes], bands: [...counts.bands] }),
    close: async () => {
      const all = [...rasters.values(), ...closeLater.splice(0)]
      rasters.clear()
      await Promise.all(all.map((raster) => raster.then((open) => open.close()).catch(() => undefined)))
    },
  }
}

/** The failure of a file with the scene and band that it belongs to. */
function named(failure: unknown, { sceneId, band }: ReadLeaf): unknown {
  if (!(failure instanceof AppError) || failure.code === 'canceled') return failure
  return new AppError(
    failure.code,
    `The band ${band.name} of the scene "${sceneId}" cannot be read. ${failure.message}`,
    {
      cause: failure,
    },
  )
}

/** Whether the window can hold anything of a grid in another CRS; in doubt it can. */
function meets(source: Grid, grid: Grid, window: Window): boolean {
  const bounds = transformBounds(gridBounds(source), source.crs, grid.crs)
  if (bounds === null || grid.crs.unit === 'degree') return true
  const found = windowOfBounds({ ...grid, width: 2 ** 30, height: 2 ** 30 }, bounds)
  if (found === null) return false
  return (
    found.column <= window.column + window.width &&
    found.row <= window.row + window.height &&
    found.column + found.width >= window.column &&
    found.row + found.height >= window.row
  )
}

/** The part of the window that a grid covers, in pixels of that grid; `offset`: where the window's grid lies in it. */
function overlap(source: Grid, window: Window, offset: { column: number; row: number }): Window | null {
  const column = Math.max(0, window.column + offset.column)
  const row = Math.max(0, window.row + offset.row)
  const width = Math.min(source.width, window.column + offset.column + window.width) - column
  const height = Math.min(source.height, window.row + offset.row + window.height) - row
  return width > 0 && height > 0 ? { column, row, width, height } : null
}

/** Pixels as the file has them; as float64 where some of the window lie outside, or are masked by the file. */
async function copied(
  raster: Raster,
  { sample, nodata }: SceneBand,
  window: Window,
  offset: { column: number; row: number },
  part: Window,
  signal: AbortSignal | undefined,
): Promise<Plane> {
  const { validity } = raster.header
  const isMasked = validity === 'mask' || (validity !== 'none' && validity.alpha !== sample)
  const [[values], valid] = await Promise.all([
    raster.readWindow({ samples: [sample], window: part, signal }),
    isMasked ? raster.readValidity({ window: part, signal }) : null,
  ])
  if (values === undefined) return null
  if (valid === null && part.width === window.width && part.height === window.height) return { values, nodata }
  const out = new Float64Array(window.width * window.height).fill(Number.NaN)
  const left = part.column - offset.column - window.column
  const top = part.row - offset.row - window.row
  for (let row = 0; row < part.height; row++) {
    const from = row * part.width
    out.set(values.subarray(from, from + part.width) as Values, (top + row) * window.width + left)
    if (valid === null) continue
    for (let i = 0; i < part.width; i++)
      if (valid[from + i] === 0) out[(top + row) * window.width + left + i] = Number.NaN
  }
  return { values: out, nodata }
}

/** 1 for the pixels of the window that lie in the limits, else 0. */
function within(limits: Grid, grid: Grid, window: Window): Uint8Array {
  const out = new Uint8Array(window.width * window.height)
  const offset = alignedOffset(limits, grid)
  const part = offset && overlap(limits, window, offset)
  if (!part || !offset) return out
  const left = part.column - offset.column - window.column
  for (let row = 0; row < part.height; row++) {
    const start = (part.row - offset.row - window.row + row) * window.width + left
    out.fill(1, start, start + part.width)
  }
  return out
}

/** A computed plane as if it were a raster, so that the engine's warp can be used on it. */
async function warped(
  leaf: WarpLeaf,
  grid: Grid,
  window: Window,
  signal: AbortSignal | undefined,
  compute: LeafReaderOptions['compute'],
): Promise<Plane> {
  const { from } = leaf
  const size = 512
  const raster: Raster = {
    header: {
      width: from.width,
      height: from.height,
      grid: from,
      problem: null,
      bands: [
        { description: null, dataType: 'float64', nodata: Number.NaN, scale: 1, offset: 0, unit: null, palette: null },
      ],
      levels: [{ width: from.width, height: from.height, blockWidth: size, blockHeight: size }],
      validity: 'none',
      dateTime: null,
      metadata: {},
      compression: 'none',
      sizeBytes: null,
    },
    readWindow: async (request) => [await compute(leaf.expression, from, request.window, request.signal)],
    readBlock: async (request) => {
      const part = { column: request.column * size, row: request.row * size, width: size, height: size }
      const inside = overlap(from, part, { column: 0, row: 0 }) ?? { ...part, width: 0, height: 0 }
      return { window: inside, values: [await compute(leaf.expression, from, inside, request.signal)] }
    },
    readValidity: async () => null,
    close: async () => undefined,
  }
  const [values] = await warpWindow(raster, { target: grid, window, method: leaf.method, signal })
  return values === undefined ? null : { values, nodata: null }
}
