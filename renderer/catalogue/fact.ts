/** A name and a value of a thing, as Facts.svelte shows them. */
export type Fact = {
  label: string
  value: string | null | undefined
  /** Set in the fixed-width font: identifiers, addresses. */
  isMono?: boolean
  /** What is copied where it is not the value itself. */
  copy?: string
}
