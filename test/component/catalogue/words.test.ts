/** Promise: what back-ends write about their data becomes words, whatever it is. */
import { expect, test } from 'vitest'
import type { CollectionSummary, EntryKey, ListState } from '../../../preload/contract/catalogue.ts'
import { searchBox, viewBox } from '../../../renderer/catalogue/area-filter.ts'
import {
  bboxWords,
  collectionFacts,
  intervalWords,
  monthsWords,
  resolutionWords,
} from '../../../renderer/catalogue/collection-words.ts'
import { countWords, shownAge } from '../../../renderer/catalogue/count-words.ts'
import { loadCollectionNode, pythonLine, sourceLink } from '../../../renderer/catalogue/entry-code.ts'
import { entryId, entryKeyOf, selectionKindOf } from '../../../renderer/catalogue/entry-id.ts'
import { extentBoxes } from '../../../renderer/catalogue/extent-boxes.ts'
import { hitFacts, missingWords, twinWords } from '../../../renderer/catalogue/hit-words.ts'
import { listNotice } from '../../../renderer/catalogue/list-words.ts'
import {
  activeFilters,
  NO_FILTERS,
  type SearchFilters,
  withoutFilter,
} from '../../../renderer/catalogue/search-filters.ts'
import { matchesText } from '../../../renderer/catalogue/search-text.ts'
import { resolutionOf, summaryFacts } from '../../../renderer/catalogue/summary-words.ts'
import { connection, sentinel } from '../graphs/sample-work.ts'
import { hitOf, listOf, processHit } from './fake-catalogue.ts'

test('facts as words', () => {
  expect(collectionFacts(sentinel)).toBe('2025-01 – 2025-12 · 5 bands · 10 m')
  expect(
    collectionFacts({
      ...sentinel,
      bands: [],
      interval: undefined,
      resolutionM: undefined,
    } as unknown as CollectionSummary),
  ).toBe('')
  expect(monthsWords(['2025-05-03T00:00:00Z', '2025-05-03T10:00:00Z'])).toBe('2025-05-03')
  expect(monthsWords(['2025-05-03T00:00:00Z', '2025-05-30T10:00:00Z'])).toBe('2025-05')
  expect(monthsWords(['2015-06-27T00:00:00Z', null])).toBe('since 2015-06-27')
  expect(intervalWords([null, '2020-01-01T00:00:00Z'])).toBe('until 2020-01-01')
  expect(resolutionWords(1113.19)).toBe('1.11 km')
  expect(resolutionWords(Number.NaN)).toBe('')
  expect(bboxWords([-180, -56.5, 180, 83])).toBe('56.50° S … 83.00° N, 180.00° W … 180.00° E')
  expect(bboxWords([1, 2])).toBe('')
})

test('extents that a map can draw: cut at the antimeridian and where Web Mercator ends', () => {
  expect(extentBoxes([-180, -90, 180, 90])).toEqual([[-180, -85.05, 180, 85.05]])
  expect(extentBoxes([176, -20, -178, -12])).toEqual([[176, -20, 180, -12], [-180, -20, -178, -12]]) // biome-ignore format: short
  expect(extentBoxes([0, 86, 1, 88])).toEqual([])
  expect(extentBoxes([Number.NaN, 0, 1, 1])).toEqual([])
})

test('searching without case and accents, all words anywhere', () => {
  expect(matchesText('tirol SOMMER', 'Sommer in', 'Tirol')).toBe(true)
  expect(matchesText('inn', 'Ötztaler Inn')).toBe(true)
  expect(matchesText('otztal', 'Ötztaler Inn')).toBe(true)
  expect(matchesText('inn otz x', 'Ötztaler Inn')).toBe(false)
  expect(matchesText('  ', null)).toBe(true)
})

test('found entries as words', () => {
  const s2 = hitOf('S2', { bandCount: 12, resolutionM: 10, interval: ['2015-06-27T00:00:00Z', null] })
  expect(hitFacts(s2)).toBe('12 bands · 10 m · since 2015-06-27')
  expect(hitFacts(processHit('ndvi'))).toBe('Process')
  expect(hitFacts(processHit('mine', { namespace: 'user' }))).toBe('Your own process')
  expect(hitFacts(hitOf('GTiff', { kind: 'output-format' }))).toBe('Output format')
  expect([twinWords(0), twinWords(1), twinWords(2)]).toEqual(['', 'also at 1 other', 'also at 2 others'])
})

