/**
 * Batch jobs and their logs as rows: what is answered is what is saved.
 * Owns: tables job and job_log. Does not: run anything (queue.ts) or touch files (job-files.ts).
 * A job's log is bounded: beyond MOST_LOG_ROWS the oldest entries below `warning` go first.
 */
import { randomUUID } from 'node:crypto'
import { type Clock, instant } from '../../core/clock.ts'
import type { Database, Row } from '../../core/database.ts'

export const LOG_LEVELS = ['error', 'warning', 'info', 'debug'] as const
export type JobLogLevel = (typeof LOG_LEVELS)[number]
export const JOB_STATUSES = ['created', 'queued', 'running', 'finished', 'error', 'canceled'] as const
export type JobStatus = (typeof JOB_STATUSES)[number]

export type Job = {
  seq: number
  id: string
  status: JobStatus
  title: string | null
  description: string | null
  process: { process_graph: object }
  budget: number | null
  logLevel: JobLogLevel
  progress: number | null
  run: number
  resultRun: number | null
  interruptions: number
  createdAt: string
  updatedAt: string
  startedAt: string | null
  endedAt: string | null
  usage: Record<string, { value: number; unit: string }> | null
}
export type NewJob = Pick<Job, 'title' | 'description' | 'process' | 'budget' | 'logLevel'>
export type LogEntry = { level: JobLogLevel; message: string; code?: string; data?: unknown; path?: unknown }
export type StoredLogEntry = LogEntry & { id: string; time: string }
type Change = Partial<Omit<Job, 'seq' | 'id' | 'createdAt' | 'updatedAt'>> & { queuePlace?: number | null }

export const MOST_LOG_ROWS = 5_000
export const TRIM_EVERY = 50
const MOST_MESSAGE_LENGTH = 10_000
const MOST_DATA_LENGTH = 100_000

const COLUMNS: Record<keyof Change, string> = {
  status: 'status',
  title: 'title',
  description: 'description',
  process: 'process',
  budget: 'budget',
  logLevel: 'log_level',
  progress: 'progress',
  run: 'run',
  resultRun: 'result_run',
  interruptions: 'interruptions',
  startedAt: 'started_at',
  endedAt: 'ended_at',
  usage: 'usage',
  queuePlace: 'queue_place',
}

function fromRow(row: Row): Job {
  return {
    seq: row.seq as number,
    id: row.id as string,
    status: row.status as JobStatus,
    title: row.title as string | null,
    description: row.description as string | null,
    process: JSON.parse(row.process as string),
    budget: row.budget as number | null,
    logLevel: row.log_level as JobLogLevel,
    progress: row.progress as number | null,
    run: row.run as number,
    resultRun: row.result_run as number | null,
    interruptions: row.interruptions as number,
    createdAt: row.created_at as string,
    updatedAt: row.updated_at as string,
    startedAt: row.started_at as string | null,
    endedAt: row.ended_at as string | null,
    usage: row.usage === null ? null : JSON.parse(row.usage as string),
  }
}

const jsonOrNull = (value: unknown, most: number): string | null => {
  if (value === undefined || value === null) return null
  const text = JSON.stringify(value) ?? null
  return text !== null && text.length > most ? JSON.stringify({ omitted: 'too large for the log' }) : text
}

/** A store over an open database with BACK_END_MIGRATIONS. */
export class JobStore {
  readonly #database: Database
  readonly #clock: Clock

  constructor(database: Database, clock: Clock) {
    this.#database = database
    this.#clock = clock
  }

  #now = () => instant(this.#clock.now())

