/** What is asked of a client, and what comes back. Owns: types only. */
import type { Trust } from './certificate.ts'
import type { Credential } from './credential.ts'
import type { Priority } from './limiter.ts'
import type { Method, TimeOuts } from './policy.ts'

export type HttpRequest = {
  url: string
  method?: Method
  headers?: Readonly<Record<string, string>>
  body?: string | Uint8Array
  /** Goes to its own origin, whatever address is asked, until the way has left that origin once. */
  credential?: Credential | undefined
  /** Certificates that the user trusts although their issuers are not: for this request, each at its host, alone. */
  trust?: Trust | undefined
  /** Whether a redirect may lead there, besides what the policy says; where not, the request is refused. */
  mayLeadTo?: ((url: URL) => boolean) | undefined
  signal?: AbortSignal | undefined
  /** `user` goes first. */
  priority?: Priority
  timeOuts?: Partial<TimeOuts>
  /** 1: no retry. */
  mostAttempts?: number
  /** The body ends in a failure after so many bytes (unpacked, where they come packed). Without end unless told. */
  mostBytes?: number
  /** With If-None-Match or If-Modified-Since: `ask` gives 304 as an answer and not as a failure. */
  accepts304?: boolean
}
export type HttpAnswer = {
  status: number
  headers: Headers
  /** Where the answer came from, after redirects. */
  url: string
  /** It came from another address than the one that was asked. */
  isRedirected?: boolean
  /** The body, once. Breaking off the loop ends the request. @throws AppError offline, time-out, canceled, back-end */
  body: AsyncIterable<Uint8Array>
  /** Reads the body up to so many bytes. @throws AppError back-end where it is longer */
  bytes(mostBytes: number): Promise<Uint8Array>
  /** Ends the request without reading on. */
  cancel(): void
}
export type Http = {
  /** Any status comes back as an answer. @throws AppError where there is none, or the way is refused */
  send(request: HttpRequest): Promise<HttpAnswer>
  /** Success only (and 304 where accepted). @throws AppError with the server's words, code and reference for the rest */
  ask(request: HttpRequest): Promise<HttpAnswer>
}
