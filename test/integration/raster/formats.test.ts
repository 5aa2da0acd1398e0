/** Every way to store pixels that the engine claims to read, written by GDAL and compared value by value. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { transformPoint } from '../../../main/raster/crs.ts'
import { openRaster, WGS84 } from '../../../main/raster/index.ts'
import { gdal, readDoubles, temporaryFolder } from './gdal.ts'

type Case = { name: string; type: string; bands: number; options: string[]; nan?: boolean; sparse?: boolean }

const STORAGE: [string, string[]][] = [
  ['strips', ['BLOCKYSIZE=7']],
  ['tiles', ['TILED=YES', 'BLOCKXSIZE=64', 'BLOCKYSIZE=32']],
]
const INTERLEAVES = ['PIXEL', 'BAND']
const TYPES = ['Byte', 'UInt16', 'Int16', 'UInt32', 'Int32', 'Float32', 'Float64']
const COMPRESSIONS: [string, string[]][] = [
  ['none', []],
  ['deflate', ['COMPRESS=DEFLATE']],
  ['deflate-predictor', ['COMPRESS=DEFLATE', 'PREDICTOR=?']],
  ['zstd-predictor', ['COMPRESS=ZSTD', 'PREDICTOR=?']],
  ['lzw', ['COMPRESS=LZW']],
  ['lzw-predictor', ['COMPRESS=LZW', 'PREDICTOR=?']],
  ['packbits', ['COMPRESS=PACKBITS']],
  ['lerc', ['COMPRESS=LERC']],
]
const cases: Case[] = []
for (const type of TYPES)
  for (const [compression, compressOptions] of COMPRESSIONS)
    for (const [storage, storageOptions] of STORAGE)
      for (const interleave of INTERLEAVES) {
        if (type === 'UInt32' && compression === 'lerc') continue // refused, see below
        const predictor = type.startsWith('Float') ? '3' : '2'
        const options = [...storageOptions, ...compressOptions, `INTERLEAVE=${interleave}`].map((o) =>
          o.replace('?', predictor),
        )
        cases.push({ name: `${type} ${compression} ${storage} ${interleave}`, type, bands: 3, options })
      }
cases.push(
  { name: 'int8', type: 'Byte', bands: 1, options: ['PIXELTYPE=SIGNEDBYTE'] },
  {
    name: 'big-endian uint16',
    type: 'UInt16',
    bands: 2,
    options: ['ENDIANNESS=BIG', 'COMPRESS=DEFLATE', 'PREDICTOR=2'],
  },
  {
    name: 'big-endian float32',
    type: 'Float32',
    bands: 2,
    options: ['ENDIANNESS=BIG', 'COMPRESS=DEFLATE', 'PREDICTOR=3'],
  },
  { name: 'big-endian float64', type: 'Float64', bands: 1, options: ['ENDIANNESS=BIG'] },
  { name: 'BigTIFF', type: 'Int32', bands: 2, options: ['BIGTIFF=YES', 'TILED=YES', 'COMPRESS=ZSTD'] },
  { name: '1 bit', type: 'Byte', bands: 1, options: ['NBITS=1', 'COMPRESS=DEFLATE'] },
  { name: '2 bits', type: 'Byte', bands: 3, options: ['NBITS=2'] },
  { name: '4 bits', type: 'Byte', bands: 1, options: ['NBITS=4', 'COMPRESS=LZW'] },
  { name: 'half floats', type: 'Float32', bands: 2, options: ['NBITS=16', 'COMPRESS=DEFLATE'] },
  {
    name: 'sparse',
    type: 'UInt16',
    bands: 2,
    options: ['TILED=YES', 'BLOCKXSIZE=64', 'BLOCKYSIZE=64', 'SPARSE_OK=TRUE'],
    sparse: true,
  },
  { name: 'NaN', type: 'Float32', bands: 2, options: ['COMPRESS=DEFLATE', 'PREDICTOR=3'], nan: true },
  { name: 'LERC with NaN', type: 'Float32', bands: 1, options: ['COMPRESS=LERC', 'TILED=YES'], nan: true },
  { name: 'LERC and deflate', type: 'Float64', bands: 1, options: ['COMPRESS=LERC_DEFLATE', 'TILED=YES'], nan: true },
  { name: 'LERC and zstd', type: 'Int16', bands: 1, options: ['COMPRESS=LERC_ZSTD'] },
)

const WRITE = `
W, H = 151, 97
rng = np.random.default_rng(7)
y, x = np.mgrid[0:H, 0:W]
for i, c in enumerate(job['cases']):
    t = getattr(gdal, 'GDT_' + c['type'])
    path = '%s/%d.tif' % (job['folder'], i)
    d = gdal.GetDriverByName('GTiff').Create(path, W, H, c['bands'], t, c['options'])
    d.SetGeoTransform([500000, 10, 0, 5000000, 0, -10])
    if c.get('sparse'): d.GetRasterBand(1).SetNoDataValue(77)
    for b in range(c['bands']):
        base = (x * 3 + y * (b + 2)) + rng.integers(0, 40, (H, W))
        a = {'Byte': base % (2 ** min(8, int(next((o[6:] for o in c['options'] if o.startswith('NBITS')), '8')))), 'UInt16': base * 70, 'Int16': base * 30 - 15000,
             'UInt32': base.astype('u8') * 3000001, 'Int32': base * 1000003 - 2 ** 30, 'Float32': np.sin(base) * 1e3, 'Float64': np.cos(base) * 1e9}[c['type']]
        if c.get('nan'): a = np.where((x + y) % 5 == 0, np.nan, a)
        if c.get('sparse'): d.GetRasterBand(b + 1).WriteArray(a[:40, :40].astype('u2'), 70, 10) if b == 0 else None
        else: d.GetRasterBand(b + 1).WriteArray(a)
    d = None
    d = gdal.Open(path)
    a = d.ReadAsArray()
    if 'PIXELTYPE=SIGNEDBYTE' in c['options']: a = a.view('i1')
    a.astype('f8').tofile(path + '.bin')
    d = None
answer = 1
`

const folder = temporaryFolder()
beforeAll(() => {
  gdal(WRITE, { cases, folder: folder.path })
}, 120_000)
afterAll(() => folder.remove())

const firstDifference = (mine: Float64Array, expected: Float64Array) =>
  mine.length === expected.length ? mine.findIndex((v, i) => !Object.is(v, expected[i]) && v !== expected[i]) : -2

describe.each(cases.map((c, i) => [c.name, i] as const))('%s', (_name, i) => {
  it('equals GDAL', async () => {
    const path = folder.file(`${i}.tif`)
    const raster = await openRaster({ kind: 'file', path })
    const { width, height } = raster.header
    const bands = await raster.readWindow({ window: { column: 0, row: 0, width, height } })
    const mine = Float64Array.from(bands.flatMap((band) => Array.from(band)))
    expect(firstDifference(mine, readDoubles(`${path}.bin`))).toBe(-1)
    // one band by itself, out of the middle
    const window = { column: 60, row: 20, width: 30, height: 50 }
    const last = bands.length - 1
    const [part] = await raster.readWindow({ samples: [last], window })
    const whole = bands[last] as Float64Array
    for (let y = 0; y < window.height; y++)
      for (let x = 0; x < window.width; x++) {
        const wanted = whole[(window.row + y) * width + window.column + x]
        if (!Object.is(part?.[y * window.width + x], wanted)) expect.unreachable(`pixel ${x}, ${y}`)
      }
    await raster.close()
  })
})

/** GDAL shifts these by a grid file or another operation, the engine by EPSG's Helmert parameters: metres between them. */
const BY_GRID_FILE: Readonly<Record<string, number>> = { 'EPSG:31467': 1.5, 'EPSG:5514': 5 }

