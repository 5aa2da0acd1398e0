/**
 * How grids, bands and times of rasters are said in STAC 1.0, for collections and results alike.
 * Owns: the versions of STAC and of its extensions that this back-end writes, and the translation of single values.
 * Sources: STAC 1.0.0; extensions projection 1.1.0, eo 1.1.0, raster 1.1.0, file 2.1.0, datacube 2.2.0.
 */
import type { Crs, DataType, Grid } from '../../raster/types.ts'

export const STAC_VERSION = '1.0.0'
const extension = (name: string, version: string) => `https://stac-extensions.github.io/${name}/v${version}/schema.json`
export const PROJECTION = extension('projection', '1.1.0')
export const EO = extension('eo', '1.1.0')
export const RASTER = extension('raster', '1.1.0')
export const FILE = extension('file', '2.1.0')
export const DATACUBE = extension('datacube', '2.2.0')

/** The names that eo 1.1.0 allows as common names. */
const COMMON_NAMES = new Set(
  'coastal blue green red rededge yellow pan nir nir08 nir09 cirrus swir16 swir22 lwir lwir11 lwir12'.split(' '),
)
export const commonName = (name: string | null) =>
  name !== null && COMMON_NAMES.has(name) ? { common_name: name } : {}

/** JSON has no NaN; raster 1.1.0 writes `nan`, `inf` and `-inf` as text. */
export function nodataWord(nodata: number | null): { nodata?: number | 'nan' | 'inf' | '-inf' } {
  if (nodata === null) return {}
  if (Number.isNaN(nodata)) return { nodata: 'nan' }
  return { nodata: Number.isFinite(nodata) ? nodata : nodata > 0 ? 'inf' : '-inf' }
}

export const rasterBand = (band: { dataType: DataType; nodata: number | null; scale?: number; offset?: number }) => ({
  data_type: band.dataType,
  ...nodataWord(band.nodata),
  ...((band.scale ?? 1) === 1 ? {} : { scale: band.scale }),
  ...((band.offset ?? 0) === 0 ? {} : { offset: band.offset }),
})

/** Rows before columns, and the transform in the order of the extension (x first, origin third). */
export function projection({ crs, transform, width, height }: Grid) {
  const [a, b, c, d, e, f] = transform
  return { 'proj:epsg': crs.epsg, 'proj:shape': [height, width], 'proj:transform': [b, c, a, e, f, d] }
}

/** The EPSG code, else a PROJ definition, which openEO 1.2 still takes. */
export const referenceSystem = (crs: Crs): number | string => crs.epsg ?? crs.proj4

export type Box = [number, number, number, number]

/** GeoJSON of a box in degrees; one that crosses the antimeridian (west > east) becomes two polygons (RFC 7946, 3.1.9). */
export function boxGeometry([west, south, east, north]: Box) {
  const ring = (w: number, e: number) => [
    [
      [w, south],
      [e, south],
      [e, north],
      [w, north],
      [w, south],
    ],
  ]
  if (west <= east) return { type: 'Polygon', coordinates: ring(west, east) }
  return { type: 'MultiPolygon', coordinates: [ring(west, 180), ring(-180, east)] }
}

/** Start and end as STAC has them, the end included; ours is excluded. */
export function stacInterval([start, end]: [string, string]): [string, string] {
  const endMs = Math.max(Date.parse(start), Date.parse(end) - 1)
  return [start, new Date(endMs).toISOString().replace('.000Z', 'Z')]
}
