/** The pure parts of the engine: codecs, predictors, metadata, grids, statistics, caches, merging of ranges. */
import { describe, expect, it } from 'vitest'
import { createBlockCache } from '../../../main/raster/block-cache.ts'
import { crsFromEpsg, crsFromUserInput, sameCrs, transformPoint, WGS84 } from '../../../main/raster/crs.ts'
import { escapeXml, parseGdalMetadata } from '../../../main/raster/gdal-metadata.ts'
import {
  alignedOffset,
  composeAffine,
  footprint,
  intersectGrids,
  invertAffine,
  pixelToWorld,
  resampledGrid,
  transformBounds,
  windowOfBounds,
} from '../../../main/raster/grid.ts'
import { mergeRanges } from '../../../main/raster/http-source.ts'
import { decodeLzw, decodePackBits } from '../../../main/raster/lzw.ts'
import { predictFloat, predictIntegers, unpredictFloat, unpredictIntegers } from '../../../main/raster/predictors.ts'
import { halve, levelSizes } from '../../../main/raster/pyramid.ts'
import { BlockDirectory } from '../../../main/raster/shared-blocks.ts'
import { mergePartials, type Partial } from '../../../main/raster/statistics.ts'
import type { ToThread } from '../../../main/raster/thread-messages.ts'
import type { Crs, Grid } from '../../../main/raster/types.ts'
import { parseRequest } from '../../../main/worker/engine-windows.ts'

const crs = (code: number) => crsFromEpsg(code) as Crs
const grid = (code: number, x: number, y: number, pixel: number, width: number, height: number): Grid => ({
  crs: crs(code),
  transform: [x, pixel, 0, y, 0, -pixel],
  width,
  height,
})

describe('codecs', () => {
  it('LZW: the example of codes with a width change at the start', () => {
    // clear, 7, 258 (7 7), end: nine bits each
    const codes = [256, 7, 258, 257]
    const bits = codes
      .map((code) => code.toString(2).padStart(9, '0'))
      .join('')
      .padEnd(40, '0')
    const input = Uint8Array.from({ length: 5 }, (_, i) => Number.parseInt(bits.slice(i * 8, i * 8 + 8), 2))
    const out = new Uint8Array(8)
    expect(decodeLzw(input, out)).toBe(3)
    expect([...out]).toEqual([7, 7, 7, 0, 0, 0, 0, 0])
  })

  it('PackBits: the example of TIFF 6.0 section 9', () => {
    const packed = [0xfe, 0xaa, 0x02, 0x80, 0x00, 0x2a, 0xfd, 0xaa, 0x03, 0x80, 0x00, 0x2a, 0x22, 0xf7, 0xaa]
    const plain = 'aa aa aa 80 00 2a aa aa aa aa 80 00 2a 22 aa aa aa aa aa aa aa aa aa aa'
    const out = new Uint8Array(24)
    expect(decodePackBits(Uint8Array.from(packed), out)).toBe(24)
    expect(Buffer.from(out).toString('hex').match(/../g)?.join(' ')).toBe(plain)
  })

  it.each([Uint8Array, Int16Array, Uint16Array, Int32Array, Uint32Array])('predictor 2 there and back: %o', (Type) => {
    for (const perPixel of [1, 3]) {
      const values = new Type(Array.from({ length: 60 }, (_, i) => i * i * 1_234_567 - i))
      const copy = values.slice()
      predictIntegers(copy, 30, 2, perPixel)
      expect(copy).not.toEqual(values)
      unpredictIntegers(copy, 30, 2, perPixel)
      expect(copy).toEqual(values)
    }
  })

  it.each([Float32Array, Float64Array])('predictor 3 there and back: %o', (Type) => {
    const values = new Type(Array.from({ length: 60 }, (_, i) => (i === 7 ? Number.NaN : Math.sin(i) * 10 ** (i % 9))))
    const bytes = new Uint8Array(values.slice().buffer)
    const size = values.BYTES_PER_ELEMENT
    predictFloat(bytes, 30 * size, 2, size, 1)
    unpredictFloat(bytes, 30 * size, 2, size, 1)
    expect(new Type(bytes.buffer)).toEqual(values)
  })
})

