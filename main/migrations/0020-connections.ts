/** Back-ends, and what they offered when they were last asked. Tables cache_* may be dropped at any time. */
export const connections = {
  number: 20,
  name: 'connections',
  sql: `
CREATE TABLE connection (
  id          TEXT NOT NULL PRIMARY KEY,
  revision    INTEGER NOT NULL DEFAULT 1,
  kind        TEXT NOT NULL,
  title       TEXT NOT NULL,
  url         TEXT NOT NULL,
  position    INTEGER NOT NULL DEFAULT 0,
  is_disabled INTEGER NOT NULL DEFAULT 0 CHECK (is_disabled IN (0, 1)),
  api_version TEXT,
  user_id     TEXT,
  checked_at  TEXT,
  created_at  TEXT NOT NULL
) STRICT;

-- One whole document a kind and connection: capabilities, conformance, file formats, UDF runtimes, service types
CREATE TABLE cache_document (
  connection_id TEXT NOT NULL,
  kind          TEXT NOT NULL,
  document      TEXT NOT NULL CHECK (json_valid(document)),
  etag          TEXT,
  as_of         TEXT NOT NULL,
  PRIMARY KEY (connection_id, kind)
) STRICT, WITHOUT ROWID;

-- document: verbatim. is_complete: read from /collections/{id}, not only from the list
CREATE TABLE cache_collection (
  connection_id TEXT NOT NULL,
  id            TEXT NOT NULL,
  document      TEXT NOT NULL CHECK (json_valid(document)),
  title         TEXT NOT NULL GENERATED ALWAYS AS (coalesce(json_extract(document, '$.title'), id)) STORED,
  is_complete   INTEGER NOT NULL DEFAULT 0 CHECK (is_complete IN (0, 1)),
  as_of         TEXT NOT NULL,
  PRIMARY KEY (connection_id, id)
) STRICT;
CREATE INDEX cache_collection_by_title ON cache_collection (connection_id, title COLLATE NOCASE);

CREATE TABLE cache_process (
  connection_id TEXT NOT NULL,
  namespace     TEXT NOT NULL DEFAULT 'backend',
  id            TEXT NOT NULL,
  document      TEXT NOT NULL CHECK (json_valid(document)),
  as_of         TEXT NOT NULL,
  PRIMARY KEY (connection_id, namespace, id)
) STRICT;
`,
}
