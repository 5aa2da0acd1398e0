/** An entry as it is written elsewhere: a node that loads it, a line of the openEO Python client, its own web page. Pure. */
import type { EntryKey } from '../../preload/contract/catalogue.ts'
import type { Json, JsonObject } from '../../preload/contract/vocabulary.ts'

type Key = Pick<EntryKey, 'kind' | 'namespace' | 'id'>

/** The node that loads a collection whole, ready to be narrowed (openEO process load_collection). */
export const loadCollectionNode = (id: string): JsonObject => ({
  process_id: 'load_collection',
  arguments: { id, spatial_extent: null, temporal_extent: null },
})

/** A line for the openEO Python client; JSON's strings are Python's. Undefined for what has none. */
export function pythonLine({ kind, namespace, id }: Key): string | undefined {
  const text = JSON.stringify(id)
  if (kind === 'collection') return `cube = connection.load_collection(${text})`
  if (kind !== 'process') return undefined
  const where = namespace && namespace !== 'backend' ? `, namespace=${JSON.stringify(namespace)}` : ''
  return `cube = connection.datacube_from_process(${text}${where})`
}

/** Relations that lead to where an entry is described, the best first. */
const SOURCES = ['about', 'via', 'canonical', 'describedby', 'alternate']

/** The web page of an entry, as its document links it; http and https only. */
export function sourceLink(document: JsonObject | undefined): string | undefined {
  const links: readonly Json[] = Array.isArray(document?.links) ? document.links : []
  const found = links.flatMap((link) => {
    if (link === null || typeof link !== 'object' || Array.isArray(link)) return []
    const { rel, href, type } = link
    if (typeof rel !== 'string' || typeof href !== 'string' || !/^https?:\/\//i.test(href)) return []
    const rank = SOURCES.indexOf(rel)
    if (rank < 0 || !URL.canParse(href)) return []
    // of the same relation, a page for people comes before a document for programs
    return [{ href, rank: rank * 2 + (typeof type === 'string' && !type.startsWith('text/html') ? 1 : 0) }]
  })
  return found.sort((a, b) => a.rank - b.rank)[0]?.href
}
