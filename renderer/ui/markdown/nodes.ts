/**
 * A text in Markdown as a tree of a few closed kinds, which is all that the window draws.
 * Owns: the kinds and the limits. Does not: hold markup of any sort; an address in it has passed address.ts.
 */

export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'break' }
  | { kind: 'strong' | 'emphasis' | 'deleted' | 'subscript' | 'superscript'; children: Inline[] }
  /** `href`: http, https or mailto; `host` is what a tooltip says of it. */
  | { kind: 'link'; href: string; host: string; children: Inline[] }
  /** A picture that nobody has asked for. `href` null: its address is none that could be loaded. */
  | { kind: 'picture'; href: string | null; host: string; alt: string }

export type Align = 'left' | 'center' | 'right' | null
export type Block =
  | { kind: 'paragraph'; children: Inline[] }
  | { kind: 'heading'; depth: number; children: Inline[] }
  | { kind: 'code'; text: string }
  | { kind: 'quote'; children: Block[] }
  | { kind: 'list'; isOrdered: boolean; start: number; items: ListItem[] }
  | { kind: 'table'; align: Align[]; header: Inline[][]; rows: Inline[][][] }
  | { kind: 'rule' }
/** `isDone`: of a task list; null in other lists. */
export type ListItem = { isDone: boolean | null; children: Block[] }

/** `isCut`: something was left out because of the limits; the text as it is has it. */
export type MarkdownTree = { blocks: Block[]; isCut: boolean }

/** Characters that are read; nodes that are drawn; levels of lists, quotes and emphasis within each other. */
export const LIMITS = { characters: 100_000, nodes: 4000, depth: 20 }
