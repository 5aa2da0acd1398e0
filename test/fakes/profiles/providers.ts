/** Entries of /credentials/oidc with the default clients that back-ends publish. */

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code'
export const GRANTS = {
  usual: ['authorization_code+pkce', `${DEVICE}+pkce`, 'refresh_token'],
  /** Google's example: a client without refresh_token. */
  deviceOnly: [`${DEVICE}+pkce`],
  implicit: ['implicit'],
}

export type DefaultClient = { id: string; grant_types?: string[]; redirect_urls?: string[] }
type Of = { title: string; scopes: string[]; clients: DefaultClient[]; hasSlash?: boolean; description?: string }

/** `hasSlash`: the issuer ends with a slash, against the API. Clients have the usual grants unless they say otherwise. */
export function defaultProvider(issuer: string, id: string, { title, scopes, clients, hasSlash, description }: Of) {
  return {
    id,
    issuer: hasSlash ? `${issuer}/` : issuer,
    title,
    ...(description === undefined ? {} : { description }),
    scopes,
    default_clients: clients.map((client) => ({ grant_types: GRANTS.usual, ...client })),
  }
}
