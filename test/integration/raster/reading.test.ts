/** Every file of the test data is read as GDAL reads it: header, place, pixels, statistics. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppError } from '../../../main/core/errors.ts'
import { bandsStatistics, openRaster, type Raster, transformer, WGS84 } from '../../../main/raster/index.ts'
import { DATA, gdal, readDoubles, temporaryFolder } from './gdal.ts'

type Reference = {
  width: number
  height: number
  bands: number
  type: string
  nodata: number | null
  nodataIsNaN: boolean
  scales: number[]
  offsets: number[]
  descriptions: string[]
  transform: number[] | null
  corner: [number, number] | null
  hasCrs: boolean
  overviews: number
  window: [number, number, number, number] | null
  statistics: [number, number, number, number][] | null
}

const landsat = readdirSync(join(DATA, 'timeseries_l8')).flatMap((scene) =>
  readdirSync(join(DATA, 'timeseries_l8', scene))
    .filter((name) => name.endsWith('.TIF'))
    .map((name) => `timeseries_l8/${scene}/${name}`),
)
const names = readdirSync(DATA, { recursive: true, encoding: 'utf8' }).filter(
  (name) => /\.tiff?$/i.test(name) && !name.startsWith('timeseries_l8'),
)
/** With the code of the refusal. */
const REFUSED = ['image_webp.tif', 'slc_complex.tif']
const UNPLACED = ['cog_gcps.tif', 'float_nan.tif']
const LOSSY = ['derived/s2_rgb_jpeg.tif']
const DAMAGED = ['corrupt.tif']
const files = [...names, ...landsat].filter((name) => !REFUSED.includes(name))

const REFERENCE = `
answer = {}
for i, name in enumerate(job['files']):
    d = gdal.Open(job['data'] + '/' + name)
    first = d.GetRasterBand(1)
    n = first.GetNoDataValue()
    t = d.GetGeoTransform(can_return_null=True)
    s = d.GetSpatialRef()
    corner = None
    if t and s:
        w = osr.SpatialReference(); w.ImportFromEPSG(4326); w.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
        s.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
        corner = osr.CoordinateTransformation(s, w).TransformPoint(t[0] + t[1] * 3 + t[2] * 5, t[3] + t[4] * 3 + t[5] * 5)[:2]
    bands = [d.GetRasterBand(b + 1) for b in range(d.RasterCount)]
    W = min(d.RasterXSize, 700); H = min(d.RasterYSize, 500)
    x = (d.RasterXSize - W) // 2; y = (d.RasterYSize - H) // 2
    window = None; statistics = None
    if name not in job['damaged']:
        window = [x, y, W, H]
        d.ReadAsArray(x, y, W, H).astype('f8').tofile('%s/%d.bin' % (job['folder'], i))
        if d.RasterXSize * d.RasterYSize <= 5000000 and first.GetMaskFlags() in (gdal.GMF_ALL_VALID, gdal.GMF_NODATA):
            statistics = [b.ComputeStatistics(False) for b in bands] if name not in job['nostats'] else None
    answer[name] = dict(width=d.RasterXSize, height=d.RasterYSize, bands=d.RasterCount,
        type=gdal.GetDataTypeName(first.DataType), nodata=n, nodataIsNaN=n is not None and math.isnan(n),
        scales=[b.GetScale() or 1 for b in bands], offsets=[b.GetOffset() or 0 for b in bands],
        descriptions=[b.GetDescription() for b in bands], transform=t, corner=corner, hasCrs=s is not None,
        overviews=first.GetOverviewCount(), window=window, statistics=statistics)
`
const TYPES: Readonly<Record<string, string>> = {
  Byte: 'uint8',
  UInt16: 'uint16',
  Int16: 'int16',
  Float32: 'float32',
}

const folder = temporaryFolder()
let reference: Record<string, Reference>
beforeAll(() => {
  const job = { files, data: DATA, folder: folder.path, damaged: DAMAGED, nostats: ['float_nan.tif'] }
  reference = gdal<Record<string, Reference>>(REFERENCE, job)
}, 60_000)
afterAll(() => folder.remove())

async function withRaster(name: string, use: (raster: Raster, expected: Reference) => Promise<void> | void) {
  const raster = await openRaster({ kind: 'file', path: join(DATA, name) })
  try {
    await use(raster, reference[name] as Reference)
  } finally {
    await raster.close()
  }
}

