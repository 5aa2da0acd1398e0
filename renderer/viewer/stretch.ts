/**
 * From stored values to what is drawn and read: limits, units, histogram positions.
 * Owns: pure numbers. Stretch limits and statistics are stored values; people read `stored · scale + offset`.
 */
import type { BandStatistics, RasterBand } from '../../preload/contract/layers.ts'

type Scaled = Pick<RasterBand, 'scale' | 'offset'>
export type Limits = readonly [low: number, high: number]

export const toReal = (stored: number, { scale, offset }: Scaled) => stored * scale + offset
export const toStored = (real: number, { scale, offset }: Scaled) => (real - offset) / (scale || 1)
export const isScaled = ({ scale, offset }: Scaled) => scale !== 1 || offset !== 0

/** What the shader does with a value: its place between the limits, after gamma, 0 to 1. NaN stays NaN. */
export function shade(stored: number, [low, high]: Limits, gamma: number): number {
  const t = (stored - low) / (high - low)
  return Math.max(0, Math.min(1, t)) ** (1 / gamma)
}

export const PRESETS = [
  { id: 'min-max', label: 'Min–max' },
  { id: 'percentiles', label: '2–98 %' },
  { id: 'deviation', label: 'Mean ± 2 sd' },
  { id: 'symmetric', label: '± around 0' },
] as const
export type PresetId = (typeof PRESETS)[number]['id']

/** Limits by a preset; null where the statistics have no spread. */
export function presetLimits(preset: PresetId, statistics: BandStatistics): Limits | null {
  const { min, max, mean, stdDev, p2, p98 } = statistics
  const most = Math.max(Math.abs(p2), Math.abs(p98))
  const limits: Record<PresetId, Limits> = {
    'min-max': [min, max],
    percentiles: [p2, p98],
    deviation: [Math.max(min, mean - 2 * stdDev), Math.min(max, mean + 2 * stdDev)],
    symmetric: [-most, most],
  }
  const [low, high] = limits[preset]
  return Number.isFinite(low) && Number.isFinite(high) && low < high ? [low, high] : null
}

/** The range of a histogram's axis: that of the counts, widened so that the limits can be seen. */
export function axisOf(histogram: BandStatistics['histogram'], [low, high]: Limits): Limits {
  const from = Math.min(histogram.from, low)
  const to = Math.max(histogram.to, high)
  return to > from ? [from, to] : [from - 0.5, from + 0.5]
}

export const valueToX = (value: number, [from, to]: Limits, widthPx: number) => ((value - from) / (to - from)) * widthPx
export const xToValue = (x: number, [from, to]: Limits, widthPx: number) =>
  from + (Math.max(0, Math.min(widthPx, x)) / widthPx) * (to - from)

/** Both limits after one was moved: they never meet or pass each other. */
export function withLimit(limits: Limits, which: 0 | 1, value: number, [from, to]: Limits): Limits {
  const least = (to - from) / 1000
  return which === 0 ? [Math.min(value, limits[1] - least), limits[1]] : [limits[0], Math.max(value, limits[0] + least)]
}

/** Bar heights 0 to 1 by square root, so that small counts beside a peak can still be seen. */
export function barHeights(counts: readonly number[]): number[] {
  const most = Math.max(...counts, 1)
  return counts.map((count) => Math.sqrt(count / most))
}

/** Four significant digits, without a tail of zeros; integers whole up to a million. */
export function numberLabel(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value)
  const magnitude = Math.abs(value)
  if (magnitude !== 0 && (magnitude >= 1e6 || magnitude < 1e-4)) return value.toExponential(2)
  return String(Number(value.toPrecision(4)))
}

/** Level beyond which a closer view shows no more detail, from the box in degrees and the width in pixels. */
export function nativeZoom(bounds: readonly [number, number, number, number], widthPx: number, tilePx: number): number {
  const [west, , eastGiven] = bounds
  const east = eastGiven < west ? eastGiven + 360 : eastGiven
  const degreesPerPixel = (east - west) / Math.max(widthPx, 1)
  if (!(degreesPerPixel > 0)) return 22
  return Math.max(0, Math.min(24, Math.ceil(Math.log2(360 / (degreesPerPixel * tilePx)))))
}
