/** What processes on cubes give: labels, grids and values, read back from JSON results of whole runs. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunLog, runProcess } from '../../../../main/local/evaluate/index.ts'
import type { LocalCollection } from '../../../../main/local/model.ts'
import { transformPoint, WGS84 } from '../../../../main/raster/crs.ts'
import {
  child,
  defaultGrid,
  from,
  type GraphJson,
  loadAll,
  type Node,
  node,
  parameter,
  reducer,
  type SceneContent,
  utmGrid,
  worldOf,
  writtenCollection,
} from './fixtures.ts'

const none = Number.NaN
/** 0, 1, 2 … 11, plus something. */
const ramp = (start: number) => Array.from({ length: 12 }, (_, i) => start + i)

const scenes: SceneContent[] = [
  {
    id: 'jan',
    datetime: '2023-01-10T10:00:00Z',
    bands: { B04: ramp(0), B08: ramp(100), SCL: [3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 8] },
  },
  { id: 'mar-1', datetime: '2023-03-05T10:00:00Z', bands: { B04: ramp(10), B08: 200, SCL: 4 } },
  { id: 'mar-2', datetime: '2023-03-25T10:00:00Z', bands: { B04: [none, ...ramp(20).slice(1)], B08: 300, SCL: 4 } },
]

type Dimension = {
  name: string
  type: string
  labels?: (string | number)[]
  start?: number
  step?: number
  size?: number
}
type Result = { dimensions: Dimension[]; values: unknown; log: RunLog[] }

let folder = ''
let collection: LocalCollection
let runs = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swath-cubes-'))
  collection = await writtenCollection(join(folder, 'data'), 's2', scenes)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function result(steps: GraphJson, last: string, collections = [collection]): Promise<Result> {
  runs += 1
  const log: RunLog[] = []
  const graph = { ...steps, save: node('save_result', { data: from(last), format: 'JSON' }, true) }
  const { assets } = await runProcess({ process_graph: graph }, worldOf(...collections), {
    outputDir: join(folder, `run-${runs}`),
    threads: 0,
    onLog: (entry) => log.push(entry),
  })
  const text = await readFile(assets[0]?.path ?? '', 'utf8')
  return { ...(JSON.parse(text) as Omit<Result, 'log'>), log }
}

const one = (process_id: string, args: Record<string, unknown>, load: Record<string, unknown> = {}) =>
  result({ load: loadAll('s2', load), step: node(process_id, { data: from('load'), ...args }) }, 'step')
const labelsOf = ({ dimensions }: Result, name: string) =>
  dimensions.find((dimension) => dimension.name === name)?.labels
const sizes = ({ dimensions }: Result) => dimensions.map(({ labels, size }) => size ?? labels?.length)

