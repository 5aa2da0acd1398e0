/**
 * What the connections offer: collections, processes, file formats, UDF runtimes, service types, processing parameters.
 * Kept for reading and searching without a network; every answer says how old it is.
 */
import { z } from 'zod'
import { call, feature } from './define.ts'
import { WireError } from './errors.ts'
import { Bbox, ConnectionId, DateOnly, Instant, Json, JsonObject } from './vocabulary.ts'

export const ENTRY_KINDS = [
  'collection',
  'process',
  'input-format',
  'output-format',
  'udf-runtime',
  'service-type',
  'processing-parameter',
] as const
export type EntryKind = (typeof ENTRY_KINDS)[number]

export const CollectionBand = z.object({
  name: z.string(),
  commonName: z.string().optional(),
  description: z.string().optional(),
})
export type CollectionBand = z.infer<typeof CollectionBand>

export const CollectionSummary = z.object({
  connectionId: ConnectionId,
  id: z.string(),
  title: z.string(),
  description: z.string(),
  /** West, south, east, north in degrees; absent where the back-end states none. */
  bbox: z.array(z.number()).length(4).optional(),
  /** First and last instant; null is open. */
  interval: z.tuple([z.string().nullable(), z.string().nullable()]).optional(),
  bands: z.array(CollectionBand),
  /** Instants of the scenes, where the back-end lists them (cube:dimensions values). At most 2000. */
  instants: z.array(z.string()),
  resolutionM: z.number().optional(),
})
export type CollectionSummary = z.infer<typeof CollectionSummary>

/** Names one entry of the catalogue. `namespace`: of a process (`backend`, `user`, an address …); '' for the others. */
export const EntryKey = z.object({
  connectionId: ConnectionId,
  kind: z.enum(ENTRY_KINDS),
  namespace: z.string().max(2000),
  id: z.string().min(1).max(2000),
})
export type EntryKey = z.infer<typeof EntryKey>

export const SearchQuery = z.object({
  /** Words, or their beginnings. '' lists everything. */
  text: z.string().max(200),
  /** Empty: all. */
  kinds: z.array(z.enum(ENTRY_KINDS)),
  /** Empty: all that are not disabled. */
  connectionIds: z.array(ConnectionId),
  /** Extent overlaps this box; what states no extent is left out. */
  bbox: Bbox.nullable(),
  /** Extent overlaps this time; null is open. */
  interval: z.tuple([DateOnly.nullable(), DateOnly.nullable()]).nullable(),
  /** Has all of these bands, by name or common name. */
  bands: z.array(z.string().max(200)).max(20),
  platforms: z.array(z.string().max(200)).max(50),
  /** Ground sample distance at most so many metres. */
  maximumResolutionM: z.number().positive().nullable(),
  /** Offered by one of these members of a federation. */
  members: z.array(z.string().max(200)).max(50),
  hasDeprecated: z.boolean(),
  hasExperimental: z.boolean(),
  /** `relevance` is by title where there is no text. */
  sort: z.enum(['relevance', 'title', 'newest']),
  offset: z.number().int().min(0),
  limit: z.number().int().min(1).max(200),
})
export type SearchQuery = z.infer<typeof SearchQuery>

export const SearchHit = EntryKey.extend({
  title: z.string(),
  /** One line of the description, plain text. */
  summary: z.string(),
  bbox: z.array(z.number()).length(4).nullable(),
  interval: z.tuple([z.string().nullable(), z.string().nullable()]).nullable(),
  bandCount: z.number().int(),
  resolutionM: z.number().nullable(),
  platforms: z.array(z.string()),
  isDeprecated: z.boolean(),
  isExperimental: z.boolean(),
  /** `federation:backends`; empty: all members, or no federation. */
  members: z.array(z.string()),
  /** Known here; the last list came without the member that has it. */
  isMissing: z.boolean(),
  /** Further connections (not accounts of the same back-end) that offer the same kind under the same id. */
  twinCount: z.number().int(),
  asOf: Instant,
})
export type SearchHit = z.infer<typeof SearchHit>

export const SearchAnswer = z.object({
  hits: z.array(SearchHit),
  /** Of all pages. */
  total: z.number().int(),
  /** Collections that were left out only because they do not state what a filter asks for. */
  unknownCount: z.number().int().optional(),
})
export type SearchAnswer = z.infer<typeof SearchAnswer>

const Facet = z.array(z.object({ value: z.string(), count: z.number().int() }))
/** What the filters offer, most frequent first, at most 200 each. */
export const Facets = z.object({
  bands: Facet,
  platforms: Facet,
  members: Facet,
  kinds: z.array(z.object({ value: z.enum(ENTRY_KINDS), count: z.number().int() })),
})
export type Facets = z.infer<typeof Facets>

