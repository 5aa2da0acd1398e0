/**
 * Which addresses of a text from outside may be followed. Pure.
 * The rule: after everything that hides an address is undone (character references, white space, a base), it is parsed as
 * the browser would, and its scheme must be one of three. Whatever is left stays text.
 */
import { decodeReferences } from './character-references.ts'

export type Address = { href: string; host: string }
const MOST_CHARACTERS = 4096

function parsed(written: string, base: string | undefined): URL | null {
  const address = decodeReferences(written).trim()
  if (address === '' || address.length > MOST_CHARACTERS) return null
  // a relative address means nothing without the document's own
  if (!/^[a-z][a-z0-9+.-]*:/i.test(address) && (!base || address.startsWith('#'))) return null
  return URL.parse(address, base)
}

/** An address to open in the system's browser or mail program: http, https, mailto; null for everything else. */
export function linkAddress(written: string, base?: string): Address | null {
  const url = parsed(written, base)
  if (!url) return null
  if (url.protocol === 'mailto:') return { href: url.href, host: decodeSafely(url.pathname) }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return null
  // a name before the host makes a link look like another one
  if (url.username || url.password) return null
  return { href: url.href, host: url.host }
}

/** An address of a picture: http or https. */
export function pictureAddress(written: string, base?: string): Address | null {
  const address = linkAddress(written, base)
  return address?.href.startsWith('http') ? address : null
}

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
