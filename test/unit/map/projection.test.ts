/** Promises: pixels and degrees agree both ways, boxes are fitted, also across the antimeridian. */
import { describe, expect, test } from 'vitest'
import type { Bbox } from '../../../preload/contract/vocabulary.ts'
import * as projection from '../../../renderer/map/projection.ts'

const view = { longitude: 11.3, latitude: 46.5, zoom: 9.3, width: 900, height: 600 }

describe('degrees and pixels', () => {
  test('the centre of the view is the middle of the map', () => {
    const [x, y] = projection.project(view, [11.3, 46.5])
    expect(x).toBeCloseTo(450, 9)
    expect(y).toBeCloseTo(300, 9)
  })
  test('agree both ways, past the antimeridian too', () => {
    for (const at of [
      [0, 0],
      [899, 3],
      [450, 300],
      [-4000, 9000],
    ] as const) {
      const back = projection.project(view, projection.unproject(view, at))
      expect(back[0]).toBeCloseTo(at[0], 5)
      expect(back[1]).toBeCloseTo(at[1], 5)
    }
    const east = { ...view, longitude: 179.9, zoom: 5 }
    expect(projection.unproject(east, [900, 300])[0]).toBeGreaterThan(180)
  })
  test('follow EPSG:3857: one degree at the equator is 111319.49 m', () => {
    const flat = { longitude: 0, latitude: 0, zoom: 8, width: 100, height: 100 }
    const [x0] = projection.project(flat, [0, 0])
    const [x1] = projection.project(flat, [1, 0])
    expect((x1 - x0) * projection.metresPerPixel(0, 8)).toBeCloseTo(111_319.49, 1)
  })
  test('latitude ends at the edge of the Mercator square', () => {
    expect(projection.unproject(view, [0, -1e7])[1]).toBe(projection.MAX_LATITUDE)
  })
})

describe('longitudes', () => {
  test.each([
    [181, -179],
    [-181, 179],
    [180, 180],
    [540, -180],
    [-180, -180],
  ])('%d is wrapped to %d', (given, wanted) => expect(projection.wrapLongitude(given)).toBe(wanted))
  test('the nearest copy continues a line', () => {
    expect(projection.nearestCopy(-179, 179)).toBe(181)
    expect(projection.nearestCopy(179, -179)).toBe(-181)
    expect(projection.nearestCopy(10, 20)).toBe(10)
  })
})

describe('fitting a box', () => {
  const inside = (bbox: Bbox) => {
    const fitted = { ...projection.fitted(bbox, 900, 600), width: 900, height: 600 }
    const east = bbox[2] < bbox[0] ? bbox[2] + 360 : bbox[2]
    return [
      [bbox[0], bbox[3]],
      [east, bbox[1]],
    ].map(([lon = 0, lat = 0]) => projection.project(fitted, [projection.nearestCopy(lon, fitted.longitude), lat]))
  }
  test.each([[[8, 45, 12, 48]], [[-10, -60, 30, 70]], [[170, -20, -170, 10]]] as [Bbox][])(
    '%j lies inside, as large as the padding lets it be',
    (bbox) => {
      const [[x0, y0], [x1, y1]] = inside(bbox) as [[number, number], [number, number]]
      expect(Math.min(x0, y0)).toBeGreaterThanOrEqual(40 - 1e-6)
      expect(x1).toBeLessThanOrEqual(860 + 1e-6)
      expect(y1).toBeLessThanOrEqual(560 + 1e-6)
      expect(Math.min(x0 - 40, y0 - 40)).toBeCloseTo(0, 6)
    },
  )
  test('a place without extent is not zoomed into nothing', () => {
    expect(projection.fitted([11, 46, 11, 46], 900, 600).zoom).toBe(16)
  })
})

test('zooming keeps the place under the pointer', () => {
  const anchor = [130, 520] as const
  const place = projection.unproject(view, anchor)
  const next = { ...view, ...projection.zoomedAt(view, 12.1, anchor) }
  const [x, y] = projection.project(next, place)
  expect(x).toBeCloseTo(130, 4)
  expect(y).toBeCloseTo(520, 4)
})

test('the scale bar is the longest of 1, 2, 5 that fits', () => {
  for (const zoom of [0, 3.3, 7, 12.6, 19]) {
    const { metres, widthPx } = projection.scaleBar(46, zoom, 120)
    expect(widthPx).toBeLessThanOrEqual(120)
    expect(widthPx).toBeGreaterThan(120 / 2.51)
    expect([1, 2, 5]).toContain(Number(metres.toExponential().split('e')[0]))
  }
  expect(projection.scaleBar(0, 10).label).toBe('5 km')
})

test('coordinates are written with as many decimals as the zoom tells apart', () => {
  expect(projection.coordinateLabel([190.12345678, -46.5], 2)).toBe('46.5° S, 169.9° W')
  expect(projection.decimalsAt(18)).toBe(6)
})

describe('a box is recognised in the view', () => {
  const wide = { longitude: 11, latitude: 47, zoom: 7, width: 800, height: 600 }
  test.for<[string, Bbox, boolean]>([
    ['in the middle', [10, 46, 12, 48], true],
    ['larger than the view', [-180, -80, 180, 80], true],
    ['too small', [11, 47, 11.05, 47.02], false],
    ['a thin strip, long enough', [10, 47, 12, 47.01], true],
    ['out of sight', [20, 46, 22, 48], false],
    ['on the other side of the world', [-170, -20, -160, -10], false],
  ])('%s', ([, bbox, is]) => {
    expect(projection.isRecognisable(wide, bbox)).toBe(is)
  })
  test('across the antimeridian, from either side', () => {
    const fiji: Bbox = [176, -20, -178, -12]
    expect(projection.isRecognisable({ ...wide, longitude: 179, latitude: -16 }, fiji)).toBe(true)
    expect(projection.isRecognisable({ ...wide, longitude: -179, latitude: -16 }, fiji)).toBe(true)
    expect(projection.isRecognisable({ ...wide, longitude: 0, latitude: -16 }, fiji)).toBe(false)
  })
})
