/** What a back-end says of itself: versions, capabilities, formats, runtimes, service types, parameters, health. */
import { json, refuseUnknown } from './answers.ts'
import type { Call, FakeBackEnd, Routes } from './types.ts'

/** The document of GET /. */
export function capabilities(backEnd: FakeBackEnd, { root, apiVersion }: Pick<Call, 'root' | 'apiVersion'>) {
  const { profile } = backEnd
  const paging = (path: string, rel: string) => ({ rel, href: `${root}${path}`, type: 'application/json' })
  const document: Record<string, unknown> = {
    api_version: apiVersion,
    backend_version: profile.backendVersion,
    stac_version: profile.stacVersion,
    id: profile.name,
    type: 'Catalog',
    title: profile.title,
    description: profile.description,
    ...(profile.isProduction === null ? {} : { production: profile.isProduction }),
    ...(profile.conformsTo ? { conformsTo: profile.conformsTo(apiVersion) } : {}),
    endpoints: profile.endpoints,
    ...(profile.billing ? { billing: profile.billing } : {}),
    links: [paging('/collections', 'data'), ...profile.links(backEnd.origin)],
  }
  return { ...document, ...backEnd.capabilities }
}

export function versions(backEnd: FakeBackEnd) {
  return backEnd.profile.versions.map(({ path, apiVersion, production }) => ({
    url: `${backEnd.origin}${path}${path === '' ? '/' : ''}`,
    api_version: apiVersion,
    ...(production === undefined ? {} : { production }),
  }))
}

export function discoveryRoutes(backEnd: FakeBackEnd): Routes {
  const { profile } = backEnd
  const tell = (document: (call: Call) => unknown) => ({
    auth: 'optional' as const,
    run: (call: Call) => json(call, profile, document(call)),
  })
  const missing = () => (backEnd.missing.length > 0 ? { 'federation:missing': backEnd.missing } : {})
  return {
    'GET /': tell((call) => capabilities(backEnd, call)),
    'GET /conformance': {
      auth: 'none',
      run: (call) =>
        profile.conformsTo
          ? json(call, profile, { conformsTo: profile.conformsTo(call.apiVersion) })
          : refuseUnknown(call, profile),
    },
    'GET /file_formats': tell(() => ({ ...backEnd.fileFormats, ...missing() })),
    'GET /udf_runtimes': tell(() => backEnd.udfRuntimes),
    'GET /service_types': tell(() => backEnd.serviceTypes),
    'GET /processing_parameters': tell(() => backEnd.processingParameters),
    'GET /health': tell(() => ({ health: 'OK', status: 'ok' })),
  }
}
