/** Folders become collections by the rules; every file is in a collection or in the list of problems with its reason. */
import {
  cpSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../../main/core/database.ts'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { BACK_END_MIGRATIONS } from '../../../main/local/batch-jobs/schema.ts'
import { DataIndex } from '../../../main/local/data/index.ts'
import { dataFolder, temporaryFolder } from './support/back-end.ts'

const shared = resolve(import.meta.dirname, '../../../../shared/data')
const NDVI_PAIR = ['LC08_L1TP_013032_20180131_B4.TIF', 'LC08_L1TP_013032_20180131_B5.TIF'] as const
const LANDSAT = 'timeseries_l8/LC08_L1TP_013032_20180131_20180207_01_T1'

async function indexOf(path: string, options: { isWatching?: boolean; database?: string } = {}) {
  const log = createLog({ sink: memorySink() })
  const { database } = await openDatabase({
    path: options.database ?? ':memory:',
    migrations: BACK_END_MIGRATIONS,
    log,
  })
  let changes = 0
  const index = new DataIndex({ database, log, onChange: () => changes++, isWatching: options.isWatching ?? false })
  onTestFinished(async () => {
    await index.close()
    database.close()
  })
  index.setFolders([dataFolder(path)])
  await index.whenIdle()
  return { index, database, changes: () => changes }
}

const filesOf = (index: DataIndex, root: string) =>
  new Set(
    [...index.collections.values()].flatMap(({ scenes }) =>
      scenes.flatMap(({ bands }) =>
        bands.map(({ source }) => (source.kind === 'file' ? relative(root, source.path) : '')),
      ),
    ),
  )

test('all of the real files are accounted for, those that cannot be read with a reason', async () => {
  const { index } = await indexOf(shared)
  const used = filesOf(index, shared)
  const told = new Map(index.problems.map(({ file, reason }) => [file, reason]))
  const all = readdirSync(shared, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(tiff?|nc)$/i.test(name))
  expect(all.length).toBe(257)
  for (const file of all) expect([file, used.has(file) !== told.has(file)]).toEqual([file, true])
  expect([...told.keys()].sort()).toEqual([
    'bcsd_obs_1999.nc',
    'cog_gcps.tif',
    'float_nan.tif',
    'image_webp.tif',
    'slc_complex.tif',
  ])
  for (const reason of told.values()) expect(reason).toMatch(/^[A-Z].{20,}\.$/)
})

test('scenes in folders of their own become one time series, of three path/rows and two resolutions', async () => {
  const { index } = await indexOf(join(shared, 'timeseries_l8'))
  expect([...index.collections.keys()]).toEqual(['timeseries_l8'])
  const { scenes, bands } = [...index.collections.values()][0] ?? { scenes: [], bands: [] }
  expect(scenes).toHaveLength(19)
  expect(bands.map(({ name, commonName }) => `${name}=${commonName}`).join(' ')).toBe(
    'B1=coastal B2=blue B3=green B4=red B5=nir B6=swir16 B7=swir22 B8=pan B9=cirrus B10=lwir11 B11=lwir12 BQA=null',
  )
  for (const scene of scenes) {
    expect(scene.bands).toHaveLength(12)
    expect(scene.bands.every(({ nodata }) => nodata === null)).toBe(true)
    const size = (name: string) => scene.bands.find((band) => band.name === name)?.grid.transform[1] ?? 0
    expect(size('B4') / size('B8')).toBeCloseTo(2, 1)
  }
  const times = scenes.map(({ datetime }) => datetime)
  expect(times).toEqual([...times].sort())
  expect(scenes[0]?.bbox.map((degrees) => Math.round(degrees))).toEqual([-76, 41, -73, 43])
})

test('a STAC item beside the file wins: date, bands, common names; nodata only where the file has no tag', async () => {
  const root = temporaryFolder()
  cpSync(join(shared, 's2_l2a_openeo_sample.tif'), join(root, 'scene.tif'))
  const names = ['B02', 'B03', 'B04', 'B08', 'SCL']
  const item = {
    type: 'Feature',
    stac_version: '1.0.0',
    id: 'S2 of June',
    geometry: null,
    links: [],
    properties: { datetime: '2023-06-07T10:00:00Z' },
    assets: {
      data: {
        href: './scene.tif',
        roles: ['data'],
        'eo:bands': names.map((name) => ({ name })),
        'raster:bands': names.map(() => ({ nodata: 7 })),
      },
    },
  }
  mkdirSync(join(root, 'stac'))
  item.assets.data.href = '../scene.tif?x#y'
  writeFileSync(join(root, 'stac', 'item.json'), JSON.stringify(item))
  const { index } = await indexOf(root)
  const [collection] = [...index.collections.values()]
  expect(collection?.scenes).toHaveLength(1)
  expect(collection?.scenes[0]).toMatchObject({ id: 'S2 of June', datetime: '2023-06-07T10:00:00Z' })
  expect(collection?.scenes[0]?.bands.map(({ nodata }) => nodata)).toEqual([0, 0, 0, 0, 0]) // the tag of the file

  const untagged = temporaryFolder()
  cpSync(join(shared, 'nocog.tif'), join(untagged, 'scene.tif'))
  const data = { href: './scene.tif', roles: ['data'], 'eo:bands': [{ name: 'B02' }], 'raster:bands': [{ nodata: 7 }] }
  writeFileSync(join(untagged, 'item.json'), JSON.stringify({ ...item, assets: { data } }))
  const [without] = [...(await indexOf(untagged)).index.collections.values()]
  expect(without?.scenes[0]?.bands.map(({ nodata, nodataFrom }) => [nodata, nodataFrom])).toEqual([[7, 'item']])
  expect(collection?.bands.map(({ name, commonName }) => [name, commonName])).toEqual([
    ['B02', 'blue'],
    ['B03', 'green'],
    ['B04', 'red'],
    ['B08', 'nir'],
    ['SCL', null],
  ])
  expect(index.problems).toEqual([])
})

test('an item that names what is not there is told of, and documents that are no JSON', async () => {
  const root = temporaryFolder()
  writeFileSync(
    join(root, 'a.json'),
    JSON.stringify({
      type: 'Feature',
      stac_version: '1.0.0',
      id: 'a',
      properties: {},
      assets: { x: { href: 'gone.tif' } },
    }),
  )
  writeFileSync(join(root, 'b.json'), '{"stac_version": ')
  const { index } = await indexOf(root)
  expect(index.problems.map(({ file }) => file)).toEqual(['a', 'b.json'])
})

test('files of other places, resolutions or bands stay apart; damage and emptiness have their reasons', async () => {
  const root = temporaryFolder()
  for (const name of NDVI_PAIR) cpSync(join(shared, LANDSAT, name), join(root, name))
  cpSync(join(shared, 'dem.tif'), join(root, 'dem_2023-06-01.tif'))
  cpSync(join(shared, 'shade.tif'), join(root, 'dem_2023-07-01.tif'))
  writeFileSync(join(root, 'empty.tif'), '')
  writeFileSync(join(root, 'text.tif'), 'not a picture at all')
  writeFileSync(join(root, 'cut.tif'), readFirst(join(shared, 'dem.tif'), 200))
  symlinkSync(join(root, 'nowhere'), join(root, 'dangling.tif'))
  const { index } = await indexOf(root)
  const told = Object.fromEntries(index.problems.map(({ file, reason }) => [file, reason]))
  expect(Object.keys(told).sort()).toEqual(['cut.tif', 'dangling.tif', 'empty.tif', 'text.tif'])
  expect(told['empty.tif']).toBe('The file is empty.')
  const kinds = [...index.collections.values()].map(({ scenes, bands }) => [
    scenes.length,
    bands.map(({ name }) => name).join(' '),
  ])
  expect(kinds.sort()).toEqual([
    [1, 'B4 B5'],
    [2, '1'],
  ])
})

const readFirst = (path: string, bytes: number) => readFileSync(path).subarray(0, bytes)

test('loops of links end, hidden folders are left alone, and a file inside of two folders is one', async () => {
  const root = temporaryFolder()
  mkdirSync(join(root, 'a', 'b'), { recursive: true })
  mkdirSync(join(root, '.hidden'))
  cpSync(join(shared, 'dem.tif'), join(root, 'a', 'dem.tif'))
  cpSync(join(shared, 'dem.tif'), join(root, '.hidden', 'dem.tif'))
  symlinkSync(root, join(root, 'a', 'b', 'loop'))
  symlinkSync(join(root, 'a'), join(root, 'again'))
  const { index } = await indexOf(root)
  expect(filesOf(index, root).size).toBe(1)
  index.setFolders([dataFolder(root), dataFolder(join(root, 'a'))])
  await index.whenIdle()
  expect(index.collections.size).toBe(1)
})

test('identifiers are safe, unique and stay the same', async () => {
  const root = join(temporaryFolder(), 'Äcker & Wälder (2023)')
  mkdirSync(join(root, 'sub', 'Äcker & Wälder (2023)'), { recursive: true })
  cpSync(join(shared, 'dem.tif'), join(root, 'dem.tif'))
  cpSync(join(shared, 'dem.tif'), join(root, 'sub', 'Äcker & Wälder (2023)', 'dem.tif'))
  const { index, database } = await indexOf(root)
  expect([...index.collections.keys()]).toEqual(['Acker-Walder-2023', 'Acker-Walder-2023-2'])
  const before = [...index.collections].map(([id, { scenes }]) => [id, JSON.stringify(scenes)])
  cpSync(join(shared, 'shade.tif'), join(root, 'a_shade.tif'))
  index.rescan()
  await index.whenIdle()
  const after = new Map([...index.collections].map(([id, { scenes }]) => [id, JSON.stringify(scenes)]))
  expect(after.size).toBe(3)
  for (const [id, scenes] of before) expect(after.get(id as string)).toBe(scenes)
  expect(database.all('SELECT id FROM collection_name')).toHaveLength(3)
})

test('only what changed is read again, in another process too', async () => {
  const root = temporaryFolder()
  cpSync(join(shared, LANDSAT), join(root, 'scene'), { recursive: true })
  const { index, database } = await indexOf(root)
  const read = () => database.all<{ path: string; rowid: number }>('SELECT rowid, path FROM cache_file ORDER BY path')
  const before = read()
  expect(before).toHaveLength(12)
  index.rescan()
  await index.whenIdle()
  expect(read()).toEqual(before)
  const changed = join(root, 'scene', NDVI_PAIR[0])
  utimesSync(changed, new Date(), new Date(Date.now() + 10_000))
  index.rescan()
  await index.whenIdle()
  const after = read()
  expect(after.filter(({ rowid }, i) => rowid !== before[i]?.rowid).map(({ path }) => path)).toEqual([changed])
})

test('a folder that is gone has no collections and says why', async () => {
  const root = join(temporaryFolder(), 'data')
  mkdirSync(root)
  cpSync(join(shared, 'dem.tif'), join(root, 'dem.tif'))
  const { index } = await indexOf(root)
  expect(index.collections.size).toBe(1)
  rmSync(root, { recursive: true })
  index.rescan()
  await index.whenIdle()
  expect([index.collections.size, index.problems.map(({ reason }) => reason)]).toEqual([
    0,
    ['The folder does not exist any more.'],
  ])
})

test('a new file is noticed by itself', async () => {
  const root = temporaryFolder()
  const { index } = await indexOf(root, { isWatching: true })
  cpSync(join(shared, 'dem.tif'), join(root, 'dem.tif'))
  await expect.poll(() => index.collections.size, { timeout: 10_000 }).toBe(1)
}, 15_000)

test('ten thousand files: others get their turn meanwhile, and a newer scan ends an older one', async () => {
  const root = temporaryFolder()
  cpSync(join(shared, LANDSAT, NDVI_PAIR[0]), join(root, 'one.bin'))
  for (let i = 0; i < 100; i++) {
    const folder = join(root, `tile-${String(i).padStart(3, '0')}`)
    mkdirSync(folder)
    for (let day = 0; day < 50; day++)
      for (const band of ['B4', 'B5'])
        linkSync(join(root, 'one.bin'), join(folder, `LC08_L1TP_013032_${2018_001 + day}_${band}.TIF`))
  }
  const { index } = await indexOf(join(root, 'tile-000'))
  let longestMs = 0
  let lastMs = performance.now()
  const beat = setInterval(() => {
    longestMs = Math.max(longestMs, performance.now() - lastMs)
    lastMs = performance.now()
  }, 1)
  onTestFinished(() => clearInterval(beat))
  const startMs = performance.now()
  index.setFolders([dataFolder(root)])
  index.rescan()
  await index.whenIdle()
  console.log(`10,000 files: ${Math.round(performance.now() - startMs)} ms, longest pause ${Math.round(longestMs)} ms`)
  expect(index.collections.size).toBe(100)
  expect([...index.collections.values()].every(({ scenes }) => scenes.length === 50)).toBe(true)
  expect(index.problems).toEqual([])
  expect(longestMs).toBeLessThan(500)
}, 60_000)
