/** A missing handler does not compile; the vocabulary refuses what it should. */
import { expect, expectTypeOf, test } from 'vitest'
import { areaKm2, bboxGeometry, geometryBbox } from '../../../preload/contract/geodesy.ts'
import { type Client, contract, type Handlers } from '../../../preload/contract/index.ts'
import { AreaGeometry, type Bbox, TemporalExtent } from '../../../preload/contract/vocabulary.ts'

test('a feature with a missing handler is a type error', () => {
  // @ts-expect-error: remove, restore and the rest are missing
  const broken: Handlers<'areas'> = { list: async () => [] }
  expect(broken).toBeDefined()
  expectTypeOf<Client['areas']['remove']>().returns.resolves.toEqualTypeOf<void>()
})

test('every call and event of every feature is a schema', () => {
  for (const [name, feature] of Object.entries(contract)) {
    for (const call of Object.values(feature.calls)) {
      expect(typeof call.input.safeParse, name).toBe('function')
      expect(typeof call.output.safeParse, name).toBe('function')
    }
    for (const event of Object.values(feature.events)) expect(typeof event.safeParse, name).toBe('function')
  }
})

test.each([
  ['http://proxy.example:3128', true],
  ['', true],
  ['http://user:secret@proxy.example:3128', false],
  ['socks5://user@proxy.example', false],
])('a proxy at %s', (url, isTaken) => {
  expect(contract.settings.calls.change.input.safeParse({ proxy: { mode: 'fixed', url } }).success).toBe(isTaken)
})

test('geometries and time ranges that are none are refused', () => {
  expect(AreaGeometry.safeParse({ type: 'Point', coordinates: [1, 2] }).success).toBe(false)
  expect(AreaGeometry.safeParse({ type: 'Polygon', coordinates: [[[0, 0]]] }).success).toBe(false)
  expect(TemporalExtent.safeParse(['2024-02-30', null]).success).toBe(false)
  expect(TemporalExtent.safeParse(['2024-02-29', null]).success).toBe(true)
})

// reference: GDAL/PROJ geodesic area (pyproj.Geod.geometry_area_perimeter, WGS 84) of the same boxes, in km²; a box
// follows parallels here and geodesics there, so the boxes are small
test.each([
  { bbox: [11, 46, 11.1, 46.1] as Bbox, km2: 86.0246 },
  { bbox: [0, 0, 0.1, 0.1] as Bbox, km2: 123.0907 },
  { bbox: [-60.1, -10.1, -60, -10] as Bbox, km2: 121.2514 },
])('area of $bbox', ({ bbox, km2 }) => {
  expect(areaKm2(bboxGeometry(bbox))).toBeGreaterThan(km2 * 0.999)
  expect(areaKm2(bboxGeometry(bbox))).toBeLessThan(km2 * 1.001)
})

test('the whole globe has the area of the ellipsoid', () => {
  expect(areaKm2(bboxGeometry([-180, -90, 180, 90]))).toBeCloseTo(510_065_621.7, -1)
})

test('a box over the antimeridian is two polygons with one box around them', () => {
  const geometry = bboxGeometry([170, -10, -170, 10])
  expect(geometry.type).toBe('MultiPolygon')
  expect(geometryBbox(geometry)).toEqual([170, -10, -170, 10])
  expect(areaKm2(geometry)).toBeCloseTo(areaKm2(bboxGeometry([0, -10, 20, 10])), 3)
})

test('a hole subtracts', () => {
  const outer = bboxGeometry([0, 0, 2, 2]) as Extract<AreaGeometry, { type: 'Polygon' }>
  const hole = bboxGeometry([0.5, 0.5, 1.5, 1.5]) as Extract<AreaGeometry, { type: 'Polygon' }>
  const ring: AreaGeometry = { type: 'Polygon', coordinates: [...outer.coordinates, ...hole.coordinates] }
  expect(areaKm2(ring)).toBeCloseTo(areaKm2(outer) - areaKm2(hole), 6)
})
