/** Answers of a main that knows a catalogue: searched in memory by the same questions, in pages. */
import type {
  CollectionSummary,
  Entry,
  EntryKey,
  EntryKind,
  Facets,
  ListName,
  ListState,
  SearchHit,
  SearchQuery,
} from '../../../preload/contract/catalogue.ts'
import type { JsonObject } from '../../../preload/contract/vocabulary.ts'
import { FakeFailure } from '../app/fake-bridge.ts'

export const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()

export type KnownEntry = SearchHit & { bands?: string[]; collection?: CollectionSummary; document?: JsonObject }

export const hitOf = (id: string, more: Partial<KnownEntry> = {}): KnownEntry => ({
  connectionId: 'embedded' as SearchHit['connectionId'],
  kind: 'collection',
  namespace: '',
  id,
  title: '',
  summary: '',
  bbox: null,
  interval: null,
  bandCount: 0,
  resolutionM: null,
  platforms: [],
  isDeprecated: false,
  isExperimental: false,
  members: [],
  isMissing: false,
  twinCount: 0,
  asOf: minutesAgo(2),
  ...more,
})

export const hitOfCollection = (collection: CollectionSummary, more: Partial<KnownEntry> = {}): KnownEntry =>
  hitOf(collection.id, {
    connectionId: collection.connectionId,
    title: collection.title,
    summary: collection.description.split('\n')[0] ?? '',
    bbox: collection.bbox ?? null,
    interval: collection.interval ?? null,
    bandCount: collection.bands.length,
    bands: collection.bands.flatMap(({ name, commonName }) => [name, commonName ?? '']),
    resolutionM: collection.resolutionM ?? null,
    collection,
    ...more,
  })

export const processHit = (id: string, more: Partial<KnownEntry> = {}): KnownEntry =>
  hitOf(id, { kind: 'process', namespace: 'backend', summary: `What ${id} does.`, ...more })

/** Very many, of which every tenth is of the second connection and every seventh has a nir band. */
export const manyHits = (count: number): KnownEntry[] =>
  Array.from({ length: count }, (_, index) =>
    hitOf(`COLLECTION_${String(index).padStart(5, '0')}`, {
      connectionId: (index % 10 === 0 ? 'second' : 'embedded') as SearchHit['connectionId'],
      title: `Collection number ${index}`,
      summary: 'Scenes of an invented sensor',
      bandCount: 12,
      resolutionM: 10,
      interval: ['2015-06-27T00:00:00Z', null],
      bands: index % 7 === 0 ? ['nir'] : ['red'],
      bbox: [-180, -90, 180, 90],
    }),
  )

export const listOf = (list: ListName, more: Partial<ListState> = {}): ListState => ({
  connectionId: 'embedded' as ListState['connectionId'],
  list,
  isOffered: true,
  count: 3,
  asOf: minutesAgo(2),
  missing: [],
  isReading: false,
  readCount: 0,
  failure: null,
  ...more,
})

const overlaps = (a: readonly number[], b: readonly number[]) =>
  (a[0] ?? 0) <= (b[2] ?? 0) && (a[2] ?? 0) >= (b[0] ?? 0) && (a[1] ?? 0) <= (b[3] ?? 0) && (a[3] ?? 0) >= (b[1] ?? 0)

function isFound(hit: KnownEntry, query: SearchQuery): boolean {
  const all = [hit.title, hit.id, hit.summary, ...(hit.bands ?? [])].join(' ').toLowerCase()
  const words = query.text.toLowerCase().split(/\s+/).filter(Boolean)
  return (
    words.every((word) => all.includes(word)) &&
    (query.kinds.length === 0 || query.kinds.includes(hit.kind)) &&
    (query.connectionIds.length === 0 || query.connectionIds.includes(hit.connectionId)) &&
    (!query.bbox || (hit.bbox !== null && overlaps(hit.bbox, query.bbox))) &&
    (!query.interval?.[1] || (hit.interval?.[0] ?? '') < query.interval[1]) &&
    (!query.interval?.[0] || (hit.interval?.[1] ?? '9') > query.interval[0]) &&
    query.bands.every((band) => hit.bands?.includes(band)) &&
    (query.platforms.length === 0 || query.platforms.some((one) => hit.platforms.includes(one))) &&
    (query.members.length === 0 || query.members.some((one) => hit.members.includes(one))) &&
    (query.maximumResolutionM === null || (hit.resolutionM ?? Number.POSITIVE_INFINITY) <= query.maximumResolutionM) &&
    (query.hasDeprecated || !hit.isDeprecated) &&
    (query.hasExperimental || !hit.isExperimental)
  )
}

const counted = <T extends string>(values: readonly T[]): { value: T; count: number }[] => {
  const counts = new Map<T, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count)
}

const keyOf = ({ connectionId, kind, namespace, id }: EntryKey): EntryKey => ({ connectionId, kind, namespace, id })
const nameOf = (key: EntryKey) => JSON.stringify(keyOf(key))
const crossing = ({ bands: _bands, collection: _collection, document: _document, ...hit }: KnownEntry): SearchHit => hit

/** The answers; `entries` is asked anew for each, so that a test may change it. */
export function catalogueAnswers(
  entries: () => readonly KnownEntry[],
  lists: () => readonly ListState[] = () => [listOf('collections', { count: entries().length })],
  documentOf: (key: EntryKey) => JsonObject = ({ id }) => ({ id }),
) {
  return {
    'catalogue.search': (query: SearchQuery) => {
      const found = entries().filter((hit) => isFound(hit, query))
      if (query.sort === 'title') found.sort((a, b) => (a.title || a.id).localeCompare(b.title || b.id))
      return { hits: found.slice(query.offset, query.offset + query.limit).map(crossing), total: found.length }
    },
    'catalogue.facets': ({ connectionIds }: { connectionIds: string[] }): Facets => {
      const all = entries().filter((hit) => connectionIds.length === 0 || connectionIds.includes(hit.connectionId))
      return {
        bands: counted(all.flatMap(({ bands = [] }) => bands.filter(Boolean))),
        platforms: counted(all.flatMap(({ platforms }) => platforms)),
        members: counted(all.flatMap(({ members }) => members)),
        kinds: counted<EntryKind>(all.map(({ kind }) => kind)),
      }
    },
    'catalogue.entry': (key: EntryKey): Entry => {
      const hit = entries().find((one) => nameOf(one) === nameOf(key))
      if (!hit) throw new FakeFailure({ code: 'not-found', message: 'There is no such entry.', retry: 'never' })
      return {
        key: keyOf(key),
        title: hit.title,
        document: hit.document ?? documentOf(key),
        collection: hit.collection ?? null,
        isComplete: true,
        failure: null,
        members: hit.members,
        isMissing: hit.isMissing,
        asOf: hit.asOf,
      }
    },
    'catalogue.twins': (key: EntryKey) =>
      entries()
        .filter(({ kind, id }) => kind === key.kind && id === key.id)
        .sort((a, b) => Number(nameOf(b) === nameOf(key)) - Number(nameOf(a) === nameOf(key)))
        .map(crossing),
    'catalogue.lists': () => [...lists()],
    'catalogue.refresh': () => undefined,
    'catalogue.cancelRefresh': () => undefined,
    'catalogue.queryables': () => null,
    'catalogue.items': () => ({ items: [], nextPage: null, matched: 0 }),
    'catalogue.previews': () => [],
  }
}
