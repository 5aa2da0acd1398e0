/**
 * Whether a start whose answer was lost has reached its job. Pure.
 * Why it must be known: openEO lets a job that has ended be started again, and each start may cost credits; only a job
 * that is queued or running ignores a second one (openEO API 1.2.0, `POST /jobs/{job_id}/results`).
 * The rule: what cannot be told counts as started, because a start too few is seen and put right, one too many is paid.
 */
import { stateFrom } from './job-status.ts'
import { isFinal } from './next-poll.ts'

/** What a back-end tells of a job; `updated` is the time of its last change of status, null where it does not say. */
export type Told = { status: unknown; updated: string | null }

/** `before` is what was told ahead of the start (null: not noted), `after` what is told since. */
export function lostStart(before: Told | null, after: Told): 'not-started' | 'started' | 'unknown' {
  const state = stateFrom(after.status)
  if (state === 'created') return 'not-started'
  if (!isFinal(state)) return 'started'
  if (before === null) return 'unknown'
  // an end that was not there before, or is another one, is the end of this start
  if (stateFrom(before.status) !== state) return 'started'
  if (before.updated === null || after.updated === null) return 'unknown'
  return before.updated === after.updated ? 'not-started' : 'started'
}
