/**
 * The sample landscape is the same on every machine, its files hold what was made, and its fields grow as fields do.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeGeoTiff } from '../../../build/sample-data/geotiff.mjs'
import { COVER, makeLandscape } from '../../../build/sample-data/landscape.mjs'
import { CROPS } from '../../../build/sample-data/phenology.mjs'
import { makeScene, STEPS } from '../../../build/sample-data/reflectance.mjs'
import { BAND_NAMES, CLASSES, EPSG, ORIGIN, OVERPASSES, SIZE } from '../../../build/sample-data/scene.mjs'
import { collectionOf, itemOf } from '../../../build/sample-data/stac.mjs'

const folder = mkdtempSync(join(tmpdir(), 'sample-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let ground: ReturnType<typeof makeLandscape>
beforeAll(() => {
  ground = makeLandscape()
})

const overpass = (date: string) => {
  const found = OVERPASSES.find(({ id }) => id.endsWith(date))
  if (!found) throw new Error(`no overpass on ${date}`)
  return found
}
const digest = (bands: Uint16Array[]) =>
  bands
    .reduce((hash, band) => hash.update(band), createHash('sha256'))
    .digest('hex')
    .slice(0, 16)
const python = (code: string) => execFileSync('/usr/bin/python3', ['-c', code], { encoding: 'utf8' })

/** Mean NDVI of a crop where the sky is clear. */
function meanNdvi(date: string, crop: number): number {
  const [, , red, nir, scl] = makeScene(ground, overpass(date)) as [
    Uint16Array,
    Uint16Array,
    Uint16Array,
    Uint16Array,
    Uint16Array,
  ]
  let sum = 0
  let count = 0
  for (let i = 0; i < SIZE * SIZE; i++) {
    if (ground.cover[i] !== COVER.field || ground.crop[i] !== crop) continue
    if (scl[i] !== 4 && scl[i] !== 5) continue
    sum += ((nir[i] as number) - (red[i] as number)) / ((nir[i] as number) + (red[i] as number))
    count++
  }
  return sum / count
}

test('a year of overpasses every ten days', () => {
  expect(OVERPASSES).toHaveLength(36)
  expect(OVERPASSES[0]?.datetime).toBe('2024-01-04T10:16:31Z')
  expect(OVERPASSES.at(-1)?.datetime).toBe('2024-12-19T10:16:31Z')
})

test('the same values on every machine', () => {
  expect(digest(makeScene(ground, overpass('20240702')))).toBe('1e9ad6112bbf1230')
  expect(digest(makeScene(ground, overpass('20240503')))).toBe('99db8a377a04d555')
  expect(digest(makeScene(ground, overpass('20240124')))).toBe('dc8fbeaabf07db0d')
})

test('crops green up in their own time', () => {
  const index = (name: string) => CROPS.findIndex((crop) => crop.name === name)
  const maize = index('maize')
  const barley = index('winter barley')
  expect(meanNdvi('20240503', barley)).toBeGreaterThan(0.7)
  expect(meanNdvi('20240503', maize)).toBeLessThan(0.35)
  expect(meanNdvi('20240821', maize)).toBeGreaterThan(0.7)
  expect(meanNdvi('20240722', barley)).toBeLessThan(0.4)
})

test('clouds, their shadows and the swath are classified', () => {
  const bands = makeScene(ground, overpass('20240503')) as Uint16Array[]
  const [blue, , , nir, scl] = bands as [Uint16Array, Uint16Array, Uint16Array, Uint16Array, Uint16Array]
  const known = new Set(CLASSES.map(({ value }) => value))
  const mean = (band: Uint16Array, of: number) => {
    const values = [...band].filter((_, i) => scl[i] === of)
    return values.reduce((sum, value) => sum + value, 0) / values.length
  }
  expect([...scl].every((value) => known.has(value))).toBe(true)
  expect(mean(blue, 9)).toBeGreaterThan(4 * mean(blue, 4))
  expect(mean(nir, 3)).toBeLessThan(0.75 * mean(nir, 4))
  const outside = [...scl.keys()].filter((i) => scl[i] === 0)
  expect(outside.length / scl.length).toBeCloseTo(0.4, 1)
  expect(outside.every((i) => bands.every((band) => band[i] === 0))).toBe(true)
  expect([...scl.keys()].filter((i) => scl[i] !== 0).every((i) => bands.every((band) => band[i] !== 0))).toBe(true)
})

test('GDAL reads from the file what was made, and takes it for a valid COG', () => {
  const bands = makeScene(ground, overpass('20240702'))
  const file = join(folder, 'S2_20240702.tif')
  const georeference = {
    epsg: EPSG,
    origin: ORIGIN,
    resolution: 10,
    dateTime: '2024:07:02 10:16:31',
    bandNames: BAND_NAMES,
  }
  writeFileSync(
    file,
    writeGeoTiff({ bands, width: SIZE, height: SIZE, classBands: [4], steps: STEPS, ...georeference }),
  )
  for (const [index, band] of bands.entries()) writeFileSync(join(folder, `${index}.raw`), band)
  const answer = JSON.parse(
    python(`
import json, sys, numpy as np
from osgeo import gdal
from osgeo_utils.samples import validate_cloud_optimized_geotiff as cog
gdal.UseExceptions()
d = gdal.Open(${JSON.stringify(file)})
same = [bool((d.GetRasterBand(i + 1).ReadAsArray().ravel() == np.fromfile(${JSON.stringify(folder)} + f'/{i}.raw', '<u2')).all()) for i in range(5)]
warnings, errors, _ = cog.validate(d)
print(json.dumps({'same': same, 'errors': errors, 'epsg': d.GetSpatialRef().GetAuthorityCode(None), 'transform': d.GetGeoTransform(),
  'names': [d.GetRasterBand(i + 1).GetDescription() for i in range(5)], 'nodata': d.GetRasterBand(1).GetNoDataValue(),
  'overviews': d.GetRasterBand(1).GetOverviewCount()}))
`),
  )
  expect(answer).toEqual({
    same: [true, true, true, true, true],
    errors: [],
    epsg: '32632',
    transform: [600_000, 10, 0, 5_400_000, 0, -10],
    names: ['B02', 'B03', 'B04', 'B08', 'SCL'],
    nodata: 0,
    overviews: 2,
  })
}, 30_000)

test('the STAC documents say where the scenes are', () => {
  const item = itemOf(overpass('20240702'), 0)
  const [west, south, east, north] = item.bbox as [number, number, number, number]
  // corners by GDAL's own projection
  const corner = JSON.parse(
    python(`
import json
from osgeo import osr
a, b = osr.SpatialReference(), osr.SpatialReference()
a.ImportFromEPSG(32632); b.ImportFromEPSG(4326); b.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
t = osr.CoordinateTransformation(a, b)
print(json.dumps([t.TransformPoint(600000, 5392320)[:2], t.TransformPoint(607680, 5400000)[:2]]))
`),
  ) as [[number, number], [number, number]]
  expect(west).toBeCloseTo(corner[0][0], 6)
  expect(north).toBeGreaterThan(corner[1][1])
  expect(east).toBeCloseTo(corner[1][0], 6)
  expect(south).toBeLessThan(corner[0][1])
  expect(item.assets.data['eo:bands'].map(({ name }) => name)).toEqual(BAND_NAMES)
  const collection = collectionOf()
  expect(collection.license).toBe('CC0-1.0')
  expect(collection.links.filter(({ rel }) => rel === 'item')).toHaveLength(36)
})