export const Entry = z.object({
  key: EntryKey,
  title: z.string(),
  /** As the back-end wrote it (for formats and the like: the value under its name). */
  document: JsonObject,
  /** Collections only. */
  collection: CollectionSummary.nullable(),
  /** False: only the entry of the list is known; the whole document is being read or could not be. */
  isComplete: z.boolean(),
  /** Why the whole document could not be read. */
  failure: WireError.nullable(),
  members: z.array(z.string()),
  isMissing: z.boolean(),
  /** What can be asked for besides: by the links of the document, or because the back-end offers it for all. */
  has: z.object({ queryables: z.boolean(), items: z.boolean(), previews: z.boolean() }).optional(),
  asOf: Instant,
})
export type Entry = z.infer<typeof Entry>

export const LIST_NAMES = [
  'collections',
  'processes',
  'user-processes',
  'file-formats',
  'udf-runtimes',
  'service-types',
  'processing-parameters',
] as const
export type ListName = (typeof LIST_NAMES)[number]

/** One list of one connection: how much of it is known, how old it is, who was missing. */
export const ListState = z.object({
  connectionId: ConnectionId,
  list: z.enum(LIST_NAMES),
  /** False: the back-end states that it has no such list. */
  isOffered: z.boolean(),
  count: z.number().int(),
  /** null: never read to its end. */
  asOf: Instant.nullable(),
  /** `federation:missing` of the last reading: ids of members. */
  missing: z.array(z.string()),
  isReading: z.boolean(),
  /** Entries of the reading that is under way. */
  readCount: z.number().int(),
  failure: WireError.nullable(),
  /** Entries that were left out: without an id that is a text, of an id that came before, too long or nested too deep. */
  skipped: z.object({ noId: z.number().int(), double: z.number().int(), refused: z.number().int() }).optional(),
  /** Its pages led in a circle: there may be more, and entries that did not come again are kept. */
  isPartial: z.boolean().optional(),
})
export type ListState = z.infer<typeof ListState>

/** Queryable properties of a collection: a JSON Schema (OGC API Features part 3). */
export const Queryables = z.object({ schema: JsonObject, asOf: Instant })

export const CatalogueItem = z.object({
  id: z.string(),
  datetime: z.string().nullable(),
  bbox: z.array(z.number()).nullable(),
  geometry: Json.nullable(),
  cloudCover: z.number().nullable(),
  /** For `app://media/…`; null: none. */
  thumbnailId: z.string().nullable(),
  document: JsonObject,
})
export type CatalogueItem = z.infer<typeof CatalogueItem>

/** A way to look at a collection: tiles for the map, or a picture. The address stays in main. */
export const Preview = z.object({
  /** `app://tiles/ID/z/x/y` for tiles, `app://media/ID` for a picture. */
  id: z.string(),
  kind: z.enum(['xyz', 'wmts', 'picture']),
  title: z.string(),
  /** Where it comes from, for reading. */
  host: z.string(),
  minimumZoom: z.number().int().nullable(),
  maximumZoom: z.number().int().nullable(),
  attribution: z.string().nullable(),
})
export type Preview = z.infer<typeof Preview>

export const catalogue = feature({
  calls: {
    search: call(SearchQuery, SearchAnswer),
    /** `text`: only bands, platforms and members whose names hold it, for those beyond the 200. */
    facets: call(
      z.object({
        connectionIds: z.array(ConnectionId),
        kinds: z.array(z.enum(ENTRY_KINDS)),
        text: z.string().max(200).optional(),
      }),
      Facets,
    ),
    /** From what is kept; asks the back-end for the whole document in the background where that is missing or old. */
    entry: call(EntryKey, Entry),
    /** The same kind and id at other connections, the asked one first. */
    twins: call(EntryKey, z.array(SearchHit)),
    lists: call(z.object({ connectionId: ConnectionId.nullable() }), z.array(ListState)),
    /** Reads the lists again; returns when that is done. */
    refresh: call(z.object({ connectionId: ConnectionId }), z.void()),
    cancelRefresh: call(z.object({ connectionId: ConnectionId }), z.void()),
    queryables: call(EntryKey, Queryables.nullable()),
    items: call(
      z.object({
        key: EntryKey,
        bbox: Bbox.nullable(),
        interval: z.tuple([DateOnly.nullable(), DateOnly.nullable()]).nullable(),
        limit: z.number().int().min(1).max(100),
        /** From the answer before; null: the first page. */
        page: z.string().max(200).nullable(),
      }),
      z.object({
        items: z.array(CatalogueItem),
        nextPage: z.string().nullable(),
        matched: z.number().int().nullable(),
      }),
    ),
    previews: call(EntryKey, z.array(Preview)),
    /** Allows one remote picture of a description; the id is for `app://media/…`. */
    allowPicture: call(z.object({ key: EntryKey, href: z.string().max(4096) }), z.object({ id: z.string() })),
  },
  events: {
    /** Entries of this connection were read again. */
    changed: z.object({ connectionId: ConnectionId, asOf: Instant }),
    listChanged: ListState,
    /** The whole document of one entry came in, or could not be read. */
    entryChanged: EntryKey,
  },
})
