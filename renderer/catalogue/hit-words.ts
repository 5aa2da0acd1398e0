/** Found entries of the catalogue as words: kinds, facts, why one is missing. Pure. */
import type { EntryKind, SearchHit } from '../../preload/contract/catalogue.ts'
import type { Connection } from '../../preload/contract/connections.ts'
import { countOf, formatAgo } from '../ui/format.ts'
import { monthsWords, resolutionWords } from './collection-words.ts'
import { memberTitle } from './entry-words.ts'

export const KIND_WORDS: Record<EntryKind, { one: string; many: string }> = {
  collection: { one: 'collection', many: 'collections' },
  process: { one: 'process', many: 'processes' },
  'input-format': { one: 'input format', many: 'input formats' },
  'output-format': { one: 'output format', many: 'output formats' },
  'udf-runtime': { one: 'UDF runtime', many: 'UDF runtimes' },
  'service-type': { one: 'service type', many: 'service types' },
  'processing-parameter': { one: 'processing parameter', many: 'processing parameters' },
}

/** `Output format`, for tooltips and screen readers. */
export const kindTitle = (kind: EntryKind): string => {
  const { one } = KIND_WORDS[kind]
  return one.charAt(0).toUpperCase() + one.slice(1)
}

/** Of collections what they hold: `12 bands · 10 m · since 2015-06-27`; of the others their kind and whose they are. */
export function hitFacts(hit: SearchHit): string {
  if (hit.kind === 'collection')
    return [
      hit.bandCount ? countOf(hit.bandCount, 'band') : '',
      resolutionWords(hit.resolutionM ?? undefined),
      monthsWords(hit.interval ?? undefined),
    ]
      .filter(Boolean)
      .join(' · ')
  if (hit.kind !== 'process' || !hit.namespace || hit.namespace === 'backend') return kindTitle(hit.kind)
  return hit.namespace === 'user' ? 'Your own process' : `Process of ${hit.namespace}`
}

/**
 * Why a known entry is missing from the last list: `EODC does not answer · seen 3 h ago`. `missing`: the members that
 * the list came without.
 */
export function missingWords(
  hit: Pick<SearchHit, 'members' | 'asOf'>,
  missing: readonly string[],
  connection: Pick<Connection, 'title' | 'federation'> | undefined,
  now: number,
): string {
  const gone = hit.members.length ? hit.members.filter((id) => missing.includes(id)) : [...missing]
  const names = (gone.length ? gone : hit.members).map((id) => memberTitle(id, connection?.federation ?? []))
  const who =
    names.length === 0
      ? 'Its member does not answer'
      : `${names.join(', ')} ${names.length > 1 ? 'do' : 'does'} not answer`
  return `${who} · seen ${formatAgo(hit.asOf, now)}`
}

/** `also at 2 others`; empty where nobody else offers it. */
export const twinWords = (twinCount: number): string =>
  twinCount > 0 ? `also at ${twinCount === 1 ? '1 other' : `${twinCount} others`}` : ''
