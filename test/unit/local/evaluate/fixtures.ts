/** Small cubes for tests: rasters written to a folder, collections over them, and graphs in few words. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { LocalCollection, Scene } from '../../../../main/local/model.ts'
import { createCogWriter, crsFromEpsg, type DataType, type Grid } from '../../../../main/raster/index.ts'

export type Node = { process_id: string; arguments: Record<string, unknown>; result?: boolean }
export type GraphJson = Record<string, Node>

export const node = (process_id: string, args: Record<string, unknown> = {}, result = false): Node => ({
  process_id,
  arguments: args,
  ...(result ? { result } : {}),
})
export const from = (from_node: string) => ({ from_node })
export const parameter = (from_parameter: string) => ({ from_parameter })
/** A child graph of one process. */
export const child = (process_id: string, args: Record<string, unknown>) => ({
  process_graph: { only: node(process_id, args, true) },
})
export const reducer = (process_id: string, more: Record<string, unknown> = {}) =>
  child(process_id, { data: parameter('data'), ...more })

/** 10 m pixels in UTM 32 N. */
export function utmGrid(width: number, height: number, column = 0, row = 0): Grid {
  const crs = crsFromEpsg(32632)
  if (crs === null) throw new Error('EPSG:32632 is missing')
  return { crs, transform: [600000 + 10 * column, 10, 0, 5100000 - 10 * row, 0, -10], width, height }
}

export type SceneContent = {
  id: string
  datetime: string | null
  grid?: Grid
  dataType?: DataType
  nodata?: number | null
  /** Values row by row, or one value for all. */
  bands: Record<string, readonly number[] | number>
}

export const defaultGrid = utmGrid(4, 3)

/** A collection whose files do not exist: enough for everything that reads no pixels. */
export function describedCollection(id: string, scenes: readonly SceneContent[], folder = '/nowhere'): LocalCollection {
  const names = [...new Set(scenes.flatMap(({ bands }) => Object.keys(bands)))]
  const common: Record<string, string> = { B02: 'blue', B03: 'green', B04: 'red', B08: 'nir' }
  return {
    id,
    title: id,
    description: '',
    license: 'CC0-1.0',
    bands: names.map((name) => ({ name, commonName: common[name] ?? null, description: null, classes: [] })),
    scenes: scenes.map(
      (content): Scene => ({
        id: content.id,
        datetime: content.datetime,
        bbox: [9, 45, 12, 47],
        bands: Object.keys(content.bands).map((name) => ({
          name,
          source: { kind: 'file', path: join(folder, `${id}-${content.id}-${name}.tif`) },
          sample: 0,
          grid: content.grid ?? defaultGrid,
          dataType: content.dataType ?? 'float32',
          nodata: content.nodata === undefined ? Number.NaN : content.nodata,
          scale: 1,
          offset: 0,
        })),
      }),
    ),
  }
}

/** The same with its files. */
export async function writtenCollection(
  folder: string,
  id: string,
  scenes: readonly SceneContent[],
): Promise<LocalCollection> {
  await mkdir(folder, { recursive: true })
  for (const content of scenes) {
    const grid = content.grid ?? defaultGrid
    for (const [name, values] of Object.entries(content.bands)) {
      const writer = await createCogWriter(join(folder, `${id}-${content.id}-${name}.tif`), {
        grid,
        bands: [
          {
            name,
            dataType: content.dataType ?? 'float32',
            nodata: content.nodata === undefined ? Number.NaN : content.nodata,
          },
        ],
        blockSize: 16,
        overviews: 'none',
      })
      const at = (index: number) => (typeof values === 'number' ? values : (values[index] ?? Number.NaN))
      for (let row = 0; row < writer.rows; row++) {
        for (let column = 0; column < writer.columns; column++) {
          const block: number[] = []
          for (let y = row * 16; y < Math.min(grid.height, row * 16 + 16); y++) {
            for (let x = column * 16; x < Math.min(grid.width, column * 16 + 16); x++)
              block.push(at(y * grid.width + x))
          }
          await writer.writeBlock(column, row, [block])
        }
      }
      await writer.finish()
    }
  }
  return describedCollection(id, scenes, folder)
}

export const worldOf = (...collections: LocalCollection[]) => ({
  collections: new Map(collections.map((collection) => [collection.id, collection] as const)),
})

export const loadAll = (id: string, more: Record<string, unknown> = {}): Node =>
  node('load_collection', { id, spatial_extent: null, temporal_extent: null, ...more })

/** A seeded generator of numbers from 0 to 1 (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
