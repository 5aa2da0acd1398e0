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
import { createEnding } from './ending.ts'
import { createEstablished } from './established.ts'
import { createLive, following, type Live, statusOf } from './live.ts'
import { listProviders, type OpeningNeeds, openBasic, openWith } from './opening.ts'
import { beginPending, cancel, finish } from './pending.ts'
import { toContract } from './providers.ts'
import { createRestoring } from './restoring.ts'
import type { Opened } from './session.ts'

export { needsAccount } from './needs-account.ts'
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
  /** All connections that may have a session of an earlier run. */
  others?(): readonly SignInTarget[]
}

/** The end of the program does not wait longer for a provider. */
const CLOSE_MS = 5_000

export function createSignIns(needs: SignInsNeeds): SignIns {
  const { clock, log, addSecret, events } = needs
  const lives = new Map<string, Live>()
  const paused = new Set<string>()
  const { ownRedirectUrl = OWN_REDIRECT_URL } = needs
  const opening: OpeningNeeds = { clock, addSecret, openPage: needs.openPage, ownRedirectUrl }
  const asWire = (what: string, live: Live, failure: unknown): WireError =>
    toWireError(failure, log.warn(what, { connection: live.id, failure }))
  const changed = (live: Live, isAnotherSession = false) => {
    if (lives.get(live.id) === live) events.changed(live.id, isAnotherSession)
  }
  const told = { ...needs, asWire, changed }
  const ending = createEnding({
    ...needs,
    lives: () => lives.values(),
    others: needs.others ?? (() => []),
    restore: (target) => restore(liveOf(target)),
  })
  const established = createEstablished({
    ...told,
    revokeLater: (live, session) => void ending.end(live, session),
  })
  const { restore, lookAgain } = createRestoring({ ...told, established })

  function liveOf(target: SignInTarget): Live {
    const known = lives.get(target.id)
    if (known) known.target = target
    const live = known ?? createLive(target, paused.has(target.id))
    lives.set(target.id, live)
    return live
  }

  async function start(target: SignInTarget, method: SignInMethod): Promise<void> {
    const live = liveOf(target)
    live.ending?.abort() // it must not meet the new session
    const { pending, progress } = beginPending(live, { clock, changed, asWire })
    const isLookedAt = lookAgain([live], true).then(() => restore(live))
    const settle = async (opened: Opened) => {
      progress.tell({ step: 'finishing', isDisturbed: false })
      await isLookedAt
      await established.take(live, opened, progress.signal)
    }
    try {
      const wait = await openWith(opening, following(live), method, progress)
      if (typeof wait !== 'function') return await settle(wait)
      void wait()
        .then(settle)
        .catch((failure) => finish(live, pending, told, failure))
    } catch (failure) {
      finish(live, pending, told, failure)
      pending.control.abort(canceled()) // whatever still listens
      throw failure
    }
  }

  return {
    status: (id) => statusOf(lives.get(id)),
    restore: (target) => restore(liveOf(target)),
    lookAgain: (isAsked = true) => lookAgain(lives.values(), isAsked),
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
      const { session, renewing } = live
      const forgotten = established.forget(live)
      changed(live)
      const ended = session ? ending.end(live, session, renewing) : { isRevoked: false, isShared: false }
      const [answer] = await Promise.all([ended, forgotten])
      return answer
    },
    async forget(id) {
      const live = lives.get(id)
      cancel(live)
      paused.delete(id)
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
    },
    pause(id) {
      paused.add(id)
      const live = lives.get(id)
      cancel(live)
      if (live) established.pause(live)
    },
    resume(id) {
      paused.delete(id)
      const live = lives.get(id)
      if (live) established.resume(live)
    },
    networkIsBack() {
      for (const live of lives.values()) established.networkIsBack(live)
    },
    async authorization(target, signal) {
      const live = liveOf(target)
      await restore(live)
      return established.authorization(live, signal)
    },
    async afterRefusal(target, refused, failure, signal) {
      const live = liveOf(target)
      await restore(live)
      return established.afterRefusal(live, refused, failure, signal)
    },
    async close() {
      established.close()
      for (const live of lives.values()) cancel(live)
      // a refresh token that is under way is the only one that holds: without it the user would be signed out
      const renewals = Promise.allSettled([...lives.values()].flatMap(({ renewing, writing }) => [renewing, writing]))
      const { promise: late, resolve } = Promise.withResolvers<void>()
      const disarm = clock.setTimer(CLOSE_MS, resolve)
      await Promise.race([renewals, late])
      disarm()
    },
  }
}
