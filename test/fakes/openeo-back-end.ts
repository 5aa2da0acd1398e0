/**
 * A scriptable openEO back-end over real HTTP, with behaviour and not with canned replies: it keeps jobs, runs them as
 * told, and can fail at every moment.
 * Use: `const backEnd = await startBackEnd(); backEnd.fail('POST /jobs', 'lose-answer'); … await backEnd.close()`.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Fault =
  /** Does the work, then cuts the connection before the answer. */
  | 'lose-answer'
  /** Cuts the connection before the work. */
  | 'cut'
  | { status: number; code?: string; message?: string; headers?: Record<string, string> }
  | { html: string }

export type FakeJob = {
  id: string
  title: string
  description: string
  status: string
  progress: number
  process: unknown
  starts: number
  /** When the status last changed. */
  updated: string
  logs: { id: string; level: string; message: string; time: string }[]
  results: Record<string, unknown>
}
export type FakeBackEnd = {
  readonly url: string
  readonly jobs: Map<string, FakeJob>
  /** Every request: `POST /jobs`, with the Authorization header that came with it. */
  readonly requests: { line: string; authorization: string | undefined }[]
  collections: unknown[]
  processes: unknown[]
  validation: unknown[]
  apiVersion: string
  /** Requests wait for it before they are answered. */
  hold: Promise<void> | null
  user: string
  password: string
  token: string
  /** Files under /files/NAME; with `needsToken` they ask for the bearer token. */
  readonly files: Map<string, { body: Buffer; type: string; needsToken?: boolean }>
  /** The list of jobs leaves descriptions out. */
  hasSlimJobs: boolean
  hasLogIds: boolean
  /** Jobs are told with the time of their last change. */
  hasUpdated: boolean
  /** Entries of one page of /collections; 0 is all at once. */
  pageSize: number
  /** Whole documents of collections whose entry in the list is slim. */
  readonly documents: Map<string, unknown>
  /** The next request of this line (path without query, ids as `{id}`) fails so. */
  fail(line: string, ...faults: Fault[]): void
  /** What a started job becomes with each look at it; the last state stays. */
  script: string[]
  count(line: string): number
  close(): Promise<void>
}

const asTemplate = (path: string) =>
  path.replace(/^\/files\/.+/, '/files/{name}').replace(/^\/(jobs|collections)\/[^/]+/, '/$1/{id}')

