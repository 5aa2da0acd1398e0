/**
 * What a back-end's answer about a job means here. Pure.
 * Source of the states: openEO API 1.2.0, batch jobs. Unknown states are kept as running: the job is followed on,
 * because a state that is not known says nothing about its end.
 */
import type { Job } from '../../preload/contract/jobs.ts'

const STATES: readonly string[] = ['created', 'queued', 'running', 'finished', 'error', 'canceled']

/** Upper case and stray spaces are seen on servers. */
export function stateFrom(status: unknown): Job['state'] {
  const word = typeof status === 'string' ? status.trim().toLowerCase() : ''
  return STATES.includes(word) ? (word as Job['state']) : 'running'
}

/** 0 to 100, or null where the back-end does not tell. A finished job is at 100. */
export function progressFrom(progress: unknown, state: Job['state']): number | null {
  if (state === 'finished') return 100
  const value = typeof progress === 'number' ? progress : Number.NaN
  return Number.isFinite(value) ? Math.min(100, Math.max(0, value)) : null
}
