/**
 * Downloads and the parts of them that are safe on disk. Only the transfers process writes these tables.
 * A link may be signed, and so a secret: none is kept: after a restart main is asked for it again.
 */
export const transfers = {
  number: 60,
  name: 'transfers',
  sql: `
CREATE TABLE transfer (
  id             TEXT NOT NULL PRIMARY KEY,
  revision       INTEGER NOT NULL DEFAULT 1,
  kind           TEXT NOT NULL,
  title          TEXT NOT NULL,
  result_id      TEXT NOT NULL,
  asset_key      TEXT NOT NULL,
  state          TEXT NOT NULL,
  origin         TEXT NOT NULL,                 -- of the link; the rest of a link may be a secret
  target_path    TEXT NOT NULL,
  media_type     TEXT,
  stated_bytes   INTEGER,                       -- file:size
  checksum       TEXT,                          -- stated: multihash in hex, as file:checksum
  own_checksum   TEXT,                          -- computed over the file on disk: sha2-256 multihash in hex
  total_bytes    INTEGER,
  received_bytes INTEGER NOT NULL DEFAULT 0,
  etag           TEXT,                          -- of the file that the parts belong to
  last_modified  TEXT,
  failure        TEXT CHECK (failure IS NULL OR json_valid(failure)),
  attempt_count  INTEGER NOT NULL DEFAULT 0,
  created_at     TEXT NOT NULL,
  updated_at     TEXT NOT NULL
) STRICT;
CREATE INDEX transfer_by_creation ON transfer (created_at);
CREATE INDEX transfer_by_asset ON transfer (result_id, asset_key);
CREATE INDEX transfer_open ON transfer (created_at) WHERE state IN ('waiting', 'running', 'verifying');
CREATE UNIQUE INDEX transfer_by_open_target ON transfer (target_path)
  WHERE state IN ('waiting', 'running', 'verifying', 'paused');

-- Bytes first_byte … first_byte + byte_count - 1 are forced to disk in the .part file
CREATE TABLE transfer_part (
  transfer_id TEXT NOT NULL REFERENCES transfer (id) ON DELETE CASCADE,
  first_byte  INTEGER NOT NULL,
  byte_count  INTEGER NOT NULL,
  crc32       INTEGER NOT NULL,
  PRIMARY KEY (transfer_id, first_byte)
) STRICT, WITHOUT ROWID;
`,
}
