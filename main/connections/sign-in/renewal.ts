/**
 * A new access token for a session without asking the user, and the end of its tokens at the provider.
 * Owns: what each way of signing in does for that. Does not: keep, use or announce anything.
 */
import type { Clock } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import type { OidcTokens } from '../../protocols/oidc.ts'
import type { SignInTarget } from '../types.ts'
import type { KeptSession, OidcSession } from './kept-session.ts'
import { askBasicToken, openClient } from './opening.ts'
import type { Session } from './session.ts'

type Needs = { clock: Clock; addSecret(value: string): void }
export type Renewed = { kept: KeptSession; tokens: OidcTokens }

async function clientOf(needs: Needs, target: SignInTarget, session: Session, kept: OidcSession, signal?: AbortSignal) {
  session.client ??= await openClient(needs, target, kept, signal)
  return session.client
}

/** @throws AppError signed-out (the refresh token is not taken any more), credentials-refused, offline, … */
export async function renewTokens(
  needs: Needs,
  target: SignInTarget,
  session: Session,
  signal: AbortSignal,
): Promise<Renewed> {
  const { kept } = session
  if (kept.way === 'basic') {
    const accessToken = await askBasicToken(needs, target, kept.user, kept.password, signal)
    return { kept, tokens: { accessToken, refreshToken: null, expiresInS: null, subject: null } }
  }
  const client = await clientOf(needs, target, session, kept, signal)
  if (kept.way === 'client-credentials') return { kept, tokens: await client.clientCredentials(kept.scope, signal) }
  if (kept.refreshToken === undefined) throw new AppError('signed-out', 'The session has ended. Sign in again.')
  const tokens = await client.refresh(kept.refreshToken, signal)
  return { kept: { ...kept, refreshToken: tokens.refreshToken }, tokens }
}

/**
 * Ends the tokens at the provider (RFC 7009). true: the provider confirmed all of it; false where it has no way to, and
 * for Basic, which has none. @throws AppError
 */
export async function revokeTokens(
  needs: Needs,
  target: SignInTarget,
  session: Session,
  signal: AbortSignal,
): Promise<boolean> {
  const { kept, token } = session
  if (kept.way === 'basic') return false
  const refreshToken = 'refreshToken' in kept ? kept.refreshToken : undefined
  if (refreshToken === undefined && token === null) return false
  const client = await clientOf(needs, target, session, kept, signal)
  const isRefreshOver = refreshToken === undefined || (await client.revoke(refreshToken, 'refresh_token', signal))
  const isAccessOver = token === null || (await client.revoke(token.value, 'access_token', signal))
  return isRefreshOver && isAccessOver
}
