/**
 * The form of a service that is not openEO: its fields as they are typed, and what they come to.
 * Owns: which fields belong together, and what is wrong with each. Secrets are write-only: a field left empty keeps
 * what is kept already.
 */
import type { ConnectionSecrets, ServiceSettings } from '../../../preload/contract/connections.ts'
import type { NewService, ServiceKind, ServiceStart } from './add.svelte.ts'
import { addressProblem } from './address.ts'

type Stac = Extract<ServiceSettings, { kind: 'stac' }>
type Destine = Extract<ServiceSettings, { kind: 'destine' }>
type SecretName = keyof ConnectionSecrets

/** Addresses of the on-demand service at the two places that run it. */
export const DESTINE_PRESETS = {
  destine: { title: 'DestinE Data Lake', url: 'https://odp.data.destination-earth.eu/odata/v1/' },
  cdse: { title: 'Copernicus Data Space Ecosystem', url: 'https://odp.dataspace.copernicus.eu/odata/v1/' },
} as const

export class ServiceDraft {
  readonly kind: ServiceKind
  /** A connection that exists: an empty secret keeps the one that is kept. */
  readonly isChange: boolean
  title = $state('')
  url = $state('')
  isTried = $state(false)
  secrets = $state<Record<SecretName, string>>({
    password: '',
    token: '',
    apiKey: '',
    secretAccessKey: '',
    sessionToken: '',
    clientSecret: '',
  })
  // STAC
  dialect = $state<Stac['dialect']>('unknown')
  auth = $state<Stac['auth']>('none')
  user = $state('')
  apiKeyHeader = $state('X-API-Key')
  openeoConnectionId = $state<string | null>(null)
  // S3
  region = $state('')
  bucket = $state('')
  isPathStyle = $state(true)
  isAnonymous = $state(false)
  accessKeyId = $state('')
  // DestinE
  preset = $state<Destine['preset']>('destine')
  account = $state<Destine['auth']>('service-account')
  clientId = $state('')
  tokenUrl = $state('')

