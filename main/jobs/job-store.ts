/**
 * Jobs as rows.
 * Owns: tables job and job_log. Does not: speak with back-ends (carry-out.ts) or publish (index.ts).
 * Every change raises the revision, so that the window can tell an older state from a newer one.
 */
import type { JobLog } from '../../preload/contract/jobs.ts'
import { type Clock, instant } from '../core/clock.ts'
import type { Database, SqlValue } from '../core/database.ts'
import { newId } from '../core/ids.ts'
import { foundRows } from './found-rows.ts'
import type { JobChange, JobRow, NewJobRow } from './job-row.ts'

export type JobStore = ReturnType<typeof createJobStore>

const MOST_LISTED = 1000
/** Columns that decide what is sent. */
const DECIDING: readonly (keyof JobChange)[] = ['remote_id', 'wants', 'state', 'start_tried_at']
/** Log entries kept of one job; the oldest go first. */
const MOST_LOGS = 20_000

export function createJobStore({ database, clock }: { database: Database; clock: Clock }) {
  const get = (id: string): JobRow | undefined =>
    database.get<JobRow>('SELECT * FROM job WHERE id = ? AND removed_at IS NULL', [id])

  const peek = (id: string): JobRow | undefined => database.get<JobRow>('SELECT * FROM job WHERE id = ?', [id])
  /** A change that decides what is sent is forced to the disk; one that only reports is not. */
  const write = (change: JobChange, work: () => void) =>
    DECIDING.some((column) => column in change) ? database.durable(work) : database.tx(work)

  return {
    ...foundRows({ database, clock }),
    get,
    /** Also a job that was removed here and not yet at its back-end. */
    peek,
    list: (): JobRow[] =>
      database.all<JobRow>('SELECT * FROM job WHERE removed_at IS NULL ORDER BY created_at DESC LIMIT ?', [
        MOST_LISTED,
      ]),
    /**
     * Jobs that wait for something: to be sent, started, followed, canceled or removed. Those that were only found are
     * followed by the list of their back-end.
     */
    open: (): JobRow[] =>
      database.all<JobRow>(
        `SELECT * FROM job WHERE wants IS NOT NULL
           OR (state IN ('waiting', 'sending', 'queued', 'running') AND wants_results = 1)
         ORDER BY created_at`,
      ),
    /** Finished jobs whose results are wanted and have not reached the library. */
    unfetched: (): JobRow[] =>
      database.all<JobRow>(
        `SELECT * FROM job
         WHERE state = 'finished' AND result_id IS NULL AND removed_at IS NULL AND wants_results = 1`,
      ),

    /** The row is forced to the disk before anything is sent. */
    add(job: NewJobRow): JobRow {
      const id = newId('job', clock.now())
      const now = instant(clock.now())
      database.durable(() =>
        database.run(
          `INSERT INTO job (id, connection_id, tag, title, state, graph, collection_id, recipe_id, area_id,
                            federation_member, wants, created_at, updated_at)
           VALUES (?, ?, ?, ?, 'waiting', ?, ?, ?, ?, ?, 'start', ?, ?)`,
          [
            id,
            job.connectionId,
            newId('swath', clock.now()),
            job.title,
            JSON.stringify(job.graph),
            job.collectionId,
            job.recipeId,
            job.areaId,
            job.federationMember,
            now,
            now,
          ],
        ),
      )
      return get(id) as JobRow
    },

    /**
     * `done` names the wish that was carried out: only that one is taken back, because the user may have asked for
     * something else while the back-end was answering. `all` takes back every wish but the removal. What was noted for
     * a start goes with any of them: the next start is a new one.
     */
    change(id: string, change: JobChange, done?: 'start' | 'cancel' | 'all'): JobRow | undefined {
      const assignments = Object.keys(change).map((column) => `${column} = ?, `)
      if (done === 'all') assignments.push(`wants = CASE wants WHEN 'remove' THEN 'remove' END, `)
      else if (done) assignments.push(`wants = CASE wants WHEN '${done}' THEN NULL ELSE wants END, `)
      if (done) assignments.push('start_tried_at = NULL, start_from = NULL, ')
      const values = Object.values(change) as SqlValue[]
      write({ ...change, ...(done ? { wants: null } : {}) }, () => {
        // the list of the back-end may have told of the job before the answer that names it
        if (change.remote_id)
          database.run(
            `DELETE FROM job WHERE remote_id = ? AND id <> ? AND origin = 'back-end'
               AND connection_id = (SELECT connection_id FROM job WHERE id = ?)`,
            [change.remote_id, id, id],
          )
        database.run(`UPDATE job SET ${assignments.join('')}updated_at = ?, revision = revision + 1 WHERE id = ?`, [
          ...values,
          instant(clock.now()),
          id,
        ])
      })
      return peek(id)
    },

    /** The result of the run that has finished; false where the job was started again or removed since. */
    claim(id: string, resultId: string): boolean {
      const { changes } = database.run(
        `UPDATE job SET result_id = ?, trouble = NULL, updated_at = ?, revision = revision + 1
         WHERE id = ? AND state = 'finished' AND result_id IS NULL AND wants IS NULL AND removed_at IS NULL`,
        [resultId, instant(clock.now()), id],
      )
      return changes === 1
    },

    forget(id: string): void {
      database.run('DELETE FROM job WHERE id = ?', [id])
    },
    hide(id: string): void {
      database.durable(() =>
        database.run(`UPDATE job SET removed_at = ?, wants = 'remove', revision = revision + 1 WHERE id = ?`, [
          instant(clock.now()),
          id,
        ]),
      )
    },

    lastLogId: (id: string): string | null =>
      database.get<{ id: string }>('SELECT id FROM job_log WHERE job_id = ? ORDER BY position DESC LIMIT 1', [id])
        ?.id ?? null,
    addLogs(id: string, logs: JobLog[]): number {
      return database.tx(() => {
        const last = database.get<{ position: number }>(
          'SELECT max(position) AS position FROM job_log WHERE job_id = ?',
          [id],
        )
        let position = last?.position ?? 0
        let added = 0
        for (const log of logs) {
          const { changes } = database.run(
            `INSERT INTO job_log (job_id, position, id, level, message, time, code) VALUES (?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT DO NOTHING`,
            [id, position + 1, log.id, log.level, log.message, log.time, log.code],
          )
          position += changes
          added += changes
        }
        database.run('DELETE FROM job_log WHERE job_id = ? AND position <= ?', [id, position - MOST_LOGS])
        return added
      })
    },
    logsAfter(id: string, after: string | null): JobLog[] {
      return database.all<JobLog>(
        `SELECT id, level, message, time, code FROM job_log
         WHERE job_id = :job AND position > coalesce((SELECT position FROM job_log WHERE job_id = :job AND id = :after), 0)
         ORDER BY position LIMIT 5000`,
        { job: id, after },
      )
    },
    clearLogs(id: string): void {
      database.run('DELETE FROM job_log WHERE job_id = ?', [id])
    },
    lastError: (id: string): string | null =>
      database.get<{ message: string }>(
        `SELECT message FROM job_log WHERE job_id = ? AND level = 'error' ORDER BY position DESC LIMIT 1`,
        [id],
      )?.message ?? null,
  }
}
