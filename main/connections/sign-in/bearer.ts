/**
 * The Authorization header of an openEO request, in the form that the back-end takes.
 * Owns: the two forms and when each may be tried. Does not: know whether the token still holds.
 * Source: openEO API 1.0–1.3, securitySchemes.Bearer; the plain form only where the back-end declares it.
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
  const declares = conformsTo.some((name) => JWT_CLASS.test(name))
  return declares && isJwt(token) ? ['bare', 'prefixed'] : ['prefixed']
}

/** The value of the header. Tokens were looked at when they came: they hold nothing that ends it. */
export function bearer(session: KeptSession, token: string, form: BearerForm = 'prefixed'): string {
  if (session.way === 'basic') return `Bearer basic//${token}`
  return form === 'bare' ? `Bearer ${token}` : `Bearer oidc/${session.providerId}/${token}`
}
