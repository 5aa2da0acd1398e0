/**
 * Failures that are expected: a code of the contract's closed set, a sentence for the user, and what may help.
 * Owns: AppError and its way over the door. Does not: log (the caller has the log).
 * Everything thrown that is not an AppError is a bug, and crosses without its message.
 */
import type { Certificate } from '../../preload/contract/connections.ts'
import type { ErrorCode, WireError } from '../../preload/contract/errors.ts'

/** The answer that a failure was read from. Known inside of main only: it does not cross to the window. */
export type FailedAnswer = {
  status: number
  /** Where it came from, after redirects. */
  url: string
  /** It came from another address than the one that was asked. */
  isRedirected: boolean
}
type Details = {
  retry?: WireError['retry']
  serverCode?: string | undefined
  serverRef?: string | undefined
  fields?: Record<string, string>
  /** Where the next step is taken. */
  link?: WireError['link']
  /** With untrusted-certificate: what the server showed. Does not cross by itself. */
  certificate?: Certificate
  answer?: FailedAnswer
  cause?: unknown
}

const RETRY: Partial<Record<ErrorCode, WireError['retry']>> = {
  offline: 'later',
  'time-out': 'now',
  'rate-limited': 'later',
  'back-end': 'later',
  'disk-full': 'now',
  'provider-unavailable': 'later',
  'sign-in-expired': 'now',
}

export class AppError extends Error {
  override name = 'AppError'
  readonly code: ErrorCode
  readonly retry: WireError['retry']
  readonly serverCode: string | undefined
  readonly serverRef: string | undefined
  readonly fields: Record<string, string> | undefined
  readonly link: WireError['link']
  readonly certificate: Certificate | undefined
  readonly answer: FailedAnswer | undefined

  /** `message` is shown to the user: a neutral sentence without tokens, machine paths or parameters. */
  constructor(code: ErrorCode, message: string, details: Details = {}) {
    super(message, { cause: details.cause })
    this.code = code
    this.retry = details.retry ?? RETRY[code] ?? 'never'
    this.serverCode = details.serverCode
    this.serverRef = details.serverRef
    this.fields = details.fields
    this.link = details.link
    this.certificate = details.certificate
    this.answer = details.answer
  }
}

/** The shape in which a failure crosses. A failure that is not an AppError says nothing but its place in the log. */
export function toWireError(failure: unknown, logRef: string): WireError {
  if (!(failure instanceof AppError)) {
    return { code: 'bug', message: 'Swath met an error that it does not know.', retry: 'never', logRef }
  }
  return {
    code: failure.code,
    message: failure.message,
    retry: failure.retry,
    ...(failure.serverCode === undefined ? {} : { serverCode: failure.serverCode }),
    ...(failure.serverRef === undefined ? {} : { serverRef: failure.serverRef }),
    ...(failure.fields === undefined ? {} : { fields: failure.fields }),
    ...(failure.link === undefined ? {} : { link: failure.link }),
    logRef,
  }
}

/**
 * What the operating system says of files, as an AppError; undefined where it is none of the known ones.
 * It says `EACCES` of both: only the caller knows whether the file was to be read (`forbidden`) or written (`read-only`).
 */
export function fromFileError(
  failure: unknown,
  what: string,
  doing: 'reading' | 'writing' = 'writing',
): AppError | undefined {
  const code = (failure as NodeJS.ErrnoException | undefined)?.code
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new AppError('disk-full', `The disk is full: ${what} could not be written.`, { cause: failure })
  if (doing === 'reading' && (code === 'EACCES' || code === 'EPERM'))
    return new AppError('forbidden', `There is no permission to read ${what}.`, { cause: failure })
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM')
    return new AppError('read-only', `The folder does not allow writing: ${what} could not be saved.`, {
      cause: failure,
    })
  if (code === 'ENOENT') return new AppError('not-found', `A file is missing: ${what}.`, { cause: failure })
  return undefined
}
