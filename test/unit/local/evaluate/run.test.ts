/** Whole runs: what is read, what is left behind, how much memory is held, how quickly a run ends when it is cancelled. */
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createBlockEvaluator } from '../../../../main/local/evaluate/block-evaluator.ts'
import { type RunLog, type RunOptions, type RunResult, runProcess } from '../../../../main/local/evaluate/index.ts'
import type { LocalCollection } from '../../../../main/local/model.ts'
import { OpeneoError } from '../../../../main/local/openeo-error.ts'
import { openRaster } from '../../../../main/raster/index.ts'
import {
  child,
  from,
  type GraphJson,
  loadAll,
  node,
  parameter,
  reducer,
  type SceneContent,
  utmGrid,
  worldOf,
  writtenCollection,
} from './fixtures.ts'

// threads start slowly where the machine has much to do
vi.setConfig({ testTimeout: 30_000 })

const large = resolve(import.meta.dirname, '../../../../../shared/data/B02_flat_color.tif')
let folder = ''
let collection: LocalCollection
let runs = 0

const grid = utmGrid(200, 150)
const dates = Array.from({ length: 12 }, (_, i) => `2023-${String(i + 1).padStart(2, '0')}-15T00:00:00Z`)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swath-run-'))
  const scenes = dates.map(
    (datetime, i): SceneContent => ({
      id: `scene-${i}`,
      datetime,
      grid,
      dataType: 'uint16',
      nodata: 0,
      bands: { B04: 100 + i, B08: 300, SCL: 4 },
    }),
  )
  collection = await writtenCollection(join(folder, 'data'), 'year', scenes)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const save = (data: string, more: Record<string, unknown> = {}) =>
  node('save_result', { data: from(data), format: 'GTiff', ...more }, true)
const newFolder = () => {
  runs += 1
  return join(folder, `run-${runs}`)
}

function run(graph: GraphJson, options: Partial<RunOptions> = {}, collections = [collection]): Promise<RunResult> {
  return runProcess({ process_graph: graph }, worldOf(...collections), {
    outputDir: newFolder(),
    threads: 0,
    ...options,
  })
}

async function failure(promise: Promise<unknown>): Promise<OpeneoError> {
  const reason = await promise.then(
    () => undefined,
    (one: unknown) => one,
  )
  expect(reason).toBeInstanceOf(OpeneoError)
  return reason as OpeneoError
}

async function pixelsOf(path: string) {
  const raster = await openRaster({ kind: 'file', path })
  const { width, height, bands } = raster.header
  const values = await raster.readWindow({ window: { column: 0, row: 0, width, height } })
  await raster.close()
  return { header: raster.header, bands, values }
}

describe('only what is needed is read', () => {
  it('bands, scenes and pixels that no result depends on are not', async () => {
    const graph: GraphJson = {
      load: loadAll('year'),
      box: node('filter_bbox', {
        data: from('load'),
        extent: { west: 600000, south: 5099900, east: 600100, north: 5100000, crs: 32632 },
      }),
      time: node('filter_temporal', { data: from('box'), extent: ['2023-03-01', '2023-05-01'] }),
      ndvi: node('ndvi', { data: from('time') }),
      mean: node('reduce_dimension', { data: from('ndvi'), dimension: 't', reducer: reducer('mean') }),
      save: save('mean'),
    }
    const { usage } = await run(graph)
    expect(usage).toMatchObject({ scenes: 2, bands: 2, windowsRead: 4, pixelsRead: 4 * 100 })
  })

  it('what several results and steps share is read once for each block', async () => {
    const graph: GraphJson = {
      load: loadAll('year', { bands: ['B04'] }),
      doubled: node('apply', { data: from('load'), process: child('add', { x: parameter('x'), y: parameter('x') }) }),
      spread: node('reduce_dimension', {
        data: from('doubled'),
        dimension: 't',
        reducer: {
          process_graph: {
            max: node('max', { data: parameter('data') }),
            min: node('min', { data: parameter('data') }),
            range: node('subtract', { x: from('max'), y: from('min') }, true),
          },
        },
      }),
      save: save('spread'),
    }
    const { assets, usage } = await run(graph)
    expect(usage.windowsRead).toBe(12)
    expect((await pixelsOf(assets[0]?.path ?? '')).values[0]?.[0]).toBe(22)
  })

  it('files are opened when the first block needs them, and not before', async () => {
    const opened: string[] = []
    const evaluator = createBlockEvaluator(
      {
        graph: { load: loadAll('year'), save: save('load') },
        parameters: {},
        collections: [collection],
        stac: [],
        memoryBudgetBytes: 2 ** 26,
      },
      {
        open: (source, options) => {
          opened.push(source.kind === 'file' ? source.path : source.url)
          return openRaster(source, options)
        },
      },
    )
    expect(opened).toEqual([])
    await evaluator.evaluate({
      saved: 0,
      file: 3,
      window: { column: 0, row: 0, width: 10, height: 10 },
      isFloat32: true,
    })
    expect(opened.map((path) => path.split('/').at(-1)).toSorted()).toEqual([
      'year-scene-3-B04.tif',
      'year-scene-3-B08.tif',
      'year-scene-3-SCL.tif',
    ])
    await evaluator.close()
  })
})

