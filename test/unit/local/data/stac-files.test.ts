/** STAC documents tell bands, dates and nodata in both versions; hostile ones tell nothing and break nothing. */
import { expect, test } from 'vitest'
import { readStacDocument } from '../../../../main/local/data/stac-files.ts'

const item = (assets: object, properties: object = { datetime: '2023-06-01T10:00:00Z' }) => ({
  type: 'Feature',
  stac_version: '1.0.0',
  id: 'one',
  properties,
  assets,
})
const firstItem = (value: unknown) => {
  const document = readStacDocument(value)
  return document.kind === 'items' ? document.items[0] : undefined
}

test('bands of STAC 1.0 and of 1.1 read alike', () => {
  const old = firstItem(
    item({
      a: {
        href: 'a.tif',
        'eo:bands': [{ name: 'B04', common_name: 'red' }],
        'raster:bands': [{ nodata: 0, scale: 0.0001, offset: -0.1 }],
      },
    }),
  )
  const young = firstItem(
    item({
      a: {
        href: 'a.tif',
        bands: [{ name: 'B04', 'eo:common_name': 'red', nodata: 0, 'raster:scale': 0.0001, 'raster:offset': -0.1 }],
      },
    }),
  )
  expect(old).toEqual(young)
  expect(old?.assets[0]?.bands).toEqual([
    { name: 'B04', commonName: 'red', description: null, classes: [], nodata: 0, scale: 0.0001, offset: -0.1 },
  ])
})

test('nodata may be a word, times may be a range, bands may stand in the properties', () => {
  const read = firstItem(
    item(
      {
        a: {
          href: 'a.tif',
          'raster:bands': [{ nodata: 'nan' }, { nodata: '-inf' }, { nodata: '-9999' }, { nodata: 'none' }],
        },
      },
      { datetime: null, start_datetime: '2023-06-01T00:00:00+02:00' },
    ),
  )
  expect(read?.assets[0]?.bands?.map(({ nodata }) => nodata)).toEqual([Number.NaN, -Infinity, -9999, null])
  expect(read?.datetime).toBe('2023-05-31T22:00:00Z')
  const shared = firstItem(item({ a: { href: 'a.tif' } }, { datetime: 'soon', 'eo:bands': [{ name: 'x' }] }))
  expect([shared?.datetime, shared?.assets[0]?.bands?.[0]?.name]).toEqual([null, 'x'])
})

test('a collection gives its items bands by key', () => {
  const document = readStacDocument({
    type: 'Collection',
    stac_version: '1.0.0',
    id: 'c',
    title: 'T',
    license: 'CC0-1.0',
    item_assets: { data: { 'eo:bands': [{ name: 'B1' }] } },
  })
  expect(document).toMatchObject({
    kind: 'collection',
    collection: { id: 'c', title: 'T', license: 'CC0-1.0', description: null },
  })
  expect(document.kind === 'collection' && document.collection.assetBands.get('data')?.[0]?.name).toBe('B1')
})

test.each([
  [null],
  [1],
  ['x'],
  [[]],
  [{}],
  [{ type: 'Feature' }],
  [{ type: 'Feature', stac_version: 1, id: 'x', assets: {} }],
  [{ type: 'Feature', stac_version: '1.0.0', id: 7, assets: {} }],
  [{ type: 'Collection', stac_version: '1.0.0' }],
  [{ type: 'FeatureCollection', features: 'none' }],
  [{ type: 'Feature', geometry: null, properties: {}, assets: {}, id: 'geojson' }],
])('%j is no STAC document', (value) => {
  expect(readStacDocument(value)).toEqual({ kind: 'none' })
})

test('wrong types inside are left out', () => {
  const read = firstItem(
    item(
      {
        a: { href: 5 },
        b: {
          href: 'b.tif',
          roles: [1, 'data'],
          'eo:bands': 'B1',
          'raster:bands': [
            null,
            4,
            { nodata: {}, 'classification:classes': [{ value: 1.5 }, { value: 2, name: 'a b' }, null] },
          ],
        },
      },
      [],
    ),
  )
  expect(read?.assets.map(({ key }) => key)).toEqual(['b'])
  expect(read?.assets[0]).toMatchObject({ roles: ['data'] })
  expect(read?.assets[0]?.bands?.[2]?.classes).toEqual([{ value: 2, name: 'a_b', description: 'a b' }])
})
