/** One value of a JSON text changes and no other byte; typed dates are dates; documents are valid STAC, whatever the scene. */
import { expect, test } from 'vitest'
import { withJsonValue } from '../../../../main/local/data/json-splice.ts'
import { readStacDocument } from '../../../../main/local/data/stac-files.ts'
import { nodataByBand, statementOf, withStatedNodata } from '../../../../main/local/data/stated-nodata.ts'
import { hasSameFields, itemDocument, nodataDocument } from '../../../../main/local/data/statement-documents.ts'
import { instantOf } from '../../../../main/local/data/typed-date.ts'
import type { LocalCollection, Scene, SceneBand } from '../../../../main/local/model.ts'
import { stacErrors } from '../../../integration/local/support/api-schemas.ts'

test('a value is put in its place, whatever stands around it', () => {
  for (const [before, path, after] of [
    ['{"a": {"b" :1.0 , "c": 1e3}}', ['a', 'b'], '{"a": {"b" :9 , "c": 1e3}}'],
    ['{"a": {\n  "c": "}"\n}}', ['a', 'b'], '{"a": {\n  "b": 9,\n  "c": "}"\n}}'],
    ['{"a":{"c":1}}', ['a', 'b'], '{"a":{"b": 9, "c":1}}'],
    ['{"a":{ }}', ['a', 'b'], '{"a":{ "b": 9}}'],
    ['{"x":"\\"a\\":{","a":{"b":[1,{"b":2}]}}', ['a', 'b', 1, 'b'], '{"x":"\\"a\\":{","a":{"b":[1,{"b":9}]}}'],
    ['{"b":1,"\\u0062":2}', ['b'], '{"b":1,"\\u0062":9}'],
    [' [ {} , null ] ', [1], ' [ {} , 9 ] '],
    ['{"a\\\\":"\\\\","b":null}', ['b'], '{"a\\\\":"\\\\","b":9}'],
  ] as const)
    expect(withJsonValue(before, path, 9)).toBe(after)
})

test('a text that is no JSON, or has no such place, is refused', () => {
  for (const [text, path] of [
    ['{"a": ', ['a']],
    ['{"a": 1}', ['a', 'b']],
    ['{"a": null}', ['a', 'b']],
    ['[1]', [4]],
    ['{}', ['a', 'b']],
  ] as const)
    expect(() => withJsonValue(text, path, 9)).toThrow(expect.objectContaining({ code: 'unreadable-data' }))
})

const random = (seed: number) => () => {
  seed = (seed * 1_664_525 + 1_013_904_223) % 2 ** 32
  return seed / 2 ** 32
}

test('random documents: what is read afterwards differs in that value alone', () => {
  const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31)
  console.info(`seed of JSON texts: ${seed}`)
  const next = random(seed)
  const pick = <T>(of: readonly T[]) => of[Math.floor(next() * of.length)] as T
  const make = (depth: number): unknown => {
    if (depth === 0 || next() < 0.3) return pick([null, true, -1.5e-7, 'a"b\\', '}{][,:', 'ü\u2028', ''])
    const count = Math.floor(next() * 4)
    const values = Array.from({ length: count }, () => make(depth - 1))
    return next() < 0.5
      ? values
      : Object.fromEntries(values.map((value, i) => [pick(['k', '"', '\\', ']']) + i, value]))
  }
  for (let run = 0; run < 500; run++) {
    const value = { left: make(4), properties: { other: make(3), datetime: make(2) }, right: make(4) }
    const text = JSON.stringify(value, null, pick([undefined, 2, '\t']))
    const changed = withJsonValue(text, ['properties', 'datetime'], 'now')
    expect(JSON.parse(changed)).toEqual({ ...value, properties: { ...value.properties, datetime: 'now' } })
  }
})

test('dates as people type them', () => {
  expect(
    ['2023-06-01', ' 2023-06-01T10:20Z', '2023-06-01 10:20:30', '2023-06-01T00:30:00+02:00', '2024-02-29'].map(
      instantOf,
    ),
  ).toEqual([
    '2023-06-01T00:00:00Z',
    '2023-06-01T10:20:00Z',
    '2023-06-01T10:20:30Z',
    '2023-05-31T22:30:00Z',
    '2024-02-29T00:00:00Z',
  ])
  for (const typed of [
    '',
    '2023',
    '2023-6-1',
    '2023-02-29',
    '2023-00-10',
    '01.06.2023',
    '2023-06-01T24:00',
    '1200-01-01',
  ])
    expect([typed, instantOf(typed)]).toEqual([typed, null])
})

const crs = { epsg: 32632, name: 'UTM 32N', proj4: '+proj=utm +zone=32 +datum=WGS84', unit: 'metre' } as const
const band = (name: string, path: string, more: Partial<SceneBand> = {}): SceneBand => ({
  name,
  source: { kind: 'file', path },
  sample: 0,
  grid: { crs, transform: [400_000, 10, 0, 5_200_000, 0, -10], width: 10, height: 20 },
  dataType: 'uint16',
  nodata: null,
  scale: 1,
  offset: 0,
  ...more,
})
const info = (name: string, commonName: string | null = null) => ({ name, commonName, description: null, classes: [] })
const collectionOf = (scenes: Scene[], names: string[]): LocalCollection => ({
  id: 'fields',
  title: 'fields',
  description: 'Two scenes.',
  license: 'proprietary',
  bands: names.map((name) => info(name, name === 'B04' ? 'red' : null)),
  scenes,
})
const sceneOf = (bands: SceneBand[], more: Partial<Scene> = {}): Scene => ({
  id: 'one',
  datetime: null,
  bbox: [7, 46, 8, 47],
  bands,
  ...more,
})

