/** The box of a collection holds all scenes, across the antimeridian too. */
import { expect, test } from 'vitest'
import type { Scene } from '../../../../main/local/model.ts'
import { unitedBox } from '../../../../main/local/server/collection-document.ts'
import { boxGeometry, nodataWord, stacInterval } from '../../../../main/local/server/stac-terms.ts'

const scenes = (...boxes: Scene['bbox'][]): Scene[] =>
  boxes.map((bbox, i) => ({ id: String(i), datetime: null, bbox, bands: [] }))

test.each([
  ['one scene', [[5, 46, 6, 47]], [5, 46, 6, 47]],
  [
    'two beside each other',
    [
      [5, 46, 6, 47],
      [7, 45, 8, 46],
    ],
    [5, 45, 8, 47],
  ],
  [
    'both sides of Greenwich',
    [
      [-3, 50, -1, 51],
      [1, 50, 3, 51],
    ],
    [-3, 50, 3, 51],
  ],
  [
    'far east and far west without a crossing',
    [
      [-170, 0, -160, 1],
      [160, 0, 170, 1],
    ],
    [-170, 0, 170, 1],
  ],
  ['a scene across the antimeridian', [[179, -18, -179, -17]], [179, -18, -179, -17]],
  [
    'one across and one on each side',
    [
      [179, -18, -179, -17],
      [177, -19, 178, -18],
      [-178, -17, -176, -16],
    ],
    [177, -19, -176, -16],
  ],
  ['all around', [[-180, -90, 180, 90]], [-180, -90, 180, 90]],
] as [string, Scene['bbox'][], Scene['bbox']][])('%s', (_, boxes, united) => {
  expect(unitedBox(scenes(...boxes))).toEqual(united)
})

test('a box across the antimeridian is two polygons; intervals end before what they exclude; NaN has a word', () => {
  expect(boxGeometry([179, -18, -179, -17])).toMatchObject({ type: 'MultiPolygon' })
  expect(boxGeometry([5, 46, 6, 47])).toMatchObject({ type: 'Polygon' })
  expect(stacInterval(['2023-06-01T00:00:00Z', '2023-07-01T00:00:00Z'])).toEqual([
    '2023-06-01T00:00:00Z',
    '2023-06-30T23:59:59.999Z',
  ])
  expect(stacInterval(['2023-06-01T00:00:00Z', '2023-06-01T00:00:00Z'])[1]).toBe('2023-06-01T00:00:00Z')
  expect([Number.NaN, -Infinity, 0, null].map(nodataWord)).toEqual([
    { nodata: 'nan' },
    { nodata: '-inf' },
    { nodata: 0 },
    {},
  ])
})
