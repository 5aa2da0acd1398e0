/** The state of a connection's lists as words: who was missing, what failed, what is being read. Pure. */
import type { ListName, ListState } from '../../preload/contract/catalogue.ts'
import type { Connection } from '../../preload/contract/connections.ts'
import type { WireError } from '../../preload/contract/errors.ts'
import { countOf, formatAgo, formatCount } from '../ui/format.ts'
import { memberTitle } from './entry-words.ts'

export const LIST_WORDS: Record<ListName, string> = {
  collections: 'collections',
  processes: 'processes',
  'user-processes': 'own processes',
  'file-formats': 'file formats',
  'udf-runtimes': 'UDF runtimes',
  'service-types': 'service types',
  'processing-parameters': 'processing parameters',
}

/** `collections`, `collections and processes`, `collections, processes and file formats`. */
export function andWords(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}
const listWords = (states: readonly ListState[]) => andWords(states.map(({ list }) => LIST_WORDS[list]))

export type ListNotice = {
  connectionId: string
  /** `reading`: goes on by itself; `missing`: members were missing; `failed`; `unread`: never read; `cut`: not all of it. */
  kind: 'reading' | 'missing' | 'failed' | 'unread' | 'cut'
  /** In one short line; what matters comes first. */
  brief: string
  /** The whole sentence. */
  says: string
  /** What is shown in the meantime. */
  more: string
  failure?: WireError
  /** 0 to 1 of the reading; null: nobody knows. */
  progress?: number | null
}

/** What has to be said about the lists of one connection, the most pressing thing only; undefined: nothing. */
export function listNotice(
  connection: Pick<Connection, 'id' | 'title' | 'federation' | 'state'>,
  states: readonly ListState[],
  now: number,
): ListNotice | undefined {
  const offered = states.filter(({ isOffered }) => isOffered)
  const base = { connectionId: connection.id as string }
  const reading = offered.filter(({ isReading }) => isReading)
  const failed = offered.filter(({ failure, isReading }) => failure && !isReading && failure.code !== 'canceled')
  const missing = offered.filter((state) => state.missing.length > 0)
  const unread = offered.filter(({ asOf }) => asOf === null)
  // a list that is known is read again without a word; a first reading shows how far it is
  const isFirst = reading.some(({ asOf }) => asOf === null)
  if (reading.length > 0 && (isFirst || reading.some(({ readCount }) => readCount > 0))) {
    const read = reading.reduce((sum, { readCount }) => sum + readCount, 0)
    const known = reading.reduce((sum, { count }) => sum + count, 0)
    return {
      ...base,
      kind: 'reading',
      brief: `Reading ${connection.title}`,
      says: `Reading ${connection.title}: ${read ? `${formatCount(read)} ` : ''}${listWords(reading)} …`,
      more: isFirst ? '' : 'What was known before is shown meanwhile.',
      progress: known > read && read > 0 ? read / known : null,
    }
  }
  if (failed.length > 0) {
    const old = failed.flatMap(({ asOf }) => asOf ?? [])
    const [first] = failed
    return {
      ...base,
      kind: 'failed',
      brief: `${connection.title} could not be read`,
      says: `The ${listWords(failed)} of ${connection.title} could not be read.`,
      more: old.length
        ? `What is shown was read ${formatAgo(
            old.reduce((a, b) => (a < b ? a : b)),
            now,
          )}.`
        : 'They were never read before.',
      ...(first?.failure ? { failure: first.failure } : {}),
    }
  }
  if (missing.length > 0) {
    const ids = [...new Set(missing.flatMap((state) => state.missing))]
    const names = ids.map((id) => memberTitle(id, connection.federation))
    return {
      ...base,
      kind: 'missing',
      brief: `Without ${andWords(names)}: ${connection.title}`,
      says: `The ${listWords(missing)} of ${connection.title} came without ${andWords(names)}.`,
      more: 'What is known of them is kept, and marked.',
    }
  }
  if (unread.length > 0 && unread.length === offered.length && connection.state !== 'connecting')
    return {
      ...base,
      kind: 'unread',
      brief: `${connection.title} was never read`,
      says: `What ${connection.title} offers was never read.`,
      more: '',
    }
  return cutNotice(connection, offered)
}

/** What a list lacks because of how it is written; undefined: nothing. */
function cutNotice(
  { id, title }: Pick<Connection, 'id' | 'title'>,
  states: readonly ListState[],
): ListNotice | undefined {
  const sum = (name: 'noId' | 'double' | 'refused') =>
    states.reduce((all, { skipped }) => all + (skipped?.[name] ?? 0), 0)
  const [noId, double, refused] = [sum('noId'), sum('double'), sum('refused')]
  const partial = states.filter(({ isPartial }) => isPartial)
  const entries = (count: number) => countOf(count, 'entry', 'entries')
  const parts = [
    noId && `${entries(noId)} without an id`,
    double && `${entries(double)} with the id of another one`,
    refused && `${entries(refused)} too large to read`,
  ].filter((part) => part !== 0)
  const all = noId + double + refused
  if (all === 0 && partial.length === 0) return undefined
  const leftOut = all > 0 ? `${title}: ${andWords(parts)} ${all === 1 ? 'was' : 'were'} left out.` : ''
  const circle = partial.length
    ? `The pages of the ${listWords(partial)} of ${title} lead in a circle: there may be more.`
    : ''
  return {
    connectionId: id,
    kind: 'cut',
    brief: all > 0 ? `${title}: ${entries(all)} left out` : `${title} may have more`,
    says: [leftOut, circle].filter(Boolean).join(' '),
    more: 'This is how the back-end states its lists.',
  }
}
