/**
 * Writes an answer to its socket: JSON, files with ranges, streams; HEAD without the body.
 * Owns: content headers. Does not: decide what is answered (routes) or which bytes (byte-range.ts).
 */
import { createReadStream } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { decideRange } from './byte-range.ts'
import { rangeNotSatisfiable } from './errors.ts'
import type { Answer, AnswerBody, Exchange } from './exchange.ts'

type FileBody = Extract<AnswerBody, { kind: 'file' }>
type StreamBody = Extract<AnswerBody, { kind: 'stream' }>

/** RFC 6266 with RFC 5987's encoding, so that any name is safe in the header. */
const disposition = (name: string) =>
  `attachment; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)}`

/** @param isHead answers the headers alone. Resolves when the body is handed over whole; rejects where the client left. */
export async function sendAnswer(
  response: ServerResponse,
  exchange: Exchange,
  answer: Answer,
  isHead: boolean,
): Promise<void> {
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value)
  const { body } = answer
  if (body.kind === 'file') return sendFile(response, exchange, body, isHead)
  if (body.kind === 'stream') return sendStream(response, answer.status, body, isHead)
  response.statusCode = answer.status
  if (body.kind === 'none') {
    // a 204 carries no length (RFC 9110, 8.6); others say that nothing follows
    if (answer.status !== 204) response.setHeader('Content-Length', '0')
    response.end()
    return
  }
  const bytes = Buffer.from(JSON.stringify(body.value))
  response.setHeader('Content-Type', body.type ?? 'application/json')
  response.setHeader('Content-Length', bytes.length)
  response.end(isHead ? undefined : bytes)
}

async function sendFile(response: ServerResponse, exchange: Exchange, body: FileBody, isHead: boolean): Promise<void> {
  response.setHeader('Accept-Ranges', 'bytes')
  response.setHeader('ETag', body.etag)
  response.setHeader('Last-Modified', body.modified.toUTCString())
  const decision = decideRange(exchange.header, body)
  if (decision.do === 'refuse') {
    response.setHeader('Content-Range', `bytes */${body.sizeBytes}`)
    throw rangeNotSatisfiable(body.sizeBytes)
  }
  if (decision.do === 'not-modified') {
    response.statusCode = 304
    response.end()
    return
  }
  const [from, to] = decision.do === 'part' ? [decision.from, decision.to] : [0, body.sizeBytes - 1]
  response.statusCode = decision.do === 'part' ? 206 : 200
  if (decision.do === 'part') response.setHeader('Content-Range', `bytes ${from}-${to}/${body.sizeBytes}`)
  response.setHeader('Content-Type', body.type)
  response.setHeader('Content-Disposition', disposition(body.name))
  response.setHeader('Content-Length', Math.max(0, to - from + 1))
  if (isHead || body.sizeBytes === 0) {
    response.end()
    return
  }
  await pipeline(createReadStream(body.path, { start: from, end: to }), response)
}

async function sendStream(response: ServerResponse, status: number, body: StreamBody, isHead: boolean): Promise<void> {
  response.statusCode = status
  response.setHeader('Content-Type', body.type)
  response.setHeader('Content-Disposition', disposition(body.name))
  if (body.sizeBytes !== undefined) response.setHeader('Content-Length', body.sizeBytes)
  try {
    if (isHead) response.end()
    else await pipeline(body.open(), response)
  } finally {
    body.done?.()
  }
}
