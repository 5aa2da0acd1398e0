/**
 * What a route gets and gives: one request, read; one answer, described.
 * Owns: types and the answers' constructors. Does not: write to sockets (send-answer.ts) or read bodies (read-request.ts).
 */
import type { Readable } from 'node:stream'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * Who may call. `open`: everybody; `optional`: everybody, and more is shown to the signed-in; `basic`: with user and
 * password; `bearer`: with the token; `signed`: with the token, or with a signature in the address.
 */
export type Access = 'open' | 'optional' | 'basic' | 'bearer' | 'signed'

export type Exchange = {
  method: Method
  /** Decoded parts of the path by their name in the route's template. */
  parameters: Readonly<Record<string, string>>
  query: URLSearchParams
  path: string
  header(name: string): string | undefined
  /** `http://HOST:PORT` as the client called it; what links are built on. */
  base: string
  isSignedIn: boolean
  /** Whether a page of another site asks. Such a page sees public collections only, unless it has the token. */
  isForeignPage: boolean
  /** The id under which an error of this exchange is logged and answered. */
  id: string
  /** Aborts when the client goes away or the server stops. */
  signal: AbortSignal
  /** The body as JSON; `undefined` where there is none. @throws OpeneoError RequestInvalid, ContentTypeInvalid, RequestTooLarge */
  json(): Promise<unknown>
}

export type AnswerBody =
  | { kind: 'none' }
  | { kind: 'json'; value: unknown; type?: string }
  | { kind: 'file'; path: string; type: string; name: string; etag: string; modified: Date; sizeBytes: number }
  | { kind: 'stream'; type: string; name: string; sizeBytes?: number; open: () => Readable; done?: () => void }

export type Answer = { status: number; headers?: Readonly<Record<string, string>>; body: AnswerBody }

export type Route = {
  method: Method
  /** As in the API document, e.g. `/jobs/{job_id}`. */
  path: string
  access: Access
  /** Whether the capabilities name it; addresses that only signed links lead to are not named. */
  isListed: boolean
  handle(exchange: Exchange): Answer | Promise<Answer>
}

export const json = (value: unknown, headers?: Record<string, string>): Answer => ({
  status: 200,
  body: { kind: 'json', value },
  ...(headers ? { headers } : {}),
})
export const empty = (status: 201 | 202 | 204, headers?: Record<string, string>): Answer => ({
  status,
  body: { kind: 'none' },
  ...(headers ? { headers } : {}),
})
/** A route that the capabilities name. */
export const route = (method: Method, path: string, access: Access, handle: Route['handle']): Route => ({
  method,
  path,
  access,
  isListed: true,
  handle,
})
export const unlisted = (made: Route): Route => ({ ...made, isListed: false })
