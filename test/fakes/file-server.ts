/**
 * A server of one file that does what servers do to downloads: cuts, stalls, corrupts, expires links, changes the file,
 * ignores ranges, answers with pages. What it does is set by the test, at any time.
 */
import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { type Asked, type Loopback, type LoopbackOptions, startLoopback } from './loopback.ts'
import { randomSecret, registerSecret } from './recorder.ts'

export type Behaviour = {
  bytes: Buffer
  etag: string | null
  lastModified: string | null
  contentType: string
  ranges: boolean
  hasLength: boolean
  /** Ends the connection after so many bytes of one answer; so often. */
  cutAfter: number
  cutCount: number
  /** Sends nothing more after so many bytes of an answer, until it is changed back. */
  stallAfter: number
  /** Changes a byte at this place of the file on the way; so often. */
  corruptAt: number
  corruptCount: number
  /** Answers with this status; so often. */
  status: number
  statusCount: number
  page: string | null
  /** Only links with this token are good. */
  token: string
  contentRange: ((first: number, last: number, total: number) => string) | null
  /** Bytes a millisecond, about; 0 is as fast as can be. */
  speed: number
}
export type Sent = { first: number; byteCount: number }
export type FileServer = Loopback & {
  set(behaviour: Partial<Behaviour>): void
  link(token?: string): string
  /** What went out, in order. */
  readonly sent: Sent[]
  readonly multihash: string
  /** Resolves when so many bytes went out in all. */
  sentAtLeast(byteCount: number): Promise<void>
}
const CHUNK = 64 * 1024

const drained = (response: ServerResponse) =>
  new Promise<void>((resolve) => {
    const done = () => {
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    response.on('drain', done)
    response.on('close', done)
  })

export async function startFileServer(bytes: Buffer, options: LoopbackOptions = {}): Promise<FileServer> {
  const now: Behaviour = {
    bytes,
    etag: '"v1"',
    lastModified: null,
    contentType: 'image/tiff',
    ranges: true,
    hasLength: true,
    cutAfter: 0,
    cutCount: 0,
    stallAfter: 0,
    corruptAt: -1,
    corruptCount: 0,
    status: 0,
    statusCount: 0,
    page: null,
    token: randomSecret('signature'),
    contentRange: null,
    speed: 0,
  }
  const sent: Sent[] = []
  const waiting: { byteCount: number; resolve: () => void }[] = []
  const total = () => sent.reduce((sum, part) => sum + part.byteCount, 0)

  const server = await startLoopback(async (asked: Asked, response) => {
    if (!asked.path.includes(`signature=${now.token}`)) {
      response.writeHead(403, { 'content-type': 'application/xml' }).end('<Error><Code>ExpiredToken</Code></Error>')
      return
    }
    if (now.statusCount > 0) {
      now.statusCount--
      response.writeHead(now.status).end()
      return
    }
    if (now.page !== null) {
      response.writeHead(200, { 'content-type': now.contentType }).end(now.page)
      return
    }
    const wanted = /^bytes=(\d+)-$/.exec(asked.headers.range ?? '')
    const isSame =
      asked.headers['if-range'] === undefined || asked.headers['if-range'] === (now.etag ?? now.lastModified)
    const first = now.ranges && wanted && isSame ? Number(wanted[1]) : 0
    const headers: Record<string, string> = { 'content-type': now.contentType }
    if (now.etag) headers.etag = now.etag
    if (now.lastModified) headers['last-modified'] = now.lastModified
    if (first >= now.bytes.length && first > 0) {
      response.writeHead(416, { ...headers, 'content-range': `bytes */${now.bytes.length}` }).end()
      return
    }
    const body = now.bytes.subarray(first)
    if (now.hasLength) headers['content-length'] = String(body.length)
    if (first > 0) {
      const range = now.contentRange ?? ((a, b, c) => `bytes ${a}-${b}/${c}`)
      headers['content-range'] = range(first, now.bytes.length - 1, now.bytes.length)
    }
    response.writeHead(first > 0 ? 206 : 200, headers)
    const record: Sent = { first, byteCount: 0 }
    sent.push(record)
    const cutAt = now.cutCount > 0 ? now.cutAfter : Number.POSITIVE_INFINITY
    if (now.cutCount > 0) now.cutCount--
    const corruptAt = now.corruptCount > 0 ? now.corruptAt : -1
    if (now.corruptCount > 0) now.corruptCount--
    for (let at = 0; at < body.length; at += CHUNK) {
      while (now.stallAfter > 0 && at >= now.stallAfter && !response.destroyed)
        await new Promise((resolve) => setTimeout(resolve, 5))
      if (at >= cutAt || response.destroyed) return void response.destroy()
      const chunk = Buffer.from(body.subarray(at, at + CHUNK))
      const place = corruptAt - first - at
      if (place >= 0 && place < chunk.length) chunk[place] = (chunk[place] as number) ^ 0xff
      response.write(chunk)
      record.byteCount += chunk.length
      for (const one of waiting.splice(0)) total() >= one.byteCount ? one.resolve() : waiting.push(one)
      if (now.speed > 0) await new Promise((resolve) => setTimeout(resolve, chunk.length / now.speed))
      if (response.writableNeedDrain && !response.destroyed) await drained(response)
    }
    response.end()
  }, options)
  const register = () => registerSecret('signature of a link', now.token, server.url)
  register()
  return {
    ...server,
    set(behaviour) {
      Object.assign(now, behaviour)
      register()
    },
    link: (token = now.token) => `${server.url}/results/out%20put.tif?expires=1&signature=${token}`,
    sent,
    get multihash() {
      return `1220${createHash('sha256').update(now.bytes).digest('hex')}`
    },
    sentAtLeast: (byteCount) =>
      new Promise((resolve) => {
        if (total() >= byteCount) resolve()
        else waiting.push({ byteCount, resolve })
      }),
  }
}
