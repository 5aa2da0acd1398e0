/**
 * What a back-end offers, told by its endpoints and conformance classes, and why it does not offer the rest.
 * Owns: which endpoints each offer needs, and the sentences. Does not: guess: what is not stated is not there.
 * Source: openEO API 1.0 to 1.3, and the extensions for processing parameters and workspaces.
 */
import { type ConnectionDetails, OFFERS, type OfferName } from '../../preload/contract/connections.ts'
import { comparablePath, type Endpoint } from '../protocols/capabilities.ts'

type Rule = {
  /** Each of these has to be stated. */
  needs: readonly string[]
  /** What the back-end lacks, in a sentence that begins with "The back-end". */
  lacks: string
}

const RULES: Record<OfferName, Rule> = {
  collections: { needs: ['GET /collections'], lacks: 'lists no collections' },
  queryables: {
    needs: ['GET /collections/{}/queryables'],
    lacks: 'does not say by which properties a collection can be filtered',
  },
  items: { needs: ['GET /collections/{}/items'], lacks: 'does not list the scenes of its collections' },
  processes: { needs: ['GET /processes'], lacks: 'lists no processes' },
  'file-formats': { needs: ['GET /file_formats'], lacks: 'does not list its file formats' },
  'udf-runtimes': { needs: ['GET /udf_runtimes'], lacks: 'does not run user-defined functions' },
  'service-types': { needs: ['GET /service_types'], lacks: 'lists no types of map services' },
  'processing-parameters': {
    needs: ['GET /processing_parameters'],
    lacks: 'has no further settings for processing',
  },
  validation: { needs: ['POST /validation'], lacks: 'does not check process graphs before they run' },
  synchronous: { needs: ['POST /result'], lacks: 'does not process while the user waits' },
  'batch-jobs': {
    needs: ['POST /jobs', 'GET /jobs/{}', 'POST /jobs/{}/results', 'GET /jobs/{}/results'],
    lacks: 'does not run batch jobs',
  },
  'job-update': { needs: ['PATCH /jobs/{}'], lacks: 'does not let a job be changed once it is made' },
  estimate: { needs: ['GET /jobs/{}/estimate'], lacks: 'does not estimate what a job costs' },
  'job-logs': { needs: ['GET /jobs/{}/logs'], lacks: 'gives no logs of jobs' },
  services: {
    needs: ['GET /services', 'POST /services'],
    lacks: 'does not publish results as map services',
  },
  'service-logs': { needs: ['GET /services/{}/logs'], lacks: 'gives no logs of map services' },
  'user-processes': {
    needs: ['GET /process_graphs', 'GET /process_graphs/{}', 'PUT /process_graphs/{}'],
    lacks: 'does not keep processes of its users',
  },
  files: { needs: ['GET /files', 'PUT /files/{}'], lacks: 'does not keep files of its users' },
  workspaces: { needs: ['GET /workspaces'], lacks: 'has no workspaces' },
  account: { needs: ['GET /me'], lacks: 'tells nothing about accounts' },
  basic: { needs: ['GET /credentials/basic'], lacks: 'does not take a user name and a password' },
  oidc: { needs: ['GET /credentials/oidc'], lacks: 'does not take a sign-in at a provider (OpenID Connect)' },
}

type Stated = ReadonlyMap<string, ReadonlySet<string>>

/** Paths in comparable spelling and their methods. */
function stated(endpoints: readonly Endpoint[]): Stated {
  const found = new Map<string, Set<string>>()
  for (const { path, methods } of endpoints) {
    const key = comparablePath(path)
    const known = found.get(key) ?? new Set()
    for (const method of methods) known.add(method)
    found.set(key, known)
  }
  return found
}

function missingOf(rule: Rule, has: Stated): string[] {
  return rule.needs.filter((need) => {
    const [method = '', path = ''] = need.split(' ')
    return !has.get(path)?.has(method)
  })
}

/** In the order of the contract. */
export function offersOf(endpoints: readonly Endpoint[]): OfferName[] {
  const has = stated(endpoints)
  return OFFERS.filter((offer) => missingOf(RULES[offer], has).length === 0)
}

/** For each thing that is not offered: why, as a sentence. */
export function lacksOf(endpoints: readonly Endpoint[]): ConnectionDetails['lacks'] {
  const has = stated(endpoints)
  return OFFERS.flatMap((offer) => {
    const rule = RULES[offer]
    const missing = missingOf(rule, has)
    if (missing.length === 0) return []
    const names = missing.map((need) => need.replace(/\{\}/g, '{id}'))
    const because =
      missing.length === rule.needs.length
        ? `The back-end ${rule.lacks}: its capabilities do not state ${inWords(names)}.`
        : `The back-end offers this only in part: its capabilities do not state ${inWords(names)}.`
    return [{ offer, because }]
  })
}

const inWords = (names: readonly string[]) =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`

/** Whether one endpoint is stated, e.g. `GET /conformance`. */
export function statesEndpoint(endpoints: readonly Endpoint[], need: string): boolean {
  return missingOf({ needs: [need], lacks: '' }, stated(endpoints)).length === 0
}
