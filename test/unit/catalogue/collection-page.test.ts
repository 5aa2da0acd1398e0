/** Promise: a collection document of any version and any care is read completely, and a broken one breaks nothing. */
import { expect, test } from 'vitest'
import type { JsonObject } from '../../../preload/contract/vocabulary.ts'
import { bandRows } from '../../../renderer/catalogue/band-words.ts'
import {
  assetsOf,
  bboxesOf,
  intervalsOf,
  licenceOf,
  providersOf,
  successorsOf,
  timeBar,
} from '../../../renderer/catalogue/collection-page.ts'
import { dimensionRows, durationWords, systemWords } from '../../../renderer/catalogue/dimension-words.ts'
import { groupLinks, linksOf, selfAddress } from '../../../renderer/catalogue/link-words.ts'
import { resolutionOf, summaryFacts, summaryWords } from '../../../renderer/catalogue/summary-words.ts'

const byName = (document: JsonObject) => Object.fromEntries(bandRows(document).map(({ name, ...row }) => [name, row]))

test('bands of all three places become one table', () => {
  const rows = byName({
    'cube:dimensions': { bands: { type: 'bands', values: ['B04', 'B10', 'SCL'] } },
    summaries: {
      'eo:bands': [
        { name: 'B04', common_name: 'red', center_wavelength: 0.6649, full_width_half_max: 0.038, gsd: 10 },
        { name: 'B10', common_name: 'lwir11', center_wavelength: 10.895 },
      ],
      'raster:bands': [
        { data_type: 'uint16', nodata: 0, scale: 0.0001, offset: -0.1, unit: 'reflectance' },
        { data_type: 'uint16', scale: 1, offset: 0 },
        { data_type: 'uint8', nodata: 'nan' },
      ],
    },
  })
  expect(Object.keys(rows)).toEqual(['B04', 'B10', 'SCL'])
  expect(rows.B04).toEqual({
    commonName: 'red',
    description: '',
    wavelength: '664.9 nm ± 19 nm',
    resolution: '10 m',
    dataType: 'uint16',
    nodata: '0',
    unit: 'reflectance',
    scaling: '× 0.0001 − 0.1',
  })
  expect(rows.B10).toMatchObject({ wavelength: '10.9 µm', scaling: '', dataType: 'uint16' })
  expect(rows.SCL).toMatchObject({ nodata: 'nan', dataType: 'uint8' })
})

test('STAC 1.1 bands, and bands of the assets of items', () => {
  expect(byName({ bands: [{ name: 'a', 'eo:common_name': 'nir', gsd: 20, 'raster:scale': 0.5 }] })).toMatchObject({
    a: { commonName: 'nir', resolution: '20 m', scaling: '× 0.5' },
  })
  expect(byName({ item_assets: { B02: { gsd: 10, 'eo:bands': [{ common_name: 'blue' }] } } })).toMatchObject({
    B02: { commonName: 'blue', resolution: '10 m' },
  })
  // what the cube does not have cannot be loaded
  expect(
    Object.keys(
      byName({ 'cube:dimensions': { b: { type: 'bands', values: ['x'] } }, summaries: { bands: [{ name: 'y' }] } }),
    ),
  ).toEqual(['x'])
})

test('dimensions of every type', () => {
  const document = {
    'cube:dimensions': {
      x: { type: 'spatial', axis: 'x', extent: [11.2, 11.6], step: 10, reference_system: 32632 },
      t: { type: 'temporal', extent: ['2015-06-27T00:00:00Z', null], step: 'P10D' },
      open: { type: 'temporal', extent: [null, null] },
      bands: { type: 'bands', values: ['a', 'b', null, 'd', 'e', 'f', 'g', 'h', 'i'] },
      places: { type: 'geometry', bbox: [0, 0, 1, 1], geometry_types: ['Point'], reference_system: { name: 'WGS 84' } },
      height: { type: 'other', extent: [2, 100], unit: 'm', step: null },
      bare: {},
      bad: null,
    },
  } as unknown as JsonObject
  expect(dimensionRows(document).map(({ name, type, extent, more }) => [name, type, extent, more])).toEqual([
    ['x', 'space (x)', '11.2 to 11.6', 'step 10, EPSG:32632'],
    ['t', 'time', 'since 2015-06-27', 'step 10 days'],
    ['open', 'time', 'ends not stated', ''],
    ['bands', 'bands', 'a, b, none, d, e, f, g, h … (9)', ''],
    ['places', 'geometries', 'box 0, 0, 1, 1', 'WGS 84, Point'],
    ['height', 'other', '2 to 100', 'irregular steps, in m'],
    ['bare', 'type not stated', '', ''],
  ])
  expect(systemWords('GEOGCRS["WGS 84", …]')).toBe('WGS 84')
  expect(durationWords('P1M')).toBe('1 month')
  expect(durationWords('PT6H')).toBe('PT6H')
})

test('summaries in words', () => {
  const facts = summaryFacts({
    summaries: {
      platform: ['sentinel-2a', 'sentinel-2b'],
      'eo:cloud_cover': { minimum: 0, maximum: 95.2 },
      'view:sun_elevation': { minimum: 5, maximum: 5 },
      gsd: [10, 20],
      'proj:epsg': [32632, null],
      'eo:bands': [{ name: 'x' }],
      'processing:level': 'L2A',
      rating: { type: 'integer', enum: [1, 2] },
      empty: [],
      nothing: null,
      odd: { a: { b: 1 } },
    },
  })
  expect(Object.fromEntries(facts.map(({ label, value }) => [label, value]))).toEqual({
    Platform: 'sentinel-2a, sentinel-2b',
    'Cloud cover': '0 to 95.2 %',
    'Sun elevation': '5°',
    'Reference systems': 'EPSG:32632',
    'Processing level': 'L2A',
    rating: '1, 2',
    odd: 'a: {"b":1}',
  })
  // said once, among the first facts of the page
  expect(resolutionOf({ summaries: { gsd: [10, 20] } }, 10)).toBe('10 m, 20 m')
  expect(resolutionOf({ summaries: {} }, 30)).toBe('30 m')
  expect(summaryWords(Array.from({ length: 40 }, (_, index) => index))).toMatch(/ … \(40\)$/)
})

