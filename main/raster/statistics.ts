/**
 * Statistics of bands: count, extremes, mean, standard deviation, percentiles 2 and 98, histogram.
 * Owns: partial results of blocks and how they are merged, so that threads can share the work (engine-host.ts).
 * 8- and 16-bit integers are counted value by value, which makes everything exact in one pass; other types need one
 * pass for moments (Chan et al. 1979, stable) and a second one for the histogram.
 */
import { AppError } from '../core/errors.ts'
import type { DataType, Raster, RasterHeader, Values } from './types.ts'

/** As in the contract (layers.statistics). Without any valid value min, max, mean, stdDev, p2 and p98 are 0. */
export type BandStatistics = {
  band: number
  count: number
  validCount: number
  min: number
  max: number
  mean: number
  stdDev: number
  p2: number
  p98: number
  histogram: { from: number; to: number; counts: number[] }
  isApproximate: boolean
}

export type StatisticsOptions = {
  /** Every pixel of the full resolution; else an overview or a sample of blocks will do. */
  exact?: boolean
  signal?: AbortSignal | undefined
  onProgress?: (fraction: number) => void
}

/** Which blocks of which level are looked at. */
export type StatisticsPlan = { level: number; blocks: [column: number, row: number][]; isApproximate: boolean }

/** What one pass is to find. */
export type Pass = { kind: 'values' } | { kind: 'moments' } | { kind: 'bins'; ranges: { min: number; max: number }[] }

/** Of one band; of as many blocks as it was merged from. */
export type Partial =
  | { kind: 'values'; counts: Uint32Array | Float64Array; count: number }
  | { kind: 'moments'; count: number; validCount: number; min: number; max: number; mean: number; m2: number }
  | { kind: 'bins'; counts: Float64Array }

const ENOUGH_PIXELS = 1 << 20
const FINE_BINS = 16_384
const HISTOGRAM_BINS = 256

/** @throws AppError `unreadable-data`, `canceled`, `invalid-input` */
export async function bandStatistics(
  raster: Raster,
  band: number,
  options: StatisticsOptions = {},
): Promise<BandStatistics> {
  return (await bandsStatistics(raster, [band], options))[0] as BandStatistics
}

/** Several bands in one go over the blocks. */
export async function bandsStatistics(
  raster: Raster,
  bands: readonly number[],
  { exact = false, signal, onProgress }: StatisticsOptions = {},
): Promise<BandStatistics[]> {
  const plan = planStatistics(raster.header, exact)
  const run = async (pass: Pass, from: number, share: number) => {
    const merged: (Partial | undefined)[] = bands.map(() => undefined)
    let next = 0
    const work = async () => {
      while (next < plan.blocks.length) {
        const [column, row] = plan.blocks[next++] as [number, number]
        const parts = await blockPartials(raster, plan.level, column, row, bands, pass, signal)
        parts.forEach((part, i) => {
          merged[i] = mergePartials(merged[i], part)
        })
        onProgress?.(from + (share * next) / plan.blocks.length)
      }
    }
    await Promise.all([work(), work(), work(), work()])
    return merged as Partial[]
  }
  return computeStatistics(raster.header, bands, plan, run)
}

/** The passes that a data type needs; `run` gives the merged partial of each band. */
export async function computeStatistics(
  header: RasterHeader,
  bands: readonly number[],
  plan: StatisticsPlan,
  run: (pass: Pass, from: number, share: number) => Promise<Partial[]>,
): Promise<BandStatistics[]> {
  const dataType = header.bands[bands[0] ?? 0]?.dataType
  if (!dataType) throw new AppError('invalid-input', 'The raster has no such band.')
  if (countedOffset(dataType) !== null) {
    const counted = await run({ kind: 'values' }, 0, 1)
    return counted.map((part, i) => fromValueCounts(part, header, bands[i] as number, plan.isApproximate))
  }
  const moments = (await run({ kind: 'moments' }, 0, 0.5)) as Extract<Partial, { kind: 'moments' }>[]
  const bins = await run({ kind: 'bins', ranges: moments.map(({ min, max }) => ({ min, max })) }, 0.5, 0.5)
  return moments.map((moment, i) =>
    fromMoments(
      moment,
      bins[i] as Extract<Partial, { kind: 'bins' }>,
      bands[i] as number,
      plan.isApproximate,
      dataType,
    ),
  )
}

/**
 * All blocks of the full resolution, or (not exact) the coarsest overview with a million pixels, or every k-th block.
 */
