/**
 * How connections come to be and are changed: discovery, agreement, accounts, services, certificates.
 * Owns: the order of the steps, so that nothing is kept before the user has agreed and the service is what it should be.
 * Does not: ask servers itself (discover.ts, alive.ts).
 */
import type {
  Connection,
  ConnectionSecrets,
  Discovery,
  ServiceSettings,
  Terms,
} from '../../preload/contract/connections.ts'
import type { Handlers } from '../../preload/contract/index.ts'
import { AppError } from '../core/errors.ts'
import { type Http, trustFor, withTrust } from '../core/http/index.ts'
import { keptCapabilities } from '../protocols/capabilities.ts'
import type { Alive } from './alive.ts'
import { isOpeneo, uniqueTitle } from './as-connection.ts'
import type { ConnectionRecord, ConnectionStore } from './connection-store.ts'
import { newlyAgreed, termsOf } from './consent.ts'
import { discover, type Found, readCapabilities } from './discover.ts'
import { offersOf } from './offers.ts'
import { changeOf } from './read-back-end.ts'
import {
  checkService,
  DESTINE_PRESETS,
  type SecretName,
  secretsOf,
  whereSecretsGo,
  withPreset,
} from './service-settings.ts'
import { asNotDeleted, asNotKept, type ServiceSecrets } from './services.ts'

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

type SecretNames = Set<SecretName>

/** Hosts with certificates of their own that one connection may trust. */
const MOST_TRUSTED = 16

const usedOf = (settings: ServiceSettings, given: ConnectionSecrets = {}): ConnectionSecrets => {
  const used = secretsOf(settings)
  return Object.fromEntries(Object.entries(given).filter(([name]) => used.includes(name as SecretName)))
}
/** Of what was trusted, what is at hosts that are still asked. */
function trustLeft({ trustedCertificates }: ConnectionRecord, url: string, settings: ServiceSettings) {
  const tokenUrl = settings.kind === 'destine' ? settings.tokenUrl : undefined
  const asked = [url, tokenUrl].flatMap((one) => (one !== undefined && URL.canParse(one) ? new URL(one) : []))
  return { trustedCertificates: trustedCertificates.filter((one) => asked.some((to) => trustFor(one, to))) }
}

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

  async function addService(input: Parameters<Calls['addService']>[0]): Promise<Connection> {
    const { url, settings } = withPreset(input.url, input.settings)
    const given = new Set(Object.keys(input.secrets ?? {})) as SecretNames
    const address = checkService(url, settings, given, isBackEnd)
    const preset =
      settings.kind === 'destine' && settings.preset !== 'own' ? DESTINE_PRESETS[settings.preset].title : null
    const id = store.add({
      kind: settings.kind,
      title: titleFor(input.title || preset || new URL(address).host),
      url: address,
      enteredUrl: input.url,
      settings,
      trustedCertificates: input.trust && [input.trust],
    })
    try {
      await keepSecrets(id, settings, input.secrets)
    } catch (failure) {
      store.remove(id)
      await serviceSecrets.forget(id).catch(() => {}) // what was kept before it failed; nothing leads to it any more
      throw failure
    }
    alive.keeper.begin(id)
    return alive.announce(id)
  }
  const isBackEnd = (id: string) => store.get(id)?.kind === 'openeo'

  const keepSecrets = (id: string, settings: ServiceSettings, given: ConnectionSecrets | undefined) =>
    serviceSecrets.keep(id, usedOf(settings, given)).catch((failure) => Promise.reject(asNotKept(failure)))

  function service(id: string): ServiceSettings {
    const { settings, kind } = alive.record(id)
    if (kind === 'openeo' || kind === 'embedded')
      throw new AppError('invalid-input', 'This connection is an openEO back-end; it has no such settings.')
    if (!settings)
      throw new AppError('unreadable-data', 'The settings of this connection cannot be read. Enter them again.')
    return settings
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
    addService,
    service: async ({ id }) => service(id),
    async changeService({ id, url: typed, settings: wanted, secrets }) {
      const before = service(id)
      if (before.kind !== wanted.kind)
        throw new AppError('invalid-input', 'The kind of a connection cannot be changed.')
      const { url, settings } = withPreset(typed, wanted)
      const given = new Set(Object.keys(secrets ?? {})) as SecretNames
      // a secret goes where it was meant for: for another server it has to be given again
      const isElsewhere = whereSecretsGo(url, settings) !== whereSecretsGo(alive.record(id).url, before)
      const has = isElsewhere ? given : new Set([...given, ...(await serviceSecrets.has(id))])
      const address = checkService(url, settings, has, isBackEnd)
      alive.keeper.stop(id)
      try {
        const used = secretsOf(settings)
        const row = { url: address, enteredUrl: typed, settings, ...trustLeft(alive.record(id), address, settings) }
        // ends anywhere: at no moment are secrets of one server beside the address of another
        if (isElsewhere) await serviceSecrets.forget(id).catch((failure) => Promise.reject(asNotDeleted(failure)))
        else await keepSecrets(id, settings, secrets)
        store.change(id, row)
        if (isElsewhere) await keepSecrets(id, settings, secrets)
        else await serviceSecrets.forget(id, used).catch((failure) => Promise.reject(asNotDeleted(failure)))
      } finally {
        alive.keeper.begin(id)
      }
      return alive.announce(id)
    },
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
