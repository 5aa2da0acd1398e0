/**
 * The end of a session at its provider.
 * Owns: when tokens may be ended there. Real providers (Keycloak) end with one token everything that the same client was
 * given for the same user in the same browser: the successor of a session, and that of another connection with the same
 * account. Where that cannot be ruled out, a session ends here alone. Does not: forget anything here (established.ts).
 */
import type { Clock } from '../../core/clock.ts'
import { canceled } from '../../core/http/failures.ts'
import type { Log } from '../../core/log.ts'
import { isSameIssuer } from '../../protocols/oidc.ts'
import type { SignInTarget } from '../types.ts'
import type { KeptSession } from './kept-session.ts'
import { following, type Live, waitFor } from './live.ts'
import { revokeTokens } from './renewal.ts'
import type { Session } from './session.ts'

export type Ended = { isRevoked: boolean; isShared: boolean }
type Needs = {
  clock: Clock
  log: Log
  addSecret(value: string): void
  lives(): Iterable<Live>
  /** All connections that may have a session, also such as were not used in this run. */
  others(): readonly SignInTarget[]
  restore(target: SignInTarget): Promise<void>
}

/** The provider does not get longer. */
const REVOKE_MS = 10_000

/**
 * Whether ending one may end the other: the same issuer and client, and the same user or one of whom nothing is known.
 * Basic has no end, and tokens of service accounts end one by one.
 */
export function mayShare(one: KeptSession, other: KeptSession): boolean {
  if (one.way === 'basic' || one.way === 'client-credentials') return false
  if (other.way === 'basic' || other.way === 'client-credentials') return false
  if (one.clientId !== other.clientId || !isSameIssuer(one.issuer, other.issuer)) return false
  return one.subject === undefined || other.subject === undefined || one.subject === other.subject
}

export function createEnding(needs: Needs) {
  const { clock, log } = needs

  async function isShared(session: Session): Promise<boolean> {
    await Promise.allSettled(needs.others().map((target) => needs.restore(target)))
    return [...needs.lives()].some(
      (live) =>
        live.session !== null &&
        live.session !== session &&
        !live.isExpired &&
        mayShare(live.session.kept, session.kept),
    )
  }

  /** Never fails. `before`: a renewal that is under way; the newest tokens are those to end. */
  async function end(live: Live, session: Session, before: Promise<unknown> | null = null): Promise<Ended> {
    live.ending?.abort()
    const control = new AbortController()
    live.ending = control
    const disarm = clock.setTimer(REVOKE_MS, () => control.abort(canceled()))
    try {
      await waitFor(Promise.allSettled([before]), control.signal)
      if (await waitFor(isShared(session), control.signal)) {
        log.info('A session ends here alone: another one shares it at the provider', { connection: live.id })
        return { isRevoked: false, isShared: true }
      }
      return { isRevoked: await revokeTokens(needs, following(live), session, control.signal), isShared: false }
    } catch (failure) {
      log.info('Tokens could not be revoked', { connection: live.id, failure })
      return { isRevoked: false, isShared: false }
    } finally {
      disarm()
      if (live.ending === control) live.ending = null
    }
  }
  return { end }
}
