/** What can be done with the run that is being put together, from anywhere in the window. */
import Braces from '@lucide/svelte/icons/braces'
import Play from '@lucide/svelte/icons/play'
import ShieldCheck from '@lucide/svelte/icons/shield-check'
import type { Action } from '../app/actions.svelte.ts'
import type { App } from '../app/app.ts'
import { runsOf } from './runs.ts'
import { startRun } from './start-run.ts'

/** To be called once at start. Only while the form is open: what runs must be in sight. */
export function provideGraphActions(app: App): void {
  const group = 'Run a process'
  app.actions.provide((): Action[] => {
    if (app.shell.feature !== 'graphs' || !app.memory.isListOpen) return []
    return [
      { id: 'graphs.run', title: 'Run', icon: Play, group, shortcut: 'Mod+Enter', run: () => startRun(app) },
      { id: 'graphs.validate', title: 'Validate', icon: ShieldCheck, group, run: () => runsOf(app).compose.validate() },
      { id: 'graphs.json', title: 'Show process graph', icon: Braces, group, run: () => app.shell.openDrawer('graph') },
    ]
  })
}
