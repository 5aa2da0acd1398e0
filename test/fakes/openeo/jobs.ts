/** Batch jobs with a life of their own, synchronous processing, and files of results. */
import { empty, json, refuse, sendList, sourceOf } from './answers.ts'
import type { Call, FakeBackEnd, FakeJob, Routes } from './types.ts'

const isActive = (job: FakeJob) => job.status === 'queued' || job.status === 'running'

/** `Location` as the driver writes it: whole, without the origin, or without the scheme. */
export function locationOf(backEnd: FakeBackEnd, root: string, path: string): string {
  if (backEnd.profile.location === 'relative') return path
  return backEnd.profile.location === 'schemeless' ? (root + path).replace(/^https?:\/\//, '') : root + path
}

export function jobRoutes(backEnd: FakeBackEnd): Routes {
  const { profile } = backEnd
  const looks = new Map<string, number>()
  let lastId = 0
  let changes = 0
  /** A second for each change: no two are alike. */
  function setStatus(job: FakeJob, status: string): void {
    if (job.status === status) return
    job.status = status
    job.updated = new Date(Date.UTC(2026, 0, 1, 0, 0, ++changes)).toISOString()
  }
  const withJob = (run: (job: FakeJob, call: Call) => unknown) => ({
    auth: 'required' as const,
    run(call: Call) {
      const job = backEnd.jobs.get(call.values[0] as string)
      return job ? run(job, call) : refuse(call.response, profile, 404, 'JobNotFound')
    },
  })

  function create({ body, response, root }: Call): unknown {
    const wanted = JSON.parse(body) as { title?: string; description?: string; process: unknown }
    const { title, description, process, ...options } = wanted
    if (Object.keys(wanted).some((key) => profile.jobFields && !profile.jobFields.includes(key)))
      return refuse(response, profile, 500, 'Internal', "'NoneType' object has no attribute 'get'")
    const id = `job-${++lastId}`
    const results = { type: 'Collection', stac_version: '1.0.0', id, assets: {}, links: [] }
    const started = {
      status: 'created',
      progress: 0,
      starts: 0,
      updated: '2026-01-01T00:00:00.000Z',
      logs: [],
      results,
    }
    backEnd.jobs.set(id, { id, title: title ?? '', description: description ?? '', process, options, ...started })
    return empty(response, 201, { location: locationOf(backEnd, root, `/jobs/${id}`), 'openeo-identifier': id })
  }

  function start(job: FakeJob, { response }: Call): unknown {
    const isOver = job.status === 'finished' || job.status === 'error'
    if (!isActive(job) && !(isOver && profile.ignoresRestart)) {
      job.starts += 1
      looks.set(job.id, 0)
      setStatus(job, 'queued') // a start is a change also where the same end comes at once
      setStatus(job, backEnd.script[0] ?? 'finished')
    }
    return empty(response, 202)
  }

  function advance(job: FakeJob): void {
    if (!isActive(job)) return
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

  function change(job: FakeJob, { body, response }: Call): unknown {
    if (isActive(job)) return refuse(response, profile, 400, 'JobLocked')
    const { title, description, process, ...options } = JSON.parse(body) as Partial<FakeJob>
    if (title !== undefined) job.title = title
    if (description !== undefined) job.description = description
    if (process !== undefined) job.process = process
    Object.assign(job.options, options)
    return empty(response, 204)
  }

  function cancel(job: FakeJob, { response }: Call): unknown {
    setStatus(job, job.status === 'running' && !profile.cancelResets ? 'canceled' : 'created')
    return empty(response, 204)
  }

  function remove(job: FakeJob, { response }: Call): unknown {
    if (profile.ignoresDelete) return empty(response, 202)
    backEnd.jobs.delete(job.id)
    return empty(response, 204)
  }

  function sendLogs(job: FakeJob, call: Call): unknown {
    const after = call.url.searchParams.get('offset')
    const from = after === null ? 0 : job.logs.findIndex((entry) => entry.id === after) + 1
    const logs = job.logs.slice(from)
    return json(call, profile, { logs: backEnd.hasLogIds ? logs : logs.map(({ id: _, ...rest }) => rest), links: [] })
  }

  function list(call: Call): unknown {
    const jobs = [...backEnd.jobs.values()].map((job) => slim(backEnd, job))
    const shown = backEnd.hasSlimJobs ? jobs.map(({ description: _, ...rest }) => rest) : jobs
    return sendList(call, backEnd, 'jobs', sourceOf(shown))
  }

  return {
    'GET /jobs': { auth: 'required', run: list },
    'POST /jobs': { auth: 'required', run: create },
    'GET /jobs/{id}': withJob((job, call) => {
      advance(job)
      const updated = backEnd.hasUpdated ? { updated: job.updated } : {}
      const nulls = profile.hasNulls ? { error: null } : {}
      return json(call, profile, { ...slim(backEnd, job), ...updated, ...nulls, process: job.process })
    }),
    'PATCH /jobs/{id}': withJob(change),
    'DELETE /jobs/{id}': withJob(remove),
    'GET /jobs/{id}/estimate': withJob((_, call) => json(call, profile, { costs: 12.5, size: 1048576 })),
    'GET /jobs/{id}/logs': withJob(sendLogs),
    'GET /jobs/{id}/results': withJob((job, call) => json(call, profile, job.results)),
    'POST /jobs/{id}/results': withJob(start),
    'DELETE /jobs/{id}/results': withJob(cancel),
    'POST /result': { auth: 'required', run: (call) => runNow(backEnd, call) },
    'GET /services': { auth: 'required', run: (call) => sendList(call, backEnd, 'services', sourceOf([])) },
    'GET /files': {
      auth: 'required',
      run(call) {
        const files = [...backEnd.files].map(([path, { body }]) => ({ path, size: body.length }))
        return sendList(call, backEnd, 'files', sourceOf(files))
      },
    },
    'GET /files/{name}': { auth: 'none', run: (call) => sendFile(backEnd, call) },
  }
}

function slim({ profile }: FakeBackEnd, { id, title, description, status, progress }: FakeJob) {
  const words = profile.hasNulls ? { title: title || null, description: description || null } : { title, description }
  // Sentinel Hub knows no progress
  return { id, ...words, status, ...(profile.hasNulls ? {} : { progress }), created: '2026-01-01T00:00:00Z' }
}

function runNow({ profile }: FakeBackEnd, { response }: Call): unknown {
  const costs = profile.errors === 'numeric' ? { 'openeo-costs': 'None' } : { 'openeo-costs': '0' }
  response.writeHead(200, { 'content-type': 'application/json', ...costs })
  return response.end('{"answer":42}')
}

function sendFile(backEnd: FakeBackEnd, { values, request, response }: Call): unknown {
  const file = backEnd.files.get(values[0] as string)
  if (!file) return refuse(response, backEnd.profile, 404, 'FileNotFound')
  if (file.needsToken && request.headers.authorization !== `Bearer basic//${backEnd.token}`)
    return refuse(response, backEnd.profile, 401, 'AuthenticationRequired')
  response.writeHead(200, { 'content-type': file.type, 'content-length': String(file.body.length) })
  return response.end(file.body)
}
