/** Promise: entries of several back-ends stand row by row, and every difference is told and only differences are. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Entry, EntryKind } from '../../../preload/contract/catalogue.ts'
import type { JsonObject } from '../../../preload/contract/vocabulary.ts'
import {
  asCsv,
  asMarkdown,
  compareEntries,
  differenceWord,
  onlyDifferences,
} from '../../../renderer/catalogue/compare-entries.ts'

const entryOf = (kind: EntryKind, id: string, document: JsonObject): Entry =>
  ({
    key: { connectionId: 'c', kind, namespace: '', id },
    title: id,
    document,
    collection: null,
    isComplete: true,
    failure: null,
    members: [],
    isMissing: false,
    asOf: '2026-01-01T00:00:00Z',
  }) as unknown as Entry
const spec = (id: string) =>
  JSON.parse(readFileSync(`../shared/specs/openeo-processes/${id}.json`, 'utf8')) as JsonObject
const rowOf = (entries: Entry[], title: string, label: string) =>
  compareEntries(entries)
    .find((group) => group.title === title)
    ?.rows.find((row) => row.label === label)

test('the same process is the same, however its texts are set', () => {
  const one = spec('load_collection')
  const other = { ...structuredClone(one), summary: 'Load  a Collection', links: [], description: 'Other words.' }
  expect(onlyDifferences(compareEntries([entryOf('process', 'p', one), entryOf('process', 'p', other)]))).toEqual([])
})

test('parameters: changed, missing, another default', () => {
  const one = spec('aggregate_temporal')
  const other = structuredClone(one)
  const parameters = other.parameters as JsonObject[]
  other.parameters = parameters
    .filter(({ name }) => name !== 'labels')
    .map((parameter) => (parameter.name === 'dimension' ? { ...parameter, default: 't' } : parameter))
  const entries = [entryOf('process', 'a', one), entryOf('process', 'a', other)]
  const labels = rowOf(entries, 'Parameters', 'labels')
  expect(labels?.values[1]).toBeNull()
  expect(labels && differenceWord(labels)).toBe('missing')
  const dimension = rowOf(entries, 'Parameters', 'dimension')
  expect(dimension?.values).toEqual([
    'text or nothing, optional, default nothing',
    'text or nothing, optional, default t',
  ])
  expect(dimension && differenceWord(dimension)).toBe('differs')
  expect(rowOf(entries, 'Parameters', 'data')).toMatchObject({ isDifferent: false })
})

test('collections: extents, bands, summaries; what only a later one has comes after', () => {
  const of = (bands: string[], more: JsonObject) =>
    entryOf('collection', 'S2', {
      'cube:dimensions': { bands: { type: 'bands', values: bands } },
      extent: { spatial: { bbox: [[-180, -90, 180, 90]] }, temporal: { interval: [['2015-06-27T00:00:00Z', null]] } },
      ...more,
    })
  const entries = [
    of(['B02', 'B03'], { license: 'x' }),
    of(['B03', 'B08'], { summaries: { platform: ['s2a'] } }),
    of(['B03'], { license: 'x' }),
  ]
  const groups = compareEntries(entries)
  expect(
    groups
      .find(({ title }) => title === 'Bands')
      ?.rows.map(({ label, values }) => [label, values.map((value) => value !== null)]),
  ).toEqual([
    ['B02', [true, false, false]],
    ['B03', [true, true, true]],
    ['B08', [false, true, false]],
  ])
  expect(rowOf(entries, 'Collection', 'Time')).toMatchObject({
    values: Array(3).fill('since 2015-06-27'),
    isDifferent: false,
  })
  expect(rowOf(entries, 'Collection', 'Licence')?.values).toEqual(['x', null, 'x'])
  expect(rowOf(entries, 'Summaries', 'Platform')?.values).toEqual([null, 's2a', null])
})

test('formats and runtimes', () => {
  const format = (size: number) =>
    entryOf('output-format', 'GTiff', {
      gis_data_types: ['raster'],
      parameters: { tile: { type: 'integer', default: size } },
    })
  expect(rowOf([format(256), format(512)], 'Options', 'tile')?.isDifferent).toBe(true)
  const runtime = (version: string) =>
    entryOf('udf-runtime', 'Python', {
      type: 'language',
      default: '3.8',
      versions: { '3.8': { libraries: { numpy: { version } } } },
    })
  expect(rowOf([runtime('1.22'), runtime('2.0')], 'Version 3.8', 'numpy')?.values).toEqual(['1.22', '2.0'])
})

test('copied tables hold every row, and no cell breaks out of them', () => {
  const groups = [{ title: 'A', rows: [{ label: 'x|y', values: ['=cmd()', 'a,"b"\nc', null], isDifferent: true }] }]
  expect(asCsv(['one', 'two', '+three'], groups)).toBe(
    'Part,Fact,one,two,\'+three,Difference\r\nA,x|y,\'=cmd(),"a,""b""\nc",,differs',
  )
  expect(asMarkdown(['one', 'two', 'three'], groups).split('\n').at(-1)).toBe(
    '| x\\|y | =cmd() | a,"b" c | – | differs |',
  )
  expect(compareEntries([])).toEqual([])
})

test('case is no difference in words for people, and one in names and values', () => {
  const of = (title: string, defaultValue: string) =>
    entryOf('process', 'p', {
      id: 'p',
      summary: title,
      parameters: [
        { name: 'dimension', description: '', optional: true, default: defaultValue, schema: { type: 'string' } },
      ],
    })
  const entries = [of('Load it', 't'), of('LOAD IT', 'T')]
  expect(rowOf(entries, 'Process', 'Summary')).toMatchObject({ isDifferent: false })
  const dimension = rowOf(entries, 'Parameters', 'dimension')
  expect(dimension && differenceWord(dimension)).toBe('differs')
})