export function planStatistics({ levels }: RasterHeader, exact: boolean): StatisticsPlan {
  const full = levels[0]
  if (!full) throw new AppError('invalid-input', 'The raster has no pixels.')
  const pixels = (level: { width: number; height: number }) => level.width * level.height
  const level = exact
    ? 0
    : Math.max(
        0,
        levels.findLastIndex((l) => pixels(l) >= ENOUGH_PIXELS),
      )
  const { width, height, blockWidth, blockHeight } = levels[level] ?? full
  const columns = Math.ceil(width / blockWidth)
  const rows = Math.ceil(height / blockHeight)
  const wanted = exact ? Infinity : Math.max(16, Math.ceil((4 * ENOUGH_PIXELS) / (blockWidth * blockHeight)))
  // an odd step walks over all columns
  const step = Math.max(1, Math.ceil((columns * rows) / wanted)) | 1
  const blocks: [number, number][] = []
  for (let at = 0; at < columns * rows; at += columns * rows > wanted ? step : 1)
    blocks.push([at % columns, Math.floor(at / columns)])
  return { level, blocks, isApproximate: level > 0 || blocks.length < columns * rows }
}

/** What one block gives for each band. */
export async function blockPartials(
  raster: Raster,
  level: number,
  column: number,
  row: number,
  bands: readonly number[],
  pass: Pass,
  signal?: AbortSignal,
): Promise<Partial[]> {
  const { window, values } = await raster.readBlock({ level, column, row, samples: bands, signal, isTransient: true })
  const valid = raster.header.validity === 'mask' ? await raster.readValidity({ level, window, signal }) : null
  return values.map((data, i): Partial => {
    const nodata = raster.header.bands[bands[i] as number]?.nodata ?? null
    if (pass.kind === 'values') return countValues(data, valid)
    if (pass.kind === 'moments') return momentsOf(data, nodata, valid)
    return binsOf(data, nodata, valid, pass.ranges[i] as { min: number; max: number })
  })
}

/** What is added to a value to find its place among 65,536; null for types that are not counted. */
function countedOffset(dataType: DataType): number | null {
  if (dataType === 'uint8' || dataType === 'uint16') return 0
  return dataType === 'int8' ? 128 : dataType === 'int16' ? 32_768 : null
}

function countValues(values: Values, valid: Uint8Array | null): Partial {
  const isSmall = values.BYTES_PER_ELEMENT === 1
  const counts = new Uint32Array(isSmall ? 256 : 65_536)
  const offset = values instanceof Int16Array ? 32_768 : values instanceof Int8Array ? 128 : 0
  if (!valid) for (let i = 0; i < values.length; i++) (counts[(values[i] as number) + offset] as number)++
  else for (let i = 0; i < values.length; i++) if (valid[i]) (counts[(values[i] as number) + offset] as number)++
  return { kind: 'values', counts, count: values.length }
}

function momentsOf(values: Values, nodata: number | null, valid: Uint8Array | null): Partial {
  let [n, min, max, sum] = [0, Infinity, -Infinity, 0]
  const isData = (value: number, i: number) => value === value && value !== nodata && (valid === null || valid[i] !== 0)
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    if (!isData(value, i)) continue
    n++
    sum += value
    if (value < min) min = value
    if (value > max) max = value
  }
  // a second look at values that are in the cache anyway keeps large means from eating the variance
  const mean = n > 0 ? sum / n : 0
  let m2 = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    if (isData(value, i)) m2 += (value - mean) ** 2
  }
  return { kind: 'moments', count: values.length, validCount: n, min, max, mean, m2 }
}

function binsOf(
  values: Values,
  nodata: number | null,
  valid: Uint8Array | null,
  range: { min: number; max: number },
): Partial {
  const counts = new Float64Array(FINE_BINS)
  const factor = range.max > range.min ? FINE_BINS / (range.max - range.min) : 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    if (value !== value || value === nodata || (valid && valid[i] === 0)) continue
    const bin = Math.min(FINE_BINS - 1, Math.max(0, Math.floor((value - range.min) * factor))) | 0
    counts[bin] = (counts[bin] as number) + 1
  }
  return { kind: 'bins', counts }
}

