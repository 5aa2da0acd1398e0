/**
 * The compose store of the window, its shortcuts into other pages, and the jobs that were asked for in this session.
 * Owns: one Compose for each App. Does not: hold anything of the draft.
 */
import type { Draft } from '../../preload/contract/graphs.ts'
import type { App } from '../app/app.ts'
import { Compose } from './compose.svelte.ts'

export type Runs = {
  readonly compose: Compose
  /** Ids of jobs that the user started since the window opened: their results go onto the map by themselves. */
  readonly startedHere: Set<string>
}

const all = new WeakMap<App, Runs>()

/** What this window is composing; the draft is read from main when the form is first asked for. */
export function runsOf(app: App): Runs {
  const known = all.get(app)
  if (known) return known
  let compose: Compose | undefined
  const made: Runs = {
    startedHere: new Set<string>(),
    get compose() {
      compose ??= begin(app)
      return compose
    },
  }
  all.set(app, made)
  return made
}

function begin(app: App): Compose {
  const compose = new Compose(app.client)
  void compose.load()
  void app.events.feed('areas', compose.areaFeed)
  void app.events.feed('catalogue', { load: async () => {}, apply: () => compose.rebuild() })
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') void compose.saveNow()
  })
  addEventListener('pagehide', () => void compose.saveNow())
  return compose
}

/** Opens the form with some of it filled in, e.g. a collection of the catalogue. */
export function composeWith(app: App, part: Partial<Draft>): void {
  runsOf(app).compose.change(part)
  app.shell.open('graphs')
}
