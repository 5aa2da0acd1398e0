/**
 * Tiles that are ready pictures (XYZ, WMTS) as a layer of the map. Loaded when the first one is shown.
 * Owns: loading and freeing of the pictures. Does not: know servers; main answers at the address by an opaque id.
 */
import type { Layer } from '@deck.gl/core'
import { TileLayer } from '@deck.gl/geo-layers'
import { BitmapLayer } from '@deck.gl/layers'

export type PictureTiles = {
  id: string
  minZoom: number
  maxZoom: number
  addressOf: (tile: { z: number; x: number; y: number }) => string
}

const TILE_PX = 256
const CACHE_BYTES = 96e6
type TilePicture = { bitmap: ImageBitmap; byteLength: number }

/** A tile that is not there is empty ground, as with every map server. */
async function load(address: string, signal: AbortSignal | undefined): Promise<TilePicture | null> {
  const answer = await fetch(address, { signal: signal ?? null })
  if (answer.status === 404 || answer.status === 204) return null
  if (!answer.ok) throw new Error(`A tile was answered with ${answer.status}.`)
  const blob = await answer.blob()
  if (blob.size === 0) return null
  const bitmap = await createImageBitmap(blob, { premultiplyAlpha: 'premultiply' })
  return { bitmap, byteLength: bitmap.width * bitmap.height * 4 }
}

export function pictureLayer(tiles: PictureTiles, failed: (error: Error) => void): Layer {
  return new TileLayer<TilePicture | null>({
    id: `pictures ${tiles.id}`,
    tileSize: TILE_PX,
    // deck.gl compares it with the zoom of the view, which is one less than that of tiles of 256 px
    minZoom: tiles.minZoom - 1,
    maxZoom: tiles.maxZoom,
    maxCacheByteSize: CACHE_BYTES,
    maxRequests: 8,
    refinementStrategy: 'best-available',
    getTileData: async ({ index, signal }) =>
      index.z < Math.max(0, tiles.minZoom) ? null : load(tiles.addressOf(index), signal),
    onTileError: (error) => failed(error as Error),
    onTileUnload: ({ content }) => content?.bitmap.close(),
    renderSubLayers: (props) => {
      const { data: picture, tile } = props as unknown as {
        data: TilePicture | null
        tile: { boundingBox: number[][] }
      }
      const [[west = 0, south = 0] = [], [east = 0, north = 0] = []] = tile.boundingBox
      if (!picture) return null
      return new BitmapLayer(props as never, {
        data: null as never,
        image: picture.bitmap,
        bounds: [west, south, east, north],
      })
    },
  })
}
