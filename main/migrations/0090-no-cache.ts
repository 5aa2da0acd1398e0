/** What the back-ends offer is kept in a file of its own now (main/migrations/cache); it is read again. */
export const noCache = {
  number: 90,
  name: 'no cache',
  sql: `
DROP TABLE cache_collection;
DROP TABLE cache_process;
DROP TABLE cache_document;
`,
}
