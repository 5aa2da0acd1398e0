/**
 * From what somebody typed to an openEO API: well-known documents, versions, capabilities.
 * An address that was typed with http is looked for with https first.
 * Owns: where is looked, in which order, and what is said where nothing is found. Asks without any credentials.
 * Does not: keep anything.
 * Source: openEO API, discovery; the order for addresses with a path is explained at `locate`.
 */
import type { ApiVersion, Certificate } from '../../preload/contract/connections.ts'
import type { Json } from '../../preload/contract/vocabulary.ts'
import { AppError } from '../core/errors.ts'
import { askJson, type Http, type HttpRequest, withTrust } from '../core/http/index.ts'
import { isOpenLine, readAddress } from '../protocols/address.ts'
import { bestVersion, isNewer, isSupported, listedVersions, rootOf } from '../protocols/api-version.ts'
import { type Capabilities, parseCapabilities } from '../protocols/capabilities.ts'
import { MOST_DOCUMENT_BYTES } from './session.ts'

export type Found = {
  rootUrl: string
  capabilities: Capabilities
  versions: ApiVersion[]
  /** As it came, to be kept. */
  document: Json
  documentUrl: string
  etag: string | null
}
export type Wanted = { address: string; versionUrl?: string | undefined; trust?: Certificate | undefined }

/** Capabilities in use have 10 to 500 kB. */
const MOST_BYTES = MOST_DOCUMENT_BYTES
/** A person waits: one more try, and not the patience of background work. */
const MOST_ATTEMPTS = 2
const TIME_OUTS = { firstByteMs: 45_000, totalMs: 90_000 }
/** Where http was typed, whether there is https as well is not waited for so long. */
const BRIEFLY = { connectMs: 8_000, firstByteMs: 10_000, totalMs: 20_000 }

/** After one of these, other addresses of the same server need not be asked. */
const NO_WAY: readonly AppError['code'][] = ['offline', 'time-out', 'untrusted-certificate', 'canceled', 'rate-limited']

const NOTHING_THERE: readonly AppError['code'][] = ['not-found', 'invalid-input', 'conflict']
const nothingFound = (cause: AppError) =>
  new AppError('not-found', 'No openEO back-end was found at this address. It may be misspelled, or lack a path.', {
    cause,
  })

/**
 * @throws AppError invalid-input (no address), untrusted-certificate with the certificate, offline, time-out, canceled;
 * back-end where something else answers or no version can be spoken; not-found where nothing looks like openEO
 */
export async function discover(http: Http, wanted: Wanted, signal: AbortSignal): Promise<Found> {
  const typed = readAddress(wanted.address)
  const trusting = withTrust(http, wanted.trust)
  if (isOpenLine(typed)) {
    const secure = typed.replace(/^http:/i, 'https:')
    try {
      return await discoverAt(asker(trusting, signal, BRIEFLY), secure, wanted)
    } catch (failure) {
      if (signal.aborted || !(failure instanceof AppError)) throw failure
      // nobody there, or none that can be trusted: as it was typed, for reading
    }
  }
  return await discoverAt(asker(trusting, signal), typed, wanted)
}

async function discoverAt(ask: Ask, typed: string, wanted: Wanted): Promise<Found> {
  const { versions, chosen } = await locate(ask, typed, wanted.versionUrl)
  if (chosen === null) {
    const found = await capabilitiesAt(ask, typed).catch((failure: unknown) => {
      throw failure instanceof AppError && NOTHING_THERE.includes(failure.code) ? nothingFound(failure) : failure
    })
    return { ...found, versions: [versionOf(found)] }
  }
  return { ...(await capabilitiesNear(ask, chosen.url, typed)), versions }
}

/** Capabilities of an API root that is known already. */
export async function readCapabilities(http: Http, rootUrl: string, signal?: AbortSignal): Promise<Found> {
  const found = await capabilitiesAt(asker(http, signal), rootUrl)
  return { ...found, versions: [versionOf(found)] }
}

type Ask = (url: string) => Promise<{ value: Json; headers: Headers; url: string }>
const asker =
  (http: Http, signal: AbortSignal | undefined, timeOuts: NonNullable<HttpRequest['timeOuts']> = TIME_OUTS): Ask =>
  (url) =>
    askJson(http, {
      url,
      signal,
      priority: 'user',
      mostBytes: MOST_BYTES,
      mostAttempts: MOST_ATTEMPTS,
      timeOuts,
    })

