/**
 * The compose store of the window, its shortcuts into other pages, and the jobs that were asked for in this session.
 * Owns: one Compose for each App. Does not: hold anything of the draft.
 */
import type { Draft } from '../../preload/contract/graphs.ts'
import type { App } from '../app/app.ts'
import { oncePerApp } from '../app/once-per-app.svelte.ts'
import { Compose } from './compose.svelte.ts'

export type Runs = {
  readonly compose: Compose
  /** Ids of jobs that the user started since the window opened: their results go onto the map by themselves. */
  readonly startedHere: Set<string>
}

/** What this window has run, and what it is composing; the draft is read from main when the form is first asked for. */
export const runsOf = oncePerApp(
  (app): Runs => ({
    startedHere: new Set<string>(),
    get compose() {
      return composeOf(app)
    },
  }),
)

const composeOf = oncePerApp((app) => {
  const compose = new Compose(app.client)
  void compose.load()
  void app.events.feed('areas', compose.areaFeed)
  void app.events.feed('catalogue', { load: async () => {}, apply: (event) => compose.catalogueChanged(event) })
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') void compose.saveNow()
  })
  addEventListener('pagehide', () => void compose.saveNow())
  return compose
})

/** Opens the form with some of it filled in, e.g. a collection of the catalogue. */
export function composeWith(app: App, part: Partial<Draft>): void {
  runsOf(app).compose.change(part)
  app.shell.open('graphs')
}
