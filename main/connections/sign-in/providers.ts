/**
 * The sign-in services that a back-end lists (GET /credentials/oidc), and which client to use with each.
 * Owns: the tolerance for lists as they are published. Does not: ask the services themselves.
 */
import type { LinkTo, OidcProvider } from '../../../preload/contract/connections.ts'
import { AppError } from '../../core/errors.ts'
import { DEVICE_GRANT, isSafeAddress, isUsableRedirect } from '../../protocols/oidc.ts'

export type DefaultClient = { id: string; grants: string[]; redirectUrls: string[] }
export type Provider = {
  id: string
  title: string
  description: string
  issuer: string
  scopes: string[]
  links: LinkTo[]
  clients: DefaultClient[]
  /** `authorization_parameters` (openEO API 1.3), without those that are Swath's to set. */
  parameters: Record<string, string>
}

const MOST_PROVIDERS = 50
const DEVICE_PKCE = `${DEVICE_GRANT}+pkce`
/** Stands in the header of every request: nothing that could end it. The API allows letters, digits and underscore. */
const PROVIDER_ID = /^[\w.~-]{1,100}$/
const OWN_PARAMETERS = new Set(
  `client_id client_secret redirect_uri response_type response_mode state nonce scope code_challenge
  code_challenge_method request request_uri device_code grant_type`.split(/\s+/),
)

type Loose = Record<string, unknown>
const object = (value: unknown): Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {}
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
const text = (value: unknown) => (typeof value === 'string' ? value : '')
const texts = (value: unknown) => list(value).filter((entry): entry is string => typeof entry === 'string')

/** What can be used of the list; of two with the same id the first. */
export function readProviders(document: unknown): Provider[] {
  const providers = new Map<string, Provider>()
  for (const entry of list(object(document).providers).slice(0, MOST_PROVIDERS).map(object)) {
    const id = text(entry.id)
    const issuer = text(entry.issuer)
    if (!PROVIDER_ID.test(id) || !isSafeAddress(issuer) || providers.has(id)) continue
    providers.set(id, {
      id,
      issuer,
      title: text(entry.title).trim() || new URL(issuer).host,
      description: text(entry.description),
      scopes: texts(entry.scopes),
      links: readLinks(entry.links),
      clients: readClients(entry),
      parameters: readParameters(entry.authorization_parameters),
    })
  }
  return [...providers.values()]
}

/** `default_client`, a single one, is how drivers of 1.0 had it. */
function readClients(entry: Loose): DefaultClient[] {
  const listed = Array.isArray(entry.default_clients) ? entry.default_clients : [entry.default_client]
  return listed
    .map(object)
    .map((client) => ({
      id: text(client.id),
      grants: texts(client.grant_types),
      redirectUrls: texts(client.redirect_urls),
    }))
    .filter(({ id }) => id !== '' && id.length <= 500)
}

const readLinks = (value: unknown): LinkTo[] =>
  list(value)
    .map(object)
    .filter(({ href }) => isSafeAddress(href))
    .map(({ href, title, rel }) => ({ href: text(href), title: text(title), rel: text(rel) }))

const readParameters = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(object(value)).flatMap(([name, stated]) =>
      OWN_PARAMETERS.has(name.toLowerCase()) || !['string', 'number', 'boolean'].includes(typeof stated)
        ? []
        : [[name, String(stated)]],
    ),
  )

export type ChosenClient = { id: string; usesPkce: boolean }

/** For a code: one with PKCE and a refresh token, else the best there is. null: none. */
export function deviceClient({ clients }: Provider): ChosenClient | null {
  const worth = ({ grants }: DefaultClient) =>
    !grants.includes(DEVICE_GRANT) && !grants.includes(DEVICE_PKCE)
      ? 0
      : 1 + (grants.includes('refresh_token') ? 2 : 0) + (grants.includes(DEVICE_PKCE) ? 1 : 0)
  const best = bestOf(clients, worth)
  return best ? { id: best.id, usesPkce: best.grants.includes(DEVICE_PKCE) } : null
}

/** For the browser: one that lists a redirect which this computer can answer. null: none. */
export function browserClient({ clients }: Provider): { id: string; redirectUrl: string } | null {
  const worth = ({ grants, redirectUrls }: DefaultClient) => {
    const hasPkce = grants.includes('authorization_code+pkce')
    if (!(hasPkce || grants.includes('authorization_code')) || !redirectUrls.some(isUsableRedirect)) return 0
    return 1 + (grants.includes('refresh_token') ? 2 : 0) + (hasPkce ? 1 : 0)
  }
  const best = bestOf(clients, worth)
  const redirectUrl = best?.redirectUrls.find(isUsableRedirect)
  return best && redirectUrl ? { id: best.id, redirectUrl } : null
}

/** The first of those that are worth most; null where none is worth anything. */
function bestOf<T>(entries: readonly T[], worth: (entry: T) => number): T | null {
  let best: T | null = null
  for (const entry of entries) if (worth(entry) > (best === null ? 0 : worth(best))) best = entry
  return best
}

export function toContract(provider: Provider, redirectUrl: string): OidcProvider {
  const { id, title, description, issuer, links } = provider
  const ways: OidcProvider['ways'] = []
  if (deviceClient(provider)) ways.push('device')
  if (browserClient(provider)) ways.push('browser')
  return { id, title, description, issuer, links, ways, redirectUrl }
}

/** @throws AppError not-found */
export function findProvider(providers: readonly Provider[], id: string): Provider {
  const found = providers.find((provider) => provider.id === id)
  if (!found) throw new AppError('not-found', 'The back-end does not list this sign-in service any more.')
  return found
}
