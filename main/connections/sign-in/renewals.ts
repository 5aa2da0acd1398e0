/**
 * New tokens for a session that stands: when they are due, after a refusal, and again after a failure.
 * Owns: one renewal at a time for each connection, its limit, and the pauses after failures. A new refresh token is in the
 * keychain before anything that came with it is used; a network that fails ends nothing. Does not: ask (renewal.ts).
 */
import type { Clock } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import { canceled } from '../../core/http/failures.ts'
import { alone, following, type Live } from './live.ts'
import { stillTaken } from './proof.ts'
import { isBasicEnd, skewFailure } from './refusals.ts'
import { type Renewed, renewTokens } from './renewal.ts'
import { canRenew, isOver, planMs, type Session, tokenOf } from './session.ts'
import { HAS_ENDED, headerOf, keyOf, type Standing, type StandingNeeds } from './standing.ts'

export type RenewalNeeds = StandingNeeds & { clock: Clock; standing: Standing; addSecret(value: string): void }

const FIRST_RETRY_MS = 15_000
const LONGEST_RETRY_MS = 600_000
/** A renewal that takes longer gets no answer any more. */
const RENEW_MS = 20_000
/** So soon after a failure nobody asks again: a page of requests must not become a storm. */
const REST_MS = 5_000
const NOT_TAKEN = 'The back-end does not accept the session any more. Sign in again.'

