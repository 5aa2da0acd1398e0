/**
 * Rasters on the map: one tiled deck.gl layer each, fed by the engine's port.
 * Owns: the textures (made when a tile arrives, freed when it leaves), the colour tables on the graphics device.
 * Does not: decide which rasters are shown or how (it is told), read files. Loaded when the first raster appears.
 */
import type { Layer } from '@deck.gl/core'
import { TileLayer } from '@deck.gl/geo-layers'
import type { Device, Texture } from '@luma.gl/core'
import type { LayerStyle, RasterInfo } from '../../preload/contract/layers.ts'
import { COLOUR_TABLE_SIZE, colourTable } from './colour-maps.ts'
import { type RasterPort, RasterPortError } from './raster-port.ts'
import { NO_VALUE, RasterTile, type TileStyle } from './raster-tile.ts'
import { nativeZoom } from './stretch.ts'

export type ShownRaster = { id: string; style: LayerStyle; raster: RasterInfo }
export type RasterNeeds = {
  device: Device
  port: RasterPort
  /** Something changed that needs the layers made anew (a new port). */
  changed: () => void
  /** A tile could not be drawn; told once for each layer and reason. */
  failed: (layerId: string, error: Error) => void
  /** All tiles of the view are there. */
  settled?: (layerId: string) => void
}

export const TILE_PX = 256
const CACHE_BYTES = 192e6
type TileTexture = { texture: Texture; channels: 1 | 3; byteLength: number }
type TileSource = { textures: Map<string, Texture>; isClosed: boolean }

/**
 * One band: the values themselves; three: interleaved RGBA. NaN becomes NO_VALUE.
 * `values` is band-sequential, `size`² each.
 */
export function texels(values: Float32Array<ArrayBuffer>, channels: 1 | 3, size: number): Float32Array<ArrayBuffer> {
  const count = size * size
  if (channels === 1) {
    const out = values.length === count ? values : values.slice(0, count)
    for (let i = 0; i < count; i++) if (Number.isNaN(out[i])) out[i] = NO_VALUE
    return out
  }
  const out = new Float32Array(count * 4)
  for (let channel = 0; channel < 3; channel++) {
    for (let i = 0; i < count; i++) {
      const value = values[channel * count + i] as number
      out[i * 4 + channel] = Number.isNaN(value) ? NO_VALUE : value
    }
  }
  return out
}

/** The shader's numbers for a style. */
export function tileStyleOf(style: LayerStyle): TileStyle {
  const channels = channelsOf(style)
  const [first = [0, 1]] = style.stretch
  const limit = (i: number) => style.stretch[channels === 1 ? 0 : i] ?? first
  return {
    low: [limit(0)[0], limit(1)[0], limit(2)[0], 0],
    high: [limit(0)[1], limit(1)[1], limit(2)[1], 1],
    channels,
    gamma: style.gamma,
  }
}
const channelsOf = ({ mode }: LayerStyle): 1 | 3 => (mode === 'rgb' ? 3 : 1)

/** The bands to ask the engine for: one, or exactly three. */
export function bandsOf({ mode, bands }: LayerStyle): number[] {
  const [first = 0] = bands
  return mode === 'rgb' ? [first, bands[1] ?? first, bands[2] ?? first] : [first]
}

export class RasterLayers {
  #needs: RasterNeeds
  #colours = new Map<string, Texture>()
  #sources = new Map<string, TileSource>()
  #told = new Set<string>()
  #generation = 0
  #stop: () => void

