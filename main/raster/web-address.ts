/**
 * Which web address may lead to which other one, by redirects and by links in documents from the network.
 * Owns: the rule: nobody leads from the internet to this computer or its network, from https to http, or gives names
 * and passwords. Does not: look up names; an address is judged as it is written, and names that only a network of one's
 * own gives count as such.
 */
import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** `loopback`: this computer; `private`: a network of one's own; `special`: link-local, and what is no host at all. */
export type Reach = 'public' | 'loopback' | 'private' | 'special'

/** IANA special-purpose address registries (RFC 6890 and its updates). */
const RANGES: readonly [Reach, 'ipv4' | 'ipv6', string, number][] = [
  ['loopback', 'ipv4', '127.0.0.0', 8],
  ['loopback', 'ipv4', '0.0.0.0', 8],
  ['loopback', 'ipv6', '::', 127], // :: and ::1
  ['private', 'ipv4', '10.0.0.0', 8],
  ['private', 'ipv4', '172.16.0.0', 12],
  ['private', 'ipv4', '192.168.0.0', 16],
  ['private', 'ipv4', '100.64.0.0', 10],
  ['private', 'ipv6', 'fc00::', 7],
  ['private', 'ipv6', '64:ff9b::', 96],
  ['special', 'ipv4', '169.254.0.0', 16],
  ['special', 'ipv4', '192.0.0.0', 24],
  ['special', 'ipv4', '198.18.0.0', 15],
  ['special', 'ipv4', '224.0.0.0', 3],
  ['special', 'ipv6', 'fe80::', 10],
  ['special', 'ipv6', 'ff00::', 8],
]
const lists = RANGES.map(([reach, family, address, prefix]) => {
  const list = new BlockList()
  list.addSubnet(address, prefix, family)
  return { reach, list }
})

/** Names that no server of the internet has: RFC 6762 (.local), RFC 8375 (.home.arpa), ICANN (.internal), and old habits. */
const INNER_NAMES = /(?:^|\.)(?:local|internal|home\.arpa|lan|corp|home|intranet|private|localdomain)$/

/** How far the host of an address is away, as far as the address itself tells. */
export function reachOf({ hostname }: URL): Reach {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  if (host === 'localhost' || host.endsWith('.localhost')) return 'loopback'
  const family = isIPv4(host) ? 'ipv4' : isIPv6(host) ? 'ipv6' : null
  if (family === null && host !== '' && (!host.includes('.') || INNER_NAMES.test(host))) return 'private'
  // an IPv4 address inside of an IPv6 one falls under the rules of IPv4
  return (family && lists.find(({ list }) => list.check(host, family))?.reach) || 'public'
}

/** Why `from` must not lead to `to`, as a sentence; null where it may. */
export function whyNotFollowed(from: URL, to: URL): string | null {
  if (to.username !== '' || to.password !== '') return 'The address holds a user name or a password.'
  if (from.protocol === 'https:' && to.protocol === 'http:') return 'The address leads from https to http.'
  const reach = to.protocol === 'file:' ? 'public' : reachOf(to)
  if (reach === 'public' || (reach === reachOf(from) && (reach !== 'special' || to.host === from.host))) return null
  return 'The address leads to this computer or into its own network.'
}