test('who is missing, and since when', () => {
  const now = Date.parse('2026-11-20T12:00:00Z')
  const federation = [{ id: 'vito', title: 'VITO' }, { id: 'eodc', title: 'EODC' }] as never // biome-ignore format: short
  const hit = { members: ['vito'], asOf: '2026-11-20T09:00:00Z' }
  expect(missingWords(hit, ['vito', 'eodc'], { title: 'Platform', federation }, now)).toBe(
    'VITO does not answer · seen 3 h ago',
  )
  expect(missingWords({ ...hit, members: [] }, ['vito', 'eodc'], { title: 'Platform', federation }, now)).toBe(
    'VITO, EODC do not answer · seen 3 h ago',
  )
  expect(missingWords({ ...hit, members: [] }, [], undefined, now)).toBe('Its member does not answer · seen 3 h ago')
})

test('what is to be said about the lists of a connection: the most pressing thing', () => {
  const now = Date.now()
  const platform = connection('platform', {
    title: 'openEO Platform',
    federation: [{ id: 'eodc', title: 'EODC' }] as never,
  })
  const notice = (...lists: ListState[]) => listNotice(platform, lists, now)
  const failure = { code: 'time-out', message: 'No answer.', retry: 'later', logRef: 'l' } as const
  expect(notice(listOf('collections'), listOf('processes'))).toBeUndefined()
  expect(notice(listOf('collections', { missing: ['eodc'] }), listOf('processes', { missing: ['eodc'] }))?.says).toBe(
    'The collections and processes of openEO Platform came without EODC.',
  )
  expect(notice(listOf('collections', { missing: ['eodc'] }), listOf('processes', { failure }))).toMatchObject({
    kind: 'failed',
    says: 'The processes of openEO Platform could not be read.',
    more: 'What is shown was read 2 min ago.',
  })
  expect(notice(listOf('collections', { asOf: null, isReading: true, readCount: 1200, count: 0 }))).toMatchObject({
    kind: 'reading',
    says: 'Reading openEO Platform: 1,200 collections …',
    progress: null,
  })
  expect(notice(listOf('collections', { isReading: true, readCount: 500, count: 2000 }))?.progress).toBe(0.25)
  // a known list that is read again says nothing until something came
  expect(notice(listOf('collections', { isReading: true }))).toBeUndefined()
  expect(notice(listOf('collections', { asOf: null, count: 0 }))?.kind).toBe('unread')
  // what is not offered is nothing that could be read
  expect(notice(listOf('collections'), listOf('udf-runtimes', { isOffered: false, asOf: null }))).toBeUndefined()
})

test('the count tells of how much it is a part; the age is told where what is shown may be old', () => {
  const kinds = ['collection'] as const
  expect(countWords({ total: null, known: 3, kinds, isNarrowed: false })).toBe('')
  expect(countWords({ total: 12, known: 20_431, kinds, isNarrowed: true })).toBe('12 of 20,431 collections')
  expect(countWords({ total: 20_431, known: 20_431, kinds, isNarrowed: false })).toBe('20,431 collections')
  expect(countWords({ total: 1, known: undefined, kinds: [], isNarrowed: true })).toBe('1 entry')
  // a count that is older than the answer is not told as the whole
  expect(countWords({ total: 5, known: 4, kinds, isNarrowed: true })).toBe('5 collections')
  const lists = [
    listOf('collections', { asOf: '2026-01-02T00:00:00Z' }),
    listOf('processes', { asOf: '2026-01-01T00:00:00Z' }),
    listOf('collections', { connectionId: 'far' as never, asOf: '2026-01-03T00:00:00Z' }),
  ]
  const [embedded, far] = [connection('embedded'), connection('far')]
  expect(shownAge([embedded, far], lists, true)).toBeNull()
  expect(shownAge([embedded, far], lists, false)).toBe('2026-01-03T00:00:00Z')
  expect(shownAge([{ ...embedded, state: 'failed' }, far], lists, true)).toBe('2026-01-01T00:00:00Z')
})

