/**
 * How connections to services that are not openEO come to be and are changed: fields, secrets and rows together.
 * Owns: the order of keychain and row: wherever it ends, no secret of one server stands beside the address of another.
 * Does not: ask services (attempts.ts) or know their fields (service-settings.ts).
 */
import type { Connection, ConnectionSecrets, ServiceSettings } from '../../preload/contract/connections.ts'
import type { Handlers } from '../../preload/contract/index.ts'
import { AppError } from '../core/errors.ts'
import { trustFor } from '../core/http/index.ts'
import type { Alive } from './alive.ts'
import type { ConnectionRecord, ConnectionStore } from './connection-store.ts'
import {
  checkService,
  DESTINE_PRESETS,
  type SecretName,
  secretsOf,
  whereSecretsGo,
  withPreset,
} from './service-settings.ts'
import { asNotDeleted, asNotKept, type ServiceSecrets } from './services.ts'

type Needs = { store: ConnectionStore; alive: Alive; serviceSecrets: ServiceSecrets; titleFor(wanted: string): string }
type Calls = Pick<Handlers<'connections'>, 'addService' | 'service' | 'changeService'>
type SecretNames = Set<SecretName>

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

export function createServiceCalls({ store, alive, serviceSecrets, titleFor }: Needs): Calls {
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
  }
}
