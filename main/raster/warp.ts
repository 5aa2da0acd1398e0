/**
 * A window of a target grid out of one raster, resampled.
 * Owns: the way through (plain copy where the grids align, else projected positions and a method of resample.ts),
 * choice of overview, and the bound on memory: a window whose source would be too large is done in parts.
 * Values come as float64, NaN for no value (nodata, NaN, outside, masked). uint32 and below are exact in float64.
 */
import { AppError } from '../core/errors.ts'
import { canceled } from './byte-source.ts'
import { alignedOffset } from './grid.ts'
import { nearestFromBlocks } from './nearest.ts'
import { type SourcePositions, sourcePositions } from './projection-grid.ts'
import { isAreaMethod, kernelRadius, resampleArea, resampleKernel } from './resample.ts'
import type { Affine, Grid, Raster, WarpRequest, Window } from './types.ts'

const MAX_SOURCE_PIXELS = 16 << 20
const MAX_TARGET_PIXELS = 64 << 20

type Job = {
  raster: Raster
  source: Grid
  level: number
  samples: readonly number[]
  nodata: readonly (number | null)[]
  request: WarpRequest
}

/**
 * One array (window.width × window.height, row by row) for each sample.
 * @throws AppError `invalid-input` where the raster has no place on Earth; `unreadable-data`; `canceled`
 */
export async function warpWindow(raster: Raster, request: WarpRequest): Promise<Float64Array[]> {
  const { header } = raster
  const source = request.sourceGrid ?? header.grid
  if (!source) throw new AppError('invalid-input', header.problem ?? 'The raster has no place on Earth.')
  if (request.window.width * request.window.height > MAX_TARGET_PIXELS)
    throw new AppError('invalid-input', 'The window is too large.')
  const samples = request.samples ?? header.bands.map((_, i) => i)
  const nodata = samples.map((s) => (request.nodata === undefined ? (header.bands[s]?.nodata ?? null) : request.nodata))
  const out = samples.map(() => new Float64Array(request.window.width * request.window.height).fill(Number.NaN))
  const job: Job = { raster, source, level: 0, samples, nodata, request }
  const aligned = alignedOffset(source, request.target)
  if (aligned) {
    await copyAligned(job, aligned, out)
    return out
  }
  await warpPart(withOverview(job), request.window, out)
  return out
}

/** The grid of a level: the same bounds in fewer pixels. */
export function levelGrid(full: Grid, width: number, height: number): Grid {
  const [a, b, c, d, e, f] = full.transform
  const [sx, sy] = [full.width / width, full.height / height]
  const transform: Affine = [a, b * sx, c * sy, d, e * sx, f * sy]
  return { crs: full.crs, transform, width, height }
}

/** Coarsest level that is not coarser than the target, judged in the middle of the window. */
function withOverview(job: Job): Job {
  const { raster, source, request } = job
  if (request.overviews !== 'auto' || raster.header.levels.length < 2) return job
  const { window } = request
  const middle = {
    column: window.column + Math.floor(window.width / 2),
    row: window.row + Math.floor(window.height / 2),
    width: 1,
    height: 1,
  }
  const { columns, rows } = sourcePositions(source, request.target, middle, 0, true)
  const at = (values: Float64Array, i: number) => values[i] as number
  const across = Math.hypot(at(columns, 1) - at(columns, 0), at(rows, 1) - at(rows, 0))
  const down = Math.hypot(at(columns, 2) - at(columns, 0), at(rows, 2) - at(rows, 0))
  const step = Math.min(across, down)
  let level = 0
  raster.header.levels.forEach(({ width }, i) => {
    if (source.width / width <= step * 1.2) level = i // a fifth coarser is not seen
  })
  const chosen = raster.header.levels[level]
  return level === 0 || !chosen ? job : { ...job, level, source: levelGrid(source, chosen.width, chosen.height) }
}

async function copyAligned(job: Job, offset: { column: number; row: number }, out: Float64Array[]): Promise<void> {
  const { window } = job.request
  const left = window.column + offset.column
  const top = window.row + offset.row
  const cut = cutTo(job.source, { column: left, row: top, width: window.width, height: window.height })
  if (!cut) return
  const bandHeight = Math.max(1, Math.floor(MAX_SOURCE_PIXELS / cut.width))
  for (let row = 0; row < cut.height; row += bandHeight) {
    const part = { ...cut, row: cut.row + row, height: Math.min(bandHeight, cut.height - row) }
    const values = await readValues(job, part)
    values.forEach((band, i) => {
      for (let y = 0; y < part.height; y++) {
        const to = (part.row + y - top) * window.width + part.column - left
        out[i]?.set(band.subarray(y * part.width, (y + 1) * part.width), to)
      }
    })
  }
}

function cutTo({ width, height }: { width: number; height: number }, window: Window): Window | null {
  const column = Math.max(0, window.column)
  const row = Math.max(0, window.row)
  const right = Math.min(width, window.column + window.width)
  const bottom = Math.min(height, window.row + window.height)
  return right > column && bottom > row ? { column, row, width: right - column, height: bottom - row } : null
}

