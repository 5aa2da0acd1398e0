/**
 * What a search of the catalogue asks for, apart from the place in its answer.
 * Owns: what "no filter" means, how a filter is taken out, and what takes part in the memory of the window. Pure.
 */
import type { EntryKind, SearchQuery } from '../../preload/contract/catalogue.ts'

/** `areaTitle` names where `bbox` came from. */
export type SearchFilters = Omit<SearchQuery, 'text' | 'sort' | 'offset' | 'limit'> & { areaTitle: string }
export type SearchSort = SearchQuery['sort']

/** Everything that is known: nothing is left out unless somebody asks for it. */
export const NO_FILTERS: SearchFilters = {
  kinds: [],
  connectionIds: [],
  bbox: null,
  areaTitle: '',
  interval: null,
  bands: [],
  platforms: [],
  maximumResolutionM: null,
  members: [],
  hasDeprecated: true,
  hasExperimental: true,
}

/** The tabs over the list: kinds that belong together. */
export const KIND_GROUPS: readonly { id: string; title: string; kinds: readonly EntryKind[] }[] = [
  { id: 'collections', title: 'Collections', kinds: ['collection'] },
  { id: 'processes', title: 'Processes', kinds: ['process'] },
  { id: 'formats', title: 'Formats', kinds: ['input-format', 'output-format'] },
  { id: 'udf-runtimes', title: 'UDF runtimes', kinds: ['udf-runtime'] },
  { id: 'service-types', title: 'Service types', kinds: ['service-type'] },
  { id: 'parameters', title: 'Parameters', kinds: ['processing-parameter'] },
]

/** One filter that is in use and can be taken out; `value` is of a list. Kinds are no chip: they are the tabs. */
export type ActiveFilter = {
  name: Exclude<keyof SearchFilters, 'areaTitle' | 'kinds'>
  value?: string
}

/** The filters in use, in the order of the panel. */
export function activeFilters(filters: SearchFilters): ActiveFilter[] {
  const each = (name: 'connectionIds' | 'bands' | 'platforms' | 'members') =>
    filters[name].map((value): ActiveFilter => ({ name, value }))
  return [
    ...each('connectionIds'),
    ...(filters.bbox ? [{ name: 'bbox' } as const] : []),
    ...(filters.interval ? [{ name: 'interval' } as const] : []),
    ...each('bands'),
    ...(filters.maximumResolutionM === null ? [] : [{ name: 'maximumResolutionM' } as const]),
    ...each('platforms'),
    ...each('members'),
    ...(filters.hasDeprecated ? [] : [{ name: 'hasDeprecated' } as const]),
    ...(filters.hasExperimental ? [] : [{ name: 'hasExperimental' } as const]),
  ]
}

/** The filters without this one. */
export function withoutFilter(filters: SearchFilters, { name, value }: ActiveFilter): SearchFilters {
  switch (name) {
    case 'bbox':
      return { ...filters, bbox: null, areaTitle: '' }
    case 'interval':
    case 'maximumResolutionM':
      return { ...filters, [name]: null }
    case 'hasDeprecated':
    case 'hasExperimental':
      return { ...filters, [name]: true }
    default:
      return { ...filters, [name]: (filters[name] as string[]).filter((one) => one !== value) }
  }
}

/** Takes a value into a list, or out of it. */
export const toggled = <T extends string>(list: readonly T[], value: T): T[] =>
  list.includes(value) ? list.filter((one) => one !== value) : [...list, value]

/** The question for main, for these rows of the answer. */
export function queryOf(
  { areaTitle: _, ...filters }: SearchFilters,
  text: string,
  sort: SearchSort,
  offset: number,
  limit: number,
): SearchQuery {
  return { ...filters, text: text.slice(0, 200), sort, offset, limit }
}
