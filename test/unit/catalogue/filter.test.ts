/** Filters over boxes of any way to count longitudes, and over what collections do not state. */
import { expect, test } from 'vitest'
import { applyFilters, NOT_STATED } from '../../../main/catalogue/filter.ts'
import { readEntry } from '../../../main/catalogue/read-entry.ts'
import { aroundGlobe, buildSnapshot, type SnapshotRow } from '../../../main/catalogue/snapshot.ts'

type Doc = Record<string, unknown> & { id: string }
function rowOf(doc: Doc, n: number, kind: 'collection' | 'process' = 'collection'): SnapshotRow {
  const { bbox, interval, resolutionM, bands, platforms } = readEntry(kind, doc.id, doc)
  const [west = null, south = null, east = null, north = null] = bbox ?? []
  return {
    n,
    connection_id: 'a',
    kind,
    namespace: '',
    id: doc.id,
    sort_key: String(n),
    west,
    south,
    east,
    north,
    starts: interval?.[0] ?? null,
    ends: interval?.[1] ?? null,
    has_interval: interval ? 1 : 0,
    resolution_m: resolutionM,
    bands: JSON.stringify(bands),
    platforms: JSON.stringify(platforms),
    members: '[]',
    is_deprecated: 0,
    is_experimental: 0,
  }
}
const NONE = {
  kinds: [],
  bbox: null,
  interval: null,
  bands: [],
  platforms: [],
  maximumResolutionM: null,
  members: [],
  hasDeprecated: true,
  hasExperimental: true,
}
function judged(docs: Doc[], query: object, kind?: 'process'): number[] {
  const snapshot = buildSnapshot(
    1,
    docs.map((doc, n) => rowOf(doc, n, kind)),
  )
  const mask = new Uint8Array(docs.length).fill(1)
  applyFilters(mask, snapshot, { ...NONE, ...query }, [])
  return [...mask]
}
const boxed = (id: string, ...bbox: number[]): Doc => ({ id, extent: { spatial: { bbox: [bbox] } } })

test.each([
  [
    [-180, 180],
    [-180, 180],
  ],
  [
    [170, -170],
    [170, -170],
  ],
  [
    [0, 360],
    [-180, 180],
  ],
  [
    [0, 359.75],
    [0, -0.25],
  ],
  [
    [170, 190],
    [170, -170],
  ],
  [
    [190, 200],
    [-170, -160],
  ],
  [
    [-190, -170],
    [170, -170],
  ],
  [
    [-360, 360],
    [-180, 180],
  ],
])('%j around the globe is %j', ([west = 0, east = 0], expected) => expect(aroundGlobe(west, east)).toEqual(expected))

test.each<[string, Doc, number[], boolean]>([
  ['America in 0…359.75', boxed('ERA5', 0, -90, 359.75, 90), [-100, 30, -90, 40], true],
  ['Europe in 0…359.75', boxed('ERA5', 0, -90, 359.75, 90), [5, 45, 10, 50], true],
  ['what the last quarter of a degree leaves out', boxed('ERA5', 0, -90, 359.75, 90), [-0.2, 0, -0.1, 1], false],
  ['−179 in 170…190', boxed('P', 170, -30, 190, 0), [-179, -20, -175, -10], true],
  ['0 in 170…190', boxed('P', 170, -30, 190, 0), [0, -20, 10, -10], false],
  ['a view of 170…190 and a box at −175', boxed('P', -176, -30, -174, 0), [170, -20, 190, -10], true],
  ['across, with across', boxed('P', 176, -20, -178, -15), [179, -18, -179, -16], true],
])('%s', (_, doc, bbox, is) => expect(judged([doc], { bbox })).toEqual([is ? 1 : 0]))

const dimension = (step: number, system?: unknown) => ({
  'cube:dimensions': { x: { type: 'spatial', axis: 'x', step, ...(system ? { reference_system: system } : {}) } },
})
test.each<[string, Record<string, unknown>, number | null]>([
  ['a list', { summaries: { gsd: [20, 10] } }, 10],
  ['a range', { summaries: { gsd: { minimum: 10, maximum: 60 } } }, 10],
  ['steps in metres', dimension(10, 32631), 10],
  ['steps in metres, downwards', dimension(-10, 'EPSG:3035'), 10],
  ['steps in degrees', dimension(0.25), 27_830],
  ['steps in degrees of a named system', dimension(0.5, 'http://www.opengis.net/def/crs/OGC/1.3/CRS84'), 55_660],
  ['steps in metres by PROJJSON', dimension(30, { type: 'ProjectedCRS' }), 30],
  ['steps of a system that nobody knows', dimension(30, 'local'), null],
  ['what is stated before the steps', { ...dimension(5, 32631), summaries: { gsd: [10] } }, 10],
  ['raster:bands', { summaries: { 'raster:bands': [{ spatial_resolution: 300 }] } }, 300],
  [
    'nulls',
    { summaries: { gsd: null }, 'cube:dimensions': { x: null, y: { type: 'spatial', axis: 'y', step: null } } },
    null,
  ],
])('resolution by %s', (_, document, metres) => {
  const { resolutionM } = readEntry('collection', 'x', document)
  expect(resolutionM).toBe(metres)
})

test('who states nothing of what is asked for is told apart from who states something else', () => {
  const docs: Doc[] = [
    { id: 'fits', summaries: { gsd: [10], 'eo:bands': [{ name: 'B04' }] } },
    { id: 'coarse', summaries: { gsd: [60], 'eo:bands': [{ name: 'B04' }] } },
    { id: 'says nothing' },
    { id: 'no bands', summaries: { gsd: [10] } },
    { id: 'coarse without bands', summaries: { gsd: [60] } },
  ]
  const query = { maximumResolutionM: 10, bands: ['b04'] }
  expect(judged(docs, query)).toEqual([1, 0, NOT_STATED, NOT_STATED, 0])
  expect(judged(docs, {})).toEqual([1, 1, 1, 1, 1])
  expect(judged([{ id: 'processes have none of that' }], query, 'process')).toEqual([0])
})
test('names of the language are names like others', () => {
  const named = (name: string): Doc => ({ id: name, summaries: { platform: [name], 'eo:bands': [{ name }] } })
  const docs = ['__proto__', 'constructor', 'toString'].map(named)
  expect(judged(docs, { bands: ['constructor'], platforms: ['constructor'] })).toEqual([0, 1, 0])
  expect(judged(docs, { bands: ['__proto__'] })).toEqual([1, 0, 0])
  expect(judged(docs, { bands: ['valueOf'] })).toEqual([0, 0, 0])
})
