/** What was typed to find or to add a service. Pure. */
import type { KnownBackEnd } from '../../../preload/contract/connections.ts'

/** Whether the text may be an address: with a scheme, a host with a dot or port, an IP address, or localhost. */
export function looksLikeAddress(text: string): boolean {
  const typed = text.trim()
  if (typed === '' || /\s/.test(typed)) return false
  return (
    /^https?:\/\/[^/]/i.test(typed) ||
    /^\[[0-9a-f:.]+\](:\d+)?(\/|$)/i.test(typed) ||
    /^localhost(:\d+)?(\/|$)/i.test(typed) ||
    /^[^/:@]+:\d+(\/|$)/.test(typed) ||
    /^[^/@.]+(\.[^/@.]+)+(:\d+)?(\/|$)/.test(typed)
  )
}

/** The entries that hold every word, built-in ones and hidden ones alike in the order of the list. */
export function matchingKnown(known: readonly KnownBackEnd[], text: string): KnownBackEnd[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return known.filter(({ title, url, description, isHidden }) => {
    const all = `${title} ${url} ${description}`.toLowerCase()
    return !isHidden && words.every((word) => all.includes(word))
  })
}

/** What is wrong with the address of a service, as a sentence; undefined where nothing is. */
export function addressProblem(address: string): string | undefined {
  const typed = address.trim()
  if (!typed) return 'An address is needed.'
  const full = /^[a-z][a-z\d+.-]*:\/\//i.test(typed) ? typed : `https://${typed}`
  if (!URL.canParse(full)) return 'This is not an address, such as https://example.org/stac.'
  const url = new URL(full)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'The address begins with https:// or http://.'
  if (url.username || url.password) return 'User name and password have fields of their own.'
  return undefined
}
