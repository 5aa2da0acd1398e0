/**
 * Batch jobs: create, list, look at, change, delete, start, stop, logs.
 * Owns: the answers. Does not: run jobs (batch-jobs/queue.ts) or hand out results (routes/results.ts).
 */
import { type Job, LOG_LEVELS } from '../../batch-jobs/job-store.ts'
import type { BackEnd } from '../back-end.ts'
import { jobLocked, jobNotFound, requestInvalid } from '../errors.ts'
import { type Exchange, empty, json, type Route, route } from '../exchange.ts'
import { keyedLinks, type Link } from '../paging.ts'
import { readJobChange, readNewJob } from '../read-job.ts'
import { oneOf, wholeNumber } from '../read-request.ts'

const MOST_JOBS = 100_000

const isActive = ({ status }: Job) => status === 'queued' || status === 'running'

/** What the list shows of a job: no graph. */
function summary(job: Job) {
  return {
    id: job.id,
    status: job.status,
    created: job.createdAt,
    updated: job.updatedAt,
    ...(job.title === null ? {} : { title: job.title }),
    ...(job.description === null ? {} : { description: job.description }),
    ...(job.progress === null ? {} : { progress: progressOf(job) }),
    ...(job.budget === null ? {} : { budget: job.budget }),
  }
}

/** Waiting jobs are at 0 and finished ones at 100 (openEO API 1.2.0, batch_job). */
const progressOf = ({ status, progress }: Job) =>
  status === 'finished' ? 100 : status === 'created' || status === 'queued' ? 0 : progress

function whole(job: Job, base: string) {
  const type = 'application/json'
  const links: Link[] = []
  if (job.run > 0) links.push({ rel: 'monitor', href: `${base}/jobs/${job.id}/logs`, type, title: 'Log' })
  if (job.resultRun !== null)
    links.push({ rel: 'result', href: `${base}/jobs/${job.id}/results`, type, title: 'Results' })
  return {
    ...summary(job),
    process: job.process,
    log_level: job.logLevel,
    ...(job.usage === null ? {} : { usage: job.usage }),
    links,
  }
}

/** The job of the address. @throws OpeneoError JobNotFound */
export function jobOf({ store }: Pick<BackEnd, 'store'>, { parameters }: Exchange): Job {
  const id = parameters.job_id ?? ''
  const job = store.get(id)
  if (!job) throw jobNotFound(id)
  return job
}

export function jobRoutes(backEnd: BackEnd): Route[] {
  const { store, queue, files } = backEnd
  return [
    route('GET', '/jobs', 'bearer', (exchange) => {
      const limit = wholeNumber(exchange.query, 'limit')
      const jobs = store.list((limit ?? MOST_JOBS) + 1, wholeNumber(exchange.query, 'offset'))
      const part = jobs.slice(0, limit ?? MOST_JOBS)
      const last = jobs.length > part.length ? part.at(-1) : undefined
      return json({ jobs: part.map(summary), links: keyedLinks(exchange, last && String(last.seq)) })
    }),
    route('POST', '/jobs', 'bearer', async (exchange) => {
      const { id } = store.create(readNewJob(await exchange.json()))
      return empty(201, { Location: `${exchange.base}/jobs/${id}`, 'OpenEO-Identifier': id })
    }),
    route('GET', '/jobs/{job_id}', 'bearer', (exchange) => json(whole(jobOf(backEnd, exchange), exchange.base))),
    route('PATCH', '/jobs/{job_id}', 'bearer', async (exchange) => {
      const change = readJobChange(await exchange.json())
      const job = jobOf(backEnd, exchange)
      if (isActive(job)) throw jobLocked()
      store.update(job.id, change)
      return empty(204)
    }),
    route('DELETE', '/jobs/{job_id}', 'bearer', async (exchange) => {
      const job = jobOf(backEnd, exchange)
      await queue.stop(job)
      store.remove(job.id)
      await files.remove(job.id)
      return empty(204)
    }),
    route('POST', '/jobs/{job_id}/results', 'bearer', (exchange) => {
      const job = jobOf(backEnd, exchange)
      if (!isActive(job)) queue.start(job.id)
      return empty(202)
    }),
    route('DELETE', '/jobs/{job_id}/results', 'bearer', async (exchange) => {
      await queue.stop(jobOf(backEnd, exchange))
      return empty(204)
    }),
    route('GET', '/jobs/{job_id}/logs', 'bearer', (exchange) => logsAnswer(backEnd, exchange)),
  ]
}

function logsAnswer(backEnd: BackEnd, exchange: Exchange) {
  const job = jobOf(backEnd, exchange)
  const level = oneOf(exchange.query, 'level', LOG_LEVELS) ?? 'info'
  const limit = wholeNumber(exchange.query, 'limit') ?? MOST_JOBS
  const offset = exchange.query.get('offset') || '0'
  if (!/^\d{1,15}$/.test(offset)) throw requestInvalid("'offset' must be the id of a log entry.")
  const entries = backEnd.store.logs(job, level, Number(offset), limit + 1)
  const logs = entries.slice(0, limit)
  const last = entries.length > logs.length ? logs.at(-1) : undefined
  return json({ level, logs, links: keyedLinks(exchange, last?.id) })
}
