/**
 * Resampling of one band at given source positions: convolution kernels, and statistics over a pixel's area.
 * Owns: loops over values, NaN is no value. Conventions follow gdalwarp: pixel centres at .5, kernels widened when
 * the target is coarser, weights renormalised over valid values, quantiles by rank.
 */
import type { SourcePositions } from './projection-grid.ts'
import type { Resampling, Window } from './types.ts'

/** The part of the source that was read; limits are those of the whole source. */
export type SourceWindow = Window & { limitWidth: number; limitHeight: number }

type AreaMethod = 'average' | 'mode' | 'max' | 'min' | 'med' | 'q1' | 'q3'
type KernelMethod = Exclude<Resampling, AreaMethod | 'near'>

const AREA_METHODS: readonly string[] = ['average', 'mode', 'max', 'min', 'med', 'q1', 'q3']
export const isAreaMethod = (method: Resampling): method is AreaMethod => AREA_METHODS.includes(method)

/** Positions that are a hair beside a pixel's edge belong to the pixel that they are meant to be in. */
const EDGE = 1e-9

const RADII: Readonly<Record<KernelMethod, number>> = { bilinear: 1, cubic: 2, cubicspline: 2, lanczos: 3 }

/** Source pixels that a kernel reaches on each side. */
export function kernelRadius(method: Resampling, [sx, sy]: [number, number]): number {
  return method === 'near' || isAreaMethod(method) ? 1 : Math.ceil(RADII[method] * Math.max(sx, sy)) + 1
}

const KERNELS: Readonly<Record<KernelMethod, (t: number) => number>> = {
  bilinear: (t) => Math.max(0, 1 - Math.abs(t)),
  // Keys (1981) with a = -1/2
  cubic: (t) => {
    const x = Math.abs(t)
    if (x <= 1) return x * x * (1.5 * x - 2.5) + 1
    return x < 2 ? x * (x * (-0.5 * x + 2.5) - 4) + 2 : 0
  },
  // cubic B-spline
  cubicspline: (t) => {
    const x = Math.abs(t)
    if (x <= 1) return 2 / 3 - x * x * (1 - x / 2)
    return x < 2 ? (2 - x) ** 3 / 6 : 0
  },
  lanczos: (t) => {
    const x = Math.abs(t)
    if (x < 1e-12) return 1
    return x < 3 ? (3 * Math.sin(Math.PI * x) * Math.sin((Math.PI * x) / 3)) / (Math.PI * x) ** 2 : 0
  },
}

/** @param scale source pixels per target pixel; kernels are widened by it, so that no source pixel is skipped */
export function resampleKernel(
  method: KernelMethod,
  band: Float64Array,
  from: SourceWindow,
  { columns, rows }: SourcePositions,
  [scaleX, scaleY]: [number, number],
): Float64Array {
  const out = new Float64Array(columns.length)
  // where both grids have about the same resolution the kernel keeps its width
  const sx = scaleX > 1.05 ? scaleX : 1
  const sy = scaleY > 1.05 ? scaleY : 1
  const kernel = KERNELS[method]
  const weightsX = new Float64Array(Math.ceil(2 * RADII[method] * sx) + 2)
  // with negative weights, missing values would be made up by the others
  const needsAll = method === 'cubic' || method === 'lanczos'
  for (let k = 0; k < out.length; k++) {
    const x = columns[k] as number
    const y = rows[k] as number
    // the pixel itself must lie on the source, as for every other method
    if (!(x >= -EDGE && y >= -EDGE && x < from.limitWidth + EDGE && y < from.limitHeight + EDGE)) {
      out[k] = Number.NaN
      continue
    }
    const value = convolve(kernel, RADII[method], band, from, x - 0.5, y - 0.5, sx, sy, weightsX, needsAll)
    const isPartly = needsAll && Number.isNaN(value)
    out[k] = isPartly ? convolve(KERNELS.bilinear, 1, band, from, x - 0.5, y - 0.5, sx, sy, weightsX, false) : value
  }
  return out
}

/** Weighted mean around a position in centre coordinates. `needsAll`: NaN where any value is missing. */
function convolve(
  kernel: (t: number) => number,
  radius: number,
  band: Float64Array,
  from: SourceWindow,
  x: number,
  y: number,
  sx: number,
  sy: number,
  weightsX: Float64Array,
  needsAll: boolean,
): number {
  const x0 = Math.max(0, Math.ceil(x - radius * sx))
  const x1 = Math.min(from.limitWidth - 1, Math.floor(x + radius * sx))
  const y0 = Math.max(0, Math.ceil(y - radius * sy))
  const y1 = Math.min(from.limitHeight - 1, Math.floor(y + radius * sy))
  for (let column = x0; column <= x1; column++) weightsX[column - x0] = kernel((column - x) / sx)
  let sum = 0
  let weights = 0
  for (let row = y0; row <= y1; row++) {
    const weightY = kernel((row - y) / sy)
    if (weightY === 0) continue
    const start = (row - from.row) * from.width - from.column
    for (let column = x0; column <= x1; column++) {
      const weight = weightY * (weightsX[column - x0] as number)
      if (weight === 0) continue
      const value = band[start + column] as number
      if (Number.isNaN(value)) {
        if (needsAll) return Number.NaN
        continue
      }
      sum += weight * value
      weights += weight
    }
  }
  return weights > 1e-6 ? sum / weights : Number.NaN
}

