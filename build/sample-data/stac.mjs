/**
 * STAC documents of the sample collection (STAC 1.0 with the extensions eo, projection, raster, classification).
 */
import { BAND_NAMES, CLASSES, EPSG, ORIGIN, OVERPASSES, RESOLUTION_M, SCALE, SIZE } from './scene.mjs'

const EO = 'https://stac-extensions.github.io/eo/v1.1.0/schema.json'
const PROJECTION = 'https://stac-extensions.github.io/projection/v1.1.0/schema.json'
const RASTER = 'https://stac-extensions.github.io/raster/v1.1.0/schema.json'
const CLASSIFICATION = 'https://stac-extensions.github.io/classification/v1.1.0/schema.json'
const COLLECTION_ID = 'sample-landscape'

const EO_BANDS = [
  {
    name: 'B02',
    common_name: 'blue',
    description: 'Blue, 490 nm',
    center_wavelength: 0.49,
    full_width_half_max: 0.098,
  },
  {
    name: 'B03',
    common_name: 'green',
    description: 'Green, 560 nm',
    center_wavelength: 0.56,
    full_width_half_max: 0.045,
  },
  { name: 'B04', common_name: 'red', description: 'Red, 665 nm', center_wavelength: 0.665, full_width_half_max: 0.038 },
  {
    name: 'B08',
    common_name: 'nir',
    description: 'Near infrared, 842 nm',
    center_wavelength: 0.842,
    full_width_half_max: 0.145,
  },
  { name: 'SCL', description: 'Scene classification' },
]
const RASTER_BANDS = BAND_NAMES.map((name) => ({
  nodata: 0,
  data_type: 'uint16',
  spatial_resolution: RESOLUTION_M,
  ...(name === 'SCL' ? { 'classification:classes': CLASSES } : { scale: SCALE, offset: 0, unit: '1' }),
}))
const ASSET = {
  type: 'image/tiff; application=geotiff; profile=cloud-optimized',
  roles: ['data', 'reflectance'],
  title: 'Four bands and the scene classification',
  'eo:bands': EO_BANDS,
  'raster:bands': RASTER_BANDS,
}

/** Longitude and latitude (WGS 84) of UTM zone 32 north; series of Karney 2011 (arXiv:1002.1417) to the third order. */
function toDegrees(easting, northing) {
  const f = 1 / 298.257223563
  const n = f / (2 - f)
  const A = (6_378_137 / (1 + n)) * (1 + n ** 2 / 4 + n ** 4 / 64)
  const beta = [n / 2 - (2 / 3) * n ** 2 + (37 / 96) * n ** 3, n ** 2 / 48 + n ** 3 / 15, (17 / 480) * n ** 3]
  const delta = [2 * n - (2 / 3) * n ** 2 - 2 * n ** 3, (7 / 3) * n ** 2 - (8 / 5) * n ** 3, (56 / 15) * n ** 3]
  const xi = northing / (0.9996 * A)
  const eta = (easting - 500_000) / (0.9996 * A)
  let xi1 = xi
  let eta1 = eta
  beta.forEach((b, j) => {
    xi1 -= b * Math.sin(2 * (j + 1) * xi) * Math.cosh(2 * (j + 1) * eta)
    eta1 -= b * Math.cos(2 * (j + 1) * xi) * Math.sinh(2 * (j + 1) * eta)
  })
  const chi = Math.asin(Math.sin(xi1) / Math.cosh(eta1))
  const latitude = delta.reduce((sum, d, j) => sum + d * Math.sin(2 * (j + 1) * chi), chi)
  const longitude = Math.atan2(Math.sinh(eta1), Math.cos(xi1))
  const round = (degrees) => Math.round(degrees * 1e7) / 1e7
  return [round(9 + (longitude * 180) / Math.PI), round((latitude * 180) / Math.PI)]
}

const side = SIZE * RESOLUTION_M
const [west, north] = ORIGIN
const corners = [
  [west, north - side],
  [west + side, north - side],
  [west + side, north],
  [west, north],
].map(([x, y]) => toDegrees(x, y))
const span = (k) => [Math.min(...corners.map((c) => c[k])), Math.max(...corners.map((c) => c[k]))]
const bbox = [span(0)[0], span(1)[0], span(0)[1], span(1)[1]]

/** The item of one overpass; `cloudCover` in percent of what was seen. */
export function itemOf(overpass, cloudCover) {
  return {
    type: 'Feature',
    stac_version: '1.0.0',
    stac_extensions: [EO, PROJECTION, RASTER, CLASSIFICATION],
    id: overpass.id,
    collection: COLLECTION_ID,
    geometry: { type: 'Polygon', coordinates: [[...corners, corners[0]]] },
    bbox,
    properties: {
      datetime: overpass.datetime,
      gsd: RESOLUTION_M,
      'eo:cloud_cover': cloudCover,
      'proj:epsg': EPSG,
      'proj:shape': [SIZE, SIZE],
      'proj:transform': [RESOLUTION_M, 0, west, 0, -RESOLUTION_M, north],
      'view:sun_azimuth': overpass.sunAzimuthDeg,
      'view:sun_elevation': Math.round((90 - overpass.sunZenithDeg) * 100) / 100,
    },
    links: [
      { rel: 'collection', href: './collection.json', type: 'application/json' },
      { rel: 'parent', href: './collection.json', type: 'application/json' },
      { rel: 'root', href: './collection.json', type: 'application/json' },
    ],
    assets: { data: { href: `./${overpass.id}.tif`, ...ASSET } },
  }
}

/** The collection of all overpasses. */
export function collectionOf() {
  return {
    type: 'Collection',
    stac_version: '1.0.0',
    stac_extensions: [EO, RASTER, CLASSIFICATION, 'https://stac-extensions.github.io/item-assets/v1.0.0/schema.json'],
    id: COLLECTION_ID,
    title: 'Sample landscape',
    description:
      'An invented landscape as Sentinel-2 would see it: fields with their growing season, woods, a river and a town, every ' +
      'ten days of 2024, with clouds, their shadows and the scene classification. Reflectance times 10000; 0 is no data.',
    license: 'CC0-1.0',
    keywords: ['sample', 'synthetic', 'reflectance', 'time series'],
    extent: {
      spatial: { bbox: [bbox] },
      temporal: { interval: [[OVERPASSES[0].datetime, OVERPASSES.at(-1).datetime]] },
    },
    summaries: { gsd: [RESOLUTION_M], 'eo:bands': EO_BANDS },
    item_assets: { data: ASSET },
    links: [
      { rel: 'root', href: './collection.json', type: 'application/json' },
      ...OVERPASSES.map(({ id }) => ({ rel: 'item', href: `./${id}.json`, type: 'application/geo+json' })),
    ],
  }
}
