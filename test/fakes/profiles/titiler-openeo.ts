/**
 * titiler-openeo: synchronous processing and services, no jobs at all, no formats of input, FastAPI's errors, one OIDC
 * provider called `oidc` with one redirect.
 */
import { CATALOGUE, DISCOVERY, endpoints, profileOf, USER_PROCESSES } from '../openeo/profile.ts'
import type { Profile } from '../openeo/types.ts'
import { defaultProvider } from './providers.ts'

export const TITILER_OPENEO: Profile = profileOf({
  name: 'titiler-openeo',
  title: 'TiTiler',
  description: 'Tiles by openEO.',
  backendVersion: '0.5.0',
  home: '',
  versions: [{ path: '', apiVersion: '1.2.0', production: true }],
  endpoints: endpoints(
    ...DISCOVERY,
    ...CATALOGUE,
    ...USER_PROCESSES,
    'GET /udf_runtimes',
    'GET /service_types',
    'GET /credentials/oidc',
    'GET /me',
    'POST /validation',
    'POST /result',
    'GET|POST /services',
    'GET|PATCH|DELETE /services/{service_id}',
    'GET /services/xyz/{service_id}/tiles/{z}/{x}/{y}',
  ),
  missing: 'fastapi',
  errors: 'fastapi',
  bearer: 'both',
  paging: { by: null, hrefs: 'absolute', ignoresLimit: true },
  providers: (issuer) => [
    defaultProvider(issuer, 'oidc', {
      title: 'OIDC',
      scopes: ['openid'],
      clients: [{ id: 'titiler-openeo', redirect_urls: ['http://localhost:8080/callback'] }],
    }),
  ],
})
