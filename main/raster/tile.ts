/**
 * What a window asks of one raster: a tile in EPSG:3857, and the values under a position.
 * Owns: the XYZ scheme. Values are stored values, nearest pixel of the overview that fits, so that classes stay classes.
 */
import { transformPoint, WEB_MERCATOR, WGS84 } from './crs.ts'
import { invertAffine, pixelToWorld } from './grid.ts'
import type { Grid, Raster } from './types.ts'
import { warpWindow } from './warp.ts'

/** Half the side of the EPSG:3857 square. */
const HALF_METRES = 20_037_508.342789244

export type TileJob = { z: number; x: number; y: number; size: number; bands: number[] }

export function tileGrid({ z, x, y, size }: TileJob): Grid {
  const side = (2 * HALF_METRES) / 2 ** z
  const pixel = side / size
  return {
    crs: WEB_MERCATOR,
    transform: [-HALF_METRES + x * side, pixel, 0, HALF_METRES - y * side, 0, -pixel],
    width: size,
    height: size,
  }
}

/** Band-sequential, NaN for no value; null where the tile holds no value at all. */
export async function renderTile(
  raster: Raster,
  job: TileJob,
  signal?: AbortSignal,
): Promise<Float32Array<ArrayBuffer> | null> {
  const { size, bands } = job
  const window = { column: 0, row: 0, width: size, height: size }
  const planes = await warpWindow(raster, { target: tileGrid(job), window, samples: bands, overviews: 'auto', signal })
  const out = new Float32Array(size * size * bands.length)
  planes.forEach((plane, i) => {
    out.set(plane, i * size * size)
  })
  return out.every(Number.isNaN) ? null : out
}

/** Values of all bands at full resolution; null outside the raster, and a null for a band without a value there. */
export async function readValues(raster: Raster, longitude: number, latitude: number, signal?: AbortSignal) {
  const { grid, bands, width, height } = raster.header
  if (!grid) return null
  // a raster across the antimeridian or from 0 to 360 is met by another turn
  for (const turn of grid.crs.unit === 'degree' ? [0, 360, -360] : [0]) {
    const point = transformPoint(WGS84, grid.crs, longitude, latitude)
    if (!point) return null
    const [x, y] = pixelToWorld(invertAffine(grid.transform), point[0] + turn, point[1])
    const [column, row] = [Math.floor(x), Math.floor(y)]
    if (!(column >= 0 && row >= 0 && column < width && row < height)) continue
    const window = { column, row, width: 1, height: 1 }
    const [stored, valid] = await Promise.all([
      raster.readWindow({ window, signal }),
      raster.readValidity({ window, signal }),
    ])
    const values = stored.map((band, i) => {
      const value = band[0] as number
      const isNone = Number.isNaN(value) || value === bands[i]?.nodata || valid?.[0] === 0
      return isNone ? null : value
    })
    return { values, pixel: [column, row] as [number, number] }
  }
  return null
}
