/**
 * One request, one answer, no judgement: what the two ways have in common, and the way over any `fetch`.
 * Owns: nothing. Does not: follow redirects, retry or count (client.ts).
 */
import { hostOf, type RefusedCertificate, type TrustedCertificate, untrustedCertificate } from './certificate.ts'
import { isCertificateFailure } from './failures.ts'
import type { Method } from './policy.ts'

export type RawRequest = {
  url: URL
  method: Method
  headers: Readonly<Record<string, string>>
  body: string | Uint8Array | undefined
  signal: AbortSignal
  connectMs: number
  /** Of the host of `url`. */
  trust?: TrustedCertificate | undefined
}
export type RawAnswer = {
  status: number
  headers: Headers
  /** To be read once to its end, or canceled. */
  body: AsyncIterable<Uint8Array>
  cancel(): void
}
/** Rejects where there is no answer; a redirect is an answer. */
export type Transport = (request: RawRequest) => Promise<RawAnswer>

const nothing: AsyncIterable<Uint8Array> = (async function* () {})()

/**
 * The body, with the answer that it belongs to: Node ends the body of a Response that nobody holds any more, without an
 * error and without its bytes (fetch of undici, FinalizationRegistry).
 */
async function* bodyOf(answer: Response): AsyncGenerator<Uint8Array> {
  if (answer.body) yield* answer.body as unknown as AsyncIterable<Uint8Array>
}

/**
 * Over a fetch that hands out redirects when told `redirect: 'manual'`, as Node's does (Electron's does not).
 * It can trust no certificate of a user's and tells nothing of one that is refused: tests that need it take the bulk way.
 */
export const fetchTransport =
  (fetchOnce: typeof fetch): Transport =>
  async ({ url, method, headers, body, signal }) => {
    const stop = new AbortController()
    const answer = await fetchOnce(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body: body as NonNullable<RequestInit['body']> }),
      signal: AbortSignal.any([signal, stop.signal]),
      redirect: 'manual',
      credentials: 'omit',
      cache: 'no-store',
    })
    return {
      status: answer.status,
      headers: answer.headers,
      body: bodyOf(answer),
      // a body that is being read could not be canceled by itself
      cancel: () => stop.abort(),
    }
  }

/** What is used of Electron's `net.request`; stated here because core knows no Electron. */
export type NetRequest = (options: {
  url: string
  method: string
  redirect: 'manual'
  credentials: 'omit'
  cache: 'no-store'
  session?: never
}) => {
  setHeader(name: string, value: string): void
  // biome-ignore lint/suspicious/noExplicitAny: one listener for each of Electron's overloads
  on(event: any, listener: (...values: any[]) => void): unknown
  write(chunk: string | Buffer): void
  end(): void
  abort(): void
}
/** Electron's network: requests, and sessions of it in which one certificate is trusted. */
export type Net = {
  request: NetRequest
  /** The session for this trust, ready when the user's proxy holds for it. */
  sessionFor(trust: TrustedCertificate): Promise<unknown>
  /** What the last verification for this host refused. */
  refused(host: string): RefusedCertificate | undefined
}
type NetResponse = NodeJS.ReadableStream & { statusCode: number; headers: Record<string, string | string[]> }

/**
 * Over Electron's network, so that its proxy, certificates and client certificates hold.
 * Why not net.fetch: with `redirect: 'manual'` it fails ("Redirect was cancelled") and never tells where to.
 */
export const netTransport =
  (net: Net): Transport =>
  async (request) => {
    const session = request.trust === undefined ? undefined : await net.sessionFor(request.trust)
    request.signal.throwIfAborted()
    try {
      return await askNet(net, request, session)
    } catch (failure) {
      const host = hostOf(request.url)
      throw isCertificateFailure(failure) ? untrustedCertificate(host, net.refused(host), Date.now()) : failure
    }
  }

const askNet = (net: Net, { url, method, headers, body, signal }: RawRequest, session: unknown): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    const asked = net.request({
      url: url.href,
      method,
      redirect: 'manual',
      credentials: 'omit',
      cache: 'no-store',
      // Electron's own type is not known here
      ...(session === undefined ? {} : { session: session as never }),
    })
    for (const [name, value] of Object.entries(headers)) asked.setHeader(name, value)
    let stream: NetResponse | undefined
    const abort = () => {
      asked.abort()
      reject(signal.reason)
    }
    const done = () => signal.removeEventListener('abort', abort)
    signal.addEventListener('abort', abort, { once: true })
    asked.on('redirect', (status: number, _method: string, _to: string, answered: Record<string, string[]>) => {
      done()
      resolve({ status, headers: headersOf(answered), body: nothing, cancel() {} })
      asked.abort()
    })
    asked.on('response', (response: NetResponse) => {
      stream = response
      response.on('end', done)
      const cancel = () => {
        done()
        asked.abort()
      }
      const whole = response as unknown as AsyncIterable<Uint8Array>
      resolve({ status: response.statusCode, headers: headersOf(response.headers), body: whole, cancel })
    })
    asked.on('error', (failure: Error) => {
      done()
      reject(failure)
      ;(stream as unknown as { destroy?(failure: Error): void } | undefined)?.destroy?.(failure)
    })
    asked.on('login', (_info: unknown, answer: () => void) => answer())
    if (signal.aborted) return abort()
    if (body !== undefined) asked.write(typeof body === 'string' ? body : Buffer.from(body))
    asked.end()
  })

/** Names and values as Node and Electron give them; an impossible one is left out. */
export function headersOf(stated: Readonly<Record<string, string | string[] | undefined>>): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(stated)) {
    for (const one of Array.isArray(value) ? value : value === undefined ? [] : [value]) {
      try {
        headers.append(name, one)
      } catch {
        // not a header by the standard
      }
    }
  }
  return headers
}
