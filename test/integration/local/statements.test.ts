/** What the user states about data is kept beside them as STAC, counts in the next run, and can be taken back. */
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { statementStatus } from '../../../main/local/data/statement-status.ts'
import { createStatements } from '../../../main/local/data/statements.ts'
import { evaluator } from '../../../main/local/server/evaluator.ts'
import { stacErrors } from './support/api-schemas.ts'
import { type Client, createJob, dataFolder, startForTest, temporaryFolder, untilJob } from './support/back-end.ts'

vi.setConfig({ testTimeout: 60_000 })
const shared = resolve(import.meta.dirname, '../../../../shared/data')
const LANDSAT = join(shared, 'timeseries_l8/LC08_L1TP_013032_20180131_20180207_01_T1')
const BANDS = ['B4', 'B5'].map((band) => `LC08_L1TP_013032_20180131_${band}.TIF`)

afterEach(() => process.seteuid?.(process.getuid?.() ?? 0))

/** A folder with a Landsat scene and its copy without a date in the name, in folders of their own. */
async function landsatFolder() {
  const root = temporaryFolder()
  for (const folder of ['dated', 'undated']) mkdirSync(join(root, folder))
  for (const name of BANDS) {
    cpSync(join(LANDSAT, name), join(root, 'dated', name))
    cpSync(join(LANDSAT, name), join(root, 'undated', name.replace('20180131', 'copy')))
  }
  return started(root)
}

async function started(root: string, isSample = false) {
  const { backEnd, client } = await startForTest({
    engine: evaluator,
    folders: [dataFolder(root, isSample)],
    threads: 1,
  })
  const { data } = backEnd
  const idOf = (title: string) => [...data.collections.values()].find((one) => one.title === title)?.id ?? ''
  return { root, data, client, idOf, statements: createStatements(data), status: () => statementStatus(data) }
}

const ndvi = (id: string, temporal_extent: [string, string] | null, format = 'GTiff') => ({
  load: {
    process_id: 'load_collection',
    arguments: { id, spatial_extent: null, temporal_extent, bands: ['B4', 'B5'] },
  },
  ndvi: { process_id: 'ndvi', arguments: { data: { from_node: 'load' } } },
  save: { process_id: 'save_result', arguments: { data: { from_node: 'ndvi' }, format }, result: true },
})

/** Writes 0 into 20 × 20 pixels in the middle of a raster. */
function fillMiddle(path: string): void {
  chmodSync(path, 0o644)
  const script = `import sys; import numpy; from osgeo import gdal; gdal.UseExceptions()
dataset = gdal.Open(sys.argv[1], gdal.GA_Update)
dataset.GetRasterBand(1).WriteArray(numpy.zeros((20, 20)), dataset.RasterXSize // 2, dataset.RasterYSize // 2)
dataset.FlushCache()`
  execFileSync('/usr/bin/python3', ['-c', script, path], { stdio: 'ignore' })
}

/** Runs the graph as a batch job and reads the first asset back over HTTP: how many pixels have no value. */
async function runJob(client: Client, graph: object) {
  const id = await createJob(client, graph)
  await client.send('POST', `/jobs/${id}/results`)
  const { status } = await untilJob(client, id, ['finished', 'error'], 50_000)
  if (status === 'error') {
    const logs = await client.ask<{ logs: { code?: string }[] }>('GET', `/jobs/${id}/logs`)
    return { status, codes: logs.body.logs.flatMap(({ code }) => code ?? []) }
  }
  const { body } = await client.ask<{ assets: Record<string, { href: string }> }>('GET', `/jobs/${id}/results`)
  const href = Object.values(body.assets).find((asset) => /\.tiff?(\?|$)/i.test(asset.href))?.href ?? ''
  const path = join(temporaryFolder(), 'result.tif')
  const answer = await fetch(href)
  if (!answer.ok) throw new Error(`the asset: ${answer.status}`)
  writeFileSync(path, Buffer.from(await answer.arrayBuffer()))
  return { status, values: await valuesOf(path) }
}

