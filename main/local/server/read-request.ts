/**
 * Reads what a client sent, trusting none of it: body size, media type, JSON depth and size, query values.
 * Owns: the limits. Why depth is counted before parsing: what walks the value afterwards may recurse.
 */
import type { IncomingMessage } from 'node:http'
import { contentTypeInvalid, requestInvalid, requestTooLarge } from './errors.ts'

export const MOST_BODY_BYTES = 20_000_000
/** Child graphs in child graphs: forty levels of them are within this. */
export const DEEPEST_JSON = 200
const MOST_JSON_NODES = 2_000_000

/** @throws OpeneoError RequestTooLarge before or while the body arrives */
async function readBody(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > MOST_BODY_BYTES) throw requestTooLarge(MOST_BODY_BYTES)
  const chunks: Buffer[] = []
  let sizeBytes = 0
  // the socket stays open, so that the client reads why its body was refused
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length
    if (sizeBytes > MOST_BODY_BYTES) throw requestTooLarge(MOST_BODY_BYTES)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** The deepest nesting of a JSON text, read without parsing; text in quotes does not count. */
export function jsonDepth(text: string): number {
  let depth = 0
  let deepest = 0
  let isQuoted = false
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (isQuoted) {
      if (c === 0x5c) i++
      else if (c === 0x22) isQuoted = false
    } else if (c === 0x22) isQuoted = true
    else if (c === 0x7b || c === 0x5b) deepest = Math.max(deepest, ++depth)
    else if (c === 0x7d || c === 0x5d) depth--
  }
  return deepest
}

/** @throws OpeneoError where a key would reach an object's prototype, or there are more values than any graph has */
function refuseHostileKeys(value: unknown): void {
  const waiting: unknown[] = [value]
  let count = 0
  while (waiting.length > 0) {
    const next = waiting.pop()
    if (++count > MOST_JSON_NODES) throw requestInvalid('The body holds too many values.')
    if (typeof next !== 'object' || next === null) continue
    if (Object.hasOwn(next, '__proto__')) throw requestInvalid("The key '__proto__' is not accepted.")
    for (const inner of Object.values(next)) waiting.push(inner)
  }
}

/** A JSON text from outside. @throws OpeneoError RequestInvalid */
export function parseJson(text: string): unknown {
  if (jsonDepth(text) > DEEPEST_JSON)
    throw requestInvalid(`The body is nested deeper than the ${DEEPEST_JSON} levels that are accepted.`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw requestInvalid('The body is not valid JSON.')
  }
  refuseHostileKeys(value)
  return value
}

/** The body as JSON, undefined where it is empty. @throws OpeneoError */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const isAnnounced = request.headers['transfer-encoding'] !== undefined || request.headers['content-length'] !== '0'
  const type = request.headers['content-type']
  const body = await readBody(request)
  if (body.length === 0) return undefined
  if (isAnnounced && !/^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(type ?? '')) throw contentTypeInvalid()
  if (/charset\s*=\s*"?(?!utf-?8)[\w-]/i.test(type ?? '')) throw contentTypeInvalid()
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw requestInvalid('The body is not UTF-8.')
  }
  return parseJson(text)
}

export type JsonObject = Record<string, unknown>
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The body as a JSON object. @throws OpeneoError RequestInvalid where it is another thing or missing */
export function asObject(value: unknown): JsonObject {
  if (isObject(value)) return value
  throw requestInvalid('The body must be a JSON object.')
}

/** A whole number of the query from 1, undefined where it is absent or empty. @throws OpeneoError RequestInvalid */
export function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  if (!/^[1-9]\d{0,8}$/.test(text)) throw requestInvalid(`'${name}' must be a whole number from 1.`)
  return Number(text)
}

/** A value of the query out of a list. @throws OpeneoError RequestInvalid */
export function oneOf<T extends string>(query: URLSearchParams, name: string, values: readonly T[]): T | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  const known = values.find((value) => value === text)
  if (known === undefined) throw requestInvalid(`'${name}' must be one of ${values.join(', ')}.`)
  return known
}
