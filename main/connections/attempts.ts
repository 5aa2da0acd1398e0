/**
 * One attempt to reach a service, by its kind: the embedded back-end, an openEO back-end, a service of another kind.
 * Owns: the steps, and which of them may fail without the attempt failing. Does not: decide when (keep-connected.ts).
 */
import type { LinkTo } from '../../preload/contract/connections.ts'
import type { WireError } from '../../preload/contract/errors.ts'
import { type Clock, instant } from '../core/clock.ts'
import { AppError, toWireError } from '../core/errors.ts'
import type { Http } from '../core/http/index.ts'
import type { Log } from '../core/log.ts'
import { uniqueTitle } from './as-connection.ts'
import type { ConnectionRecord, ConnectionStore } from './connection-store.ts'
import type { Outcome } from './keep-connected.ts'
import { readAccount, readBackEnd } from './read-back-end.ts'
import type { SecretName } from './service-settings.ts'
import { askService, type ServiceSecrets, type ServiceToken } from './services.ts'
import { signedSession } from './session.ts'
import type { EmbeddedAccess, SignIns, SignInTarget } from './types.ts'

type Needs = {
  store: ConnectionStore
  clock: Clock
  log: Log
  serviceSecrets: ServiceSecrets
  serviceToken: ServiceToken
  signIns(): SignIns
  record(id: string): ConnectionRecord
  target(record: ConnectionRecord): SignInTarget
  httpOf(record: ConnectionRecord): Http
  linksOf(id: string): readonly LinkTo[]
  /** Address and password of the embedded back-end; null while it does not run. */
  access(): EmbeddedAccess | null
  /** Reads the kept session, once. */
  restore(target: SignInTarget): Promise<void>
  /** Why the account cannot be used here; undefined: it can, as far as is known. */
  accountFailed(id: string, failure: WireError | undefined): void
}

const SERVICE_LOOK_MS = 30 * 60_000

export function createAttempts(needs: Needs) {
  const { store, clock, log, record, target } = needs
  const reading = { store, clock, log }

  async function attempt(of: ConnectionRecord, signal: AbortSignal): Promise<Outcome> {
    if (of.kind === 'embedded') return reachEmbedded(of, signal)
    if (of.kind === 'openeo') return reachBackEnd(of, signal)
    return reachService(of, signal)
  }

  /** Signing in belongs to it: without, the back-end of this computer is of no use. */
  async function reachEmbedded(of: ConnectionRecord, signal: AbortSignal): Promise<Outcome> {
    const access = needs.access()
    if (!access) throw new AppError('offline', 'The back-end on this computer is not running yet.')
    const { anonymous } = target(of)
    const outcome = await readBackEnd(reading, of, { anonymous, signed: anonymous }, signal)
    signal.throwIfAborted()
    const now = target(record(of.id))
    await needs.signIns().useForThisRun(now, access.user, access.password)
    signal.throwIfAborted()
    await readAccount(reading, of.id, signedSession(now, needs.signIns()), [], signal)
    store.change(of.id, { url: access.url })
    return { ...outcome, lookAgainMs: null }
  }

  async function reachBackEnd(of: ConnectionRecord, signal: AbortSignal): Promise<Outcome> {
    const before = target(of)
    await needs.restore(before)
    signal.throwIfAborted()
    const sessions = { anonymous: before.anonymous, signed: signedSession(before, needs.signIns()) }
    const outcome = await readBackEnd(reading, of, sessions, signal).catch((failure: unknown) => {
      throw failure instanceof AppError && failure.code === 'not-found' ? movedAway(failure) : failure
    })
    await lookAtAccount(record(of.id), signal)
    return outcome
  }

  /** A back-end is connected whether or not it tells about the account. */
  async function lookAtAccount(of: ConnectionRecord, signal: AbortSignal): Promise<void> {
    needs.accountFailed(of.id, undefined)
    if (needs.signIns().status(of.id).signIn !== 'signed-in' || !of.offers.includes('account')) return
    try {
      await readAccount(reading, of.id, signedSession(target(of), needs.signIns()), needs.linksOf(of.id), signal)
    } catch (failure) {
      signal.throwIfAborted()
      const ref = log.warn('The account could not be read', { id: of.id, failure })
      if (failure instanceof AppError && failure.code === 'not-enrolled')
        needs.accountFailed(of.id, toWireError(failure, ref))
    }
  }

  /** A catalogue that nobody has named is called as it calls itself. */
  async function reachService(of: ConnectionRecord, signal: AbortSignal): Promise<Outcome> {
    const { settings } = of
    if (!settings)
      throw new AppError('unreadable-data', 'The settings of this connection cannot be read. Enter them again.')
    const secret = (name: SecretName) => needs.serviceSecrets.get(of.id, name)
    const asked = { url: of.url, settings, http: needs.httpOf(of), secret }
    const { title, dialect, document } = await askService(asked, needs.serviceToken, signal)
    signal.throwIfAborted()
    if (document) store.keepDocument(of.id, 'capabilities', document)
    const now = record(of.id)
    const isNamed = now.title !== new URL(of.url).host
    const others = store.list().flatMap((other) => (other.id === of.id ? [] : [other.title]))
    const isTold = settings.kind === 'stac' && dialect !== undefined && settings.dialect === 'unknown'
    store.change(of.id, {
      checkedAt: instant(clock.now()),
      ...(title && !isNamed ? { title: uniqueTitle(title, others) } : {}),
      ...(isTold ? { settings: { ...settings, dialect } } : {}),
    })
    return { lookAgainMs: SERVICE_LOOK_MS, hasChanged: false }
  }
  return { attempt }
}

const MOVED_AWAY = 'The back-end does not answer at this address any more. Add it again to find its new one.'
const movedAway = (cause: AppError) => new AppError('not-found', MOVED_AWAY, { cause })
