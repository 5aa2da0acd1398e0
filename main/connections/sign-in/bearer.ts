/**
 * The Authorization header of an openEO request, in the form that the back-end takes.
 * Owns: the two forms and when each may be tried. Does not: know whether the token still holds.
 * Source: openEO API 1.0–1.3, securitySchemes.Bearer. The plain form is what 1.3 declares; back-ends in use take it without
 * declaring it, or declare it and take the other: the one that is meant goes first, and the other is tried once.
 */
import type { BearerForm, KeptSession } from './kept-session.ts'

const JWT_CLASS = /^https?:\/\/api\.openeo\.org\/[^/]+\/authentication\/jwt\/?$/
const JWT = /^[\w-]+\.([\w-]+)\.[\w-]*$/

/** A JSON Web Token that names its issuer, as openEO 1.3 demands of the plain form. */
export function isJwt(token: string): boolean {
  const payload = JWT.exec(token)?.[1]
  if (payload === undefined) return false
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
    return typeof claims === 'object' && claims !== null && typeof (claims as { iss?: unknown }).iss === 'string'
  } catch {
    return false
  }
}

/** The forms that may be sent, best first. */
export function formsFor(conformsTo: readonly string[], token: string): BearerForm[] {
  if (!isJwt(token)) return ['prefixed']
  return conformsTo.some((name) => JWT_CLASS.test(name)) ? ['bare', 'prefixed'] : ['prefixed', 'bare']
}

/** The value of the header. Tokens were looked at when they came: they hold nothing that ends it. */
export function bearer(session: KeptSession, token: string, form: BearerForm = 'prefixed'): string {
  if (session.way === 'basic') return `Bearer basic//${token}`
  return form === 'bare' ? `Bearer ${token}` : `Bearer oidc/${session.providerId}/${token}`
}