async function valuesOf(path: string): Promise<Float64Array> {
  const script = `import sys; from osgeo import gdal; gdal.UseExceptions()
dataset = gdal.Open(sys.argv[1])
a = dataset.GetRasterBand(1).ReadAsArray()
sys.stdout.buffer.write(a.astype('float64').tobytes())`
  const bytes = execFileSync('/usr/bin/python3', ['-c', script, path], { maxBuffer: 1e9 })
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}
const missing = (values: Float64Array | undefined) => [...(values ?? [])].filter(Number.isNaN).length

test('a date that is stated puts the scene into a temporal filter, beside its file as valid STAC', async () => {
  const { root, data, client, idOf, statements, status } = await landsatFolder()
  const id = idOf('undated')
  expect(status()).toMatchObject({ undatedCount: 1, dated: [] })
  const [scene] = status().undated
  expect(scene).toMatchObject({ collectionId: id, folderId: root })
  expect(scene?.files.map((file) => basename(file))).toEqual(BANDS.map((name) => name.replace('20180131', 'copy')))
  const june = ndvi(id, ['2018-06-01', '2018-07-01'])
  expect(await runJob(client, june)).toMatchObject({ status: 'error' })
  const sceneId = scene?.sceneId ?? ''
  await statements.stateDate({ collectionId: id, sceneId }, '2018-06-15')
  expect(status()).toMatchObject({ undated: [], undatedCount: 0 })
  expect(status().dated).toEqual([{ ...scene, datetime: '2018-06-15T00:00:00Z' }])
  // the same collection, with the same bands
  expect(data.collections.get(id)?.scenes).toMatchObject([{ id: sceneId, datetime: '2018-06-15T00:00:00Z' }])
  const ran = await runJob(client, june)
  expect(ran.status).toBe('finished')
  expect(await runJob(client, ndvi(id, ['2018-07-01', '2018-08-01']))).toMatchObject({ status: 'error' })
  const path = join(root, 'undated', `${sceneId}.json`)
  const item = JSON.parse(readFileSync(path, 'utf8'))
  expect(stacErrors(item)).toEqual([])
  expect(item).toMatchObject({ stac_version: '1.0.0', properties: { 'proj:epsg': 32618 } })
  expect(statSync(path).mode & 0o777).toBe(0o666 & ~process.umask())
  expect(data.problems).toEqual([])
  // another date, then none
  await statements.stateDate({ collectionId: id, sceneId }, '2018-07-15T10:30Z')
  expect(status().dated[0]?.datetime).toBe('2018-07-15T10:30:00Z')
  expect(readdirSync(join(root, 'undated')).filter((name) => name.endsWith('.json'))).toHaveLength(1)
  await statements.stateDate({ collectionId: id, sceneId }, null)
  expect(status()).toMatchObject({ undatedCount: 1, dated: [] })
  expect(readdirSync(join(root, 'undated')).filter((name) => !name.endsWith('.TIF'))).toEqual([])
})

test('0 stated as nodata takes the fill out of an NDVI, for all scenes by one file; taken back, it is data again', async () => {
  const { root, data, client, idOf, statements, status } = await landsatFolder()
  const id = idOf('dated')
  // fill in one band only: without a statement it gives an NDVI of -1
  fillMiddle(join(root, 'dated', BANDS[1] ?? ''))
  data.rescan()
  await data.whenIdle()
  const graph = ndvi(id, null)
  const before = await runJob(client, graph)
  await statements.stateNodata({ collectionId: id, value: 0 })
  const path = join(root, 'dated', `${id}.collection.json`)
  const document = JSON.parse(readFileSync(path, 'utf8'))
  expect(stacErrors(document)).toEqual([])
  expect(data.collections.has(id)).toBe(true)
  expect(status().collections.find((one) => one.id === id)?.bands).toEqual([
    { name: 'B4', nodata: 0, statedBy: 'here' },
    { name: 'B5', nodata: 0, statedBy: 'here' },
  ])
  const described = await client.ask<{ summaries: { 'raster:bands': object[] } }>('GET', `/collections/${id}`)
  expect(described.body.summaries['raster:bands']).toMatchObject([{ nodata: 0 }, { nodata: 0 }])
  const after = await runJob(client, graph)
  expect(after.values?.length).toBe(before.values?.length)
  const differ = [...(after.values ?? [])].flatMap((value, i) =>
    Object.is(value, before.values?.[i]) ? [] : [[before.values?.[i], value]],
  )
  expect(differ.length).toBeGreaterThanOrEqual(400)
  expect(differ.every(([was, is]) => Math.abs(was ?? 0) === 1 && Number.isNaN(is))).toBe(true)
  expect(missing(after.values)).toBe(missing(before.values) + differ.length)
  // one band only is taken back, then the other one: the file goes
  await statements.stateNodata({ collectionId: id, value: null, bands: ['B4'] })
  expect(
    status()
      .collections.find((one) => one.id === id)
      ?.bands.map(({ nodata }) => nodata),
  ).toEqual([null, 0])
  await statements.stateNodata({ collectionId: id, value: null })
  expect(readdirSync(join(root, 'dated')).sort()).toEqual(BANDS)
  expect(data.collections.get(id)?.scenes[0]?.bands.every((band) => band.nodata === null)).toBe(true)
})

