/**
 * openeo-aggregator: the API of python-driver over a real fan-out to members. `startAggregator()` has two members,
 * `vito` (python-driver) and `eodc` (openeo-fastapi), whose data overlap; others can be handed in.
 */
import { type Federation, federationRoutes, type Member } from '../openeo/federation.ts'
import { CATALOGUE, conformance, DISCOVERY, endpoints, profileOf } from '../openeo/profile.ts'
import { fillWithSamples, sampleCollection, sampleProcess } from '../openeo/samples.ts'
import { type BackEndOptions, startBackEnd } from '../openeo/server.ts'
import type { FakeBackEnd, Profile } from '../openeo/types.ts'
import { EODC } from './eodc.ts'
import { defaultProvider } from './providers.ts'
import { PYTHON_DRIVER } from './python-driver.ts'

export const FEDERATION_CONFORMANCE = {
  '0.1': 'https://api.openeo.org/extensions/federation/0.1.0',
  '0.2': 'https://api.openeo.org/extensions/federation/0.2.0',
} as const

export const AGGREGATOR: Profile = profileOf({
  name: 'aggregator',
  title: 'openEO Platform',
  description: 'A federation of back-ends.',
  backendVersion: '0.49.0a1',
  home: '',
  versions: [{ path: '/openeo/1.2', apiVersion: '1.2.0', production: true }],
  endpoints: endpoints(
    ...DISCOVERY,
    ...CATALOGUE,
    'GET|POST /jobs',
    'GET|PATCH|DELETE /jobs/{job_id}',
    'GET|POST|DELETE /jobs/{job_id}/results',
    'GET /jobs/{job_id}/logs',
    'GET /udf_runtimes',
    'GET /service_types',
    'GET /credentials/basic',
    'GET /credentials/oidc',
    'GET /me',
    'POST /validation',
  ),
  unlisted: ['GET /health', 'GET /_info'],
  conformsTo: (apiVersion) => [...conformance(apiVersion), FEDERATION_CONFORMANCE['0.1']],
  paging: { by: null, hrefs: 'absolute', ignoresLimit: true },
  maxAgeSeconds: 900,
  providers: (issuer) => [
    defaultProvider(issuer, 'egi', {
      title: 'EGI Check-in',
      scopes: ['openid', 'email', 'eduperson_entitlement', 'eduperson_scoped_affiliation'],
      hasSlash: true,
      clients: [
        {
          id: 'openeo-platform-default-client',
          redirect_urls: ['https://editor.openeo.cloud', 'http://localhost:1410/', 'https://editor.openeo.org'],
        },
      ],
    }),
  ],
  links: (origin) => [
    { rel: 'terms-of-service', href: `${origin}/terms`, title: 'Terms of service', type: 'text/html' },
    { rel: 'privacy-policy', href: `${origin}/privacy`, title: 'Privacy policy', type: 'text/html' },
  ],
})

export type Aggregator = FakeBackEnd & { federation: Federation; members: Map<string, Member> }
export type AggregatorOptions = Omit<BackEndOptions, 'routes'> & {
  /** Already running; they are ended with the aggregator. */
  members?: Record<string, FakeBackEnd>
  version?: '0.1' | '0.2'
  timeLimitMs?: number
  backendsAt?: 'top' | 'summaries'
}

/** `close` ends the members too. `verify` and `issuer` hold for the members as well, where they are the usual ones. */
export async function startAggregator(options: AggregatorOptions = {}): Promise<Aggregator> {
  const { members: given, version = '0.1', timeLimitMs = 10_000, backendsAt = 'summaries', ...rest } = options
  const backEnds = given ?? (await usualMembers(rest))
  const members = new Map(Object.entries(backEnds).map(([id, backEnd]) => [id, memberOf(backEnd)]))
  const federation: Federation = { members, version, timeLimitMs, backendsAt, choices: [] }
  const conformsTo = (apiVersion: string) => [...conformance(apiVersion), FEDERATION_CONFORMANCE[version]]
  const backEnd = await startBackEnd({
    ...rest,
    profile: { ...(rest.profile ?? AGGREGATOR), conformsTo },
    routes: (own) => federationRoutes(own, federation),
  })
  const closeOwn = backEnd.close
  const close = async () => {
    await closeOwn()
    await Promise.all([...members.values()].map((member) => member.backEnd.close()))
  }
  return Object.assign(backEnd, { federation, members, close })
}

const memberOf = (backEnd: FakeBackEnd): Member => ({
  backEnd,
  down: () => backEnd.down(),
  up: () => backEnd.up(),
  isExperimental: false,
  isDeprecated: false,
  lastSuccess: null,
})

/** vito: all samples. eodc: SENTINEL2_L2A and its own terrain; `save_result` with one parameter more, no `ndvi`. */
async function usualMembers({ verify, issuer }: BackEndOptions): Promise<Record<string, FakeBackEnd>> {
  const shared = { ...(verify ? { verify } : {}), ...(issuer === undefined ? {} : { issuer }) }
  const vito = fillWithSamples(await startBackEnd({ ...shared, profile: { ...PYTHON_DRIVER, title: 'VITO' } }))
  const eodc = fillWithSamples(await startBackEnd({ ...shared, profile: EODC }))
  eodc.collections = [sampleCollection('SENTINEL2_L2A'), sampleCollection('AUSTRIAN_TERRAIN')]
  eodc.processes = (eodc.processes as { id: string; parameters: object[] }[])
    .filter(({ id }) => id !== 'ndvi')
    .map((process) =>
      process.id === 'save_result'
        ? { ...process, parameters: [...process.parameters, { name: 'options', description: 'Options.', schema: {} }] }
        : process,
    )
  eodc.processes = [...eodc.processes, sampleProcess('austrian_mosaic', [])]
  eodc.fileFormats.output = {
    gtiff: {
      title: 'GeoTIFF',
      gis_data_types: ['raster'],
      parameters: { zlevel: { type: 'integer', description: 'Level.' } },
    },
    Zarr: { title: 'Zarr', gis_data_types: ['raster'], parameters: {} },
  }
  return { vito, eodc }
}