describe('loading', () => {
  it('gives t, bands, y and x, everything in its order', async () => {
    const loaded = await result({ load: loadAll('s2', { bands: ['nir', 'B04'] }) }, 'load')
    expect(loaded.dimensions.map(({ name }) => name)).toEqual(['t', 'bands', 'y', 'x'])
    expect(sizes(loaded)).toEqual([3, 2, 3, 4])
    expect(labelsOf(loaded, 't')).toEqual(['2023-01-10T10:00:00Z', '2023-03-05T10:00:00Z', '2023-03-25T10:00:00Z'])
    expect(labelsOf(loaded, 'bands')).toEqual(['B08', 'B04'])
    expect((loaded.values as number[][][][])[0]?.[1]?.[2]).toEqual([8, 9, 10, 11])
    expect((loaded.values as number[][][][])[2]?.[1]?.[0]).toEqual([null, 21, 22, 23])
  })

  it('includes the start of a time range and excludes its end', async () => {
    const loaded = await result(
      { load: loadAll('s2', { temporal_extent: ['2023-01-10T10:00:00Z', '2023-03-05T10:00:00Z'] }) },
      'load',
    )
    expect(labelsOf(loaded, 't')).toEqual(['2023-01-10T10:00:00Z'])
    const offset = await result(
      { load: loadAll('s2', { temporal_extent: [null, '2023-03-05T11:00:01+01:00'] }) },
      'load',
    )
    expect(labelsOf(offset, 't')).toHaveLength(2)
  })

  it('snaps a box outwards to whole pixels, in the CRS of the cube or another', async () => {
    const box = { west: 600011, south: 5099985, east: 600020, north: 5099995, crs: 32632 }
    const loaded = await result({ load: loadAll('s2', { bands: ['B04'], spatial_extent: box }) }, 'load')
    expect((loaded.values as number[][][][])[0]?.[0]).toEqual([[1], [5]])
    expect(loaded.dimensions.at(-1)).toMatchObject({ start: 600015, step: 10, size: 1 })
    // a small box around the middle of one pixel, in degrees
    const [x, y] = transformPoint(defaultGrid.crs, WGS84, 600025, 5099985) ?? [0, 0]
    const degrees = { west: x - 1e-5, south: y - 1e-5, east: x + 1e-5, north: y + 1e-5 }
    const again = await result({ load: loadAll('s2', { bands: ['B04'], spatial_extent: degrees }) }, 'load')
    expect((again.values as number[][][][])[0]?.[0]).toEqual([[6]])
  })

  it('takes a point as the pixel that holds it', async () => {
    const box = { west: 600025, south: 5099995, east: 600025, north: 5099995, crs: 32632 }
    const loaded = await result({ load: loadAll('s2', { bands: ['B04'], spatial_extent: box }) }, 'load')
    expect((loaded.values as number[][][][])[0]?.[0]).toEqual([[2]])
  })

  it('masks outside of polygons', async () => {
    // a triangle over the upper left half, in the CRS of the cube as older writers state it
    const triangle = {
      type: 'Polygon',
      crs: { type: 'name', properties: { name: 'urn:ogc:def:crs:EPSG::32632' } },
      coordinates: [
        [
          [600000, 5100000],
          [600040, 5100000],
          [600000, 5099970],
          [600000, 5100000],
        ],
      ],
    }
    const loaded = await result({ load: loadAll('s2', { bands: ['B04'], spatial_extent: triangle }) }, 'load')
    expect((loaded.values as number[][][][])[0]?.[0]).toEqual([
      [0, 1, 2, null],
      [4, 5, null, null],
      [8, null, null, null],
    ])
  })

  it('lays scenes of one instant over one another, and warps those of other grids', async () => {
    const tiles = await writtenCollection(join(folder, 'tiles'), 'tiles', [
      { id: 'left', datetime: '2023-01-01T00:00:00Z', bands: { B: [1, none, 1, 1] }, grid: utmGrid(2, 2) },
      { id: 'right', datetime: '2023-01-01T00:00:00Z', bands: { B: 2 }, grid: utmGrid(2, 2, 1) },
      {
        id: 'askew',
        datetime: '2023-01-02T00:00:00Z',
        bands: { B: [5, 6] },
        grid: { ...utmGrid(2, 1), transform: [600004, 10, 0, 5099999, 0, -10] },
      },
    ])
    const loaded = await result({ load: loadAll('tiles') }, 'load', [tiles])
    expect(loaded.values).toEqual([
      [
        [
          [1, 2, 2],
          [1, 1, 2],
        ],
      ],
      [
        [
          [5, 6, null],
          [null, null, null],
        ],
      ],
    ])
    const warped = loaded.log.find(({ message }) => message.includes('Warped'))
    expect(warped?.message).toContain('askew (B)')
    expect(warped?.message).not.toContain('right')
  })

  it('takes the finest of the requested bands as its grid', async () => {
    const mixed = await writtenCollection(join(folder, 'mixed'), 'mixed', [
      { id: 'one', datetime: '2023-01-01T00:00:00Z', bands: { fine: [1, 2, 3, 4] }, grid: utmGrid(2, 2) },
    ])
    const coarseGrid = { ...utmGrid(1, 1), transform: [600000, 20, 0, 5100000, 0, -20] as const }
    const coarse = await writtenCollection(join(folder, 'mixed'), 'coarse', [
      { id: 'one', datetime: null, bands: { coarse: 9 }, grid: coarseGrid },
    ])
    const both: LocalCollection = {
      ...mixed,
      bands: [...coarse.bands, ...mixed.bands],
      scenes: mixed.scenes.map((scene) => ({ ...scene, bands: [...(coarse.scenes[0]?.bands ?? []), ...scene.bands] })),
    }
    const loaded = await result({ load: loadAll('mixed', { bands: ['coarse', 'fine'] }) }, 'load', [both])
    expect(loaded.values).toEqual([
      [
        [
          [9, 9],
          [9, 9],
        ],
        [
          [1, 2],
          [3, 4],
        ],
      ],
    ])
    const alone = await result({ load: loadAll('mixed', { bands: ['coarse'] }) }, 'load', [both])
    expect(alone.values).toEqual([[[[9]]]])
  })

  it('keeps scenes without a date unless a time range is given', async () => {
    const undated = await writtenCollection(join(folder, 'undated'), 'undated', [
      { id: 'with', datetime: '2023-01-01T00:00:00Z', bands: { B: 1 } },
      { id: 'without', datetime: null, bands: { B: 2 } },
    ])
    expect(labelsOf(await result({ load: loadAll('undated') }, 'load', [undated]), 't')).toEqual([
      '2023-01-01T00:00:00Z',
      'without',
    ])
    const filtered = await result({ load: loadAll('undated', { temporal_extent: ['2000-01-01', null] }) }, 'load', [
      undated,
    ])
    expect(labelsOf(filtered, 't')).toEqual(['2023-01-01T00:00:00Z'])
    expect(filtered.log).toContainEqual(expect.objectContaining({ level: 'warning' }))
  })

  it('applies nodata, and neither scale nor offset', async () => {
    const scaled = await writtenCollection(join(folder, 'scaled'), 'scaled', [
      { id: 'one', datetime: null, dataType: 'uint16', nodata: 0, bands: { B: ramp(0) } },
    ])
    const stated: LocalCollection = {
      ...scaled,
      scenes: scaled.scenes.map((scene) => ({
        ...scene,
        bands: scene.bands.map((band) => ({ ...band, scale: 0.1, offset: -5 })),
      })),
    }
    const loaded = await result({ load: loadAll('scaled') }, 'load', [stated])
    expect((loaded.values as number[][][][])[0]?.[0]?.[0]).toEqual([null, 1, 2, 3])
  })
})

