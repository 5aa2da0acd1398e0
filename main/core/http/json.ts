/**
 * JSON over the control way: what is sent, what comes back, and what only looks like it.
 * Owns: limits of size and the check of what kind the answer is. Does not: judge the content.
 */
import type { Json } from '../../../preload/contract/vocabulary.ts'
import { AppError } from '../errors.ts'
import type { Http, HttpRequest } from './types.ts'

export type JsonRequest = Omit<HttpRequest, 'body'> & {
  /** Sent as application/json. */
  json?: unknown
  /** 1 MB unless told. What is longer is not read on: parsing takes up to 10 ms of the process for each MB. */
  mostBytes?: number
}
/** `value` is null where the answer has no body (201, 202, 204, 304). */
export type JsonAnswer = { value: Json; status: number; headers: Headers; url: string }

const MOST_BYTES = 1_000_000
const isJson = (mediaType: string) => /^(application|text)\/([\w.+-]+\+)?json\b/.test(mediaType)
const isPage = (mediaType: string, text: string) =>
  /^(text\/html|application\/xhtml)/.test(mediaType) || text.startsWith('<')

/** UTF-8, without the byte order mark that some servers send before it. */
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** @throws AppError back-end where the answer is no JSON, is a web page or is too long; and those of `ask` */
export async function askJson(http: Http, request: JsonRequest): Promise<JsonAnswer> {
  const { json, mostBytes = MOST_BYTES, ...rest } = request
  const answer = await http.ask({
    ...rest,
    headers: {
      accept: 'application/json, application/geo+json;q=0.9, */*;q=0.1',
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...request.headers,
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  })
  const { status, headers, url } = answer
  const tooLong = () => new AppError('back-end', 'The answer of the server is too long.', { retry: 'never' })
  if (Number(headers.get('content-length') ?? 0) > mostBytes) {
    answer.cancel()
    throw tooLong()
  }
  const text = textOf(await answer.bytes(mostBytes)).trim()
  if (text === '') return { value: null, status, headers, url }
  const mediaType = headers.get('content-type')?.toLowerCase() ?? ''
  try {
    if (!isPage(mediaType, text)) return { value: JSON.parse(text) as Json, status, headers, url }
  } catch (cause) {
    const says = isJson(mediaType)
      ? 'The answer of the server is not valid JSON; it may have been cut off.'
      : 'The server answered with something other than JSON.'
    throw new AppError('back-end', says, { cause, retry: 'never' })
  }
  throw new AppError('back-end', pageWords(request.url, url), { retry: 'never' })
}

/** A page from another host is often that of a network that wants a sign-in first. */
function pageWords(asked: string, answered: string): string {
  const { host } = new URL(answered)
  return new URL(asked).host === host
    ? 'The server answered with a web page instead of data. The address may be wrong, or the network may ask for a sign-in.'
    : `The request was forwarded to ${host}, which answered with a web page. The network may ask for a sign-in, or the address may be wrong.`
}
