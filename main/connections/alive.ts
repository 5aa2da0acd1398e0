/**
 * Connections as they live in one run: each row with its state, its sign-in and its way to the service.
 * Owns: who is asked how (embedded, openEO, other services), the targets of sign-ins, and the announcement of changes.
 * Does not: add or remove connections (add.ts, removal.ts).
 */
import type { Connection, ConnectionDetails } from '../../preload/contract/connections.ts'
import type { WireError } from '../../preload/contract/errors.ts'
import type { Clock } from '../core/clock.ts'
import { AppError, toWireError } from '../core/errors.ts'
import { type Http, type TrustedCertificate, withTrust } from '../core/http/index.ts'
import type { Log } from '../core/log.ts'
import type { Schedule } from '../core/schedule.ts'
import type { Publish } from '../ipc/publish.ts'
import { isLoopback } from '../protocols/address.ts'
import { parseCapabilities, parseConformance } from '../protocols/capabilities.ts'
import type { OpeneoSession } from '../protocols/openeo.ts'
import { asConnection, gistOf, isOpeneo, openeoDetails, serviceDetails, uniqueTitle } from './as-connection.ts'
import type { ConnectionRecord, ConnectionStore } from './connection-store.ts'
import { createKeeper, type Outcome } from './keep-connected.ts'
import { readAccount, readBackEnd } from './read-back-end.ts'
import { askService, type ServiceSecrets, type ServiceToken } from './services.ts'
import { anonymousSession, signedSession } from './session.ts'
import type { EmbeddedAccess, SignInEvents, SignIns, SignInTarget } from './types.ts'

export const EMBEDDED_ID = 'embedded'
const SERVICE_LOOK_MS = 30 * 60_000

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
  /** What others may use at the origin (header) and the host (certificate) of this connection, in place of what they had. */
  authorizationChanged(
    connectionId: string,
    rootUrl: string,
    authorization: string | null,
    trust: TrustedCertificate | undefined,
  ): void
}
export type Alive = ReturnType<typeof createAlive>

