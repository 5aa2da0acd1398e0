/**
 * How connections come to be and are changed: discovery, agreement, accounts, certificates.
 * Owns: the order of the steps, so that nothing is kept before the user has agreed and the service is what it should be.
 * Does not: ask servers itself (discover.ts, alive.ts), or know services that are not openEO (add-service.ts).
 */
import type { Connection, Discovery, Terms } from '../../preload/contract/connections.ts'
import type { Handlers } from '../../preload/contract/index.ts'
import { AppError } from '../core/errors.ts'
import { type Http, withTrust } from '../core/http/index.ts'
import { keptCapabilities } from '../protocols/capabilities.ts'
import { createServiceCalls } from './add-service.ts'
import type { Alive } from './alive.ts'
import { isOpeneo, uniqueTitle } from './as-connection.ts'
import type { ConnectionStore } from './connection-store.ts'
import { newlyAgreed, termsOf } from './consent.ts'
import { discover, type Found, readCapabilities } from './discover.ts'
import { offersOf } from './offers.ts'
import { changeOf } from './read-back-end.ts'
import type { ServiceSecrets } from './services.ts'

type Needs = { store: ConnectionStore; alive: Alive; http: Http; serviceSecrets: ServiceSecrets }
type Calls = Pick<
  Handlers<'connections'>,
  | 'discover'
  | 'cancelDiscovery'
  | 'add'
  | 'addAccount'
  | 'agree'
  | 'addService'
  | 'service'
  | 'changeService'
  | 'update'
  | 'trustCertificate'
  | 'distrustCertificate'
>

/** Hosts with certificates of their own that one connection may trust. */
const MOST_TRUSTED = 16

export function createAdding({ store, alive, http, serviceSecrets }: Needs): Calls {
  let looking: AbortController | null = null

  const titleFor = (wanted: string, except?: string) =>
    uniqueTitle(
      wanted,
      store
        .list()
        .filter(({ id }) => id !== except)
        .map(({ title }) => title),
    )
  const agreedAt = (rootUrl: string) => (kind: Parameters<ConnectionStore['agreedAt']>[1], href: string) =>
    store.agreedAt(rootUrl, kind, href)

  async function look(wanted: Parameters<typeof discover>[1]): Promise<Discovery> {
    looking?.abort()
    const control = new AbortController()
    looking = control
    try {
      return asDiscovery(await discover(http, wanted, control.signal))
    } catch (failure) {
      if (failure instanceof AppError && failure.code === 'untrusted-certificate' && failure.certificate)
        return { state: 'untrusted', certificate: failure.certificate }
      throw failure
    } finally {
      if (looking === control) looking = null
    }
  }

  function asDiscovery({ rootUrl, capabilities, versions }: Found): Discovery {
    const register = capabilities.links.find(({ rel }) => rel === 'create-form')
    return {
      state: 'found',
      url: rootUrl,
      title: capabilities.title,
      description: capabilities.description,
      apiVersion: capabilities.apiVersion,
      versions,
      terms: termsOf(capabilities.links, agreedAt(rootUrl)),
      members: capabilities.members,
      offers: offersOf(capabilities.endpoints),
      registerLink: register ? { href: register.href, title: register.title, rel: register.rel } : null,
      connectionIds: store
        .list()
        .filter(({ kind, url }) => kind === 'openeo' && url === rootUrl)
        .map(({ id }) => id as Connection['id']),
    }
  }

  /** A row of its own, with what the back-end just said; asking it again is begun. */
  function keep(
    found: Found,
    agreed: readonly Terms[],
    how: Omit<Parameters<ConnectionStore['add']>[0], 'kind' | 'url'>,
  ): Connection {
    const id = store.tx(() => {
      store.agree(found.rootUrl, agreed)
      const added = store.add({ ...how, kind: 'openeo', url: found.rootUrl })
      store.change(added, changeOf(found.capabilities))
      store.keepDocument(added, 'capabilities', {
        document: keptCapabilities(found.document),
        url: found.documentUrl,
        etag: found.etag,
      })
      return added
    })
    alive.keeper.begin(id)
    return alive.announce(id)
  }

  return {
    discover: look,
    cancelDiscovery: async () => looking?.abort(),
    async add({ url, title, agreed, trust }) {
      const root = url.trim().replace(/\/+$/, '')
      if (!URL.canParse(root)) throw new AppError('invalid-input', 'The address is not valid.')
      const found = await readCapabilities(withTrust(http, trust), root)
      const terms = termsOf(found.capabilities.links, agreedAt(found.rootUrl))
      return keep(found, newlyAgreed(terms, agreed), {
        title: titleFor(title || found.capabilities.title),
        enteredUrl: url,
        trustedCertificates: trust && [trust],
      })
    },
    async addAccount({ id }) {
      const first = alive.record(id)
      if (first.kind !== 'openeo')
        throw new AppError(
          'invalid-input',
          'A second account can be added to openEO back-ends that were added by hand.',
        )
      const found = await readCapabilities(withTrust(http, first.trustedCertificates), first.url)
      const agreed = newlyAgreed(termsOf(found.capabilities.links, agreedAt(found.rootUrl)), [])
      return keep(found, agreed, {
        title: titleFor(first.title),
        enteredUrl: first.enteredUrl,
        trustedCertificates: first.trustedCertificates,
      })
    },
    async agree({ id, agreed }) {
      const record = alive.record(id)
      store.agree(record.url, newlyAgreed(alive.details(record).terms, agreed))
      // what waited for it goes on
      alive.keeper.begin(id, { quietly: true, isNews: true })
      return alive.announce(id)
    },
    ...createServiceCalls({ store, alive, serviceSecrets, titleFor }),
    async update({ id, title, isDisabled, position }) {
      const before = alive.record(id)
      if (title !== undefined) store.change(id, { title: titleFor(title, id) })
      if (position !== undefined) store.move(id, position)
      if (isDisabled !== undefined && isDisabled !== before.isDisabled) setDisabled(id, isDisabled)
      return alive.announce(id)
    },
    async trustCertificate({ id, sha256 }) {
      alive.record(id)
      const refused = alive.refusals.find(id, sha256)
      if (!refused) throw new AppError('conflict', 'The server shows another certificate now. Look at it again.')
      const others = alive.record(id).trustedCertificates.filter(({ host }) => host !== refused.host)
      store.change(id, { trustedCertificates: [...others, refused].slice(-MOST_TRUSTED) })
      alive.refusals.clear(id, refused.host)
      alive.share(id)
      await alive.keeper.connect(id)
      return alive.announce(id)
    },
    async distrustCertificate({ id, sha256 }) {
      const { trustedCertificates: all } = alive.record(id)
      store.change(id, { trustedCertificates: sha256 ? all.filter((one) => one.sha256 !== sha256) : [] })
      alive.share(id)
      alive.keeper.begin(id)
      return alive.announce(id)
    },
  }

  /** Disabled: nothing is asked and no token goes anywhere; the session stays in the keychain. */
  function setDisabled(id: string, isDisabled: boolean): void {
    const record = alive.record(id)
    alive.keeper.stop(id)
    store.change(id, { isDisabled })
    if (!isDisabled) {
      alive.signIns.resume(id)
      alive.share(id)
      alive.keeper.begin(id)
    } else if (isOpeneo(record)) {
      alive.signIns.pause(id)
      alive.silence(id)
    }
  }
}
