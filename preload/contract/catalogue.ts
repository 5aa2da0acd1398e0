/** What the back-ends offer: collections, processes, file formats; kept for reading without a network. */
import { z } from 'zod'
import { call, feature } from './define.ts'
import { ConnectionId, Instant, JsonObject } from './vocabulary.ts'

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

export const CollectionList = z.object({
  collections: z.array(CollectionSummary),
  /** When this was last read from the back-end. */
  asOf: Instant.nullable(),
})

export const catalogue = feature({
  calls: {
    collections: call(z.object({ connectionId: ConnectionId }), CollectionList),
    /** The whole STAC Collection document as the back-end wrote it. */
    collection: call(
      z.object({ connectionId: ConnectionId, id: z.string() }),
      z.object({ document: JsonObject, asOf: Instant }),
    ),
    processes: call(
      z.object({ connectionId: ConnectionId }),
      z.object({ processes: z.array(JsonObject), asOf: Instant.nullable() }),
    ),
    refresh: call(z.object({ connectionId: ConnectionId }), z.void()),
  },
  events: { changed: z.object({ connectionId: ConnectionId, asOf: Instant }) },
})
