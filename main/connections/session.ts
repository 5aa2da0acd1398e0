/**
 * How a connection speaks with its openEO back-end: over the HTTP policy, with the session of its account.
 * Owns: which header goes along, and the one replay after a refused token. Does not: keep tokens (sign-in/ does) or retry
 * what fails for other reasons (core/http does).
 */
import { AppError } from '../core/errors.ts'
import { askJson, createCredential, type Http, type HttpRequest, textOf } from '../core/http/index.ts'
import { isOpenLine } from '../protocols/address.ts'
import type { OpeneoReply, OpeneoRequest, OpeneoSession, OpeneoStream } from '../protocols/openeo.ts'
import { isTokenRefusal, needsAccount } from './sign-in/index.ts'
import type { SignIns, SignInTarget } from './types.ts'

type Method = OpeneoRequest['method']
type Asking = Pick<OpeneoRequest, 'method' | 'path' | 'signal'>
type Way = { http: Http; rootUrl: string }

function requestOf({ rootUrl }: Way, { method, path, headers, signal, priority }: OpeneoRequest): HttpRequest {
  return {
    url: path.startsWith('/') ? rootUrl + path : path,
    method,
    ...(headers === undefined ? {} : { headers }),
    signal,
    priority: priority ?? 'user',
  }
}
/** Goes to the origin of the API root and nowhere else, whatever address is asked and wherever it forwards. */
const credentialOf = ({ rootUrl }: Way, authorization: string | null) =>
  authorization === null ? {} : { credential: createCredential(rootUrl, { authorization }) }

async function sendOnce(way: Way, request: OpeneoRequest, authorization: string | null): Promise<OpeneoReply> {
  const { value, status, headers } = await askJson(way.http, {
    ...requestOf(way, request),
    ...credentialOf(way, authorization),
    ...(request.body === undefined ? {} : { json: request.body }),
    ...(request.mostBytes === undefined ? {} : { mostBytes: request.mostBytes }),
  })
  return { status, header: (name) => headers.get(name), body: value }
}

async function readOnce(way: Way, request: ReadRequest, authorization: string | null): Promise<OpeneoStream> {
  const { status, headers, url, body, cancel } = await way.http.ask({
    ...requestOf(way, { ...request, method: 'GET' }),
    ...credentialOf(way, authorization),
    headers: { accept: 'application/json, */*;q=0.1', ...request.headers },
    accepts304: true,
  })
  return { status, header: (name) => headers.get(name), url, body, cancel }
}
type ReadRequest = Parameters<OpeneoSession['read']>[0]

/** Without credentials, whoever is signed in. */
export const anonymousSession = (http: Http, rootUrl: string): OpeneoSession => ({
  rootUrl,
  send: (request) => sendOnce({ http, rootUrl }, request, null),
  read: (request) => readOnce({ http, rootUrl }, request, null),
})

/** With the account of the connection, where somebody is signed in; without one where not. */
export function signedSession(target: SignInTarget, signIns: SignIns): OpeneoSession {
  /** The kept session is read at the first use, and a token that was refused is replaced once. */
  async function withToken<T>(request: Asking, ask: (authorization: string | null) => Promise<T>): Promise<T> {
    // whoever listens on an open line would have the token
    if (isOpenLine(target.rootUrl)) return ask(null)
    const { method, path, signal } = request
    const authorization = await signIns.authorization(target, signal).catch((failure: unknown) => {
      // a keychain that is locked: what anybody may read is read as anybody
      const isUnreadable = failure instanceof AppError && failure.code === 'secret-unreadable'
      if (isUnreadable && !needsAccount(target.rootUrl, path)) return null
      throw failure
    })
    try {
      return await ask(authorization)
    } catch (failure) {
      if (authorization === null || !(failure instanceof AppError)) throw failure
      if (!isTokenRefusal(failure) || !hasTurnedAway(failure, method, target.rootUrl)) throw failure
      const other = await signIns.afterRefusal(target, authorization, failure, signal)
      if (other === null) throw failure
      return ask(other)
    }
  }
  return {
    rootUrl: target.rootUrl,
    send: (request) => withToken(request, (authorization) => sendOnce(target, request, authorization)),
    read: (request) =>
      withToken({ ...request, method: 'GET' }, (authorization) => readOnce(target, request, authorization)),
  }
}

/**
 * Whether it was the token that was refused, and nothing has been done: an answer of 401 or 403 from where the token goes.
 * A server error with the same code may come from behind the back-end, after it has worked; and what was posted to an
 * address that forwards may have been taken there.
 */
function hasTurnedAway({ answer }: AppError, method: Method, rootUrl: string): boolean {
  if (answer === undefined || (answer.status !== 401 && answer.status !== 403)) return false
  if (new URL(answer.url).origin !== new URL(rootUrl).origin) return false
  return !answer.isRedirected || (method !== 'POST' && method !== 'PATCH')
}

/** Capabilities in use have 10 to 500 kB; parsing 1 MB takes up to 10 ms of the process. */
export const MOST_DOCUMENT_BYTES = 1_000_000

export type ReadDocument =
  | { state: 'unchanged' }
  | { state: 'read'; body: unknown; url: string; etag: string | null; cacheControl: string | null }

/**
 * One document, or that it is as it was by its ETag. At most 1 MB: parsing more would hold up the process.
 * @throws AppError back-end where it is too long, a web page or no JSON; and those of the session
 */
export async function readDocument(
  session: OpeneoSession,
  path: string,
  { etag = null, signal }: { etag?: string | null; signal?: AbortSignal | undefined } = {},
): Promise<ReadDocument> {
  const stream = await session.read({ path, signal, ...(etag === null ? {} : { headers: { 'if-none-match': etag } }) })
  if (stream.status === 304) {
    stream.cancel()
    return { state: 'unchanged' }
  }
  const chunks: Uint8Array[] = []
  let byteCount = 0
  for await (const chunk of stream.body) {
    byteCount += chunk.length
    // leaving the loop ends the request
    if (byteCount > MOST_DOCUMENT_BYTES)
      throw new AppError('back-end', 'The answer of the server is too long.', { retry: 'never' })
    chunks.push(chunk)
  }
  const body = parsed(textOf(Buffer.concat(chunks, byteCount)), stream.header('content-type'))
  return {
    state: 'read',
    body,
    url: stream.url,
    etag: stream.header('etag'),
    cacheControl: stream.header('cache-control'),
  }
}

function parsed(text: string, mediaType: string | null): unknown {
  const isPage = /^(text\/html|application\/xhtml)/i.test(mediaType ?? '') || /^\s*</.test(text)
  // of a back-end that answered before, this is seldom its last word: a network that asks for a sign-in, a proxy's page
  if (isPage)
    throw new AppError(
      'back-end',
      'The server answered with a web page instead of data. The network may ask for a sign-in, or the address may be wrong.',
      { retry: 'later' },
    )
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AppError('back-end', 'The answer of the server is not valid JSON; it may have been cut off.', { cause })
  }
}