/** Source values as float64 with NaN for no value. */
async function readValues({ raster, level, samples, nodata, request }: Job, window: Window): Promise<Float64Array[]> {
  const { signal } = request
  const [stored, valid] = await Promise.all([
    raster.readWindow({ level, samples, window, signal }),
    raster.header.validity === 'none' ? null : raster.readValidity({ level, window, signal }),
  ])
  const alpha = typeof raster.header.validity === 'object' ? raster.header.validity.alpha : -1
  return stored.map((values, i) => {
    const out = new Float64Array(values) // not from(): that goes by the iterator
    const none = nodata[i] ?? null
    if (none !== null && !Number.isNaN(none)) {
      for (let k = 0; k < out.length; k++) if (out[k] === none) out[k] = Number.NaN
    }
    if (valid && samples[i] !== alpha) {
      for (let k = 0; k < out.length; k++) if (valid[k] === 0) out[k] = Number.NaN
    }
    return out
  })
}

/** Warps one part of the window; halves it where its source is too large. */
async function warpPart(job: Job, part: Window, out: Float64Array[]): Promise<void> {
  const { request, source } = job
  if (request.signal?.aborted) throw canceled()
  const method = request.method ?? 'near'
  const offset = isAreaMethod(method) ? 0 : 0.5
  const positions = sourcePositions(source, request.target, part, offset, request.exact ?? false)
  if (method === 'near') {
    await nearestFromBlocks({ ...job, signal: request.signal }, positions, out)
    return
  }
  const scale = scaleOf(positions)
  const margin = isAreaMethod(method) ? 1 : kernelRadius(method, scale)
  const needed = neededWindow(positions, source, margin)
  if (!needed) return
  if (needed.width * needed.height > MAX_SOURCE_PIXELS) {
    await warpHalves(job, part, out)
    return
  }
  const bands = await readValues(job, needed)
  if (request.signal?.aborted) throw canceled()
  const from = { ...needed, limitWidth: source.width, limitHeight: source.height }
  bands.forEach((band, i) => {
    const result = isAreaMethod(method)
      ? resampleArea(method, band, from, positions)
      : resampleKernel(method, band, from, positions, scale)
    place(out[i] as Float64Array, request.window, result, part)
  })
}

async function warpHalves(job: Job, part: Window, out: Float64Array[]): Promise<void> {
  if (part.width === 1 && part.height === 1)
    throw new AppError('invalid-input', 'The target pixels are too coarse for this raster; resample it in steps.')
  const isWide = part.width >= part.height
  const first = isWide ? part.width >> 1 : part.height >> 1
  const halves: Window[] = isWide
    ? [
        { ...part, width: first },
        { ...part, column: part.column + first, width: part.width - first },
      ]
    : [
        { ...part, height: first },
        { ...part, row: part.row + first, height: part.height - first },
      ]
  for (const half of halves) await warpPart(job, half, out)
}

function place(out: Float64Array, window: Window, values: Float64Array, part: Window): void {
  for (let y = 0; y < part.height; y++) {
    const to = (part.row - window.row + y) * window.width + part.column - window.column
    out.set(values.subarray(y * part.width, (y + 1) * part.width), to)
  }
}

/** Source pixels per target pixel in both directions, over the part as a whole; at least 1. */
function scaleOf({ columns, rows, width, height }: SourcePositions): [number, number] {
  let [across, down] = [0, 0]
  const at = (values: Float64Array, i: number) => values[i] as number
  const middle = (height >> 1) * width + (width >> 1)
  const right = middle + (middle % width < width - 1 ? 1 : -1)
  const below = middle + (middle + width < columns.length ? width : -width)
  if (width > 1) across = Math.hypot(at(columns, right) - at(columns, middle), at(rows, right) - at(rows, middle))
  if (height > 1) down = Math.hypot(at(columns, below) - at(columns, middle), at(rows, below) - at(rows, middle))
  const sane = (value: number) => (Number.isFinite(value) && value > 1 ? value : 1)
  return [sane(across), sane(down)]
}

/** Bounds of all positions with a margin, cut to the source. */
function neededWindow({ columns, rows }: SourcePositions, source: Grid, margin: number): Window | null {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity]
  for (let k = 0; k < columns.length; k++) {
    const x = columns[k] as number
    const y = rows[k] as number
    if (x < x0) x0 = x
    if (x > x1) x1 = x
    if (y < y0) y0 = y
    if (y > y1) y1 = y
  }
  if (!Number.isFinite(x0) || !Number.isFinite(y0) || !Number.isFinite(x1) || !Number.isFinite(y1)) return null
  const column = Math.floor(x0 - margin)
  const row = Math.floor(y0 - margin)
  return cutTo(source, {
    column,
    row,
    width: Math.ceil(x1 + margin) - column + 1,
    height: Math.ceil(y1 + margin) - row + 1,
  })
}
