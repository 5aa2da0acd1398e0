/**
 * Areas of interest as the window works with them: drawn, dropped, typed, changed, removed, and taken back.
 * Owns: the drawing on the map, the steps that can be undone, the last failure. Does not: keep areas (the store does).
 */

import type { Area } from '../../preload/contract/areas.ts'
import type { WireError } from '../../preload/contract/errors.ts'
import { bboxGeometry } from '../../preload/contract/geodesy.ts'
import type { AreaGeometry, Bbox } from '../../preload/contract/vocabulary.ts'
import type { App } from '../app/app.ts'
import { wireErrorOf } from '../app/bridge.svelte.ts'
import { oncePerApp } from '../app/once-per-app.svelte.ts'
import type { Tool } from '../map/draw-area.ts'
import { Drawing } from '../map/drawing.svelte.ts'
import { mapViewOf } from '../map/view.svelte.ts'
import { countOf } from '../ui/format.ts'

const MAX_FILE_BYTES = 20_000_000
const MAX_UNDO_STEPS = 50
type Step = { areaId: string; geometry: AreaGeometry }

export class AreasOnMap {
  #app: App
  readonly drawing: Drawing
  failure = $state.raw<WireError>()
  #steps: Step[] = []

  constructor(app: App) {
    this.#app = app
    this.drawing = new Drawing({
      drawn: (geometry) => void this.add(geometry),
      edited: (areaId, geometry, before) => void this.change(areaId, geometry, before),
    })
  }

  get all(): readonly Area[] {
    return this.#app.stores.areas.all
  }
  /** Newest first. */
  get newestFirst(): Area[] {
    return [...this.all].sort((a, b) => b.createdAt.localeCompare(a.createdAt))
  }
  get unit(): 'km2' | 'ha' {
    return this.#app.stores.settings.value?.areaUnit ?? 'km2'
  }

  draw(tool: Tool): void {
    this.#app.shell.showMap()
    mapViewOf(this.#app).arrive()
    this.drawing.begin(tool)
  }

  /** Keeps a new area and selects it. */
  async add(geometry: AreaGeometry, name?: string): Promise<Area | undefined> {
    const area = await this.#try(() => this.#app.client.areas.add(name ? { name, geometry } : { geometry }))
    if (area) {
      this.#app.stores.areas.keep(area)
      this.#app.shell.inspect('area', area.id)
    }
    return area
  }
  addBox(bbox: Bbox): Promise<Area | undefined> {
    return this.add(bboxGeometry(bbox))
  }

  /** Changes the outline; `before` makes it undoable. */
  async change(id: string, geometry: AreaGeometry, before?: AreaGeometry): Promise<boolean> {
    const area = await this.#try(() => this.#app.client.areas.update({ id: id as Area['id'], geometry }))
    if (!area) {
      this.drawing.stopEditing()
      return false
    }
    if (before) this.#steps = [...this.#steps, { areaId: id, geometry: before }].slice(-MAX_UNDO_STEPS)
    this.#app.stores.areas.keep(area)
    return true
  }

  /** Takes back the last change of an outline. */
  async undo(): Promise<void> {
    const step = this.#steps.pop()
    if (!step) return
    this.drawing.stopEditing()
    const isDone = await this.change(step.areaId, step.geometry)
    if (isDone) this.#app.toasts.say('The outline is as it was before.')
  }

  async rename(id: string, name: string): Promise<void> {
    const wanted = name.trim().slice(0, 200)
    if (!wanted || wanted === this.#app.stores.areas.get(id)?.name) return
    const area = await this.#try(() => this.#app.client.areas.update({ id: id as Area['id'], name: wanted }))
    if (area) this.#app.stores.areas.keep(area)
  }

  async remove(ids: readonly string[]): Promise<void> {
    const removed: Area[] = []
    for (const id of ids) {
      const area = this.#app.stores.areas.get(id)
      if (!area) continue
      const isDone = await this.#try(async () => {
        await this.#app.client.areas.remove({ id: area.id })
        return true
      })
      if (!isDone) continue
      removed.push(area)
      this.#app.stores.areas.drop(id)
      if (this.drawing.editing?.areaId === id) this.drawing.stopEditing()
    }
    if (!removed.length) return
    if (this.#app.selection.kind === 'area') this.#app.selection.clear()
    const words =
      removed.length === 1 ? `${removed[0]?.name} was removed.` : `${countOf(removed.length, 'area')} were removed.`
    this.#app.toasts.say(words, { undo: () => this.restore(removed.map(({ id }) => id)) })
  }

  async restore(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const area = await this.#try(() => this.#app.client.areas.restore({ id: id as Area['id'] }))
      if (area) this.#app.stores.areas.keep(area)
    }
  }

  /** Adds the polygons of GeoJSON files and shows them. What is wrong with a file is kept as `failure`. */
  async importFiles(files: readonly File[]): Promise<Area[]> {
    const added: Area[] = []
    for (const file of files) {
      if (file.size > MAX_FILE_BYTES) {
        this.failure = invalid(`${file.name} is larger than 20 MB.`)
        continue
      }
      const text = await file.text()
      const fileName = file.name.slice(0, 300)
      const areas = await this.#try(() => this.#app.client.areas.importGeoJson({ text, fileName }))
      for (const area of areas ?? []) {
        this.#app.stores.areas.keep(area)
        added.push(area)
      }
    }
    const [first] = added
    if (first) {
      this.#app.shell.inspect('area', first.id)
      mapViewOf(this.#app).fit(first.bbox)
      this.#app.toasts.say(
        added.length === 1 ? `${first.name} was added.` : `${countOf(added.length, 'area')} were added.`,
      )
    }
    return added
  }

  zoomTo(id: string): void {
    const area = this.#app.stores.areas.get(id)
    if (!area) return
    this.#app.shell.showMap()
    mapViewOf(this.#app).fit(area.bbox)
  }

  async #try<T>(run: () => Promise<T>): Promise<T | undefined> {
    try {
      const value = await run()
      this.failure = undefined
      return value
    } catch (thrown) {
      this.failure = wireErrorOf(thrown)
      return undefined
    }
  }
}

const invalid = (message: string): WireError => ({ code: 'invalid-input', message, retry: 'never', logRef: 'window' })

/** The areas of this window. */
export const areasOf = oncePerApp((app) => new AreasOnMap(app))