describe('GDAL_METADATA', () => {
  it('is read tolerantly, and nothing is expanded', () => {
    const xml = `<!DOCTYPE x [<!ENTITY a "bomb">]><GDALMetadata><Item name="A">&a; &lt;b&gt; &#65;</Item><Item name='SCALE' sample="1" role="scale">0.5</Item><Item name="other" domain="RPC">x</Item><Item>no name</Item><Item name="open">`
    expect(parseGdalMetadata(xml)).toEqual([
      { name: 'A', sample: null, role: null, value: '&a; <b> A' },
      { name: 'SCALE', sample: 1, role: 'scale', value: '0.5' },
    ])
  })
  it('what is escaped twice, as GDAL does, comes back', () => {
    const text = `a < b & "c" > 'd'`
    expect(
      parseGdalMetadata(`<Item name="${escapeXml(escapeXml(text))}">${escapeXml(escapeXml(text))}</Item>`)[0],
    ).toMatchObject({ name: text, value: text })
  })
})

describe('coordinate reference systems', () => {
  it.each([2056, 'EPSG:2056', 'epsg:2056', '2056'])('%s is LV95', (input) => {
    expect(crsFromUserInput(input)).toMatchObject({ epsg: 2056, unit: 'metre' })
  })
  it.each(['', 'EPSG:0', 'nonsense', null, {}, -5, '+proj=nothing'])('%o is not known', (input) => {
    expect(() => crsFromUserInput(input)).toThrow(expect.objectContaining({ code: 'invalid-input' }))
  })
  it('WKT is understood', () => {
    const wkt =
      'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]'
    expect(crsFromUserInput(wkt)).toMatchObject({ epsg: null, name: 'WGS 84', unit: 'degree' })
  })
  it('the same definition in another order is the same', () => {
    expect(
      sameCrs(crsFromUserInput('+proj=utm +zone=32 +datum=WGS84'), crsFromUserInput('+datum=WGS84 +zone=32 +proj=utm')),
    ).toBe(true)
    expect(sameCrs(crs(32632), crs(32633))).toBe(false)
  })
  it('what has no image is null', () => {
    expect(transformPoint(crs(3857), WGS84, Number.NaN, 0)).toBeNull()
  })
  it('datum shifts of the coordinate frame kind go the right way', () => {
    // Brussels, Atomium in Belgian Lambert 72; its position in WGS 84 is known to some metres
    const [longitude, latitude] = transformPoint(crs(31370), WGS84, 148_120, 175_950) as [number, number]
    expect(longitude).toBeCloseTo(4.3415, 2)
    expect(latitude).toBeCloseTo(50.8949, 2)
  })
})

