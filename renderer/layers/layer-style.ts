/** How a layer's style changes when the user chooses: mode, bands, stretch presets. Pure; limits are stored values. */
import type { BandStatistics, LayerStyle } from '../../preload/contract/layers.ts'
import { type PresetId, presetLimits } from '../viewer/stretch.ts'

type Limits = [number, number]
/** What is known of a band; undefined where it was not read yet. */
export type StatisticsOf = (band: number) => BandStatistics | undefined

function limitsOf(preset: PresetId, band: number, keep: Limits, statisticsOf: StatisticsOf): Limits {
  const known = statisticsOf(band)
  const found = known && presetLimits(preset, known)
  return found ? [found[0], found[1]] : keep
}

/** The bands with the limits that fit their values, or the limits that they had. */
export function withBands(style: LayerStyle, bands: number[], statisticsOf: StatisticsOf): Partial<LayerStyle> {
  const first: Limits = style.stretch[0] ?? [0, 1]
  return {
    bands,
    stretch: bands.map((band, i) => limitsOf('percentiles', band, style.stretch[i] ?? first, statisticsOf)),
  }
}

/** One band through a colour map, or three as red, green and blue. */
export function withMode(
  style: LayerStyle,
  mode: LayerStyle['mode'],
  bandCount: number,
  statisticsOf: StatisticsOf,
): Partial<LayerStyle> {
  if (mode === 'colour-map') return { mode, bands: [style.bands[0] ?? 0], stretch: [style.stretch[0] ?? [0, 1]] }
  const three = [0, 1, 2].map((i) => style.bands[i] ?? Math.min(i, bandCount - 1))
  return { mode, ...withBands(style, three, statisticsOf) }
}

/** Every drawn band stretched by the preset. */
export function withPreset(style: LayerStyle, preset: PresetId, statisticsOf: StatisticsOf): Partial<LayerStyle> {
  return {
    stretch: style.bands.map((band, i) => limitsOf(preset, band, style.stretch[i] ?? [0, 1], statisticsOf)),
  }
}
