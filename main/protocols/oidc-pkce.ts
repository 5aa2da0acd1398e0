/** Proof Key for Code Exchange (RFC 7636), S256 only. */
import { calculatePKCECodeChallenge, randomPKCECodeVerifier } from 'openid-client'

export type Pkce = { verifier: string; challenge: string }

export async function createPkce(addSecret: (value: string) => void): Promise<Pkce> {
  const verifier = randomPKCECodeVerifier()
  addSecret(verifier)
  return { verifier, challenge: await calculatePKCECodeChallenge(verifier) }
}
