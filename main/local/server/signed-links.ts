/**
 * Links that work without a token until a time: an HMAC over what they lead to and when they end.
 * Owns: signing and checking. Does not: keep the key (the job database does, so that links outlive a restart).
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { resultLinkExpired, tokenInvalid } from './errors.ts'

export type SignedLinks = {
  /** The address with `expires` (seconds since 1970) and `signature`. `subject` binds it, e.g. to one run of a job. */
  sign(base: string, path: string, subject: string): { href: string; expires: string }
  /** Whether the query carries a valid signature; false where it carries none. @throws OpeneoError 410, 403 */
  isValid(path: string, subject: string, query: URLSearchParams): boolean
}

export function createSignedLinks(key: string, lifetimeSeconds: number, now: () => number): SignedLinks {
  const signature = (path: string, subject: string, expires: number) =>
    createHmac('sha256', key).update(`${path}\n${subject}\n${expires}`).digest()
  return {
    sign(base, path, subject) {
      const expires = Math.floor(now() / 1000) + lifetimeSeconds
      const query = `expires=${expires}&signature=${signature(path, subject, expires).toString('base64url')}`
      return { href: `${base}${path}?${query}`, expires: new Date(expires * 1000).toISOString() }
    },
    isValid(path, subject, query) {
      const given = query.get('signature')
      if (given === null) return false
      const expires = Number(query.get('expires') ?? Number.NaN)
      if (!Number.isSafeInteger(expires)) throw tokenInvalid()
      const bytes = Buffer.from(given, 'base64url')
      const right = signature(path, subject, expires)
      if (bytes.length !== right.length || !timingSafeEqual(bytes, right)) throw tokenInvalid()
      if (expires * 1000 <= now()) throw resultLinkExpired()
      return true
    },
  }
}
