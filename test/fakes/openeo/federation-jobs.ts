/**
 * Jobs through an aggregator: which member gets one, `MEMBER-ID` as its id, and everything else handed on to the member.
 * Errors of members come rewrapped as 500 Internal; of results only assets and links survive.
 */
import { empty, json, refuse } from './answers.ts'
import { askAll, bearerFor, type Federation } from './federation.ts'
import { ask, type Reply } from './hop.ts'
import { locationOf } from './jobs.ts'
import type { Call, FakeBackEnd, Route, Routes } from './types.ts'

type Document = Record<string, unknown>
type Choice = { member: string; by: 'force-backend' | 'properties' | 'first' }
type Node = { process_id?: string; arguments?: Document }

const nodesOf = (process: unknown): Node[] =>
  Object.values((process as { process_graph?: Record<string, Node> } | undefined)?.process_graph ?? {})

/** `properties: { "federation:backends": … }` of load_collection: a child graph `eq(x, "member")`. */
function fromProperties(nodes: Node[]): string | null {
  for (const { process_id, arguments: given } of nodes) {
    if (process_id !== 'load_collection') continue
    const condition = (given?.properties as Document | undefined)?.['federation:backends']
    const operands = nodesOf(condition).flatMap((node) => Object.values(node.arguments ?? {}))
    const named = operands.find((operand) => typeof operand === 'string')
    if (named !== undefined) return named as string
  }
  return null
}

/** The first member that has every collection and every process of the graph. */
async function firstAble(federation: Federation, call: Call, nodes: Node[]): Promise<string | null> {
  const processes = new Set(nodes.map(({ process_id }) => process_id))
  const wanted = nodes.filter(({ process_id }) => process_id === 'load_collection').map((node) => node.arguments?.id)
  const offered = await askAll(federation, call, '/processes')
  const known = await askAll(federation, call, '/collections')
  const ids = (body: Document | undefined, name: string) =>
    new Set(((body?.[name] as { id: string }[] | undefined) ?? []).map(({ id }) => id))
  for (const { id, body } of offered.told) {
    const collections = ids(known.told.find((one) => one.id === id)?.body, 'collections')
    const offers = ids(body, 'processes')
    if ([...processes].every((process) => offers.has(process ?? '')) && wanted.every((c) => collections.has(String(c))))
      return id
  }
  return null
}

async function choose(federation: Federation, call: Call, body: Document): Promise<Choice | null> {
  const options = { ...body, ...(body.job_options as Document | undefined) }
  const forced = options['federation:force-backend'] ?? options._agg_force_backend
  if (typeof forced === 'string') return { member: forced, by: 'force-backend' }
  const nodes = nodesOf(body.process)
  const named = fromProperties(nodes)
  if (named !== null) return { member: named, by: 'properties' }
  const member = await firstAble(federation, call, nodes)
  return member === null ? null : { member, by: 'first' }
}

const withoutOwn = (options: Document): Document =>
  Object.fromEntries(Object.entries(options).filter(([key]) => !/^(federation:|_agg_)/.test(key)))

export function federatedJobs(backEnd: FakeBackEnd, federation: Federation): Routes {
  const { profile } = backEnd
  const limitMs = 15 * 60_000

  async function create(call: Call): Promise<unknown> {
    const body = JSON.parse(call.body) as Document
    const choice = await choose(federation, call, body)
    const member = federation.members.get(choice?.member ?? '')?.backEnd
    if (!choice || !member)
      return refuse(call.response, profile, 400, 'BackendLookupFailure', 'No back-end supports all of the request.')
    const sent = withoutOwn(body)
    if (sent.job_options) sent.job_options = withoutOwn(sent.job_options as Document)
    const authorization = bearerFor(member, call, call.request.headers.authorization)
    const reply = await ask(member, '/jobs', { method: 'POST', authorization, body: JSON.stringify(sent), limitMs })
    if (!reply || reply.status >= 400) return rewrap(call, `Failed to create job on backend '${choice.member}'`, reply)
    const own = reply.header('openeo-identifier') ?? reply.header('location')?.split('/').pop()
    const jobId = `${choice.member}-${own}`
    federation.choices.push({ jobId, ...choice })
    const location = locationOf(backEnd, call.root, `/jobs/${jobId}`)
    return empty(call.response, 201, { location, 'openeo-identifier': jobId })
  }

  function rewrap({ response }: Call, what: string, reply: Reply | null): unknown {
    // what is not there is told as it is; everything else is the aggregator's own failure
    if (reply?.status === 404) return refuse(response, profile, 404, 'JobNotFound')
    const because = reply ? `[${reply.status}] ${reply.body?.code}: ${reply.body?.message}` : 'no answer'
    return refuse(response, profile, 500, 'Internal', `${what}: ${because}`)
  }

  /** Hands the request on to the member of the id; split at the first hyphen. */
  const handOn = (tell: (call: Call, reply: Reply, id: { member: string; job: string }) => unknown): Route => ({
    auth: 'required',
    async run(call) {
      const id = call.values[0] as string
      const [name, job] = [id.slice(0, id.indexOf('-')), id.slice(id.indexOf('-') + 1)]
      const member = federation.members.get(name)?.backEnd
      if (!member) return refuse(call.response, profile, 404, 'JobNotFound')
      const [method = 'GET', template = ''] = call.line.split(' ')
      const path = template.replace('{id}', encodeURIComponent(job)) + call.url.search
      const authorization = bearerFor(member, call, call.request.headers.authorization)
      const body = call.body === '' ? {} : { body: call.body }
      const reply = await ask(member, path, { method, authorization, limitMs, ...body })
      if (!reply || reply.status >= 400) return rewrap(call, `Failed to ask backend '${name}'`, reply)
      return tell(call, reply, { member: name, job })
    },
  })
  const asIs = handOn((call, { status, body }) =>
    body === null ? empty(call.response, status) : json(call, profile, body, status),
  )

  return {
    'POST /jobs': { auth: 'required', run: create },
    'GET /jobs': {
      auth: 'required',
      async run(call) {
        // `limit` goes to each member; there is no next page
        const { told, missing } = await askAll(federation, call, `/jobs${call.url.search}`)
        const jobs = told.flatMap(({ id, body }) =>
          (body.jobs as Document[]).map((job) => ({ ...job, id: `${id}-${job.id}` })),
        )
        return json(call, profile, { jobs, links: [], ...(missing.length ? { 'federation:missing': missing } : {}) })
      },
    },
    'GET /jobs/{id}': handOn((call, { body }) => json(call, profile, { ...body, id: call.values[0] })),
    'PATCH /jobs/{id}': asIs,
    'DELETE /jobs/{id}': asIs,
    'GET /jobs/{id}/estimate': asIs,
    'GET /jobs/{id}/logs': asIs,
    'POST /jobs/{id}/results': asIs,
    'DELETE /jobs/{id}/results': asIs,
    'GET /jobs/{id}/results': handOn((call, { body }) => {
      const { assets = {}, links = [] } = body ?? {}
      const bare = {
        type: 'Collection',
        stac_version: '1.0.0',
        id: call.values[0],
        description: 'Results',
        assets,
        links,
      }
      return json(call, profile, bare)
    }),
    'POST /validation': {
      auth: 'optional',
      run(call) {
        const first = [...federation.members.keys()][0]
        const info = { code: 'UpstreamValidationInfo', message: `Backend selection: ${first}` }
        return json(call, profile, { errors: [info, ...backEnd.validation] })
      },
    },
  }
}
