/**
 * openeo-python-driver with the GeoPySpark back-end behind it, as the Copernicus Data Space and VITO run it:
 * 1.0, 1.1 and 1.2 in production, 1.3 listed as not in production; no user files; PATCH and estimate are 501; exactly
 * three parts in a bearer; capabilities may be kept for 15 minutes.
 */
import {
  BATCH_JOBS,
  CATALOGUE,
  conformance,
  DISCOVERY,
  endpoints,
  profileOf,
  USER_PROCESSES,
} from '../openeo/profile.ts'
import type { Profile } from '../openeo/types.ts'
import { defaultProvider } from './providers.ts'

const PROCESSING_PARAMETERS = 'https://api.openeo.org/extensions/processing-parameters/0.1.0'

export const PYTHON_DRIVER: Profile = profileOf({
  name: 'python-driver',
  title: 'Python driver',
  description: 'A back-end on **openeo-python-driver**.\n\nSee the [documentation](https://example.org/docs).',
  backendVersion: '0.136.0a1',
  home: '',
  versions: [
    { path: '/openeo/1.3', apiVersion: '1.3.0', production: false },
    { path: '/openeo/1.0', apiVersion: '1.0.1', production: true },
    { path: '/openeo/1.2', apiVersion: '1.2.0', production: true },
    { path: '/openeo/1.1', apiVersion: '1.1.0', production: true },
  ],
  endpoints: endpoints(
    ...DISCOVERY,
    ...CATALOGUE,
    ...BATCH_JOBS,
    ...USER_PROCESSES,
    'GET /collections/{collection_id}/queryables',
    'GET /collections/{collection_id}/items',
    'GET /processes/{namespace}',
    'GET /processes/{namespace}/{process_id}',
    'GET /udf_runtimes',
    'GET /service_types',
    'GET /processing_parameters',
    'GET /credentials/basic',
    'GET /credentials/oidc',
    'GET /me',
    'POST /validation',
    'POST /result',
    'GET /jobs/{job_id}/logs',
    'GET|POST /services',
  ),
  unlisted: ['GET /health'],
  unsupported: ['PATCH /jobs/{id}', 'GET /jobs/{id}/estimate'],
  conformsTo: (apiVersion) => [...conformance(apiVersion), PROCESSING_PARAMETERS],
  isProduction: true,
  paging: { by: null, hrefs: 'absolute', ignoresLimit: true },
  maxAgeSeconds: 900,
  providers: (issuer) => [
    defaultProvider(issuer, 'CDSE', {
      title: 'Data Space',
      scopes: ['openid', 'email', 'profile'],
      clients: [{ id: 'python-driver-default-client', redirect_urls: [] }],
    }),
  ],
  billing: {
    currency: 'credits',
    default_plan: 'generic',
    plans: [{ name: 'generic', description: 'The plan of everybody.', url: 'https://example.org/plans', paid: false }],
  },
  links: (origin) => [
    { rel: 'terms-of-service', href: `${origin}/terms`, title: 'Terms of service', type: 'text/html' },
    { rel: 'privacy-policy', href: `${origin}/privacy`, title: 'Privacy policy', type: 'text/html' },
    { rel: 'create-form', href: `${origin}/register`, title: 'Register' },
  ],
  ignoresRestart: true,
})
