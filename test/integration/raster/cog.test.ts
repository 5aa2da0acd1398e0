/** What the writer writes is a valid Cloud Optimized GeoTIFF that GDAL reads back as it was meant. */
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import {
  type CogOptions,
  createCogWriter,
  crsFromEpsg,
  crsFromUserInput,
  type DataType,
  type Grid,
  openRaster,
  transformPoint,
  WGS84,
} from '../../../main/raster/index.ts'
import { writePng } from '../../../main/raster/png.ts'
import { gdal, temporaryFolder } from './gdal.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())

const UTM = crsFromEpsg(32632)
if (!UTM) throw new Error('EPSG table')
const GRID: Grid = { crs: UTM, transform: [500_000, 10, 0, 5_000_000, 0, -10], width: 700, height: 530 }

/** Smooth values with a hole of no data. */
const valueAt = (x: number, y: number, band: number) =>
  (x - 300) ** 2 + (y - 200) ** 2 < 2500
    ? Number.NaN
    : Math.round(100 + 50 * Math.sin(x / 30 + band) + 40 * Math.cos(y / 20))

async function write(path: string, options: CogOptions, skip: (column: number, row: number) => boolean = () => false) {
  const writer = await createCogWriter(path, options)
  const { width, height } = options.grid
  const size = writer.blockSize
  // backwards: the order must not matter
  for (let row = writer.rows - 1; row >= 0; row--)
    for (let column = writer.columns - 1; column >= 0; column--) {
      if (skip(column, row)) continue
      const w = Math.min(size, width - column * size)
      const h = Math.min(size, height - row * size)
      const bands = options.bands.map((_, band) =>
        Float64Array.from({ length: w * h }, (_, i) =>
          valueAt(column * size + (i % w), row * size + Math.floor(i / w), band),
        ),
      )
      await writer.writeBlock(column, row, bands)
    }
  return writer.finish()
}

const READ = `
from osgeo_utils.samples.validate_cloud_optimized_geotiff import validate
def read(path):
  warnings, errors, _ = validate(path, full_check=True)
  d = gdal.Open(path)
  s = d.GetSpatialRef()
  bands = [d.GetRasterBand(i + 1) for i in range(d.RasterCount)]
  w = osr.SpatialReference(); w.ImportFromEPSG(4326); w.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
  s.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
  t = d.GetGeoTransform()
  def at(b, x, y): return float(b.ReadAsArray(x, y, 1, 1)[0, 0])
  return dict(warnings=warnings, errors=errors, size=[d.RasterXSize, d.RasterYSize], transform=t, epsg=s.GetAuthorityCode(None), types=[gdal.GetDataTypeName(b.DataType) for b in bands],
      nodata=bands[0].GetNoDataValue(), nan=bands[0].GetNoDataValue() is not None and math.isnan(bands[0].GetNoDataValue()),
      names=[b.GetDescription() for b in bands], units=[b.GetUnitType() for b in bands], scales=[b.GetScale() for b in bands], offsets=[b.GetOffset() for b in bands],
      metadata=d.GetMetadata(), structure=d.GetMetadata('IMAGE_STRUCTURE'), overviews=[[bands[0].GetOverview(i).XSize, bands[0].GetOverview(i).YSize] for i in range(bands[0].GetOverviewCount())],
      probes=[[at(b, x, y) if x < d.RasterXSize and y < d.RasterYSize else None for x, y in job['probes']] for b in bands], half=[float(v) for v in bands[0].GetOverview(0).ReadAsArray(10, 10, 2, 2).flatten()] if bands[0].GetOverviewCount() else None,
      corner=list(osr.CoordinateTransformation(s, w).TransformPoint(t[0], t[3])[:2]))
answer = [read(path) for path in job['paths']]
`
type Read = {
  warnings: string[]
  errors: string[]
  size: number[]
  transform: number[]
  epsg: string | null
  types: string[]
  nodata: number | null
  nan: boolean
  names: string[]
  units: string[]
  scales: number[]
  offsets: number[]
  metadata: Record<string, string>
  structure: Record<string, string>
  overviews: number[][]
  probes: (number | null)[][]
  half: (number | null)[] | null
  corner: [number, number]
}
const probes = [
  [0, 0],
  [699, 529],
  [300, 200],
  [255, 256],
  [511, 100],
  [10, 20],
]
const readAll = (paths: string[]) => gdal<Read[]>(READ, { paths, probes })
const readBack = (path: string) => readAll([path])[0] as Read
vi.setConfig({ testTimeout: 60_000 }) // each starts Python

