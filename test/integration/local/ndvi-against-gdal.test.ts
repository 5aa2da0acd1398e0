/**
 * NDVI over real scenes equals what GDAL computes from the same files.
 * The scenes are described as a user would: Sentinel-2 by a STAC item that names its bands, Landsat 8 file by file.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type RunResult, runProcess, type World } from '../../../main/local/evaluate/index.ts'
import type { LocalCollection } from '../../../main/local/model.ts'
import { openRaster } from '../../../main/raster/index.ts'

// Python and threads start slowly where the machine has much to do
vi.setConfig({ testTimeout: 60_000 })

const run = promisify(execFile)
const data = resolve(import.meta.dirname, '../../../../shared/data')
const sentinel = join(data, 's2_l2a_openeo_sample.tif')
const landsat = join(data, 'timeseries_l8/LC08_L1TP_013032_20180710_20180717_01_T1')
const seed = Number(process.env.SEED ?? 20261120)

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swath-ndvi-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

const ndviOf = (load: Record<string, unknown>) => ({
  process_graph: {
    load,
    ndvi: { process_id: 'ndvi', arguments: { data: { from_node: 'load' } } },
    save: { process_id: 'save_result', arguments: { data: { from_node: 'ndvi' }, format: 'gtiff' }, result: true },
  },
})

/** Compares 1,000 pixels with NumPy over GDAL's arrays; prints differences, masks and what the validator says. */
const COMPARE = `
import json, random, sys
import numpy as np
from osgeo import gdal
gdal.UseExceptions()
result, nir_path, nir_band, red_path, red_band, fill, seed = sys.argv[1:8]
def band(path, number):
    dataset = gdal.Open(path)
    return dataset, dataset.GetRasterBand(int(number)).ReadAsArray().astype('float64')
source, nir = band(nir_path, nir_band)
_, red = band(red_path, red_band)
written, ours = band(result, 1)
nodata = written.GetRasterBand(1).GetNoDataValue()
if fill != 'none':
    nir[nir == float(fill)] = np.nan
    red[red == float(fill)] = np.nan
with np.errstate(all='ignore'):
    theirs = (nir - red) / (nir + red)
random.seed(int(seed))
rows, columns = theirs.shape
pixels = [(random.randrange(rows), random.randrange(columns)) for _ in range(1000)]
a = np.array([ours[p] for p in pixels])
b = np.array([theirs[p] for p in pixels])
both = ~np.isnan(a) & ~np.isnan(b)
print(json.dumps({
    'shape': list(ours.shape) == list(theirs.shape),
    'transform': list(written.GetGeoTransform()) == list(source.GetGeoTransform()),
    'sameCrs': bool(written.GetSpatialRef().IsSame(source.GetSpatialRef())),
    'nodataIsNaN': nodata is not None and bool(np.isnan(nodata)),
    'sameMask': bool(np.array_equal(np.isnan(a), np.isnan(b))),
    'sameMaskEverywhere': bool(np.array_equal(np.isnan(ours), np.isnan(theirs))),
    'compared': int(both.sum()),
    'missing': int(np.isnan(theirs).sum()),
    'largest': float(np.max(np.abs(a[both] - b[both]))),
    'largestEverywhere': float(np.nanmax(np.abs(ours - theirs))),
    'type': gdal.GetDataTypeName(written.GetRasterBand(1).DataType),
}))
`

type Comparison = Record<string, unknown> & { compared: number; missing: number; largest: number }

async function compare(path: string, nir: [string, number], red: [string, number], fill: string): Promise<Comparison> {
  const { stdout } = await run('/usr/bin/python3', [
    '-c',
    COMPARE,
    path,
    nir[0],
    `${nir[1]}`,
    red[0],
    `${red[1]}`,
    fill,
    `${seed}`,
  ])
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Comparison
}

