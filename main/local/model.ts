/**
 * What the embedded back-end knows of the user's files: collections of scenes with their bands on their grids.
 * Owns: types only. The scanner (data/) makes them, the evaluator (evaluate/) reads them, the server describes them.
 */
import type { DataType, Grid, RasterSource } from '../raster/types.ts'

export type NodataFrom = 'file' | 'item' | 'here'

/** One band of one scene: one sample of one file. */
export type SceneBand = {
  name: string
  source: RasterSource
  /** 0-based sample in the file. */
  sample: number
  grid: Grid
  dataType: DataType
  /** From the file's tag, else from the STAC item, else null: then 0 is data. NaN is possible. */
  nodata: number | null
  /** Who states nodata: the file's tag, a STAC item, or the user for the whole collection; absent where nobody does. */
  nodataFrom?: NodataFrom
  /** Described, never applied. */
  scale: number
  offset: number
}

/** Files of one date, one grid family and one name stem. */
export type Scene = {
  id: string
  /** UTC instant, RFC 3339; null: the scene has no time and takes part only without a temporal filter. */
  datetime: string | null
  /** West, south, east, north in degrees. */
  bbox: [number, number, number, number]
  bands: SceneBand[]
  /** Files (absolute) of the scene that are not used: their bands are there in finer pixels. */
  unused?: string[]
  /** The STAC item that describes the scene, where there is one. */
  item?: SceneItem
}

export type SceneItem = {
  /** Absolute. */
  path: string
  /** Where the item stands in its document: empty, or `features` and a position. */
  place: (string | number)[]
  /** Whether its date was typed by the user of Swath. */
  isStatedHere: boolean
}

export type BandInfo = {
  name: string
  commonName: string | null
  description: string | null
  /** Classes of a classification band: value → meaning. */
  classes: { value: number; name: string; description: string }[]
}

/** Scenes with the same bands. */
export type LocalCollection = {
  id: string
  title: string
  description: string
  license: string
  bands: BandInfo[]
  /** In time order; those without a time last. */
  scenes: Scene[]
}
