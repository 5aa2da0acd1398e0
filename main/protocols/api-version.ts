/**
 * Versions of the openEO API: what `/.well-known/openeo` lists, and which of them a client takes.
 * Owns: SemVer comparison, the range that Swath speaks, the choice. Does not: ask anybody.
 * Source: openEO API, "Clients: discovery"; SemVer 2.0.0 clause 11.
 */
import type { ApiVersion } from '../../preload/contract/connections.ts'
import { isLoopback } from './address.ts'
import { list, object, textOrNull, webAddress } from './read-json.ts'

type Version = { numbers: [number, number, number]; preRelease: string[] }

/** `1.2`, `1.2.0`, `1.2.0-rc.1+build`, `v1.2`; null for anything else. */
function parseVersion(text: string): Version | null {
  const match = /^v?(\d{1,6})(?:\.(\d{1,6}))?(?:\.(\d{1,6}))?(?:-([\w.-]{1,100}))?(?:\+[\w.-]*)?$/.exec(text.trim())
  if (!match) return null
  const [, major, minor = '0', patch = '0', preRelease] = match
  return { numbers: [Number(major), Number(minor), Number(patch)], preRelease: preRelease?.split('.') ?? [] }
}

/** Below, at or above zero as `a` is older than, the same as or newer than `b`. What is no version is older than all. */
export function compareVersions(a: string, b: string): number {
  const [one, other] = [parseVersion(a), parseVersion(b)]
  if (!one || !other) return Number(one !== null) - Number(other !== null)
  for (const place of [0, 1, 2] as const) {
    const difference = one.numbers[place] - other.numbers[place]
    if (difference !== 0) return difference
  }
  return comparePreReleases(one.preRelease, other.preRelease)
}

function comparePreReleases(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return Number(a.length === 0) - Number(b.length === 0)
  for (let place = 0; place < Math.max(a.length, b.length); place++) {
    const [one, other] = [a[place], b[place]]
    if (one === undefined || other === undefined) return one === undefined ? -1 : 1
    if (one === other) continue
    const [isNumber, isOtherNumber] = [/^\d+$/.test(one), /^\d+$/.test(other)]
    if (isNumber && isOtherNumber) return Number(one) - Number(other)
    if (isNumber !== isOtherNumber) return isNumber ? -1 : 1
    return one < other ? -1 : 1
  }
  return 0
}

/** openEO 1.x; a pre-release of 1.0.0 spoke another language. */
export function isSupported(version: string): boolean {
  const parsed = parseVersion(version)
  return parsed !== null && parsed.numbers[0] === 1 && compareVersions(version, '1.0.0') >= 0
}

/** The newest minor version of openEO 1 that Swath was made with. */
const NEWEST_MINOR = 3

/**
 * A version 1.x that came after Swath. It is spoken all the same: SemVer promises that what 1.3 has is still there, and
 * everything is read tolerantly and asked for by what the back-end states. Where there is a choice, a known one is taken.
 */
export function isNewer(version: string): boolean {
  const parsed = parseVersion(version)
  return parsed !== null && parsed.numbers[0] === 1 && parsed.numbers[1] > NEWEST_MINOR
}

/**
 * The versions that a well-known document lists, newest first; null where it is none. Addresses are made absolute from
 * `url`, where the document came from. An http address beside an https one is a proxy that the server does not know of,
 * and so is a name of the server's own computer: both are mended.
 */
export function listedVersions(document: unknown, url: string): ApiVersion[] | null {
  const { versions } = object(document)
  if (!Array.isArray(versions)) return null
  const found = new Map<string, ApiVersion>()
  for (const entry of list(versions).slice(0, 200).map(object)) {
    const address = webAddress(entry.url, url)
    const apiVersion = textOrNull(entry.api_version)?.slice(0, 50)
    if (address === null || !apiVersion) continue
    const root = rootOf(mended(address, url))
    found.set(root, {
      url: root,
      apiVersion,
      isProduction: entry.production === true,
      isSupported: isSupported(apiVersion),
      ...(isNewer(apiVersion) ? { isNewer: true } : {}),
    })
  }
  return [...found.values()].sort((a, b) => compareVersions(b.apiVersion, a.apiVersion))
}

function mended(address: string, from: string): string {
  const [url, asked] = [new URL(address), new URL(from)]
  if (isLoopback(url.hostname) && !isLoopback(asked.hostname))
    return new URL(`${url.pathname}${url.search}`, asked.origin).href
  if (url.protocol === 'http:' && asked.protocol === 'https:') {
    url.protocol = 'https:'
    if (url.port === '80') url.port = ''
  }
  return url.href
}

/** The address of an API root: without a slash, a query or a discovery path at its end. */
export function rootOf(address: string): string {
  const url = new URL(address)
  const path = url.pathname.replace(/\/+$/, '').replace(/\/\.well-known\/openeo$/i, '')
  return url.origin + path.replace(/\/+$/, '')
}

/**
 * The newest that Swath knows and that the back-end calls fit for production, else the newest that Swath knows. Versions that
 * came after Swath are taken in the same order where nothing else is there.
 */
export function bestVersion(versions: readonly ApiVersion[]): ApiVersion | null {
  const usable = versions
    .filter((version) => version.isSupported)
    .sort((a, b) => compareVersions(b.apiVersion, a.apiVersion))
  const known = usable.filter(({ apiVersion }) => !isNewer(apiVersion))
  const choice = known.length > 0 ? known : usable
  return choice.find((version) => version.isProduction) ?? choice[0] ?? null
}
