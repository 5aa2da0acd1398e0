/**
 * Connections as they live in one run: each row with its state, its sign-in and its way to the service.
 * Owns: sessions, the targets of sign-ins, the announcement of changes, and what is handed on to others (header, trust).
 * Does not: ask services (attempts.ts), add or remove connections (add.ts, removal.ts).
 */
import type { Connection, ConnectionDetails, Terms } from '../../preload/contract/connections.ts'
import type { WireError } from '../../preload/contract/errors.ts'
import type { Clock } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import { type Http, type Trust, withTrust } from '../core/http/index.ts'
import type { Log } from '../core/log.ts'
import type { Schedule } from '../core/schedule.ts'
import type { Publish } from '../ipc/publish.ts'
import { isLoopback } from '../protocols/address.ts'
import type { OpeneoSession } from '../protocols/openeo.ts'
import { asConnection, gistOf, isOpeneo, openeoDetails, serviceDetails } from './as-connection.ts'
import { createAttempts } from './attempts.ts'
import type { ConnectionRecord, ConnectionStore } from './connection-store.ts'
import { isNewWork, newlyAgreed } from './consent.ts'
import { createKeeper } from './keep-connected.ts'
import { createRefusals } from './refused-certificates.ts'
import type { ServiceSecrets, ServiceToken } from './services.ts'
import { anonymousSession, signedSession } from './session.ts'
import type { EmbeddedAccess, SignInEvents, SignIns, SignInTarget } from './types.ts'

export const EMBEDDED_ID = 'embedded'

export type AliveNeeds = {
  store: ConnectionStore
  publish: Publish
  clock: Clock
  log: Log
  schedule: Schedule
  http: Http
  serviceSecrets: ServiceSecrets
  serviceToken: ServiceToken
  createSignIns(events: SignInEvents): SignIns
  addSecret(value: string): void
  /** What others may use at the origin (header) and the hosts (certificates) of this connection, in place of what they had. */
  authorizationChanged(
    connectionId: string,
    rootUrl: string,
    authorization: string | null,
    trust: Trust | undefined,
  ): void
}
export type Alive = ReturnType<typeof createAlive>

