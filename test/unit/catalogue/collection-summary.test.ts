/** A collection document of any server becomes a summary that the contract takes, or null; never a failure. */
import { expect, test } from 'vitest'
import { summarize } from '../../../main/catalogue/collection-summary.ts'
import { CollectionSummary } from '../../../preload/contract/catalogue.ts'

const id = 'c' as never
test('bands, instants, box and resolution of a whole document', () => {
  const summary = summarize(
    {
      id: 'S2',
      title: 'Sentinel-2',
      extent: {
        spatial: { bbox: [[-10, 40, 0, 20, 60, 9]] },
        temporal: { interval: [['2015-06-27T00:00:00Z', null]] },
      },
      'cube:dimensions': {
        t: { type: 'temporal', values: ['2025-01-01T00:00:00Z'] },
        bands: { type: 'bands', values: ['B04', 'B08', 'B08'] },
      },
      summaries: {
        'eo:bands': [
          { name: 'B04', common_name: 'red', gsd: 10 },
          { name: 'B08', common_name: 'nir' },
        ],
        gsd: [20],
      },
    },
    id,
  )
  expect(CollectionSummary.parse(summary)).toEqual({
    connectionId: 'c',
    id: 'S2',
    title: 'Sentinel-2',
    description: '',
    bbox: [-10, 40, 20, 60],
    interval: ['2015-06-27T00:00:00Z', null],
    bands: [
      { name: 'B04', commonName: 'red' },
      { name: 'B08', commonName: 'nir' },
    ],
    instants: ['2025-01-01T00:00:00Z'],
    resolutionM: 10,
  })
})

test.each([
  ['no extent', { id: 'a' }],
  ['nulls everywhere', { id: 'a', title: null, extent: null, 'cube:dimensions': null, summaries: null, bands: null }],
  ['lists where objects belong', { id: 'a', extent: [], 'cube:dimensions': [1], summaries: [[]], bands: {} }],
  ['a box of words', { id: 'a', extent: { spatial: { bbox: [['w', 's', 'e', 'n']] } } }],
  ['a box of five', { id: 'a', extent: { spatial: { bbox: [[1, 2, 3, 4, 5]] } } }],
  ['an interval of nothing', { id: 'a', extent: { temporal: { interval: [[null, null]] } } }],
  ['bands without names', { id: 'a', bands: [{}, null, 1, { name: { a: 1 } }] }],
])('%s: still a summary', (_what, document) => {
  expect(CollectionSummary.parse(summarize(document, id))).toMatchObject({ id: 'a', title: 'a', bands: [] })
})

test.each([[null], [undefined], [1], ['x'], [[]], [{}], [{ id: '' }], [{ id: 7 }]])(
  '%j has no id: null',
  (document) => {
    expect(summarize(document, id)).toBeNull()
  },
)

test('a hundred thousand bands and instants are cut, and quickly', () => {
  const many = Array.from({ length: 100_000 }, (_, n) => `B${n}`)
  const beganMs = performance.now()
  const summary = summarize(
    {
      id: 'a',
      'cube:dimensions': { b: { type: 'bands', values: many }, t: { type: 'temporal', values: many } },
      bands: many.map((name) => ({ name, gsd: 3 })),
    },
    id,
  )
  expect([summary?.bands.length, summary?.instants.length, summary?.resolutionM]).toEqual([1000, 2000, 3])
  expect(performance.now() - beganMs).toBeLessThan(2000)
})