test('filters in use can be taken out one by one until none is left', () => {
  let filters: SearchFilters = {
    ...NO_FILTERS,
    connectionIds: ['a', 'b'] as never,
    bbox: [1, 2, 3, 4] as never,
    areaTitle: 'Inntal',
    interval: ['2025-01-01', null] as [string, null],
    bands: ['nir'],
    platforms: ['sentinel-2a'],
    maximumResolutionM: 30,
    members: ['vito'],
    hasDeprecated: false,
    hasExperimental: false,
  }
  expect(activeFilters(filters)).toHaveLength(10)
  for (let [first] = activeFilters(filters); first; [first] = activeFilters(filters)) {
    const left = activeFilters(filters).length
    filters = withoutFilter(filters, first)
    expect(activeFilters(filters)).toHaveLength(left - 1)
  }
  expect(filters).toEqual(NO_FILTERS)
})

test('boxes that main takes: wrapped, clipped, the whole world where they are as wide', () => {
  expect(searchBox([10, 40, 12, 48])).toEqual([10, 40, 12, 48])
  expect(searchBox([170, -95, 190, 20])).toEqual([170, -90, -170, 20])
  expect(searchBox([-300, -10, 300, 10])).toEqual([-180, -10, 180, 10])
  expect(searchBox([-180, -10, 180, 10])).toEqual([-180, -10, 180, 10])
  expect(searchBox([350, 1, 355, 2])).toEqual([-10, 1, -5, 2])
  expect(viewBox({ longitude: 0, latitude: 0, zoom: 3, width: 0, height: 0 })).toBeNull()
})

test('entries for other tools: a node, a line of Python whatever the id, and the page of the entry', () => {
  expect(loadCollectionNode('S2').arguments).toEqual({ id: 'S2', spatial_extent: null, temporal_extent: null })
  expect(pythonLine({ kind: 'collection', namespace: '', id: 'a"b\\c' })).toBe(
    'cube = connection.load_collection("a\\"b\\\\c")',
  )
  expect(pythonLine({ kind: 'process', namespace: 'user', id: 'mine' })).toBe(
    'cube = connection.datacube_from_process("mine", namespace="user")',
  )
  expect(pythonLine({ kind: 'output-format', namespace: '', id: 'GTiff' })).toBeUndefined()
  const link = (rel: string, href: string, type?: string) => ({ rel, href, ...(type ? { type } : {}) })
  expect(sourceLink({ links: [link('via', 'https://a.example/j', 'application/json'), link('about', 'https://a.example/p')] })).toBe('https://a.example/p') // biome-ignore format: short
  expect(sourceLink({ links: [link('about', 'javascript:alert(1)'), link('about', 'file:///etc/passwd'), 7, null] } as never)).toBeUndefined() // biome-ignore format: short
  expect(sourceLink({ links: 'none' })).toBeUndefined()
  expect(sourceLink(undefined)).toBeUndefined()
})

test('ids of the selection lead back to the entry, whatever is in them', () => {
  const key = (kind: EntryKey['kind'], namespace: string, id: string) =>
    ({ connectionId: 'a/b c', kind, namespace, id }) as EntryKey
  for (const one of [
    key('collection', '', 'S2/L2A'),
    key('process', 'https://a.example/p?q=1', 'x/y'),
    key('output-format', '', 'GTiff'),
  ]) {
    expect(entryKeyOf(selectionKindOf(one.kind), entryId(one))).toEqual(one)
  }
  expect(entryKeyOf('process', 'c1/__proto__/ns/id')).toBeNull()
  expect(entryKeyOf('process', 'c1/process')).toBeNull()
})

test('the resolution is stated once: the distances of the document, else what was worked out', () => {
  const document = { summaries: { gsd: [10, 20], platform: ['s2a'] } }
  expect(resolutionOf(document, 10)).toBe('10 m, 20 m')
  expect(resolutionOf({}, 1500)).toBe('1.5 km')
  expect(summaryFacts(document).map(({ label }) => label)).toEqual(['Platform'])
})
