/**
 * The tables of the back-end's own database, as numbered steps.
 * Owns: batch jobs with their logs, headers of scanned files, the identifiers that collections keep, and a few words.
 */
import type { Migration } from '../../core/migrate.ts'

export const BACK_END_MIGRATIONS: readonly Migration[] = [
  {
    number: 10,
    name: 'jobs, logs, scanned files',
    sql: `
      CREATE TABLE word (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

      CREATE TABLE job (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        status TEXT NOT NULL CHECK (status IN ('created','queued','running','finished','error','canceled')),
        title TEXT,
        description TEXT,
        process TEXT NOT NULL,            -- JSON, as the client sent it
        budget REAL,
        log_level TEXT NOT NULL,
        progress REAL,
        run INTEGER NOT NULL DEFAULT 0,   -- number of the latest run; part of signed links
        result_run INTEGER,               -- the run whose files are the results; NULL: none
        interruptions INTEGER NOT NULL DEFAULT 0,
        queue_place INTEGER,              -- order of the queue; NULL: not queued
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL,
        started_at TEXT,
        ended_at TEXT,
        usage TEXT                        -- JSON; NULL: nothing to tell yet
      ) STRICT;
      CREATE INDEX job_by_queue ON job (queue_place) WHERE queue_place IS NOT NULL;
      CREATE INDEX job_by_status ON job (status, queue_place);

      CREATE TABLE job_log (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        job_seq INTEGER NOT NULL REFERENCES job (seq) ON DELETE CASCADE,
        level INTEGER NOT NULL,           -- 0 error, 1 warning, 2 info, 3 debug
        at TEXT NOT NULL,
        message TEXT NOT NULL,
        code TEXT,
        data TEXT,                        -- JSON
        path TEXT                         -- JSON
      ) STRICT;
      CREATE INDEX job_log_by_job ON job_log (job_seq, id);

      CREATE TABLE cache_file (
        path TEXT PRIMARY KEY,
        size_bytes INTEGER NOT NULL,
        modified_ms REAL NOT NULL,
        found TEXT NOT NULL               -- JSON: the header, or why the file cannot be read
      ) STRICT;
      CREATE TABLE collection_name (key TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;
    `,
  },
]
