/** Why a search finds nothing: which of its conditions excludes the most. Asks once for each condition, one row each. */
import type { Client } from '../../preload/contract/index.ts'
import type { SearchState } from './search.svelte.ts'
import { type ActiveFilter, activeFilters, queryOf, withoutFilter } from './search-filters.ts'

/** One condition left out, and how much is found then. */
export type WayOut = { without: ActiveFilter | 'text' | 'kinds'; state: SearchState; total: number }

/** The search without one of its conditions, for each of them. */
export function relaxed({ text, filters, sort }: SearchState): Omit<WayOut, 'total'>[] {
  const ways: Omit<WayOut, 'total'>[] = activeFilters(filters).map((without) => ({
    without,
    state: { text, sort, filters: withoutFilter(filters, without) },
  }))
  if (filters.kinds.length) ways.push({ without: 'kinds', state: { text, sort, filters: { ...filters, kinds: [] } } })
  if (text.trim()) ways.push({ without: 'text', state: { text: '', sort, filters } })
  return ways
}

/** The ways that find something, the best first; `isWanted` is asked before each question, so that a new search stops it. */
export async function waysOut(
  client: Pick<Client, 'catalogue'>,
  state: SearchState,
  isWanted: () => boolean,
): Promise<WayOut[]> {
  const found: WayOut[] = []
  for (const way of relaxed(state)) {
    if (!isWanted()) return []
    const query = queryOf(way.state.filters, way.state.text, way.state.sort, 0, 1)
    const total = await client.catalogue.search(query).then(
      (answer) => answer.total,
      () => 0,
    )
    if (total > 0) found.push({ ...way, total })
  }
  return found.sort((a, b) => b.total - a.total)
}