export function createAlive(needs: AliveNeeds) {
  const { store, publish, clock, log } = needs
  let access: EmbeddedAccess | null = null
  /** Forgetting the session of the back-end's former launch; it must not overtake the next sign-in. */
  let forgetting: Promise<void> = Promise.resolve()
  const listeners: ((connection: Connection) => void)[] = []
  const told = new Map<string, string>()
  const accountFailures = new Map<string, WireError>()
  const classes = new Map<string, { of: string | null; conformsTo: string[] }>()
  /** Connections whose kept session is being read: that somebody is signed in is no news then. */
  const restoring = new Set<string>()
  const signedIn = new Map<string, boolean>()

  const record = (id: string): ConnectionRecord => {
    const found = store.get(id)
    if (!found) throw new AppError('not-found', 'The connection is not there any more.')
    return found
  }
  const urlOf = ({ kind, url }: ConnectionRecord) => (kind === 'embedded' ? (access?.url ?? url) : url)
  const show = (of: ConnectionRecord): Connection =>
    asConnection(of, urlOf(of), keeper.state(of.id), signIns.status(of.id), accountFailures.get(of.id))

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

  /** Conformance classes: of the capabilities, else of the document of their own. */
  function conformsTo(id: string): string[] {
    const capabilities = store.document(id, 'capabilities')
    const conformance = store.document(id, 'conformance')
    return (
      (capabilities && parseCapabilities(capabilities.document, capabilities.url).conformsTo) ??
      parseConformance(conformance?.document)
    )
  }
  /** As `conformsTo`, read once for each reading of the back-end. */
  function classesOf({ id, checkedAt }: ConnectionRecord): string[] {
    const known = classes.get(id)
    if (known && known.of === checkedAt) return known.conformsTo
    const found = { of: checkedAt, conformsTo: conformsTo(id) }
    classes.set(id, found)
    return found.conformsTo
  }

  const trustOf = (of: ConnectionRecord) => of.trustedCertificate ?? undefined
  const httpOf = (of: ConnectionRecord) => withTrust(needs.http, trustOf(of))
  function target(of: ConnectionRecord): SignInTarget {
    const [rootUrl, http] = [urlOf(of), httpOf(of)]
    return {
      id: of.id,
      title: of.title,
      rootUrl,
      apiVersion: of.apiVersion ?? '1.0.0',
      conformsTo: classesOf(of),
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
      send: async (request) => now().send(request),
      read: async (request) => now().read(request),
    }
  }

  async function attempt(id: string, signal: AbortSignal): Promise<Outcome> {
    const of = record(id)
    if (of.kind === 'embedded') return connectEmbedded(of, signal)
    if (of.kind === 'openeo') return connectOpeneo(of, signal)
    return connectService(of, signal)
  }

  async function connectEmbedded(of: ConnectionRecord, signal: AbortSignal): Promise<Outcome> {
    const current = access
    if (!current) throw new AppError('offline', 'The back-end on this computer is not running yet.')
    const { anonymous } = target(of)
    const outcome = await readBackEnd({ store, clock, log }, of, { anonymous, signed: anonymous }, signal)
    signal.throwIfAborted()
    const now = target(record(of.id))
    await signIns.useForThisRun(now, current.user, current.password)
    signal.throwIfAborted()
    await readAccount({ store, clock, log }, of.id, signedSession(now, signIns), [], signal)
    store.change(of.id, { url: current.url })
    return { ...outcome, lookAgainMs: null }
  }

  async function connectOpeneo(of: ConnectionRecord, signal: AbortSignal): Promise<Outcome> {
    const before = target(of)
    restoring.add(of.id)
    try {
      await signIns.restore(before)
    } finally {
      restoring.delete(of.id)
      signedIn.set(of.id, signIns.status(of.id).signIn === 'signed-in')
    }
    if (of.trustedCertificate) share(of.id)
    const signed = signedSession(before, signIns)
    const outcome = await readBackEnd({ store, clock, log }, of, { anonymous: before.anonymous, signed }, signal)
    await lookAtAccount(record(of.id), signal)
    return outcome
  }

  /** Hands on what the connection has: header and certificate. */
  function share(id: string): void {
    const of = record(id)
    if (!isOpeneo(of) || of.isDisabled || !URL.canParse(urlOf(of))) return
    const tell = (authorization: string | null) => needs.authorizationChanged(id, urlOf(of), authorization, trustOf(of))
    const header = signIns.status(id).signIn === 'signed-in' ? signIns.authorization(target(of)) : Promise.resolve(null)
    header.then(tell, (failure) => log.warn('The session of a connection could not be used', { id, failure }))
  }

  /** A back-end is connected whether or not it tells about the account. */
  async function lookAtAccount(of: ConnectionRecord, signal: AbortSignal): Promise<void> {
    accountFailures.delete(of.id)
    if (signIns.status(of.id).signIn !== 'signed-in' || !of.offers.includes('account')) return
    try {
      await readAccount({ store, clock, log }, of.id, signedSession(target(of), signIns), linksOf(of.id), signal)
    } catch (failure) {
      signal.throwIfAborted()
      const ref = log.warn('The account could not be read', { id: of.id, failure })
      if (failure instanceof AppError && failure.code === 'not-enrolled')
        accountFailures.set(of.id, toWireError(failure, ref))
    }
  }
  const linksOf = (id: string) => details(record(id)).links

  async function connectService(of: ConnectionRecord, signal: AbortSignal): Promise<Outcome> {
    const { settings } = of
    if (!settings)
      throw new AppError('unreadable-data', 'The settings of this connection cannot be read. Enter them again.')
    const secret = (name: Parameters<ServiceSecrets['get']>[1]) => needs.serviceSecrets.get(of.id, name)
    const answer = await askService({ url: of.url, settings, http: httpOf(of), secret }, needs.serviceToken, signal)
    signal.throwIfAborted()
    if (answer.document) store.keepDocument(of.id, 'capabilities', answer.document)
    const isNamed = of.title !== '' && of.title !== new URL(of.url).host
    const others = store.list().filter((other) => other.id !== of.id)
    store.change(of.id, {
      checkedAt: new Date(clock.now()).toISOString(),
      ...(answer.title && !isNamed
        ? {
            title: uniqueTitle(
              answer.title,
              others.map(({ title }) => title),
            ),
          }
        : {}),
      ...(settings.kind === 'stac' && answer.dialect && settings.dialect === 'unknown'
        ? { settings: { ...settings, dialect: answer.dialect } }
        : {}),
    })
    return { lookAgainMs: SERVICE_LOOK_MS, hasChanged: false }
  }

  function details(of: ConnectionRecord): ConnectionDetails {
    const stored = store.document(of.id, 'capabilities')
    if (!isOpeneo(of)) return serviceDetails(of, stored)
    return openeoDetails(of, stored, classesOf(of), (kind, href) => store.agreedAt(of.url, kind, href))
  }

  const keeper = createKeeper({
    schedule: needs.schedule,
    log,
    attempt,
    isWanted: (id) => {
      const of = store.get(id)
      return of !== undefined && !of.isDisabled && (of.kind !== 'embedded' || access !== null)
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

  const signIns = needs.createSignIns({
    changed(id) {
      const of = store.get(id)
      if (!of) return
      const isSignedIn = signIns.status(id).signIn === 'signed-in'
      const isNews = (signedIn.get(id) ?? false) !== isSignedIn
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
    onConnected: (listener: (connection: Connection) => void) => void listeners.push(listener),
    /** Header and certificate go nowhere any more. */
    silence: (id: string): void => needs.authorizationChanged(id, urlOf(record(id)), null, undefined),
    share,
    forget(id: string): void {
      keeper.forget(id)
      for (const map of [told, accountFailures, classes, signedIn]) map.delete(id)
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
