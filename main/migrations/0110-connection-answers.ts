/**
 * What is asked of a connection again and again stands in columns of its own, so that no document is parsed for it:
 * conformance classes and terms. The account, which may be long, has a table of its own. Certificates are trusted at several
 * hosts of one connection: its own, its sign-in service's, those of its files.
 */
export const connectionAnswers = {
  number: 110,
  name: 'connection answers',
  sql: `
ALTER TABLE connection ADD COLUMN conforms_to TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(conforms_to));
ALTER TABLE connection ADD COLUMN terms TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(terms));
ALTER TABLE connection ADD COLUMN trusted_certificates TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(trusted_certificates));
UPDATE connection SET trusted_certificates = json_array(json(trusted_certificate)) WHERE trusted_certificate IS NOT NULL;
ALTER TABLE connection DROP COLUMN trusted_certificate;
UPDATE connection SET conforms_to = coalesce(
  (SELECT json_extract(document, '$.conformsTo') FROM connection_document
   WHERE connection_id = connection.id AND json_type(document, '$.conformsTo') = 'array' ORDER BY kind LIMIT 1), '[]');
UPDATE connection_document SET etag = NULL;              -- read whole once more: their terms become a column

CREATE TABLE connection_account (
  connection_id TEXT NOT NULL PRIMARY KEY REFERENCES connection (id) ON DELETE CASCADE,
  account       TEXT NOT NULL CHECK (json_valid(account))
) STRICT, WITHOUT ROWID;
INSERT INTO connection_account (connection_id, account) SELECT id, account FROM connection WHERE account IS NOT NULL;
ALTER TABLE connection DROP COLUMN account;
`,
}