const GDAL_TYPES: Readonly<Partial<Record<DataType, string>>> = {
  uint8: 'Byte',
  uint16: 'UInt16',
  int16: 'Int16',
  uint32: 'UInt32',
  int32: 'Int32',
  float32: 'Float32',
  float64: 'Float64',
}
const kinds: [DataType, number | null, 'deflate' | 'zstd' | 'none', 'average' | 'nearest' | 'mode'][] = [
  ['uint8', 255, 'deflate', 'mode'],
  ['uint16', 0, 'deflate', 'average'],
  ['int16', -9999, 'zstd', 'average'],
  ['uint32', 0, 'zstd', 'nearest'],
  ['int32', -1, 'none', 'average'],
  ['float32', Number.NaN, 'deflate', 'average'],
  ['float32', -9999, 'zstd', 'average'],
  ['float64', Number.NaN, 'deflate', 'nearest'],
  ['float32', null, 'none', 'average'],
]

describe.each(kinds)('%s, nodata %s, %s, overviews by %s', (dataType, nodata, compression, overviews) => {
  it('is valid and reads back', async () => {
    const path = folder.file(`${dataType}-${nodata}-${compression}.tif`)
    const bands = ['B04', 'a <b> & "c"', 'Ü'].map((name, i) => ({
      name,
      dataType,
      nodata,
      unit: 'm',
      scale: 0.5,
      offset: i,
    }))
    const metadata = { NOTE: 'x < y & z' }
    const { sizeBytes } = await write(path, {
      grid: GRID,
      bands,
      compression,
      overviews,
      blockSize: 256,
      metadata,
      dateTime: '2026:11:20 10:00:00',
    })
    expect(statSync(path).size).toBe(sizeBytes)
    const read = readBack(path)
    expect(read).toMatchObject({
      warnings: [],
      errors: [],
      size: [700, 530],
      transform: [...GRID.transform],
      epsg: '32632',
      types: [0, 1, 2].map(() => GDAL_TYPES[dataType]),
      nan: Number.isNaN(nodata),
      names: bands.map(({ name }) => name),
      units: ['m', 'm', 'm'],
      scales: [0.5, 0.5, 0.5],
      offsets: [0, 1, 2],
      metadata: { ...metadata, TIFFTAG_DATETIME: '2026:11:20 10:00:00' },
      structure: { INTERLEAVE: 'BAND' },
      overviews: [
        [350, 265],
        [175, 133],
      ],
    })
    if (nodata !== null && !Number.isNaN(nodata)) expect(read.nodata).toBe(nodata)
    const none = nodata === null || Number.isNaN(nodata) ? null : nodata
    for (const [band, row] of read.probes.entries())
      for (const [i, value] of row.entries()) {
        const [x = 0, y = 0] = probes[i] ?? []
        const wanted = valueAt(x, y, band)
        expect(value).toBe(Number.isNaN(wanted) ? none : wanted)
      }
    const first = [0, 1, 2, 3].map((k) => valueAt(20 + (k & 1), 20 + (k >> 1), 0))
    const mean = first.reduce((a, b) => a + b) / 4
    const corner = read.half?.[0] as number
    if (overviews === 'nearest') expect(corner).toBe(first[0])
    else if (overviews === 'average')
      expect(corner).toBeCloseTo(dataType.startsWith('float') ? mean : Math.round(mean), 4)
    else expect(first).toContain(corner)
    expect(readdirSync(folder.path).filter((name) => /\.(part|spool)$/.test(name))).toEqual([])
  })
})

