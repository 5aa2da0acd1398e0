/** Connections, what they say of themselves, and what is found at an address, checked against the contract. */
import {
  Account,
  Certificate,
  Connection,
  ConnectionDetails,
  Discovery,
  FederationMember,
  KnownBackEnd,
  SignInMethods,
} from '../../../preload/contract/connections.ts'
import { fakeBridge } from '../app/fake-bridge.ts'

export const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()
export const ahead = (minutes: number) => ago(-minutes)
const parsed = <T>(schema: { parse(value: unknown): T }, value: object): T => schema.parse(value)

const OFFERED = ['collections', 'processes', 'file-formats', 'batch-jobs', 'synchronous', 'account', 'oidc'] as const

export const openeo = (id: string, more: object = {}): Connection =>
  parsed(Connection, {
    id,
    revision: 1,
    kind: 'openeo',
    title: id,
    url: `https://${id.toLowerCase().replace(/\W+/g, '-')}.example.org/openeo/1.2`,
    state: 'connected',
    signIn: 'signed-out',
    apiVersion: '1.2.0',
    backendVersion: '0.68.1',
    offers: [...OFFERED],
    federation: [],
    checkedAt: ago(2),
    ...more,
  })
export const embedded = openeo('embedded', {
  kind: 'embedded',
  title: 'This computer',
  url: 'http://127.0.0.1:40123/openeo/1.2',
  signIn: 'not-needed',
  offers: ['collections', 'processes', 'batch-jobs'],
})

export const member = (id: string, more: object = {}): FederationMember =>
  parsed(FederationMember, {
    id,
    title: id.toUpperCase(),
    url: `https://${id}.example.org/openeo/1.2`,
    description: '',
    status: 'online',
    lastCheckedAt: ago(3),
    lastSuccessAt: ago(3),
    isExperimental: false,
    isDeprecated: false,
    ...more,
  })
export const members = [
  member('terrascope', { title: 'Terrascope', description: 'Sentinel archives of **Belgium**.' }),
  member('eodc', { title: 'EODC', status: 'offline', lastSuccessAt: ago(190) }),
  member('creo', { title: 'CREODIAS', isExperimental: true }),
]

export const certificate = (more: object = {}): Certificate =>
  parsed(Certificate, {
    host: 'openeo.field-station.example',
    sha256: 'a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90',
    subject: 'CN=openeo.field-station.example, O=Field station',
    issuer: 'CN=Field station root',
    validFrom: '2026-01-01T00:00:00.000Z',
    validTo: '2027-01-01T00:00:00.000Z',
    problem: 'unknown-issuer',
    ...more,
  })

export const details = (id: string, more: object = {}): ConnectionDetails =>
  parsed(ConnectionDetails, {
    id,
    description: 'Earth observation data and **processing** for everybody.',
    stacVersion: '1.0.0',
    conformsTo: ['https://api.openeo.org/1.2.0', 'https://api.openeo.org/extensions/federation/0.1.0'],
    endpoints: [
      { path: '/collections', methods: ['GET'] },
      { path: '/jobs', methods: ['GET', 'POST'] },
    ],
    lacks: [{ offer: 'estimate', because: 'The back-end does not estimate what a job costs.' }],
    links: [
      { href: 'https://docs.example.org/', title: 'Documentation', rel: 'about' },
      { href: 'javascript:alert(1)', title: 'Prize', rel: 'about' },
    ],
    terms: [],
    billing: {
      currency: 'EUR',
      defaultPlan: 'free',
      plans: [
        { name: 'free', description: 'For trying out.', isPaid: false, url: null },
        { name: 'research', description: 'For projects.', isPaid: true, url: 'https://example.org/plans' },
      ],
    },
    federationVersion: null,
    asOf: ago(2),
    ...more,
  })

export const account = (more: object = {}): Account =>
  parsed(Account, {
    userId: 'jane@example.org',
    name: 'Jane Doe',
    defaultPlan: 'free',
    budget: 412.5,
    storage: { freeBytes: 25e9, quotaBytes: 100e9 },
    links: [{ href: 'https://example.org/dashboard', title: 'Dashboard', rel: 'alternate' }],
    roles: ['researcher'],
    more: { project: 'Inn valley' },
    asOf: ago(12),
    ...more,
  })

const provider = (id: string, title: string, more: object = {}) => ({
  id,
  title,
  description: '',
  issuer: `https://${id}.example.org`,
  links: [],
  ways: ['device', 'browser'],
  redirectUrl: 'http://127.0.0.1:17171/signed-in',
  ...more,
})
export const methods = (more: object = {}): SignInMethods =>
  parsed(SignInMethods, {
    hasBasic: false,
    providers: [provider('egi', 'EGI Check-in'), provider('keycloak', 'Own accounts', { ways: [] })],
    ...more,
  })