export async function startBackEnd(): Promise<FakeBackEnd> {
  const faults = new Map<string, Fault[]>()
  const looks = new Map<string, number>()
  let lastId = 0
  let changes = 0
  /** A second for each change: no two are alike. */
  const setStatus = (job: FakeJob, status: string) => {
    if (job.status === status) return
    job.status = status
    job.updated = new Date(Date.UTC(2026, 0, 1, 0, 0, ++changes)).toISOString()
  }
  const backEnd: FakeBackEnd = {
    url: '',
    jobs: new Map(),
    files: new Map(),
    documents: new Map(),
    pageSize: 0,
    hasSlimJobs: false,
    hasLogIds: true,
    hasUpdated: true,
    requests: [],
    collections: [],
    processes: [],
    validation: [],
    apiVersion: '1.2.0',
    hold: null,
    user: 'analyst',
    password: 'pa55',
    token: 'token-1',
    script: ['queued', 'running', 'finished'],
    fail: (line, ...next) => void faults.set(line, [...(faults.get(line) ?? []), ...next]),
    count: (line) => backEnd.requests.filter((request) => request.line === line).length,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections()
        server.close(() => done())
      }),
  }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', backEnd.url)
    const line = `${request.method} ${asTemplate(url.pathname)}`
    backEnd.requests.push({ line, authorization: request.headers.authorization })
    const body = await read(request)
    if (backEnd.hold) await backEnd.hold
    const fault = faults.get(line)?.shift()
    if (fault === 'cut') return request.socket.destroy()
    if (fault === 'lose-answer') {
      handle(line, url, request, body, new Sink())
      return request.socket.destroy()
    }
    if (fault && 'html' in fault) {
      response.writeHead(200, { 'content-type': 'text/html' })
      return response.end(fault.html)
    }
    if (fault) return refuse(response, fault.status, fault.code ?? 'Internal', fault.message, fault.headers)
    return handle(line, url, request, body, response)
  })

  function handle(line: string, url: URL, request: IncomingMessage, body: string, response: Answer): unknown {
    if (line === 'GET /') {
      const endpoints = [{ path: '/jobs', methods: ['GET', 'POST'] }]
      return json(response, 200, {
        api_version: backEnd.apiVersion,
        backend_version: '1',
        title: 'Fake',
        endpoints,
        links: [],
      })
    }
    if (line === 'GET /credentials/basic') {
      const right = `Basic ${Buffer.from(`${backEnd.user}:${backEnd.password}`).toString('base64')}`
      if (request.headers.authorization !== right) return refuse(response, 403, 'CredentialsInvalid')
      return json(response, 200, { access_token: backEnd.token })
    }
    if (line === 'GET /collections') return listCollections(url, response)
    if (line === 'GET /collections/{id}') {
      const document = backEnd.documents.get(decodeURIComponent(url.pathname.split('/')[2] ?? ''))
      return document ? json(response, 200, document) : refuse(response, 404, 'CollectionNotFound')
    }
    if (line === 'GET /files/{name}') return sendFile(url, request, response)
    if (line === 'GET /processes') return json(response, 200, { processes: backEnd.processes, links: [] })
    if (line === 'POST /validation') return json(response, 200, { errors: backEnd.validation })
    if (request.headers.authorization !== `Bearer basic//${backEnd.token}`) return refuse(response, 403, 'TokenInvalid')
    if (line === 'GET /me') return json(response, 200, { user_id: backEnd.user })
    if (line === 'GET /jobs') {
      const jobs = [...backEnd.jobs.values()].map(slim)
      const shown = backEnd.hasSlimJobs ? jobs.map(({ description: _, ...rest }) => rest) : jobs
      return json(response, 200, { jobs: shown, links: [] })
    }
    if (line === 'POST /jobs') return create(JSON.parse(body), response)
    return handleJob(line, url, response)
  }

  function listCollections(url: URL, response: Answer): unknown {
    const from = Number(url.searchParams.get('from') ?? 0)
    const to = backEnd.pageSize > 0 ? from + backEnd.pageSize : backEnd.collections.length
    const links = to < backEnd.collections.length ? [{ rel: 'next', href: `/collections?from=${to}` }] : []
    return json(response, 200, { collections: backEnd.collections.slice(from, to), links })
  }

  function sendFile(url: URL, request: IncomingMessage, response: Answer): unknown {
    const file = backEnd.files.get(decodeURIComponent(url.pathname.split('/')[2] ?? ''))
    if (!file) return refuse(response, 404, 'FileNotFound')
    if (file.needsToken && request.headers.authorization !== `Bearer basic//${backEnd.token}`)
      return refuse(response, 401, 'AuthenticationRequired')
    response.writeHead(200, { 'content-type': file.type, 'content-length': String(file.body.length) })
    return response.end(file.body)
  }

  function create(wanted: { title?: string; description?: string; process: unknown }, response: Answer): unknown {
    const id = `job-${++lastId}`
    backEnd.jobs.set(id, {
      id,
      title: wanted.title ?? '',
      description: wanted.description ?? '',
      status: 'created',
      progress: 0,
      process: wanted.process,
      starts: 0,
      updated: '2026-01-01T00:00:00.000Z',
      logs: [],
      results: { type: 'Collection', stac_version: '1.0.0', id, assets: {}, links: [] },
    })
    response.writeHead(201, { location: `${backEnd.url}/jobs/${id}`, 'openeo-identifier': id })
    return response.end()
  }

  function handleJob(line: string, url: URL, response: Answer): unknown {
    const job = backEnd.jobs.get(decodeURIComponent(url.pathname.split('/')[2] ?? ''))
    if (!job) return refuse(response, 404, 'JobNotFound')
    if (line === 'GET /jobs/{id}') {
      advance(job)
      return json(response, 200, {
        ...slim(job),
        ...(backEnd.hasUpdated ? { updated: job.updated } : {}),
        process: job.process,
      })
    }
    if (line === 'GET /jobs/{id}/logs') {
      const after = url.searchParams.get('offset')
      const from = after === null ? 0 : job.logs.findIndex((entry) => entry.id === after) + 1
      const logs = job.logs.slice(from)
      return json(response, 200, { logs: backEnd.hasLogIds ? logs : logs.map(({ id: _, ...rest }) => rest), links: [] })
    }
    if (line === 'GET /jobs/{id}/results') return json(response, 200, job.results)
    if (line === 'POST /jobs/{id}/results') {
      if (job.status !== 'queued' && job.status !== 'running') {
        job.starts += 1
        looks.set(job.id, 0)
        setStatus(job, 'queued') // a start is a change also where the same end comes at once
        setStatus(job, backEnd.script[0] ?? 'finished')
      }
      return empty(response, 202)
    }
    if (line === 'DELETE /jobs/{id}/results') {
      setStatus(job, job.status === 'running' ? 'canceled' : 'created')
      return empty(response, 204)
    }
    if (line === 'DELETE /jobs/{id}') {
      backEnd.jobs.delete(job.id)
      return empty(response, 204)
    }
    return refuse(response, 404, 'NotFound')
  }

  function advance(job: FakeJob): void {
    if (job.status !== 'queued' && job.status !== 'running') return
    const look = (looks.get(job.id) ?? 0) + 1
    looks.set(job.id, look)
    const next = backEnd.script[Math.min(look, backEnd.script.length - 1)] ?? 'finished'
    setStatus(job, next)
    job.progress = Math.min(100, look * 30)
    job.logs.push({
      id: `${job.id}-${look}`,
      level: next === 'error' ? 'error' : 'info',
      message: `look ${look}`,
      time: '2026-01-01T00:00:00Z',
    })
  }

  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return Object.assign(backEnd, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

/** What answers need of a response; a Sink swallows the answer that is to be lost. */
type Answer = Pick<ServerResponse, 'end'> & { writeHead(status: number, headers?: Record<string, string>): unknown }
class Sink {
  writeHead(): this {
    return this
  }
  end(): never {
    return this as never
  }
}

const slim = ({ id, title, description, status, progress }: FakeJob) => ({
  id,
  title,
  description,
  status,
  progress,
  created: '2026-01-01T00:00:00Z',
})

function json(response: Answer, status: number, body: unknown): unknown {
  response.writeHead(status, { 'content-type': 'application/json' })
  return response.end(JSON.stringify(body))
}
function empty(response: Answer, status: number): unknown {
  response.writeHead(status)
  return response.end()
}
function refuse(
  response: Answer,
  status: number,
  code: string,
  message = code,
  headers: Record<string, string> = {},
): unknown {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  return response.end(JSON.stringify({ id: `ref-${code}`, code, message, links: [] }))
}
async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
