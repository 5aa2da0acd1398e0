/**
 * Messages on the MessagePort between the window and the raster engine.
 * The window asks, the engine answers with the same `n`. Layers are opened by main, never by the window, so the window
 * can name nothing but a layer id.
 */

/** One EPSG:3857 tile of the XYZ scheme: `size` × `size` pixels. */
export type TileRequest = {
  n: number
  ask: 'tile'
  layerId: string
  z: number
  x: number
  y: number
  size: number
  /** 0-based bands, one to four. */
  bands: number[]
}
/** The value of every band at a position in degrees, at full resolution. */
export type ValueRequest = { n: number; ask: 'value'; layerId: string; longitude: number; latitude: number }
/** Takes back a request that is not needed any more. */
export type CancelRequest = { n: number; ask: 'cancel' }
export type RasterRequest = TileRequest | ValueRequest | CancelRequest

export type TileReply = {
  n: number
  ok: true
  /** Band-sequential values, size × size each, transferred; NaN is no value. null: the tile lies outside the raster. */
  values: Float32Array<ArrayBuffer> | null
}
export type ValueReply = {
  n: number
  ok: true
  /** null: outside the raster. A band's null: no value there. Stored values, without scale and offset. */
  values: (number | null)[] | null
  /** Column and row at full resolution. */
  pixel: [number, number] | null
}
export type RasterFailure = {
  n: number
  ok: false
  code: 'unreadable-data' | 'not-found' | 'canceled' | 'bug'
  message: string
}
export type RasterReply = TileReply | ValueReply | RasterFailure
