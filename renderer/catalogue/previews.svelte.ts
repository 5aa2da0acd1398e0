/**
 * The preview of a collection that lies on the map: one at a time, and only while its collection is selected.
 * Owns: which one. Does not: draw it (map/picture-tiles.ts), or know its server (main does, by the preview's id).
 */
import type { EntryKey, Preview } from '../../preload/contract/catalogue.ts'
import type { App } from '../app/app.ts'
import { oncePerApp } from '../app/once-per-app.svelte.ts'
import type { PictureTiles } from '../map/picture-tiles.ts'
import { entryId } from './entry-id.ts'

const MOST_ZOOM = 22

class Previews {
  readonly #app: App
  #chosen = $state.raw<{ entry: string; preview: Preview } | null>(null)
  /** Some tile of this preview did not come. */
  failedId = $state<string | null>(null)

  constructor(app: App) {
    this.#app = app
  }

  /** What lies on the map now. */
  get shown(): Preview | null {
    const chosen = this.#chosen
    return chosen && this.#app.selection.has('collection', chosen.entry) ? chosen.preview : null
  }
  show(key: EntryKey, preview: Preview): void {
    this.failedId = null
    this.#chosen = { entry: entryId(key), preview }
    this.#app.shell.showMap()
  }
  hide(): void {
    this.#chosen = null
  }
  failed(id: string): void {
    this.failedId = id
  }

  get tiles(): readonly PictureTiles[] {
    const { shown } = this
    if (!shown) return []
    const name = encodeURIComponent(shown.id)
    return [
      {
        id: shown.id,
        minZoom: Math.max(0, shown.minimumZoom ?? 0),
        maxZoom: Math.min(MOST_ZOOM, shown.maximumZoom ?? MOST_ZOOM),
        addressOf: ({ z, x, y }) => `app://tiles/${name}/${z}/${x}/${y}`,
      },
    ]
  }
  /** Whose pictures they are, for the corner of the map. */
  get credits(): string {
    const { shown } = this
    return shown ? (shown.attribution || shown.host).slice(0, 160) : ''
  }
}

export const previewsOf = oncePerApp((app) => new Previews(app))
