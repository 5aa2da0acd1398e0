/**
 * The engine: open layers, and what can be asked of them, worked on by the pool.
 * Owns: layer ids → sources and headers. Does not: speak to main or windows (worker/engine.ts) or decode (threads).
 */
import { AppError } from '../core/errors.ts'
import { canceled } from './byte-source.ts'
import type { EngineRasterInfo } from './engine-messages.ts'
import { footprint, resolution } from './grid.ts'
import { openRaster } from './open-raster.ts'
import {
  type BandStatistics,
  computeStatistics,
  mergePartials,
  type Partial,
  type Pass,
  planStatistics,
} from './statistics.ts'
import type { RasterRef } from './thread-messages.ts'
import { type PoolOptions, ThreadPool } from './thread-pool.ts'
import type { TileJob } from './tile.ts'
import type { RasterHeader, RasterSource } from './types.ts'

type OpenLayer = { ref: RasterRef; header: RasterHeader; closing: AbortController }

/** Blocks of a statistics job are so many pixels together, so that a job ends within a fraction of a second. */
const PIXELS_PER_JOB = 4 << 20

export class EngineHost {
  private readonly pool: ThreadPool
  private readonly layers = new Map<string, OpenLayer>()
  private openings = 0

  constructor(options: PoolOptions) {
    this.pool = new ThreadPool(options)
  }

  /** @throws AppError `unreadable-data` also where the raster has no place on the map */
  async open(layerId: string, source: RasterSource): Promise<EngineRasterInfo> {
    const raster = await openRaster(source)
    const { header } = raster
    await raster.close() // threads open it by themselves
    const info = rasterInfo(header)
    this.close(layerId)
    const key = `${++this.openings}`
    this.layers.set(layerId, { ref: { key, source }, header, closing: new AbortController() })
    return info
  }

  close(layerId: string): void {
    const layer = this.layers.get(layerId)
    if (!layer) return
    this.layers.delete(layerId)
    layer.closing.abort()
    this.pool.closeRaster(layer.ref.key)
  }

  private layer(layerId: string): OpenLayer {
    const layer = this.layers.get(layerId)
    if (!layer) throw new AppError('not-found', 'The layer is not open.')
    return layer
  }

  async tile(layerId: string, tile: TileJob, signal?: AbortSignal): Promise<Float32Array<ArrayBuffer> | null> {
    const { ref, header, closing } = this.layer(layerId)
    checkBands(header, tile.bands)
    const result = await this.pool.run({ kind: 'tile', raster: ref, ...tile }, 'tile', either(signal, closing.signal))
    return result as Float32Array<ArrayBuffer> | null
  }

  async value(layerId: string, longitude: number, latitude: number, signal?: AbortSignal) {
    const { ref, closing } = this.layer(layerId)
    const job = { kind: 'value', raster: ref, longitude, latitude } as const
    const result = await this.pool.run(job, 'value', either(signal, closing.signal))
    return result as { values: (number | null)[]; pixel: [number, number] } | null
  }

  async statistics(
    layerId: string,
    band: number,
    exact: boolean,
    options: { signal?: AbortSignal; onProgress?: (fraction: number) => void } = {},
  ): Promise<BandStatistics> {
    const { ref, header, closing } = this.layer(layerId)
    checkBands(header, [band])
    const signal = either(options.signal, closing.signal)
    const plan = planStatistics(header, exact)
    const level = header.levels[plan.level] ?? { blockWidth: 1, blockHeight: 1 }
    const perJob = Math.max(1, Math.floor(PIXELS_PER_JOB / (level.blockWidth * level.blockHeight)))
    const run = async (pass: Pass, from: number, share: number): Promise<Partial[]> => {
      let merged: Partial | undefined
      let done = 0
      const jobs: Promise<void>[] = []
      for (let at = 0; at < plan.blocks.length; at += perJob) {
        const blocks = plan.blocks.slice(at, at + perJob)
        const job = { kind: 'partials', raster: ref, level: plan.level, blocks, bands: [band], pass } as const
        const working = this.pool.run({ ...job, bands: [band] }, 'statistics', signal).then((result) => {
          merged = mergePartials(merged, (result as Partial[])[0] as Partial)
          done += blocks.length
          options.onProgress?.(from + (share * done) / plan.blocks.length)
        })
        jobs.push(working)
      }
      await Promise.all(jobs)
      if (!merged) throw canceled()
      return [merged]
    }
    return (await computeStatistics(header, [band], plan, run))[0] as BandStatistics
  }

  async shutDown(): Promise<void> {
    for (const layerId of [...this.layers.keys()]) this.close(layerId)
    await this.pool.close()
  }
}

const either = (first: AbortSignal | undefined, second: AbortSignal) =>
  first ? AbortSignal.any([first, second]) : second

function checkBands(header: RasterHeader, bands: readonly number[]): void {
  if (bands.some((band) => !(band < header.bands.length)))
    throw new AppError('not-found', 'The raster has no such band.')
}

/** What the window is told. */
function rasterInfo(header: RasterHeader): EngineRasterInfo {
  const { grid } = header
  const bounds = grid && footprint(grid)
  if (!grid || !bounds) throw new AppError('unreadable-data', header.problem ?? 'The raster does not lie on Earth.')
  return {
    width: header.width,
    height: header.height,
    bands: header.bands.map(({ description, dataType, unit, nodata, scale, offset }, i) => ({
      name: description ?? String(i + 1),
      dataType,
      ...(unit === null ? {} : { unit }),
      nodata: Number.isNaN(nodata) ? 'nan' : nodata,
      scale,
      offset,
    })),
    crs: grid.crs.epsg === null ? grid.crs.name : `EPSG:${grid.crs.epsg}`,
    resolution: resolution(grid.transform),
    bounds,
    overviewCount: header.levels.length - 1,
  }
}