describe('grids', () => {
  it('affine transforms invert and compose', () => {
    const affine = [500, 8, 6, 1000, 6, -8] as const
    const identity = composeAffine(invertAffine(affine), affine)
    for (const [i, value] of [0, 1, 0, 0, 0, 1].entries()) expect(identity[i]).toBeCloseTo(value, 12)
    expect(pixelToWorld(affine, 2, 3)).toEqual([534, 988])
  })
  it('a footprint across the antimeridian has west > east', () => {
    const [west, south, east, north] = footprint(grid(32660, 600_000, 7_000_000, 1000, 400, 100)) ?? []
    expect(west).toBeGreaterThan(170)
    expect(east).toBeLessThan(-170)
    expect(south).toBeLessThan(north as number)
  })
  it('degrees from 0 to 360, and the whole world, are bounds of the contract', () => {
    expect(footprint(grid(4326, 0, 90, 1, 360, 180))).toEqual([-180, -90, 180, 90])
    expect(footprint(grid(4326, 170, 10, 1, 20, 20))).toEqual([170, -10, -170, 10])
    expect(footprint(grid(4326, -180, 10, 1, 10, 20))).toEqual([-180, -10, -170, 10])
  })
  it('a grid with the pole inside reaches all around', () => {
    const [west, south, east, north] = footprint(grid(3413, -1_000_000, 1_000_000, 10_000, 200, 200)) ?? []
    expect([west, east, north]).toEqual([-180, 180, 90])
    expect(south).toBeGreaterThan(70)
  })
  it('bounds across the antimeridian are one piece in a projection', () => {
    const bounds = transformBounds([179, 60, -179, 61], WGS84, crs(32660))
    expect((bounds?.[2] ?? 0) - (bounds?.[0] ?? 0)).toBeLessThan(130_000)
  })
  it('windows: every pixel touched, or every centre inside', () => {
    const g = grid(32632, 0, 100, 10, 10, 10)
    expect(windowOfBounds(g, [10, 50, 30, 80])).toEqual({ column: 1, row: 2, width: 2, height: 3 })
    expect(windowOfBounds(g, [11, 51, 29, 79])).toEqual({ column: 1, row: 2, width: 2, height: 3 })
    expect(windowOfBounds(g, [16, 51, 29, 79], 'centres')).toEqual({ column: 2, row: 2, width: 1, height: 3 })
    expect(windowOfBounds(g, [200, 200, 300, 300])).toBeNull()
  })
  it('alignment needs the same CRS, pixel size and phase', () => {
    const a = grid(32632, 0, 100, 10, 10, 10)
    expect(alignedOffset(a, grid(32632, 30, 80, 10, 5, 5))).toEqual({ column: 3, row: 2 })
    expect(alignedOffset(a, grid(32632, 35, 80, 10, 5, 5))).toBeNull()
    expect(alignedOffset(a, grid(32632, 30, 80, 20, 5, 5))).toBeNull()
    expect(alignedOffset(a, grid(32633, 30, 80, 10, 5, 5))).toBeNull()
  })
  it('intersections and resampled grids', () => {
    const a = grid(32632, 500_000, 5_000_000, 10, 100, 100)
    expect(intersectGrids(a, grid(32632, 500_500, 4_999_500, 20, 100, 100))).toEqual({
      column: 50,
      row: 50,
      width: 50,
      height: 50,
    })
    expect(intersectGrids(a, grid(4326, 100, 50, 1, 5, 5))).toBeNull()
    expect(resampledGrid(a, a.crs, [30, 30])).toMatchObject({ width: 34, height: 34 })
    const degrees = resampledGrid(a, WGS84, null)
    expect(degrees.transform[1]).toBeCloseTo(1.1e-4, 4)
    expect(() => resampledGrid(a, a.crs, [0, 0])).toThrow(expect.objectContaining({ code: 'invalid-input' }))
  })
})

describe('overviews', () => {
  it('halve until one block holds the raster', () => {
    expect(levelSizes(1000, 300, 256, true).map(({ width, height, columns }) => [width, height, columns])).toEqual([
      [1000, 300, 4],
      [500, 150, 2],
      [250, 75, 1],
    ])
    expect(levelSizes(1000, 300, 256, false)).toHaveLength(1)
  })
  it.each([
    ['average', [2, 9, 5, 9]],
    ['nearest', [1, 0, 5, 9]],
    ['mode', [1, 9, 5, 9]],
  ] as const)('%s leaves no data out', (method, expected) => {
    const from = Uint8Array.of(1, 1, 0, 9, 2, 4, 9, 0, 5, 5, 9, 9, 0, 0, 0, 0)
    const to = new Uint8Array(16)
    halve(from, 4, 4, 4, to, 0, 0, method)
    expect([to[0], to[1], to[4], to[5]]).toEqual(expected)
  })
})