describe('filters', () => {
  it('filter_bbox gives what loading with the box gives', async () => {
    const extent = { west: 600011, south: 5099985, east: 600029, north: 5099995, crs: 32632 }
    const filtered = await one('filter_bbox', { extent })
    const loaded = await result({ load: loadAll('s2', { spatial_extent: extent }) }, 'load')
    expect(filtered.values).toEqual(loaded.values)
    expect(filtered.dimensions).toEqual(loaded.dimensions)
  })
  it('filter_temporal and filter_bands', async () => {
    expect(labelsOf(await one('filter_temporal', { extent: ['2023-03-01', '2023-03-25'] }), 't')).toEqual([
      '2023-03-05T10:00:00Z',
    ])
    expect(labelsOf(await one('filter_bands', { bands: ['SCL', 'red'] }), 'bands')).toEqual(['SCL', 'B04'])
  })
  it('filter_labels asks about each label', async () => {
    const condition = child('eq', { x: parameter('value'), y: 'B08' })
    expect(labelsOf(await one('filter_labels', { condition, dimension: 'bands' }), 'bands')).toEqual(['B08'])
  })
  it('mask_polygon, outside and inside', async () => {
    const mask = {
      type: 'Polygon',
      crs: { type: 'name', properties: { name: 'EPSG:32632' } },
      coordinates: [
        [
          [600010, 5099990],
          [600030, 5099990],
          [600030, 5099980],
          [600010, 5099980],
          [600010, 5099990],
        ],
      ],
    }
    const plane = async (args: Record<string, unknown>) =>
      ((await one('mask_polygon', { mask, ...args }, { bands: ['B04'] })).values as number[][][][])[0]?.[0]
    expect(await plane({})).toEqual([
      [null, null, null, null],
      [null, 5, 6, null],
      [null, null, null, null],
    ])
    expect(await plane({ inside: true, replacement: -1 })).toEqual([
      [0, 1, 2, 3],
      [4, -1, -1, 7],
      [8, 9, 10, 11],
    ])
  })
})

