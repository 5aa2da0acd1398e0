/**
 * What goes wrong at a sign-in service, as an AppError with a code, a sentence and the service's own code.
 * Owns: the meaning of OAuth error codes (RFC 6749 §5.2, RFC 8628 §3.5) and of openid-client's failures.
 * Does not: show the service's descriptions; they may be long, foreign or made to mislead.
 */
import { ClientError, ResponseBodyError } from 'openid-client'
import type { ErrorCode } from '../../preload/contract/errors.ts'
import { AppError } from '../core/errors.ts'

type Meaning = { code: ErrorCode; says: string; retry?: 'now' | 'later' | 'never' }
const BY_ERROR: Record<string, Meaning> = {
  access_denied: { code: 'sign-in-expired', says: 'The sign-in was not approved at the sign-in service.' },
  expired_token: { code: 'sign-in-expired', says: 'The code ran out before the sign-in was approved.' },
  invalid_grant: { code: 'signed-out', says: 'The session has ended at the sign-in service. Sign in again.' },
  invalid_client: {
    code: 'credentials-refused',
    says: 'The sign-in service does not accept the client: its id or its secret is wrong, or it was withdrawn.',
  },
  unauthorized_client: {
    code: 'credentials-refused',
    says: 'The sign-in service does not allow this way of signing in for the client.',
  },
  temporarily_unavailable: {
    code: 'provider-unavailable',
    says: 'The sign-in service is not available at the moment.',
  },
  server_error: { code: 'provider-unavailable', says: 'The sign-in service met an error.' },
}
const LONGEST_CODE = 60

/** An error code as the service states it; anything that is no plain word is left out. */
const plainCode = (error: string) => (/^[\w.:-]+$/.test(error) ? error.slice(0, LONGEST_CODE) : undefined)

/** An OAuth error code (`error` of an answer or of a redirect). */
export function fromOAuthError(error: string, cause?: unknown): AppError {
  const known = Object.hasOwn(BY_ERROR, error) ? BY_ERROR[error] : undefined
  const meaning: Meaning = known ?? {
    code: 'provider-unavailable',
    says: 'The sign-in service refused the request.',
    retry: 'never',
  }
  return new AppError(meaning.code, meaning.says, {
    serverCode: plainCode(error),
    cause,
    ...(meaning.retry ? { retry: meaning.retry } : {}),
  })
}

/** A claim of time in the ID token is beyond tolerance (openid-client). */
const TIME_CHECK_FAILED = 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED'

export const clockSkew = (says: string, cause?: unknown) => new AppError('clock-skew', says, { cause, retry: 'now' })
export const unusable = (what: string, cause?: unknown) =>
  new AppError('provider-unavailable', `The sign-in service answered in a form that is not known: ${what}.`, {
    cause,
    retry: 'never',
  })

/**
 * Anything thrown while a sign-in service is asked. What core/http found (offline, time-out, untrusted-certificate,
 * canceled) keeps its code; a time-out is told as the service that does not answer.
 */
export function fromProvider(failure: unknown): AppError {
  const own = appErrorIn(failure)
  if (own?.code === 'time-out')
    return new AppError('provider-unavailable', 'The sign-in service did not answer in time.', { cause: own })
  if (own) return own
  if (failure instanceof ResponseBodyError) return fromOAuthError(failure.error, withoutBody(failure))
  if (failure instanceof ClientError && failure.code === TIME_CHECK_FAILED)
    return clockSkew(
      'The clock of this computer and that of the sign-in service are too far apart.',
      withoutBody(failure),
    )
  return unusable('an answer that does not hold', withoutBody(failure))
}

/** The failure of core/http inside of openid-client's wrapping. */
function appErrorIn(failure: unknown): AppError | undefined {
  for (let one: unknown = failure, depth = 0; one instanceof Error && depth < 5; one = one.cause, depth++)
    if (one instanceof AppError) return one
  return undefined
}

/** openid-client's failures carry whole answers with tokens as their cause: the words are kept, the rest goes. */
function withoutBody(failure: unknown): Error {
  if (!(failure instanceof Error)) return new Error('The sign-in library failed.')
  const copy = new Error(failure.message)
  copy.name = failure.name
  if (failure.stack) copy.stack = failure.stack
  return copy
}

/** Whether the same request may succeed a moment later. */
export const isPassing = (failure: AppError): boolean =>
  failure.retry !== 'never' &&
  (failure.code === 'offline' ||
    failure.code === 'time-out' ||
    failure.code === 'provider-unavailable' ||
    failure.code === 'rate-limited')