describe('files', () => {
  it('one for each label of time, with its bands, time and place', async () => {
    const graph = {
      load: loadAll('year', { temporal_extent: ['2023-01-01', '2023-03-01'], bands: ['B08', 'B04'] }),
      save: save('load'),
    }
    const { assets, bbox, interval } = await run(graph)
    expect(assets.map(({ key }) => key)).toEqual(['result_2023-01-15.tif', 'result_2023-02-15.tif'])
    expect(assets[0]).toMatchObject({
      datetime: '2023-01-15T00:00:00Z',
      mediaType: expect.stringContaining('cloud-optimized'),
      bands: [{ name: 'B08', dataType: 'float32', nodata: Number.NaN }, { name: 'B04' }],
    })
    expect(bbox?.[0]).toBeCloseTo(10.292, 3)
    expect(interval).toEqual(['2023-01-15T00:00:00Z', '2023-02-15T00:00:00Z'])
    const { bands, header, values } = await pixelsOf(assets[1]?.path ?? '')
    expect(bands.map(({ description }) => description)).toEqual(['B08', 'B04'])
    expect(header.dateTime).toBe('2023:02:15 00:00:00')
    expect(values.map((band) => band[0])).toEqual([300, 101])
  })

  it('periods have an interval', async () => {
    const graph: GraphJson = {
      load: loadAll('year', { bands: ['B04'] }),
      seasons: node('aggregate_temporal_period', { data: from('load'), period: 'season', reducer: reducer('mean') }),
      save: save('seasons'),
    }
    const { assets } = await run(graph)
    expect(assets.map(({ title }) => title)).toEqual(['2023-djf', '2023-mam', '2023-jja', '2023-son', '2024-djf'])
    expect(assets[0]?.interval).toEqual(['2022-12-01T00:00:00Z', '2023-03-01T00:00:00Z'])
  })

  it('types and nodata as asked for: rounded, clipped, in their range', async () => {
    const graph: GraphJson = {
      load: loadAll('year', { bands: ['B04'], temporal_extent: ['2023-01-01', '2023-02-01'] }),
      scaled: node('apply', { data: from('load'), process: child('multiply', { x: parameter('x'), y: 2.505 }) }),
      save: save('scaled', { options: { datatype: 'uint8', nodata: 0 } }),
    }
    const { assets } = await run(graph)
    const { bands, values } = await pixelsOf(assets[0]?.path ?? '')
    expect(bands[0]).toMatchObject({ dataType: 'uint8', nodata: 0 })
    expect(values[0]?.[0]).toBe(251)
  })

  it('several results do not overwrite one another', async () => {
    const graph: GraphJson = {
      load: loadAll('year', { bands: ['B04'], temporal_extent: ['2023-01-01', '2023-02-01'] }),
      one: { ...save('load'), result: false },
      two: save('load'),
      picture: { ...save('load', { format: 'png', options: { min: 0, max: 200 } }), result: false },
    }
    const { assets } = await run(graph)
    expect(assets.map(({ key }) => key).toSorted()).toEqual([
      'result_2023-01-15-2.tif',
      'result_2023-01-15.png',
      'result_2023-01-15.tif',
    ])
    const png = await readFile(assets.find(({ key }) => key.endsWith('.png'))?.path ?? '')
    expect(png.subarray(1, 4).toString()).toBe('PNG')
  })

  it('parameters of the process get their values', async () => {
    const graph: GraphJson = {
      load: loadAll('year', { bands: [parameter('band')], temporal_extent: ['2023-01-01', '2023-02-01'] }),
      save: save('load'),
    }
    expect((await run(graph, { parameters: { band: 'B08' } })).assets[0]?.bands?.[0]?.name).toBe('B08')
    expect(await failure(run(graph))).toMatchObject({ code: 'ProcessParameterRequired' })
  })
})