async function expectEqual(result: RunResult, nir: [string, number], red: [string, number], fill: string) {
  const [asset] = result.assets
  const found = await compare(asset?.path ?? '', nir, red, fill)
  expect(found, `seed ${seed}`).toMatchObject({
    shape: true,
    transform: true,
    sameCrs: true,
    nodataIsNaN: true,
    sameMask: true,
    sameMaskEverywhere: true,
    type: 'Float32',
  })
  expect(found.largest, `seed ${seed}`).toBeLessThanOrEqual(1e-6)
  expect(found.compared, `seed ${seed}`).toBeGreaterThan(500)
  const validator = await run('/usr/bin/python3', [
    '-m',
    'osgeo_utils.samples.validate_cloud_optimized_geotiff',
    asset?.path ?? '',
  ])
  expect(validator.stdout).toContain('is a valid cloud optimized GeoTIFF')
  return found
}

describe('NDVI against GDAL', () => {
  it(`Sentinel-2 by a STAC item (seed ${seed})`, async () => {
    const names = [
      ['B04', 'red'],
      ['B03', 'green'],
      ['B02', 'blue'],
      ['B08', 'nir'],
      ['SCL', null],
    ] as const
    const item = {
      type: 'Feature',
      stac_version: '1.0.0',
      id: 'S2_L2A_sample',
      geometry: null,
      properties: { datetime: '2023-06-01T10:00:00Z' },
      links: [],
      assets: {
        data: {
          href: pathToFileURL(sentinel).href,
          type: 'image/tiff; application=geotiff',
          roles: ['data'],
          'eo:bands': names.map(([name, common]) => ({ name, ...(common === null ? {} : { common_name: common }) })),
        },
      },
    }
    await writeFile(join(folder, 'item.json'), JSON.stringify(item))
    const world: World = { collections: new Map(), loadStacRoots: [folder, data] }
    const load = { process_id: 'load_stac', arguments: { url: join(folder, 'item.json') } }
    const result = await runProcess(ndviOf(load), world, { outputDir: join(folder, 's2'), threads: 2 })
    expect(result.assets).toHaveLength(1)
    expect(result.assets[0]?.datetime).toBe('2023-06-01T10:00:00Z')
    await expectEqual(result, [sentinel, 4], [sentinel, 1], '0')
  })

  it(`Landsat 8 on its own grid, 0 being its fill (seed ${seed})`, async () => {
    const fileOf = (band: string) => join(landsat, `LC08_L1TP_013032_20180710_${band}.TIF`)
    const collection = await landsatCollection(fileOf)
    const world: World = { collections: new Map([[collection.id, collection]]) }
    const load = {
      process_id: 'load_collection',
      arguments: {
        id: collection.id,
        spatial_extent: null,
        temporal_extent: ['2018-07-01', '2018-08-01'],
        bands: ['B5', 'B4'],
      },
    }
    const result = await runProcess(ndviOf(load), world, { outputDir: join(folder, 'l8'), threads: 1 })
    const found = await expectEqual(result, [fileOf('B5'), 1], [fileOf('B4'), 1], '0')
    // the scene lies askew in its grid: the test means nothing if there is no fill
    expect(found.missing).toBeGreaterThan(100)
  })
})

async function landsatCollection(fileOf: (band: string) => string): Promise<LocalCollection> {
  const bands = await Promise.all(
    ['B4', 'B5'].map(async (name) => {
      const raster = await openRaster({ kind: 'file', path: fileOf(name) })
      const { grid, bands: headers } = raster.header
      await raster.close()
      const [header] = headers
      if (grid === null || header === undefined) throw new Error('the scene has no grid')
      const source = { kind: 'file' as const, path: fileOf(name) }
      return { name, source, sample: 0, grid, dataType: header.dataType, nodata: 0, scale: 1, offset: 0 }
    }),
  )
  const info = (name: string, commonName: string) => ({ name, commonName, description: null, classes: [] })
  return {
    id: 'landsat-8',
    title: 'Landsat 8',
    description: '',
    license: 'proprietary',
    bands: [info('B4', 'red'), info('B5', 'nir')],
    scenes: [{ id: basename(landsat), datetime: '2018-07-10T15:40:00Z', bbox: [-77, 39, -73, 42], bands }],
  }
}
