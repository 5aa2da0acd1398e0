/** Any GeoJSON with polygons becomes areas; everything else gets a sentence that says what is wrong. */
import { expect, test } from 'vitest'
import { readAreas } from '../../../main/areas/read-geometry.ts'

const square = [
  [
    [10, 45],
    [11, 45],
    [11, 46],
    [10, 46],
    [10, 45],
  ],
]
const polygon = { type: 'Polygon', coordinates: square }
const feature = (name?: unknown) => ({ type: 'Feature', properties: { name }, geometry: polygon })

test('polygons of features keep their names, others are left out', () => {
  const text = JSON.stringify({
    type: 'FeatureCollection',
    features: [feature('Field'), feature(7), feature(), { type: 'Feature', geometry: { type: 'Point' } }, null],
  })
  expect(readAreas(text).map((area) => area.name)).toEqual(['Field', '7', null])
})

test('a bare geometry, a geometry collection and a byte order mark are read', () => {
  expect(readAreas(`\uFEFF${JSON.stringify(polygon)}`)).toHaveLength(1)
  const nested = {
    type: 'GeometryCollection',
    geometries: [polygon, { type: 'GeometryCollection', geometries: [polygon] }],
  }
  expect(readAreas(JSON.stringify(nested))).toHaveLength(2)
})

test('an open ring is closed, heights are dropped', () => {
  const open = {
    type: 'Polygon',
    coordinates: [
      [
        [0, 0, 5],
        [1, 0, 5],
        [1, 1, 5],
      ],
    ],
  }
  expect(readAreas(JSON.stringify(open))[0]?.geometry.coordinates).toEqual([
    [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 0],
    ],
  ])
})

test.each([
  ['not json', /not JSON/],
  ['[]', /not GeoJSON/],
  ['{"type":"FeatureCollection","features":[]}', /no polygon/],
  ['{"type":"Point","coordinates":[1,2]}', /points or lines only/],
  ['{"type":"Polygon","coordinates":[]}', /empty/],
  ['{"type":"Polygon","coordinates":[[[0,0],[1,1]]]}', /fewer than three/],
  ['{"type":"Polygon","coordinates":[[[0,"a"],[1,1],[2,2]]]}', /pair of numbers/],
  ['{"type":"Polygon","coordinates":[[[500000,5400000],[500010,5400000],[500010,5400010]]]}', /projected/],
  ['{"type":"Polygon","coordinates":[[[0,1e999],[1,1],[2,2]]]}', /range/],
  [
    JSON.stringify({ ...polygon, crs: { type: 'name', properties: { name: 'urn:ogc:def:crs:EPSG::32632' } } }),
    /another coordinate/,
  ],
])('%s', (text, message) => {
  expect(() => readAreas(text)).toThrow(
    expect.objectContaining({ code: 'invalid-input', message: expect.stringMatching(message) }),
  )
})

test('deep nesting does not end the process', () => {
  let nested: unknown = polygon
  for (let depth = 0; depth < 2000; depth++) nested = { type: 'GeometryCollection', geometries: [nested] }
  expect(readAreas(JSON.stringify(nested))).toHaveLength(1)
})
