/**
 * Which requests to an openEO back-end make no sense without an account.
 * Owns: the list, by the first part of the path. Source: openEO API 1.3, `security` of each operation.
 */
const FOR_AN_ACCOUNT = new Set(
  'me jobs result files services process_graphs validation workspaces logs'.split(' ').map((name) => `/${name}`),
)

/** What anybody may read (collections, processes, formats) can be read without a session as well. */
export function needsAccount(rootUrl: string, path: string): boolean {
  const below = path.startsWith(rootUrl) ? path.slice(rootUrl.length) : path
  if (!below.startsWith('/')) return true // elsewhere: nobody knows
  return FOR_AN_ACCOUNT.has(/^\/[^/?#]*/.exec(below)?.[0] ?? '')
}
