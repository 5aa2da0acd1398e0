/**
 * A connection as the window sees it, and what its page shows: from its row, its state in this run and its sign-in.
 * Owns: how they are put together. Pure. Does not: read or keep anything.
 */
import type { Certificate, Connection, ConnectionDetails, Terms } from '../../preload/contract/connections.ts'
import type { WireError } from '../../preload/contract/errors.ts'
import { trustFor } from '../core/http/index.ts'
import { parseCapabilities } from '../protocols/capabilities.ts'
import { federationVersion } from '../protocols/federation.ts'
import type { Link } from '../protocols/read-json.ts'
import type { StoredDocument } from './connection-documents.ts'
import type { ConnectionRecord } from './connection-store.ts'
import { type AgreedAt, termsOf } from './consent.ts'
import type { LiveState } from './keep-connected.ts'
import { lacksOf } from './offers.ts'
import { catalogueDetails } from './services.ts'
import type { SignInStatus } from './types.ts'

export const isOpeneo = ({ kind }: Pick<ConnectionRecord, 'kind'>) => kind === 'openeo' || kind === 'embedded'

export function asConnection(
  record: ConnectionRecord,
  url: string,
  live: LiveState,
  status: SignInStatus,
  accountFailure: WireError | undefined,
  refused: Certificate | undefined,
): Connection {
  const signInFailure = status.failure ?? accountFailure
  const isFailed = live.state === 'failed' && !record.isDisabled
  return {
    id: record.id as Connection['id'],
    revision: record.revision,
    kind: record.kind,
    title: record.title,
    url,
    state: record.isDisabled ? 'disabled' : live.state,
    ...(isFailed && live.failure ? { failure: live.failure } : {}),
    signIn: signInOf(record, status),
    ...(status.pending ? { pendingSignIn: status.pending } : {}),
    ...(signInFailure ? { signInFailure } : {}),
    ...(record.apiVersion ? { apiVersion: record.apiVersion } : {}),
    ...(record.backendVersion ? { backendVersion: record.backendVersion } : {}),
    ...(record.isProduction === null ? {} : { isProduction: record.isProduction }),
    offers: record.offers,
    federation: record.federation,
    ...(record.userId ? { userId: record.userId } : {}),
    ...(record.userName ? { userName: record.userName } : {}),
    ...(record.checkedAt ? { checkedAt: record.checkedAt } : {}),
    ...trustOf(record, url),
    ...(refused && !record.isDisabled ? { refusedCertificate: refused } : {}),
    ...(live.state === 'connected' && isOnlyReached(record) ? { isOnlyReached: true } : {}),
  }
}

function trustOf({ trustedCertificates }: ConnectionRecord, url: string): Partial<Connection> {
  if (trustedCertificates.length === 0) return {}
  const own = URL.canParse(url) ? trustFor(trustedCertificates, new URL(url)) : undefined
  const trustedCertificate = trustedCertificates.find(({ host }) => host === own?.host)
  return { trustedCertificates, ...(trustedCertificate ? { trustedCertificate } : {}) }
}

/** Object stores answer whoever asks, and writing with the account of another connection is tried when it is done. */
function isOnlyReached({ settings }: ConnectionRecord): boolean {
  if (settings?.kind === 's3') return true
  return settings?.kind === 'destine'
    ? settings.auth === 'user'
    : settings?.kind === 'stac' && settings.auth === 'openeo'
}

/** There is nothing to sign in to where the back-end has answered and states no way to. */
function signInOf(record: ConnectionRecord, { signIn }: SignInStatus): Connection['signIn'] {
  if (!isOpeneo(record)) return 'not-needed'
  const hasNoWay = record.apiVersion !== null && !record.offers.includes('basic') && !record.offers.includes('oidc')
  return signIn === 'signed-out' && hasNoWay ? 'not-needed' : signIn
}

/** What makes a change worth telling: everything but the revision and the time of the check. */
export const gistOf = ({ revision: _, checkedAt: __, ...rest }: Connection): string => JSON.stringify(rest)

const toLink = ({ href, title, rel }: Link) => ({ href, title, rel })

/** Of an openEO back-end as it was last read. */
export function openeoDetails(
  record: ConnectionRecord,
  stored: StoredDocument | null,
  agreedAt: AgreedAt,
): ConnectionDetails {
  if (!stored) return { ...blank(record), asOf: null }
  const capabilities = parseCapabilities(stored.document, stored.url)
  return {
    id: record.id as Connection['id'],
    description: capabilities.description,
    stacVersion: capabilities.stacVersion,
    conformsTo: record.conformsTo,
    endpoints: capabilities.endpoints,
    lacks: lacksOf(capabilities.endpoints),
    links: capabilities.links.map(toLink),
    terms: termsOf(capabilities.links, agreedAt),
    billing: capabilities.billing,
    federationVersion: federationVersion(record.conformsTo),
    asOf: stored.asOf,
  }
}

/** Of a service of another kind: what its landing page says, where it has one. */
export const serviceDetails = (record: ConnectionRecord, stored: StoredDocument | null): ConnectionDetails => ({
  ...blank(record),
  ...(stored ? catalogueDetails(stored) : {}),
  asOf: stored?.asOf ?? null,
})

const blank = (record: ConnectionRecord): Omit<ConnectionDetails, 'asOf'> => ({
  id: record.id as Connection['id'],
  description: '',
  stacVersion: null,
  conformsTo: [],
  endpoints: [],
  lacks: [],
  links: [],
  terms: [] as Terms[],
  billing: null,
  federationVersion: null,
})

/** `wanted`, with a number behind it where another connection has that title already. */
export function uniqueTitle(wanted: string, taken: readonly string[]): string {
  const used = new Set(taken.map((title) => title.toLowerCase()))
  const base = wanted.slice(0, 190)
  let title = base
  for (let number = 2; used.has(title.toLowerCase()); number++) title = `${base} (${number})`
  return title
}
