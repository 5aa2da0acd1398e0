/**
 * Tolerant reading of JSON from servers: what has the wrong shape counts as absent, never as a failure.
 * Owns: the few readers that all protocols share. Does not: know a protocol.
 */
export type Loose = Record<string, unknown>

/** The value as an object; an empty one where it is none. */
export const object = (value: unknown): Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {}
export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
export const textOrNull = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)
/** The texts of a list; of anything else none. */
export const texts = (value: unknown): string[] =>
  list(value).filter((entry): entry is string => typeof entry === 'string' && entry !== '')
/** A finite number, also where it stands in a text, as some servers send it. */
export function numberOrNull(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value !== 'string' || value.trim() === '') return null
  const number = Number(value)
  return Number.isFinite(number) ? number : null
}
/** The text on one line and not longer than that. */
export const short = (value: unknown, most: number): string => {
  const text = (textOrNull(value) ?? '').replace(/\s+/g, ' ').trim()
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
}

/** Whether lists and objects stand in one another more than so many times (some hundreds at most). Reads no deeper. */
export function isDeeperThan(value: unknown, most: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (most === 0) return true
  for (const key in value) if (isDeeperThan((value as Loose)[key], most - 1)) return true
  return false
}

export type Link = { href: string; title: string; rel: string; hreflang: string | null }

export const MOST_LINKS = 500
const LONGEST_HREF = 4096

/** The links that lead to a web address, made absolute from `baseUrl` (the address that the document came from). */
export function webLinks(value: unknown, baseUrl: string): Link[] {
  const found: Link[] = []
  for (const link of list(value).slice(0, MOST_LINKS).map(object)) {
    const href = webAddress(link.href, baseUrl)
    if (href === null) continue
    const rel = short(link.rel, 200)
    found.push({ href, rel, title: short(link.title, 300), hreflang: textOrNull(link.hreflang) })
  }
  return found
}

/** An http(s) address without user info, absolute; null for everything else. */
export function webAddress(value: unknown, baseUrl: string): string | null {
  const href = textOrNull(value)?.trim()
  if (!href || href.length > LONGEST_HREF || !URL.canParse(href, baseUrl)) return null
  const url = new URL(href, baseUrl)
  const isWeb = (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '' && url.password === ''
  return isWeb && url.href.length <= LONGEST_HREF ? url.href : null
}
