/**
 * The openEO API as a client speaks it: one function for each call, a parsed value out.
 * Owns: paths, shapes and the tolerance that real servers need. Does not: hold tokens or state, retry (core/http does).
 * Source: openEO API 1.2.0; and what servers in use do differently.
 */
import type { JsonObject, ProcessGraph } from '../../preload/contract/vocabulary.ts'
import { AppError } from '../core/errors.ts'
import { missingMembers } from './federation.ts'
import { list, object, textOrNull } from './read-json.ts'

export type OpeneoRequest = {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT'
  /** Relative to the API root, with a slash; or an absolute address of the same origin. */
  path: string
  body?: unknown
  /** Impersonal ones only, e.g. If-None-Match. */
  headers?: Readonly<Record<string, string>>
  signal?: AbortSignal | undefined
  /** What a user waits for goes before what runs in the background. */
  priority?: 'user' | 'background'
  /** 1 MB unless told. An answer is parsed in one go: 10 ms of the process for each MB. */
  mostBytes?: number
}
export type OpeneoReply = { status: number; header(name: string): string | null; body: unknown }
/** An answer that is read in pieces, e.g. a list that is too long to be parsed in one go. 200 or 304. */
export type OpeneoStream = {
  status: number
  header(name: string): string | null
  /** Where the answer came from, after redirects. */
  url: string
  body: AsyncIterable<Uint8Array>
  cancel(): void
}
/** A connection as this file sees it: sends to its API root, with its credentials. */
export type OpeneoSession = {
  readonly rootUrl: string
  send(request: OpeneoRequest): Promise<OpeneoReply>
  /** GET only. @throws AppError for every status but 200 and 304 */
  read(request: Omit<OpeneoRequest, 'method' | 'body'>): Promise<OpeneoStream>
}

const segment = (id: string) => encodeURIComponent(id)
const unexpected = (what: string) =>
  new AppError('back-end', `The back-end answered in a form that openEO does not know: ${what}.`)

const MOST_PAGES = 200
/** Pages of lists: 10,000 jobs have about 4 MB. */
const MOST_PAGE_BYTES = 5_000_000
/** Results of a job: 10,000 assets with all that STAC says of them have about 8 MB. */
const MOST_RESULTS_BYTES = 8_000_000
/** Findings about a graph, or one job with its graph. */
const MOST_GRAPH_BYTES = 4_000_000

type Page = {
  entries: JsonObject[]
  document: Record<string, unknown>
  /** A next page is named that cannot be asked for: it is elsewhere, came already, or is one too many. */
  isCutOff: boolean
}

/** The documents of a list, page after page (`links` with rel `next`). */
async function* pageDocuments(
  session: OpeneoSession,
  path: string,
  key: string,
  signal?: AbortSignal,
): AsyncGenerator<Page> {
  const seen = new Set<string>()
  let next: string | null = path
  while (next !== null) {
    seen.add(next)
    const { body } = await session.send({
      method: 'GET',
      path: next,
      signal,
      priority: 'background',
      mostBytes: MOST_PAGE_BYTES,
    })
    const document = object(body)
    if (!Array.isArray(document[key])) throw unexpected(`no list of ${key}`)
    const entries = list(document[key]).filter((entry) => Object.keys(object(entry)).length > 0) as JsonObject[]
    const href = textOrNull(
      list(document.links)
        .map(object)
        .find((link) => link.rel === 'next')?.href,
    )
    const following: string | null = href === null ? null : sameOrigin(href, next, session)
    const isCutOff: boolean = href !== null && (following === null || seen.has(following) || seen.size >= MOST_PAGES)
    yield { entries, document, isCutOff }
    next = isCutOff ? null : following
  }
}

/** All entries of a list, as far as it can be read. */
async function pages(session: OpeneoSession, path: string, key: string, signal?: AbortSignal): Promise<JsonObject[]> {
  const all: JsonObject[] = []
  for await (const { entries } of pageDocuments(session, path, key, signal))
    for (const entry of entries) all.push(entry)
  return all
}

/**
 * The next page as an absolute address, or null where it would leave the back-end. An http address of an https back-end is
 * how a server behind a proxy names itself.
 */
function sameOrigin(href: string, from: string, session: OpeneoSession): string | null {
  const base = from.startsWith('/') ? session.rootUrl + from : from
  if (!URL.canParse(href, base)) return null
  const url = new URL(href, base)
  const root = new URL(session.rootUrl)
  if (url.protocol === 'http:' && root.protocol === 'https:' && url.hostname === root.hostname) {
    url.protocol = 'https:'
    // of plain http, or of the server inside: from outside it has the one that it is asked at
    url.port = root.port
  }
  return url.origin === root.origin ? url.href : null
}

export type GraphError = { code: string; message: string; nodeId: string | null; argument: string | null }

/** The back-end's findings; an empty list is a valid graph. */
export async function validate(session: OpeneoSession, graph: ProcessGraph): Promise<GraphError[]> {
  const { body } = await session.send({
    method: 'POST',
    path: '/validation',
    body: { process_graph: graph },
    mostBytes: MOST_GRAPH_BYTES,
  })
  const { errors } = object(body)
  if (!Array.isArray(errors)) throw unexpected('no list of errors')
  return errors.map(object).map((error) => {
    const place = object(Array.isArray(error.path) ? error.path.at(-1) : error.path)
    return {
      code: textOrNull(error.code) ?? 'Unknown',
      message: textOrNull(error.message) ?? 'The back-end gives no reason.',
      nodeId: textOrNull(place.node_id),
      argument: textOrNull(place.parameter),
    }
  })
}

