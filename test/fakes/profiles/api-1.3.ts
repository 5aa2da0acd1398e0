/**
 * A back-end of API 1.3 that takes raw JWTs alone, and says so; authorization parameters, entity tags, paging by token
 * with whole links. What it does not have is 501.
 */
import { conformance, PLAIN, profileOf } from '../openeo/profile.ts'
import type { Profile } from '../openeo/types.ts'
import { defaultProvider } from './providers.ts'

export const JWT_CONFORMANCE = 'https://api.openeo.org/1.3.0/authentication/jwt'

export const API_1_3: Profile = profileOf({
  name: 'api-1.3',
  title: 'API 1.3',
  home: '/openeo',
  versions: [{ path: '/openeo/v1.3', apiVersion: '1.3.0', production: true }],
  endpoints: [...PLAIN.endpoints, { path: '/credentials/oidc', methods: ['GET'] }],
  conformsTo: (apiVersion) => [...conformance(apiVersion), JWT_CONFORMANCE],
  stacVersion: '1.1.0',
  missing: 'not-implemented',
  bearer: 'jwt',
  paging: { by: 'token', hrefs: 'absolute', ignoresLimit: false },
  hasEtags: true,
  providers: (issuer) => [
    {
      ...defaultProvider(issuer, 'main', {
        title: 'Main provider',
        description: 'For everybody.',
        scopes: ['openid', 'profile'],
        clients: [{ id: 'api-1-3-client', redirect_urls: [] }],
      }),
      authorization_parameters: { audience: 'openeo' },
      links: [{ rel: 'about', href: 'https://example.org/accounts', title: 'Accounts' }],
    },
  ],
})