test('an item is valid STAC and reads back as the same scene', () => {
  const scene = sceneOf([
    band('B04', '/data/a b#.tif', { scale: 0.0001, offset: -0.1 }),
    band('B08', '/data/two.tif', { nodata: Number.NaN, nodataFrom: 'file' }),
    band('x', '/data/two.tif', { sample: 1, nodata: 0, nodataFrom: 'here' }),
  ])
  const href = (path: string) => `./${encodeURIComponent(path.slice(6))}`
  const item = itemDocument(scene, [info('B04', 'red'), info('B08'), info('x')], '2023-06-01T00:00:00Z', href)
  const crossing = itemDocument({ ...scene, bbox: [179, -1, -179, 1] }, [], '2023-06-01T00:00:00Z', href)
  for (const one of [item, crossing]) expect(stacErrors(JSON.parse(JSON.stringify(one)))).toEqual([])
  const read = readStacDocument(JSON.parse(JSON.stringify(item)))
  const [back] = read.kind === 'items' ? read.items : []
  expect(back).toMatchObject({ id: 'one', datetime: '2023-06-01T00:00:00Z', isStatedHere: true, place: [] })
  expect(
    back?.assets.map(({ href, bands }) => [href, bands?.map(({ name, nodata, scale }) => [name, nodata, scale])]),
  ).toEqual([
    ['./a%20b%23.tif', [['B04', null, 0.0001]]],
    // what the user states of the collection is stated in one place
    [
      './two.tif',
      [
        ['B08', Number.NaN, 1],
        ['x', null, 1],
      ],
    ],
  ])
})

test('a statement is a valid collection, reads back, and is told from what others describe', () => {
  const collection = collectionOf([sceneOf([band('B04', '/a.tif'), band('B08', '/b.tif')])], ['B04', 'B08'])
  for (const nodata of [0, -9999.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    const document = JSON.parse(JSON.stringify(nodataDocument(collection, new Map([['B08', nodata]]))))
    expect(stacErrors(document)).toEqual([])
    expect(readStacDocument(document)).toEqual({
      kind: 'statement',
      statement: { collectionId: 'fields', nodata: new Map([['B08', nodata]]) },
    })
    const { 'swath:stated': _, ...theirs } = document
    expect(readStacDocument(theirs).kind).toBe('collection')
  }
})

test('a statement fills what nobody else states, and says so', () => {
  const scenes = [
    sceneOf([band('B04', '/a.tif'), band('B08', '/b.tif', { nodata: 7, nodataFrom: 'file' }), band('x', '/c.tif')]),
    sceneOf([
      band('B04', '/d.tif'),
      band('B08', '/e.tif', { nodata: 7, nodataFrom: 'file' }),
      band('x', '/f.tif', { nodata: 1, nodataFrom: 'item' }),
    ]),
  ]
  const stated = withStatedNodata(collectionOf(scenes, ['B04', 'B08', 'x']), {
    collectionId: 'fields',
    nodata: new Map([
      ['B04', 0],
      ['B08', 0],
      ['x', 0],
    ]),
  })
  expect(nodataByBand(stated)).toEqual([
    { name: 'B04', nodata: 0, statedBy: 'here' },
    { name: 'B08', nodata: 7, statedBy: 'file' },
    { name: 'x', nodata: null, statedBy: 'several' },
  ])
})

test('a statement belongs to its folder and collection; a moved folder with one of each keeps it', () => {
  const one = { file: 'sub/one.collection.json', statement: { collectionId: 'one', nodata: new Map() } }
  const two = { file: 'sub/two.collection.json', statement: { collectionId: 'two', nodata: new Map() } }
  expect(statementOf([one, two], 'sub', 'two', false)).toBe(two)
  expect(statementOf([one], 'sub', 'moved', true)).toBe(one)
  expect(statementOf([one], 'sub', 'other', false)).toBe(null)
  expect(statementOf([one, two], 'sub', 'moved', true)).toBe(null)
  expect(statementOf([one], '', 'one', true)).toBe(null)
})

test('fields that somebody added are noticed at any depth', () => {
  const ours = { a: [{ b: 1 }], c: null, d: 'x' }
  expect(hasSameFields(ours, { d: 'y', a: [{ b: null }], c: 4 })).toBe(true)
  for (const theirs of [
    { ...ours, e: 1 },
    { ...ours, a: [{ b: 1, z: 1 }] },
    { ...ours, a: [{ b: 1 }, {}] },
    { a: [{ b: 1 }], c: null },
    { ...ours, c: {} },
  ])
    expect(hasSameFields(ours, theirs)).toBe(false)
})
