/** Documents as back-ends write them, with everything that a page can show; the words are invented. */
import type { Entry, EntryKey } from '../../../preload/contract/catalogue.ts'
import type { JsonObject } from '../../../preload/contract/vocabulary.ts'

export const processDocument: JsonObject = {
  id: 'load_things',
  summary: 'Load things',
  description:
    'Loads **things** of a collection.\n\n* by `bands`\n* by time\n\nSee [the guide](https://guide.example/x).',
  categories: ['cubes', 'import'],
  experimental: true,
  version: '1.4.0',
  parameters: [
    {
      name: 'id',
      description: 'Which one.',
      schema: { type: 'string', subtype: 'collection-id', pattern: '^[\\w\\-]+$' },
    },
    {
      name: 'spatial_extent',
      description: 'Where.',
      schema: [
        {
          title: 'Bounding Box',
          type: 'object',
          subtype: 'bounding-box',
          required: ['west', 'south', 'east', 'north'],
        },
        { title: 'GeoJSON', description: 'Polygons only.', type: 'object', subtype: 'geojson', deprecated: true },
        { title: 'No filter', description: 'Everything.', type: 'null' },
      ],
    },
    {
      name: 'reducer',
      description: 'What becomes of the values.',
      schema: {
        type: 'object',
        subtype: 'process-graph',
        parameters: [
          { name: 'data', description: 'The values.', schema: { type: 'array', items: { type: 'number' } } },
        ],
        returns: { schema: { type: ['number', 'null'] } },
      },
    },
    {
      name: 'limit',
      description: 'How many at most.',
      optional: true,
      default: 10,
      schema: { type: 'integer', minimum: 1, maximum: 100 },
      'federation:backends': ['north'],
    },
  ],
  returns: { description: 'A cube.', schema: { type: 'object', subtype: 'raster-cube' } },
  exceptions: { NothingThere: { message: 'There is nothing in the `extent`.', http: 400 } },
  examples: [{ title: 'All of it', arguments: { id: 'X', limit: 5 }, returns: { dims: 3 } }],
  links: [{ rel: 'about', href: 'https://guide.example/load', title: 'Guide' }],
}

export const collectionDocument: JsonObject = {
  stac_version: '1.1.0',
  type: 'Collection',
  id: 'SENTINEL_2',
  title: 'Sentinel-2, level 2A',
  description: 'Surface reflectance.\n\n![Logo](https://pictures.example/logo.png)\n\n[Terms](javascript:alert(1))',
  license: 'CC-BY-4.0',
  deprecated: true,
  version: '3',
  keywords: ['optical', 'land'],
  extent: {
    spatial: { bbox: [[-180, -56, 180, 83], [10, 45, 12, 47]] }, // biome-ignore format: short
    temporal: { interval: [['2015-07-04T00:00:00Z', null]] },
  },
  providers: [{ name: 'ESA', roles: ['producer', 'licensor'], url: 'https://esa.example' }],
  'cube:dimensions': {
    x: { type: 'spatial', axis: 'x', extent: [-180, 180], step: 10, reference_system: 32632 },
    t: { type: 'temporal', extent: ['2015-07-04T00:00:00Z', null] },
    bands: { type: 'bands', values: ['B04', 'B08', 'SCL'] },
  },
  summaries: {
    platform: ['sentinel-2a', 'sentinel-2b'],
    'eo:cloud_cover': { minimum: 0, maximum: 100 },
    'eo:bands': [
      { name: 'B04', common_name: 'red', center_wavelength: 0.665, gsd: 10 },
      { name: 'B08', common_name: 'nir', center_wavelength: 0.842, gsd: 10 },
      { name: 'SCL', description: 'Scene classification' },
    ],
    'raster:bands': [
      { data_type: 'uint16', scale: 0.0001, nodata: 0 },
      { data_type: 'uint16', scale: 0.0001, nodata: 0 },
      { data_type: 'uint8' },
    ],
  },
  assets: {
    thumbnail: { href: 'https://pictures.example/t.png', title: 'Overview', type: 'image/png', roles: ['thumbnail'] },
  },
  links: [
    { rel: 'license', href: 'https://licence.example/by', title: 'CC BY 4.0' },
    { rel: 'successor-version', href: 'https://back-end.example/collections/SENTINEL_2_C1', title: 'Collection 1' },
    { rel: 'self', href: 'https://back-end.example/collections/SENTINEL_2' },
  ],
}

export const runtimeDocument: JsonObject = {
  title: 'Python',
  type: 'language',
  description: 'Runs Python.',
  default: '3.11',
  versions: {
    '3.8': { libraries: {} },
    '3.11': { libraries: { numpy: { version: '1.26.0' }, xarray: { version: '2024.1' } } },
  },
}
export const formatDocument: JsonObject = {
  title: 'GeoTIFF',
  gis_data_types: ['raster'],
  parameters: {
    tile_size: { type: 'integer', description: 'Pixels of a **tile**.', minimum: 16, default: 512, required: true },
  },
}
export const serviceDocument: JsonObject = {
  title: 'XYZ tiles',
  configuration: { version: { type: 'string', enum: ['1.0.0'], description: 'Which version.' } },
  process_parameters: [{ name: 'zoom', description: 'The level.', schema: { type: 'integer' } }],
}

export const keyOf = (kind: EntryKey['kind'], id: string, more: Partial<EntryKey> = {}): EntryKey =>
  ({ connectionId: 'embedded', kind, namespace: kind === 'process' ? 'backend' : '', id, ...more }) as EntryKey

export const entryOf = (key: EntryKey, document: JsonObject, more: Partial<Entry> = {}): Entry => ({
  key,
  title: typeof document.title === 'string' ? document.title : key.id,
  document,
  collection: null,
  isComplete: true,
  failure: null,
  members: [],
  isMissing: false,
  asOf: new Date(Date.now() - 120_000).toISOString(),
  ...more,
})

export const itemOf = (index: number, more: object = {}) => ({
  id: `S2A_2025${String(index).padStart(4, '0')}`,
  datetime: `2025-06-${String((index % 28) + 1).padStart(2, '0')}T10:20:31.024Z`,
  bbox: [11, 47, 12, 48],
  geometry: null,
  cloudCover: index % 100,
  thumbnailId: `thumb-${index}`,
  document: { id: `item-${index}`, properties: { index } },
  ...more,
})
