/**
 * Connections of every kind: what was typed, what the service said of itself, whom the user trusts and what was agreed to.
 * No secret is in any of these: they lie in the keychain under names made of the connection's id.
 */
export const connectionDetails = {
  number: 80,
  name: 'connection details',
  sql: `
ALTER TABLE connection ADD COLUMN entered_url TEXT NOT NULL DEFAULT '';    -- as the user typed it
ALTER TABLE connection ADD COLUMN settings TEXT                            -- of a service that is not openEO
  CHECK (settings IS NULL OR json_valid(settings));
ALTER TABLE connection ADD COLUMN backend_version TEXT;
ALTER TABLE connection ADD COLUMN is_production INTEGER CHECK (is_production IN (0, 1));  -- NULL: not stated
ALTER TABLE connection ADD COLUMN offers TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(offers));
ALTER TABLE connection ADD COLUMN federation TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(federation));
ALTER TABLE connection ADD COLUMN user_name TEXT;
ALTER TABLE connection ADD COLUMN account TEXT CHECK (account IS NULL OR json_valid(account));
ALTER TABLE connection ADD COLUMN trusted_certificate TEXT
  CHECK (trusted_certificate IS NULL OR json_valid(trusted_certificate));

-- One document a kind and connection, verbatim: capabilities, conformance
CREATE TABLE connection_document (
  connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
  kind          TEXT NOT NULL,
  document      TEXT NOT NULL CHECK (json_valid(document)),
  url           TEXT NOT NULL,                       -- where it came from; its relative links start there
  etag          TEXT,
  as_of         TEXT NOT NULL,
  PRIMARY KEY (connection_id, kind)
) STRICT, WITHOUT ROWID;

-- Outlives the connection: who agreed once is not asked again for the same link
CREATE TABLE consent (
  root_url  TEXT NOT NULL,
  kind      TEXT NOT NULL,                           -- terms-of-service, privacy-policy
  href      TEXT NOT NULL,
  agreed_at TEXT NOT NULL,
  PRIMARY KEY (root_url, kind, href)
) STRICT, WITHOUT ROWID;

-- The user's own entries of the list to pick from, and what was changed of those that come with Swath (NULL: as it comes)
CREATE TABLE known_back_end (
  id          TEXT NOT NULL PRIMARY KEY,
  is_built_in INTEGER NOT NULL CHECK (is_built_in IN (0, 1)),
  is_hidden   INTEGER NOT NULL DEFAULT 0 CHECK (is_hidden IN (0, 1)),
  kind        TEXT,
  title       TEXT,
  url         TEXT,
  description TEXT,
  created_at  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`,
}