const versionOf = ({ rootUrl, capabilities }: Omit<Found, 'versions'>): ApiVersion => ({
  url: rootUrl,
  apiVersion: capabilities.apiVersion,
  isProduction: capabilities.isProduction ?? false,
  isSupported: isSupported(capabilities.apiVersion),
  ...(isNewer(capabilities.apiVersion) ? { isNewer: true } : {}),
})

type Located = { versions: ApiVersion[]; chosen: ApiVersion | null }

/**
 * The well-known document belongs below the address that was typed. Where it is not there, that of the origin is looked
 * at: it counts at once where it lists the typed address or versions below it; else only where the typed address is no API
 * by itself, since one server may hold several back-ends. Whoever types a version gets the best one all the same, and may
 * choose then (`versionUrl`). `chosen` is null where the typed address itself is to be taken.
 */
async function locate(ask: Ask, typed: string, versionUrl: string | undefined): Promise<Located> {
  const own = await wellKnown(ask, typed)
  const { origin } = new URL(typed)
  const versions = own ?? (origin === typed ? null : await wellKnown(ask, origin))
  if (versions === null || versions.length === 0) return { versions: [], chosen: null }
  if (versionUrl !== undefined) return { versions, chosen: namedVersion(versions, versionUrl) }
  if (own !== null || versions.some(({ url }) => url === typed)) return { versions, chosen: best(versions) }
  const below = versions.filter(({ url }) => url.startsWith(`${typed}/`))
  if (below.length > 0) return { versions: below, chosen: best(below) }
  const isApi = await capabilitiesAt(ask, typed).then(
    () => true,
    (failure: unknown) => {
      if (failure instanceof AppError && NO_WAY.includes(failure.code)) throw failure
      return false
    },
  )
  return isApi ? { versions: [], chosen: null } : { versions, chosen: best(versions) }
}

function best(versions: readonly ApiVersion[]): ApiVersion {
  const chosen = bestVersion(versions)
  if (chosen) return chosen
  const named = [...new Set(versions.map(({ apiVersion }) => apiVersion))].slice(0, 5).join(', ')
  throw new AppError('back-end', `The back-end speaks openEO ${named} only; Swath needs 1.x.`, { retry: 'never' })
}

function namedVersion(versions: readonly ApiVersion[], versionUrl: string): ApiVersion {
  const wanted = URL.canParse(versionUrl) ? rootOf(versionUrl) : versionUrl
  const version = versions.find(({ url }) => url === wanted)
  if (!version) throw new AppError('not-found', 'The back-end does not list this version any more.')
  if (!version.isSupported) return best([version])
  return version
}

/** What the document lists; null where there is none. @throws AppError where the server cannot be asked at all */
async function wellKnown(ask: Ask, base: string): Promise<ApiVersion[] | null> {
  try {
    const { value, url } = await ask(`${base}/.well-known/openeo`)
    return listedVersions(value, url)
  } catch (failure) {
    if (failure instanceof AppError && !NO_WAY.includes(failure.code)) return null
    throw failure
  }
}

async function capabilitiesAt(ask: Ask, rootUrl: string): Promise<Omit<Found, 'versions'>> {
  const answer = await ask(`${rootUrl}/`).catch(async (failure: unknown) => {
    // some servers know their root only without the slash
    if (failure instanceof AppError && failure.code === 'not-found') return ask(rootUrl)
    throw failure
  })
  const etag = answer.headers.get('etag')
  return {
    // where it forwards for good (to https, to another host) is where everything else is asked as well
    rootUrl: rootOf(answer.url),
    capabilities: parseCapabilities(answer.value, answer.url),
    document: answer.value,
    documentUrl: answer.url,
    etag,
  }
}

/** A listed address that nobody outside can reach (a name inside of a data centre) is tried at the host that was typed. */
async function capabilitiesNear(ask: Ask, rootUrl: string, typed: string): Promise<Omit<Found, 'versions'>> {
  try {
    return await capabilitiesAt(ask, rootUrl)
  } catch (failure) {
    const { origin } = new URL(typed)
    const isElsewhere = new URL(rootUrl).origin !== origin
    if (!isElsewhere || !(failure instanceof AppError) || failure.code !== 'offline') throw failure
    return await capabilitiesAt(ask, origin + new URL(rootUrl).pathname.replace(/\/+$/, '')).catch(() => {
      throw failure
    })
  }
}