describe('masks', () => {
  const clouds = (replacement?: unknown): GraphJson => ({
    load: loadAll('s2'),
    data: node('filter_bands', { data: from('load'), bands: ['B04', 'B08'] }),
    scl: node('filter_bands', { data: from('load'), bands: ['SCL'] }),
    bad: node('reduce_dimension', {
      data: from('scl'),
      dimension: 'bands',
      reducer: {
        process_graph: {
          scl: node('array_element', { data: parameter('data'), index: 0 }),
          shadow: node('eq', { x: from('scl'), y: 3 }),
          cloud: node('eq', { x: from('scl'), y: 8 }),
          any: node('or', { x: from('shadow'), y: from('cloud') }, true),
        },
      },
    }),
    masked: node('mask', {
      data: from('data'),
      mask: from('bad'),
      ...(replacement === undefined ? {} : { replacement }),
    }),
  })
  it('a mask without bands masks all of them', async () => {
    const [january] = (await result(clouds(), 'masked')).values as number[][][][]
    expect(january?.[0]).toEqual([
      [null, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9, 10, null],
    ])
    expect(january?.[1]?.[0]?.[0]).toBeNull()
  })
  it('a replacement of its own', async () => {
    const [january] = (await result(clouds(-9), 'masked')).values as number[][][][]
    expect(january?.[0]?.[0]).toEqual([-9, 1, 2, 3])
  })
  it('a mask on another grid is brought to that of the data; where it has no value, nothing is masked', async () => {
    const other = await writtenCollection(join(folder, 'mask'), 'mask', [
      {
        id: 'm',
        datetime: null,
        bands: { M: [1, 0] },
        grid: { ...utmGrid(1, 1), transform: [600000, 20, 0, 5100000, 0, -20], width: 1, height: 2 },
      },
    ])
    const graph: GraphJson = {
      load: loadAll('s2', { bands: ['B04'], temporal_extent: ['2023-01-01', '2023-02-01'] }),
      mask: loadAll('mask'),
      flat: node('reduce_dimension', { data: from('mask'), dimension: 't', reducer: reducer('first') }),
      plain: node('reduce_dimension', { data: from('flat'), dimension: 'bands', reducer: reducer('first') }),
      masked: node('mask', { data: from('load'), mask: from('plain') }),
    }
    const masked = await result(graph, 'masked', [collection, other])
    expect(masked.values).toEqual([
      [
        [
          [null, null, 2, 3],
          [null, null, 6, 7],
          [8, 9, 10, 11],
        ],
      ],
    ])
  })
})

describe('reducing', () => {
  const bands = { bands: ['B04'] }
  it('median over time leaves no data out', async () => {
    const reduced = await one('reduce_dimension', { dimension: 't', reducer: reducer('median') }, bands)
    expect(reduced.dimensions.map(({ name }) => name)).toEqual(['bands', 'y', 'x'])
    expect((reduced.values as number[][][])[0]?.[0]).toEqual([5, 11, 12, 13])
  })
  it('or lets it spoil the result', async () => {
    const reduced = await one(
      'reduce_dimension',
      { dimension: 't', reducer: reducer('mean', { ignore_nodata: false }) },
      bands,
    )
    expect((reduced.values as number[][][])[0]?.[0]).toEqual([null, 11, 12, 13])
  })
  it('band maths by labels, with a context', async () => {
    const reduced = await one('reduce_dimension', {
      dimension: 'bands',
      context: { factor: 2 },
      reducer: {
        process_graph: {
          nir: node('array_element', { data: parameter('data'), label: 'B08' }),
          red: node('array_element', { data: parameter('data'), index: 0 }),
          difference: node('subtract', { x: from('nir'), y: from('red') }, true),
        },
      },
    })
    expect((reduced.values as number[][][])[0]).toEqual([
      [100, 100, 100, 100],
      [100, 100, 100, 100],
      [100, 100, 100, 100],
    ])
  })
  it('apply keeps dimensions, and truth values become JSON truth values', async () => {
    const applied = await one('apply', { process: child('gt', { x: parameter('x'), y: 5 }) }, { bands: ['B04'] })
    expect((applied.values as boolean[][][][])[2]?.[0]?.[0]).toEqual([null, true, true, true])
    expect((applied.values as boolean[][][][])[0]?.[0]?.[1]).toEqual([false, false, true, true])
  })
  it('apply_dimension may give fewer values', async () => {
    const applied = await one('apply_dimension', { dimension: 't', process: reducer('extrema') }, bands)
    expect(labelsOf(applied, 't')).toEqual([0, 1])
    expect((applied.values as number[][][][]).map((t) => t[0]?.[0])).toEqual([
      [0, 1, 2, 3],
      [10, 21, 22, 23],
    ])
  })
  it('ndvi, with and without a band of its own', async () => {
    const plain = await one('ndvi', {})
    expect(plain.dimensions.map(({ name }) => name)).toEqual(['t', 'y', 'x'])
    expect((plain.values as number[][][])[0]?.[0]?.[1]).toBeCloseTo((101 - 1) / (101 + 1), 12)
    const added = await one('ndvi', { target_band: 'NDVI' })
    expect(labelsOf(added, 'bands')).toEqual(['B04', 'B08', 'SCL', 'NDVI'])
    expect((added.values as number[][][][])[0]?.[3]).toEqual((plain.values as number[][][])[0])
  })
})

