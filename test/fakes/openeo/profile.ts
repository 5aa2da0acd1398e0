/** A back-end that keeps to the API, and how a driver is described as what differs from it. */
import type { Endpoint, Profile } from './types.ts'

/** `endpoints` of lines: `GET /jobs` and `POST /jobs` are one entry. */
export function endpoints(...lines: string[]): Endpoint[] {
  const paths = new Map<string, string[]>()
  for (const line of lines) {
    const [methods = '', path = ''] = line.split(' ')
    paths.set(path, [...(paths.get(path) ?? []), ...methods.split('|')])
  }
  return [...paths].map(([path, methods]) => ({ path, methods }))
}

export const DISCOVERY = ['GET /', 'GET /file_formats', 'GET /conformance']
export const CATALOGUE = ['GET /collections', 'GET /collections/{collection_id}', 'GET /processes']
export const BATCH_JOBS = ['GET|POST /jobs', 'GET|DELETE /jobs/{job_id}', 'GET|POST|DELETE /jobs/{job_id}/results']
export const USER_PROCESSES = ['GET /process_graphs', 'GET|PUT|DELETE /process_graphs/{process_graph_id}']

export const conformance = (apiVersion: string) => [
  `https://api.openeo.org/${apiVersion}`,
  'https://api.stacspec.org/v1.0.0/core',
  'https://api.stacspec.org/v1.0.0/collections',
]

/** Keeps to API 1.2; everything at the root of the server. */
export const PLAIN: Profile = {
  name: 'plain',
  title: 'Fake',
  description: 'A back-end of a test.',
  backendVersion: '1',
  versions: [{ path: '', apiVersion: '1.2.0', production: true }],
  home: '',
  endpoints: endpoints(
    ...DISCOVERY,
    ...CATALOGUE,
    ...BATCH_JOBS,
    ...USER_PROCESSES,
    'GET /collections/{collection_id}/queryables',
    'GET /collections/{collection_id}/items',
    'GET /udf_runtimes',
    'GET /service_types',
    'GET /credentials/basic',
    'GET /me',
    'POST /validation',
    'POST /result',
    'PATCH /jobs/{job_id}',
    'GET /jobs/{job_id}/logs',
  ),
  unlisted: [],
  unsupported: [],
  conformsTo: conformance,
  isProduction: true,
  stacVersion: '1.0.0',
  missing: 'openeo',
  errors: 'openeo',
  bearer: 'prefixed',
  location: 'absolute',
  hasNulls: false,
  collections: 'whole',
  paging: { by: 'offset', hrefs: 'relative', ignoresLimit: false },
  hasEtags: false,
  maxAgeSeconds: null,
  providers: null,
  billing: null,
  links: () => [],
  jobFields: null,
  ignoresDelete: false,
  ignoresRestart: false,
  cancelResets: false,
}

export const profileOf = (differences: Partial<Profile> & { name: string; title: string }): Profile => ({
  ...PLAIN,
  ...differences,
})
