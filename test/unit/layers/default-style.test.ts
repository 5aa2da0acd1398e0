/** How a raster is first drawn. */
import { expect, test } from 'vitest'
import { defaultStyle, limits } from '../../../main/layers/default-style.ts'

const band = (dataType: string) => ({ name: 'b', dataType }) as never
const channel = (min: number, max: number, more: object = {}) => ({
  validCount: 10,
  min,
  max,
  p2: min,
  p98: max,
  ...more,
})

test.each([
  ['three byte bands are a picture', ['uint8', 'uint8', 'uint8'], channel(0, 200), 'rgb', 'greys', [0, 255]],
  [
    'three bands of reflectance are not',
    ['uint16', 'uint16', 'uint16'],
    channel(0, 9000),
    'colour-map',
    'viridis',
    [0, 9000],
  ],
  ['from -1 to 1 is an index', ['float32'], channel(-0.2, 0.9), 'colour-map', 'rdylgn', [-0.2, 0.9]],
  ['from 0 to 1 is a share, not an index', ['float32'], channel(0, 1), 'colour-map', 'viridis', [0, 1]],
  ['no values at all', ['float32'], channel(0, 0, { validCount: 0 }), 'colour-map', 'viridis', [0, 1]],
])('%s', (_what, types, first, mode, colourMap, stretch) => {
  expect(defaultStyle(types.map(band), [first])).toMatchObject({
    mode,
    colourMap,
    stretch: expect.arrayContaining([stretch]),
  })
})

test.each([
  [channel(5, 5), [4.95, 5.05]],
  [channel(0, 0), [-1, 1]],
  [channel(-3, 7, { p2: 2, p98: 2 }), [-3, 7]],
  [undefined, [0, 1]],
])('limits differ: %j', (first, expected) => expect(limits(first)).toEqual(expected))
