/**
 * When a job is looked at again. A pure decision; follow.ts acts on it.
 * Why these figures: openEO has no push; openeo-python-client polls from 5 s on, ×1.25, to 60 s, and tolerates soft
 * errors. The embedded back-end costs nothing to ask, so its jobs are looked at every second at first.
 */
import type { Job } from '../../preload/contract/jobs.ts'

export type PollHistory = {
  state: Job['state']
  isEmbedded: boolean
  /** Polls since the state last changed. */
  polls: number
  /** Failures in a row that may pass: time-outs, 5xx, no network. */
  softErrors: number
}
export type PollDecision = { do: 'stop' } | { do: 'wait'; waitMs: number }

const FINAL: readonly Job['state'][] = ['finished', 'error', 'canceled', 'gone']
export const isFinal = (state: Job['state']): boolean => FINAL.includes(state)

const LONGEST_MS = 60_000
const FIRST_MS = 5_000
const FIRST_EMBEDDED_MS = 500

export function nextPoll({ state, isEmbedded, polls, softErrors }: PollHistory): PollDecision {
  // a job that is only created waits for the user, not for the back-end
  if (isFinal(state) || state === 'created' || state === 'waiting') return { do: 'stop' }
  if (softErrors > 0) return { do: 'wait', waitMs: Math.min(FIRST_MS * 2 ** (softErrors - 1), LONGEST_MS) }
  const firstMs = isEmbedded ? FIRST_EMBEDDED_MS : FIRST_MS
  const longestMs = isEmbedded ? FIRST_MS : LONGEST_MS
  return { do: 'wait', waitMs: Math.min(firstMs * 1.25 ** Math.min(polls, 40), longestMs) }
}
