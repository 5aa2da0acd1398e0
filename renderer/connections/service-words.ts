/** The settings of a catalogue, an object store or the DestinE Data Lake as facts. Pure. */
import type { ServiceSettings } from '../../preload/contract/connections.ts'

type Fact = { label: string; value: string | undefined; isMono?: boolean }

const DIALECTS = {
  'stac-api': 'STAC API',
  records: 'OGC API Records',
  static: 'Static catalogue',
  unknown: 'Not known',
}
const PRESETS = { destine: 'DestinE Data Lake', cdse: 'Copernicus Data Space Ecosystem', own: 'Another address' }

export function serviceFacts(settings: ServiceSettings, nameOf: (id: string) => string | undefined): Fact[] {
  if (settings.kind === 'stac') {
    const { auth, dialect } = settings
    const says = {
      none: 'None',
      basic: `User name and password of ${settings.user ?? ''}`,
      bearer: 'Bearer token, kept',
      'api-key': `API key in ${settings.apiKeyHeader ?? 'a header'}, kept`,
      openeo: `Token of ${nameOf(settings.openeoConnectionId ?? '') ?? 'a connection that is not there any more'}`,
    }
    return [
      { label: 'Catalogue', value: DIALECTS[dialect] },
      { label: 'Sign-in', value: says[auth] },
    ]
  }
  if (settings.kind === 's3')
    return [
      { label: 'Region', value: settings.region },
      { label: 'Bucket', value: settings.bucket ?? 'All that the key may list' },
      { label: 'Bucket in', value: settings.isPathStyle ? 'Path of the address' : 'Name of the server' },
      { label: 'Access key', value: settings.isAnonymous ? 'None (public)' : settings.accessKeyId },
    ]
  return [
    { label: 'Service', value: PRESETS[settings.preset] },
    { label: 'Account', value: settings.auth === 'user' ? 'User' : 'Service account' },
    { label: 'Client id', value: settings.clientId, isMono: true },
    { label: 'Tokens from', value: settings.tokenUrl, isMono: true },
  ]
}
