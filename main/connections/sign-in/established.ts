/**
 * The life of a session that stands: kept, used as a header, renewed, replayed after a refusal, ended.
 * Owns: one renewal at a time for each connection. A new refresh token is in the keychain before anything that came with
 * it is used; a network that fails ends nothing. Does not: make sessions (opening.ts).
 */
import type { WireError } from '../../../preload/contract/errors.ts'
import type { Clock } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import { canceled } from '../../core/http/failures.ts'
import type { Log } from '../../core/log.ts'
import type { Schedule } from '../../core/schedule.ts'
import type { Secrets } from '../../core/secrets.ts'
import { isPassing } from '../../protocols/oidc.ts'
import type { SignInEvents } from '../types.ts'
import { bearer, formsFor } from './bearer.ts'
import { deleteSession, type KeptSession, writeSession } from './kept-session.ts'
import { inTurn, type Live } from './live.ts'
import { proveForm } from './proof.ts'
import { isTokenRefusal, skewFailure } from './refusals.ts'
import { type Renewed, renewTokens } from './renewal.ts'
import { canRenew, isDue, isFresh, isOver, type Opened, planMs, type Session, tokenOf } from './session.ts'

type Needs = {
  secrets: Secrets
  clock: Clock
  schedule: Schedule
  log: Log
  addSecret(value: string): void
  events: SignInEvents
  asWire(what: string, live: Live, failure: unknown): WireError
  /** Ends the tokens of a session that nobody uses any more; does not wait for it. */
  revokeLater(live: Live, session: Session): void
  changed(live: Live): void
}
const FIRST_RETRY_MS = 15_000
const LONGEST_RETRY_MS = 600_000
const HAS_ENDED = 'The session has ended. Sign in again.'

