/** A small catalogue as back-ends have it: collections with items and pictures, processes, formats, runtimes, types. */
import type { FakeBackEnd } from './types.ts'

type Document = Record<string, unknown>
const QUERYABLES_REL = 'http://www.opengis.net/def/rel/ogc/1.0/queryables'
const NUMBER = { type: 'number' }
const CUBE = { type: 'object', subtype: 'datacube' }

const band = (name: string, commonName: string, gsd: number) => ({ name, common_name: commonName, gsd })
export const SENTINEL_2_BANDS = [
  band('B02', 'blue', 10),
  band('B03', 'green', 10),
  band('B04', 'red', 10),
  band('B08', 'nir', 10),
  band('B11', 'swir16', 20),
]

/** A whole STAC collection with a cube; bands in `summaries` and in `cube:dimensions`. */
export function sampleCollection(id: string, more: Document = {}): Document {
  const bands = (more.bands as typeof SENTINEL_2_BANDS | undefined) ?? SENTINEL_2_BANDS
  const { bands: _, ...rest } = more
  return {
    stac_version: '1.0.0',
    stac_extensions: ['https://stac-extensions.github.io/datacube/v2.2.0/schema.json'],
    type: 'Collection',
    id,
    title: id.replaceAll('_', ' '),
    description: `Scenes of **${id}**.`,
    keywords: ['optical', 'surface reflectance'],
    license: 'proprietary',
    providers: [{ name: 'Data Provider', roles: ['producer'], url: 'https://example.org' }],
    extent: { spatial: { bbox: [[-180, -56, 180, 83]] }, temporal: { interval: [['2015-07-06T00:00:00Z', null]] } },
    'cube:dimensions': {
      x: { type: 'spatial', axis: 'x', extent: [-180, 180], reference_system: 4326 },
      y: { type: 'spatial', axis: 'y', extent: [-56, 83], reference_system: 4326 },
      t: { type: 'temporal', extent: ['2015-07-06T00:00:00Z', null] },
      bands: { type: 'bands', values: bands.map(({ name }) => name) },
    },
    summaries: { platform: ['sentinel-2a', 'sentinel-2b'], 'eo:bands': bands, gsd: [10, 20] },
    links: [{ rel: 'license', href: 'https://example.org/licence', title: 'Licence' }],
    ...rest,
  }
}

export function sampleProcess(id: string, parameters: Document[], more: Document = {}): Document {
  return {
    id,
    summary: `What ${id} does`,
    description: `The process *${id}*.`,
    categories: ['cubes'],
    parameters,
    returns: { description: 'The outcome.', schema: CUBE },
    examples: [],
    links: [],
    ...more,
  }
}
const parameter = (name: string, schema: unknown, more: Document = {}): Document => ({
  name,
  description: `The ${name}.`,
  schema,
  ...more,
})

export const SAMPLE_PROCESSES: Document[] = [
  sampleProcess('load_collection', [
    parameter('id', { type: 'string', subtype: 'collection-id' }),
    parameter('spatial_extent', { type: 'object', subtype: 'bounding-box' }),
    parameter('temporal_extent', { type: 'array', subtype: 'temporal-interval' }),
    parameter('bands', { type: 'array' }, { optional: true, default: null }),
    parameter('properties', { type: 'object' }, { optional: true, default: {} }),
  ]),
  sampleProcess('ndvi', [parameter('data', CUBE), parameter('nir', { type: 'string' }, { optional: true })]),
  sampleProcess('reduce_dimension', [
    parameter('data', CUBE),
    parameter('reducer', { type: 'object', subtype: 'process-graph' }),
    parameter('dimension', { type: 'string' }),
  ]),
  sampleProcess('mean', [parameter('data', { type: 'array', items: NUMBER })], { categories: ['math', 'reducer'] }),
  sampleProcess('save_result', [parameter('data', CUBE), parameter('format', { type: 'string' })]),
]