describe('places', () => {
  const definitions = [
    4326,
    3857,
    2056,
    27700,
    3035,
    31370,
    3031,
    3413,
    2263,
    '+proj=aea +lat_1=29.5 +lat_2=45.5 +lat_0=23 +lon_0=-96 +datum=NAD83 +units=m',
    '+proj=utm +zone=25 +south +ellps=GRS80 +towgs84=0,0,0 +units=m',
    '+proj=lcc +lat_1=30 +lat_2=50 +lat_0=40 +lon_0=10 +x_0=1000 +ellps=GRS80 +units=m',
    '+proj=lcc +lat_1=46.8 +lat_0=46.8 +lon_0=3 +k_0=0.9999 +ellps=intl +towgs84=-87,-98,-121 +units=m',
    '+proj=laea +lat_0=45 +lon_0=9 +datum=WGS84 +units=m',
    '+proj=tmerc +lat_0=10 +lon_0=9 +k=0.9999 +x_0=5000 +ellps=bessel +towgs84=598.1,73.7,418.2,0.202,0.045,-2.455,6.7 +units=m',
    '+proj=stere +lat_0=90 +lat_ts=70 +lon_0=-45 +datum=WGS84 +units=m',
    '+proj=sterea +lat_0=52 +lon_0=5 +k=0.9999 +ellps=bessel +towgs84=565,50,465 +units=m',
    '+proj=merc +lon_0=10 +k=0.99 +datum=WGS84 +units=us-ft +x_0=300',
    '+proj=sinu +lon_0=0 +a=6371007.181 +b=6371007.181 +units=m',
    '+proj=eqc +lat_ts=40 +lon_0=5 +datum=WGS84 +units=m',
    '+proj=longlat +ellps=intl +towgs84=-87,-98,-121',
  ]
  it('are what they were meant to be, for GDAL and for the engine', async () => {
    const written = []
    for (const [i, definition] of definitions.entries()) {
      const crs = crsFromUserInput(definition)
      const path = folder.file(`place${i}.tif`)
      const isDegrees = crs.unit === 'degree'
      const [west, north] = isDegrees ? [9, 46] : definition === 2056 ? [2_600_000, 1_200_000] : [300_000, 200_000]
      const step = isDegrees ? 0.001 : 10
      const grid: Grid = { crs, transform: [west, step, 0, north, 0, -step], width: 20, height: 20 }
      await write(path, { grid, bands: [{ name: 'x', dataType: 'uint8', nodata: null }] })
      const position = transformPoint(crs, WGS84, west, north) ?? [Number.NaN, Number.NaN]
      const raster = await openRaster({ kind: 'file', path })
      const own = raster.header.grid
      await raster.close()
      written.push({ definition, path, position, again: own && transformPoint(own.crs, WGS84, west, north) })
    }
    const read = readAll(written.map(({ path }) => path))
    const away = ([x, y]: readonly number[], [u, v]: readonly number[]) =>
      Math.hypot(
        ((x as number) - (u as number)) * Math.cos(((v as number) * Math.PI) / 180),
        (y as number) - (v as number),
      )
    const off = written.flatMap(({ definition, position, again }, i) => {
      const distances = [away(read[i]?.corner ?? [], position), away(again ?? [], position)]
      return distances.every((d) => d < 1e-7) ? [] : [`${definition}: ${distances}`]
    })
    expect(off).toEqual([])
  })

  it('a rotated grid keeps its transform', async () => {
    const path = folder.file('rotated.tif')
    const grid: Grid = { ...GRID, transform: [500_000, 8, 6, 5_000_000, 6, -8], width: 30, height: 20 }
    await write(path, { grid, bands: [{ name: 'x', dataType: 'uint8', nodata: null }] })
    expect(readBack(path).transform).toEqual([...grid.transform])
    const raster = await openRaster({ kind: 'file', path })
    expect(raster.header.grid?.transform).toEqual(grid.transform)
    await raster.close()
  })
})

const BAND = { name: 'x', dataType: 'uint16', nodata: 0 } as const

it('blocks that were never written hold no data', async () => {
  const path = folder.file('sparse.tif')
  await write(path, { grid: GRID, bands: [BAND], blockSize: 128 }, (column, row) => (column + row) % 2 === 0)
  const read = readBack(path)
  expect(read.errors).toEqual([])
  expect(read.probes[0]?.[0]).toBe(0)
  expect(read.probes[0]?.[3]).toBe(valueAt(255, 256, 0))
})

/** A file handle whose disk is full after so many bytes. */
function fullAfter(limit: number): typeof open {
  let written = 0
  return (async (...args: Parameters<typeof open>) => {
    const handle = await open(...args)
    const write = handle.write.bind(handle) as (...a: unknown[]) => Promise<unknown>
    handle.write = (async (...a: unknown[]) => {
      written += a[2] as number
      if (written > limit) throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
      return write(...a)
    }) as typeof handle.write
    return handle
  }) as typeof open
}

