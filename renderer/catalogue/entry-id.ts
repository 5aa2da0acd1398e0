/**
 * The ids by which the window selects entries of the catalogue. A collection's is its scopedId, as everywhere; the others
 * carry their kind and namespace: `connection/kind/namespace/id`, the first three percent-encoded.
 */
import type { EntryKey, EntryKind } from '../../preload/contract/catalogue.ts'
import { type SelectionKind, scopedId, splitScopedId } from '../app/selection.svelte.ts'

/** All kinds, said by the type: the contract's own list would bring its checker into the window. */
const KINDS: Record<EntryKind, true> = {
  collection: true,
  process: true,
  'input-format': true,
  'output-format': true,
  'udf-runtime': true,
  'service-type': true,
  'processing-parameter': true,
}

export const selectionKindOf = (kind: EntryKind): SelectionKind =>
  kind === 'collection' || kind === 'process' ? kind : 'catalogue-entry'

export function entryId({ connectionId, kind, namespace, id }: EntryKey): string {
  if (kind === 'collection') return scopedId(connectionId, id)
  return [connectionId, kind, namespace].map(encodeURIComponent).concat(id).join('/')
}

/** The key behind a selection's id; null where it is none. */
export function entryKeyOf(selected: SelectionKind, value: string): EntryKey | null {
  if (selected === 'collection') {
    const { connectionId, id } = splitScopedId(value)
    return { connectionId: connectionId as EntryKey['connectionId'], kind: 'collection', namespace: '', id }
  }
  const [connectionId, kind, namespace, ...rest] = value.split('/')
  if (connectionId === undefined || kind === undefined || namespace === undefined || rest.length === 0) return null
  if (!Object.hasOwn(KINDS, kind)) return null
  return {
    connectionId: decodeURIComponent(connectionId) as EntryKey['connectionId'],
    kind: kind as EntryKind,
    namespace: decodeURIComponent(namespace),
    id: rest.join('/'),
  }
}
