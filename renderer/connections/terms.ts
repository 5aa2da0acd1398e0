/** Terms to agree to, told apart: a back-end may state one address for its terms and for its privacy policy. Pure. */
import type { Terms } from '../../preload/contract/connections.ts'

type Stated = Pick<Terms, 'kind' | 'href'>

/** What a tick stands for: one document in one role. */
export const termsName = ({ kind, href }: Stated): string => `${kind} ${href}`

export const termsWords = ({ kind }: Pick<Terms, 'kind'>): string =>
  kind === 'terms-of-service' ? 'terms of service' : 'privacy policy'

/** Links that count as agreed to: those of which every role is ticked, each once. */
export function agreedLinks(terms: readonly Stated[], agreed: ReadonlySet<string>): string[] {
  const open = new Set(terms.filter((one) => !agreed.has(termsName(one))).map(({ href }) => href))
  return [...new Set(terms.map(({ href }) => href))].filter((href) => !open.has(href))
}
