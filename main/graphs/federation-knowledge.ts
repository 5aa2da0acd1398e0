/**
 * What the catalogue knows of one federated connection, as the check of a graph asks for it.
 * Owns: which entry of the catalogue stands for what a graph names. Does not: judge (federation.ts).
 */
import type { EntryKind, ListName, SearchQuery } from '../../preload/contract/catalogue.ts'
import type { Connection } from '../../preload/contract/connections.ts'
import type { CatalogueFeature } from '../catalogue/index.ts'
import type { FederationKnowledge, Known } from './federation.ts'

const ALL_FORMATS: Omit<SearchQuery, 'connectionIds'> = {
  text: '',
  kinds: ['output-format'],
  bbox: null,
  interval: null,
  bands: [],
  platforms: [],
  maximumResolutionM: null,
  members: [],
  hasDeprecated: true,
  hasExperimental: true,
  sort: 'title',
  offset: 0,
  limit: 200,
}

export type FederationSource = Pick<CatalogueFeature, 'documentOf' | 'members'> & {
  handlers: Pick<CatalogueFeature['handlers'], 'lists' | 'facets' | 'search'>
}

/** Waits for the catalogue to be readable, never for a network. */
export async function federationKnowledge(
  { id, federation }: Pick<Connection, 'id' | 'federation'>,
  catalogue: FederationSource,
): Promise<FederationKnowledge> {
  const lists = await catalogue.handlers.lists({ connectionId: id })
  const { members: stated } = await catalogue.handlers.facets({ connectionIds: [id], kinds: [] })
  const { hits: formats } = await catalogue.handlers.search({ ...ALL_FORMATS, connectionIds: [id] })
  const stateOf = (name: ListName) => lists.find(({ list }) => list === name)
  const missingOf = (name: ListName) => stateOf(name)?.missing ?? []

  function entry(kind: EntryKind, entryId: string, list: ListName, namespace?: string): Known {
    const document = catalogue.documentOf(id, kind, entryId, namespace)
    if (document) {
      const members = catalogue.members(id, kind, entryId, namespace) ?? []
      return { members: members.length > 0 ? members : null, document }
    }
    // what was read only in part says nothing about what it does not contain
    return stateOf(list)?.asOf == null ? 'unknown' : 'none'
  }
  function process(processId: string, namespace: string | null): Known {
    if (namespace !== null && namespace !== 'backend' && namespace !== 'user') {
      const known = entry('process', processId, 'processes', namespace)
      return known === 'none' ? 'unknown' : known
    }
    // without a namespace a user's own process goes before one of the back-end (openEO API, process graphs)
    const own = namespace === 'backend' ? 'none' : entry('process', processId, 'user-processes', 'user')
    if (typeof own === 'object') return own
    if (namespace === 'user') return 'unknown'
    return entry('process', processId, 'processes')
  }
  /** Members may spell a format each in their own way: it is offered by all who have it in any spelling. */
  function outputFormat(name: string): Known {
    const same = formats.filter((hit) => hit.id.toUpperCase() === name.toUpperCase()).map((hit) => hit.id)
    const found = same.map((spelling) => entry('output-format', spelling, 'file-formats'))
    const [first, ...others] = found.filter((known) => typeof known === 'object')
    if (!first) return entry('output-format', name, 'file-formats')
    const all = [first, ...others].map((known) => known.members)
    return { ...first, members: all.includes(null) ? null : [...new Set(all.flatMap((members) => members ?? []))] }
  }
  return {
    members: federation,
    statesMembers: stated.length > 0,
    process,
    collection: (collectionId) => entry('collection', collectionId, 'collections'),
    outputFormat,
    missing: {
      processes: missingOf('processes'),
      collections: missingOf('collections'),
      formats: missingOf('file-formats'),
    },
  }
}