describe('caches', () => {
  it('reads under way are shared, failures are forgotten, the oldest goes first', async () => {
    const cache = createBlockCache(300)
    let loads = 0
    const load = async () => {
      loads++
      return [new Uint8Array(100)]
    }
    await Promise.all([cache.get(['a'], load), cache.get(['a'], load)])
    expect(loads).toBe(1)
    await expect(cache.get(['b'], () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    await cache.get(['b'], load)
    expect(loads).toBe(2)
    await cache.get(['c'], load)
    await cache.get(['a'], load) // used again: b is the oldest now
    await cache.get(['d'], load)
    await cache.get(['a'], load)
    expect(loads).toBe(4)
    await cache.get(['b'], load)
    expect(loads).toBe(5)
    cache.drop('a')
    await cache.get(['a'], load)
    expect(loads).toBe(6)
  })

  it('the directory gives each block to one thread, and passes on failure and death', () => {
    const sent: [number, ToThread][] = []
    const directory = new BlockDirectory(250, (thread, message) => sent.push([thread, message]))
    const values = new Uint8Array(new SharedArrayBuffer(100))
    directory.claim(1, 1, ['a', 'b'])
    directory.claim(2, 9, ['a', 'b'])
    expect(sent.splice(0).map(([, m]) => (m.kind === 'claimed' ? m.found : m))).toEqual([
      ['load', 'load'],
      ['wait', 'wait'],
    ])
    directory.deliver(1, ['a'], [values])
    expect(sent.splice(0)).toEqual([[2, { kind: 'delivered', key: 'a', values }]])
    directory.release(1)
    expect(sent.splice(0)).toEqual([[2, { kind: 'delivered', key: 'b', values: null }]])
    directory.claim(2, 10, ['a', 'b'])
    expect(sent.splice(0)).toEqual([[2, { kind: 'claimed', id: 10, found: [values, 'load'] }]])
    directory.deliver(2, ['b', 'c'], [values, values])
    directory.claim(3, 11, ['c', 'd'])
    directory.deliver(3, ['c', 'd'], [values, values]) // 400 bytes: over the budget
    sent.length = 0
    directory.claim(3, 12, ['a', 'd'])
    expect(sent[0]?.[1]).toMatchObject({ found: ['load', values] })
  })
})

it('statistics merge as if computed at once', () => {
  const of = (values: number[]): Partial => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length
    const m2 = values.reduce((sum, v) => sum + (v - mean) ** 2, 0)
    return {
      kind: 'moments',
      count: values.length,
      validCount: values.length,
      min: Math.min(...values),
      max: Math.max(...values),
      mean,
      m2,
    }
  }
  const values = Array.from({ length: 1000 }, (_, i) => 1e9 + Math.sin(i))
  const parts = [values.slice(0, 1), values.slice(1, 500), values.slice(500)].map(of)
  const merged = parts.reduce<Partial | undefined>((all, part) => mergePartials(all, part), undefined)
  const whole = of(values)
  if (merged?.kind !== 'moments' || whole.kind !== 'moments') throw new Error('kind')
  expect(merged.mean).toBeCloseTo(whole.mean, 4)
  expect(Math.sqrt(merged.m2 / 1000)).toBeCloseTo(Math.sqrt(whole.m2 / 1000), 5)
})

it('ranges that lie together are one request', () => {
  const of = (offset: number, length: number) => ({ offset, length })
  expect(mergeRanges([of(0, 10), of(10, 10), of(5000, 10), of(1e6, 10)]).map((group) => group.length)).toEqual([3, 1])
  expect(mergeRanges([of(0, 6e6), of(6e6, 6e6)])).toHaveLength(2)
})

it('requests of a window are taken as the contract says, or not at all', () => {
  const tile = { n: 1, ask: 'tile', layerId: 'a', z: 3, x: 7, y: 0, size: 256, bands: [0] }
  expect(parseRequest(tile)).toEqual(tile)
  expect(parseRequest({ ...tile, x: 8 })).toBeNull()
  expect(parseRequest({ ...tile, bands: [0, 1, 2, 3, 4] })).toBeNull()
  expect(parseRequest({ n: 2, ask: 'cancel', more: 1 })).toEqual({ n: 2, ask: 'cancel' })
  expect(parseRequest({ n: 2, ask: 'open', path: '/etc/passwd' })).toBeNull()
})
