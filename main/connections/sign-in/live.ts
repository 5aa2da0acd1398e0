/**
 * What is known of one connection's sign-in while Swath runs.
 * Owns: the status that others see, and the order of writes to the keychain. Does not: ask anybody.
 */
import type { PendingSignIn } from '../../../preload/contract/connections.ts'
import type { WireError } from '../../../preload/contract/errors.ts'
import { AppError } from '../../core/errors.ts'
import { canceled } from '../../core/http/failures.ts'
import type { SecretStoreName } from '../../core/secrets.ts'
import type { SignInStatus, SignInTarget } from '../types.ts'
import type { Session } from './session.ts'

export type Pending = { control: AbortController; view: PendingSignIn; page: string | null }
/** A session lies in the keychain and cannot be read. */
export type Unreadable = { failure: AppError; says: WireError; store: SecretStoreName; untilMs: number }
/** The last renewal failed, for a reason that may pass. Times by the monotonic clock. */
export type Trouble = { failure: unknown; atMs: number; retryAtMs: number }
export type Live = {
  readonly id: string
  /** As it was last asked for. */
  target: SignInTarget
  session: Session | null
  /** The session is not taken any more. */
  isExpired: boolean
  /** It may be taken again on another network: a user and a password do not end. */
  isRevivable: boolean
  /** The connection is switched off: the session stays, and nothing is done with it. */
  isPaused: boolean
  header: string | null
  pending: Pending | null
  failure: WireError | null
  /** Grows when the session becomes another one: what began before must not touch it. */
  generation: number
  restoring: Promise<void> | null
  unreadable: Unreadable | null
  /** Whoever changes token or session, one at a time; answers the header that came of it. */
  renewing: Promise<string | null> | null
  /** Failures to renew in a row. */
  failedRenewals: number
  trouble: Trouble | null
  /** Stops the end of the former session at the provider. */
  ending: AbortController | null
  writing: Promise<unknown>
}

export const createLive = (target: SignInTarget, isPaused: boolean): Live => ({
  id: target.id,
  target,
  session: null,
  isExpired: false,
  isRevivable: false,
  isPaused,
  header: null,
  pending: null,
  failure: null,
  generation: 0,
  restoring: null,
  unreadable: null,
  renewing: null,
  failedRenewals: 0,
  trouble: null,
  ending: null,
  writing: Promise.resolve(),
})

/** As the target is at each request: a certificate may be trusted, or not any more, while a session stands. */
export const following = (live: Live): SignInTarget => ({
  ...live.target,
  http: {
    send: (request) => live.target.http.send(request),
    ask: (request) => live.target.http.ask(request),
  },
})

/** That somebody has a session is a fact of its own: another sign-in beside it does not change it. */
export function statusOf(live: Live | undefined): SignInStatus {
  if (live === undefined) return { signIn: 'signed-out' }
  const { pending } = live
  const failure = live.failure ?? live.unreadable?.says
  const settled = settledState(live)
  return {
    signIn: pending && settled !== 'signed-in' ? 'signing-in' : settled,
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

/** One at a time: whoever asks meanwhile gets the same answer. */
export function alone(live: Live, work: () => Promise<string | null>): Promise<string | null> {
  if (live.renewing) return live.renewing
  const now = work().finally(() => {
    if (live.renewing === now) live.renewing = null
  })
  live.renewing = now
  return now
}

/** Waits for work of several; who does not want to wait any more leaves, and the work goes on. @throws AppError canceled */
export async function waitFor<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  const { promise: left, reject } = Promise.withResolvers<never>()
  const leave = () => reject(canceled())
  if (signal.aborted) leave()
  signal.addEventListener('abort', leave, { once: true })
  try {
    return await Promise.race([work, left])
  } finally {
    signal.removeEventListener('abort', leave)
    work.catch(() => {})
  }
}

export const switchedOff = () => new AppError('offline', 'The connection is disabled. Enable it to use the back-end.')

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
