/**
 * What the pages of the library share: search and order, failed attempts, the question before a removal.
 * Owns: putting the result of a job that was started in this session onto the map, once.
 */
import { SvelteMap } from 'svelte/reactivity'
import type { WireError } from '../../preload/contract/errors.ts'
import type { EventsOf } from '../../preload/contract/index.ts'
import type { Layer } from '../../preload/contract/layers.ts'
import type { Result } from '../../preload/contract/library.ts'
import type { Bbox } from '../../preload/contract/vocabulary.ts'
import type { App } from '../app/app.ts'
import { wireErrorOf } from '../app/bridge.svelte.ts'
import { oncePerApp } from '../app/once-per-app.svelte.ts'
import { runsOf } from '../graphs/runs.ts'
import { mapViewOf } from '../map/view.svelte.ts'
import { type ResultOrder, showableAssets } from './result-words.ts'

const MOST_ZOOM = 17

export class LibraryPage {
  readonly #app: App
  search = $state('')
  filter = $state('all')
  order = $state<ResultOrder>('newest')
  toRemove = $state.raw<readonly Result[]>([])
  /** The result whose title is being typed. */
  renaming = $state<string | null>(null)
  #failures = new SvelteMap<string, WireError>()
  #shown = new Set<string>()

  constructor(app: App) {
    this.#app = app
  }

  failureOf(id: string): WireError | undefined {
    return this.#failures.get(id)
  }
  forget(id: string): void {
    this.#failures.delete(id)
  }

  /** Runs something for a result; a failure stays on its page. Undefined where it failed. */
  async attempt<T>(id: string, act: () => Promise<T>): Promise<T | undefined> {
    this.forget(id)
    try {
      return await act()
    } catch (thrown) {
      this.#failures.set(id, wireErrorOf(thrown))
      return undefined
    }
  }

  /** Puts a raster onto the map, selects its layer and lets the map show its place. */
  async showOnMap(result: Result, assetKey: string): Promise<Layer | undefined> {
    const app = this.#app
    const added = await this.attempt(result.id, () => app.client.layers.add({ resultId: result.id, assetKey }))
    if (!added) return undefined
    app.stores.layers.keep(added)
    app.shell.showMap()
    app.shell.inspect('layer', added.id)
    const bounds = added.raster?.bounds ?? result.bbox
    if (bounds) mapViewOf(app).fit(bounds as Bbox, { maxZoom: MOST_ZOOM })
    return added
  }

  /** For the stream: a result that is complete now and that the user waits for goes onto the map. */
  readonly feed = {
    // what arrived while the window was hidden came without an event
    load: async (): Promise<void> => {
      if (runsOf(this.#app).startedHere.size === 0) return
      for (const result of await this.#app.client.library.list().catch(() => [])) this.#take(result)
    },
    apply: (event: EventsOf<'library'>): void => {
      if (event.name === 'changed') this.#take(event.payload)
    },
  }

  #take(result: Result): void {
    const isAwaited = result.jobId !== null && runsOf(this.#app).startedHere.has(result.jobId)
    if (!isAwaited || result.state !== 'complete' || this.#shown.has(result.id)) return
    const [asset] = showableAssets(result)
    if (!asset) return
    this.#shown.add(result.id)
    void this.showOnMap(result, asset.key)
  }
}

/** The library's pages of this window; from the first use on, awaited results go onto the map. */
export const libraryPageOf = oncePerApp((app) => {
  const made = new LibraryPage(app)
  void app.events.feed('library', made.feed)
  return made
})
