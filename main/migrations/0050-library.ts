/** Results on this computer, their files, and what of them lies on the map. */
export const library = {
  number: 50,
  name: 'library',
  sql: `
CREATE TABLE result (
  id            TEXT NOT NULL PRIMARY KEY,
  revision      INTEGER NOT NULL DEFAULT 1,
  job_id        TEXT,
  connection_id TEXT,
  title         TEXT NOT NULL,
  state         TEXT NOT NULL,
  folder        TEXT NOT NULL,                  -- name of its folder in the library's folder
  bbox          TEXT CHECK (bbox IS NULL OR json_valid(bbox)),
  time_interval TEXT CHECK (time_interval IS NULL OR json_valid(time_interval)),
  metadata      TEXT CHECK (metadata IS NULL OR json_valid(metadata)),      -- STAC, as on disk; without signed links
  provenance    TEXT NOT NULL CHECK (json_valid(provenance)),
  created_at    TEXT NOT NULL,
  updated_at    TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX result_by_folder ON result (folder);
CREATE INDEX result_by_creation ON result (created_at DESC);
CREATE INDEX result_by_job ON result (job_id) WHERE job_id IS NOT NULL;

CREATE TABLE result_asset (
  result_id  TEXT NOT NULL REFERENCES result (id) ON DELETE CASCADE,
  key        TEXT NOT NULL,
  position   INTEGER NOT NULL,
  title      TEXT NOT NULL,
  media_type TEXT NOT NULL,
  media_kind TEXT NOT NULL,
  roles      TEXT NOT NULL CHECK (json_valid(roles)),
  file_name  TEXT NOT NULL,                     -- in the result's folder; made safe
  size_bytes INTEGER,
  checksum   TEXT,                              -- multihash in hex, as file:checksum
  state      TEXT NOT NULL,
  failure    TEXT CHECK (failure IS NULL OR json_valid(failure)),
  PRIMARY KEY (result_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE layer (
  id         TEXT NOT NULL PRIMARY KEY,
  revision   INTEGER NOT NULL DEFAULT 1,
  position   INTEGER NOT NULL,                  -- 0 lies on top
  title      TEXT NOT NULL,
  result_id  TEXT NOT NULL REFERENCES result (id) ON DELETE CASCADE,
  asset_key  TEXT NOT NULL,
  is_visible INTEGER NOT NULL CHECK (is_visible IN (0, 1)),
  style      TEXT NOT NULL CHECK (json_valid(style))
) STRICT;
CREATE UNIQUE INDEX layer_by_asset ON layer (result_id, asset_key);
`,
}
