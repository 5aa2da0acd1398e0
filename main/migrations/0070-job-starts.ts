/**
 * What is noted of a start before it is sent, so that a start whose answer was lost is not sent twice.
 * A start that was open when this step is done was perhaps sent: it counts as tried. Columns that nothing uses go.
 */
export const jobStarts = {
  number: 70,
  name: 'job starts',
  sql: `
ALTER TABLE job ADD COLUMN start_tried_at TEXT;   -- NULL: the start that is asked for was not sent yet
ALTER TABLE job ADD COLUMN start_from TEXT        -- what the back-end told of the job before: status, updated
  CHECK (start_from IS NULL OR json_valid(start_from));
UPDATE job SET start_tried_at = updated_at WHERE wants = 'start' AND remote_id IS NOT NULL;

DROP INDEX job_followed;
ALTER TABLE job DROP COLUMN next_poll_at;
`,
}