describe('places', () => {
  const definitions = [
    'EPSG:2056',
    'EPSG:3035',
    'EPSG:27700',
    'EPSG:31370',
    'EPSG:28992',
    'EPSG:2154',
    'EPSG:3006',
    'EPSG:32733',
    'EPSG:4326',
    'EPSG:3857',
    'EPSG:3413',
    'EPSG:3031',
    'EPSG:5070',
    'EPSG:2193',
    'EPSG:31467',
    'EPSG:4258',
    'EPSG:26918',
    'EPSG:3577',
    'EPSG:2263',
    'EPSG:3395',
    'EPSG:6933',
    'EPSG:5514',
    '+proj=aea +lat_1=29.5 +lat_2=45.5 +lat_0=23 +lon_0=-96 +datum=NAD83 +units=m',
    '+proj=lcc +lat_1=30 +lat_2=50 +lat_0=40 +lon_0=10 +x_0=1000 +ellps=GRS80 +units=m',
    '+proj=lcc +lat_1=46.8 +lat_0=46.8 +lon_0=3 +k_0=0.9999 +ellps=intl +towgs84=-87,-98,-121 +units=m',
    '+proj=laea +lat_0=45 +lon_0=9 +datum=WGS84 +units=m',
    '+proj=tmerc +lat_0=10 +lon_0=9 +k=0.9999 +x_0=5000 +ellps=bessel +towgs84=598.1,73.7,418.2,0.202,0.045,-2.455,6.7 +units=m',
    '+proj=stere +lat_0=90 +lat_ts=70 +lon_0=-45 +datum=WGS84 +units=m',
    '+proj=sterea +lat_0=52 +lon_0=5 +k=0.9999 +ellps=bessel +towgs84=565,50,465 +units=m',
    '+proj=merc +lon_0=10 +k=1 +datum=WGS84 +units=m',
    '+proj=sinu +lon_0=0 +a=6371007.181 +b=6371007.181 +units=m',
    '+proj=eqc +lat_ts=40 +lon_0=5 +datum=WGS84 +units=m',
    '+proj=longlat +ellps=intl +towgs84=-87,-98,-121',
  ]
  const MAKE = `
answer = []
for i, text in enumerate(job['definitions']):
    s = osr.SpatialReference(); s.SetFromUserInput(text); s.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    w = osr.SpatialReference(); w.ImportFromEPSG(4326); w.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    area = s.GetAreaOfUse()
    lon, lat = 10.3, 46.2
    if area and text.startswith("EPSG"): lon, lat = (area.west_lon_degree * .6 + area.east_lon_degree * .4), (area.south_lat_degree * .45 + area.north_lat_degree * .55)
    if 'lat_0=90' in text: lon, lat = -30, 75
    if '-96' in text: lon, lat = -90, 40
    x, y = osr.CoordinateTransformation(w, s).TransformPoint(lon, lat)[:2]
    step = 0.001 if s.IsGeographic() else 10
    d = gdal.GetDriverByName('GTiff').Create('%s/crs%d.tif' % (job['folder'], i), 10, 10)
    d.SetProjection(s.ExportToWkt()); d.SetGeoTransform([x, step, 0, y, 0, -step]); d = None
    d = gdal.Open('%s/crs%d.tif' % (job['folder'], i)); t = d.GetSpatialRef(); t.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    answer.append(list(osr.CoordinateTransformation(t, w).TransformPoint(x, y)[:2]))
`
  it('agree with GDAL for EPSG codes and spelled-out systems', async () => {
    const expected = gdal<[number, number][]>(MAKE, { definitions, folder: folder.path })
    const off: string[] = []
    for (const [i, text] of definitions.entries()) {
      const raster = await openRaster({ kind: 'file', path: folder.file(`crs${i}.tif`) })
      const { grid, problem } = raster.header
      const [longitude, latitude] = expected[i] as [number, number]
      const point = grid && transformPoint(grid.crs, WGS84, grid.transform[0], grid.transform[3])
      const metres = point
        ? Math.hypot(
            (point[0] - longitude) * 111_320 * Math.cos((latitude * Math.PI) / 180),
            (point[1] - latitude) * 110_574,
          )
        : Number.NaN
      if (!(metres < (BY_GRID_FILE[text] ?? 0.01))) off.push(`${text}: ${metres} m, ${grid?.crs.proj4 ?? problem}`)
      await raster.close()
    }
    expect(off).toEqual([])
  })
})