/** Statistics over the area of each target pixel in source pixels; `positions` are its corners. */
export function resampleArea(
  method: AreaMethod,
  band: Float64Array,
  from: SourceWindow,
  positions: SourcePositions,
): Float64Array {
  const { columns, rows, width } = positions
  const outWidth = width - 1
  const outHeight = positions.height - 1
  const out = new Float64Array(outWidth * outHeight)
  const held: number[] = []
  for (let j = 0; j < outHeight; j++)
    for (let i = 0; i < outWidth; i++) {
      const k = j * width + i
      const [x0, x1] = sideOf(columns, k, width)
      const [y0, y1] = sideOf(rows, k, width)
      const isOutside = !(x1 > 0 && y1 > 0 && x0 < from.limitWidth && y0 < from.limitHeight)
      out[j * outWidth + i] = isOutside ? Number.NaN : statisticOf(method, band, from, { x0, y0, x1, y1 }, held)
    }
  return out
}

/**
 * Extent of a pixel along one axis: between its upper left and lower right corner, as in gdalwarp, so that a slight
 * rotation does not widen it; between all four where the rotation is strong.
 */
function sideOf(values: Float64Array, k: number, width: number): [number, number] {
  const [a, b] = [values[k] as number, values[k + width + 1] as number]
  const [c, d] = [values[k + 1] as number, values[k + width] as number]
  const [low, high] = [Math.min(a, b, c, d), Math.max(a, b, c, d)]
  const isTurned = Math.abs(b - a) < (high - low) / 2
  return isTurned ? [low, high] : [Math.min(a, b), Math.max(a, b)]
}

type Box = { x0: number; y0: number; x1: number; y1: number }

function statisticOf(method: AreaMethod, band: Float64Array, from: SourceWindow, box: Box, held: number[]): number {
  const c0 = Math.max(0, Math.floor(box.x0 + 1e-10))
  const c1 = Math.min(from.limitWidth, Math.max(Math.ceil(box.x1 - 1e-10), c0 + 1))
  const r0 = Math.max(0, Math.floor(box.y0 + 1e-10))
  const r1 = Math.min(from.limitHeight, Math.max(Math.ceil(box.y1 - 1e-10), r0 + 1))
  if (method === 'average') return weightedMean(band, from, box, [c0, c1, r0, r1])
  held.length = 0
  for (let r = r0; r < r1; r++) {
    const start = (r - from.row) * from.width - from.column
    for (let c = c0; c < c1; c++) {
      const value = band[start + c] as number
      if (!Number.isNaN(value)) held.push(value)
    }
  }
  return rankOf(method, held)
}

/** Each source pixel counts by the share of it that lies in the box. */
function weightedMean(band: Float64Array, from: SourceWindow, box: Box, [c0, c1, r0, r1]: number[]): number {
  const [first = 0, end = 0, top = 0, bottom = 0] = [c0, c1, r0, r1]
  let [sum, weights] = [0, 0]
  for (let r = top; r < bottom; r++) {
    const start = (r - from.row) * from.width - from.column
    const weightY = Math.min(box.y1, r + 1) - Math.max(box.y0, r)
    for (let c = first; c < end; c++) {
      const value = band[start + c] as number
      if (value !== value) continue // NaN
      // only the pixels at the sides are cut
      const isSide = c === first || c === end - 1
      const weight = isSide ? weightY * (Math.min(box.x1, c + 1) - Math.max(box.x0, c)) : weightY
      sum += weight * value
      weights += weight
    }
  }
  return weights > 0 ? sum / weights : Number.NaN
}

const SHARES = { q1: 0.25, med: 0.5, q3: 0.75 } as const

function rankOf(method: Exclude<AreaMethod, 'average'>, values: number[]): number {
  if (values.length === 0) return Number.NaN
  if (method === 'mode') return modeOf(values)
  if (method === 'max') return values.reduce((a, b) => Math.max(a, b))
  if (method === 'min') return values.reduce((a, b) => Math.min(a, b))
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.max(0, Math.ceil(SHARES[method] * sorted.length - 1))] as number
}

/** The most frequent value; of several the one met first. */
function modeOf(values: number[]): number {
  const counts = new Map<number, number>()
  let best = values[0] as number
  let most = 0
  for (const value of values) {
    const count = (counts.get(value) ?? 0) + 1
    counts.set(value, count)
    if (count > most) {
      most = count
      best = value
    }
  }
  return best
}
