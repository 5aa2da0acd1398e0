/**
 * The life of a session that stands: taken, used as a header, replayed after a refusal, switched off and on, forgotten.
 * Owns: what a request gets, and the step from one session to the next. Does not: make sessions (opening.ts), renew them
 * (renewals.ts) or end them at the provider (ending.ts).
 */
import { AppError } from '../../core/errors.ts'
import { canceled } from '../../core/http/failures.ts'
import { formsFor } from './bearer.ts'
import { deleteSession, type KeptSession, writeSession } from './kept-session.ts'
import { alone, following, inTurn, type Live, switchedOff, waitFor } from './live.ts'
import { proveForm } from './proof.ts'
import { isTokenRefusal } from './refusals.ts'
import { createRenewals, type RenewalNeeds } from './renewals.ts'
import { canRenew, isDue, isFresh, isOver, isProven, type Opened, type Session, tokenOf } from './session.ts'
import { createStanding, HAS_ENDED, headerOf, keyOf } from './standing.ts'

type Needs = Omit<RenewalNeeds, 'standing'> & {
  /** Ends the tokens of a session that nobody uses any more; does not wait for it. */
  revokeLater(live: Live, session: Session): void
}
export type Established = ReturnType<typeof createEstablished>

export function createEstablished(needs: Needs) {
  const { secrets, clock, schedule, events, asWire, changed, revokeLater } = needs
  const standing = createStanding(needs)
  const renewals = createRenewals({ ...needs, standing })
  const { useHeader, keep, end, drop } = standing

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
    live.trouble = null
    live.unreadable = null
    live.restoring = Promise.resolve() // what the keychain has is this
    useHeader(live, headerOf(session))
    renewals.plan(live, session)
  }

  /** What is to be kept of a session that the back-end takes. @throws AppError where it does not */
  async function proven(live: Live, opened: Opened, signal: AbortSignal): Promise<KeptSession> {
    const { kept, tokens } = opened
    if (kept.way === 'basic') return kept
    const { form, isProven } = await proveForm(following(live), kept, opened, signal)
    const seen = { ...kept, form, isFormProven: isProven }
    if (seen.way === 'client-credentials' || seen.refreshToken !== undefined) return seen
    const { accessToken: value, expiresInS } = tokens
    return {
      ...seen,
      accessToken: { value, expiresAtMs: expiresInS === null ? null : clock.now() + expiresInS * 1000 },
    }
  }

  /** From the session of before to this one; false where it was called off, and all is as it was. */
  async function replace(live: Live, fresh: Session, signal: AbortSignal): Promise<boolean> {
    const former = live.session
    live.generation += 1
    const { generation } = live
    live.failure = null
    await keep(live, fresh.kept, generation)
    if (live.generation === generation && !signal.aborted) {
      use(live, fresh)
      if (live.pending?.control.signal === signal) live.pending = null // one piece of news: it is done
      changed(live, true)
      if (former) revokeLater(live, former)
      return true
    }
    revokeLater(live, fresh)
    if (live.generation !== generation) return false // forgotten meanwhile, with what was written
    live.failure = null
    await inTurn(live, () =>
      former?.isKept ? writeSession(secrets, live.id, former.kept) : deleteSession(secrets, live.id),
    ).catch((failure: unknown) => {
      live.failure = asWire('A session that was called off could not be taken back', live, failure)
    })
    changed(live)
    return false
  }

  /** Another form of the same token, where nobody knows yet which one the back-end takes. */
  async function inOtherForm(live: Live, session: Session): Promise<string | null> {
    const { kept, token } = session
    if (kept.way === 'basic' || token === null || kept.isFormProven) return null
    session.refusedForms.add(kept.form)
    const forms = formsFor(live.target.conformsTo, token.value)
    const next = forms.find((one) => !session.refusedForms.has(one))
    const form = next ?? forms[0] ?? 'prefixed' // neither: the one that should be
    if (form === kept.form) return null
    session.kept = { ...kept, form }
    useHeader(live, headerOf(session))
    await keep(live, session.kept, live.generation)
    return next === undefined ? null : live.header
  }

  async function headerNow(live: Live, signal: AbortSignal | undefined): Promise<string | null> {
    const { session, unreadable } = live
    if (!session && unreadable) throw unreadable.failure
    if (!session || live.isExpired) return null
    const { token } = session
    if (token && live.header !== null && !isOver(token, clock)) {
      const isWanted = isDue(token, clock) && canRenew(session) && !renewals.isInTrouble(live)
      if (isWanted) void renewals.renew(live, session, false).catch(() => {})
      return live.header
    }
    if (canRenew(session)) return waitFor(renewals.renew(live, session, false), signal)
    await end(live, session, new AppError('signed-out', HAS_ENDED))
    return null
  }

  return {
    drop,
    tryAgain: renewals.tryAgain,
    close: renewals.close,
    /** Credentials that are kept nowhere. */
    useForThisRun(live: Live, opened: Opened): void {
      use(live, toSession(opened, false))
      changed(live, true)
    },
    /** Deletes what is kept of a connection. @throws AppError secret-unreadable */
    erase: (id: string) => deleteSession(secrets, id),
    forget(live: Live): Promise<void> {
      drop(live)
      live.restoring = Promise.resolve()
      return inTurn(live, () => deleteSession(secrets, live.id))
    },
    pause(live: Live): void {
      live.isPaused = true
      schedule.cancel(keyOf(live))
    },
    resume(live: Live): void {
      if (!live.isPaused) return
      live.isPaused = false
      if (!live.session || live.isExpired) return
      events.authorizationChanged(live.target, live.header)
      renewals.plan(live, live.session)
    },
    /** A session of an earlier run. */
    restore(live: Live, kept: KeptSession): void {
      const session: Session = { kept, isKept: true, client: null, token: null, refusedForms: new Set() }
      live.session = session
      if (kept.way === 'basic' || kept.way === 'client-credentials') return
      live.isExpired = kept.hasEnded
      if (kept.accessToken) {
        const { value, expiresAtMs } = kept.accessToken
        const livesMs = expiresAtMs === null ? null : expiresAtMs - clock.now()
        session.token = { ...tokenOf({ accessToken: value, expiresInS: null }, clock), livesMs }
        if (livesMs !== null && livesMs <= 0) live.isExpired = true
      }
      if (live.isExpired) {
        session.token = null
        live.failure = asWire('A kept session has ended', live, new AppError('signed-out', HAS_ENDED))
        return
      }
      useHeader(live, headerOf(session))
      renewals.plan(live, session)
    },
    /** A new session: looked at, kept, then used. @throws AppError not-enrolled, credentials-refused, canceled */
    async take(live: Live, opened: Opened, signal: AbortSignal): Promise<void> {
      const before = live.generation
      const fresh = toSession(opened, true)
      try {
        fresh.kept = await proven(live, opened, signal)
        while (live.renewing) await live.renewing.catch(() => {})
        if (signal.aborted || live.generation !== before) throw canceled()
      } catch (failure) {
        revokeLater(live, fresh)
        throw failure
      }
      let isTaken = false
      await alone(live, async () => {
        isTaken = await replace(live, fresh, signal)
        return live.header
      })
      if (!isTaken) throw canceled()
    },
    async authorization(live: Live, signal: AbortSignal | undefined): Promise<string | null> {
      if (live.isPaused) throw switchedOff()
      const header = await headerNow(live, signal)
      if (live.isPaused) throw switchedOff()
      return header
    },
    async afterRefusal(live: Live, refused: string, failure: AppError, signal?: AbortSignal): Promise<string | null> {
      const { session } = live
      if (!session || live.isExpired || live.isPaused || !isTokenRefusal(failure)) return null
      if (live.header !== null && live.header !== refused) return live.header
      if (live.renewing) return waitFor(live.renewing, signal)
      const other = await inOtherForm(live, session)
      if (other !== null || live.session !== session) return other
      const { token } = session
      if (token && isProven(token, clock)) return null // taken a moment ago: it is this request that is refused
      const mayRenew = canRenew(session) && !(token?.isAfterRefusal && isFresh(token, clock))
      if (mayRenew) return waitFor(renewals.renew(live, session, true), signal)
      return waitFor(renewals.endUnlessTaken(live, session, failure), signal)
    },
    /** The network is another one, or the computer is awake: what that may have changed is tried again. */
    networkIsBack(live: Live): void {
      renewals.tryAgain(live)
      if (!live.session || !live.isExpired || !live.isRevivable) return
      live.isExpired = false
      live.isRevivable = false
      live.failure = null
      changed(live)
    },
  }
}
