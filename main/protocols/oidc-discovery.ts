/**
 * What an OpenID provider says of itself (OpenID Connect Discovery 1.0), and the scopes to ask it for.
 * Owns: the tolerance for issuers with and without a slash at the end, and the rule that nothing secret goes over an open
 * line. Does not: keep anything.
 */
import type { ServerMetadata } from 'openid-client'
import { AppError } from '../core/errors.ts'
import { askJson, type Http } from '../core/http/index.ts'
import { fromProvider, unusable } from './oidc-failures.ts'

export type ProviderMetadata = ServerMetadata

const MOST_BYTES = 1_000_000
/** Endpoints that tokens, codes or the user are sent to. */
const ENDPOINTS = [
  'authorization_endpoint',
  'token_endpoint',
  'device_authorization_endpoint',
  'revocation_endpoint',
] as const
const LOOPBACK = /^(localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

export const isLoopbackHost = (hostname: string) => LOOPBACK.test(hostname)

/** An https address, or http on this computer; without user name. */
export function isSafeAddress(address: unknown): address is string {
  if (typeof address !== 'string' || address.length > 4096 || !URL.canParse(address)) return false
  const url = new URL(address)
  if (url.username !== '' || url.password !== '') return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname))
}

const withoutSlash = (address: string) => address.replace(/\/+$/, '')
/** One issuer, whether or not somebody wrote a slash at its end. */
export const isSameIssuer = (one: string, other: string) =>
  URL.canParse(one) && URL.canParse(other) && withoutSlash(new URL(one).href) === withoutSlash(new URL(other).href)

/**
 * Asks the issuer for its metadata.
 * `issuer` of the answer is kept as the provider writes it: its ID tokens are compared with that.
 * @throws AppError provider-unavailable, offline, untrusted-certificate, canceled
 */
export async function discoverProvider(http: Http, issuer: string, signal?: AbortSignal): Promise<ProviderMetadata> {
  if (!isSafeAddress(issuer))
    throw new AppError('provider-unavailable', 'The address of the sign-in service is not encrypted (https).', {
      retry: 'never',
    })
  const url = `${withoutSlash(issuer)}/.well-known/openid-configuration`
  let document: Record<string, unknown>
  try {
    const { value } = await askJson(http, { url, signal, priority: 'user', mostBytes: MOST_BYTES, mostAttempts: 2 })
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unusable('no description of itself')
    document = value
  } catch (failure) {
    throw fromDiscovery(failure)
  }
  if (typeof document.issuer !== 'string' || !isSameIssuer(document.issuer, issuer))
    throw unusable('it names itself as another one')
  for (const name of ENDPOINTS) {
    const address = document[name]
    if (address === undefined || address === null) delete document[name]
    else if (!isSafeAddress(address)) throw unusable('one of its addresses is not encrypted (https)')
  }
  if (document.token_endpoint === undefined) throw unusable('it has no address for tokens')
  return document as unknown as ProviderMetadata
}

/** A page or a refusal instead of the description is the service's fault, not the user's. */
function fromDiscovery(failure: unknown): AppError {
  const own = fromProvider(failure)
  if (['offline', 'untrusted-certificate', 'canceled', 'provider-unavailable'].includes(own.code)) return own
  return new AppError('provider-unavailable', 'The sign-in service does not describe itself as one.', {
    cause: own,
    retry: own.code === 'back-end' || own.code === 'not-found' ? 'never' : 'later',
  })
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : []

/**
 * What is asked for: openid and the back-end's scopes, as far as the provider knows them; and offline_access, which
 * gives a refresh token, where it says so. Sorted. (openEO API, GET /credentials/oidc; as the Python client does.)
 */
export function scopesFor(wanted: readonly string[], metadata: Pick<ProviderMetadata, 'scopes_supported'>): string {
  const supported = new Set(texts(metadata.scopes_supported))
  const asked = wanted.filter((scope) => supported.has(scope))
  if (supported.has('offline_access')) asked.push('offline_access')
  return [...new Set(['openid', ...asked])].sort().join(' ')
}
