/**
 * Moving the focus from pane to pane (F6, Shift+F6) and back to where it was in each.
 * Owns: the order of the panes. A pane that is not shown is left out.
 */

import { tick } from 'svelte'

const PANES = ['pane-rail', 'pane-list', 'pane-desk', 'pane-drawer', 'pane-inspector', 'pane-status'] as const
export type PaneId = (typeof PANES)[number]

const lastIn = new Map<string, WeakRef<HTMLElement>>()
const FOCUSABLE =
  'button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), a[href], [tabindex]:not([tabindex="-1"]), canvas[tabindex]'

const isShown = (element: HTMLElement): boolean => element.checkVisibility({ visibilityProperty: true })

/** Remembers where the focus is in its pane; to be called on every focusin of the window. */
export function rememberFocus(target: EventTarget | null): void {
  if (!(target instanceof HTMLElement)) return
  const pane = PANES.map((id) => document.getElementById(id)).find((element) => element?.contains(target))
  if (pane && target !== pane) lastIn.set(pane.id, new WeakRef(target))
}

/** Puts the focus into a pane: where it was, else on its first stop, else on the pane itself. */
export function focusPane(id: PaneId): boolean {
  const pane = document.getElementById(id)
  if (!pane || !isShown(pane)) return false
  const known = lastIn.get(id)?.deref()
  // what the pane holds comes before the buttons of its heading
  const inside = pane.querySelector('[data-pane-content]') ?? pane
  const first = [...inside.querySelectorAll<HTMLElement>(FOCUSABLE)].find(
    (element) => element.tabIndex >= 0 && isShown(element),
  )
  const target = known?.isConnected && pane.contains(known) && isShown(known) ? known : (first ?? pane)
  // the ring must be seen: the user moved by key
  target.focus({ focusVisible: true } as FocusOptions)
  return document.activeElement === target
}

/** To be called before a pane is taken away: where the focus was in it, it goes on elsewhere. */
export function leavePane(id: PaneId, to: () => unknown): void {
  if (document.getElementById(id)?.contains(document.activeElement)) void tick().then(to)
}

/** The next pane in this direction that is shown gets the focus. */
export function cyclePanes(step: 1 | -1): void {
  const at = PANES.findIndex((id) => document.getElementById(id)?.contains(document.activeElement))
  const start = at < 0 && step < 0 ? 0 : at
  for (let turn = 1; turn <= PANES.length; turn++) {
    const next = PANES[(start + step * turn + PANES.length * 2) % PANES.length]
    if (next && focusPane(next)) return
  }
}
