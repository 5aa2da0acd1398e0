/** How much is found, of how much, and how old it is: the line over the list. Pure. */
import type { EntryKind, Facets, ListState } from '../../preload/contract/catalogue.ts'
import type { Connection } from '../../preload/contract/connections.ts'
import { formatCount } from '../ui/format.ts'
import { KIND_WORDS } from './hit-words.ts'
import { oldest } from './lists.svelte.ts'

/** Entries that are known of these kinds (none: all); undefined while nobody has counted. */
export function knownCount(facets: Facets | undefined, kinds: readonly EntryKind[]): number | undefined {
  return facets?.kinds
    .filter(({ value }) => kinds.length === 0 || kinds.includes(value))
    .reduce((sum, { count }) => sum + count, 0)
}

type Found = { total: number | null; known: number | undefined; kinds: readonly EntryKind[]; isNarrowed: boolean }

/** `20,431 collections`; `12 of 20,431 collections` where something is left out; empty before the first answer. */
export function countWords({ total, known, kinds, isNarrowed }: Found): string {
  if (total === null) return ''
  const [kind] = kinds
  const words =
    kinds.length === 1 && kind
      ? KIND_WORDS[kind]
      : kinds.length === 2
        ? { one: 'format', many: 'formats' }
        : { one: 'entry', many: 'entries' }
  // the count of everything may be a moment older than the answer
  const isPart = isNarrowed && known !== undefined && known >= total
  const last = isPart ? known : total
  const name = last === 1 ? words.one : words.many
  return isPart ? `${formatCount(total)} of ${formatCount(known)} ${name}` : `${formatCount(total)} ${name}`
}

/** What the filters left out because nobody knows whether it fits; empty: nothing. */
export function unknownWords(count: number): string {
  if (count <= 0) return ''
  return `${formatCount(count)} more ${count === 1 ? 'does' : 'do'} not state what the filters ask for`
}

/** The oldest reading of what is shown, where it has to be said: a connection is cut off, off, or its list failed. */
export function shownAge(
  connections: readonly Pick<Connection, 'id' | 'kind' | 'state'>[],
  lists: readonly ListState[],
  isOnline: boolean,
): string | null {
  const old = lists.filter((list) => {
    const connection = connections.find(({ id }) => id === list.connectionId)
    if (!connection) return false
    const isCutOff = !isOnline && connection.kind !== 'embedded'
    return isCutOff || connection.state === 'failed' || connection.state === 'disabled' || list.failure !== null
  })
  return oldest(old)
}
