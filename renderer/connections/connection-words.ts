/**
 * Connections as words: kinds, states, what needs the user, members of a federation. Pure.
 * Owns: which of several things about a connection is said first. Does not: draw or ask anything.
 */
import type { Connection, ConnectionKind, FederationMember, OfferName } from '../../preload/contract/connections.ts'
import { countOf } from '../ui/format.ts'

export const kindWords: Record<ConnectionKind, string> = {
  embedded: 'openEO back-end that comes with Swath',
  openeo: 'openEO back-end',
  stac: 'STAC or Records catalogue',
  s3: 'Object store (S3)',
  destine: 'DestinE Data Lake',
}
export const isOpeneo = ({ kind }: Pick<Connection, 'kind'>): boolean => kind === 'openeo' || kind === 'embedded'

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'neutral'
export type StateSign = 'asking' | 'waiting' | 'good' | 'partial' | 'trouble' | 'key' | 'off'
/** `short`: for a row, where `says` is too long. */
export type StateWords = { says: string; short?: string; tone: Tone; sign: StateSign }

const OFF: StateWords = { says: 'Off', tone: 'neutral', sign: 'off' }
const CONNECTED: StateWords = { says: 'Connected', tone: 'good', sign: 'good' }
/** Nothing but that it is there is known: its credentials are tried when they are first used. */
const ANSWERS: StateWords = { says: 'Answers', tone: 'good', sign: 'good' }
const CONNECTING: StateWords = { says: 'Connecting …', tone: 'info', sign: 'asking' }

/** The one line that says how a connection stands; the most pressing thing wins. */
export function connectionState(connection: Connection, isAsked = false): StateWords {
  if (connection.state === 'disabled') return OFF
  if (isAsked || connection.state === 'connecting') return CONNECTING
  if (connection.refusedCertificate || connection.failure?.code === 'untrusted-certificate')
    return { says: 'Certificate is not trusted', tone: 'bad', sign: 'trouble' }
  if (connection.state === 'failed') return failedState(connection)
  // its password of each launch is nobody's sign-in
  if (connection.kind === 'embedded') return CONNECTED
  switch (connection.signIn) {
    case 'signing-in':
      return { says: 'Waiting for the sign-in', tone: 'info', sign: 'waiting' }
    case 'expired':
      return { says: 'Session has ended', tone: 'warn', sign: 'key' }
    case 'signed-out':
      return needsSignIn(connection)
        ? { says: 'Sign-in cannot be read', tone: 'warn', sign: 'key' }
        : { says: 'Connected, signed out', short: 'Signed out', tone: 'neutral', sign: 'partial' }
    case 'signed-in':
      return { says: 'Connected, signed in', short: 'Signed in', tone: 'good', sign: 'good' }
    default:
      return connection.isOnlyReached ? ANSWERS : CONNECTED
  }
}

function failedState({ failure }: Connection): StateWords {
  const says =
    failure?.code === 'consent-needed'
      ? 'New terms to agree to'
      : failure?.code === 'offline'
        ? 'Not reachable'
        : 'Does not answer'
  return { says, tone: 'bad', sign: 'trouble' }
}

export const canSignIn = ({ kind, signIn, offers }: Connection): boolean =>
  kind === 'openeo' && (signIn !== 'not-needed' || offers.includes('oidc') || offers.includes('basic'))

/** There was a sign-in, and it is of no use any more. Somebody who never signed in may well want it so. */
export const needsSignIn = ({ state, signIn, signInFailure }: Connection): boolean =>
  state !== 'disabled' &&
  (signIn === 'expired' || (signIn === 'signed-out' && signInFailure?.code === 'secret-unreadable'))

export const needsAttention = (connection: Connection): boolean =>
  connection.state !== 'disabled' &&
  (connection.state === 'failed' || connection.refusedCertificate !== undefined || needsSignIn(connection))

