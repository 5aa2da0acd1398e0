/**
 * The compose store of the window, its shortcuts into other pages, and the jobs that were asked for in this session.
 * Owns: one Compose for each App. Does not: hold anything of the draft.
 */
import { SvelteSet } from 'svelte/reactivity'
import type { Draft } from '../../preload/contract/graphs.ts'
import type { App } from '../app/app.ts'
import { Compose } from './compose.svelte.ts'

export type Runs = {
  compose: Compose
  /** Ids of jobs that the user started since the window opened: their results go onto the map by themselves. */
  startedHere: SvelteSet<string>
}

const all = new WeakMap<App, Runs>()

/** What this window is composing; read from main at the first use. */
export function runsOf(app: App): Runs {
  const known = all.get(app)
  if (known) return known
  const made = { compose: new Compose(app.client), startedHere: new SvelteSet<string>() }
  all.set(app, made)
  void made.compose.load()
  void app.events.feed('areas', made.compose.areaFeed)
  void app.events.feed('catalogue', { load: async () => {}, apply: () => made.compose.rebuild() })
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') void made.compose.saveNow()
  })
  addEventListener('pagehide', () => void made.compose.saveNow())
  return made
}

/** Opens the form with some of it filled in, e.g. a collection of the catalogue. */
export function composeWith(app: App, part: Partial<Draft>): void {
  runsOf(app).compose.change(part)
  app.shell.open('graphs')
}
