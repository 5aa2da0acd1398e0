/**
 * What people type or paste as the address of a service, as an http(s) address that can be asked.
 * Owns: the reading. Does not: ask anybody. Credentials in an address are refused: they would be kept and shown with it.
 */
import { isIPv4, isIPv6 } from 'node:net'
import { AppError } from '../core/errors.ts'

const NOT_AN_ADDRESS = 'This is not the address of a web service.'
const invalid = (message: string) => new AppError('invalid-input', message, { fields: { address: message } })

/** Names of this computer. Takes IPv6 with and without brackets. */
export function isLoopback(host: string): boolean {
  const name = host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
  if (name === 'localhost' || name.endsWith('.localhost') || name === '::1') return true
  return isIPv4(name) && name.startsWith('127.')
}

/** Whether what is sent to this address can be read on the way: http, and not to this computer. */
export function isOpenLine(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, hostname } = new URL(address)
  return protocol === 'http:' && !isLoopback(hostname)
}

/**
 * The address without query, fragment and slashes at its end; `/.well-known/openeo` is taken off. Without a scheme it is
 * https, and http for this computer. A link to an openEO editor or hub gives the back-end that it names (`server=`).
 * @throws AppError invalid-input
 */
export function readAddress(typed: string): string {
  const text = typed
    .trim()
    .replace(/^[<"'(]+|[>"')]+$/g, '')
    .trim()
  const url = asUrl(text)
  const named = namedServer(url)
  return tidy(named === null ? url : asUrl(named))
}

function asUrl(text: string): URL {
  const scheme = /^([a-z][a-z\d+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase()
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https')
    throw invalid('Only addresses that begin with https:// or http:// can be used.')
  const absolute = scheme === undefined ? withScheme(text.replace(/^\/\//, '')) : text
  if (/\s/.test(absolute) || !URL.canParse(absolute)) throw invalid(NOT_AN_ADDRESS)
  const url = new URL(absolute)
  if (url.username !== '' || url.password !== '')
    throw invalid('The address contains a user name or a password. Leave it out and sign in afterwards.')
  if (scheme === undefined && !isHost(url.hostname)) throw invalid(NOT_AN_ADDRESS)
  return url
}

function withScheme(text: string): string {
  const [authority = ''] = text.split(/[/?#]/)
  if (isIPv6(authority)) return withScheme(`[${authority}]${text.slice(authority.length)}`)
  const host = authority.startsWith('[')
    ? authority.slice(0, authority.indexOf(']') + 1)
    : authority.replace(/:\d*$/, '')
  return `${isLoopback(host) ? 'http' : 'https'}://${text}`
}

/** A name with a dot, a number or this computer: a single word without a scheme is a search, not an address. */
const isHost = (host: string) => isLoopback(host) || host.startsWith('[') || /^[^.]+(\.[^.]+)+\.?$/.test(host)

/** Editors and hubs have the back-end in the query, or in the query of the fragment. */
function namedServer(url: URL): string | null {
  const inFragment = url.hash.includes('?') ? url.hash.slice(url.hash.indexOf('?') + 1) : url.hash.replace(/^#\/?/, '')
  const named = url.searchParams.get('server') ?? new URLSearchParams(inFragment).get('server')
  return named?.trim() || null
}

function tidy(url: URL): string {
  const path = url.pathname.replace(/\/+$/, '').replace(/\/\.well-known\/openeo$/i, '')
  return url.origin + path.replace(/\/+$/, '')
}
