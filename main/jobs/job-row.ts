/**
 * A job as a row, and as the window sees it.
 * Owns: the shapes. Does not: read or write them (job-store.ts, found-rows.ts).
 */
import type { Job } from '../../preload/contract/jobs.ts'
import type { ProcessGraph } from '../../preload/contract/vocabulary.ts'

export type JobRow = {
  id: string
  revision: number
  connection_id: string
  tag: string
  remote_id: string | null
  title: string
  state: Job['state']
  progress: number | null
  graph: string
  collection_id: string | null
  recipe_id: string | null
  area_id: string | null
  /** What the user asked for and the back-end has not done yet. */
  wants: 'start' | 'cancel' | 'remove' | null
  created_at: string
  updated_at: string
  started_at: string | null
  ended_at: string | null
  trouble: string | null
  error_message: string | null
  result_id: string | null
  poll_count: number
  /** Written before a start is sent, and taken back when it is done: where it is set, the start was perhaps received. */
  start_tried_at: string | null
  /** What the back-end told of the job before the start, as JSON of `Told` (lost-start.ts); null: to be asked for. */
  start_from: string | null
  /** Removed here; kept until the back-end has removed it too. */
  removed_at: string | null
  origin: Job['origin']
  federation_member: string | null
  /** 1: its results come to the library by themselves. */
  wants_results: 0 | 1
  /** The API that has the job and its id there (twins.ts); null: not known. */
  identity: string | null
}
/** Columns that change in a job's life. */
export type JobChange = Partial<
  Pick<
    JobRow,
    | 'remote_id'
    | 'state'
    | 'progress'
    | 'wants'
    | 'started_at'
    | 'ended_at'
    | 'trouble'
    | 'error_message'
    | 'result_id'
    | 'poll_count'
    | 'start_tried_at'
    | 'start_from'
    | 'graph'
    | 'wants_results'
  >
>
export type NewJobRow = {
  connectionId: string
  title: string
  graph: ProcessGraph
  collectionId: string | null
  recipeId: string | null
  areaId: string | null
  federationMember: string | null
}
/** A job as the list of a back-end tells it. Times as instants. */
export type FoundJob = {
  remoteId: string
  title: string
  state: Job['state']
  progress: number | null
  createdAt: string
  updatedAt: string
}

/** As the window sees it. */
export function toJob(row: JobRow, alsoAt: Job['alsoAt'] = []): Job {
  return {
    id: row.id as Job['id'],
    revision: row.revision,
    connectionId: row.connection_id as Job['connectionId'],
    remoteId: row.remote_id,
    title: row.title,
    state: row.state,
    progress: row.progress,
    graph: JSON.parse(row.graph) as Job['graph'],
    collectionId: row.collection_id,
    recipeId: row.recipe_id,
    areaId: row.area_id as Job['areaId'],
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    trouble: row.trouble === null ? null : (JSON.parse(row.trouble) as Job['trouble']),
    errorMessage: row.error_message,
    resultId: row.result_id as Job['resultId'],
    origin: row.origin,
    federationMember: row.federation_member,
    alsoAt,
    wantsResults: row.wants_results === 1,
  }
}