/** One undated raster, with an item of somebody else's where `item` is given. */
async function demFolder(item?: string, name = 'dem.tif') {
  const root = temporaryFolder()
  cpSync(join(shared, name), join(root, name))
  if (item !== undefined) writeFileSync(join(root, 'theirs.json'), item)
  const all = await started(root)
  const id = [...all.data.collections.keys()][0] ?? ''
  const sceneId = all.data.collections.get(id)?.scenes[0]?.id ?? ''
  return { ...all, id, scene: { collectionId: id, sceneId } }
}

const THEIRS = `{ "type": "Feature", "stac_version": "1.0.0",  "id": "theirs",
\t"properties": { "datetime":null, "gsd": 30.0, "mine": 1e3 },
  "geometry": null, "links": [], "assets": { "data": { "href": "dem.tif" } }, "own": "\\u00e9 }" }
`

test('of an item that somebody else wrote only the date changes, every other byte stays', async () => {
  const { root, scene, statements, status } = await demFolder(THEIRS)
  const path = join(root, 'theirs.json')
  chmodSync(path, 0o640)
  expect(status().undated).toMatchObject([{ sceneId: 'theirs' }])
  await statements.stateDate(scene, '2021-03-04')
  const expected = THEIRS.replace('"datetime":null', '"datetime":"2021-03-04T00:00:00Z"')
  expect(readFileSync(path, 'utf8')).toBe(expected)
  expect(statSync(path).mode & 0o777).toBe(0o640)
  expect(status()).toMatchObject({ undatedCount: 0, dated: [] })
  // now it states a date, and that is theirs
  for (const date of ['2021-03-05', null])
    await expect(statements.stateDate(scene, date)).rejects.toMatchObject({ code: 'conflict' })
  expect(readFileSync(path, 'utf8')).toBe(expected)
})

test('an item of a list is changed in its place; one whose date is no date is left alone', async () => {
  const feature = (id: string, href: string, datetime: unknown) => ({
    ...JSON.parse(THEIRS),
    id,
    properties: { datetime },
    assets: { data: { href } },
  })
  const features = [feature('other', 'gone.tif', null), feature('ours', 'dem.tif', null)]
  const listed = await demFolder(JSON.stringify({ type: 'FeatureCollection', features }))
  await listed.statements.stateDate(listed.scene, '2021-03-04')
  const after = JSON.parse(readFileSync(join(listed.root, 'theirs.json'), 'utf8'))
  expect(after.features.map((one: { properties: object }) => one.properties)).toEqual([
    { datetime: null },
    { datetime: '2021-03-04T00:00:00Z' },
  ])
  const spoken = await demFolder(JSON.stringify(feature('ours', 'dem.tif', 'in spring')))
  await expect(spoken.statements.stateDate(spoken.scene, '2021-03-04')).rejects.toMatchObject({ code: 'conflict' })
})

