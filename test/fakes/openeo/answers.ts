/** Answers in the shapes of the drivers: JSON with validators, errors, empty ones, lists that are never whole in memory. */
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Answer, Call, FakeBackEnd, Paging, Profile, Source } from './types.ts'

/** Swallows an answer, or keeps the first half of it for a connection that breaks. */
export class Sink {
  status = 0
  headers: Record<string, string | string[]> = {}
  readonly chunks: Buffer[] = []
  writeHead(status: number, headers: Record<string, string | string[]> = {}): this {
    this.status = status
    this.headers = headers
    return this
  }
  write(chunk: string | Buffer): boolean {
    this.chunks.push(Buffer.from(chunk))
    return true
  }
  end(chunk?: string | Buffer): this {
    if (chunk !== undefined) this.chunks.push(Buffer.from(chunk))
    return this
  }
  get body(): Buffer {
    return Buffer.concat(this.chunks)
  }
}

/** The receiver has taken what was written, or is gone. */
export const drained = (response: ServerResponse) =>
  new Promise<void>((resolve) => {
    const done = () => {
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    response.on('drain', done)
    response.on('close', done)
  })

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** A document; with an entity tag, and 304 to who has it already, where the driver does so. */
export function json({ request, response }: Call, profile: Profile, body: unknown, status = 200): unknown {
  const text = JSON.stringify(body)
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (status === 200 && request.method === 'GET') {
    if (profile.maxAgeSeconds !== null) headers['cache-control'] = `public, max-age=${profile.maxAgeSeconds}`
    if (profile.hasEtags) {
      headers.etag = `W/"${createHash('sha1').update(text).digest('hex')}"`
      if (request.headers['if-none-match'] === headers.etag) {
        response.writeHead(304, headers)
        return response.end()
      }
    }
  }
  response.writeHead(status, headers)
  return response.end(text)
}

export function empty(response: Answer, status: number, headers: Record<string, string> = {}): unknown {
  response.writeHead(status, headers)
  return response.end()
}

/** An error in the shape of the driver. */
export function refuse(
  response: Answer,
  profile: Profile,
  status: number,
  code: string,
  message: string = code,
): unknown {
  response.writeHead(status, { 'content-type': 'application/json' })
  if (profile.errors === 'fastapi') return response.end(JSON.stringify({ detail: message }))
  // Sentinel Hub: the status in place of a code, but for what concerns authentication
  const isNumeric = profile.errors === 'numeric' && ![401, 403].includes(status)
  return response.end(
    JSON.stringify({ id: isNumeric ? null : `ref-${code}`, code: isNumeric ? status : code, message, links: [] }),
  )
}

/** What a path that the driver does not have is answered with. */
export function refuseUnknown(call: Call, profile: Profile): unknown {
  const { response } = call
  if (profile.missing === 'html') {
    response.writeHead(404, { 'content-type': 'text/html' })
    return response.end('<!doctype html>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n')
  }
  if (profile.missing === 'fastapi') {
    response.writeHead(404, { 'content-type': 'application/json' })
    return response.end('{"detail":"Not Found"}')
  }
  if (profile.missing === 'not-implemented') return refuse(response, profile, 501, 'FeatureUnsupported')
  return refuse(response, profile, 404, 'NotFound')
}

type Link = { rel: string; href: string }
export type Page = { first: number; last: number; links: Link[] }

/** Which entries the question is for, and the link to the next ones. */
export function pageOf(call: Call, total: number, pageSize: number, paging: Paging, isCyclic = false): Page {
  const { url } = call
  const asked = Number(url.searchParams.get('limit') ?? 0)
  const size = (!paging.ignoresLimit && asked > 0 ? asked : 0) || pageSize
  if (paging.by === null || size <= 0) return { first: 0, last: total, links: [] }
  const named = (name: string) => url.searchParams.get(name)
  const first =
    paging.by === 'page'
      ? (Number(named('page') ?? 1) - 1) * size
      : paging.by === 'offset'
        ? Number(named('offset') ?? 0)
        : Number(Buffer.from(named('token') ?? '', 'base64url').toString() || 0)
  const last = Math.min(total, first + size)
  if (last >= total && !isCyclic) return { first, last, links: [] }
  const next = last >= total ? 0 : last
  const href = new URL(url)
  if (paging.by === 'page') href.searchParams.set('page', String(Math.floor(next / size) + 1))
  else if (paging.by === 'offset') href.searchParams.set('offset', String(next))
  else href.searchParams.set('token', Buffer.from(String(next)).toString('base64url'))
  const text = paging.hrefs === 'absolute' ? href.href : href.pathname + href.search
  return { first, last, links: [{ rel: 'next', href: text }] }
}

export const sourceOf = (list: readonly unknown[]): Source => ({
  count: list.length,
  at: (index) => list[index] as object,
})

/** A list in pages, written entry by entry: a list of 20,000 is never in memory. */
export async function sendList(
  call: Call,
  backEnd: FakeBackEnd,
  name: string,
  source: Source,
  more: Record<string, unknown> = {},
): Promise<unknown> {
  const { profile } = backEnd
  const { first, last, links } = pageOf(call, source.count, backEnd.pageSize, profile.paging, backEnd.hasCyclicPages)
  const tail = { links, ...(backEnd.missing.length > 0 ? { 'federation:missing': backEnd.missing } : {}), ...more }
  if (last - first <= 500) {
    const entries = Array.from({ length: Math.max(0, last - first) }, (_, n) => source.at(first + n))
    return json(call, profile, { [name]: entries, ...tail })
  }
  const { response } = call
  response.writeHead(200, { 'content-type': 'application/json' })
  response.write(`{"${name}":[`)
  for (let index = first; index < last; index += 50) {
    const entries = Array.from({ length: Math.min(50, last - index) }, (_, n) => source.at(index + n))
    const isTaken = response.write((index > first ? ',' : '') + entries.map((entry) => JSON.stringify(entry)).join(','))
    const stream = response as unknown as ServerResponse
    if (isTaken === false) await drained(stream)
    if (stream.destroyed) return
  }
  return response.end(`],${JSON.stringify(tail).slice(1)}`)
}