test('extents: several boxes, with heights, without the list, across the antimeridian', () => {
  const of = (bbox: unknown) => bboxesOf({ extent: { spatial: { bbox } } } as unknown as JsonObject)
  expect(of([[-180, -90, 180, 90], [176, -20, -178, -12]])).toHaveLength(2) // biome-ignore format: short
  expect(of([0, 1, 2, 3])).toEqual([[0, 1, 2, 3]])
  expect(of([[0, 1, -5, 2, 3, 5000]])).toEqual([[0, 1, 2, 3]])
  for (const bad of [null, [], [null], [[1, 2]], [['a', 1, 2, 3]], 'x', [[null, null, null, null]]])
    expect(of(bad)).toEqual([])
  const times = (interval: unknown) => intervalsOf({ extent: { temporal: { interval } } } as unknown as JsonObject)
  expect(
    times([
      ['2020-01-01T00:00:00Z', null],
      [null, null],
      ['never', 3],
    ]),
  ).toEqual([['2020-01-01T00:00:00Z', null]])
  expect(times(['2020-01-01', '2021-01-01'])).toEqual([['2020-01-01', '2021-01-01']])
  expect(intervalsOf({})).toEqual([])
})

test('the time bar', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  expect(timeBar([], now)).toBeNull()
  const bar = timeBar([['2016-01-01T00:00:00Z', null]], now)
  expect(bar).toMatchObject({
    from: Date.parse('2016-01-01'),
    to: now,
    spans: [{ from: 0, to: 1, isOpenEnd: true, isOpenStart: false }],
  })
  const before = timeBar(
    [
      [null, '2010-01-01'],
      ['2015-01-01', '2020-01-01'],
    ],
    now,
  )
  expect(before?.spans[0]).toMatchObject({ from: 0, isOpenStart: true })
  expect(before?.spans[1]?.to).toBeCloseTo(1)
  expect(timeBar([['2020-01-01', '2020-01-01']], now)?.spans[0]).toMatchObject({ from: 0, to: 0 })
})

test('licence, providers, assets, successors, links', () => {
  const base = 'https://a.b/openeo/1.2/collections/X'
  const document = {
    license: 'proprietary',
    links: [
      { rel: 'license', href: '../../terms', title: 'Terms' },
      { rel: 'latest-version', href: 'https://a.b/Y' },
      { rel: 'about', href: 'https://www.a.b/x.pdf', type: 'application/pdf' },
      { rel: 'self', href: base },
      { rel: 'odd', href: 'javascript:alert(1)' },
      { rel: 'none' },
      null,
    ],
    providers: [{ name: 'ESA', roles: ['producer', 'licensor'], url: 'https://esa.int' }, {}, 'x'],
    assets: { thumbnail: { href: 'thumb.png', type: 'image/png', roles: ['thumbnail'] }, bad: 3 },
  } as unknown as JsonObject
  expect(licenceOf(document, base)).toMatchObject({
    words: 'Own terms',
    links: [{ href: 'https://a.b/openeo/terms', words: 'Terms' }],
  })
  expect(licenceOf({ license: 'CC-BY-4.0' })?.words).toBe('CC-BY-4.0')
  expect(licenceOf({})).toBeNull()
  expect(providersOf(document)).toMatchObject([
    { name: 'ESA', roles: 'produces, licenses' },
    { name: 'A provider without a name' },
  ])
  expect(assetsOf(document, base)).toMatchObject([
    { key: 'thumbnail', href: 'https://a.b/openeo/1.2/collections/thumb.png' },
  ])
  expect(successorsOf(document, base)).toHaveLength(1)
  expect(groupLinks(linksOf(document, base)).map(({ title, links }) => [title, links.length])).toEqual([
    ['About', 1],
    ['Licence', 1],
    ['Versions', 1],
    ['Catalogue', 1],
    ['Others', 1],
  ])
  expect(linksOf(document, base).find(({ rel }) => rel === 'about')).toMatchObject({
    words: 'www.a.b/x.pdf',
    note: 'PDF',
  })
  expect(selfAddress({ links: [{ rel: 'self', href: '/x' }] }, 'https://a.b/c')).toBe('https://a.b/x')
  expect(selfAddress({}, undefined)).toBeUndefined()
})

test('documents of nothing but wrong shapes', () => {
  for (const wrong of [null, 3, 'x', [], [null], {}, { x: null }]) {
    const document = Object.fromEntries(
      ['cube:dimensions', 'summaries', 'bands', 'item_assets', 'extent', 'links', 'providers', 'assets', 'license'].map(
        (name) => [name, wrong],
      ),
    ) as unknown as JsonObject
    bandRows(document)
    dimensionRows(document)
    summaryFacts(document)
    expect(bboxesOf(document)).toEqual([])
    expect(intervalsOf(document)).toEqual([])
    licenceOf(document)
    providersOf(document)
    assetsOf(document, 'https://a.b')
    linksOf(document)
  }
})
