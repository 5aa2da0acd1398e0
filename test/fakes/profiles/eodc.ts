/**
 * EODC on openeo-fastapi: errors are `{detail}`, Location comes without a scheme, deleting a job is answered 202 and
 * does nothing, cancelling makes it `created`; paging by token with
 * relative links; an issuer with a slash at its end.
 */
import { BATCH_JOBS, CATALOGUE, DISCOVERY, endpoints, profileOf, USER_PROCESSES } from '../openeo/profile.ts'
import type { Profile } from '../openeo/types.ts'
import { defaultProvider } from './providers.ts'

export const EODC: Profile = profileOf({
  name: 'eodc',
  title: 'EODC',
  description: 'EODC on Argo workflows.',
  backendVersion: '2026.7.1',
  home: '',
  versions: [{ path: '/openeo/1.1.0', apiVersion: '1.1.0', production: true }],
  endpoints: endpoints(
    ...DISCOVERY,
    ...CATALOGUE,
    ...BATCH_JOBS,
    ...USER_PROCESSES,
    'GET /collections/{collection_id}/items',
    'GET /udf_runtimes',
    'GET /credentials/oidc',
    'GET /me',
    'GET /files',
    'GET|PUT|DELETE /files/{path}',
    'POST /validation',
    'POST /result',
    'PATCH /jobs/{job_id}',
    'GET /jobs/{job_id}/logs',
  ),
  unlisted: ['GET /health'],
  missing: 'fastapi',
  errors: 'fastapi',
  location: 'schemeless',
  paging: { by: 'token', hrefs: 'relative', ignoresLimit: false },
  providers: (issuer) => [
    defaultProvider(issuer, 'egi', {
      title: 'EGI Check-in',
      scopes: ['openid', 'email', 'profile', 'eduperson_entitlement'],
      hasSlash: true,
      clients: [{ id: 'eodc-default-client', redirect_urls: ['https://editor.openeo.org/'] }],
    }),
  ],
  ignoresDelete: true,
  cancelResets: true,
})