export function createRenewals(needs: RenewalNeeds) {
  const { clock, schedule, standing, asWire, changed } = needs
  let isClosed = false

  /** What is due next: a new token, or the end of one that cannot be renewed. */
  function plan(live: Live, session: Session): void {
    schedule.cancel(keyOf(live))
    const waitMs = session.token && planMs(session.token, canRenew(session), clock)
    if (waitMs === null) return
    lookIn(live, session, waitMs)
  }
  function lookIn(live: Live, session: Session, waitMs: number, jitter = 0): void {
    if (isClosed || live.isPaused) return
    schedule.after(keyOf(live), waitMs, () => look(live, session), { needsNetwork: canRenew(session), jitter })
  }
  async function look(live: Live, session: Session): Promise<void> {
    if (live.session !== session || live.isExpired || live.isPaused) return
    if (!canRenew(session)) return standing.end(live, session, new AppError('signed-out', HAS_ENDED))
    await renew(live, session, false).catch(() => {}) // told already
  }

  async function renew(live: Live, session: Session, isAfterRefusal: boolean): Promise<string | null> {
    if (isClosed) throw canceled()
    if (live.renewing) return live.renewing
    const { trouble } = live
    if (trouble && clock.monotonicMs() < trouble.atMs + REST_MS) throw trouble.failure
    return alone(live, () => renewOnce(live, session, isAfterRefusal))
  }
  async function renewOnce(live: Live, session: Session, isAfterRefusal: boolean): Promise<string | null> {
    const { generation } = live
    let renewed: Renewed
    try {
      renewed = await withLimit(live, session)
    } catch (failure) {
      return renewalFailed(live, session, generation, failure)
    }
    const isNews = JSON.stringify(renewed.kept) !== JSON.stringify(session.kept)
    // also for a session that is not the one any more: the newest tokens are those to be ended
    session.kept = renewed.kept
    if (live.generation === generation) {
      live.failure = null
      live.trouble = null
      if (session.isKept && isNews) await standing.keep(live, renewed.kept, generation)
    }
    session.token = tokenOf(renewed.tokens, clock, isAfterRefusal)
    if (live.generation !== generation || isClosed) return live.header
    session.refusedForms.clear()
    live.failedRenewals = 0
    standing.useHeader(live, headerOf(session))
    plan(live, session)
    changed(live)
    return live.header
  }
  async function withLimit(live: Live, session: Session): Promise<Renewed> {
    const control = new AbortController()
    const disarm = clock.setTimer(RENEW_MS, () => control.abort(canceled()))
    try {
      return await renewTokens(needs, following(live), session, control.signal)
    } catch (failure) {
      if (!control.signal.aborted) throw failure
      throw session.kept.way === 'basic'
        ? new AppError('time-out', 'The back-end did not answer the sign-in in time.', { retry: 'later' })
        : new AppError('provider-unavailable', 'The sign-in service did not answer in time.')
    } finally {
      disarm()
    }
  }

  async function renewalFailed(live: Live, session: Session, generation: number, failure: unknown): Promise<null> {
    session.client = null // its addresses are read again: they may be what is wrong
    if (live.generation !== generation || isClosed) throw canceled()
    const isBasic = session.kept.way === 'basic'
    if (failure instanceof AppError && (isBasic ? isBasicEnd(failure) : isOidcEnd(failure))) {
      await standing.end(live, session, failure, isBasic)
      return null
    }
    const told = asWire('A session could not be renewed', live, failure)
    // as long as the token of the moment holds, nobody needs to know
    if (!session.token || isOver(session.token, clock)) {
      live.failure = told
      standing.useHeader(live, null)
    }
    const waitMs = pauseAfter(live, session, failure)
    live.failedRenewals += 1
    live.trouble = { failure, atMs: clock.monotonicMs(), retryAtMs: clock.monotonicMs() + waitMs }
    lookIn(live, session, waitMs, 0.2)
    changed(live)
    throw failure
  }
  /** Slowly where asking again should not help (a portal's page, another document): it is seldom the last word. */
  function pauseAfter(live: Live, session: Session, failure: unknown): number {
    const isQuick = failure instanceof AppError && failure.retry !== 'never'
    const waitMs = isQuick ? Math.min(FIRST_RETRY_MS * 2 ** live.failedRenewals, LONGEST_RETRY_MS) : LONGEST_RETRY_MS
    const leftMs = session.token && planMs(session.token, false, clock)
    return leftMs ? Math.min(waitMs, Math.max(FIRST_RETRY_MS, leftMs)) : waitMs
  }

  /** Ends the session, unless the back-end takes its token at /me: then it is the one request that is refused. */
  async function endUnlessTaken(live: Live, session: Session, refusal: AppError): Promise<string | null> {
    const { generation } = live
    const clockAheadMs = session.client?.clockAheadMs() ?? null
    const seen = await stillTaken(following(live), session)
    if (live.generation !== generation || live.isExpired) return live.header
    if (seen.is === 'unknown') return null
    if (seen.is === 'refused') {
      const skew = canRenew(session) ? skewFailure(clockAheadMs, refusal) : undefined
      await standing.end(live, session, skew ?? new AppError('signed-out', NOT_TAKEN, { cause: refusal }))
      return null
    }
    if (session.token) session.token.provenAtMs = clock.monotonicMs()
    const { kept } = session
    if (kept.way === 'basic' || kept.form === seen.form) return null
    session.kept = { ...kept, form: seen.form, isFormProven: true }
    standing.useHeader(live, headerOf(session))
    await standing.keep(live, session.kept, generation)
    return live.header
  }

  return {
    plan,
    renew,
    endUnlessTaken: (live: Live, session: Session, refusal: AppError) =>
      alone(live, () => endUnlessTaken(live, session, refusal)),
    /** Whether it may be tried now by itself, while there is a token that holds. */
    isInTrouble: ({ trouble }: Live): boolean => trouble !== null && clock.monotonicMs() < trouble.retryAtMs,
    /** The network is another one. */
    tryAgain(live: Live): void {
      const { session, trouble } = live
      if (!trouble || !session) return
      live.trouble = null
      live.failedRenewals = 0
      lookIn(live, session, 0)
    },
    close() {
      isClosed = true
    },
  }
}

/** The session itself is over, at the provider's word. */
const isOidcEnd = ({ code }: AppError) => code === 'signed-out' || code === 'credentials-refused'
