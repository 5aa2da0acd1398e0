/**
 * Services that the user works with: where they are, whether they answer, who is signed in, and how to speak with them.
 * Owns: tables connection, connection_document, consent, known_back_end; and the life of each connection in this run.
 * Emits: connections.changed, .removed, .knownChanged.
 * Does not: keep the embedded back-end running (local does; this feature is told its address and password).
 */
import type { KnownBackEnd } from '../../preload/contract/connections.ts'
import type { Handlers } from '../../preload/contract/index.ts'
import type { Clock } from '../core/clock.ts'
import type { Database } from '../core/database.ts'
import { AppError } from '../core/errors.ts'
import type { Http } from '../core/http/index.ts'
import type { Log } from '../core/log.ts'
import type { Schedule } from '../core/schedule.ts'
import type { Secrets } from '../core/secrets.ts'
import type { Publish } from '../ipc/publish.ts'
import { isOpenLine } from '../protocols/address.ts'
import { createAdding } from './add.ts'
import { type AliveNeeds, createAlive, EMBEDDED_ID } from './alive.ts'
import { createConnectionStore } from './connection-store.ts'
import { createKnownBackEnds } from './known-back-ends.ts'
import { readAccount } from './read-back-end.ts'
import { type CountBelongings, createRemoval } from './removal.ts'
import { asNotDeleted, createServiceSecrets, createServiceToken } from './services.ts'
import { createSignIns } from './sign-in/index.ts'
import type { ConnectionsFeature } from './types.ts'

export { EMBEDDED_ID } from './alive.ts'
export type { ConnectionsFeature, EmbeddedAccess } from './types.ts'

export type ConnectionsNeeds = Pick<AliveNeeds, 'addSecret' | 'authorizationChanged'> & {
  database: Database
  publish: Publish
  clock: Clock
  log: Log
  schedule: Schedule
  http: Http
  secrets: Secrets
  countBelongings: CountBelongings
  /** Opens an http(s) address in the system's browser. */
  openLink(url: string): Promise<void>
}
const EMBEDDED_TITLE = 'This computer'
/** Older states are not shown to somebody who comes back to the window without asking again. */
export const SEEN_AGE_MS = 15_000

export function createConnections(needs: ConnectionsNeeds): ConnectionsFeature {
  const { database, publish, clock, log, http } = needs
  const store = createConnectionStore(database, clock)
  const serviceSecrets = createServiceSecrets(needs.secrets)
  store.ensure(EMBEDDED_ID, 'embedded', EMBEDDED_TITLE)
  const alive = createAlive({
    ...needs,
    store,
    serviceSecrets,
    serviceToken: createServiceToken(needs),
    createSignIns: (events) =>
      createSignIns({
        ...needs,
        log: log.child('sign-in'),
        openPage: needs.openLink,
        events,
        others: () => store.list().flatMap((one) => (one.kind === 'openeo' ? [alive.target(one)] : [])),
      }),
  })
  const { keeper, signIns } = alive
  for (const { id, isDisabled } of store.list()) if (isDisabled) signIns.pause(id)
  const known = createKnownBackEnds(database, clock)
  const removalListeners: ((id: string) => void)[] = []
  const removal = createRemoval({
    store,
    alive,
    clock,
    log,
    publish,
    serviceSecrets,
    countBelongings: needs.countBelongings,
    removed: (id) => {
      for (const listener of removalListeners) listener(id)
    },
  })
  const knownChanged = (entries: KnownBackEnd[]): KnownBackEnd[] => {
    publish({ feature: 'connections', name: 'knownChanged', payload: entries })
    return entries
  }
  /** For questions of sign-in: an openEO back-end that may be asked. */
  const target = (id: string) => alive.target(alive.usable(id))
  /** No password and no token over a line that others can listen to. What is open to all can be read over it. */
  function closedWay(id: string): void {
    if (!isOpenLine(alive.usable(id).url)) return
    const says =
      'The way to this back-end is not encrypted (http), so nobody can sign in over it. Add it with https://.'
    throw new AppError('forbidden', says)
  }

  const handlers: Handlers<'connections'> = {
    list: async () => store.list().map(alive.show),
    async reconnect({ id }) {
      alive.record(id)
      await signIns.lookAgain()
      await keeper.connect(id)
      return alive.announce(id)
    },

    known: async () => known.list(),
    saveKnown: async (entry) => knownChanged(known.save(entry)),
    removeKnown: async ({ id }) => knownChanged(known.remove(id)),
    restoreKnown: async () => knownChanged(known.restore()),

    ...createAdding({ store, alive, http, serviceSecrets }),
    removalConsequences: async ({ id }) => removal.consequences(id),
    remove: async ({ id }) => removal.remove(id),

    details: async ({ id }) => alive.details(alive.record(id)),
    account: async ({ id }) => store.account(alive.record(id).id),
    async refreshAccount({ id }) {
      const { offers } = alive.usable(id)
      if (!offers.includes('account') && id !== EMBEDDED_ID)
        throw new AppError('not-offered', 'The back-end tells nothing about accounts: it does not state GET /me.')
      const account = await readAccount({ store, clock, log }, id, alive.session(id), alive.linksOf(id))
      alive.announce(id)
      return account
    },

    signInMethods: async ({ id }) => {
      closedWay(id)
      return signIns.methods(target(id))
    },
    async startSignIn({ id, method }) {
      if (id === EMBEDDED_ID)
        throw new AppError('conflict', 'Swath signs in to the back-end on this computer by itself.')
      closedWay(id)
      alive.demandConsent(id)
      await signIns.start(target(id), method)
      return alive.announce(id)
    },
    async cancelSignIn({ id }) {
      alive.record(id)
      signIns.cancel(id)
      return alive.announce(id)
    },
    async openSignInPage({ id }) {
      alive.record(id)
      const page = signIns.page(id)
      if (page === null) throw new AppError('sign-in-expired', 'No sign-in is waiting for an approval. Start it again.')
      await needs.openLink(page)
    },
    async signOut({ id }) {
      const record = alive.record(id)
      if (id === EMBEDDED_ID)
        throw new AppError('conflict', 'Swath signs in to the back-end on this computer by itself.')
      const ended = await signIns.signOut(alive.target(record)).catch((failure: unknown) => {
        alive.announce(id)
        throw asNotDeleted(failure)
      })
      store.tx(() => {
        store.keepAccount(id, null)
        store.change(id, { userId: null, userName: null })
      })
      return { connection: alive.announce(id), ...ended }
    },
  }

  return {
    handlers,
    find: (id) => {
      const record = store.get(id)
      return record && alive.show(record)
    },
    all: () => store.list().map(alive.show),
    session: alive.session,
    embeddedChanged(access, failure) {
      alive
        .embedded(access, failure)
        .catch((cause) => log.error('The embedded back-end is not connected', { failure: cause }))
    },
    start() {
      for (const { id, kind } of store.list()) if (kind !== 'embedded') keeper.begin(id)
    },
    resume() {
      signIns.networkIsBack()
      keeper.resume()
    },
    windowSeen() {
      void signIns.lookAgain(false)
      for (const { id, kind } of store.list()) if (kind !== 'embedded') keeper.freshen(id, SEEN_AGE_MS)
    },
    onConnected: alive.onConnected,
    onRemoved: (listener) => void removalListeners.push(listener),
    async close() {
      keeper.close()
      await signIns.close()
    },
  }
}
