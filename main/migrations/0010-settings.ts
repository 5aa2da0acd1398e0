/** What Swath remembers of itself: preferences, view state, notices; and ciphertext where the keychain holds only a key. */
export const settings = {
  number: 10,
  name: 'settings',
  sql: `
-- key: settings, window-memory …; value: the document as the contract has it, without its revision
CREATE TABLE setting (
  key      TEXT NOT NULL PRIMARY KEY,
  value    TEXT NOT NULL CHECK (json_valid(value)),
  revision INTEGER NOT NULL DEFAULT 1
) STRICT, WITHOUT ROWID;

CREATE TABLE notice (
  id           TEXT NOT NULL PRIMARY KEY,
  level        TEXT NOT NULL,
  title        TEXT NOT NULL,
  message      TEXT NOT NULL,
  at           TEXT NOT NULL,
  dismissed_at TEXT                                  -- NULL: still shown
) STRICT;
CREATE INDEX notice_shown ON notice (at) WHERE dismissed_at IS NULL;

-- Only ciphertext: the key lies in the system's keychain (keytar) or is the system's own (safe-storage)
CREATE TABLE secret (
  name       TEXT NOT NULL PRIMARY KEY,
  store      TEXT NOT NULL,                          -- which store can open it
  backend    TEXT NOT NULL,                          -- e.g. gnome_libsecret; empty for keytar
  ciphertext BLOB NOT NULL,
  updated_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`,
}
