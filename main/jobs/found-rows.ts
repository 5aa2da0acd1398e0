/**
 * The part of the job rows that lists of back-ends fill, and what the user does not want to see again.
 * Owns: rows of origin `back-end` while nothing was asked for, table job_dismissed. Does not: decide (found-jobs.ts).
 */
import { type Clock, instant } from '../core/clock.ts'
import type { Database } from '../core/database.ts'
import { newId } from '../core/ids.ts'
import type { KnownJob } from './found-jobs.ts'
import type { FoundJob, JobRow } from './job-row.ts'
import { isFinal } from './next-poll.ts'
import type { TwinRow } from './twins.ts'

export function foundRows({ database, clock }: { database: Database; clock: Clock }) {
  return {
    knownOf: (connectionId: string): KnownJob[] =>
      database.all<KnownJob>(
        `SELECT id, remote_id, tag, title, state, progress, updated_at, origin, wants_results, wants, removed_at
         FROM job WHERE connection_id = ?`,
        [connectionId],
      ),

    /** Ids of the new rows; a job that came in meanwhile stays as it is. */
    addFound(connectionId: string, found: readonly FoundJob[]): string[] {
      return database.tx(() =>
        found.flatMap((job, place) => {
          const id = newId('job', clock.now() + place)
          const { changes } = database.run(
            `INSERT INTO job (id, connection_id, tag, remote_id, title, state, progress, graph, created_at, updated_at,
                              ended_at, origin, wants_results)
             VALUES (?, ?, ?, ?, ?, ?, ?, '{}', ?, ?, ?, 'back-end', 0) ON CONFLICT DO NOTHING`,
            [
              id,
              connectionId,
              `found ${connectionId} ${job.remoteId}`,
              job.remoteId,
              job.title,
              job.state,
              job.progress,
              job.createdAt,
              job.updatedAt,
              isFinal(job.state) ? job.updatedAt : null,
            ],
          )
          return changes === 1 ? [id] : []
        }),
      )
    },
    /** Ids of the rows that were changed; those that something was asked for meanwhile are left. */
    changeFound(changes: readonly { id: string; found: FoundJob }[]): string[] {
      return database.tx(() =>
        changes
          .filter(({ id, found: { title, state, progress, updatedAt } }) => {
            const { changes: count } = database.run(
              `UPDATE job SET title = ?, state = ?, progress = ?, updated_at = max(updated_at, ?), ended_at = ?,
                 error_message = CASE ? WHEN 'error' THEN error_message END, trouble = NULL, revision = revision + 1
               WHERE id = ? AND wants IS NULL AND wants_results = 0 AND removed_at IS NULL`,
              [title, state, progress, updatedAt, isFinal(state) ? updatedAt : null, state, id],
            )
            return count === 1
          })
          .map(({ id }) => id),
      )
    },

    /** Every row that a back-end has an id for, without what was removed here. */
    identified: (): TwinRow[] =>
      database.all<Pick<JobRow, 'id' | 'connection_id' | 'remote_id' | 'origin' | 'created_at' | 'identity'>>(
        `SELECT id, connection_id, remote_id, origin, created_at, identity FROM job
         WHERE remote_id IS NOT NULL AND removed_at IS NULL`,
      ),
    /** Kept for the time when the connection, and with it the address, is not there any more. */
    setIdentities(identities: readonly (readonly [id: string, identity: string | null])[]): void {
      if (identities.length === 0) return
      database.tx(() => {
        for (const [id, identity] of identities)
          database.run('UPDATE job SET identity = ? WHERE id = ?', [identity, id])
      })
    },

    /** Makes the next state that is told newer than the one before, although the job is the same. */
    touch(id: string): JobRow | undefined {
      database.run('UPDATE job SET revision = revision + 1 WHERE id = ?', [id])
      return database.get<JobRow>('SELECT * FROM job WHERE id = ?', [id])
    },
    /** Removes it here, and keeps lists from bringing it back. */
    dismiss(row: Pick<JobRow, 'id' | 'connection_id' | 'remote_id'>): void {
      database.durable(() => {
        if (row.remote_id !== null)
          database.run(
            'INSERT OR IGNORE INTO job_dismissed (connection_id, remote_id, dismissed_at) VALUES (?, ?, ?)',
            [row.connection_id, row.remote_id, instant(clock.now())],
          )
        database.run('DELETE FROM job WHERE id = ?', [row.id])
      })
    },
    dismissed: (connectionId: string): ReadonlySet<string> =>
      new Set(
        database
          .all<{ remote_id: string }>('SELECT remote_id FROM job_dismissed WHERE connection_id = ?', [connectionId])
          .map((row) => row.remote_id),
      ),
    forgetDismissed(connectionId: string): void {
      database.run('DELETE FROM job_dismissed WHERE connection_id = ?', [connectionId])
    },
  }
}