  constructor({ kind, url, title }: ServiceStart, settings?: ServiceSettings) {
    this.kind = kind
    this.isChange = settings !== undefined
    this.title = title
    this.url = url
    if (settings) this.#take(settings)
    else if (kind === 'destine') this.#takeAddress()
  }
  #take(settings: ServiceSettings): void {
    if (settings.kind === 'stac') {
      this.dialect = settings.dialect
      this.auth = settings.auth
      this.user = settings.user ?? ''
      this.apiKeyHeader = settings.apiKeyHeader ?? 'X-API-Key'
      this.openeoConnectionId = settings.openeoConnectionId ?? null
    } else if (settings.kind === 's3') {
      this.region = settings.region
      this.bucket = settings.bucket ?? ''
      this.isPathStyle = settings.isPathStyle
      this.isAnonymous = settings.isAnonymous
      this.accessKeyId = settings.accessKeyId ?? ''
    } else {
      this.preset = settings.preset
      this.account = settings.auth
      this.clientId = settings.clientId ?? ''
      this.tokenUrl = settings.tokenUrl ?? ''
    }
  }
  /** A known address chooses its preset; none the first. */
  #takeAddress(): void {
    const known = Object.entries(DESTINE_PRESETS).find(([, { url }]) => url === this.url.replace(/\/*$/, '/'))
    if (this.url && !known) this.preset = 'own'
    else this.choosePreset((known?.[0] ?? 'destine') as Destine['preset'])
  }
  choosePreset(preset: Destine['preset']): void {
    this.preset = preset
    if (preset !== 'own') this.url = DESTINE_PRESETS[preset].url
  }

  /** The secrets that the chosen settings need, and whether they can do without. */
  readonly wanted: readonly { name: SecretName; isOptional?: boolean }[] = $derived.by(() => {
    if (this.kind === 'stac') {
      const byAuth = { none: [], openeo: [], basic: ['password'], bearer: ['token'], 'api-key': ['apiKey'] } as const
      return byAuth[this.auth].map((name) => ({ name }))
    }
    if (this.kind === 's3')
      return this.isAnonymous ? [] : [{ name: 'secretAccessKey' }, { name: 'sessionToken', isOptional: true }]
    return this.account === 'service-account' ? [{ name: 'clientSecret' }] : []
  })

  /** Field → what is wrong with it. */
  readonly problems: Readonly<Record<string, string>> = $derived.by(() => {
    const found: Record<string, string | undefined> = { url: addressProblem(this.url) }
    const need = (field: string, value: string | null, says: string) => {
      if (!value?.trim()) found[field] = says
    }
    if (this.kind === 'stac') {
      if (this.auth === 'basic') need('user', this.user, 'A user name is needed.')
      if (this.auth === 'api-key' && !/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(this.apiKeyHeader))
        found.apiKeyHeader = 'A name of a header is needed, such as X-API-Key.'
      if (this.auth === 'openeo') need('openeoConnectionId', this.openeoConnectionId, 'Choose a connection.')
    } else if (this.kind === 's3') {
      if (!this.isAnonymous) need('accessKeyId', this.accessKeyId, 'An access key id is needed.')
      if (this.bucket && !/^[a-z0-9._-]{3,255}$/i.test(this.bucket))
        found.bucket = 'A name of a bucket has letters, digits, dots and hyphens, and at least three of them.'
    } else {
      if (this.account === 'service-account') need('clientId', this.clientId, 'A client id is needed.')
      if (this.preset === 'own') found.tokenUrl = addressProblem(this.tokenUrl)
    }
    for (const { name, isOptional } of this.wanted)
      if (!isOptional && !this.isChange) need(name, this.secrets[name], 'This is needed to sign in.')
    return Object.fromEntries(Object.entries(found).filter(([, says]) => says !== undefined)) as Record<string, string>
  })
  /** Said only after the first try: nobody likes to be scolded for an empty form. */
  problem(field: string): string | undefined {
    return this.isTried ? this.problems[field] : undefined
  }

  forgetSecrets(): void {
    for (const name of Object.keys(this.secrets) as SecretName[]) this.secrets[name] = ''
  }

  /** What is sent to main; null where something is wrong. */
  take(): NewService | null {
    this.isTried = true
    if (Object.keys(this.problems).length > 0) return null
    const typed = this.wanted.filter(({ name }) => this.secrets[name])
    const secrets = Object.fromEntries(typed.map(({ name }) => [name, this.secrets[name]])) as ConnectionSecrets
    return { title: this.title, url: this.url.trim(), settings: this.#settings(), secrets }
  }
  #settings(): ServiceSettings {
    if (this.kind === 'stac')
      return {
        kind: 'stac',
        dialect: this.dialect,
        auth: this.auth,
        ...(this.auth === 'basic' ? { user: this.user.trim() } : {}),
        ...(this.auth === 'api-key' ? { apiKeyHeader: this.apiKeyHeader.trim() } : {}),
        ...(this.auth === 'openeo' && this.openeoConnectionId
          ? { openeoConnectionId: this.openeoConnectionId as NonNullable<Stac['openeoConnectionId']> }
          : {}),
      }
    if (this.kind === 's3')
      return {
        kind: 's3',
        region: this.region.trim(),
        isPathStyle: this.isPathStyle,
        isAnonymous: this.isAnonymous,
        ...(this.bucket.trim() ? { bucket: this.bucket.trim() } : {}),
        ...(this.isAnonymous ? {} : { accessKeyId: this.accessKeyId.trim() }),
      }
    return {
      kind: 'destine',
      preset: this.preset,
      auth: this.account,
      ...(this.clientId.trim() ? { clientId: this.clientId.trim() } : {}),
      ...(this.preset === 'own' ? { tokenUrl: this.tokenUrl.trim() } : {}),
    }
  }
}