describe('failures leave nothing behind', () => {
  const left = () => readdirSync(folder.path).filter((name) => name.startsWith('failed'))

  it.each([10_000, 400_000])('a disk that is full after %i bytes', async (limit) => {
    const path = folder.file('failed.tif')
    const writing = write(path, {
      grid: GRID,
      bands: [BAND],
      compression: 'none',
      blockSize: 128,
      openFile: fullAfter(limit),
    })
    await expect(writing).rejects.toMatchObject({ code: 'disk-full' })
    // a failed writeBlock leaves the abort to the caller, as any error in a loop would
    const writer = await createCogWriter(folder.file('failed2.tif'), {
      grid: GRID,
      bands: [BAND],
      openFile: fullAfter(0),
    })
    await writer.abort()
    expect(existsSync(path)).toBe(false)
  })

  it('an abort', async () => {
    const path = folder.file('failed3.tif')
    const writer = await createCogWriter(path, { grid: GRID, bands: [BAND] })
    await writer.writeBlock(0, 0, [new Uint16Array(512 * 512)])
    await writer.abort()
    expect(left().filter((name) => name.startsWith('failed3'))).toEqual([])
    await expect(writer.finish()).rejects.toMatchObject({ code: 'invalid-input' })
  })

  it('a cancel while finishing', async () => {
    const path = folder.file('failed4.tif')
    const writer = await createCogWriter(path, { grid: GRID, bands: [BAND] })
    await writer.writeBlock(0, 0, [new Uint16Array(512 * 512)])
    await expect(writer.finish({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'canceled' })
    expect(left().filter((name) => name.startsWith('failed4'))).toEqual([])
  })

  it('a folder that is not there, or cannot be written to', async () => {
    await expect(createCogWriter(folder.file('no/such.tif'), { grid: GRID, bands: [BAND] })).rejects.toMatchObject({
      code: 'not-found',
    })
    const readOnly = folder.file('read-only')
    mkdirSync(readOnly)
    chmodSync(readOnly, 0o555)
    const denied: typeof open = async () => {
      throw Object.assign(new Error('denied'), { code: 'EACCES' })
    }
    // whoever runs the tests as root may write everywhere, so the refusal is made
    const options = { grid: GRID, bands: [BAND], ...(process.getuid?.() === 0 ? { openFile: denied } : {}) }
    await expect(createCogWriter(join(readOnly, 'x.tif'), options)).rejects.toMatchObject({ code: 'read-only' })
  })

  it('an existing file stays until the new one is complete', async () => {
    const path = folder.file('kept.tif')
    writeFileSync(path, 'old')
    const writer = await createCogWriter(path, { grid: GRID, bands: [BAND] })
    await writer.writeBlock(0, 0, [new Uint16Array(512 * 512).fill(7)])
    expect(statSync(path).size).toBe(3)
    await writer.finish()
    expect(readBack(path).probes[0]?.[5]).toBe(7)
  })

  it('wrong input is refused with words', async () => {
    const writer = await createCogWriter(folder.file('failed5.tif'), { grid: GRID, bands: [BAND] })
    for (const block of [
      () => writer.writeBlock(9, 0, [new Uint16Array(1)]),
      () => writer.writeBlock(0, 0, []),
      () => writer.writeBlock(0, 0, [new Uint16Array(5)]),
    ])
      await expect(block()).rejects.toMatchObject({ code: 'invalid-input' })
    await writer.abort()
    const mixed = [BAND, { name: 'y', dataType: 'uint8', nodata: 0 } as const]
    await expect(createCogWriter(folder.file('m.tif'), { grid: GRID, bands: mixed })).rejects.toMatchObject({
      code: 'invalid-input',
    })
  })
})

it.each([
  [1, 'uint8'],
  [3, 'uint16'],
  [4, 'uint8'],
] as const)('PNG with %i channels of %s reads back', async (channels, type) => {
  const limit = type === 'uint8' ? 256 : 65_536
  const values = Array.from({ length: 33 * 21 * channels }, (_, i) => (i * 37) % limit)
  const data = type === 'uint8' ? Uint8Array.from(values) : Uint16Array.from(values)
  const path = folder.file('picture.png')
  await writePng(path, { width: 33, height: 21, channels, data })
  const read = gdal<number[]>(
    `a = gdal.Open(job['path']).ReadAsArray(); answer = (np.moveaxis(a, 0, -1) if a.ndim == 3 else a).flatten().tolist()`,
    { path },
  )
  expect(read).toEqual(Array.from(data))
})