/** The partial of both together; the first may be changed. */
export function mergePartials(first: Partial | undefined, second: Partial): Partial {
  if (!first) return second.kind === 'values' ? { ...second, counts: Float64Array.from(second.counts) } : second
  if (first.kind === 'values' && second.kind === 'values') {
    for (let i = 0; i < second.counts.length; i++) {
      const more = second.counts[i] as number
      if (more !== 0) first.counts[i] = (first.counts[i] as number) + more
    }
    first.count += second.count
    return first
  }
  if (first.kind === 'bins' && second.kind === 'bins') {
    for (let i = 0; i < FINE_BINS; i++) first.counts[i] = (first.counts[i] as number) + (second.counts[i] as number)
    return first
  }
  if (first.kind !== 'moments' || second.kind !== 'moments') throw new Error('partials of different kinds')
  const n = first.validCount + second.validCount
  const delta = second.mean - first.mean
  return {
    kind: 'moments',
    count: first.count + second.count,
    validCount: n,
    min: Math.min(first.min, second.min),
    max: Math.max(first.max, second.max),
    mean: n === 0 ? 0 : first.mean + (delta * second.validCount) / n,
    m2: n === 0 ? 0 : first.m2 + second.m2 + (delta * delta * first.validCount * second.validCount) / n,
  }
}

const empty = (band: number, count: number, isApproximate: boolean): BandStatistics => ({
  band,
  count,
  validCount: 0,
  min: 0,
  max: 0,
  mean: 0,
  stdDev: 0,
  p2: 0,
  p98: 0,
  histogram: { from: 0, to: 0, counts: [] },
  isApproximate,
})

function fromValueCounts(part: Partial, header: RasterHeader, band: number, isApproximate: boolean): BandStatistics {
  if (part.kind !== 'values') throw new Error('not counted')
  const { dataType, nodata } = header.bands[band] as RasterHeader['bands'][number]
  const offset = countedOffset(dataType) ?? 0
  const { counts } = part
  if (nodata !== null && Number.isInteger(nodata)) counts[nodata + offset] = 0
  let [n, sum, first, last] = [0, 0, -1, -1]
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i] as number
    if (count === 0) continue
    if (first < 0) first = i
    last = i
    n += count
    sum += count * (i - offset)
  }
  if (n === 0) return empty(band, part.count, isApproximate)
  const mean = sum / n
  let m2 = 0
  for (let i = first; i <= last; i++) m2 += (counts[i] as number) * (i - offset - mean) ** 2
  const bins = Math.min(HISTOGRAM_BINS, last - first + 1)
  const histogram = new Array<number>(bins).fill(0)
  for (let i = first; i <= last; i++) {
    const bin = Math.floor(((i - first + 0.5) * bins) / (last - first + 1))
    histogram[bin] = (histogram[bin] as number) + (counts[i] as number)
  }
  const rank = (share: number) => {
    let seen = 0
    for (let i = first; i <= last; i++) {
      seen += counts[i] as number
      if (seen >= share * n) return i - offset
    }
    return last - offset
  }
  return {
    band,
    count: part.count,
    validCount: n,
    min: first - offset,
    max: last - offset,
    mean,
    stdDev: Math.sqrt(m2 / n),
    p2: rank(0.02),
    p98: rank(0.98),
    // whole numbers sit in the middle of their bins
    histogram: { from: first - offset - 0.5, to: last - offset + 0.5, counts: histogram },
    isApproximate,
  }
}

function fromMoments(
  { count, validCount, min, max, mean, m2 }: Extract<Partial, { kind: 'moments' }>,
  { counts }: Extract<Partial, { kind: 'bins' }>,
  band: number,
  isApproximate: boolean,
  dataType: DataType,
): BandStatistics {
  if (validCount === 0) return empty(band, count, isApproximate)
  const width = (max - min) / FINE_BINS
  const rank = (share: number) => {
    const wanted = share * validCount
    let seen = 0
    for (let i = 0; i < FINE_BINS; i++) {
      const here = counts[i] as number
      if (here > 0 && seen + here >= wanted) return min + width * (i + (wanted - seen) / here)
      seen += here
    }
    return max
  }
  const perBin = FINE_BINS / HISTOGRAM_BINS
  const histogram = Array.from({ length: HISTOGRAM_BINS }, (_, i) =>
    counts.subarray(i * perBin, (i + 1) * perBin).reduce((a, b) => a + b, 0),
  )
  const whole = (value: number) => (dataType.startsWith('float') ? value : Math.round(value))
  return {
    band,
    count,
    validCount,
    min,
    max,
    mean,
    stdDev: Math.sqrt(m2 / validCount),
    p2: whole(rank(0.02)),
    p98: whole(rank(0.98)),
    histogram: { from: min, to: max, counts: histogram },
    isApproximate,
  }
}
