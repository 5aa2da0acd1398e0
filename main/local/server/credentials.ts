/**
 * User, password and token of this launch, and what a request proves with them.
 * Owns: making and comparing them (constant time). Does not: keep them anywhere but in memory.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { authenticationRequired, credentialsInvalid, schemeInvalid, tokenInvalid } from './errors.ts'

export type Credentials = {
  readonly user: string
  readonly password: string
  /** Checks an `Authorization: Basic` header. @returns the token @throws OpeneoError */
  tokenFor(authorization: string | undefined): string
  /** Checks an `Authorization: Bearer basic//TOKEN` header; false where there is none. @throws OpeneoError 403 */
  isSignedIn(authorization: string | undefined): boolean
}

const digest = (text: string) => createHash('sha256').update(text).digest()
/** Compares without telling by its duration where two texts differ; both are hashed, so lengths do not show either. */
const isSame = (a: string, b: string) => timingSafeEqual(digest(a), digest(b))

export function createCredentials(user = 'local'): Credentials {
  const password = randomBytes(24).toString('base64url')
  const token = randomBytes(32).toString('base64url')
  return {
    user,
    password,
    tokenFor(authorization) {
      if (authorization === undefined) throw authenticationRequired()
      const [scheme = '', encoded = ''] = authorization.trim().split(/ +/)
      if (scheme.toLowerCase() !== 'basic') throw schemeInvalid()
      const pair = Buffer.from(encoded, 'base64').toString('utf8')
      if (!isSame(pair, `${user}:${password}`)) throw credentialsInvalid()
      return token
    },
    isSignedIn(authorization) {
      if (authorization === undefined) return false
      const [scheme = '', bearer = ''] = authorization.trim().split(/ +/)
      if (scheme.toLowerCase() !== 'bearer') throw schemeInvalid()
      if (bearer.startsWith('oidc/')) throw schemeInvalid()
      if (!isSame(bearer, `basic//${token}`)) throw tokenInvalid()
      return true
    },
  }
}