test('a name that is taken is never written over; an item that was added to is not removed', async () => {
  const { root, scene, statements, status } = await demFolder()
  writeFileSync(join(root, 'dem.json'), 'notes of mine')
  await statements.stateDate(scene, '2021-03-04')
  expect(readFileSync(join(root, 'dem.json'), 'utf8')).toBe('notes of mine')
  const path = join(root, 'dem (2).json')
  const item = JSON.parse(readFileSync(path, 'utf8'))
  writeFileSync(path, JSON.stringify({ ...item, properties: { ...item.properties, title: 'by hand' } }))
  await expect(statements.stateDate(scene, null)).rejects.toMatchObject({ code: 'conflict' })
  await statements.stateDate(scene, '2021-03-05')
  expect(JSON.parse(readFileSync(path, 'utf8')).properties).toMatchObject({
    title: 'by hand',
    datetime: '2021-03-05T00:00:00Z',
  })
  expect(status().dated).toMatchObject([{ sceneId: 'dem', files: ['dem.tif'] }])
})

test('a file whose band is there in finer pixels stays with its scene', async () => {
  const root = temporaryFolder()
  const script = `import sys; from osgeo import gdal; gdal.UseExceptions()
gdal.Translate(sys.argv[2], sys.argv[1], widthPct=50, heightPct=50)`
  cpSync(join(shared, 'dem.tif'), join(root, 'dem_red.tif'))
  execFileSync('/usr/bin/python3', ['-c', script, join(root, 'dem_red.tif'), join(root, 'dem_red_60m.tif')], {
    stdio: 'ignore',
  })
  const { data, statements, status } = await started(root)
  const [scene] = status().undated
  expect([status().undatedCount, scene?.files]).toEqual([1, ['dem_red.tif']])
  const told = data.problems
  expect(told).toMatchObject([{ file: 'dem_red_60m.tif' }])
  await statements.stateDate({ collectionId: scene?.collectionId ?? '', sceneId: scene?.sceneId ?? '' }, '2020-01-01')
  expect(status()).toMatchObject({ undatedCount: 0, dated: [{ files: ['dem_red.tif'] }] })
  expect(data.problems).toEqual(told)
  await statements.stateDate({ collectionId: scene?.collectionId ?? '', sceneId: scene?.sceneId ?? '' }, null)
  expect(status()).toMatchObject({ undatedCount: 1, dated: [] })
})

test('numbered bands stay in one collection when one of their scenes gets a date', async () => {
  const root = temporaryFolder()
  for (const name of ['dem_a1.tif', 'dem_a2.tif']) cpSync(join(shared, 'dem.tif'), join(root, name))
  const { data, statements } = await started(root)
  const [id = ''] = data.collections.keys()
  expect(data.collections.get(id)?.scenes).toHaveLength(2)
  await statements.stateDate({ collectionId: id, sceneId: 'dem_a2' }, '2020-01-01')
  expect([...data.collections.keys()]).toEqual([id])
  expect(data.collections.get(id)?.scenes.map((scene) => [scene.id, scene.datetime])).toEqual([
    ['dem_a2', '2020-01-01T00:00:00Z'],
    ['dem_a1', null],
  ])
})

test('what cannot be stated says why: no date, no scene, a file that went, the sample, a folder that is read-only', async () => {
  const { root, scene, statements, status } = await demFolder(undefined, 'lc.tif')
  const refused = async (asked: Promise<void>, code: string) => {
    await expect(asked).rejects.toMatchObject({ code, message: expect.stringMatching(/^.{20,}[.]$/) })
    expect(readdirSync(root).filter((name) => !name.endsWith('.tif'))).toEqual([])
  }
  for (const typed of ['yesterday', '2021-02-30', '2021-13-01', '0021-01-01', '2021-01-01T25:00'])
    await refused(statements.stateDate(scene, typed), 'invalid-input')
  await refused(statements.stateDate({ ...scene, sceneId: 'x' }, '2021-03-04'), 'not-found')
  await refused(statements.stateNodata({ collectionId: 'x', value: 0 }), 'not-found')
  await refused(statements.stateNodata({ collectionId: scene.collectionId, value: 0, bands: ['x'] }), 'not-found')
  chmodSync(root, 0o555)
  if (process.getuid?.() === 0) process.seteuid?.(65_534)
  // the temporary folder is root's own: others may pass through it, and not write
  const denied = await Promise.allSettled([
    statements.stateDate(scene, '2021-03-04'),
    statements.stateNodata({ collectionId: scene.collectionId, value: 0 }),
  ])
  process.seteuid?.(process.getuid?.() ?? 0)
  for (const one of denied) expect(one).toMatchObject({ status: 'rejected', reason: { code: 'read-only' } })
  chmodSync(root, 0o755)
  rmSync(join(root, 'lc.tif'))
  await refused(statements.stateDate(scene, '2021-03-04'), 'not-found')
  expect(status().undated).toHaveLength(1)
  const sample = temporaryFolder()
  cpSync(join(shared, 'lc.tif'), join(sample, 'lc.tif'))
  const { data, statements: ofSample, status: sampleStatus } = await started(sample, true)
  const [collectionId = ''] = data.collections.keys()
  await refused(ofSample.stateNodata({ collectionId, value: 0 }), 'read-only')
  expect(sampleStatus()).toMatchObject({ undatedCount: 0, undated: [], collections: [{ bands: [] }] })
})

