/**
 * The Google Earth Engine driver: whole documents in lists, paging by number with whole links, entity tags, two OIDC
 * clients of which none may refresh (one implicit, one by device), Basic as well, no estimate.
 */
import { BATCH_JOBS, CATALOGUE, DISCOVERY, endpoints, profileOf, USER_PROCESSES } from '../openeo/profile.ts'
import type { Profile } from '../openeo/types.ts'
import { defaultProvider, GRANTS } from './providers.ts'

export const EARTH_ENGINE: Profile = profileOf({
  name: 'earth-engine',
  title: 'Google Earth Engine',
  description: 'Earth Engine through openEO. **Experimental.**',
  backendVersion: '1.0.0-beta.4',
  home: '',
  versions: [{ path: '/v1.0', apiVersion: '1.2.0', production: false }],
  endpoints: endpoints(
    ...DISCOVERY,
    ...CATALOGUE,
    ...BATCH_JOBS,
    ...USER_PROCESSES,
    'GET /collections/{collection_id}/queryables',
    'GET /udf_runtimes',
    'GET /service_types',
    'GET /credentials/basic',
    'GET /credentials/oidc',
    'GET /me',
    'GET /files',
    'GET|PUT|DELETE /files/{path}',
    'POST /validation',
    'POST /result',
    'PATCH /jobs/{job_id}',
    'GET /jobs/{job_id}/logs',
    'GET|POST /services',
  ),
  isProduction: false,
  paging: { by: 'page', hrefs: 'absolute', ignoresLimit: false },
  hasEtags: true,
  providers: (issuer) => [
    defaultProvider(issuer, 'google', {
      title: 'Google',
      scopes: ['openid', 'https://www.googleapis.com/auth/earthengine'],
      clients: [
        { id: 'earth-engine-web', grant_types: GRANTS.implicit, redirect_urls: ['https://editor.openeo.org/'] },
        { id: 'earth-engine-device', grant_types: GRANTS.deviceOnly, redirect_urls: [] },
      ],
    }),
  ],
  billing: { currency: null, plans: [] },
})