/** Who is signed in, as far as it is known. */
export const accountName = ({ userName, userId }: Connection): string | undefined => userName ?? userId

/** The account, where it is needed to tell this connection from another one at the same back-end. */
export function accountBeside(connection: Connection, all: readonly Connection[]): string | undefined {
  if (connection.kind !== 'openeo') return undefined
  const isOneOfSeveral = all.some(({ id, url }) => id !== connection.id && url === connection.url)
  return isOneOfSeveral ? (accountName(connection) ?? 'no account yet') : undefined
}

export const membersDown = ({ federation }: Connection): FederationMember[] =>
  federation.filter(({ status }) => status === 'offline')

/** `2 of 3 members online`, short `2 of 3 online`; undefined where it is no federation. */
export function memberWords({ federation }: Pick<Connection, 'federation'>, isShort = false): string | undefined {
  if (federation.length === 0) return undefined
  const count = (status: FederationMember['status']) => federation.filter((member) => member.status === status).length
  const unknown = count('unknown')
  const all = countOf(federation.length, 'member')
  if (unknown === federation.length) return all
  // members of unknown state are told apart
  const rest = unknown > 0 && !isShort ? `, ${unknown} not known` : ''
  return `${count('online')} of ${isShort ? federation.length : all} online${rest}`
}

/** What is counted in the window's status bar and on the rail. */
export function connectionTroubles(connections: readonly Connection[]) {
  const on = connections.filter(({ state }) => state !== 'disabled')
  const failed = on.filter(({ state, refusedCertificate }) => state === 'failed' || refusedCertificate).length
  const signIn = on.filter((one) => one.state !== 'failed' && !one.refusedCertificate && needsSignIn(one)).length
  return { failed, signIn, members: on.reduce((sum, one) => sum + membersDown(one).length, 0) }
}

/** For the rail: connections that do not answer or need a sign-in. */
export function connectionBadge(connections: readonly Connection[]) {
  const { failed, signIn } = connectionTroubles(connections)
  if (failed + signIn === 0) return undefined
  const words = [
    failed > 0 && `${failed === 1 ? 'one connection does' : `${failed} connections do`} not answer`,
    signIn > 0 && `${signIn === 1 ? 'one connection needs' : `${signIn} connections need`} a sign-in`,
  ]
    .filter(Boolean)
    .join(', ')
  return { count: failed + signIn, tone: 'attention', says: words.charAt(0).toUpperCase() + words.slice(1) } as const
}

/** Drivers that take the id and the secret of an OAuth client where others take user and password. */
export function isSentinelHub(url: string): boolean {
  const host = URL.canParse(url) ? new URL(url).hostname : ''
  return /(^|\.)(sentinel-hub\.com|sinergise\.com)$/.test(host)
}

export const offerWords: Record<OfferName, string> = {
  collections: 'Collections',
  queryables: 'Properties to filter by',
  items: 'Items of collections',
  processes: 'Processes',
  'file-formats': 'File formats',
  'udf-runtimes': 'User-defined functions',
  'service-types': 'Types of map services',
  'processing-parameters': 'Processing parameters',
  validation: 'Checking of process graphs',
  synchronous: 'Synchronous processing',
  'batch-jobs': 'Batch jobs',
  'job-update': 'Changing of jobs',
  estimate: 'Cost estimates',
  'job-logs': 'Logs of jobs',
  services: 'Map services',
  'service-logs': 'Logs of map services',
  'user-processes': 'User-defined processes',
  files: 'File storage',
  workspaces: 'Workspaces',
  account: 'Account information',
  basic: 'Sign-in with user name and password',
  oidc: 'Sign-in with OpenID Connect',
}

export const ALL_OFFERS = Object.keys(offerWords) as OfferName[]

/** 64 hexadecimal digits in pairs, as certificates are shown everywhere. */
export const fingerprintGroups = (sha256: string): string[] => sha256.toUpperCase().match(/.{2}/g) ?? []