it('finds the files', () => {
  expect(names.length).toBeGreaterThan(25)
  expect(landsat).toHaveLength(19 * 12)
})

describe.each(files)('%s', (name) => {
  it('has the header that GDAL finds', () =>
    withRaster(name, ({ header }, expected) => {
      expect([header.width, header.height, header.bands.length]).toEqual([
        expected.width,
        expected.height,
        expected.bands,
      ])
      for (const [i, band] of header.bands.entries()) {
        expect(band.dataType).toBe(TYPES[expected.type])
        expect(band.nodata).toEqual(expected.nodataIsNaN ? Number.NaN : expected.nodata)
        expect(band.scale).toBe(expected.scales[i])
        expect(band.offset).toBe(expected.offsets[i])
        expect(band.description ?? '').toBe(expected.descriptions[i])
      }
      expect(header.levels).toHaveLength(expected.overviews + 1)
      if (UNPLACED.includes(name)) {
        expect(header.grid).toBeNull()
        expect(header.problem).toMatch(/\.$/)
      } else {
        expect(header.problem).toBeNull()
        for (const [i, value] of (expected.transform ?? []).entries())
          expect(header.grid?.transform[i]).toBeCloseTo(value, 9)
      }
    }))

  it('lies where GDAL puts it, to a centimetre', () =>
    withRaster(name, ({ header: { grid } }, { corner }) => {
      if (!grid || !corner) {
        expect(UNPLACED).toContain(name)
        return
      }
      const [a, b, c, d, e, f] = grid.transform
      const xs = Float64Array.of(a + b * 3 + c * 5)
      const ys = Float64Array.of(d + e * 3 + f * 5)
      transformer(grid.crs, WGS84)?.(xs, ys)
      expect(Math.abs((xs[0] as number) - corner[0])).toBeLessThan(9e-8)
      expect(Math.abs((ys[0] as number) - corner[1])).toBeLessThan(9e-8)
    }))

  it('has the pixels and statistics that GDAL reads', () =>
    withRaster(name, async (raster, { window, statistics }) => {
      if (!window) {
        const whole = { column: 0, row: 0, width: 1024, height: 1024 }
        await expect(raster.readWindow({ window: whole })).rejects.toMatchObject({ code: 'unreadable-data' })
        return
      }
      const [column, row, width, height] = window
      const bands = await raster.readWindow({ window: { column, row, width, height } })
      const expected = readDoubles(folder.file(`${files.indexOf(name)}.bin`))
      const mine = Float64Array.from(bands.flatMap((band) => Array.from(band)))
      if (LOSSY.includes(name)) {
        // chroma is interpolated differently by every decoder
        const mean = mine.reduce((sum, v, i) => sum + Math.abs(v - (expected[i] as number)), 0) / mine.length
        expect(mean).toBeLessThan(2)
        return
      }
      expect(mine.length).toBe(expected.length)
      expect(mine.findIndex((value, i) => !Object.is(value, expected[i]) && value !== expected[i])).toBe(-1)
      if (!statistics) return
      const found = await bandsStatistics(
        raster,
        raster.header.bands.map((_, i) => i),
        { exact: true },
      )
      for (const [i, [min, max, mean, stdDev]] of statistics.entries()) {
        const own = found[i] as (typeof found)[number]
        for (const [value, wanted] of [
          [own.min, min],
          [own.max, max],
          [own.mean, mean],
          [own.stdDev, stdDev],
        ] as const)
          expect(Math.abs(value - wanted)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(wanted)))
        expect(own.histogram.counts.reduce((a, b) => a + b, 0)).toBe(own.validCount)
      }
    }))
})

it.each(REFUSED)('%s is refused with a sentence', async (name) => {
  const failure = await openRaster({ kind: 'file', path: join(DATA, name) }).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(AppError)
  expect(failure).toMatchObject({ code: 'unreadable-data' })
  expect((failure as AppError).message).toMatch(/WEBP|complex/)
})

it('reads what is whole of a damaged file', () =>
  withRaster('corrupt.tif', async (raster) => {
    const [red] = await raster.readWindow({ level: 3, window: { column: 0, row: 0, width: 128, height: 128 } })
    expect(new Set(red).size).toBeGreaterThan(10)
  }))