test('nodata of a tag stays; NaN is stated as STAC writes it; a collection that somebody described keeps its document', async () => {
  const root = temporaryFolder()
  const names = ['B04', 'B03', 'B02', 'B08', 'SCL']
  cpSync(join(shared, 's2_l2a_openeo_sample.tif'), join(root, 'scene_2023-06-01.tif'))
  const collection = JSON.stringify({
    type: 'Collection',
    stac_version: '1.0.0',
    id: 'described',
    description: 'By hand.',
    license: 'CC0-1.0',
    item_assets: { data: { 'eo:bands': names.map((name) => ({ name })) } },
  })
  writeFileSync(join(root, 'collection.json'), collection)
  const { data, statements } = await started(root)
  await expect(statements.stateNodata({ collectionId: 'described', value: 5 })).rejects.toMatchObject({
    code: 'conflict',
  })
  cpSync(join(shared, 'lc.tif'), join(root, 'lc.tif'))
  data.rescan()
  await data.whenIdle()
  const id = [...data.collections.keys()].find((name) => name !== 'described') ?? ''
  await statements.stateNodata({ collectionId: id, value: Number.NaN })
  const path = join(root, `${id}.collection.json`)
  const written = JSON.parse(readFileSync(path, 'utf8'))
  expect(written.summaries['raster:bands']).toMatchObject([{ nodata: 'nan' }])
  expect(stacErrors(written)).toEqual([])
  expect(readFileSync(join(root, 'collection.json'), 'utf8')).toBe(collection)
  expect(data.collections.get(id)?.scenes[0]?.bands[0]).toMatchObject({ nodata: Number.NaN, nodataFrom: 'here' })
  // added to by hand: a change keeps it, and taking back leaves the file without the value
  writeFileSync(path, JSON.stringify({ ...written, keywords: ['mine'] }))
  await statements.stateNodata({ collectionId: id, value: -5 })
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
    keywords: ['mine'],
    summaries: { 'raster:bands': [{ nodata: -5 }] },
  })
  await statements.stateNodata({ collectionId: id, value: null })
  expect(JSON.parse(readFileSync(path, 'utf8')).summaries['raster:bands'][0]).not.toHaveProperty('nodata')
  expect(data.collections.get(id)?.scenes[0]?.bands[0]?.nodata).toBe(null)
})

test('a thousand scenes need one write', async () => {
  const root = temporaryFolder()
  for (let i = 0; i < 1000; i++) cpSync(join(shared, 'lc.tif'), join(root, `cover_${String(i).padStart(4, '0')}.tif`))
  const { data, statements, status } = await started(root)
  expect(status()).toMatchObject({ undatedCount: 1000, collections: [{ scenes: 1000 }] })
  // a message is bounded, its count is not
  expect(status().undated).toHaveLength(500)
  const [id = ''] = data.collections.keys()
  const startMs = performance.now()
  await statements.stateNodata({ collectionId: id, value: 11 })
  console.info(`nodata of 1,000 scenes: ${Math.round(performance.now() - startMs)} ms, scan included`)
  expect(readdirSync(root).filter((name) => !name.endsWith('.tif'))).toEqual([`${id}.collection.json`])
  expect(data.collections.get(id)?.scenes.every(({ bands }) => bands[0]?.nodata === 11)).toBe(true)
})
