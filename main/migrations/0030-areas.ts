/** Areas of interest, and drafts that are being edited. */
export const areas = {
  number: 30,
  name: 'areas',
  sql: `
CREATE TABLE area (
  id         TEXT NOT NULL PRIMARY KEY,
  revision   INTEGER NOT NULL DEFAULT 1,
  name       TEXT NOT NULL,
  geometry   TEXT NOT NULL CHECK (json_valid(geometry)),   -- GeoJSON, EPSG:4326
  bbox       TEXT NOT NULL CHECK (json_valid(bbox)),       -- [west, south, east, north], degrees
  area_km2   REAL NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  removed_at TEXT                                          -- not NULL: removed, can be restored
) STRICT;
CREATE INDEX area_kept ON area (created_at) WHERE removed_at IS NULL;

CREATE TABLE draft (
  id         TEXT NOT NULL PRIMARY KEY,                    -- 'current' for the form
  document   TEXT NOT NULL CHECK (json_valid(document)),
  updated_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`,
}
