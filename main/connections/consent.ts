/**
 * Terms of service and privacy policies: which links of a back-end need an active agreement, and which were agreed to.
 * Owns: the choice among translations and the comparison. Does not: keep agreements (connection-store.ts).
 * Source: openEO API, `GET /`: clients have the user agree actively before they connect.
 */
import type { Terms } from '../../preload/contract/connections.ts'
import { AppError } from '../core/errors.ts'
import type { OpeneoRequest } from '../protocols/openeo.ts'
import type { Link } from '../protocols/read-json.ts'

const KINDS = ['terms-of-service', 'privacy-policy'] as const
const TITLES = { 'terms-of-service': 'Terms of service', 'privacy-policy': 'Privacy policy' }
const MOST_TERMS = 10

export type AgreedAt = (kind: Terms['kind'], href: string) => string | null

/**
 * The documents that need an agreement. Of one document in several languages (`hreflang`) the English one counts, else the
 * first. Links without a language are documents of their own.
 */
export function termsOf(links: readonly Link[], agreedAt: AgreedAt): Terms[] {
  const found: Terms[] = []
  for (const kind of KINDS) {
    const stated = links.filter(({ rel }) => rel.toLowerCase() === kind)
    const translated = stated.filter(({ hreflang }) => hreflang !== null)
    const english = translated.find(({ hreflang }) => /^en\b/i.test(hreflang ?? ''))
    const chosen = [
      ...stated.filter(({ hreflang }) => hreflang === null),
      ...(english ? [english] : translated.slice(0, 1)),
    ]
    for (const { href, title } of chosen) {
      if (found.some((other) => other.kind === kind && other.href === href)) continue
      found.push({ kind, href, title: title || TITLES[kind], agreedAt: agreedAt(kind, href) })
    }
  }
  return found.slice(0, MOST_TERMS)
}

/**
 * Whether a request has the back-end do or keep something. Looking, checking a graph, stopping and removing are none: who
 * has not agreed to new terms yet can still see, end and take away what is there.
 */
export const isNewWork = ({ method, path }: Pick<OpeneoRequest, 'method' | 'path'>): boolean =>
  (method === 'POST' || method === 'PUT' || method === 'PATCH') && !path.endsWith('/validation')

/**
 * The terms that are agreed to now and were not before.
 * @throws AppError consent-needed where one is neither among `agreed` nor agreed to earlier
 */
export function newlyAgreed(terms: readonly Terms[], agreed: readonly string[]): Terms[] {
  const open = terms.filter(({ agreedAt }) => agreedAt === null)
  const missing = open.find(({ href }) => !agreed.includes(href))
  if (missing)
    throw new AppError('consent-needed', `The back-end asks for agreement to: ${missing.title}.`, {
      link: { href: missing.href, title: missing.title },
    })
  return open
}
