/**
 * What a job's state means and what can be done in it. Pure.
 * Source of the transitions: openEO API 1.2, batch jobs; `waiting`, `sending` and `gone` are Swath's own (contract).
 */
import type { Job } from '../../preload/contract/jobs.ts'
import { formatDuration, formatTime } from '../ui/format.ts'

type State = Job['state']
export type Tone = 'neutral' | 'info' | 'good' | 'warn' | 'bad'

const STATES: Record<State, { says: string; tone: Tone }> = {
  waiting: { says: 'Waits to be sent', tone: 'neutral' },
  sending: { says: 'Being sent', tone: 'info' },
  created: { says: 'Created, not started', tone: 'neutral' },
  queued: { says: 'Queued', tone: 'info' },
  running: { says: 'Running', tone: 'info' },
  finished: { says: 'Finished', tone: 'good' },
  error: { says: 'Failed', tone: 'bad' },
  canceled: { says: 'Canceled', tone: 'neutral' },
  gone: { says: 'Unknown to the back-end', tone: 'warn' },
}

export const stateWords = (state: State): string => STATES[state].says
export const stateTone = (state: State): Tone => STATES[state].tone
export const JOB_FILTERS = [
  { value: 'all', label: 'All states' },
  { value: 'active', label: 'Under way' },
  { value: 'finished', label: 'Finished' },
  { value: 'failed', label: 'Failed' },
  { value: 'canceled', label: 'Canceled' },
] as const
export type JobFilter = (typeof JOB_FILTERS)[number]['value']

const ACTIVE: readonly State[] = ['waiting', 'sending', 'queued', 'running']
/** Something still happens by itself. */
export const isActive = (state: State): boolean => ACTIVE.includes(state)

export function matchesFilter(state: State, filter: JobFilter): boolean {
  if (filter === 'all') return true
  if (filter === 'active') return isActive(state) || state === 'created'
  if (filter === 'failed') return state === 'error' || state === 'gone'
  return state === filter
}

export const canCancel = (job: Job): boolean => isActive(job.state) && job.state !== 'sending'
export const canRestart = (job: Job): boolean => ['created', 'finished', 'error', 'canceled'].includes(job.state)

/** `Running, 42 %`. */
export function progressWords(job: Job): string {
  const isTold = job.progress !== null && job.state === 'running'
  return isTold ? `${stateWords(job.state)}, ${Math.floor(job.progress ?? 0)} %` : stateWords(job.state)
}

/** `The back-end has not answered since 10:42; next try in 60 s.`; empty where nothing is wrong. */
export function troubleWords({ trouble }: Job, now: number): string {
  if (!trouble) return ''
  const clock = formatTime(trouble.since).slice(0, 5)
  const said = trouble.error.code === 'offline' || trouble.error.code === 'time-out'
  const what = said
    ? `The back-end has not answered since ${clock}`
    : `Since ${clock}: ${trouble.error.message.replace(/\.$/, '')}`
  if (!trouble.nextTryAt) return `${what}.`
  const waitMs = Date.parse(trouble.nextTryAt) - now
  if (!Number.isFinite(waitMs)) return `${what}.`
  return waitMs <= 0
    ? `${what}; trying now.`
    : `${what}; next try in ${Math.ceil(waitMs / 1000) < 120 ? `${Math.ceil(waitMs / 1000)} s` : formatDuration(waitMs)}.`
}

/** How long it has run, or ran; null before it started. */
export function runtimeMs(job: Job, now: number): number | null {
  if (!job.startedAt) return null
  const end = job.endedAt ? Date.parse(job.endedAt) : isActive(job.state) ? now : Date.parse(job.updatedAt)
  return Math.max(0, end - Date.parse(job.startedAt))
}

/** How long something has run that is told anew every second: whole seconds, no milliseconds that would only flicker. */
export function runningWords(durationMs: number): string {
  if (durationMs < 1000) return 'less than 1 s'
  return durationMs < 10_000 ? `${Math.floor(durationMs / 1000)} s` : formatDuration(durationMs)
}

export const JOB_ORDERS = [
  { value: 'newest', label: 'Newest first' },
  { value: 'oldest', label: 'Oldest first' },
  { value: 'changed', label: 'Last changed' },
  { value: 'title', label: 'Title' },
] as const
export type JobOrder = (typeof JOB_ORDERS)[number]['value']

const BY: Record<JobOrder, (a: Job, b: Job) => number> = {
  newest: (a, b) => b.createdAt.localeCompare(a.createdAt),
  oldest: (a, b) => a.createdAt.localeCompare(b.createdAt),
  changed: (a, b) => b.updatedAt.localeCompare(a.updatedAt),
  title: (a, b) => a.title.localeCompare(b.title, 'en', { numeric: true }),
}
/** A copy in that order; equal ones keep theirs by id. */
export const sortedJobs = (jobs: readonly Job[], order: JobOrder): Job[] =>
  [...jobs].sort((a, b) => BY[order](a, b) || a.id.localeCompare(b.id))

/** For the rail: jobs under way. */
export function jobBadge(jobs: readonly Job[]) {
  const active = jobs.filter((job) => isActive(job.state)).length
  if (active === 0) return undefined
  return { count: active, tone: 'busy', says: active === 1 ? '1 job under way' : `${active} jobs under way` } as const
}
