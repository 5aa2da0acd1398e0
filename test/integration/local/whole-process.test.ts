/** The back-end alone, on real files: results equal GDAL's, one line on the standard output, crashes lose nothing. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createRandom } from '../../fakes/random.ts'
import { stacErrors } from './support/api-schemas.ts'
import { type Client, createJob, temporaryFolder, untilJob } from './support/back-end.ts'
import { spawnBackEnd, startChild } from './support/child-back-end.ts'

const shared = resolve(import.meta.dirname, '../../../../shared/data')
const compareScript = resolve(import.meta.dirname, '../../fixtures/gdal/compare-ndvi.py')
const SCENE = 'LC08_L1TP_013032_20180710_20180717_01_T1'

const ndviGraph = (id: string, from: string, to: string, bands: string[] | null = null) => ({
  load: {
    process_id: 'load_collection',
    arguments: { id, spatial_extent: null, temporal_extent: [from, to], bands },
  },
  ndvi: { process_id: 'ndvi', arguments: { data: { from_node: 'load' } } },
  save: { process_id: 'save_result', arguments: { data: { from_node: 'ndvi' }, format: 'GTiff' }, result: true },
})

type Results = {
  assets: Record<string, { href: string; 'file:size': number; 'file:checksum': string }>
  links: { rel: string; href: string }[]
}

/** Runs the graph as a job and downloads its one file by the signed link; size and checksum are those stated. */
async function resultOf(client: Client, graph: object, folder: string): Promise<string> {
  const id = await createJob(client, graph)
  await client.send('POST', `/jobs/${id}/results`)
  const job = await untilJob(client, id, ['finished', 'error'], 60_000)
  const logs = await client.ask('GET', `/jobs/${id}/logs`)
  expect(job.status, JSON.stringify(logs.body)).toBe('finished')
  return download(client, id, folder)
}

async function download(client: Client, id: string, folder: string): Promise<string> {
  const { body } = await client.ask<Results & Record<string, unknown>>('GET', `/jobs/${id}/results`)
  expect(stacErrors(body)).toEqual([])
  for (const { rel, href } of body.links)
    if (rel === 'item') expect(stacErrors((await (await fetch(href)).json()) as Record<string, unknown>)).toEqual([])
  const [asset] = Object.values(body.assets)
  const bytes = Buffer.from(await (await fetch(asset?.href ?? '')).arrayBuffer())
  expect(bytes.length).toBe(asset?.['file:size'])
  expect(`1220${createHash('sha256').update(bytes).digest('hex')}`).toBe(asset?.['file:checksum'])
  const path = join(folder, `${id}.tif`)
  writeFileSync(path, bytes)
  return path
}

