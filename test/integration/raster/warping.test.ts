/** Warped values are gdalwarp's: nearest exactly, interpolation and area statistics to rounding. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  crsFromEpsg,
  type Grid,
  gridBounds,
  openRaster,
  type Resampling,
  resampledGrid,
  warpWindow,
} from '../../../main/raster/index.ts'
import { DATA, gdal, readDoubles, temporaryFolder } from './gdal.ts'

vi.setConfig({ testTimeout: 30_000 }) // a busy machine is no failure

type Case = { file: string; epsg: number; method: Resampling; factor: number }
/** factor: target pixels are so much larger than the source's. */
const files: [string, number][] = [
  ['s2_l2a_openeo_sample.tif', 3857],
  ['dem.tif', 32632],
  ['olinda_dem_utm25s.tif', 4326],
  ['nocog.tif', 4326],
  ['cog_scale_epsg4326.tif', 32652],
  ['sh_test_reduce.tiff', 3857],
]
const cases: Case[] = files.flatMap(([file, epsg]) => [
  { file, epsg, method: 'near', factor: 1.37 },
  { file, epsg, method: 'bilinear', factor: 0.7 },
  { file, epsg, method: 'cubic', factor: 0.7 },
  { file, epsg, method: 'average', factor: 3.3 },
  { file, epsg, method: 'mode', factor: 3.3 },
  { file, epsg, method: 'max', factor: 3.3 },
  { file, epsg, method: 'min', factor: 3.3 },
  { file, epsg, method: 'med', factor: 3.3 },
  { file, epsg, method: 'q1', factor: 3.3 },
  { file, epsg, method: 'q3', factor: 3.3 },
])

const WARP = `
answer = []
for i, c in enumerate(job['cases']):
    t = c['grid']['transform']; w = c['grid']['width']; h = c['grid']['height']
    d = gdal.Warp('', job['data'] + '/' + c['file'], format='MEM', outputBounds=[t[0], t[3] + t[5] * h, t[0] + t[1] * w, t[3]],
        width=w, height=h, dstSRS='EPSG:%d' % c['epsg'], resampleAlg=c['method'], outputType=gdal.GDT_Float64,
        dstNodata=float('nan'), errorThreshold=0, overviewLevel='NONE', multithread=False)
    a = d.ReadAsArray().astype('f8'); (a if a.ndim == 3 else a[None])[:c['bands']].tofile('%s/%d.bin' % (job['folder'], i))
`

const folder = temporaryFolder()
const grids: Grid[] = []
const bandCounts: number[] = []
beforeAll(async () => {
  for (const { file, epsg, factor } of cases) {
    const raster = await openRaster({ kind: 'file', path: join(DATA, file) })
    const crs = crsFromEpsg(epsg)
    if (!crs || !raster.header.grid) throw new Error(file)
    const same = resampledGrid(raster.header.grid, crs, null)
    const side = same.transform[1] * factor
    const grid = resampledGrid(raster.header.grid, crs, [side, side], gridBounds(same))
    grids.push({ ...grid, width: Math.min(grid.width, 160), height: Math.min(grid.height, 160) })
    bandCounts.push(raster.header.bands.length)
    await raster.close()
  }
  const job = {
    cases: cases.map((c, i) => ({ ...c, grid: grids[i], bands: bandCounts[i] })),
    data: DATA,
    folder: folder.path,
  }
  gdal(WARP, job)
}, 60_000)
afterAll(() => folder.remove())