/** A scene a day from 2026-06-01 on, each a degree further east. */
export const sampleItems = (collection: string, count: number, origin: string): Document[] =>
  Array.from({ length: count }, (_, n) => {
    const [west, south] = [n % 170, 40]
    return {
      type: 'Feature',
      stac_version: '1.0.0',
      id: `${collection}-${String(n).padStart(4, '0')}`,
      collection,
      bbox: [west, south, west + 1, south + 1],
      geometry: {
        type: 'Polygon',
        coordinates: [
          [
            [west, south],
            [west + 1, south],
            [west + 1, south + 1],
            [west, south + 1],
            [west, south],
          ],
        ],
      },
      properties: { datetime: new Date(Date.UTC(2026, 5, 1 + n, 10)).toISOString(), 'eo:cloud_cover': (n * 7) % 100 },
      assets: {
        thumbnail: { href: `${origin}/previews/${collection}-${n}.png`, type: 'image/png', roles: ['thumbnail'] },
        B04: { href: `${origin}/files/${collection}-${n}-B04.tif`, type: 'image/tiff; application=geotiff' },
      },
      links: [],
    }
  })

/** Links to look at a collection: tiles, WMTS and a picture, as `web-map-links` and STAC write them. */
export const previewLinks = (origin: string): Document[] => [
  { rel: 'xyz', href: `${origin}/tiles/mosaic/{z}/{x}/{y}`, type: 'image/png', title: 'Mosaic' },
  { rel: 'wmts', href: `${origin}/wmts`, type: 'image/png', title: 'Mosaic', 'wmts:layer': 'mosaic' },
  { rel: 'preview', href: `${origin}/previews/quicklook.png`, type: 'image/png', title: 'Quicklook' },
]

const format = (title: string) => ({ title, gis_data_types: ['raster'], parameters: {} })
const option = (type: string, description: string, more: Document = {}) => ({ type, description, ...more })

/** Fills a fake with the samples: SENTINEL2_L2A with queryables, items and pictures, SENTINEL1_GRD and a terrain model. */
export function fillWithSamples(backEnd: FakeBackEnd): FakeBackEnd {
  const { origin, url } = backEnd
  const queryables = { rel: QUERYABLES_REL, href: `${url}/collections/SENTINEL2_L2A/queryables` }
  const items = { rel: 'items', href: `${url}/collections/SENTINEL2_L2A/items`, type: 'application/geo+json' }
  backEnd.collections = [
    sampleCollection('SENTINEL2_L2A', {
      assets: { thumbnail: { href: `${origin}/previews/s2.png`, type: 'image/png', roles: ['thumbnail'] } },
      links: [queryables, items, ...previewLinks(origin)],
    }),
    sampleCollection('SENTINEL1_GRD', {
      keywords: ['radar', 'C-band'],
      bands: [band('VV', 'VV', 10), band('VH', 'VH', 10)],
      experimental: true,
    }),
    sampleCollection('COPERNICUS_30', { keywords: ['elevation'], bands: [band('DEM', 'dem', 30)], deprecated: true }),
  ]
  backEnd.queryables.set('SENTINEL2_L2A', {
    $schema: 'https://json-schema.org/draft/2019-09/schema',
    $id: `${url}/collections/SENTINEL2_L2A/queryables`,
    type: 'object',
    properties: {
      'eo:cloud_cover': { title: 'Cloud cover', type: 'number', minimum: 0, maximum: 100 },
      platform: { title: 'Platform', type: 'string', enum: ['sentinel-2a', 'sentinel-2b'] },
    },
    additionalProperties: true,
  })
  backEnd.items.set('SENTINEL2_L2A', sampleItems('SENTINEL2_L2A', 45, origin))
  backEnd.processes = SAMPLE_PROCESSES
  backEnd.namespaces.set('user:somebody', [sampleProcess('shared_index', [parameter('data', CUBE)])])
  backEnd.fileFormats = {
    input: { GeoJSON: { ...format('GeoJSON'), gis_data_types: ['vector'] } },
    output: {
      GTiff: { ...format('GeoTIFF'), parameters: { tile_size: option('integer', 'Pixels.', { default: 512 }) } },
      netCDF: format('netCDF'),
      PNG: { ...format('PNG'), deprecated: true },
    },
  }
  backEnd.udfRuntimes = {
    Python: {
      type: 'language',
      title: 'Python',
      default: '3.11',
      versions: { '3.11': { libraries: { numpy: { version: '2.1' } } } },
    },
  }
  backEnd.serviceTypes = {
    XYZ: { title: 'XYZ tiles', configuration: { tile_size: option('integer', 'Pixels.') }, process_parameters: [] },
  }
  const memory = {
    name: 'driver-memory',
    description: 'Memory of the driver.',
    optional: true,
    default: '2G',
    schema: { type: 'string' },
  }
  backEnd.processingParameters = { create_job_parameters: [memory], create_synchronous_parameters: [] }
  return backEnd
}
