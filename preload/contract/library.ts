/** Results on this computer: files with their STAC metadata and where they came from. */
import { z } from 'zod'
import { call, feature } from './define.ts'
import { WireError } from './errors.ts'
import { ConnectionId, Instant, JobId, JsonObject, ProcessGraph, ResultId } from './vocabulary.ts'

export const ResultAsset = z.object({
  key: z.string(),
  title: z.string(),
  mediaType: z.string(),
  /** What can show it. */
  mediaKind: z.enum(['raster', 'picture', 'json', 'other']),
  roles: z.array(z.string()),
  sizeBytes: z.number().int().nullable(),
  state: z.enum(['waiting', 'downloading', 'here', 'failed']),
  receivedBytes: z.number().int(),
  failure: WireError.optional(),
})
export type ResultAsset = z.infer<typeof ResultAsset>

export const Result = z.object({
  id: ResultId,
  revision: z.number().int(),
  jobId: JobId.nullable(),
  connectionId: ConnectionId.nullable(),
  title: z.string(),
  state: z.enum(['arriving', 'complete', 'incomplete']),
  bbox: z.array(z.number()).length(4).nullable(),
  interval: z.tuple([z.string().nullable(), z.string().nullable()]).nullable(),
  createdAt: Instant,
  assets: z.array(ResultAsset),
})
export type Result = z.infer<typeof Result>

export const Provenance = z.object({
  graph: ProcessGraph.nullable(),
  backEndUrl: z.string().nullable(),
  backEndTitle: z.string().nullable(),
  swathVersion: z.string(),
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
})

export const library = feature({
  calls: {
    list: call(z.void(), z.array(Result)),
    provenance: call(z.object({ id: ResultId }), Provenance),
    /** The STAC Collection or Item as kept on disk. */
    metadata: call(z.object({ id: ResultId }), JsonObject),
    rename: call(z.object({ id: ResultId, title: z.string().min(1).max(300) }), Result),
    /** Downloads again what failed. */
    retry: call(z.object({ id: ResultId }), Result),
    /** Moves the result's folder to the system's trash. */
    remove: call(z.object({ id: ResultId }), z.void()),
    /** Shows the files in the system's file manager. */
    reveal: call(z.object({ id: ResultId }), z.void()),
    /** Copies the result's files to a folder that the user chooses; null where the user canceled. */
    exportTo: call(z.object({ id: ResultId }), z.object({ fileCount: z.number().int() }).nullable()),
  },
  events: { changed: Result, removed: z.object({ id: ResultId }) },
})
