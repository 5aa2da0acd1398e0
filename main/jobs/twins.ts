/**
 * The same job seen through a federation and through its member. Pure.
 * Owns: what is the same, and which of the rows is shown. Does not: read rows or publish (shown-jobs.ts does).
 * Why: an aggregator names the jobs of its members `MEMBER-ID`, so whoever is connected to both would see each job twice
 * (federation extension as openeo-aggregator does it). `agg-…` are jobs that it has split; they are its own.
 */
import type { Connection } from '../../preload/contract/connections.ts'
import type { Job } from '../../preload/contract/jobs.ts'
import type { JobRow } from './job-row.ts'

export type TwinRow = Pick<JobRow, 'id' | 'connection_id' | 'remote_id' | 'origin' | 'created_at' | 'identity'>
export type TwinConnection = Pick<Connection, 'id' | 'url' | 'federation'>
export type Twins = {
  /** Id of a row that is not shown → id of the one that is. */
  shownFor: ReadonlyMap<string, string>
  alsoAt: ReadonlyMap<string, Job['alsoAt']>
  identities: ReadonlyMap<string, string | null>
}

const VERSION = /^v?\d+(\.\d+){0,3}(-[\w.]+)?$/i

/** Host and path of an API without scheme, usual port, version and slashes at the end; '' where it is no address. */
export function comparableRoot(address: string): string {
  if (!URL.canParse(address)) return ''
  const { host, pathname, protocol } = new URL(address)
  const port = protocol === 'http:' || protocol === 'https:' ? host.replace(/:(80|443)$/, '') : host
  const parts = pathname
    .replace(/\/\.well-known\/openeo\/?$/i, '')
    .split('/')
    .filter(Boolean)
  if (VERSION.test(parts.at(-1) ?? '')) parts.pop()
  return [port.toLowerCase().replace(/\.$/, ''), ...parts].join('/')
}

/**
 * The root by which a member is known here: that of a connection with the same address, else of the only API below it,
 * because a federation may state the address that users type and not the versioned one.
 */
export function memberRoot(memberUrl: string, roots: readonly string[]): string {
  const own = comparableRoot(memberUrl)
  if (own === '' || roots.includes(own)) return own
  const below = [...new Set(roots.filter((root) => root.startsWith(`${own}/`)))]
  return below.length === 1 ? (below[0] as string) : own
}

/** Member and its id of the job, split at the first hyphen; null where the id does not begin with a member. */
export function splitJobId(
  remoteId: string,
  members: readonly { id: string }[],
): { member: string; id: string } | null {
  const at = remoteId.indexOf('-')
  const [member, id] = [remoteId.slice(0, at), remoteId.slice(at + 1)]
  return at > 0 && id !== '' && members.some((one) => one.id === member) ? { member, id } : null
}

/** Finds what is the same. Rows of connections that are not there any more count by what was known of them. */
export function findTwins(rows: readonly TwinRow[], connections: readonly TwinConnection[]): Twins {
  const known = new Map(connections.map((connection) => [connection.id as string, connection]))
  const direct = connections.filter(({ federation }) => federation.length === 0).map(({ url }) => comparableRoot(url))
  const left = rows
    .filter((row) => !known.has(row.connection_id))
    .flatMap(({ identity }) => identity?.split(' ')[0] ?? [])
  const roots = [...new Set([...direct, ...left])]
  const identities = new Map(rows.map((row) => [row.id, identityOf(row, known.get(row.connection_id), roots)]))
  const groups = new Map<string, TwinRow[]>()
  for (const row of rows) {
    const identity = identities.get(row.id)
    if (identity) groups.set(identity, [...(groups.get(identity) ?? []), row])
  }
  const shownFor = new Map<string, string>()
  const alsoAt = new Map<string, Job['alsoAt']>()
  const isThere = (row: TwinRow) => known.has(row.connection_id)
  const isDirect = (row: TwinRow) => known.get(row.connection_id)?.federation.length === 0
  for (const group of groups.values())
    for (const same of partsOf(group, isDirect)) {
      const [shown, ...others] = [...same].sort(
        (a, b) =>
          Number(isThere(b)) - Number(isThere(a)) ||
          Number(b.origin === 'swath') - Number(a.origin === 'swath') ||
          Number(isDirect(b)) - Number(isDirect(a)) ||
          (a.created_at < b.created_at ? -1 : a.created_at > b.created_at ? 1 : a.id < b.id ? -1 : 1),
      )
      if (!shown || others.length === 0) continue
      for (const other of others) shownFor.set(other.id, shown.id)
      alsoAt.set(
        shown.id,
        others.filter(isThere).map((row) => ({
          connectionId: row.connection_id as Job['connectionId'],
          remoteId: row.remote_id as string,
        })),
      )
    }
  return { shownFor, alsoAt, identities }
}

function identityOf(row: TwinRow, connection: TwinConnection | undefined, roots: readonly string[]): string | null {
  if (row.remote_id === null) return null
  if (!connection) return row.identity
  if (connection.federation.length === 0) return identity(comparableRoot(connection.url), row.remote_id)
  const split = splitJobId(row.remote_id, connection.federation)
  const member = split && connection.federation.find(({ id }) => id === split.member)
  return split && member ? identity(memberRoot(member.url, roots), split.id) : null
}

const identity = (root: string, id: string) => (root === '' ? null : `${root} ${id}`)

/**
 * Two accounts at one back-end may both have a job of this id, and each is a job of its own. What came through a
 * federation then belongs to the one that was made at the same instant, and to none where that does not decide.
 */
function partsOf(group: readonly TwinRow[], isDirect: (row: TwinRow) => boolean): TwinRow[][] {
  const direct = group.filter(isDirect)
  if (direct.length < 2) return [[...group]]
  const parts = direct.map((row) => [row])
  for (const row of group.filter((one) => !isDirect(one))) {
    const same = parts.filter(([own]) => own?.created_at === row.created_at)
    if (same.length === 1) same[0]?.push(row)
    else parts.push([row])
  }
  return parts
}
