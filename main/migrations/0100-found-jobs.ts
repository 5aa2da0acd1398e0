/**
 * Jobs that other programs have made, found in the lists of back-ends, and the member of a federation that has a job.
 * Jobs from before were all made here, and their results are wanted. What was removed here is remembered, because the
 * list of a back-end goes on naming it.
 */
export const foundJobs = {
  number: 100,
  name: 'found jobs',
  sql: `
ALTER TABLE job ADD COLUMN origin TEXT NOT NULL DEFAULT 'swath' CHECK (origin IN ('swath', 'back-end'));
ALTER TABLE job ADD COLUMN federation_member TEXT;              -- asked for by the user; NULL: the federation chose
ALTER TABLE job ADD COLUMN wants_results INTEGER NOT NULL DEFAULT 1 CHECK (wants_results IN (0, 1));
ALTER TABLE job ADD COLUMN identity TEXT;                       -- the API that has the job, and its id there; NULL: not known

CREATE TABLE job_dismissed (
  connection_id  TEXT NOT NULL,
  remote_id      TEXT NOT NULL,
  dismissed_at   TEXT NOT NULL,
  PRIMARY KEY (connection_id, remote_id)
) STRICT, WITHOUT ROWID;
`,
}
