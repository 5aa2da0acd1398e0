/** Batch jobs: asked for, followed to their end, logged. */
import { z } from 'zod'
import { call, feature } from './define.ts'
import { WireError } from './errors.ts'
import { AreaId, ConnectionId, Instant, JobId, ProcessGraph, ResultId } from './vocabulary.ts'

export const JOB_STATES = [
  /** Kept here, not yet known to the back-end. */
  'waiting',
  /** Being sent; after a crash the back-end is asked whether it arrived, before anything is sent again. */
  'sending',
  'created',
  'queued',
  'running',
  'finished',
  'error',
  'canceled',
  /** The back-end does not know it any more. */
  'gone',
] as const

export const Job = z.object({
  id: JobId,
  revision: z.number().int(),
  connectionId: ConnectionId,
  /** The back-end's id; null until it answered. */
  remoteId: z.string().nullable(),
  title: z.string(),
  state: z.enum(JOB_STATES),
  /** 0 to 100, where the back-end tells. */
  progress: z.number().min(0).max(100).nullable(),
  graph: ProcessGraph,
  collectionId: z.string().nullable(),
  recipeId: z.string().nullable(),
  areaId: AreaId.nullable(),
  createdAt: Instant,
  updatedAt: Instant,
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  /** Why the last attempt to reach the back-end failed, and when the next one comes. */
  trouble: z.object({ error: WireError, since: Instant, nextTryAt: Instant.nullable() }).nullable(),
  /** Why the job itself failed: the back-end's last error log. */
  errorMessage: z.string().nullable(),
  resultId: ResultId.nullable(),
  /** `back-end`: found in the list of the back-end, made by another program or on another computer. */
  origin: z.enum(['swath', 'back-end']),
  /** The member of the federation that was asked for; null: the federation chose. */
  federationMember: z.string().nullable(),
  /** The same job seen through another connection (a federation and its member); it is shown once. */
  alsoAt: z.array(z.object({ connectionId: ConnectionId, remoteId: z.string() })),
  /** Its results come to the library by themselves; false for found jobs until the user asks for them. */
  wantsResults: z.boolean(),
})
export type Job = z.infer<typeof Job>

export const JobLog = z.object({
  id: z.string(),
  level: z.enum(['error', 'warning', 'info', 'debug']),
  message: z.string(),
  time: z.string().nullable(),
  code: z.string().nullable(),
})
export type JobLog = z.infer<typeof JobLog>

export const NewJob = z.object({
  connectionId: ConnectionId,
  title: z.string().min(1).max(300),
  graph: ProcessGraph,
  collectionId: z.string().nullable(),
  recipeId: z.string().nullable(),
  areaId: AreaId.nullable(),
  federationMember: z.string().max(200).nullable().default(null),
})

/** How the list of jobs of one connection was last read. */
export const JobList = z.object({
  connectionId: ConnectionId,
  asOf: Instant,
  /** `federation:missing`: ids of members that the list came without; their jobs are kept as last seen. */
  missing: z.array(z.string()),
  /** Why it could not be read. */
  failure: WireError.nullable(),
})
export type JobList = z.infer<typeof JobList>

export const jobs = feature({
  calls: {
    list: call(z.void(), z.array(Job)),
    /** Keeps the job, sends it to the back-end and starts it. */
    submit: call(NewJob, Job),
    /** Starts again a job that ended; its results are replaced. */
    restart: call(z.object({ id: JobId }), Job),
    cancel: call(z.object({ id: JobId }), Job),
    /**
     * Removes the job here and, unless `from` is `list`, at the back-end; a result in the library stays. It does not come
     * back with the next list of the back-end.
     */
    remove: call(z.object({ id: JobId, from: z.enum(['back-end', 'list']).optional() }), z.void()),
    /** Brings the results of a job that was found at the back-end to the library: now, or when it has finished. */
    fetchResults: call(z.object({ id: JobId }), Job),
    /** Log entries, oldest first; `after` is the id of the last one known. */
    logs: call(z.object({ id: JobId, after: z.string().nullable() }), z.array(JobLog)),
    /** Asks the back-end now instead of at the next poll; the graph of a found job comes with that. */
    refresh: call(z.object({ id: JobId }), Job),
    /** Reads the list of the back-end now; jobs of others appear. `foundCount`: those that were not known here. */
    findAtBackEnd: call(
      z.object({ connectionId: ConnectionId }),
      z.object({ foundCount: z.number().int(), missing: z.array(z.string()) }),
    ),
    /** How the lists of the back-ends were last read, since Swath was started. */
    lists: call(z.void(), z.array(JobList)),
  },
  events: { changed: Job, removed: z.object({ id: JobId }), listRead: JobList },
})
