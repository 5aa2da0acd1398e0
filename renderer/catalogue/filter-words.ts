/** Filters of the catalogue as words. Pure. */
import type { Connection } from '../../preload/contract/connections.ts'
import { accountBeside } from '../connections/connection-words.ts'
import { formatDate } from '../ui/format.ts'
import { resolutionWords } from './collection-words.ts'
import { memberTitle } from './entry-words.ts'
import type { ActiveFilter, SearchFilters } from './search-filters.ts'

/** `Terrascope (ana)`: with the account where there are several at the same back-end. */
export function connectionWords(id: string, connections: readonly Connection[]): string {
  const connection = connections.find((one) => one.id === id)
  if (!connection) return 'a connection that was removed'
  const account = accountBeside(connection, connections)
  return account ? `${connection.title} (${account})` : connection.title
}

function timeWords([from, to]: readonly [string | null, string | null]): string {
  if (from && to) return `${formatDate(from)} to ${formatDate(to)}`
  return from ? `from ${formatDate(from)}` : to ? `before ${formatDate(to)}` : 'any time'
}

/** What a chip says: `Area: Inntal`, `Band: nir`. */
export function filterWords(
  { name, value = '' }: ActiveFilter,
  filters: SearchFilters,
  connections: readonly Connection[],
): string {
  switch (name) {
    case 'connectionIds':
      return connectionWords(value, connections)
    case 'bbox':
      return `Area: ${filters.areaTitle || 'a box'}`
    case 'interval':
      return `Time: ${timeWords(filters.interval ?? [null, null])}`
    case 'bands':
      return `Band: ${value}`
    case 'platforms':
      return `Platform: ${value}`
    case 'members': {
      const all = connections.flatMap(({ federation }) => federation)
      return `Member: ${memberTitle(value, all)}`
    }
    case 'maximumResolutionM':
      return `${resolutionWords(filters.maximumResolutionM ?? undefined)} or finer`
    case 'hasDeprecated':
      return 'Not deprecated'
    case 'hasExperimental':
      return 'Not experimental'
  }
}
