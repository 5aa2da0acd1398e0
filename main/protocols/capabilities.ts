/**
 * What an openEO back-end says of itself: `GET /` and `GET /conformance`, as values.
 * Owns: the shapes, and the tolerance for what back-ends in use leave out, send as null or spell their own way.
 * Does not: ask anybody, or decide what follows (connections/offers.ts does).
 */
import type { Account, ConnectionDetails, FederationMember } from '../../preload/contract/connections.ts'
import { AppError } from '../core/errors.ts'
import { isSupported } from './api-version.ts'
import { federationMembers } from './federation.ts'
import {
  isDeeperThan,
  type Link,
  list,
  MOST_LINKS,
  numberOrNull,
  object,
  short,
  textOrNull,
  texts,
  webAddress,
  webLinks,
} from './read-json.ts'

export type Endpoint = { path: string; methods: string[] }
export type Capabilities = {
  apiVersion: string
  backendVersion: string | null
  title: string
  description: string
  stacVersion: string | null
  /** null: not stated. */
  isProduction: boolean | null
  /** null: not stated here; `GET /conformance` may tell. */
  conformsTo: string[] | null
  endpoints: Endpoint[]
  links: Link[]
  billing: ConnectionDetails['billing']
  members: FederationMember[]
}

const LONGEST_DESCRIPTION = 50_000
/** openEO names some 50 endpoints; each is read, compared and shown. */
const MOST_ENTRIES = 1_000
const DEEPEST = 100
const MOST_CLASSES = 500
const LONGEST_CLASS = 500
/** What an account may tell beside what openEO names; a page shows it as it is. */
const MOST_MORE_BYTES = 64_000
const DEEPEST_MORE = 30

/**
 * @param url where the document came from; relative links start there
 * @throws AppError back-end where it is no openEO API, or one of a generation that Swath does not speak
 */
export function parseCapabilities(body: unknown, url: string): Capabilities {
  const document = object(body)
  // what is kept has to be readable again, here and by the database
  if (isDeeperThan(document, DEEPEST))
    throw new AppError('back-end', 'The server describes itself in a document that is nested too deep to be read.', {
      retry: 'never',
    })
  const apiVersion = textOrNull(document.api_version)?.slice(0, 50)
  if (!apiVersion) throw notOpeneo(document)
  if (!isSupported(apiVersion))
    throw new AppError('back-end', `The back-end speaks version ${apiVersion} of openEO; Swath needs 1.x.`, {
      retry: 'never',
    })
  return {
    apiVersion,
    backendVersion: textOrNull(document.backend_version)?.slice(0, 200) ?? null,
    title: short(document.title, 200) || short(document.id, 200) || new URL(url).host,
    description: textOrNull(document.description)?.slice(0, LONGEST_DESCRIPTION) ?? '',
    stacVersion: textOrNull(document.stac_version)?.slice(0, 50) ?? null,
    isProduction: typeof document.production === 'boolean' ? document.production : null,
    conformsTo: parseConformance(document),
    endpoints: endpointsOf(document.endpoints),
    links: webLinks(document.links, `${url.replace(/\/+$/, '')}/`),
    billing: billingOf(document.billing, url),
    members: federationMembers(document, url),
  }
}

/** The document as far as it is ever read again: lists that go on and on are kept as far as they are looked at. */
export function keptCapabilities(body: unknown): Record<string, unknown> {
  const document = object(body)
  const { endpoints, links, conformsTo } = document
  return {
    ...document,
    ...(Array.isArray(endpoints) ? { endpoints: endpoints.slice(0, MOST_ENTRIES) } : {}),
    ...(Array.isArray(links) ? { links: links.slice(0, MOST_LINKS) } : {}),
    ...(Array.isArray(conformsTo) ? { conformsTo: parseConformance(document) } : {}),
  }
}

/** The conformance classes of `GET /` or `GET /conformance`; null where there is no list of them. */
export function parseConformance(body: unknown): string[] | null {
  const { conformsTo } = object(body)
  return Array.isArray(conformsTo)
    ? texts(conformsTo)
        .filter(({ length }) => length <= LONGEST_CLASS)
        .slice(0, MOST_CLASSES)
    : null
}

