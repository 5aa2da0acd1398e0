/** Bands and their values as words. Pure. */
import type { Layer } from '../../preload/contract/layers.ts'
import { isScaled, numberLabel, toReal } from '../viewer/stretch.ts'

/** Names that files give to their only band, and that tell nothing. */
const NAMELESS = /^(result|band|b?\d*|gray|grey|value|data)$/i

/** The name of a band; empty where the raster has only one and its name tells nothing. */
export function bandName(layer: Layer, band: number): string {
  const bands = layer.raster?.bands ?? []
  const name = bands[band]?.name ?? ''
  return bands.length === 1 && NAMELESS.test(name.trim()) ? '' : name
}

/** `B04 0.123`, in real units; `no value` where there is none. */
export function valueLabel(layer: Layer, band: number, stored: number | null): string {
  const info = layer.raster?.bands[band]
  if (!info) return '–'
  const value = stored === null ? 'no value' : numberLabel(toReal(stored, info))
  const unit = info.unit && stored !== null ? info.unit : ''
  return [bandName(layer, band), value, unit].filter(Boolean).join(' ')
}

/** What was done to the stored value to read it; null where nothing was. */
export function scaleNote(layer: Layer, band: number): string | null {
  const info = layer.raster?.bands[band]
  if (!info || !isScaled(info)) return null
  const offset = info.offset === 0 ? '' : info.offset < 0 ? ` − ${-info.offset}` : ` + ${info.offset}`
  return `stored value × ${info.scale}${offset}`
}
