/**
 * Sessions of connections: made, kept in the keychain, renewed before they end, replayed when refused, and ended.
 * Owns: the Authorization header of each connection, one renewal of each at a time, and the entries `sign-in/ID`.
 * Does not: send the requests of features, or open anything but the browser that a sign-in needs.
 * Sessions are not shared between connections, also not at one provider: two connections may be two accounts, and ending
 * one must not end the other.
 */
import type { SignInMethod } from '../../../preload/contract/connections.ts'
import type { WireError } from '../../../preload/contract/errors.ts'
import type { Clock } from '../../core/clock.ts'
import { AppError, toWireError } from '../../core/errors.ts'
import { canceled } from '../../core/http/failures.ts'
import type { Log } from '../../core/log.ts'
import type { Schedule } from '../../core/schedule.ts'
import type { Secrets } from '../../core/secrets.ts'
import { OWN_REDIRECT_URL } from '../../protocols/oidc.ts'
import type { SignInEvents, SignIns, SignInTarget } from '../types.ts'
import { createEstablished } from './established.ts'
import { readSession, secretsOf } from './kept-session.ts'
import { createLive, firstView, type Live, type Pending, statusOf } from './live.ts'
import {
  listProviders,
  type OpeningNeeds,
  openBasic,
  openBrowser,
  openClientCredentials,
  openDevice,
  type Progress,
} from './opening.ts'
import { toContract } from './providers.ts'
import { revokeTokens } from './renewal.ts'
import type { Opened, Session } from './session.ts'

export { asEnrolment, isTokenRefusal } from './refusals.ts'

export type SignInsNeeds = {
  secrets: Secrets
  clock: Clock
  schedule: Schedule
  log: Log
  addSecret(value: string): void
  /** Opens an http(s) address in the system's browser. */
  openPage(url: string): Promise<void>
  events: SignInEvents
  /** OWN_REDIRECT_URL unless told: tests that run side by side need a port each. */
  ownRedirectUrl?: string
}

/** A sign-out does not wait longer for the provider. */
const REVOKE_MS = 10_000
/** Nor does the end of the program. */
const CLOSE_MS = 5_000