function notOpeneo(document: Record<string, unknown>): AppError {
  const classes = texts(document.conformsTo).join(' ').toLowerCase()
  const isStac = textOrNull(document.stac_version) !== null || classes.includes('stacspec.org')
  const isRecords = classes.includes('ogcapi-records')
  const says = isStac
    ? 'A STAC catalogue answers at this address, not an openEO back-end. It can be added as a catalogue.'
    : isRecords
      ? 'An OGC API Records catalogue answers at this address, not an openEO back-end. It can be added as a catalogue.'
      : 'The server at this address answers, but it is not an openEO back-end.'
  return new AppError('back-end', says, { retry: 'never' })
}

function endpointsOf(value: unknown): Endpoint[] {
  const found = new Map<string, Set<string>>()
  for (const endpoint of list(value).slice(0, MOST_ENTRIES).map(object)) {
    const path = textOrNull(endpoint.path)?.slice(0, 300)
    if (!path) continue
    const methods = found.get(path) ?? new Set()
    for (const method of texts(endpoint.methods)) methods.add(method.toUpperCase().slice(0, 20))
    found.set(path, methods)
  }
  return [...found].map(([path, methods]) => ({ path, methods: [...methods] }))
}

/**
 * A path so that two spellings of one endpoint are the same text: parameters without their names (`{job_id}`, Flask's
 * `{int:zoom}` and `<int:zoom>`), small letters, one slash at the beginning and none at the end.
 */
export function comparablePath(path: string): string {
  const plain = path
    .replace(/\{[^{}]*\}|<[^<>]*>/g, '{}')
    .toLowerCase()
    .replace(/\/{2,}/g, '/')
    .replace(/^\/|\/$/g, '')
  return `/${plain}`
}

function billingOf(value: unknown, url: string): ConnectionDetails['billing'] {
  const billing = object(value)
  if (Object.keys(billing).length === 0) return null
  return {
    currency: textOrNull(billing.currency)?.slice(0, 100) ?? null,
    defaultPlan: textOrNull(billing.default_plan)?.slice(0, 200) ?? null,
    plans: list(billing.plans)
      .slice(0, 100)
      .map(object)
      .filter((plan) => textOrNull(plan.name) !== null)
      .map((plan) => ({
        name: short(plan.name, 200),
        description: textOrNull(plan.description)?.slice(0, 10_000) ?? '',
        isPaid: plan.paid === true,
        url: webAddress(plan.url, url),
      })),
  }
}

/** What `GET /me` says. Numbers may stand in texts; storage may be null or lack a part. Sizes in bytes. */
export function parseAccount(body: unknown, url: string) {
  const document = object(body)
  const { user_id, name, default_plan, budget, storage, links, roles, ...more } = document
  const [freeBytes, quotaBytes] = [numberOrNull(object(storage).free), numberOrNull(object(storage).quota)]
  const userId = typeof user_id === 'number' ? String(user_id) : textOrNull(user_id)
  return {
    userId: userId?.slice(0, 500) ?? null,
    name: short(name, 300) || null,
    defaultPlan: short(default_plan, 200) || null,
    budget: numberOrNull(budget),
    storage: freeBytes === null || quotaBytes === null ? null : { freeBytes, quotaBytes },
    links: webLinks(links, `${url.replace(/\/+$/, '')}/`).map(({ href, title, rel }) => ({ href, title, rel })),
    roles: texts(roles)
      .slice(0, 100)
      .map((role) => short(role, 200)),
    ...bounded(more),
  }
}

/** As much of it as is worth keeping, member by member; `isMoreCut` where some is left out. */
function bounded(more: Record<string, unknown>): Pick<Account, 'more' | 'isMoreCut'> {
  let byteCount = 0
  const all = Object.entries(more)
  const kept = all.filter(([name, value]) => {
    if (isDeeperThan(value, DEEPEST_MORE)) return false
    const size = Buffer.byteLength(name) + Buffer.byteLength(JSON.stringify(value))
    if (byteCount + size > MOST_MORE_BYTES) return false
    byteCount += size
    return true
  })
  const isCut = kept.length < all.length
  return { more: Object.fromEntries(kept) as Account['more'], ...(isCut ? { isMoreCut: true } : {}) }
}
