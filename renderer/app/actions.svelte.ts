/**
 * The one list of what can be done: inspector buttons, context menus and the command palette all read it.
 * Owns: which providers there are, and the shortcuts. Does not: do anything itself.
 */
import type { IconOf } from '../ui/icon.ts'
import type { Selected, SelectionKind } from './selection.svelte.ts'

export type Action = {
  /** Unique, e.g. `jobs.cancel`. */
  id: string
  /** What it does, as a verb: `Cancel job`. */
  title: string
  icon?: IconOf
  /** Where it belongs in the palette: `Jobs`. */
  group?: string
  /** `Mod+K`, `F6`, `Shift+?`: Mod is Ctrl, on macOS Cmd. */
  shortcut?: string
  isEnabled?: boolean
  /** Loses something or leaves the machine; drawn so, and never the first in a menu. */
  isDangerous?: boolean
  /** The main thing to do with the selection: drawn first and as a filled button. */
  isPrimary?: boolean
  /** The page of the selection has its own button for it: in menus and the palette, but not a second time at the foot. */
  isInPage?: boolean
  /** More words by which the palette finds it. */
  keywords?: string
  run(): unknown
}

type Provider = () => readonly Action[]
type ProviderOf = (id: string, ids: readonly string[]) => readonly Action[]

export class Actions {
  #general = $state.raw<readonly Provider[]>([])
  #ofKind = $state.raw<readonly { kind: SelectionKind; provider: ProviderOf }[]>([])

  /** Adds actions that do not depend on the selection. The provider is read reactively. Returns the way to take them back. */
  provide(provider: Provider): () => void {
    this.#general = [...this.#general, provider]
    return () => {
      this.#general = this.#general.filter((known) => known !== provider)
    }
  }

  /** Adds what can be done with a selected thing of this kind. */
  provideFor(kind: SelectionKind, provider: ProviderOf): () => void {
    const entry = { kind, provider }
    this.#ofKind = [...this.#ofKind, entry]
    return () => {
      this.#ofKind = this.#ofKind.filter((known) => known !== entry)
    }
  }

  /** The actions that do not depend on the selection. */
  general(): Action[] {
    return this.#general.flatMap((provider) => [...provider()])
  }

  /** What can be done with this; `ids` are all that are selected together, `selected.id` the first of them. */
  of(selected: Selected | null, ids: readonly string[] = selected ? [selected.id] : []): Action[] {
    if (!selected) return []
    return this.#ofKind
      .filter(({ kind }) => kind === selected.kind)
      .flatMap(({ provider }) => [...provider(selected.id, ids)])
  }
}

const isMac = /Mac/.test(globalThis.navigator?.platform ?? '')

/** Whether the key event is this shortcut. */
export function matchesShortcut(shortcut: string, event: KeyboardEvent): boolean {
  const parts = shortcut.split('+')
  const key = parts.at(-1) ?? ''
  const wants = (modifier: string) => parts.slice(0, -1).includes(modifier)
  const mod = isMac ? event.metaKey : event.ctrlKey
  const otherMod = isMac ? event.ctrlKey : event.metaKey
  const isSign = key.length === 1 && !/[a-z0-9]/i.test(key)
  return (
    event.key.toLowerCase() === key.toLowerCase() &&
    mod === wants('Mod') &&
    !otherMod &&
    event.altKey === wants('Alt') &&
    // a sign such as ? may need Shift on one keyboard and not on another
    (isSign || event.shiftKey === wants('Shift'))
  )
}

/** The shortcut's keys as they are written on this computer's keyboard. */
export function shortcutKeys(shortcut: string): string[] {
  const names: Record<string, string> = isMac
    ? { Mod: '⌘', Shift: '⇧', Alt: '⌥', Escape: 'Esc', ArrowUp: '↑', ArrowDown: '↓' }
    : { Mod: 'Ctrl', Escape: 'Esc', ArrowUp: '↑', ArrowDown: '↓' }
  return shortcut.split('+').map((part) => names[part] ?? part)
}