/** `options`: further members of the request, e.g. `job_options`; back-ends before API 1.2 may refuse what they do not know. */
export type NewRemoteJob = { title: string; description: string; graph: ProcessGraph; options?: JsonObject }

/** The id of the new job: from OpenEO-Identifier, else the last part of Location. */
export async function createJob(session: OpeneoSession, job: NewRemoteJob): Promise<string> {
  const reply = await session.send({
    method: 'POST',
    path: '/jobs',
    body: {
      ...job.options,
      title: job.title,
      description: job.description,
      process: { process_graph: job.graph },
    },
    priority: 'user',
  })
  const location = reply.header('location')
  const fromLocation = location?.split(/[?#]/)[0]?.split('/').filter(Boolean).at(-1)
  const id = reply.header('openeo-identifier') || (fromLocation ? decoded(fromLocation) : null)
  if (!id) throw unexpected('no id for the new job')
  return id
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a percent sign that is only itself
  }
}

export const startJob = (session: OpeneoSession, id: string) =>
  session.send({ method: 'POST', path: `/jobs/${segment(id)}/results`, body: {}, priority: 'user' })
export const cancelJob = (session: OpeneoSession, id: string) =>
  session.send({ method: 'DELETE', path: `/jobs/${segment(id)}/results`, priority: 'user' })
export const deleteJob = (session: OpeneoSession, id: string) =>
  session.send({ method: 'DELETE', path: `/jobs/${segment(id)}`, priority: 'user' })

export type RemoteJob = {
  id: string
  title: string
  status: unknown
  progress: unknown
  description: string
  /** Instants; null where the back-end does not tell, or in words that are none. */
  created: string | null
  updated: string | null
  /** Only of a job that was asked for by itself; null where it is not told. */
  graph: ProcessGraph | null
}
const remoteJob = (value: unknown): RemoteJob => {
  const job = object(value)
  return {
    id: String(job.id ?? ''),
    title: textOrNull(job.title) ?? '',
    status: job.status,
    progress: job.progress,
    description: textOrNull(job.description) ?? '',
    created: instantOrNull(job.created),
    updated: textOrNull(job.updated),
    graph: graphOf(job.process),
  }
}

function instantOrNull(value: unknown): string | null {
  const atMs = Date.parse(textOrNull(value) ?? '')
  return Number.isNaN(atMs) ? null : new Date(atMs).toISOString()
}

function graphOf(process: unknown): ProcessGraph | null {
  const graph = object(object(process).process_graph)
  const isGraph = Object.values(graph).every((node) => textOrNull(object(node).process_id) !== null)
  return isGraph && Object.keys(graph).length > 0 ? (graph as ProcessGraph) : null
}

export async function job(session: OpeneoSession, id: string, signal?: AbortSignal): Promise<RemoteJob> {
  const { body } = await session.send({
    method: 'GET',
    path: `/jobs/${segment(id)}`,
    signal,
    priority: 'background',
    mostBytes: MOST_GRAPH_BYTES,
  })
  return { ...remoteJob(body), id }
}

export type RemoteJobList = {
  jobs: RemoteJob[]
  /** Members of a federation that the list came without. */
  missing: string[]
  /** Why it ends early: a later page could not be read; null: it does not. */
  failure: unknown
}

/**
 * All jobs of the account. No `limit` is asked for: an aggregator hands it to each member and names no next page.
 * @throws AppError where not even the first page could be read
 */
export async function jobList(session: OpeneoSession): Promise<RemoteJobList> {
  const found: RemoteJobList = { jobs: [], missing: [], failure: null }
  let isFirst = true
  try {
    for await (const { entries, document, isCutOff } of pageDocuments(session, '/jobs', 'jobs')) {
      isFirst = false
      for (const entry of entries.map(remoteJob)) if (entry.id !== '') found.jobs.push(entry)
      found.missing = [...new Set([...found.missing, ...missingMembers(document)])]
      if (isCutOff) found.failure = new AppError('back-end', 'The list of jobs cannot be read to its end.')
    }
  } catch (failure) {
    if (isFirst) throw failure
    found.failure = failure
  }
  return found
}

export type RemoteLog = { id: string; level: string; message: string; time: string | null; code: string | null }

/** Log entries after the one named; oldest first. Entries without an id are numbered by their place. */
export async function jobLogs(session: OpeneoSession, id: string, after: string | null): Promise<RemoteLog[]> {
  const query = after === null ? '' : `?offset=${encodeURIComponent(after)}`
  const entries = await pages(session, `/jobs/${segment(id)}/logs${query}`, 'logs')
  return entries.map(object).map((entry, index) => ({
    id: textOrNull(entry.id) ?? (typeof entry.id === 'number' ? String(entry.id) : `#${index}`),
    level: textOrNull(entry.level)?.toLowerCase() ?? 'info',
    message: typeof entry.message === 'string' ? entry.message : JSON.stringify(entry.message ?? ''),
    time: textOrNull(entry.time),
    code: textOrNull(entry.code),
  }))
}

/** The STAC document of the results, as sent. */
export async function jobResults(session: OpeneoSession, id: string): Promise<JsonObject> {
  const { body } = await session.send({
    method: 'GET',
    path: `/jobs/${segment(id)}/results`,
    mostBytes: MOST_RESULTS_BYTES,
  })
  const document = object(body)
  if (typeof document.assets !== 'object' || document.assets === null) throw unexpected('results without assets')
  return document as JsonObject
}
