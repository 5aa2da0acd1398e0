/**
 * What went wrong on the way or at the server, as an AppError.
 * Owns: the meaning of network codes, statuses and openEO error bodies. Does not: decide about retries (policy.ts).
 * Texts of servers are shown, as openEO means them to be, but redacted, on one line and cut.
 */
import type { ErrorCode } from '../../../preload/contract/errors.ts'
import { AppError, type FailedAnswer } from '../errors.ts'
import type { Redactor } from '../redact.ts'

/** Codes of Node (errno, undici) and of Chromium (net_error_list.h, without ERR_) by what they mean. */
const OFFLINE = new Set(
  `ENOTFOUND EAI_AGAIN EAI_NODATA ENETDOWN ENETUNREACH EHOSTDOWN EHOSTUNREACH EADDRNOTAVAIL ECONNREFUSED
  INTERNET_DISCONNECTED NAME_NOT_RESOLVED NAME_RESOLUTION_FAILED ADDRESS_UNREACHABLE CONNECTION_REFUSED
  CONNECTION_FAILED NETWORK_CHANGED NETWORK_IO_SUSPENDED PROXY_CONNECTION_FAILED TUNNEL_CONNECTION_FAILED
  ERR_PROXY_TUNNEL`.split(/\s+/),
)
const CUT = new Set(
  `ECONNRESET ECONNABORTED EPIPE UND_ERR_SOCKET HPE_INVALID_EOF_STATE CONNECTION_RESET CONNECTION_CLOSED EMPTY_RESPONSE
  CONNECTION_ABORTED CONTENT_LENGTH_MISMATCH INCOMPLETE_CHUNKED_ENCODING HTTP2_PROTOCOL_ERROR QUIC_PROTOCOL_ERROR
  SOCKET_NOT_CONNECTED HTTP2_SERVER_REFUSED_STREAM ERR_STREAM_PREMATURE_CLOSE`.split(/\s+/),
)
const SLOW = new Set(
  `ETIMEDOUT TIMED_OUT CONNECTION_TIMED_OUT UND_ERR_CONNECT_TIMEOUT UND_ERR_HEADERS_TIMEOUT UND_ERR_BODY_TIMEOUT`.split(
    /\s+/,
  ),
)
const UNTRUSTED = /^(ERR_TLS_CERT_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH)/
/** The two could not agree on how to encrypt, or one of them does not at all. */
const NO_ENCRYPTION = /^(ERR_TLS_|SSL_|EPROTO|ERR_SSL|BAD_SSL)/

/** The code of a failure or of what caused it. Electron's network has it as its whole message: `net::ERR_…`. */
function codeOf(failure: unknown, depth = 0): string | undefined {
  if (!(failure instanceof Error) || depth > 4) return undefined
  const { code } = failure as NodeJS.ErrnoException
  if (typeof code === 'string' && code !== '') return code
  const chromium = /^net::ERR_([A-Z\d_]+)$/.exec(failure.message)?.[1]
  const inner = failure instanceof AggregateError ? failure.errors[0] : failure.cause
  return chromium ?? codeOf(inner, depth + 1)
}

/** Whether a server's certificate is what the connection failed for. */
export const isCertificateFailure = (failure: unknown): boolean =>
  !(failure instanceof AppError) && UNTRUSTED.test(codeOf(failure) ?? '')