export function createAlive(needs: AliveNeeds) {
  const { store, publish, log } = needs
  let access: EmbeddedAccess | null = null
  /** Forgetting the session of the back-end's former launch; it must not overtake the next sign-in. */
  let forgetting: Promise<void> = Promise.resolve()
  const listeners: ((connection: Connection) => void)[] = []
  const told = new Map<string, string>()
  const accountFailures = new Map<string, WireError>()
  const refusals = createRefusals((id) => void (store.get(id) && announce(id)))
  /** Connections whose kept session is being read: that somebody is signed in is no news then. */
  const restoring = new Set<string>()
  const signedIn = new Map<string, boolean>()
  /** Connections that are being removed. */
  const leaving = new Set<string>()

  const record = (id: string): ConnectionRecord => {
    const found = store.get(id)
    if (!found) throw new AppError('not-found', 'The connection is not there any more.')
    return found
  }
  const urlOf = ({ kind, url }: ConnectionRecord) => (kind === 'embedded' ? (access?.url ?? url) : url)
  const show = (of: ConnectionRecord): Connection =>
    asConnection(
      of,
      urlOf(of),
      keeper.state(of.id),
      signIns.status(of.id),
      accountFailures.get(of.id),
      refusals.first(of.id),
    )

  /** Tells the window, where there is something to tell. */
  function announce(id: string): Connection {
    const before = show(record(id))
    const gist = gistOf(before)
    if (told.get(id) === gist) return before
    told.set(id, gist)
    store.nextRevision(id)
    const connection = show(record(id))
    publish({ feature: 'connections', name: 'changed', payload: connection })
    return connection
  }

  const trustOf = ({ trustedCertificates: all }: ConnectionRecord): Trust | undefined =>
    all.length > 0 ? all : undefined
  const httpOf = (of: ConnectionRecord) => refusals.watch(of.id, withTrust(needs.http, trustOf(of)))
  function target(of: ConnectionRecord): SignInTarget {
    const [rootUrl, http] = [urlOf(of), httpOf(of)]
    return {
      id: of.id,
      title: of.title,
      rootUrl,
      apiVersion: of.apiVersion ?? '1.0.0',
      conformsTo: of.conformsTo,
      offers: of.offers,
      http,
      anonymous: anonymousSession(http, rootUrl),
    }
  }

  /** @throws AppError not-found, not-offered, offline */
  function usable(id: string): ConnectionRecord {
    const of = record(id)
    if (!isOpeneo(of)) throw new AppError('not-offered', 'This connection is not an openEO back-end.')
    if (of.isDisabled) throw new AppError('offline', 'The connection is disabled. Enable it to use the back-end.')
    if (of.kind === 'embedded' && !access)
      throw new AppError('offline', 'The back-end on this computer is not running yet.')
    return of
  }
  function session(id: string): OpeneoSession {
    const now = () => signedSession(target(usable(id)), signIns)
    // each request finds the connection as it is then: another certificate, another address, disabled
    return {
      rootUrl: urlOf(usable(id)),
      async send(request) {
        if (isNewWork(request)) newlyAgreed(termsNow(record(id)), [])
        return now().send(request)
      },
      read: async (request) => now().read(request),
    }
  }

  const termsNow = ({ url, terms }: ConnectionRecord): Terms[] =>
    terms.map((one) => ({ ...one, agreedAt: store.agreedAt(url, one.kind, one.href) }))

  /** Hands on what the connection has: header and certificate. */
  function share(id: string): void {
    const of = record(id)
    if (!isOpeneo(of) || of.isDisabled || !URL.canParse(urlOf(of))) return
    const tell = (authorization: string | null) => needs.authorizationChanged(id, urlOf(of), authorization, trustOf(of))
    const header = signIns.status(id).signIn === 'signed-in' ? signIns.authorization(target(of)) : Promise.resolve(null)
    header.then(tell, (failure) => log.warn('The session of a connection could not be used', { id, failure }))
  }

  const linksOf = (id: string) => details(record(id)).links

  function details(of: ConnectionRecord): ConnectionDetails {
    const stored = store.document(of.id, 'capabilities')
    if (!isOpeneo(of)) return serviceDetails(of, stored)
    return openeoDetails(of, stored, (kind, href) => store.agreedAt(of.url, kind, href))
  }

  const keeper = createKeeper({
    clock: needs.clock,
    schedule: needs.schedule,
    log,
    attempt: (id, signal) => attempts.attempt(record(id), signal),
    isWanted: (id) => {
      const of = store.get(id)
      return of !== undefined && !of.isDisabled && !leaving.has(id) && (of.kind !== 'embedded' || access !== null)
    },
    isLocal: (id) => {
      const url = urlOf(record(id))
      return URL.canParse(url) && isLoopback(new URL(url).hostname)
    },
    changed: (id) => void (store.get(id) && announce(id)),
    connected(id) {
      const connection = show(record(id))
      for (const listener of listeners) {
        try {
          listener(connection)
        } catch (failure) {
          log.error('What follows a connection failed', { id, failure })
        }
      }
    },
  })

  const attempts = createAttempts({
    ...needs,
    signIns: () => signIns,
    record,
    target,
    httpOf,
    linksOf,
    access: () => access,
    async restore(of) {
      restoring.add(of.id)
      try {
        await signIns.restore(of)
      } finally {
        restoring.delete(of.id)
        signedIn.set(of.id, signIns.status(of.id).signIn === 'signed-in')
      }
      if (trustOf(record(of.id))) share(of.id)
    },
    accountFailed(id, failure) {
      if (failure) accountFailures.set(id, failure)
      else accountFailures.delete(id)
    },
  })

  const signIns = needs.createSignIns({
    changed(id, isAnotherSession = false) {
      const of = store.get(id)
      if (!of) return
      const isSignedIn = signIns.status(id).signIn === 'signed-in'
      const isNews = isAnotherSession || (signedIn.get(id) ?? false) !== isSignedIn
      signedIn.set(id, isSignedIn)
      announce(id)
      // what the back-end shows depends on who asks
      if (isNews && of.kind === 'openeo' && !restoring.has(id)) keeper.begin(id, { quietly: true, isNews: true })
    },
    authorizationChanged: ({ id, rootUrl }, authorization) => {
      const of = store.get(id)
      const isSilent = of === undefined || of.isDisabled
      needs.authorizationChanged(id, rootUrl, isSilent ? null : authorization, of && trustOf(of))
    },
  })

  return {
    keeper,
    signIns,
    record,
    show,
    announce,
    target,
    session,
    usable,
    details,
    linksOf,
    /**
     * Terms that are new since the user agreed stop nobody from reading, nor from ending what runs; they do stop a new sign-in
     * and new work. @throws AppError consent-needed
     */
    demandConsent: (id: string): void => void newlyAgreed(termsNow(record(id)), []),
    refusals,
    onConnected: (listener: (connection: Connection) => void) => void listeners.push(listener),
    /** Header and certificate go nowhere any more. */
    silence: (id: string): void => needs.authorizationChanged(id, urlOf(record(id)), null, undefined),
    share,
    /** From now on nothing is asked there. */
    leave(id: string): void {
      leaving.add(id)
      keeper.stop(id)
    },
    /** It stays after all. */
    stay(id: string): void {
      leaving.delete(id)
      keeper.begin(id)
    },
    forget(id: string): void {
      keeper.forget(id)
      leaving.delete(id)
      refusals.forget(id)
      for (const map of [told, accountFailures, signedIn]) map.delete(id)
    },
    /** The back-end on this computer runs (again), or does not. */
    async embedded(next: EmbeddedAccess | null, failure?: WireError): Promise<void> {
      keeper.stop(EMBEDDED_ID)
      const isSignedIn = signIns.status(EMBEDDED_ID).signIn !== 'signed-out'
      access = next
      if (next) needs.addSecret(next.password)
      keeper.setAside(EMBEDDED_ID, next ? undefined : failure)
      if (isSignedIn) forgetting = forgetting.then(() => signIns.forget(EMBEDDED_ID))
      await forgetting
      if (next && access === next) await keeper.connect(EMBEDDED_ID)
    },
  }
}
