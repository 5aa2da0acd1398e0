/**
 * Removing a connection: what goes along, and the order in which it goes.
 * Owns: the order: first nothing is asked any more, then the session ends at the provider and here, then the row goes. A
 * crash in between leaves a connection that can be removed again. Does not: touch jobs and results (they stay).
 */
import type { Connection, RemovalConsequences } from '../../preload/contract/connections.ts'
import type { Clock } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Publish } from '../ipc/publish.ts'
import { type Alive, EMBEDDED_ID } from './alive.ts'
import { isOpeneo } from './as-connection.ts'
import type { ConnectionRecord, ConnectionStore } from './connection-store.ts'
import { asNotDeleted, type ServiceSecrets } from './services.ts'

/** How much of other features belongs to a connection. */
export type CountBelongings = (
  connectionId: string,
) => Promise<Omit<RemovalConsequences, 'isSignedIn'>> | Omit<RemovalConsequences, 'isSignedIn'>
type Needs = {
  store: ConnectionStore
  alive: Alive
  clock: Clock
  log: Log
  publish: Publish
  serviceSecrets: ServiceSecrets
  countBelongings: CountBelongings
  removed(id: string): void
}

/** A provider that does not answer must not keep a connection alive. */
const SIGN_OUT_PATIENCE_MS = 5_000

export function createRemoval(needs: Needs) {
  const { store, alive, clock, log, publish } = needs

  async function consequences(id: string): Promise<RemovalConsequences> {
    alive.record(id)
    return { ...(await needs.countBelongings(id)), isSignedIn: alive.signIns.status(id).signIn === 'signed-in' }
  }

  async function remove(id: string): Promise<void> {
    const record = alive.record(id)
    if (id === EMBEDDED_ID)
      throw new AppError('conflict', 'The back-end on this computer belongs to Swath. It can be disabled.')
    alive.leave(id)
    try {
      await endSession(record)
    } catch (failure) {
      // with its secrets still in the keychain it stays, and can be removed again
      alive.stay(id)
      throw asNotDeleted(failure)
    }
    store.remove(id)
    alive.forget(id)
    publish({ feature: 'connections', name: 'removed', payload: { id: record.id as Connection['id'] } })
    needs.removed(id)
  }

  async function endSession(record: ConnectionRecord): Promise<void> {
    const { id } = record
    if (!isOpeneo(record)) return needs.serviceSecrets.forget(id)
    alive.signIns.cancel(id)
    await signOut(id)
    await alive.signIns.forget(id)
    alive.silence(id)
  }

  /** As far as the provider answers soon. Also what has ended here, or was never read in this run, may hold tokens. */
  async function signOut(id: string): Promise<void> {
    const ended = alive.signIns.signOut(alive.target(alive.record(id))).catch((failure) => {
      log.warn('The session could not be ended at the provider', { id, failure })
    })
    const { promise, resolve } = Promise.withResolvers<void>()
    const disarm = clock.setTimer(SIGN_OUT_PATIENCE_MS, resolve)
    await Promise.race([ended, promise])
    disarm()
  }
  return { consequences, remove }
}
