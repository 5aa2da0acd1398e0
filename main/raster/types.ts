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

export type DataType = 'uint8' | 'int8' | 'uint16' | 'int16' | 'uint32' | 'int32' | 'float32' | 'float64'
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
  width: number
  height: number
  /** null where the file cannot be placed on the ground; `problem` says why. Its pixels can be read all the same. */
  grid: Grid | null
  /** A sentence for the user about what the file lacks, or null. */
  problem: string | null
  bands: BandHeader[]
  levels: Level[]
  /** How the file says which pixels hold data, besides the bands' nodata: a mask of its own, an alpha band, or not. */
  validity: 'none' | 'mask' | { alpha: number }
  /** TIFFTAG_DATETIME as written in the file (`YYYY:MM:DD HH:MM:SS`), or null. */
  dateTime: string | null
  /** GDAL_METADATA items of the dataset. */
  metadata: Readonly<Record<string, string>>
  compression: string
  sizeBytes: number | null
}

/** A pixel window of one level. */
export type Window = { column: number; row: number; width: number; height: number }

/** What readWindow is asked for. Level 0 is the full resolution; the window must lie inside the level. */
export type WindowRequest = {
  level?: number
  /** 0-based bands; all where absent. */
  samples?: readonly number[]
  window: Window
  signal?: AbortSignal | undefined
}

export type BlockRequest = {
  level: number
  column: number
  row: number
  samples: readonly number[]
  signal?: AbortSignal | undefined
  /** Looked at once: not kept in the cache. */
  isTransient?: boolean
}

/** An open raster. Everything may be called at the same time; after close() every read fails with `canceled`. */
export type Raster = {
  readonly header: RasterHeader
  /** Stored values in the file's own type, one array (width × height, row by row) for each sample asked for. */
  readWindow(request: WindowRequest): Promise<Values[]>
  /** Values of a whole block; those at the right and lower edge are cut to the level. The values are not to be changed. */
  readBlock(request: BlockRequest): Promise<Block>
  /** 255 where the file's own mask or alpha band says data, 0 elsewhere; null: the file has neither. */
  readValidity(request: Omit<WindowRequest, 'samples'>): Promise<Uint8Array | null>
  close(): Promise<void>
}

/** A block of a level, one array for each sample asked for. */
export type Block = { window: Window; values: Values[] }

/** Methods of openEO's resample_spatial. */
export type Resampling =
  | 'near'
  | 'bilinear'
  | 'cubic'
  | 'cubicspline'
  | 'lanczos'
  | 'average'
  | 'mode'
  | 'max'
  | 'min'
  | 'med'
  | 'q1'
  | 'q3'

/** What warpWindow is asked for: a window of the target grid out of one raster. */
export type WarpRequest = {
  target: Grid
  /** In pixels of the target grid. */
  window: Window
  samples?: readonly number[]
  /** `near` where absent. */
  method?: Resampling
  /** Instead of the raster's own grid and nodata, where somebody else (a STAC item, the user) states them. */
  sourceGrid?: Grid
  nodata?: number | null
  /** `never` (where absent) computes from the full resolution; `auto` from the overview that fits, for drawing. */
  overviews?: 'never' | 'auto'
  /** Every pixel projected by itself instead of to within an eighth of a source pixel. */
  exact?: boolean
  signal?: AbortSignal | undefined
}