function compare(result: string, nir: [string, number], red: [string, number], fill: string, seed: number) {
  const args = [compareScript, result, nir[0], String(nir[1]), red[0], String(red[1]), fill, String(seed)]
  return JSON.parse(
    execFileSync('/usr/bin/python3', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  ) as {
    compared: number
    largest: number
    missing: number
  }
}

test('NDVI of Sentinel-2 and of Landsat 8 through HTTP equals GDAL, in a valid COG', async () => {
  const { seed } = createRandom('pixels')
  const [data, out] = [temporaryFolder(), temporaryFolder()]
  mkdirSync(join(data, 's2'))
  cpSync(join(shared, 's2_l2a_openeo_sample.tif'), join(data, 's2', 'sample.tif'))
  const bands = [
    ['B04', 'red'],
    ['B03', 'green'],
    ['B02', 'blue'],
    ['B08', 'nir'],
    ['SCL', undefined],
  ] as const
  const item = {
    type: 'Feature',
    stac_version: '1.0.0',
    id: 'sample',
    geometry: null,
    links: [],
    properties: { datetime: '2023-06-01T10:00:00Z' },
    assets: {
      data: {
        href: 'sample.tif',
        roles: ['data'],
        'eo:bands': bands.map(([name, common_name]) => ({ name, common_name })),
      },
    },
  }
  writeFileSync(join(data, 's2', 'sample.json'), JSON.stringify(item))
  cpSync(join(shared, 'timeseries_l8'), join(data, 'l8'), { recursive: true })
  const { client } = await startChild(['--data', data, '--state', join(out, 'state')])
  const { body } = await client.ask<{ collections: { id: string }[] }>('GET', '/collections')
  expect(body.collections.map(({ id }) => id)).toEqual(['l8', 's2'])

  const sentinel = await resultOf(client, ndviGraph('s2', '2023-06-01', '2023-06-02'), out)
  const s2 = join(shared, 's2_l2a_openeo_sample.tif')
  const same = { sameGrid: true, sameCrs: true, sameMask: true, cog: true }
  const first = compare(sentinel, [s2, 4], [s2, 1], '0', seed)
  expect(first).toMatchObject(same)
  expect(first.largest).toBeLessThanOrEqual(1e-6)
  expect(first.compared).toBeGreaterThan(500)

  const landsat = await resultOf(client, ndviGraph('l8', '2018-07-10', '2018-07-11', ['B4', 'B5']), out)
  const file = (band: string) => join(shared, 'timeseries_l8', SCENE, `LC08_L1TP_013032_20180710_${band}.TIF`)
  const second = compare(landsat, [file('B5'), 1], [file('B4'), 1], 'none', seed)
  expect(second).toMatchObject(same)
  expect(second.largest).toBeLessThanOrEqual(1e-6)
  expect(second.compared).toBeGreaterThan(500)
  expect(second.missing).toBeGreaterThan(100)
}, 120_000)

test('every format of a time series is described by valid STAC, and comes as a tar while one waits', async () => {
  const out = temporaryFolder()
  const { client } = await startChild(['--data', join(shared, 'timeseries_openeo'), '--state', out])
  for (const format of ['GTiff', 'PNG', 'JSON']) {
    const graph = {
      load: {
        process_id: 'load_collection',
        arguments: { id: 'timeseries_openeo', spatial_extent: null, temporal_extent: null },
      },
      save: { process_id: 'save_result', arguments: { data: { from_node: 'load' }, format }, result: true },
    }
    const id = await createJob(client, graph)
    await client.send('POST', `/jobs/${id}/results`)
    expect((await untilJob(client, id, ['finished', 'error'])).status).toBe('finished')
    const { body } = await client.ask<Results & Record<string, unknown>>('GET', `/jobs/${id}/results`)
    expect(stacErrors(body), format).toEqual([])
    const items = body.links.filter(({ rel }) => rel === 'item')
    expect(items.length, format).toBe(format === 'JSON' ? 1 : 3)
    for (const { href } of items)
      expect(stacErrors((await (await fetch(href)).json()) as Record<string, unknown>), format).toEqual([])
    const answer = await client.send('POST', '/result', { process: { process_graph: graph } })
    const type = answer.headers.get('content-type')
    expect([answer.status, type]).toEqual([200, format === 'JSON' ? 'application/json' : 'application/x-tar'])
    await answer.arrayBuffer()
  }
}, 60_000)

/** Of the large file 25 million pixels: seconds of work, long enough to be caught running. */
const QUARTER = { west: 399_960, south: 3_950_000, east: 450_000, north: 4_000_020, crs: 32_631 }
const longGraph = (id: string) => ({
  load: { process_id: 'load_collection', arguments: { id, spatial_extent: QUARTER, temporal_extent: null } },
  scale: {
    process_id: 'apply',
    arguments: {
      data: { from_node: 'load' },
      process: {
        process_graph: {
          scale: {
            process_id: 'linear_scale_range',
            arguments: { x: { from_parameter: 'x' }, inputMin: 0, inputMax: 10_000, outputMin: 0, outputMax: 255 },
            result: true,
          },
        },
      },
    },
  },
  save: {
    process_id: 'save_result',
    arguments: { data: { from_node: 'scale' }, format: 'GTiff', options: { datatype: 'uint8' } },
    result: true,
  },
})

async function longJob() {
  const [data, out] = [temporaryFolder(), temporaryFolder()]
  cpSync(join(shared, 'B02_flat_color.tif'), join(data, 'B02_flat_color.tif'))
  const args = ['--data', data, '--state', join(out, 'state')]
  const first = await startChild(args)
  const { body } = await first.client.ask<{ collections: { id: string }[] }>('GET', '/collections')
  const id = await createJob(first.client, longGraph(body.collections[0]?.id ?? ''))
  await first.client.send('POST', `/jobs/${id}/results`)
  await untilJob(first.client, id, ['running'])
  return { first, args, id, out }
}

test('kill -9 while a job runs: started again, the job is queued by itself, and its result is whole', async () => {
  const { first, args, id, out } = await longJob()
  await first.end('SIGKILL')
  const { client } = await startChild(args)
  const job = await untilJob(client, id, ['finished', 'error'], 120_000)
  const { body } = await client.ask<{ logs: { level: string; message: string }[] }>('GET', `/jobs/${id}/logs`)
  expect(job.status, JSON.stringify(body)).toBe('finished')
  expect(body.logs.map(({ message }) => message)).toContain(
    'The back-end ended while this job ran. The job is queued again.',
  )
  const result = await download(client, id, out)
  const script =
    'import sys; from osgeo import gdal; d = gdal.Open(sys.argv[1]); d.GetRasterBand(1).Checksum(); print(d.RasterXSize, d.RasterYSize)'
  const size = execFileSync('/usr/bin/python3', ['-c', script, result], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  expect(size.trim()).toBe('5004 5002')
}, 180_000)

test('a real job stops within a second, and SIGTERM ends the process cleanly while one runs', async () => {
  const { first, id } = await longJob()
  const startMs = performance.now()
  expect((await first.client.send('DELETE', `/jobs/${id}/results`)).status).toBe(204)
  expect((await first.client.ask('GET', `/jobs/${id}`)).body.status).toBe('created')
  expect(performance.now() - startMs).toBeLessThan(1_000)
  await first.client.send('POST', `/jobs/${id}/results`)
  await untilJob(first.client, id, ['running'])
  const endMs = performance.now()
  expect(await first.end('SIGTERM')).toBe(0)
  expect(performance.now() - endMs).toBeLessThan(5_000)
  expect(first.lines).toHaveLength(1)
}, 60_000)

test('a port in use, a folder in use, no folder: a sentence on the standard error stream, and 1', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const data = temporaryFolder()
  const fails = async (args: string[]) => {
    const child = spawnBackEnd(args)
    let [out, errors] = ['', '']
    child.stdout?.on('data', (chunk) => (out += chunk))
    child.stderr?.on('data', (chunk) => (errors += chunk))
    const [code] = await once(child, 'close')
    expect([code, out]).toEqual([1, ''])
    return errors
  }
  const taken = (server.address() as AddressInfo).port
  const state = (name: string) => join(data, name)
  const running = await startChild(['--data', data, '--state', state('held')])
  const said = await Promise.all([
    fails(['--data', data, '--state', state('free'), '--port', String(taken)]),
    fails(['--data', data, '--state', state('held')]),
    fails([]),
    fails(['--data', data, '--port', 'x']),
    fails(['--surprise']),
  ])
  expect(said).toEqual([
    expect.stringContaining(`Port ${taken} is in use by another program.`),
    expect.stringContaining('Another back-end works on this data folder already.'),
    expect.stringContaining('No data folder is named.'),
    expect.stringContaining("'x' is not a whole number"),
    expect.stringContaining('Usage:'),
  ])
  expect((await running.client.ask('GET', '/health')).status).toBe(200)
}, 60_000)
