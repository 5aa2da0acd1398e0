/**
 * Decisions of reading lists: what is fresh, where the next page is, what may be kept for how long. Pure.
 */
import type { ListName } from '../../preload/contract/catalogue.ts'
import type { Connection } from '../../preload/contract/connections.ts'
import { LISTS } from './list-entries.ts'

/** Asked for where a list may be long: pages of some MB. Servers without paging answer with everything. */
export const PAGE_SIZE = 1000
export const FRESH_MS = 15 * 60_000
const LONGEST_FRESH_MS = 24 * 3_600_000
export const MOST_PAGES = 2_000

/** The first address of a list, relative to the API root. */
export const firstPage = (list: ListName): string =>
  LISTS[list].arrayKey === null ? LISTS[list].path : `${LISTS[list].path}?limit=${PAGE_SIZE}`

/** Whether there is anybody to ask for a list of this kind now. User-defined processes belong to a signed-in user. */
export const canRead = (connection: Connection, list: ListName): boolean =>
  connection.offers.includes(list) &&
  (list !== 'user-processes' || connection.signIn === 'signed-in' || connection.signIn === 'not-needed')

/** Until when a list that was read now need not be read again by itself (RFC 9111, max-age; a quarter of an hour else). */
export function freshUntilMs(nowMs: number, cacheControl: string | null): number {
  const stated = /(?:^|[\s,])max-age\s*=\s*"?(\d{1,9})/i.exec(cacheControl ?? '')
  const maxAgeMs = stated && !/no-(cache|store)/i.test(cacheControl ?? '') ? Number(stated[1]) * 1000 : 0
  return nowMs + Math.max(FRESH_MS, Math.min(maxAgeMs, LONGEST_FRESH_MS))
}

/** Whether a list that came without some members of a federation would have more of them now. */
export const lacksWhoIsBack = (missing: readonly string[], federation: Connection['federation']): boolean =>
  federation.some(({ id, status }) => status === 'online' && missing.includes(id))

/** `circle`: the page was read already. */
export type NextPage = { do: 'read'; url: string } | { do: 'end' } | { do: 'circle' } | { do: 'refuse' }
/**
 * Where a link `next` leads: followed as it is written, relative to the page, to the back-end's own origin only. Behind
 * some proxies servers write http for https; the encrypted one is asked then.
 */
export function nextPage(href: string | null, from: string, rootUrl: string, visited: ReadonlySet<string>): NextPage {
  if (href === null) return { do: 'end' }
  if (!URL.canParse(href, from)) return { do: 'refuse' }
  const url = new URL(href, from)
  const root = new URL(rootUrl)
  if (root.protocol === 'https:' && url.protocol === 'http:' && url.hostname === root.hostname) {
    url.protocol = 'https:'
    url.port = root.port
  }
  if (url.origin !== root.origin || url.username !== '' || url.password !== '') return { do: 'refuse' }
  url.hash = ''
  return visited.has(url.href) ? { do: 'circle' } : { do: 'read', url: url.href }
}