describe('progress and log', () => {
  it('counts blocks up to their number, and says what was read', async () => {
    const seen: [number, number][] = []
    const log: RunLog[] = []
    const graph = { load: loadAll('year', { bands: ['B04'] }), save: save('load', { options: { blocksize: 256 } }) }
    await run(graph, {
      onProgress: ({ doneBlocks, totalBlocks }) => seen.push([doneBlocks, totalBlocks]),
      onLog: (entry) => log.push(entry),
    })
    expect(seen[0]).toEqual([0, 12])
    expect(seen.at(-1)).toEqual([12, 12])
    expect(seen.map(([done]) => done)).toEqual(Array.from({ length: 13 }, (_, i) => i))
    expect(log.at(-1)?.message).toMatch(
      /^Read 12 scenes and 1 band \(B04\): 360000 pixels in 12 windows\. Wrote 12 files/,
    )
  })
})

describe('threads', () => {
  it('give what a single one gives', async () => {
    const graph: GraphJson = {
      load: loadAll('year', { bands: ['B04'] }),
      median: node('reduce_dimension', { data: from('load'), dimension: 't', reducer: reducer('median') }),
      save: save('median', { options: { blocksize: 256 } }),
    }
    const [alone, many] = await Promise.all([run(graph), run(graph, { threads: 2 })])
    const [a, b] = await Promise.all([alone, many].map(({ assets }) => pixelsOf(assets[0]?.path ?? '')))
    expect(a?.values).toEqual(b?.values)
    expect(a?.values[0]?.[0]).toBe(105.5)
    expect(many.usage).toMatchObject({ scenes: 12, windowsRead: 12 })
  })
})

describe('bad input', () => {
  const graph = { load: loadAll('broken'), save: save('load') }
  const broken = async (spoil: (path: string) => Promise<unknown>) => {
    const data = newFolder()
    const one = await writtenCollection(data, 'broken', [
      { id: 'one', datetime: dates[0] ?? null, bands: { B: 1 }, grid },
      { id: 'two', datetime: dates[1] ?? null, bands: { B: 1 }, grid },
    ])
    await spoil(join(data, 'broken-two-B.tif'))
    return one
  }
  it.each([0, 2])('a file that is cut off is named, and nothing is left behind (%i threads)', async (threads) => {
    const one = await broken((path) => truncate(path, 700))
    const outputDir = newFolder()
    const found = await failure(run(graph, { outputDir, threads }, [one]))
    expect(found.message).toContain('The band B of the scene "two" cannot be read.')
    expect(await readdir(outputDir)).toEqual([])
  })
  it('a file that has vanished likewise', async () => {
    const one = await broken((path) => unlink(path))
    const found = await failure(run(graph, {}, [one]))
    expect(found.message).toContain('The band B of the scene "two" cannot be read.')
  })
  it('an invalid graph is refused with its first problem', async () => {
    expect(await failure(run({ load: loadAll('nothing'), save: save('load') }))).toMatchObject({
      code: 'CollectionNotFound',
      status: 404,
    })
    expect(await failure(run({ load: { ...loadAll('year'), result: true } }))).toMatchObject({
      code: 'ProcessGraphInvalid',
      status: 400,
    })
    expect(await failure(runProcess(null, worldOf(), { outputDir: newFolder() }))).toMatchObject({
      code: 'ProcessGraphMissing',
    })
  })
  it('a folder that is a file is a failure of the storage', async () => {
    const data = newFolder()
    await mkdir(data)
    const found = await run(
      { load: loadAll('year'), save: save('load') },
      {
        outputDir: join(
          collection.scenes[0]?.bands[0]?.source.kind === 'file' ? collection.scenes[0].bands[0].source.path : '',
          'x',
        ),
      },
    ).catch((one: unknown) => one)
    expect(found).toMatchObject({ code: 'StorageFailure', status: 500 })
  })
})

