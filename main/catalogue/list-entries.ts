/**
 * The lists of the openEO API, and how each falls into entries. Pure.
 * Source: openEO API 1.2.0, "EO Data Discovery", "Process Discovery", "Capabilities"; processing parameters extension 0.1.
 */
import type { EntryKind, ListName } from '../../preload/contract/catalogue.ts'

type Loose = Record<string, unknown>
const isObject = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const object = (value: unknown): Loose => (isObject(value) ? value : {})

/** `arrayKey`: long lists are read entry by entry; the others are one small document. */
export const LISTS: Readonly<Record<ListName, { path: string; arrayKey: string | null }>> = {
  collections: { path: '/collections', arrayKey: 'collections' },
  processes: { path: '/processes', arrayKey: 'processes' },
  'user-processes': { path: '/process_graphs', arrayKey: 'processes' },
  'file-formats': { path: '/file_formats', arrayKey: null },
  'udf-runtimes': { path: '/udf_runtimes', arrayKey: null },
  'service-types': { path: '/service_types', arrayKey: null },
  'processing-parameters': { path: '/processing_parameters', arrayKey: null },
}

const LONGEST_ID = 2000
export type ListedEntry = { kind: EntryKind; namespace: string; id: string; document: Loose }

/** An entry of a long list; null where it has no id that it could be asked for by. */
export function listedEntry(list: ListName, document: unknown): ListedEntry | null {
  if (!isObject(document)) return null
  const { id, namespace } = document
  if (typeof id !== 'string' || id === '' || id.length > LONGEST_ID) return null
  if (list === 'collections') return { kind: 'collection', namespace: '', id, document }
  const stated = typeof namespace === 'string' && namespace !== '' ? namespace.slice(0, LONGEST_ID) : null
  return { kind: 'process', namespace: list === 'user-processes' ? 'user' : (stated ?? 'backend'), id, document }
}

const named = (kind: EntryKind, members: unknown): ListedEntry[] =>
  Object.entries(object(members)).flatMap(([id, document]) =>
    id !== '' && id.length <= LONGEST_ID && isObject(document) && !id.startsWith('federation:')
      ? [{ kind, namespace: '', id, document }]
      : [],
  )

/** The entries of a list that is one document; names of processing parameters that come in several groups count once. */
export function entriesOf(list: ListName, value: unknown): ListedEntry[] {
  const document = object(value)
  if (list === 'file-formats')
    return [...named('input-format', document.input), ...named('output-format', document.output)]
  if (list === 'udf-runtimes') return named('udf-runtime', document)
  if (list === 'service-types') return named('service-type', document)
  return Object.values(document)
    .flatMap((group) => (Array.isArray(group) ? group : []))
    .filter(isObject)
    .filter((parameter) => typeof parameter.name === 'string' && parameter.name !== '')
    .map((parameter) => ({
      kind: 'processing-parameter',
      namespace: '',
      id: (parameter.name as string).slice(0, LONGEST_ID),
      document: parameter,
    }))
}

/** `federation:missing` of a list: ids of members that did not answer. */
export const missingMembers = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((id): id is string => typeof id === 'string').slice(0, 200) : []

/** The address of the link `next`, as written. */
export function nextLink(links: unknown): string | null {
  const found = (Array.isArray(links) ? links : []).find((link) => object(link).rel === 'next')
  const { href } = object(found)
  return typeof href === 'string' && href !== '' && href.length <= 8192 ? href : null
}

/**
 * What becomes of an entry that a list does not have any more: it stays where any member that has it (or may have it) did
 * not answer. That another member dropped it says nothing about that one.
 */
export function judgeAbsent(members: readonly string[], missing: readonly string[]): 'missing' | 'gone' {
  if (missing.length === 0) return 'gone'
  return members.length === 0 || members.some((member) => missing.includes(member)) ? 'missing' : 'gone'
}

/**
 * Members of an entry that is stated again. Those that are not stated any more stay as `lost`, since it may be they who
 * did not answer; `settleLost` decides at the end of the list, where that is known. [] is all members.
 */
export function restateMembers(
  stated: readonly string[],
  former: readonly string[],
): { members: string[]; lost: string[] } {
  if (stated.length === 0) return { members: [], lost: [] }
  const lost = former.filter((member) => !stated.includes(member))
  return { members: [...stated, ...lost], lost }
}
export function settleLost(
  { members, lost }: { members: readonly string[]; lost: readonly string[] },
  missing: readonly string[],
): { members: string[]; lost: string[] } {
  const stay = lost.filter((member) => missing.includes(member))
  return { members: members.filter((member) => !lost.includes(member) || stay.includes(member)), lost: stay }
}
