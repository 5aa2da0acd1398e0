/**
 * What is known of one connection's sign-in while Swath runs.
 * Owns: the status that others see, and the order of writes to the keychain. Does not: ask anybody.
 */
import type { PendingSignIn } from '../../../preload/contract/connections.ts'
import type { WireError } from '../../../preload/contract/errors.ts'
import type { SignInStatus, SignInTarget } from '../types.ts'
import type { Session } from './session.ts'

export type Pending = { control: AbortController; view: PendingSignIn; page: string | null }
export type Live = {
  readonly id: string
  /** As it was last asked for. */
  target: SignInTarget
  session: Session | null
  /** The session is not taken any more. */
  isExpired: boolean
  header: string | null
  pending: Pending | null
  failure: WireError | null
  /** Grows when the session becomes another one: what began before must not touch it. */
  generation: number
  restoring: Promise<void> | null
  renewing: Promise<string | null> | null
  /** Failures to renew in a row. */
  failedRenewals: number
  writing: Promise<unknown>
}

export const createLive = (target: SignInTarget): Live => ({
  id: target.id,
  target,
  session: null,
  isExpired: false,
  header: null,
  pending: null,
  failure: null,
  generation: 0,
  restoring: null,
  renewing: null,
  failedRenewals: 0,
  writing: Promise.resolve(),
})

export function statusOf(live: Live | undefined): SignInStatus {
  if (live === undefined) return { signIn: 'signed-out' }
  const { pending, failure } = live
  return {
    signIn: pending ? 'signing-in' : settledState(live),
    ...(pending ? { pending: pending.view } : {}),
    ...(failure ? { failure } : {}),
  }
}
function settledState({ session, isExpired, target }: Live): SignInStatus['signIn'] {
  if (session) return isExpired ? 'expired' : 'signed-in'
  // a back-end that was never reached offers nothing yet: that says nothing
  const hasSignIn = target.offers.length === 0 || target.offers.includes('basic') || target.offers.includes('oidc')
  return hasSignIn ? 'signed-out' : 'not-needed'
}

/** One write of this connection after the other, whatever became of the one before. */
export function inTurn<T>(live: Live, write: () => Promise<T>): Promise<T> {
  const turn = live.writing.then(write, write)
  live.writing = turn.catch(() => {})
  return turn
}

export const firstView = (nowMs: number): PendingSignIn => ({
  step: 'asking',
  providerTitle: '',
  userCode: null,
  verificationUri: null,
  verificationUriComplete: null,
  startedAt: new Date(nowMs).toISOString(),
  expiresAt: null,
  isDisturbed: false,
})
