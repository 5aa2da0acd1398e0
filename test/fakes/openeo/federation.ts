/**
 * Many back-ends as one, as openeo-aggregator does it: a real fan-out to member fakes over HTTP. Lists are merged with
 * `federation:backends`, job ids are `MEMBER-ID`, slow or lost members end up in `federation:missing`.
 * Owns: merging and choosing. Does not: keep any job itself.
 */
import { json, refuse } from './answers.ts'
import { capabilities } from './discovery.ts'
import { federatedJobs } from './federation-jobs.ts'
import { ask } from './hop.ts'
import { byId, mergeFormats, mergeProcesses, type Told, withBackends } from './merge.ts'
import type { Call, FakeBackEnd, Route, Routes } from './types.ts'

export type Member = {
  readonly backEnd: FakeBackEnd
  /** Lost: its connections are cut. */
  down(): void
  up(): void
  /** The aggregator knows no more of it than its address. */
  isExperimental: boolean
  isDeprecated: boolean
  lastSuccess: string | null
}
export type Federation = {
  readonly members: Map<string, Member>
  version: '0.1' | '0.2'
  /** How long a member may take for one list, in ms; 10,000 at the real one. */
  timeLimitMs: number
  /** Where collections carry `federation:backends`; the real one: in their summaries. */
  backendsAt: 'top' | 'summaries'
  /** The choice for each job, in order; `by`: what decided. */
  readonly choices: { jobId: string; member: string; by: 'force-backend' | 'properties' | 'first' }[]
}
type Document = Record<string, unknown>

/** What each member answered, in the order of the members, and who is missing. */
export async function askAll(federation: Federation, call: Call, path: string) {
  const authorization = call.request.headers.authorization
  const told: Told[] = []
  const missing: string[] = []
  const { timeLimitMs: limitMs } = federation
  await Promise.all(
    [...federation.members].map(async ([id, { backEnd }]) => {
      const reply = await ask(backEnd, path, { authorization: bearerFor(backEnd, call, authorization), limitMs })
      if (reply && reply.status < 400 && reply.body) told.push({ id, body: reply.body })
      else missing.push(id)
    }),
  )
  const order = [...federation.members.keys()]
  told.sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id))
  return { told, missing: missing.sort((a, b) => order.indexOf(a) - order.indexOf(b)) }
}

/** OIDC tokens are handed on; whoever came by Basic is known to the members by a token of their own. */
export const bearerFor = (member: FakeBackEnd, { user }: Call, header: string | undefined): string | null =>
  header?.startsWith('Bearer oidc/') ? header : user ? `Bearer basic//${member.token}` : null

const missingOf = (missing: string[]) => (missing.length > 0 ? { 'federation:missing': missing } : {})

export function federationRoutes(backEnd: FakeBackEnd, federation: Federation): Routes {
  const { profile } = backEnd
  const optional = (run: Route['run']): Route => ({ auth: 'optional', run })
  const list = (path: string, name: string, merge: (told: Told[]) => Document[]) =>
    optional(async (call) => {
      const { told, missing } = await askAll(federation, call, path)
      return json(call, profile, { [name]: merge(told), links: [], ...missingOf(missing) })
    })
  const mergeCollections = (told: Told[]) =>
    byId(told, 'collections').map(({ id, first, owners }) =>
      withBackends({ ...first, id }, owners, federation.backendsAt),
    )
  return {
    'GET /': optional(async (call) => {
      const federated = { ...capabilities(backEnd, call), federation: await stateOf(federation, call) }
      return json(call, { ...profile, maxAgeSeconds: null }, federated)
    }),
    'GET /health': optional(async (call) => {
      const { missing } = await askAll(federation, call, '/health')
      const ids = [...federation.members.keys()]
      const each = Object.fromEntries(ids.map((id) => [id, { ok: !missing.includes(id) }]))
      return json(call, profile, { backend_status: each }, missing.length > 0 ? 500 : 200)
    }),
    'GET /_info': optional((call) => json(call, profile, { members: [...federation.members.keys()] })),
    'GET /collections': list('/collections', 'collections', mergeCollections),
    'GET /collections/{id}': optional(async (call) => {
      const { told } = await askAll(federation, call, `/collections/${encodeURIComponent(call.values[0] as string)}`)
      if (told.length === 0) return refuse(call.response, profile, 404, 'CollectionNotFound')
      const owners = told.map(({ id }) => id)
      return json(call, profile, withBackends(told[0]?.body as Document, owners, federation.backendsAt))
    }),
    'GET /processes': list('/processes', 'processes', mergeProcesses),
    'GET /file_formats': optional(async (call) => {
      const { told, missing } = await askAll(federation, call, '/file_formats')
      return json(call, profile, { ...mergeFormats(told), ...missingOf(missing) })
    }),
    'GET /udf_runtimes': optional(async (call) => {
      const { told } = await askAll(federation, call, '/udf_runtimes')
      return json(call, profile, Object.assign({}, ...told.map(({ body }) => body).reverse()))
    }),
    'GET /service_types': optional(async (call) => {
      const { told } = await askAll(federation, call, '/service_types')
      return json(call, profile, ofOneMember(told))
    }),
    ...federatedJobs(backEnd, federation),
  }
}

/** Each type has one member; of a name that two have, the second one's is dropped. */
function ofOneMember(told: Told[]): Document {
  const types: Document = {}
  for (const { id, body } of told)
    for (const [name, type] of Object.entries(body))
      types[name] ??= { ...(type as Document), 'federation:backends': [id] }
  return types
}

/** Of GET /: members are asked for their capabilities within the limit. */
async function stateOf(federation: Federation, call: Call): Promise<Document> {
  const { missing } = await askAll(federation, call, '/')
  const now = new Date().toISOString()
  const entries = [...federation.members].map(([id, member]) => {
    const isOnline = !missing.includes(id)
    if (isOnline) member.lastSuccess = now
    const base = {
      url: `${member.backEnd.url}/`,
      title: member.backEnd.profile.title,
      description: member.backEnd.profile.description,
      status: isOnline ? 'online' : 'offline',
      last_status_check: now,
    }
    if (federation.version === '0.1') return [id, base] as const
    const { isExperimental: experimental, isDeprecated: deprecated, lastSuccess } = member
    const success = lastSuccess === null ? {} : { last_successful_check: lastSuccess }
    return [id, { ...base, ...success, experimental, deprecated }] as const
  })
  return Object.fromEntries(entries)
}
