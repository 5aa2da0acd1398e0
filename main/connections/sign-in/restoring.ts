/**
 * Sessions of earlier runs, out of the keychain.
 * Owns: one reading of each, and the pause after one that failed: a keychain that is locked is not asked by every request.
 * Does not: take a session that cannot be read for none.
 */
import type { Clock } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import type { Secrets } from '../../core/secrets.ts'
import type { Established } from './established.ts'
import { readSession, secretsOf } from './kept-session.ts'
import type { Live } from './live.ts'
import type { StandingNeeds } from './standing.ts'

type Needs = Pick<StandingNeeds, 'asWire' | 'changed'> & {
  secrets: Secrets
  clock: Clock
  log: Log
  addSecret(value: string): void
  established: Established
}
const PAUSE_MS = 30_000

export function createRestoring({ secrets, clock, log, addSecret, established, asWire, changed }: Needs) {
  /** Never fails. */
  function restore(live: Live): Promise<void> {
    live.restoring ??= read(live)
    return live.restoring
  }

  async function mayAsk({ unreadable }: Live): Promise<boolean> {
    if (unreadable === null || clock.monotonicMs() >= unreadable.untilMs) return true
    return (await secrets.status()).active !== unreadable.store // another one answers now
  }
  async function read(live: Live): Promise<void> {
    const { generation, target } = live
    try {
      if (!(await mayAsk(live))) {
        if (live.generation === generation) live.restoring = null
        return
      }
      const kept = await readSession(secrets, live.id)
      if (live.generation !== generation) return
      live.unreadable = null
      if (kept === null) return changed(live)
      for (const value of secretsOf(kept)) addSecret(value)
      if (new URL(kept.rootUrl).origin === new URL(target.rootUrl).origin) established.restore(live, kept)
      else log.warn('A kept session belongs to another origin and is not used', { connection: live.id })
    } catch (cause) {
      const failure =
        cause instanceof AppError
          ? cause
          : new AppError('secret-unreadable', 'The saved sign-in could not be read.', { cause })
      const { active: store } = await secrets.status()
      if (live.generation !== generation) return
      live.restoring = null // the keychain may be locked for now
      const says = asWire('A kept session could not be read', live, failure)
      live.unreadable = { failure, says, store, untilMs: clock.monotonicMs() + PAUSE_MS }
    }
    changed(live)
  }

  return {
    restore,
    /** Somebody waits for it (`isAsked`), or looks at it: the keychain itself is looked for as well. Never fails. */
    async lookAgain(lives: Iterable<Live>, isAsked: boolean): Promise<void> {
      await secrets.lookAgain(isAsked).catch((failure) => log.warn('The keychain could not be looked for', { failure }))
      const unread = [...lives].filter(({ unreadable }) => unreadable !== null)
      for (const { unreadable } of unread) if (isAsked && unreadable) unreadable.untilMs = 0
      await Promise.all(unread.map(restore))
    },
  }
}
