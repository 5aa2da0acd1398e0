/**
 * The one menu that is open, wherever it was asked for: context menus and menu buttons.
 * Owns: what is shown and where. MenuHost.svelte, once in the window, draws it.
 */
import type { IconOf } from './icon.ts'

export type MenuItem = {
  id: string
  title: string
  icon?: IconOf | undefined
  /** As written on the keyboard. */
  keys?: readonly string[] | undefined
  isEnabled?: boolean | undefined
  isDangerous?: boolean | undefined
  /** For an item that can be on or off. */
  isChecked?: boolean | undefined
  run(): unknown
}
export type MenuEntry = MenuItem | 'separator'
type Place = { x: number; y: number; alignRight?: boolean }
export type OpenMenu = { label: string; entries: readonly MenuEntry[]; place: Place; origin: HTMLElement | null }

class Menus {
  open = $state.raw<OpenMenu | null>(null)
}
export const menus = new Menus()

/**
 * Opens a menu at the pointer (a context menu event) or under an element.
 * Focus goes back to where it was when the menu closes.
 */
export function openMenu(at: MouseEvent | HTMLElement, label: string, entries: readonly MenuEntry[]): void {
  if (entries.length === 0) return
  const origin = document.activeElement instanceof HTMLElement ? document.activeElement : null
  if (at instanceof HTMLElement) {
    const box = at.getBoundingClientRect()
    menus.open = { label, entries, origin, place: { x: box.left, y: box.bottom + 2 } }
    return
  }
  at.preventDefault()
  // the menu key of the keyboard gives no position: open at the element instead
  const isKeyboard = at.clientX === 0 && at.clientY === 0 && at.target instanceof Element
  const box = isKeyboard ? (at.target as Element).getBoundingClientRect() : undefined
  const place = box ? { x: box.left + 16, y: box.top + 16 } : { x: at.clientX, y: at.clientY }
  menus.open = { label, entries, origin, place }
}
export function closeMenu(): void {
  const origin = menus.open?.origin
  menus.open = null
  if (origin?.isConnected) origin.focus()
}
