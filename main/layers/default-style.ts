/**
 * How a raster is first drawn, from its bands and their statistics. Pure.
 * Three or four byte bands are a picture; a band in -1…1 is an index and gets the diverging map; all else is one band
 * through a sequential map, stretched from the 2nd to the 98th percentile (the default of QGIS and of most viewers).
 */
import type { BandStatistics, LayerStyle, RasterBand } from '../../preload/contract/layers.ts'

type Channel = Pick<BandStatistics, 'p2' | 'p98' | 'min' | 'max' | 'validCount'>

export function defaultStyle(
  bands: readonly Pick<RasterBand, 'name' | 'dataType'>[],
  statistics: readonly Channel[],
): LayerStyle {
  const base = { reversed: false, gamma: 1, opacity: 1 }
  if (bands.length >= 3 && bands.slice(0, 3).every((band) => band.dataType === 'uint8')) {
    return { ...base, mode: 'rgb', bands: [0, 1, 2], colourMap: 'greys', stretch: [0, 1, 2].map(() => [0, 255]) }
  }
  const first = statistics[0]
  if (isIndex(first)) {
    return { ...base, mode: 'colour-map', bands: [0], colourMap: 'rdylgn', stretch: [limits(first)] }
  }
  return { ...base, mode: 'colour-map', bands: [0], colourMap: 'viridis', stretch: [limits(first)] }
}

const isIndex = (channel: Channel | undefined): channel is Channel =>
  channel !== undefined && channel.validCount > 0 && channel.min < 0 && channel.min >= -1 && channel.max <= 1

/** Limits that differ, also where the raster holds one value or none. */
export function limits(channel: Channel | undefined): [number, number] {
  if (!channel || channel.validCount === 0) return [0, 1]
  if (channel.p98 > channel.p2) return [channel.p2, channel.p98]
  if (channel.max > channel.min) return [channel.min, channel.max]
  const room = Math.abs(channel.min) > 0 ? Math.abs(channel.min) * 0.01 : 1
  return [channel.min - room, channel.min + room]
}
