/**
 * OpenID Connect as a client: discovery, sign-in with a code, over the browser or as a service, refresh, revocation.
 * Built on openid-client, whose requests go through core/http. Protocol only: no state, nothing kept, nothing opened.
 */
export { type BrowserSignIn, beginBrowser } from './oidc-browser.ts'
export {
  CLOCK_TOLERANCE_S,
  createOidcClient,
  isToken,
  type OidcClient,
  type OidcTokens,
  skewSays,
} from './oidc-client.ts'
export { beginDevice, DEVICE_GRANT, type DeviceCode, pollDevice } from './oidc-device.ts'
export {
  discoverProvider,
  isSafeAddress,
  isSameIssuer,
  type ProviderMetadata,
  scopesFor,
} from './oidc-discovery.ts'
export { clockSkew } from './oidc-failures.ts'
export type { OidcNeeds } from './oidc-fetch.ts'
export { isUsableRedirect, OWN_REDIRECT_URL } from './oidc-loopback.ts'
