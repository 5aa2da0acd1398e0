/**
 * Several accounts can be at one origin: a download knows whose credential it may use.
 * Earlier rows take it from their result; a result that is gone has no download that goes on.
 */
export const transferConnections = {
  number: 85,
  name: 'transfer-connections',
  sql: `
ALTER TABLE transfer ADD COLUMN connection_id TEXT;
UPDATE transfer SET connection_id = (SELECT connection_id FROM result WHERE result.id = transfer.result_id);
`,
}
