/**
 * The Sentinel Hub driver: one version 1.0.0, endpoints with Flask's converters, no logs, files, runtimes, queryables or
 * conformance, HTML for what it does not know, numeric codes in errors, nulls for what is not set, a relative Location,
 * an issuer with a slash at its end; client id and secret are user and password of Basic.
 */
import { BATCH_JOBS, CATALOGUE, endpoints, profileOf, USER_PROCESSES } from '../openeo/profile.ts'
import type { Profile } from '../openeo/types.ts'
import { defaultProvider } from './providers.ts'

export const SENTINEL_HUB: Profile = profileOf({
  name: 'sentinel-hub',
  title: 'Sentinel Hub',
  description: 'Sentinel Hub through openEO.',
  backendVersion: '0.3.6',
  home: '/production',
  versions: [{ path: '/production', apiVersion: '1.0.0', production: true }],
  endpoints: endpoints(
    'GET /',
    'GET /file_formats',
    ...CATALOGUE,
    ...BATCH_JOBS,
    ...USER_PROCESSES,
    'GET /service_types',
    'GET /credentials/basic',
    'GET /credentials/oidc',
    'GET /me',
    'POST /validation',
    'POST /result',
    'PATCH /jobs/{job_id}',
    'GET /jobs/{job_id}/estimate',
    'GET|POST /services',
    'GET|PATCH|DELETE /services/{service_id}',
    'GET /service/xyz/{service_id}/{int:zoom}/{int:tx}/{int:ty}',
  ),
  unlisted: ['GET /health'],
  conformsTo: null,
  isProduction: null,
  stacVersion: '0.9.0',
  missing: 'html',
  errors: 'numeric',
  location: 'relative',
  hasNulls: true,
  paging: { by: null, hrefs: 'absolute', ignoresLimit: true },
  providers: (issuer) => [
    defaultProvider(issuer, 'egi', {
      title: 'EGI Check-in',
      scopes: ['openid', 'email', 'eduperson_entitlement', 'eduperson_scoped_affiliation'],
      hasSlash: true,
      clients: [
        {
          id: 'sentinel-hub-default-client',
          redirect_urls: ['https://editor.openeo.org', 'http://localhost:5000', 'http://localhost:5000/callback'],
        },
      ],
    }),
  ],
  billing: { currency: 'credits', default_plan: 'standard', plans: [] },
  jobFields: ['title', 'description', 'process', 'plan', 'budget'],
  cancelResets: true,
})