export function createSignIns(needs: SignInsNeeds): SignIns {
  const { secrets, clock, log, addSecret, events } = needs
  const lives = new Map<string, Live>()
  const { ownRedirectUrl = OWN_REDIRECT_URL } = needs
  const opening: OpeningNeeds = { clock, addSecret, openPage: needs.openPage, ownRedirectUrl }
  const asWire = (what: string, live: Live, failure: unknown): WireError =>
    toWireError(failure, log.warn(what, { connection: live.id, failure }))
  const changed = (live: Live) => {
    if (lives.get(live.id) === live) events.changed(live.id)
  }
  const established = createEstablished({
    ...needs,
    asWire,
    changed,
    revokeLater: (live, session) => void revoke(live, session),
  })

  function liveOf(target: SignInTarget): Live {
    const known = lives.get(target.id)
    if (known) known.target = target
    const live = known ?? createLive(target)
    lives.set(target.id, live)
    return live
  }

  function restore(live: Live): Promise<void> {
    live.restoring ??= read(live)
    return live.restoring
  }
  async function read(live: Live): Promise<void> {
    const { generation, target } = live
    try {
      const kept = await readSession(secrets, live.id)
      if (kept === null || live.generation !== generation) return
      for (const value of secretsOf(kept)) addSecret(value)
      if (new URL(kept.rootUrl).origin !== new URL(target.rootUrl).origin) {
        log.warn('A kept session belongs to another origin and is not used', { connection: live.id })
        return
      }
      established.resume(live, kept)
    } catch (failure) {
      if (live.generation !== generation) return
      live.restoring = null // the keychain may be locked for now
      live.failure = asWire('A kept session could not be read', live, failure)
    }
    changed(live)
  }

  function cancel(live: Live | undefined): void {
    live?.pending?.control.abort(canceled())
  }

  /** What is under way becomes this one; only as long as it is not overtaken does it tell anything. */
  function begin(live: Live): { pending: Pending; progress: Progress } {
    cancel(live)
    const pending: Pending = { control: new AbortController(), view: firstView(clock.now()), page: null }
    live.pending = pending
    live.failure = null
    pending.control.signal.addEventListener('abort', () => finish(live, pending), { once: true })
    changed(live)
    return {
      pending,
      progress: {
        signal: pending.control.signal,
        tell(change, page) {
          if (live.pending !== pending) return
          const isNews = Object.entries(change).some(([name, value]) => pending.view[name as 'step'] !== value)
          pending.view = { ...pending.view, ...change }
          if (page !== undefined) pending.page = page
          if (isNews) changed(live)
        },
      },
    }
  }
  function finish(live: Live, pending: Pending, failure?: unknown): void {
    if (live.pending !== pending) return
    live.pending = null
    if (failure !== undefined && !(failure instanceof AppError && failure.code === 'canceled'))
      live.failure = asWire('A sign-in failed', live, failure)
    changed(live)
  }

  async function start(target: SignInTarget, method: SignInMethod): Promise<void> {
    const live = liveOf(target)
    const { pending, progress } = begin(live)
    const settle = async (opened: Opened) => {
      progress.tell({ step: 'finishing', isDisturbed: false })
      await established.take(live, opened, progress.signal)
      finish(live, pending)
    }
    try {
      await restore(live)
      const wait = await open(target, method, progress)
      if (typeof wait !== 'function') return await settle(wait)
      void wait()
        .then(settle)
        .catch((failure) => finish(live, pending, failure))
    } catch (failure) {
      finish(live, pending, failure)
      pending.control.abort(canceled()) // whatever still listens
      throw failure
    }
  }
  function open(
    target: SignInTarget,
    method: SignInMethod,
    progress: Progress,
  ): Promise<Opened | (() => Promise<Opened>)> {
    if (method.way === 'basic') return openBasic(opening, target, method, progress.signal)
    if (method.way === 'client-credentials') return openClientCredentials(opening, target, method, progress)
    if (method.way === 'device') return openDevice(opening, target, method, progress)
    return openBrowser(opening, target, method, progress)
  }

  async function revoke(live: Live, session: Session): Promise<boolean> {
    const control = new AbortController()
    const disarm = clock.setTimer(REVOKE_MS, () => control.abort(canceled()))
    try {
      return await revokeTokens(needs, live.target, session, control.signal)
    } catch (failure) {
      log.info('Tokens could not be revoked', { connection: live.id, failure })
      return false
    } finally {
      disarm()
    }
  }

  return {
    status: (id) => statusOf(lives.get(id)),
    restore: (target) => restore(liveOf(target)),
    async methods(target, signal) {
      liveOf(target)
      const hasBasic = target.offers.includes('basic')
      if (!target.offers.includes('oidc')) return { hasBasic, providers: [] }
      try {
        return {
          hasBasic,
          providers: (await listProviders(target, signal)).map((one) => toContract(one, ownRedirectUrl)),
        }
      } catch (failure) {
        const isLack = failure instanceof AppError && failure.code === 'not-found'
        if (!hasBasic && !isLack) throw failure
        log.warn('The list of sign-in services could not be read', { connection: target.id, failure })
        return { hasBasic, providers: [] }
      }
    },
    start,
    cancel: (id) => cancel(lives.get(id)),
    page: (id) => lives.get(id)?.pending?.page ?? null,
    async signOut(target) {
      const live = liveOf(target)
      cancel(live)
      await restore(live)
      await live.renewing?.catch(() => {}) // the newest refresh token is the one to end
      const { session } = live
      const forgotten = established.forget(live)
      changed(live)
      const [isRevoked] = await Promise.all([session ? revoke(live, session) : false, forgotten])
      return { isRevoked }
    },
    async forget(id) {
      const live = lives.get(id)
      cancel(live)
      if (live) await established.forget(live)
      else await established.erase(id)
      if (lives.get(id) === live) lives.delete(id)
    },
    async useForThisRun(target, user, password) {
      const live = liveOf(target)
      cancel(live)
      live.restoring = Promise.resolve() // there is nothing in the keychain
      const { generation } = established.drop(live)
      const opened = await openBasic(opening, target, { user, password })
      if (live.generation !== generation) throw canceled()
      established.useForThisRun(live, opened)
      changed(live)
    },
    async authorization(target) {
      const live = liveOf(target)
      await restore(live)
      return established.authorization(live)
    },
    async afterRefusal(target, refused, failure) {
      const live = liveOf(target)
      await restore(live)
      return established.afterRefusal(live, refused, failure)
    },
    async close() {
      established.close()
      for (const live of lives.values()) cancel(live)
      // a refresh token that is under way is the only one that holds: without it the user would be signed out
      const renewals = Promise.allSettled([...lives.values()].map(({ renewing }) => renewing))
      const { promise: late, resolve } = Promise.withResolvers<void>()
      const disarm = clock.setTimer(CLOSE_MS, resolve)
      await Promise.race([renewals, late])
      disarm()
    },
  }
}
