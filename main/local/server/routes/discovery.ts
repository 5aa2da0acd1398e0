/**
 * Who this back-end is and what it can do: discovery, capabilities, conformance, formats.
 * Owns: the answers. Conformance classes are those that the tests hold it to, no more.
 */
import type { BackEnd } from '../back-end.ts'
import { json, type Route, route } from '../exchange.ts'
import { STAC_VERSION } from '../stac-terms.ts'

export const API_VERSION = '1.2.0'
const CONFORMANCE = [
  'https://api.openeo.org/1.2.0',
  'https://api.stacspec.org/v1.0.0/core',
  'https://api.stacspec.org/v1.0.0/collections',
]

const DESCRIPTION =
  'An openEO back-end on this computer. It offers the rasters in folders of its user as collections, and computes with them locally.'

/** `endpoints` is asked for at each call, since it comes from the list that this route is part of. */
export function discoveryRoutes(backEnd: BackEnd, endpoints: () => { path: string; methods: string[] }[]): Route[] {
  const { engine, version } = backEnd
  const type = 'application/json'
  return [
    route('GET', '/.well-known/openeo', 'open', ({ base }) =>
      json({ versions: [{ url: `${base}/`, api_version: API_VERSION, production: true }] }),
    ),
    route('GET', '/', 'open', ({ base }) =>
      json({
        type: 'Catalog',
        id: 'swath-local',
        title: 'Swath, on this computer',
        description: DESCRIPTION,
        api_version: API_VERSION,
        backend_version: version,
        stac_version: STAC_VERSION,
        production: true,
        conformsTo: CONFORMANCE,
        endpoints: endpoints(),
        billing: { currency: null },
        links: [
          { rel: 'self', href: `${base}/`, type },
          { rel: 'root', href: `${base}/`, type },
          { rel: 'version-history', href: `${base}/.well-known/openeo`, type },
          { rel: 'conformance', href: `${base}/conformance`, type },
          { rel: 'data', href: `${base}/collections`, type },
        ],
      }),
    ),
    route('GET', '/conformance', 'open', () => json({ conformsTo: CONFORMANCE })),
    route('GET', '/health', 'open', () => json({ status: 'ok' })),
    route('GET', '/file_formats', 'optional', () => json(engine.fileFormats)),
    route('GET', '/udf_runtimes', 'optional', () => json({})),
    route('GET', '/service_types', 'optional', () => json({})),
  ]
}
