/**
 * What the user fills in for a service that is not openEO: checked, and completed from the presets.
 * Owns: the rules of each kind and the presets' addresses. Does not: ask the service or keep secrets.
 */
import { isIP } from 'node:net'
import type { ConnectionSecrets, ServiceSettings } from '../../preload/contract/connections.ts'
import { AppError } from '../core/errors.ts'
import { isOpenLine, readAddress } from '../protocols/address.ts'

export type SecretName = keyof ConnectionSecrets
type Destine = Extract<ServiceSettings, { kind: 'destine' }>

/** On-demand processing (OData), and where its service accounts get their tokens. */
export const DESTINE_PRESETS = {
  destine: {
    title: 'DestinE Data Lake',
    url: 'https://odp.data.destination-earth.eu/odata/v1',
    tokenUrl: 'https://identity.data.destination-earth.eu/auth/realms/dedl/protocol/openid-connect/token',
  },
  cdse: {
    title: 'Copernicus Data Space: on-demand processing',
    url: 'https://odp.dataspace.copernicus.eu/odata/v1',
    tokenUrl: 'https://identity.dataspace.copernicus.eu/auth/realms/CDSE/protocol/openid-connect/token',
  },
} as const

/** The addresses of a preset stand where the user left them empty. */
export function withPreset(url: string, settings: ServiceSettings): { url: string; settings: ServiceSettings } {
  if (settings.kind !== 'destine' || settings.preset === 'own') return { url, settings }
  const preset = DESTINE_PRESETS[settings.preset]
  return { url: url || preset.url, settings: { ...settings, tokenUrl: settings.tokenUrl || preset.tokenUrl } }
}

/** Names of the secrets that these settings use; others are forgotten. */
export function secretsOf(settings: ServiceSettings): readonly SecretName[] {
  if (settings.kind === 's3') return settings.isAnonymous ? [] : ['secretAccessKey', 'sessionToken']
  if (settings.kind === 'destine') return settings.auth === 'service-account' ? ['clientSecret'] : []
  const byAuth = { none: [], openeo: [], basic: ['password'], bearer: ['token'], 'api-key': ['apiKey'] } as const
  return byAuth[settings.auth]
}
/** The session token of an object store is the only one that may be left out. */
const isOptional = (name: SecretName) => name === 'sessionToken'

/** The origins that secrets of these settings are sent to. */
export function whereSecretsGo(url: string, settings: ServiceSettings): string {
  const addresses = settings.kind === 'destine' ? [url, settings.tokenUrl ?? ''] : [url]
  return addresses.map(originOf).join(' ')
}
function originOf(address: string): string {
  try {
    return new URL(readAddress(address)).origin
  } catch {
    return ''
  }
}

/**
 * The address as it is asked.
 * @param has which secrets are there, kept before or given now
 * @throws AppError invalid-input with a sentence for each field
 */
export function checkService(
  url: string,
  settings: ServiceSettings,
  has: ReadonlySet<SecretName>,
  isOpeneo: (connectionId: string) => boolean,
): string {
  const fields: Record<string, string> = {}
  let address = ''
  try {
    address = readAddress(url)
  } catch (failure) {
    fields.url = failure instanceof AppError ? failure.message : 'This is not an address.'
  }
  if (settings.kind === 's3') checkStore(settings, fields)
  if (settings.kind === 'destine') checkDestine(settings, fields)
  if (settings.kind === 'stac') {
    if (settings.auth === 'basic' && !settings.user) fields.user = 'A user name is needed.'
    if (settings.auth === 'api-key' && !/^[\w!#$%&'*+.^`|~-]+$/.test(settings.apiKeyHeader ?? ''))
      fields.apiKeyHeader = 'The name of a header is needed, e.g. X-Api-Key.'
    if (settings.auth === 'openeo' && !isOpeneo(settings.openeoConnectionId ?? ''))
      fields.openeoConnectionId = 'Choose the openEO connection whose account is used.'
  }
  if (secretsOf(settings).length > 0 && isOpenLine(address))
    fields.url = 'Credentials need an encrypted way: an address that begins with https://.'
  for (const name of secretsOf(settings)) if (!has.has(name) && !isOptional(name)) fields[name] = 'This is needed.'
  const [first] = Object.values(fields)
  if (first) throw new AppError('invalid-input', `The connection cannot be used like this. ${first}`, { fields })
  return address
}

function checkStore(settings: Extract<ServiceSettings, { kind: 's3' }>, fields: Record<string, string>): void {
  if (!settings.isAnonymous && !settings.accessKeyId) fields.accessKeyId = 'An access key id is needed.'
  if (!/^[\w-]*$/.test(settings.region)) fields.region = 'A region has letters, digits and hyphens only.'
  if (settings.bucket !== undefined && !isBucketName(settings.bucket))
    fields.bucket = 'This cannot be the name of a bucket: 3 to 63 small letters, digits, dots and hyphens.'
}

/** The rules of Amazon S3, and underscores and capitals as older stores have them. */
const isBucketName = (name: string) =>
  /^[A-Za-z\d][\w.-]{1,253}[A-Za-z\d]$/.test(name) && !name.includes('..') && isIP(name) === 0

function checkDestine(settings: Destine, fields: Record<string, string>): void {
  if (settings.auth !== 'service-account') return
  if (!settings.clientId) fields.clientId = 'The id of the service account is needed.'
  const tokenUrl = settings.tokenUrl ?? ''
  if (!URL.canParse(tokenUrl) || new URL(tokenUrl).protocol !== 'https:')
    if (!/^http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/.test(tokenUrl))
      fields.tokenUrl = 'The address where tokens are given is needed; it begins with https://.'
}