describe.each(cases.map((c, i) => [`${c.file} → EPSG:${c.epsg} ${c.method}`, i] as const))('%s', (_name, i) => {
  const { file, method } = cases[i] as Case

  async function warp(exact: boolean) {
    const raster = await openRaster({ kind: 'file', path: join(DATA, file) })
    const target = grids[i] as Grid
    const window = { column: 0, row: 0, width: target.width, height: target.height }
    const bands = await warpWindow(raster, { target, window, method, exact })
    await raster.close()
    return Float64Array.from(bands.flatMap((band) => Array.from(band)))
  }

  it('equals gdalwarp', async () => {
    const mine = await warp(true)
    const expected = readDoubles(folder.file(`${i}.bin`))
    expect(mine.length).toBe(expected.length)
    // coverage weights are float32 in gdalwarp
    const tolerance = method === 'average' ? 1e-3 : 1e-6
    let [valid, different, edge] = [0, 0, 0]
    for (let k = 0; k < mine.length; k++) {
      const [a, b] = [mine[k] as number, expected[k] as number]
      if (!Number.isNaN(b)) valid++
      if (Number.isNaN(a) !== Number.isNaN(b)) edge++
      else if (Math.abs(a - b) > tolerance * Math.max(1, Math.abs(b))) different++
    }
    expect(valid).toBeGreaterThan(500)
    // gdalwarp leaves out edge pixels whose corner lies outside for area methods
    const isArea = !['near', 'bilinear', 'cubic'].includes(method)
    expect(edge / mine.length).toBeLessThanOrEqual({ near: 0 }[method as 'near'] ?? (isArea ? 0.02 : 0.01))
    // next to missing values cubic falls back to bilinear here, and renormalises there
    const share = { near: 0, bilinear: 0.002, cubic: 0.05, average: 0.1 }[method as 'near'] ?? 0.002
    expect(different / valid).toBeLessThanOrEqual(share)
  })

  it('with the control grid differs by less than its bound', async () => {
    if (method !== 'near') return void expect(method).not.toBe('near')
    const [exact, quick] = [await warp(true), await warp(false)]
    let different = 0
    for (let k = 0; k < exact.length; k++) if (!Object.is(exact[k], quick[k])) different++
    // an eighth of a pixel moves at most an eighth of the pixels over an edge; in fact far fewer
    expect(different / exact.length).toBeLessThan(0.05)
  })
})

describe('aligned grids', () => {
  it('are copied value by value, with NaN outside', async () => {
    const raster = await openRaster({ kind: 'file', path: join(DATA, 's2_l2a_openeo_sample.tif') })
    const source = raster.header.grid as Grid
    const [a, b, c, d, e, f] = source.transform
    const target: Grid = { ...source, transform: [a - 3 * b, b, c, d - 2 * f, e, f], width: 50, height: 40 }
    const [band] = await warpWindow(raster, {
      target,
      window: { column: 0, row: 0, width: 50, height: 40 },
      samples: [3],
    })
    const [stored] = await raster.readWindow({ samples: [3], window: { column: 0, row: 0, width: 47, height: 38 } })
    let seen = 0
    for (let y = 0; y < 40; y++)
      for (let x = 0; x < 50; x++) {
        const value = band?.[y * 50 + x] as number
        const wanted = x < 3 || y < 2 ? Number.NaN : (stored?.[(y - 2) * 47 + x - 3] as number)
        if (Number.isNaN(wanted) || wanted === 0) expect(value).toBeNaN()
        else {
          seen++
          if (value !== wanted) expect.unreachable(`${x}, ${y}`)
        }
      }
    expect(seen).toBeGreaterThan(1000)
    await raster.close()
  })

  it('of huge sources are done in parts, and cancel takes effect', async () => {
    const raster = await openRaster({ kind: 'file', path: join(DATA, 'B02_flat_color.tif') })
    const source = raster.header.grid as Grid
    const [a, b, c, d, e, f] = source.transform
    const target: Grid = { ...source, transform: [a, b * 1500, c, d, e, f * 1500], width: 3, height: 3 }
    const window = { column: 0, row: 0, width: 3, height: 3 }
    const [band] = await warpWindow(raster, { target, window, method: 'average' })
    expect(new Set(band)).toEqual(new Set([998]))
    const controller = new AbortController()
    const warping = warpWindow(raster, { target, window, method: 'average', signal: controller.signal })
    controller.abort()
    await expect(warping).rejects.toMatchObject({ code: 'canceled' })
    await raster.close()
  })
})