export function createEstablished(needs: Needs) {
  const { secrets, clock, schedule, events, asWire, changed, revokeLater } = needs
  let isClosed = false
  const keyOf = (live: Live) => `sign-in/${live.id}`

  function useHeader(live: Live, header: string | null): void {
    if (live.header === header) return
    live.header = header
    events.authorizationChanged(live.target, header)
  }
  const headerOf = ({ kept, token }: Session): string | null =>
    token && bearer(kept, token.value, kept.way === 'basic' ? 'prefixed' : kept.form)

  /** Writes what is to be kept, unless the session became another one meanwhile. A failure is told; the session goes on. */
  async function keep(live: Live, kept: KeptSession, generation: number): Promise<void> {
    try {
      await inTurn(live, async () => {
        if (live.generation === generation) await writeSession(secrets, live.id, kept)
      })
    } catch (failure) {
      live.failure = asWire(
        'A session could not be kept',
        live,
        new AppError(
          'secret-unreadable',
          'The sign-in could not be saved in the keychain: it lasts until Swath is closed.',
          {
            cause: failure,
          },
        ),
      )
    }
  }

  /** What is due next: a new token, or the end of one that cannot be renewed. */
  function plan(live: Live, session: Session): void {
    schedule.cancel(keyOf(live))
    const waitMs = session.token && planMs(session.token, canRenew(session), clock)
    if (waitMs === null || isClosed) return
    schedule.after(keyOf(live), waitMs, () => look(live, session), { needsNetwork: canRenew(session) })
  }
  async function look(live: Live, session: Session): Promise<void> {
    if (live.session !== session || live.isExpired) return
    if (!canRenew(session)) return end(live, session, new AppError('signed-out', HAS_ENDED))
    await renew(live, session, false).catch(() => {}) // told already
  }

  /** There is no session any more; what was under way does not bring it back. */
  function drop(live: Live): Live {
    live.generation += 1
    live.renewing = null
    live.session = null
    live.isExpired = false
    live.failure = null
    schedule.cancel(keyOf(live))
    useHeader(live, null)
    return live
  }

  const toSession = ({ kept, client, tokens }: Opened, isKept: boolean): Session => ({
    kept,
    isKept,
    client,
    token: tokenOf(tokens, clock),
    refusedForms: new Set(),
  })
  function use(live: Live, session: Session): void {
    live.session = session
    live.isExpired = false
    live.failedRenewals = 0
    live.restoring = Promise.resolve() // what the keychain has is this
    useHeader(live, headerOf(session))
    plan(live, session)
  }

  /** What is to be kept of a session that the back-end takes. @throws AppError where it does not */
  async function proven(live: Live, opened: Opened, signal: AbortSignal): Promise<KeptSession> {
    const { kept, tokens } = opened
    if (kept.way === 'basic') return kept
    const { form, isProven } = await proveForm(live.target, kept, opened, signal)
    const seen = { ...kept, form, isFormProven: isProven }
    if (seen.way === 'client-credentials' || seen.refreshToken !== undefined) return seen
    const { accessToken: value, expiresInS } = tokens
    return {
      ...seen,
      accessToken: { value, expiresAtMs: expiresInS === null ? null : clock.now() + expiresInS * 1000 },
    }
  }

  /** The session comes to its end; the user has to sign in again. */
  async function end(live: Live, session: Session, failure: AppError): Promise<void> {
    live.isExpired = true
    live.failure = asWire('A session has ended', live, failure)
    session.token = null
    schedule.cancel(keyOf(live))
    useHeader(live, null)
    changed(live)
    const { kept } = session
    const isOverForGood = (kept.way === 'device' || kept.way === 'browser') && failure.serverCode === 'invalid_grant'
    if (!session.isKept || !isOverForGood) return
    const { refreshToken: _, accessToken: __, ...rest } = kept
    session.kept = { ...rest, hasEnded: true }
    await keep(live, session.kept, live.generation)
  }

  /** One at a time: whoever asks meanwhile gets the same answer. */
  function renew(live: Live, session: Session, isAfterRefusal: boolean): Promise<string | null> {
    if (live.renewing) return live.renewing
    const work = renewOnce(live, session, isAfterRefusal).finally(() => {
      if (live.renewing === work) live.renewing = null
    })
    live.renewing = work
    return work
  }
  async function renewOnce(live: Live, session: Session, isAfterRefusal: boolean): Promise<string | null> {
    const { generation } = live
    let renewed: Renewed
    try {
      renewed = await renewTokens(needs, live.target, session)
    } catch (failure) {
      return renewalFailed(live, session, generation, failure)
    }
    if (live.generation !== generation) return live.header
    live.failure = null
    const isNews = JSON.stringify(renewed.kept) !== JSON.stringify(session.kept)
    session.kept = renewed.kept
    if (session.isKept && isNews) await keep(live, renewed.kept, generation)
    if (live.generation !== generation || isClosed) return live.header
    session.token = tokenOf(renewed.tokens, clock, isAfterRefusal)
    session.refusedForms.clear()
    live.failedRenewals = 0
    useHeader(live, headerOf(session))
    plan(live, session)
    changed(live)
    return live.header
  }
  async function renewalFailed(live: Live, session: Session, generation: number, failure: unknown): Promise<null> {
    if (live.generation !== generation || isClosed) throw canceled()
    if (failure instanceof AppError && (failure.code === 'signed-out' || failure.code === 'credentials-refused')) {
      await end(live, session, failure)
      return null
    }
    const told = asWire('A session could not be renewed', live, failure)
    // as long as the token of the moment holds, nobody needs to know
    if (!session.token || isOver(session.token, clock)) live.failure = told
    if (failure instanceof AppError && isPassing(failure)) {
      const waitMs = Math.min(FIRST_RETRY_MS * 2 ** live.failedRenewals, LONGEST_RETRY_MS)
      live.failedRenewals += 1
      schedule.after(keyOf(live), waitMs, () => look(live, session), { needsNetwork: true, jitter: 0.2 })
    }
    changed(live)
    throw failure
  }

  /** Another form of the same token that was not refused yet, where that may help. */
  async function inOtherForm(live: Live, session: Session): Promise<string | null> {
    const { kept, token } = session
    if (kept.way === 'basic' || token === null) return null
    session.refusedForms.add(kept.form)
    if (kept.isFormProven && !isFresh(token, clock)) return null
    const form = formsFor(live.target.conformsTo, token.value).find((one) => !session.refusedForms.has(one))
    if (form === undefined) return null
    session.kept = { ...kept, form, isFormProven: false }
    useHeader(live, headerOf(session))
    await keep(live, session.kept, live.generation)
    return live.header
  }

  return {
    drop,
    /** Credentials that are kept nowhere. */
    useForThisRun: (live: Live, opened: Opened): void => use(live, toSession(opened, false)),
    /** Deletes what is kept of a connection. @throws AppError secret-unreadable */
    erase: (id: string) => deleteSession(secrets, id),
    forget(live: Live): Promise<void> {
      drop(live)
      return inTurn(live, () => deleteSession(secrets, live.id))
    },
    /** A session of an earlier run. */
    resume(live: Live, kept: KeptSession): void {
      const session: Session = { kept, isKept: true, client: null, token: null, refusedForms: new Set() }
      live.session = session
      if (kept.way === 'basic' || kept.way === 'client-credentials') return
      live.isExpired = kept.hasEnded
      if (kept.accessToken) {
        const { value, expiresAtMs } = kept.accessToken
        const livesMs = expiresAtMs === null ? null : expiresAtMs - clock.now()
        const isAfterRefusal = false
        session.token = { value, livesMs, gotWallMs: clock.now(), gotSteadyMs: clock.monotonicMs(), isAfterRefusal }
        if (livesMs !== null && livesMs <= 0) live.isExpired = true
      }
      if (live.isExpired) {
        session.token = null
        live.failure = asWire('A kept session has ended', live, new AppError('signed-out', HAS_ENDED))
        return
      }
      useHeader(live, headerOf(session))
      plan(live, session)
    },
    /** A new session: looked at, kept, then used. @throws AppError not-enrolled, credentials-refused, canceled */
    async take(live: Live, opened: Opened, signal: AbortSignal): Promise<void> {
      const before = live.generation
      const fresh = toSession(opened, true)
      try {
        fresh.kept = await proven(live, opened, signal)
        if (signal.aborted || live.generation !== before) throw canceled()
      } catch (failure) {
        revokeLater(live, fresh)
        throw failure
      }
      const former = live.session
      live.generation += 1
      live.renewing = null
      live.failure = null
      const { generation } = live
      await keep(live, fresh.kept, generation)
      if (live.generation !== generation) throw canceled()
      use(live, fresh)
      if (former) revokeLater(live, former)
    },
    async authorization(live: Live): Promise<string | null> {
      const { session } = live
      if (!session || live.isExpired) return null
      const { token } = session
      if (token && live.header !== null && !isOver(token, clock)) {
        if (isDue(token, clock) && canRenew(session)) void renew(live, session, false).catch(() => {})
        return live.header
      }
      if (canRenew(session)) return renew(live, session, false)
      await end(live, session, new AppError('signed-out', HAS_ENDED))
      return null
    },
    async afterRefusal(live: Live, refused: string, failure: AppError): Promise<string | null> {
      const { session } = live
      if (!session || live.isExpired || !isTokenRefusal(failure)) return null
      if (live.header !== null && live.header !== refused) return live.header
      if (live.renewing) return live.renewing
      const other = await inOtherForm(live, session)
      if (other !== null || live.session !== session) return other
      const { token } = session
      if (canRenew(session) && !(token?.isAfterRefusal && isFresh(token, clock))) return renew(live, session, true)
      const says = 'The back-end does not accept the session any more. Sign in again.'
      const skew = canRenew(session) ? skewFailure(session.client?.clockAheadMs() ?? null, failure) : undefined
      await end(live, session, skew ?? new AppError('signed-out', says, { cause: failure }))
      return null
    },
    close() {
      isClosed = true
    },
  }
}
