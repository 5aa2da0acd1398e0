/**
 * What has to be done next for a job, from its row alone. Pure: the same answer before and after a crash.
 * The rule that keeps a job from being made twice: a row in state `sending` whose back-end id is not known was perhaps
 * received, so the back-end's list is searched for the row's tag before anything is sent again. That it is not started
 * twice either is lost-start.ts.
 */
import type { JobRow } from './job-row.ts'
import { isFinal } from './next-poll.ts'

export type NextStep =
  | { do: 'create' }
  | { do: 'find' }
  | { do: 'start' }
  | { do: 'cancel' }
  | { do: 'remove' }
  | { do: 'look' }
  | { do: 'nothing' }

export function nextStep(row: Pick<JobRow, 'state' | 'remote_id' | 'wants'>): NextStep {
  if (row.remote_id === null) {
    // nothing is known of it at the back-end: what was never sent can be dropped here
    if (row.state === 'sending') return { do: 'find' }
    if (row.wants === 'remove' || row.wants === 'cancel') return { do: 'nothing' }
    return row.state === 'waiting' ? { do: 'create' } : { do: 'nothing' }
  }
  if (row.wants === 'remove') return { do: 'remove' }
  if (row.wants === 'cancel') return { do: 'cancel' }
  if (row.wants === 'start') return { do: 'start' }
  return isFinal(row.state) || row.state === 'created' ? { do: 'nothing' } : { do: 'look' }
}