export const pendingCode = {
  step: 'approve',
  providerTitle: 'EGI Check-in',
  userCode: 'WDJB-MJHT',
  verificationUri: 'https://egi.example.org/device',
  verificationUriComplete: null,
  startedAt: ago(1),
  expiresAt: ahead(9),
  isDisturbed: false,
} as const

const entry = (id: string, title: string, url: string, more: object = {}): KnownBackEnd =>
  parsed(KnownBackEnd, {
    id,
    kind: 'openeo',
    title,
    url,
    description: '',
    isBuiltIn: true,
    isHidden: false,
    ...more,
  })
export const known = [
  entry('cdse', 'Copernicus Data Space Ecosystem', 'https://openeo.dataspace.copernicus.eu'),
  entry('platform', 'openEO Platform', 'https://openeocloud.vito.be', { description: 'Federation' }),
  entry('terrascope', 'Terrascope', 'https://openeo.vito.be'),
  entry('eodc', 'EODC', 'https://openeo.eodc.eu'),
  entry('gee', 'Google Earth Engine', 'https://earthengine.openeo.org'),
  entry('old', 'An old one', 'https://old.example.org', { isHidden: true }),
  entry('mine', 'Field station', 'https://field.example.org/stac', { kind: 'stac', isBuiltIn: false }),
]

const root = 'https://openeo.example.org/openeo'
export const terms = [
  {
    kind: 'terms-of-service',
    href: 'https://example.org/terms',
    title: 'Terms of service',
    agreedAt: null,
  },
  { kind: 'privacy-policy', href: 'https://example.org/privacy', title: 'Privacy policy', agreedAt: null },
]
export const found = (more: object = {}) =>
  parsed(Discovery, {
    state: 'found',
    url: `${root}/1.2`,
    title: 'openEO Platform',
    description: 'Earth observation data of several centres behind one door.',
    apiVersion: '1.2.0',
    versions: [
      { url: `${root}/1.2`, apiVersion: '1.2.0', isProduction: true, isSupported: true },
      { url: `${root}/1.3`, apiVersion: '1.3.0', isProduction: false, isSupported: true },
      { url: `${root}/0.4`, apiVersion: '0.4.2', isProduction: true, isSupported: false },
    ],
    terms,
    members,
    offers: [...OFFERED],
    registerLink: { href: 'https://example.org/register', title: 'Register for free', rel: 'create-form' },
    connectionIds: [],
    ...more,
  })

/** A window over these connections. */
export function connectionsBridge(
  connections: readonly Connection[],
  answers: Record<string, (input: never) => unknown> = {},
) {
  let all = [...connections]
  const bridge = fakeBridge({
    'connections.list': () => all,
    'connections.known': () => known,
    'connections.details': ({ id }: { id: string }) => details(id),
    'connections.account': () => account(),
    'connections.refreshAccount': () => account({ asOf: ago(0), budget: 400 }),
    'connections.signInMethods': () => methods(),
    'connections.service': () => ({ kind: 'stac', dialect: 'stac-api', auth: 'none' }),
    'connections.cancelDiscovery': () => undefined,
    'connections.removalConsequences': () => ({
      jobCount: 4,
      openJobCount: 1,
      resultCount: 2,
      catalogueEntryCount: 310,
      isSignedIn: true,
    }),
    'connections.remove': () => undefined,
    'connections.update': ({ id, ...change }: { id: string; isDisabled?: boolean; title?: string }) => {
      const one = all.find((other) => other.id === id) as Connection
      const next = {
        ...one,
        revision: one.revision + 1,
        ...(change.title ? { title: change.title } : {}),
        ...(change.isDisabled === undefined ? {} : { state: change.isDisabled ? 'disabled' : 'connected' }),
      } as Connection
      all = all.map((other) => (other.id === id ? next : other))
      return next
    },
    'catalogue.lists': () => [],
    'diagnostics.openLink': () => undefined,
    ...answers,
  } as never)
  /** As main does it: the next revision of a connection, by an event. */
  const change = (id: string, more: object) => {
    const one = all.find((other) => other.id === id) as Connection
    const next = parsed(Connection, { ...one, revision: one.revision + 1, ...more })
    all = all.map((other) => (other.id === id ? next : other))
    bridge.send({ feature: 'connections', name: 'changed', payload: next })
    return next
  }
  return { bridge, change }
}