describe('a raster of 100 million pixels', () => {
  const collectionOfLarge = async (): Promise<LocalCollection> => {
    const raster = await openRaster({ kind: 'file', path: large })
    const { grid: own, bands } = raster.header
    await raster.close()
    const [header] = bands
    if (own === null || header === undefined) throw new Error('the sample has no grid')
    const band = {
      name: 'B02',
      source: { kind: 'file' as const, path: large },
      sample: 0,
      grid: own,
      dataType: header.dataType,
      nodata: header.nodata,
      scale: 1,
      offset: 0,
    }
    return {
      id: 'large',
      title: '',
      description: '',
      license: '',
      bands: [{ name: 'B02', commonName: 'blue', description: null, classes: [] }],
      scenes: dates.slice(0, 8).map((datetime, i) => ({ id: `s${i}`, datetime, bbox: [0, 0, 1, 1], bands: [band] })),
    }
  }
  const median: GraphJson = {
    load: loadAll('large'),
    median: node('reduce_dimension', { data: from('load'), dimension: 't', reducer: reducer('median') }),
    save: save('median'),
  }

  it('needs hardly more memory than a quarter of it does', { timeout: 180_000 }, async () => {
    const one = await collectionOfLarge()
    const { transform, width, height, crs } = one.scenes[0]?.bands[0]?.grid ?? utmGrid(1, 1)
    const [west, pixel, , north] = transform
    /** The most memory (bytes, resident) while so much of the width and height is computed. */
    const mostMemory = async (share: number) => {
      const box = {
        west,
        north,
        east: west + width * share * pixel,
        south: north - height * share * pixel,
        crs: crs.epsg,
      }
      const graph: GraphJson = {
        load: loadAll('large', { temporal_extent: [null, '2023-02-01'], spatial_extent: box }),
        scaled: node('apply', { data: from('load'), process: child('multiply', { x: parameter('x'), y: 0.5 }) }),
        save: save('scaled', { options: { compression: 'zstd' } }),
      }
      let most = 0
      const onProgress = () => {
        most = Math.max(most, process.memoryUsage().rss)
      }
      const { usage } = await run(graph, { threads: 1, memoryBudgetBytes: 48 * 2 ** 20, onProgress }, [one])
      expect(usage.pixelsRead).toBe(width * share * (height * share))
      return most
    }
    const quarter = await mostMemory(0.5)
    const whole = await mostMemory(1)
    // the other three quarters alone are 143 MiB as the file has them, and 286 MiB as the result has them
    expect((whole - quarter) / 2 ** 20).toBeLessThan(100)
  })

  it.each([0, 2])(
    'a run ends within a second when it is cancelled, and leaves nothing (%i threads)',
    { timeout: 30_000 },
    async (threads) => {
      const outputDir = newFolder()
      const controller = new AbortController()
      let cancelled = 0
      const reason = await run(
        median,
        {
          outputDir,
          threads,
          signal: controller.signal,
          onProgress: ({ doneBlocks }) => {
            if (doneBlocks !== 2) return
            cancelled = performance.now()
            controller.abort(new Error('enough'))
          },
        },
        [await collectionOfLarge()],
      ).catch((one: unknown) => one)
      expect(performance.now() - cancelled).toBeLessThan(1000)
      expect(reason).toMatchObject({ message: 'enough' })
      expect(await readdir(outputDir)).toEqual([])
    },
  )

  it('a run that is cancelled before it begins does nothing', async () => {
    const outputDir = newFolder()
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(run(median, { outputDir, signal }, [await collectionOfLarge()])).rejects.toThrow('enough')
    await expect(readdir(outputDir)).rejects.toThrow()
  })
})
