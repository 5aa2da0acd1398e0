/** Where a job comes from and where it is seen, in words. Pure. */
import type { Connection } from '../../preload/contract/connections.ts'
import type { Job, JobList } from '../../preload/contract/jobs.ts'

type Connections = { get(id: string | null | undefined): Connection | undefined }

export const ORIGINS = [
  { value: 'all', label: 'Made anywhere' },
  { value: 'swath', label: 'Made here' },
  { value: 'back-end', label: 'Made elsewhere' },
] as const
export type OriginFilter = (typeof ORIGINS)[number]['value']

/** The member of a federation that has the job: its ids begin with the member's (openeo-aggregator); else the one asked for. */
export function memberTitle(job: Job, connection: Connection | undefined): string | null {
  const members = connection?.federation ?? []
  const at = job.remoteId?.indexOf('-') ?? -1
  const id = at > 0 ? job.remoteId?.slice(0, at) : undefined
  const member = members.find((one) => one.id === id) ?? members.find((one) => one.id === job.federationMember)
  return member?.title ?? job.federationMember
}

export const alsoAtTitles = (job: Job, connections: Connections): string[] =>
  job.alsoAt.map(
    ({ connectionId }) => connections.get(connectionId)?.title ?? 'a connection that is not there any more',
  )

/** `made elsewhere, VITO, also at openEO Platform`; empty where there is nothing to say. */
export function originWords(job: Job, connections: Connections): string {
  const member = memberTitle(job, connections.get(job.connectionId))
  const also = alsoAtTitles(job, connections)
  return [
    job.origin === 'back-end' ? 'made elsewhere' : '',
    member ?? '',
    also.length > 0 ? `also at ${also.join(', ')}` : '',
  ]
    .filter(Boolean)
    .join(', ')
}

/** `The list of openEO Platform came without EODC: its jobs are kept as last seen.`; null where nobody was missing. */
export function missingWords({ connectionId, missing }: JobList, connections: Connections): string | null {
  const connection = connections.get(connectionId)
  if (!connection || missing.length === 0) return null
  const titles = missing.map((id) => connection.federation.find((member) => member.id === id)?.title ?? id)
  const whose = titles.length === 1 ? 'its jobs are' : 'their jobs are'
  return `The list of ${connection.title} came without ${titles.join(', ')}: ${whose} kept as last seen.`
}