  /** Saved when it returns, through a power cut too. */
  create(job: NewJob): Job {
    const id = `j-${randomUUID()}`
    const now = this.#now()
    this.#database.durable(() =>
      this.#database.run(
        `INSERT INTO job (id, status, title, description, process, budget, log_level, created_at, updated_at)
         VALUES (?, 'created', ?, ?, ?, ?, ?, ?, ?)`,
        [id, job.title, job.description, JSON.stringify(job.process), job.budget, job.logLevel, now, now],
      ),
    )
    return this.get(id) as Job
  }

  get(id: string): Job | undefined {
    const row = this.#database.get('SELECT * FROM job WHERE id = ?', [id])
    return row && fromRow(row)
  }

  /** Newest first; `before` is the `seq` that the list goes on after. */
  list(limit: number, before = Number.MAX_SAFE_INTEGER): Job[] {
    return this.#database.all('SELECT * FROM job WHERE seq < ? ORDER BY seq DESC LIMIT ?', [before, limit]).map(fromRow)
  }

  withStatus(status: JobStatus): Job[] {
    return this.#database.all('SELECT * FROM job WHERE status = ? ORDER BY seq', [status]).map(fromRow)
  }

  /** The job that runs next. */
  nextQueued(): Job | undefined {
    const row = this.#database.get(
      "SELECT * FROM job WHERE status = 'queued' AND queue_place IS NOT NULL ORDER BY queue_place LIMIT 1",
    )
    return row && fromRow(row)
  }

  update(id: string, change: Change): void {
    const names = Object.keys(change) as (keyof Change)[]
    const assignments = names.map((name) => `${COLUMNS[name]} = ?`)
    const values = names.map((name) => {
      const value = change[name]
      return typeof value === 'object' && value !== null ? JSON.stringify(value) : (value ?? null)
    })
    this.#database.run(`UPDATE job SET ${[...assignments, 'updated_at = ?'].join(', ')} WHERE id = ?`, [
      ...values,
      this.#now(),
      id,
    ])
  }

  /** Puts the job at the end of the queue as a new run; results and logs of earlier runs end here. */
  enqueue(id: string): void {
    this.#database.durable(() => {
      this.#database.run('DELETE FROM job_log WHERE job_seq = (SELECT seq FROM job WHERE id = ?)', [id])
      this.#database.run(
        `UPDATE job SET status = 'queued', progress = 0, run = run + 1, result_run = NULL, interruptions = 0,
           started_at = NULL, ended_at = NULL, usage = NULL, updated_at = ?,
           queue_place = (SELECT coalesce(max(queue_place), 0) + 1 FROM job WHERE queue_place IS NOT NULL)
         WHERE id = ?`,
        [this.#now(), id],
      )
    })
  }

  /** Back into the queue at its old place: the run was interrupted, not ended. */
  requeue(id: string): void {
    this.#database.run(
      `UPDATE job SET status = 'queued', progress = 0, run = run + 1, interruptions = interruptions + 1, updated_at = ?
       WHERE id = ?`,
      [this.#now(), id],
    )
  }

  remove(id: string): void {
    this.#database.run('DELETE FROM job WHERE id = ?', [id])
  }

  tx<T>(work: () => T): T {
    return this.#database.tx(work)
  }

  /** Adds an entry unless the job's log level says otherwise. */
  log(job: Pick<Job, 'seq' | 'logLevel'>, entry: LogEntry): void {
    const level = LOG_LEVELS.indexOf(entry.level)
    if (level > LOG_LEVELS.indexOf(job.logLevel)) return
    this.#database.tx(() => {
      const { lastId } = this.#database.run(
        'INSERT INTO job_log (job_seq, level, at, message, code, data, path) VALUES (?,?,?,?,?,?,?)',
        [
          job.seq,
          level,
          this.#now(),
          entry.message.slice(0, MOST_MESSAGE_LENGTH),
          entry.code ?? null,
          jsonOrNull(entry.data, MOST_DATA_LENGTH),
          jsonOrNull(entry.path, MOST_DATA_LENGTH),
        ],
      )
      // counting costs; a few rows more than the bound do not
      if (lastId % TRIM_EVERY === 0) this.#trim(job.seq)
    })
  }

  #trim(seq: number): void {
    const count =
      this.#database.get<{ n: number }>('SELECT count(*) AS n FROM job_log WHERE job_seq = ?', [seq])?.n ?? 0
    if (count <= MOST_LOG_ROWS) return
    // a tenth at once, so that a job that logs much does not pay for it with every entry
    this.#database.run(
      `DELETE FROM job_log WHERE id IN
         (SELECT id FROM job_log WHERE job_seq = ? ORDER BY level <= 1, id LIMIT ?)`,
      [seq, count - MOST_LOG_ROWS + MOST_LOG_ROWS / 10],
    )
  }

  /** Entries after the one with the id `offset`, of `level` and worse, oldest first. */
  logs(job: Job, level: JobLogLevel, offset: number, limit: number): StoredLogEntry[] {
    return this.#database
      .all('SELECT * FROM job_log WHERE job_seq = ? AND id > ? AND level <= ? ORDER BY id LIMIT ?', [
        job.seq,
        offset,
        LOG_LEVELS.indexOf(level),
        limit,
      ])
      .map(logFromRow)
  }

  /** The latest error of the job's log. */
  lastError(job: Job): StoredLogEntry | undefined {
    const row = this.#database.get('SELECT * FROM job_log WHERE job_seq = ? AND level = 0 ORDER BY id DESC LIMIT 1', [
      job.seq,
    ])
    return row && logFromRow(row)
  }

  /** A text kept under a name, made at first use. */
  word(name: string, make: () => string): string {
    this.#database.run('INSERT OR IGNORE INTO word (name, value) VALUES (?, ?)', [name, make()])
    return this.#database.get<{ value: string }>('SELECT value FROM word WHERE name = ?', [name])?.value as string
  }
}

function logFromRow(row: Row): StoredLogEntry {
  return {
    id: String(row.id),
    level: LOG_LEVELS[row.level as number] as JobLogLevel,
    message: row.message as string,
    time: row.at as string,
    ...(row.code === null ? {} : { code: row.code as string }),
    ...(row.data === null ? {} : { data: JSON.parse(row.data as string) }),
    ...(row.path === null ? {} : { path: JSON.parse(row.path as string) }),
  }
}