describe('periods', () => {
  it('fills gaps, and a month without scenes is no data', async () => {
    const monthly = await one(
      'aggregate_temporal_period',
      { period: 'month', reducer: reducer('mean') },
      { bands: ['B04'] },
    )
    expect(labelsOf(monthly, 't')).toEqual(['2023-01', '2023-02', '2023-03'])
    const values = monthly.values as number[][][][]
    expect(values[0]?.[0]?.[0]).toEqual([0, 1, 2, 3])
    expect(values[1]?.[0]?.[0]).toEqual([null, null, null, null])
    expect(values[2]?.[0]?.[0]).toEqual([10, 16, 17, 18])
  })
  it('intervals may overlap, and have the labels that they are given', async () => {
    const intervals = [
      ['2023-01-01', '2023-03-25'],
      ['2023-03-01', '2023-04-01'],
    ]
    const sums = await one(
      'aggregate_temporal',
      { intervals, labels: ['a', 'b'], reducer: reducer('count') },
      { bands: ['B04'] },
    )
    expect(labelsOf(sums, 't')).toEqual(['a', 'b'])
    expect((sums.values as number[][][][]).map((t) => t[0]?.[0])).toEqual([
      [2, 2, 2, 2],
      [1, 2, 2, 2],
    ])
  })
})

describe('shape', () => {
  it('adds, renames and drops dimensions, renames labels', async () => {
    const graph: Record<string, Node> = {
      load: loadAll('s2', { bands: ['B04'], temporal_extent: ['2023-01-01', '2023-02-01'] }),
      added: node('add_dimension', { data: from('load'), name: 'source', label: 'a' }),
      renamed: node('rename_dimension', { data: from('added'), source: 'source', target: 'origin' }),
      dropped: node('drop_dimension', { data: from('renamed'), name: 't' }),
      labelled: node('rename_labels', { data: from('dropped'), dimension: 'bands', source: ['B04'], target: ['red'] }),
    }
    const shaped = await result(graph, 'labelled')
    expect(shaped.dimensions.map(({ name, labels }) => [name, labels])).toMatchObject([
      ['bands', ['red']],
      ['origin', ['a']],
      ['y', undefined],
      ['x', undefined],
    ])
    expect((shaped.values as number[][][][])[0]?.[0]?.[2]).toEqual([8, 9, 10, 11])
  })
  it('merges bands side by side, and combines what both have', async () => {
    const graph = (resolver: Record<string, unknown>, second: string[]): GraphJson => ({
      a: loadAll('s2', { bands: ['B04'] }),
      b: loadAll('s2', { bands: second }),
      merged: node('merge_cubes', { cube1: from('a'), cube2: from('b'), ...resolver }),
    })
    const beside = await result(graph({}, ['B08']), 'merged')
    expect(labelsOf(beside, 'bands')).toEqual(['B04', 'B08'])
    expect((beside.values as number[][][][])[1]?.map((band) => band[0]?.[0])).toEqual([10, 200])
    const overlap_resolver = child('add', { x: parameter('x'), y: parameter('y') })
    const combined = await result(graph({ overlap_resolver }, ['B04', 'B08']), 'merged')
    expect((combined.values as number[][][][])[1]?.map((band) => band[0]?.[0])).toEqual([20, 200])
  })
  it('resamples to another resolution', async () => {
    const coarse = await one('resample_spatial', { resolution: 20, method: 'average' }, { bands: ['B04'] })
    expect(coarse.dimensions.slice(-2)).toMatchObject([
      { size: 2, step: -20, start: 5099990 },
      { size: 2, step: 20, start: 600010 },
    ])
    expect((coarse.values as number[][][][])[0]?.[0]?.[0]).toEqual([2.5, 4.5])
  })
  it('resamples computed values as well', async () => {
    const graph: GraphJson = {
      load: loadAll('s2', { bands: ['B04'] }),
      doubled: node('apply', { data: from('load'), process: child('multiply', { x: parameter('x'), y: 2 }) }),
      coarse: node('resample_spatial', { data: from('doubled'), resolution: 20, method: 'average' }),
    }
    expect(((await result(graph, 'coarse')).values as number[][][][])[0]?.[0]?.[0]).toEqual([5, 9])
  })
})
