/** What is selected: one thing for the whole window, or several of one kind. The inspector shows the first. */

export const SELECTION_KINDS = [
  'connection',
  'collection',
  'process',
  'catalogue-entry',
  'area',
  'job',
  'result',
  'layer',
  'transfer',
  'folder',
] as const
export type SelectionKind = (typeof SELECTION_KINDS)[number]
/** `id` is the entity's id; for a collection or process of a connection it is `connectionId/id` (see scopedId). */
export type Selected = { kind: SelectionKind; id: string }

export class Selection {
  kind = $state<SelectionKind | null>(null)
  ids = $state.raw<readonly string[]>([])
  readonly current: Selected | null = $derived(
    this.kind && this.ids[0] !== undefined ? { kind: this.kind, id: this.ids[0] } : null,
  )

  /** Something was selected since the window opened. */
  wasUsed = $state(false)

  select(kind: SelectionKind, ...ids: readonly string[]): void {
    this.kind = ids.length ? kind : null
    this.ids = ids
    if (ids.length) this.wasUsed = true
  }
  clear(): void {
    this.kind = null
    this.ids = []
  }
  has(kind: SelectionKind, id: string): boolean {
    return this.kind === kind && this.ids.includes(id)
  }
  /** The selected ids, if they are of this kind. */
  idsOf(kind: SelectionKind): readonly string[] {
    return this.kind === kind ? this.ids : []
  }
}

/** An id that is unique only within a connection, made unique in the window. */
export const scopedId = (connectionId: string, id: string): string => `${encodeURIComponent(connectionId)}/${id}`
/** The two parts of a scopedId. */
export function splitScopedId(scoped: string): { connectionId: string; id: string } {
  const slash = scoped.indexOf('/')
  return { connectionId: decodeURIComponent(scoped.slice(0, slash)), id: scoped.slice(slash + 1) }
}
