/**
 * What a back-end means when it refuses a request that came with a token.
 * Owns: the reading of openEO's codes (and of those that drivers use instead). Never of message texts.
 */
import type { LinkTo } from '../../../preload/contract/connections.ts'
import { AppError } from '../../core/errors.ts'
import { CLOCK_TOLERANCE_S, clockSkew, skewSays } from '../../protocols/oidc.ts'

/** The token, not the account: another one, or another form of it, may be taken. */
const TOKEN_CODES = new Set(['TokenInvalid', 'TokenExpired', 'AuthenticationRequired', 'AuthenticationSchemeInvalid'])
/**
 * The account, not the token. CredentialsInvalid is how the Sentinel Hub driver tells that an EGI account has no
 * entitlement; AccessTokenError how the Python driver tells that a service account belongs to no user.
 */
const ACCOUNT_CODES = new Set(['PermissionsInsufficient', 'CredentialsInvalid', 'AccessTokenError'])

export function isTokenRefusal(failure: AppError): boolean {
  if (failure.serverCode !== undefined && ACCOUNT_CODES.has(failure.serverCode)) return false
  if (failure.serverCode !== undefined && TOKEN_CODES.has(failure.serverCode)) return true
  return failure.code === 'signed-out' // 401 without a code that is known
}

/** It came from the address that was asked; what a request was forwarded to says nothing of the token. */
export const isOwnAnswer = ({ answer }: AppError): boolean => !answer?.isRedirected

/** At /me or right after a sign-in: the account may not use this back-end. */
export const isAccountRefusal = (failure: AppError): boolean =>
  failure.serverCode !== undefined && ACCOUNT_CODES.has(failure.serverCode)

const LINK_RELATIONS = ['create-form', 'edit-form', 'help', 'about', 'recovery-form']

/**
 * The failure for an account that is not enrolled, with where to do that; else the failure as it is.
 * @param links of the back-end and of the sign-in service, the more fitting first
 */
export function asEnrolment(failure: AppError, links: readonly LinkTo[] = []): AppError {
  if (!isAccountRefusal(failure)) return failure
  const link = LINK_RELATIONS.map((relation) => links.find(({ rel }) => rel === relation)).find((found) => found)
  return new AppError('not-enrolled', `The account is not enrolled for this back-end. It says: ${failure.message}`, {
    serverCode: failure.serverCode,
    serverRef: failure.serverRef,
    cause: failure,
    ...(link ? { link: { href: link.href, title: link.title || 'Register' } } : {}),
  })
}

/**
 * A wrong user, password, client id or secret at GET /credentials/basic. A 403 without an openEO error is something that
 * stands before the back-end: it has not looked at the password.
 */
export function asBasicRefusal(failure: AppError): AppError {
  const isRefused = failure.code === 'signed-out' || (failure.code === 'forbidden' && failure.serverCode !== undefined)
  if (!isRefused) return failure
  return new AppError('credentials-refused', 'The back-end does not accept the user name or the password.', {
    serverCode: failure.serverCode,
    serverRef: failure.serverRef,
    cause: failure,
  })
}

/**
 * What ends a session of user and password: the back-end itself says with an openEO error that they are not right (401,
 * or CredentialsInvalid). A page of a captive portal says nothing of them.
 */
export const isBasicEnd = ({ code, cause }: AppError): boolean =>
  code === 'credentials-refused' &&
  cause instanceof AppError &&
  cause.code === 'signed-out' &&
  cause.serverCode !== undefined &&
  isOwnAnswer(cause)

/** A new token that nobody takes, while the clocks are far apart: that is why. undefined: they are not. */
export function skewFailure(clockAheadMs: number | null, cause?: unknown): AppError | undefined {
  if (clockAheadMs === null || Math.abs(clockAheadMs) <= CLOCK_TOLERANCE_S * 1000) return undefined
  return clockSkew(skewSays(clockAheadMs), cause)
}
