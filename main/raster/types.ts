/**
 * The words of the raster engine that others build on: sources, grids, bands, headers.
 * Owns: types only. Coordinates: pixel (0, 0) is the outer corner of the first pixel, whatever the file says.
 */

/** Where the bytes are. Headers hold short-lived credentials and are sent to the URL's own origin only. */
export type RasterSource =
  | { kind: 'file'; path: string }
  | { kind: 'url'; url: string; headers?: Readonly<Record<string, string>> }

/** a, b, c, d, e, f: x = a + column·b + row·c; y = d + column·e + row·f (GDAL's order), corner of the first pixel. */
export type Affine = readonly [number, number, number, number, number, number]

/** A coordinate reference system: an EPSG code where there is one, always a definition that proj4 understands. */
export type Crs = {
  /** e.g. 32632; null where the file gives parameters only. */
  epsg: number | null
  name: string
  /** proj4 string, with its datum shift to WGS 84. */
  proj4: string
  /** Metres of one unit; for degrees the metres at the equator. */
  unit: 'metre' | 'degree' | 'foot' | 'us-foot' | 'other'
}

/** A regular grid of pixels. */
export type Grid = { crs: Crs; transform: Affine; width: number; height: number }

export type DataType =
  | 'uint8'
  | 'int8'
  | 'uint16'
  | 'int16'
  | 'uint32'
  | 'int32'
  | 'float32'
  | 'float64'
export type Values =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array

export type BandHeader = {
  /** The file's own description, or null. */
  description: string | null
  dataType: DataType
  /** NaN is a possible nodata value; null: none stated. */
  nodata: number | null
  scale: number
  offset: number
  unit: string | null
  /** Palette as RGBA bytes by value, where the file has one. */
  palette: Uint8Array | null
}

/** One resolution of a raster; the first is the full one. */
export type Level = { width: number; height: number; blockWidth: number; blockHeight: number }

export type RasterHeader = {
  grid: Grid
  bands: BandHeader[]
  levels: Level[]
  /** TIFFTAG_DATETIME as written in the file, or null. */
  dateTime: string | null
  /** GDAL_METADATA items of the dataset. */
  metadata: Readonly<Record<string, string>>
  compression: string
  sizeBytes: number | null
}

/** A pixel window of one level. */
export type Window = { column: number; row: number; width: number; height: number }
