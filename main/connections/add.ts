/**
 * How connections come to be and are changed: discovery, agreement, accounts, services, certificates.
 * Owns: the order of the steps, so that nothing is kept before the user has agreed and the service is what it should be.
 * Does not: ask servers itself (discover.ts, alive.ts).
 */
import type { Connection, Discovery, ServiceSettings } from '../../preload/contract/connections.ts'
import type { Handlers } from '../../preload/contract/index.ts'
import { AppError } from '../core/errors.ts'
import { type Http, withTrust } from '../core/http/index.ts'
import type { Alive } from './alive.ts'
import { isOpeneo, uniqueTitle } from './as-connection.ts'
import type { ConnectionStore } from './connection-store.ts'
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

type SecretNames = Set<SecretName>

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
  function keep(found: Found, how: Omit<Parameters<ConnectionStore['add']>[0], 'kind' | 'url'>): Connection {
    const id = store.add({ ...how, kind: 'openeo', url: found.rootUrl })
    store.change(id, changeOf(found.capabilities))
    store.keepDocument(id, 'capabilities', { document: found.document, url: found.documentUrl, etag: found.etag })
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
      trustedCertificate: input.trust,
    })
    try {
      await keepSecrets(id, settings, input.secrets)
    } catch (failure) {
      store.remove(id)
      throw failure
    }
    alive.keeper.begin(id)
    return alive.announce(id)
  }
  const isBackEnd = (id: string) => store.get(id)?.kind === 'openeo'

  async function keepSecrets(
    id: string,
    settings: ServiceSettings,
    given: Parameters<ServiceSecrets['keep']>[1] | undefined,
  ) {
    const used = secretsOf(settings)
    const kept = Object.fromEntries(Object.entries(given ?? {}).filter(([name]) => used.includes(name as never)))
    await serviceSecrets.keep(id, kept)
    await serviceSecrets.forget(id, used)
  }
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
      store.agree(found.rootUrl, newlyAgreed(terms, agreed))
      return keep(found, {
        title: titleFor(title || found.capabilities.title),
        enteredUrl: url,
        trustedCertificate: trust,
      })
    },
    async addAccount({ id }) {
      const first = alive.record(id)
      if (first.kind !== 'openeo')
        throw new AppError(
          'invalid-input',
          'A second account can be added to openEO back-ends that were added by hand.',
        )
      const found = await readCapabilities(withTrust(http, first.trustedCertificate ?? undefined), first.url)
      newlyAgreed(termsOf(found.capabilities.links, agreedAt(found.rootUrl)), [])
      return keep(found, {
        title: titleFor(first.title),
        enteredUrl: first.enteredUrl,
        trustedCertificate: first.trustedCertificate ?? undefined,
      })
    },
    async agree({ id, agreed }) {
      const record = alive.record(id)
      store.agree(record.url, newlyAgreed(alive.details(record).terms, agreed))
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
      await keepSecrets(id, settings, secrets)
      store.change(id, {
        url: address,
        enteredUrl: typed,
        settings,
        // trusted for the former host only
        ...(new URL(address).host === new URL(alive.record(id).url).host ? {} : { trustedCertificate: null }),
      })
      alive.keeper.begin(id)
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
      const { refusedCertificate } = alive.keeper.state(id)
      if (refusedCertificate?.sha256 !== sha256)
        throw new AppError('conflict', 'The server shows another certificate now. Look at it again.')
      store.change(id, { trustedCertificate: refusedCertificate })
      alive.share(id)
      await alive.keeper.connect(id)
      return alive.announce(id)
    },
    async distrustCertificate({ id }) {
      alive.record(id)
      store.change(id, { trustedCertificate: null })
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
      alive.share(id)
      alive.keeper.begin(id)
    } else if (isOpeneo(record)) {
      alive.signIns.cancel(id)
      alive.silence(id)
    }
  }
}
