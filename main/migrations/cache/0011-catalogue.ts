/**
 * What the back-ends offer: one row for each entry, its document beside it (so that rows stay narrow), its words for the
 * search, and what is known of every list and page that was read.
 */
export const catalogueTables = {
  number: 11,
  name: 'catalogue',
  sql: `
-- list_hash: SHA-1 of the entry as the list had it; has_whole: the document is that of /collections/{id} (or the list
-- gave all of it); is_stale: the list has changed since; whole_at: when that was last tried; as_of: when the line of the
-- list was last written here; document_at: when the document was read, where it did not come with the list.
-- members: as stated, and those of lost_members: not stated any more by a list that came without them.
-- account: whose credentials brought the entry; '' where nobody was signed in.
-- is_unseen: the last list led in a circle before it came to this entry, if it has it.
CREATE TABLE entry (
  n             INTEGER PRIMARY KEY AUTOINCREMENT,
  connection_id TEXT NOT NULL,
  list          TEXT NOT NULL,
  kind          TEXT NOT NULL,
  namespace     TEXT NOT NULL,
  id            TEXT NOT NULL,
  id_key        TEXT NOT NULL,
  title         TEXT NOT NULL,
  sort_key      TEXT NOT NULL,
  summary       TEXT NOT NULL,
  west REAL, south REAL, east REAL, north REAL,
  starts TEXT, ends TEXT, has_interval INTEGER NOT NULL,
  band_count    INTEGER NOT NULL,
  resolution_m  REAL,
  bands         TEXT NOT NULL,
  platforms     TEXT NOT NULL,
  members       TEXT NOT NULL,
  is_deprecated INTEGER NOT NULL,
  is_experimental INTEGER NOT NULL,
  is_missing    INTEGER NOT NULL DEFAULT 0,
  list_hash     BLOB NOT NULL,
  has_whole     INTEGER NOT NULL,
  is_stale      INTEGER NOT NULL DEFAULT 0,
  whole_at      TEXT,
  whole_failure TEXT,
  as_of         TEXT NOT NULL,
  document_at   TEXT,
  lost_members  TEXT NOT NULL DEFAULT '[]',
  account       TEXT NOT NULL DEFAULT '',
  is_unseen     INTEGER NOT NULL DEFAULT 0,
  UNIQUE (connection_id, kind, namespace, id)
) STRICT;
CREATE INDEX entry_by_id ON entry (id_key);
CREATE INDEX entry_by_list ON entry (connection_id, list, is_missing);

-- JSON as the back-end wrote it, in UTF-8; packed by zstd where that is shorter
CREATE TABLE document (n INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;

-- one token a word and its parts (main/catalogue/words.ts); which column a word is in decides the rank
CREATE VIRTUAL TABLE words USING fts5 (
  id, title, keywords, bands, description,
  content = '', contentless_delete = 1, detail = column, prefix = '1 2 3', tokenize = 'ascii'
);

CREATE TABLE list (
  connection_id TEXT NOT NULL,
  list          TEXT NOT NULL,
  as_of         TEXT,
  fresh_until   TEXT,
  account       TEXT NOT NULL DEFAULT '',
  missing       TEXT NOT NULL DEFAULT '[]',
  failure       TEXT,
  skipped       TEXT NOT NULL DEFAULT '{"noId":0,"double":0,"refused":0}',
  is_partial    INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (connection_id, list)
) STRICT, WITHOUT ROWID;

-- the users whose entries may be here, of each connection
CREATE TABLE account (
  connection_id TEXT NOT NULL,
  account       TEXT NOT NULL,
  PRIMARY KEY (connection_id, account)
) STRICT, WITHOUT ROWID;

-- entries: the rows (entry.n, 32 bits each) that this page held, for the answer "not modified"; account: who asked
-- for it; skipped: what was left out of it; fingerprint: of its ids, for lists that lead in a circle
CREATE TABLE page (
  connection_id TEXT NOT NULL,
  list          TEXT NOT NULL,
  url           TEXT NOT NULL,
  etag          TEXT NOT NULL,
  next          TEXT,
  missing       TEXT NOT NULL,
  entries       BLOB NOT NULL,
  account       TEXT NOT NULL,
  skipped       TEXT NOT NULL,
  fingerprint   TEXT,
  PRIMARY KEY (connection_id, list, url)
) STRICT;

-- what belongs to an entry and is asked for by the user: queryables
CREATE TABLE extra (
  connection_id TEXT NOT NULL,
  kind          TEXT NOT NULL,
  namespace     TEXT NOT NULL,
  id            TEXT NOT NULL,
  what          TEXT NOT NULL,
  body          BLOB NOT NULL,
  as_of         TEXT NOT NULL,
  PRIMARY KEY (connection_id, kind, namespace, id, what)
) STRICT;

-- what the search filters and sorts by, as arrays (main/catalogue/snapshot.ts); one row
CREATE TABLE snapshot (one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
`,
}
