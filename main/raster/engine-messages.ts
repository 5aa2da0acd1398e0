/**
 * Messages between main and the engine process. Windows speak preload/contract/raster-port.ts with the engine instead.
 * Owns: types only. Every ask is answered once with its number; `progress` may come before.
 */
import type { AppError } from '../core/errors.ts'
import type { BandStatistics } from './statistics.ts'
import type { RasterSource } from './types.ts'

/** The contract's RasterInfo. */
export type EngineRasterInfo = {
  width: number
  height: number
  bands: {
    name: string
    dataType: string
    unit?: string
    nodata: number | 'nan' | null
    scale: number
    offset: number
  }[]
  /** `EPSG:n`, or a name where there is no code. */
  crs: string
  resolution: [number, number]
  /** Degrees; west > east across the antimeridian. */
  bounds: [number, number, number, number]
  overviewCount: number
}

export type EngineAsk =
  /** Opens a layer, or opens it again from another source. Headers of a source stay in the engine's memory. */
  | { n: number; ask: 'open'; layerId: string; source: RasterSource }
  | { n: number; ask: 'close'; layerId: string }
  | { n: number; ask: 'statistics'; layerId: string; band: number; exact: boolean }
  /** Comes with one port, on which a window will ask. */
  | { n: number; ask: 'connect' }
  /** Takes back the ask with this number; it is answered with `canceled`. */
  | { n: number; ask: 'cancel' }

export type EngineAnswer =
  | { n: number; ok: true; value: EngineRasterInfo | BandStatistics | null }
  | { n: number; ok: false; code: AppError['code']; message: string }
  | { n: number; progress: number }
