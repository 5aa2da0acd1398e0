/**
 * An OpenID client at one provider: turns codes, secrets and refresh tokens into tokens, and ends them.
 * Owns: how openid-client is set up for Swath. Does not: keep tokens, or decide when they are renewed.
 */
import {
  allowInsecureRequests,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  clientCredentialsGrant,
  clockSkew as clockSkewOf,
  clockTolerance,
  customFetch,
  genericGrantRequest,
  None,
  refreshTokenGrant,
  type TokenEndpointResponse,
  type TokenEndpointResponseHelpers,
  tokenRevocation,
} from 'openid-client'
import type { ProviderMetadata } from './oidc-discovery.ts'
import { clockSkew, fromProvider, unusable } from './oidc-failures.ts'
import { createOidcFetch, type OidcNeeds } from './oidc-fetch.ts'

export type OidcTokens = {
  accessToken: string
  refreshToken: string | null
  /** Seconds from now; null: not told. */
  expiresInS: number | null
  /** `sub` of the ID token. */
  subject: string | null
}
export type OidcClientOptions = OidcNeeds & {
  metadata: ProviderMetadata
  clientId: string
  clientSecret?: string | undefined
}
type Answer = TokenEndpointResponse & TokenEndpointResponseHelpers
export type OidcClient = ReturnType<typeof createOidcClient>

/** An ID token that is younger or older than this by our clock: one of the clocks is wrong. */
export const CLOCK_TOLERANCE_S = 300

export function createOidcClient(options: OidcClientOptions) {
  const { metadata, clientId, clientSecret, clock } = options
  if (clientSecret !== undefined) options.addSecret(clientSecret)

  let aheadMs: number | null = null
  const clockAhead = (byMs: number) => {
    aheadMs = byMs
  }

  function configure(signal?: AbortSignal, withoutIdToken = false): Configuration {
    const times = {
      [clockTolerance]: CLOCK_TOLERANCE_S,
      [clockSkewOf]: Math.round((clock.now() - Date.now()) / 1000),
    }
    const config = new Configuration(metadata, clientId, times, authentication(metadata, clientSecret))
    config[customFetch] = createOidcFetch(options, { signal, withoutIdToken, clockAhead })
    config.timeout = 0 // core/http has its own
    if (metadata.issuer.startsWith('http:')) allowInsecureRequests(config) // only on loopback: discovery saw to it
    return config
  }

  /** One request for tokens that a user just approved: its ID token is looked at. */
  async function grant(
    type: string,
    parameters: Record<string, string>,
    expected: { nonce?: string } = {},
    signal?: AbortSignal,
  ): Promise<OidcTokens> {
    let answer: Answer
    try {
      answer = await genericGrantRequest(configure(signal), type, parameters)
    } catch (failure) {
      const told = fromProvider(failure)
      throw told.code === 'clock-skew' ? clockSkew(skewSays(aheadMs), told) : told
    }
    const claims = answer.claims()
    if (expected.nonce !== undefined && claims?.nonce !== expected.nonce)
      throw unusable('its answer does not belong to this sign-in')
    const ageS = claims ? clock.now() / 1000 - claims.iat : 0
    if (Math.abs(ageS) > CLOCK_TOLERANCE_S) throw clockSkew(skewSays(aheadMs ?? ageS * 1000))
    return toTokens(answer, claims?.sub ?? null)
  }

  async function quiet(ask: (config: Configuration) => Promise<Answer>, signal?: AbortSignal): Promise<OidcTokens> {
    try {
      return toTokens(await ask(configure(signal, true)), null)
    } catch (failure) {
      throw fromProvider(failure)
    }
  }

  return {
    metadata,
    clientId,
    configure,
    grant,
    /** This computer's clock less that of the provider, in ms, when it last answered; null: not told. */
    clockAheadMs: () => aheadMs,
    /** The refresh token of the answer, or the one that was given where it stays. @throws AppError signed-out, … */
    async refresh(refreshToken: string, signal?: AbortSignal): Promise<OidcTokens & { refreshToken: string }> {
      const tokens = await quiet((config) => refreshTokenGrant(config, refreshToken), signal)
      return { ...tokens, refreshToken: tokens.refreshToken ?? refreshToken }
    },
    /** A service account (RFC 6749 §4.4). @throws AppError credentials-refused, … */
    clientCredentials: (scope: string, signal?: AbortSignal): Promise<OidcTokens> =>
      quiet((config) => clientCredentialsGrant(config, { scope }), signal),
    /** Ends a token at the provider (RFC 7009); false where the provider has no way to. @throws AppError */
    async revoke(token: string, kind: 'access_token' | 'refresh_token', signal?: AbortSignal): Promise<boolean> {
      if (metadata.revocation_endpoint === undefined) return false
      try {
        await tokenRevocation(configure(signal), token, { token_type_hint: kind })
        return true
      } catch (failure) {
        throw fromProvider(failure)
      }
    },
  }
}

/** Where the provider says nothing, its default is Basic (Discovery §3); in the body is what most do right. */
function authentication(metadata: ProviderMetadata, clientSecret: string | undefined): ClientAuth {
  if (clientSecret === undefined) return None()
  const methods = metadata.token_endpoint_auth_methods_supported
  return methods?.includes('client_secret_post') ? ClientSecretPost(clientSecret) : ClientSecretBasic(clientSecret)
}

/** Characters of a token (RFC 6750 §2.1 and a few more): none that could end the header it stands in. */
export const isToken = (value: string) => /^[\x21-\x7e]+$/.test(value)

function toTokens(answer: Answer, subject: string | null): OidcTokens {
  if (!isToken(answer.access_token)) throw unusable('a token that cannot be sent')
  return {
    accessToken: answer.access_token,
    refreshToken: answer.refresh_token ?? null,
    expiresInS: answer.expires_in ?? null,
    subject,
  }
}

/** Which way the clock is wrong, and by how much. */
export function skewSays(aheadMs: number | null): string {
  if (aheadMs === null || Math.abs(aheadMs) < 60_000)
    return 'The clock of this computer and that of the sign-in service are too far apart.'
  const minutes = Math.round(Math.abs(aheadMs) / 60_000)
  const [count, unit] =
    minutes < 120
      ? [minutes, 'minute']
      : minutes < 2880
        ? [Math.round(minutes / 60), 'hour']
        : [Math.round(minutes / 1440), 'day']
  const by = `${count} ${unit}${count === 1 ? '' : 's'}`
  return `The clock of this computer is ${by} ${aheadMs > 0 ? 'ahead of' : 'behind'} that of the sign-in service. Set it, then sign in again.`
}
