/** Shortcuts of the whole window: finds the action for a key and runs it. */
import { type Action, matchesShortcut } from './actions.svelte.ts'
import type { App } from './app.ts'

/** Whether keys at this place are text. */
export const isTextEntry = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && !['checkbox', 'radio', 'range', 'button'].includes(target.type)))

/** Keys that mean something while typing are left to the text field. */
const isFreeWhileTyping = (shortcut: string): boolean =>
  shortcut.startsWith('Mod+') ? !/^Mod\+[ACVXZY]$/.test(shortcut) : /(^|\+)F\d+$/.test(shortcut)

/** The enabled action of this key, the selection's before the window's; none while a dialog is open. */
export function actionFor(app: App, event: KeyboardEvent): Action | undefined {
  if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]')) return undefined
  const typing = isTextEntry(event.target)
  return [...app.actions.of(app.selection.current, app.selection.ids), ...app.actions.general()].find(
    (action) =>
      action.shortcut !== undefined &&
      action.isEnabled !== false &&
      matchesShortcut(action.shortcut, event) &&
      (!typing || isFreeWhileTyping(action.shortcut)),
  )
}

/** The window's keydown listener. Escape gives the map its place back. */
export function handleKey(app: App, event: KeyboardEvent): void {
  const action = actionFor(app, event)
  if (action) {
    event.preventDefault()
    void action.run()
  } else if (
    event.key === 'Escape' &&
    !event.defaultPrevented &&
    app.shell.workspace &&
    !isTextEntry(event.target) &&
    !document.querySelector('dialog[open]')
  ) {
    event.preventDefault()
    app.shell.showMap()
    document.getElementById('pane-desk')?.focus()
  }
}
