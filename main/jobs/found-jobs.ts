/**
 * What the list of a back-end means for the jobs that are known here. Pure.
 * Owns: which entries are new, changed or not to be taken. The rule: a list adds and updates, and removes nothing, because
 * a member that was slow, an account that sees less or a page that failed leave jobs out that are still there.
 */
import type { Job } from '../../preload/contract/jobs.ts'
import type { RemoteJob } from '../protocols/openeo.ts'
import type { FoundJob, JobRow } from './job-row.ts'
import { progressFrom, stateFrom } from './job-status.ts'
import { isFinal } from './next-poll.ts'

/** What is known here of one connection's jobs. */
export type KnownJob = Pick<
  JobRow,
  | 'id'
  | 'remote_id'
  | 'tag'
  | 'title'
  | 'state'
  | 'progress'
  | 'updated_at'
  | 'origin'
  | 'wants_results'
  | 'wants'
  | 'removed_at'
>
export type ListPlan = {
  add: FoundJob[]
  change: { id: string; found: FoundJob }[]
  /** Found before, still open, and not in a list that was complete: the back-end is asked for each of them. */
  unlisted: string[]
}

/** Jobs kept of one list, newest first, beside those that have not ended. */
export const MOST_FOUND = 2_000
const MOST_ASKED = 5

export function planList(
  listed: readonly RemoteJob[],
  known: readonly KnownJob[],
  dismissed: ReadonlySet<string>,
  isComplete: boolean,
  now: string,
): ListPlan {
  const byRemoteId = new Map(known.flatMap((row) => (row.remote_id === null ? [] : [[row.remote_id, row]])))
  const unanswered = known.filter((row) => row.remote_id === null)
  const plan: ListPlan = { add: [], change: [], unlisted: [] }
  const seen = new Set<string>()
  for (const remote of listed) {
    if (seen.has(remote.id) || dismissed.has(remote.id)) continue
    seen.add(remote.id)
    const row = byRemoteId.get(remote.id)
    const found = asFound(remote, now)
    if (row) {
      if (isFollowedByList(row) && isOther(row, found, remote)) plan.change.push({ id: row.id, found })
    } else if (!unanswered.some((own) => isSentByUs(remote, own))) plan.add.push(found)
  }
  plan.add = newest(plan.add)
  if (isComplete)
    plan.unlisted = known
      .filter((row) => isFollowedByList(row) && isOpen(row.state) && !seen.has(row.remote_id ?? ''))
      .slice(0, MOST_ASKED)
      .map(({ id }) => id)
  return plan
}

/** Jobs that were found and that nothing was asked for here. */
export const isFollowedByList = (row: Pick<KnownJob, 'origin' | 'wants_results' | 'wants' | 'removed_at'>): boolean =>
  row.origin === 'back-end' && row.wants_results === 0 && row.wants === null && row.removed_at === null

export const isOpen = (state: Job['state']): boolean => state === 'queued' || state === 'running'

function asFound(remote: RemoteJob, now: string): FoundJob {
  const state = stateFrom(remote.status)
  const createdAt = remote.created ?? remote.updated ?? now
  return {
    remoteId: remote.id,
    title: remote.title.slice(0, 300) || remote.id.slice(0, 300),
    state,
    progress: progressFrom(remote.progress, state),
    createdAt,
    updatedAt: remote.updated ?? createdAt,
  }
}

const isOther = (row: KnownJob, found: FoundJob, remote: RemoteJob) =>
  row.state !== found.state ||
  row.title !== found.title ||
  row.progress !== found.progress ||
  (remote.updated !== null && row.updated_at < found.updatedAt)

/** A job whose answer is still under way to this computer. Some back-ends leave descriptions out of the list. */
const isSentByUs = (remote: RemoteJob, own: KnownJob) =>
  remote.description.includes(own.tag) || (remote.description === '' && remote.title === own.title)

function newest(found: FoundJob[]): FoundJob[] {
  if (found.length <= MOST_FOUND) return found
  const byAge = [...found].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
  return byAge.filter((one, place) => place < MOST_FOUND || !isFinal(one.state))
}
