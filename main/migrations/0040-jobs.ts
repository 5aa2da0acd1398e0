/** Batch jobs: a row is here before the back-end hears of the job. */
export const jobs = {
  number: 40,
  name: 'jobs',
  sql: `
CREATE TABLE job (
  id             TEXT NOT NULL PRIMARY KEY,
  revision       INTEGER NOT NULL DEFAULT 1,
  connection_id  TEXT NOT NULL,
  tag            TEXT NOT NULL,                 -- goes with the request: finds the job again when the answer was lost
  remote_id      TEXT,                          -- NULL: the back-end has not answered yet
  title          TEXT NOT NULL,
  state          TEXT NOT NULL,
  progress       REAL,
  graph          TEXT NOT NULL CHECK (json_valid(graph)),
  collection_id  TEXT,
  recipe_id      TEXT,
  area_id        TEXT,
  wants          TEXT,                          -- what the user asked for and the back-end has not done: start, cancel, remove
  created_at     TEXT NOT NULL,
  updated_at     TEXT NOT NULL,
  started_at     TEXT,
  ended_at       TEXT,
  trouble        TEXT CHECK (trouble IS NULL OR json_valid(trouble)),
  error_message  TEXT,
  result_id      TEXT,
  poll_count     INTEGER NOT NULL DEFAULT 0,
  next_poll_at   TEXT,                          -- NULL: not followed
  removed_at     TEXT
) STRICT;
CREATE UNIQUE INDEX job_by_tag ON job (tag);
CREATE UNIQUE INDEX job_by_remote ON job (connection_id, remote_id) WHERE remote_id IS NOT NULL;
CREATE INDEX job_kept ON job (created_at DESC) WHERE removed_at IS NULL;
CREATE INDEX job_followed ON job (next_poll_at) WHERE next_poll_at IS NOT NULL;

CREATE TABLE job_log (
  job_id   TEXT NOT NULL REFERENCES job (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,                    -- as the back-end gave them
  id       TEXT NOT NULL,
  level    TEXT NOT NULL,
  message  TEXT NOT NULL,
  time     TEXT,
  code     TEXT,
  PRIMARY KEY (job_id, position)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX job_log_by_id ON job_log (job_id, id);
`,
}