export type NetworkFailure = { error: AppError; isFinal: boolean }
/** A request that got no answer. `isFinal`: asking again would not help. */
export function fromNetworkFailure(failure: unknown): NetworkFailure {
  if (failure instanceof AppError) return { error: failure, isFinal: failure.retry === 'never' }
  const code = codeOf(failure) ?? ''
  const because = { cause: failure }
  const passing = (kind: ErrorCode, says: string) => ({ error: new AppError(kind, says, because), isFinal: false })
  if (OFFLINE.has(code)) return passing('offline', 'The server could not be reached.')
  if (CUT.has(code)) return passing('offline', 'The connection broke off.')
  if (SLOW.has(code)) return passing('time-out', 'The server did not answer in time.')
  if (UNTRUSTED.test(code)) {
    const says = 'The server could not prove its identity: its certificate is not trusted.'
    return { error: new AppError('untrusted-certificate', says, { ...because, retry: 'never' }), isFinal: true }
  }
  if (NO_ENCRYPTION.test(code)) {
    const says = 'An encrypted connection to the server could not be set up.'
    return { error: new AppError('back-end', says, { ...because, retry: 'never' }), isFinal: true }
  }
  return passing('offline', 'The request got no answer.')
}

const BY_STATUS: Record<number, [ErrorCode, string]> = {
  400: ['invalid-input', 'The server refused the request as not valid.'],
  401: ['signed-out', 'The server asks for a sign-in.'],
  402: ['quota', 'The server asks for payment or more credits.'],
  403: ['forbidden', 'The server does not allow this.'],
  404: ['not-found', 'The server does not know what was asked for.'],
  408: ['time-out', 'The server waited too long for the request.'],
  409: ['conflict', 'The server refused the request: it conflicts with what is there.'],
  410: ['not-found', 'What was asked for is not there any more.'],
  412: ['conflict', 'What is at the server has changed meanwhile.'],
  422: ['invalid-input', 'The server refused the request as not valid.'],
  429: ['rate-limited', 'The server asks for fewer requests.'],
  511: ['offline', 'The network asks for a sign-in before it lets anything through.'],
  507: ['quota', 'The server has no room left for this account.'],
}
/** openEO's own codes (errors.json of the API) that say more than their status. */
const BY_SERVER_CODE = new Map<string, ErrorCode>(
  Object.entries({
    AuthenticationRequired: 'signed-out',
    TokenInvalid: 'signed-out',
    TokenExpired: 'signed-out',
    CredentialsInvalid: 'signed-out',
    PaymentRequired: 'quota',
    StorageQuotaExceeded: 'quota',
    BudgetInvalid: 'invalid-input',
  } as const),
)

const LONGEST_MESSAGE = 500
function oneLine(text: string, redactor: Redactor): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  const clean = redactor.text(text).replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+/g, ' ')
  return clean.length > LONGEST_MESSAGE ? `${clean.slice(0, LONGEST_MESSAGE)}…` : clean.trim()
}
const textOr = (value: unknown) => (typeof value === 'string' && value.trim() !== '' ? value : undefined)

/**
 * An answer that is no success. Body: openEO's `{id, code, message}`, RFC 9457's `{title, detail}` or anything.
 * @param body what was read of it; at most the first 64 kB matter
 * @param answer where it came from
 */
export function fromAnswer(status: number, body: string, redactor: Redactor, answer?: FailedAnswer): AppError {
  let stated: Record<string, unknown> = {}
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed === 'object' && parsed !== null) stated = parsed as Record<string, unknown>
  } catch {
    // a page or nothing: the status has to do
  }
  const serverCode = textOr(stated.code)
  const [statusCode, ownWords] = BY_STATUS[status] ?? [
    status >= 500 ? 'back-end' : 'invalid-input',
    status >= 500 ? 'The server met an error.' : 'The server refused the request.',
  ]
  const said = textOr(stated.message) ?? textOr(stated.detail) ?? textOr(stated.title)
  return new AppError(
    (serverCode && BY_SERVER_CODE.get(serverCode)) || statusCode,
    said === undefined ? `${ownWords} (HTTP ${status})` : oneLine(said, redactor),
    {
      serverCode: serverCode && oneLine(serverCode, redactor),
      serverRef: textOr(stated.id) && oneLine(String(stated.id), redactor),
      ...(answer ? { answer } : {}),
    },
  )
}

export const canceled = () => new AppError('canceled', 'Canceled.')
export const timeOut = () => new AppError('time-out', 'The server did not answer in time.')
