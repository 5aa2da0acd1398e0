/** Actions as the entries of a menu: dangerous ones last, after a line. */
import type { MenuEntry } from '../ui/menu.svelte.ts'
import { type Action, shortcutKeys } from './actions.svelte.ts'

/** For `openMenu(event, 'Job', actionMenu(app.actions.of(selected)))`. */
export function actionMenu(actions: readonly Action[]): MenuEntry[] {
  const entry = (action: Action): MenuEntry => ({
    id: action.id,
    title: action.title,
    icon: action.icon,
    keys: action.shortcut ? shortcutKeys(action.shortcut) : undefined,
    isEnabled: action.isEnabled,
    isDangerous: action.isDangerous,
    run: action.run,
  })
  const safe = actions.filter((action) => !action.isDangerous).map(entry)
  const dangerous = actions.filter((action) => action.isDangerous).map(entry)
  return safe.length && dangerous.length ? [...safe, 'separator', ...dangerous] : [...safe, ...dangerous]
}
