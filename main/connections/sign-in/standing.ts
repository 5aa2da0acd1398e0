/**
 * The session that stands: its header for others, its entry in the keychain, and its end.
 * Owns: what is announced of it. Does not: get tokens (renewals.ts) or ask anybody.
 */
import type { WireError } from '../../../preload/contract/errors.ts'
import { AppError } from '../../core/errors.ts'
import type { Schedule } from '../../core/schedule.ts'
import type { Secrets } from '../../core/secrets.ts'
import type { SignInEvents } from '../types.ts'
import { bearer } from './bearer.ts'
import { type KeptSession, writeSession } from './kept-session.ts'
import { inTurn, type Live } from './live.ts'
import type { Session } from './session.ts'

export type StandingNeeds = {
  secrets: Secrets
  schedule: Schedule
  events: SignInEvents
  asWire(what: string, live: Live, failure: unknown): WireError
  /** `isAnotherSession`: another account may have come, although somebody was signed in before and is now. */
  changed(live: Live, isAnotherSession?: boolean): void
}
export type Standing = ReturnType<typeof createStanding>

export const HAS_ENDED = 'The session has ended. Sign in again.'
const ONLY_THIS_RUN = 'The sign-in could not be saved in the keychain: it lasts until Swath is closed.'
export const keyOf = (live: Live) => `sign-in/${live.id}`

export const headerOf = ({ kept, token }: Session): string | null =>
  token && bearer(kept, token.value, kept.way === 'basic' ? 'prefixed' : kept.form)

export function createStanding({ secrets, schedule, events, asWire, changed }: StandingNeeds) {
  function useHeader(live: Live, header: string | null): void {
    if (live.header === header) return
    live.header = header
    if (!live.isPaused) events.authorizationChanged(live.target, header)
  }

  /** Writes what is to be kept, unless the session became another one meanwhile. A failure is told; the session goes on. */
  async function keep(live: Live, kept: KeptSession, generation: number): Promise<void> {
    try {
      await inTurn(live, async () => {
        if (live.generation === generation) await writeSession(secrets, live.id, kept)
      })
    } catch (cause) {
      const failure = new AppError('secret-unreadable', ONLY_THIS_RUN, { cause })
      live.failure = asWire('A session could not be kept', live, failure)
    }
  }

  /** There is no session any more; what was under way does not bring it back. */
  function drop(live: Live): Live {
    live.generation += 1
    live.renewing = null
    live.session = null
    live.isExpired = false
    live.failure = null
    live.trouble = null
    live.unreadable = null
    schedule.cancel(keyOf(live))
    useHeader(live, null)
    return live
  }

  /** The session comes to its end; the user has to sign in again. `isRevivable`: unless another network takes it. */
  async function end(live: Live, session: Session, failure: AppError, isRevivable = false): Promise<void> {
    live.isExpired = true
    live.isRevivable = isRevivable
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

  return { useHeader, keep, drop, end }
}
