/**
 * Asks an openEO back-end what it is: capabilities, conformance, account. Called at each connect and from time to time.
 * Owns: what is read, in which order, and what may fail without the connection failing. Does not: decide when.
 */
import type { Account, LinkTo } from '../../preload/contract/connections.ts'
import { type Clock, instant } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import {
  type Capabilities,
  keptCapabilities,
  parseAccount,
  parseCapabilities,
  parseConformance,
} from '../protocols/capabilities.ts'
import type { OpeneoSession } from '../protocols/openeo.ts'
import type { ConnectionChange, ConnectionRecord, ConnectionStore } from './connection-store.ts'
import { termsOf } from './consent.ts'
import type { Outcome } from './keep-connected.ts'
import { offersOf, statesEndpoint } from './offers.ts'
import { type ReadDocument, readDocument } from './session.ts'
import { asEnrolment } from './sign-in/index.ts'

type Needs = { store: ConnectionStore; clock: Clock; log: Log }
export type Sessions = { anonymous: OpeneoSession; signed: OpeneoSession }

/** Members come and go; everything else of a back-end seldom changes. */
export const FEDERATION_LOOK_MS = 60_000
const LOOK_MS = 15 * 60_000
const LONGEST_LOOK_MS = 6 * 3600_000

/** @throws AppError where the back-end does not answer or is none; `rootUrl` is where relative links start */
export async function readBackEnd(
  { store, clock }: Needs,
  record: ConnectionRecord,
  { anonymous, signed }: Sessions,
  signal: AbortSignal,
): Promise<Outcome> {
  const { id } = record
  const etag = store.etag(id, 'capabilities')
  const answer = await readDocument(signed, '/', { etag, signal }).catch((failure: unknown) => {
    // the account is one thing, the back-end another
    if (isAboutAccount(failure)) return readDocument(anonymous, '/', { signal })
    throw failure
  })
  if (answer.state === 'unchanged') {
    store.confirmDocument(id, 'capabilities')
    store.change(id, { checkedAt: instant(clock.now()) })
    return { lookAgainMs: lookAgain(record.federation.length > 0, null), hasChanged: false }
  }
  const capabilities = parseCapabilities(answer.body, answer.url)
  signal.throwIfAborted()
  const conformsTo = await readConformance(store, record, capabilities, anonymous, signal)
  const change = { ...changeOf(capabilities), conformsTo }
  store.tx(() => {
    store.keepDocument(id, 'capabilities', {
      document: keptCapabilities(answer.body),
      url: answer.url,
      etag: answer.etag,
    })
    store.change(id, { ...change, checkedAt: instant(clock.now()) })
  })
  return {
    lookAgainMs: lookAgain(capabilities.members.length > 0, answer.cacheControl),
    hasChanged: JSON.stringify(gist(record)) !== JSON.stringify(gist({ ...record, ...change })),
  }
}

const ABOUT_ACCOUNT: readonly AppError['code'][] = [
  'signed-out',
  'forbidden',
  'credentials-refused',
  'not-enrolled',
  'provider-unavailable',
  'secret-unreadable',
]
const isAboutAccount = (failure: unknown) => failure instanceof AppError && ABOUT_ACCOUNT.includes(failure.code)

/** What is kept of the capabilities in the connection itself. */
export const changeOf = (capabilities: Capabilities): ConnectionChange => ({
  apiVersion: capabilities.apiVersion,
  backendVersion: capabilities.backendVersion,
  isProduction: capabilities.isProduction,
  offers: offersOf(capabilities.endpoints),
  federation: capabilities.members,
  conformsTo: capabilities.conformsTo ?? [],
  terms: termsOf(capabilities.links, () => null).map(({ kind, href, title }) => ({ kind, href, title })),
})

/** What makes others read the back-end again; when members were looked at last does not. */
const gist = ({ apiVersion, backendVersion, offers, federation }: ConnectionRecord) => [
  apiVersion,
  backendVersion,
  offers,
  federation.map(({ id, status }) => [id, status]),
]

function lookAgain(isFederation: boolean, cacheControl: string | null): number {
  if (isFederation) return FEDERATION_LOOK_MS
  const maxAge = /(?:^|[\s,])max-age=(\d{1,9})/i.exec(cacheControl ?? '')?.[1]
  return Math.min(LONGEST_LOOK_MS, Math.max(LOOK_MS, Number(maxAge ?? 0) * 1000))
}

/**
 * The conformance classes. They are asked for where the capabilities have none and state the endpoint; that may fail: then
 * those stay that were known before.
 */
async function readConformance(
  store: ConnectionStore,
  { id, conformsTo: before }: ConnectionRecord,
  capabilities: Capabilities,
  anonymous: OpeneoSession,
  signal: AbortSignal,
): Promise<string[]> {
  if (capabilities.conformsTo !== null || !statesEndpoint(capabilities.endpoints, 'GET /conformance')) {
    store.dropDocument(id, 'conformance')
    return capabilities.conformsTo ?? []
  }
  const etag = store.etag(id, 'conformance')
  const answer: ReadDocument | null = await readDocument(anonymous, '/conformance', { etag, signal }).catch(() => null)
  signal.throwIfAborted()
  if (answer?.state === 'unchanged') store.confirmDocument(id, 'conformance')
  if (answer?.state !== 'read') return before
  const conformsTo = parseConformance(answer.body) ?? []
  store.keepDocument(id, 'conformance', { document: { conformsTo }, url: answer.url, etag: answer.etag })
  return conformsTo
}

/**
 * Reads `GET /me` and keeps it. `links`: of the back-end, one of which may lead to where accounts are enrolled.
 * @throws AppError not-enrolled where the account is known but has no rights; those of the session
 */
export async function readAccount(
  { store, clock }: Needs,
  id: string,
  session: OpeneoSession,
  links: readonly LinkTo[],
  signal?: AbortSignal,
): Promise<Account> {
  const { body } = await session.send({ method: 'GET', path: '/me', signal }).catch((failure: unknown) => {
    throw failure instanceof AppError ? asEnrolment(failure, links) : failure
  })
  signal?.throwIfAborted()
  const parsed = parseAccount(body, session.rootUrl)
  if (parsed.userId === null)
    throw new AppError('back-end', 'The back-end tells nothing about the account: its answer has no user id.')
  const account: Account = { ...parsed, userId: parsed.userId, asOf: instant(clock.now()) }
  store.tx(() => {
    store.keepAccount(id, account)
    store.change(id, { userId: account.userId, userName: account.name })
  })
  return account
}
