/**
 * Sign-in over the system's browser: authorization code with PKCE, state and nonce, answered on loopback.
 * Owns: the request and the exchange. Does not: open the browser.
 * Source: OpenID Connect Core 1.0 §3.1, RFC 7636, RFC 8252, RFC 9207.
 */
import { buildAuthorizationUrl, randomNonce, randomState } from 'openid-client'
import type { Clock } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import type { OidcClient, OidcTokens } from './oidc-client.ts'
import { isSameIssuer } from './oidc-discovery.ts'
import { unusable } from './oidc-failures.ts'
import { LOOPBACK_LASTS_MS, listenOnLoopback } from './oidc-loopback.ts'
import { createPkce } from './oidc-pkce.ts'

export type BrowserSignIn = {
  /** What the browser opens. */
  url: string
  expiresInMs: number
  /** The provider's answer, not yet exchanged. @throws AppError sign-in-expired, canceled, … */
  answered: Promise<unknown>
  /** Waits for the answer, and exchanges it. @throws AppError */
  tokens(): Promise<OidcTokens>
}
type Options = {
  redirectUrl: string
  scope: string
  parameters: Readonly<Record<string, string>>
  clock: Clock
  signal: AbortSignal
  addSecret(value: string): void
}

/** Listens on loopback before it returns. @throws AppError not-offered, conflict */
export async function beginBrowser(client: OidcClient, options: Options): Promise<BrowserSignIn> {
  const { redirectUrl, scope, parameters, signal, addSecret } = options
  if (client.metadata.authorization_endpoint === undefined)
    throw new AppError('not-offered', 'The sign-in service has no sign-in over the browser.')
  const pkce = await createPkce(addSecret)
  const state = randomState()
  const nonce = randomNonce()
  addSecret(state)
  const url = buildAuthorizationUrl(client.configure(signal), {
    // a refresh token for later needs the user's consent each time (OpenID Connect Core §11)
    ...(scope.split(' ').includes('offline_access') ? { prompt: 'consent' } : {}),
    ...parameters,
    scope,
    response_type: 'code',
    redirect_uri: redirectUrl,
    state,
    nonce,
    code_challenge: pkce.challenge,
    code_challenge_method: 'S256',
  })
  const loopback = await listenOnLoopback({ redirectUrl, state, clock: options.clock, signal, addSecret })
  return {
    url: url.href,
    expiresInMs: LOOPBACK_LASTS_MS,
    answered: loopback.answer,
    async tokens() {
      const { code, issuer } = await loopback.answer
      if (issuer !== null && !isSameIssuer(issuer, client.metadata.issuer))
        throw unusable('the answer in the browser came from another one')
      // RFC 9207 §2.4: who says that it names itself, and does not, is another one
      if (issuer === null && client.metadata.authorization_response_iss_parameter_supported === true)
        throw unusable('the answer in the browser does not say from whom it comes')
      const parameters = { code, redirect_uri: redirectUrl, code_verifier: pkce.verifier }
      return client.grant('authorization_code', parameters, { nonce }, signal)
    },
  }
}