  constructor(needs: RasterNeeds) {
    this.#needs = needs
    this.#stop = needs.port.onReopened(() => {
      this.#generation++
      this.#told.clear()
      needs.changed()
    })
  }

  /** Layers from the back to the front. Textures of rasters that are not among them are freed. */
  layers(shown: readonly ShownRaster[]): Layer[] {
    const wanted = new Set(shown.map((one) => sourceId(one)))
    for (const [id, source] of this.#sources) {
      if (wanted.has(id)) continue
      this.#sources.delete(id)
      source.isClosed = true
      // the layers that draw from them go in the same update, so the textures are freed after it
      requestAnimationFrame(() => {
        for (const texture of source.textures.values()) texture.destroy()
      })
    }
    return shown.map((one) => this.#layer(one))
  }

  close(): void {
    this.#stop()
    for (const source of this.#sources.values()) {
      source.isClosed = true
      for (const texture of source.textures.values()) texture.destroy()
    }
    for (const texture of this.#colours.values()) texture.destroy()
  }

  #layer(shown: ShownRaster): Layer {
    const { id: layerId, style, raster } = shown
    const id = sourceId(shown)
    const source = this.#source(id)
    const bands = bandsOf(style)
    const channels = channelsOf(style)
    const tileStyle = tileStyleOf(style)
    const colours = this.#colourTexture(style.colourMap, style.reversed)
    const [west, south, east, north] = raster.bounds
    return new TileLayer<TileTexture | null>({
      id,
      tileSize: TILE_PX,
      zoomOffset: Math.max(0, Math.round(Math.log2(devicePixelRatio))),
      minZoom: 0,
      maxZoom: nativeZoom(raster.bounds, raster.width, TILE_PX),
      // a box across the antimeridian is two: the engine answers null for tiles beside it
      extent: west <= east ? [west, south, east, north] : [-180, south, 180, north],
      maxCacheByteSize: CACHE_BYTES,
      maxRequests: 8,
      refinementStrategy: 'best-available',
      // the screen shows opacity as it is; deck.gl would bend it by 2.2
      opacity: style.opacity ** 2.2,
      updateTriggers: {
        getTileData: [this.#generation],
        renderSubLayers: [JSON.stringify(tileStyle), style.colourMap, style.reversed, style.opacity],
      },
      getTileData: async ({ index, signal }) => {
        const { x, y, z } = index
        const values = await this.#needs.port.tile({ layerId, x, y, z, size: TILE_PX, bands }, signal)
        return values && !source.isClosed ? this.#texture(source, `${z}/${x}/${y}`, values, channels) : null
      },
      onTileUnload: ({ index: { x, y, z }, content }) => {
        content?.texture.destroy()
        source.textures.delete(`${z}/${x}/${y}`)
      },
      onTileError: (error) => this.#failed(layerId, error),
      onViewportLoad: () => this.#needs.settled?.(layerId),
      renderSubLayers: (props) => {
        const { data: tile, tile: header } = props as unknown as {
          data: TileTexture | null
          tile: { boundingBox: number[][] }
        }
        const [[w = 0, s = 0] = [], [e = 0, n = 0] = []] = header.boundingBox
        if (!tile || tile.texture.destroyed) return null
        return new RasterTile(props as never, {
          data: null as never,
          image: tile.texture as never,
          bounds: [w, s, e, n],
          tileStyle,
          colours,
        })
      },
    })
  }

  #texture(source: TileSource, key: string, values: Float32Array<ArrayBuffer>, channels: 1 | 3): TileTexture {
    const data = texels(values, channels, TILE_PX)
    const texture = this.#needs.device.createTexture({
      data,
      format: channels === 1 ? 'r32float' : 'rgba32float',
      width: TILE_PX,
      height: TILE_PX,
      // 32-bit floats cannot be filtered everywhere, and an analyst wants to see the pixels
      sampler: {
        minFilter: 'nearest',
        magFilter: 'nearest',
        addressModeU: 'clamp-to-edge',
        addressModeV: 'clamp-to-edge',
      },
    })
    const old = source.textures.get(key)
    source.textures.set(key, texture)
    if (old) requestAnimationFrame(() => old.destroy())
    return { texture, channels, byteLength: data.byteLength }
  }

  #source(id: string): TileSource {
    const known = this.#sources.get(id)
    if (known) return known
    const made: TileSource = { textures: new Map(), isClosed: false }
    this.#sources.set(id, made)
    return made
  }

  #colourTexture(colourMap: string, isReversed: boolean): Texture {
    const key = `${colourMap}/${isReversed}`
    const known = this.#colours.get(key)
    if (known) return known
    const texture = this.#needs.device.createTexture({
      data: colourTable(colourMap, isReversed),
      format: 'rgba8unorm',
      width: COLOUR_TABLE_SIZE,
      height: 1,
      sampler: { minFilter: 'nearest', magFilter: 'nearest' },
    })
    this.#colours.set(key, texture)
    return texture
  }

  #failed(layerId: string, error: Error): void {
    const code = error instanceof RasterPortError ? error.code : 'bug'
    if (code === 'canceled' || error?.name === 'AbortError') return
    const key = `${layerId}/${code}`
    if (this.#told.has(key)) return
    this.#told.add(key)
    this.#needs.failed(layerId, error)
  }
}

/** The bands belong to the id: other bands are other textures. */
const sourceId = ({ id, style }: ShownRaster) => `raster-${id}-${bandsOf(style).join('-')}`
