/**
 * Layers as the window works with them: their order, how they are drawn right now, the value under the cursor.
 * Owns: style changes on their way to main (drawn at once, saved in a moment), statistics that were read, the port.
 * Does not: keep layers (the store does), draw (renderer/viewer does), open files (main does).
 */
import { SvelteMap } from 'svelte/reactivity'
import type { WireError } from '../../preload/contract/errors.ts'
import type { BandStatistics, Layer, LayerStyle } from '../../preload/contract/layers.ts'
import type { App } from '../app/app.ts'
import { wireErrorOf } from '../app/bridge.svelte.ts'
import { oncePerApp } from '../app/once-per-app.svelte.ts'
import { mapViewOf } from '../map/view.svelte.ts'
import type { ShownRaster } from '../viewer/raster-layers.ts'
import { RasterPort } from '../viewer/raster-port.ts'
import { valueLabel } from './band-words.ts'

const SAVE_STYLE_AFTER_MS = 200

/** The values under the cursor. `values` are stored ones, band by band; null: no value there. */
export type Reading = { layerId: string; values: (number | null)[] | null; pixel: [number, number] | null }
type Place = { longitude: number; latitude: number }

export class LayersOnMap {
  #app: App
  readonly port: RasterPort
  #drafts = new SvelteMap<string, LayerStyle>()
  #timers = new Map<string, ReturnType<typeof setTimeout>>()
  #statistics = new SvelteMap<string, BandStatistics>()
  #asked = new Set<string>()
  #opening = new Set<string>()
  failure = $state.raw<WireError>()
  /** Why tiles of a layer could not be drawn, by layer. */
  readonly tileProblems = new SvelteMap<string, string>()
  reading = $state.raw<Reading | null>(null)
  #wanted: Place | null = null
  #isReading = false

  /** Top first. */
  readonly ordered: readonly Layer[] = $derived.by(() =>
    [...this.#app.stores.layers.all].sort((a, b) => a.position - b.position),
  )
  /** What is drawn, from the back to the front. */
  readonly shown: readonly ShownRaster[] = $derived.by(() =>
    this.ordered
      .flatMap((layer) =>
        layer.isVisible && layer.raster && !layer.failure
          ? [{ id: layer.id as string, style: this.styleOf(layer), raster: layer.raster }]
          : [],
      )
      .reverse(),
  )
  /** The layer that legend and value readout speak of. */
  readonly top: Layer | undefined = $derived.by(() =>
    this.ordered.find(({ isVisible, raster, failure }) => isVisible && raster && !failure),
  )

  constructor(app: App) {
    this.#app = app
    this.port = new RasterPort(() => app.client.layers.connect())
    this.port.onReopened(() => this.tileProblems.clear())
  }

  /** The style as it is drawn now, whether or not main knows it already. */
  styleOf(layer: Layer): LayerStyle {
    return this.#drafts.get(layer.id) ?? layer.style
  }

  /** Draws with the changed style at once and saves it when the changes pause. */
  restyle(layer: Layer, change: Partial<LayerStyle>): void {
    this.#drafts.set(layer.id, { ...this.styleOf(layer), ...change })
    clearTimeout(this.#timers.get(layer.id))
    this.#timers.set(
      layer.id,
      setTimeout(() => void this.#saveStyle(layer.id), SAVE_STYLE_AFTER_MS),
    )
  }

  async #saveStyle(id: Layer['id']): Promise<void> {
    const style = this.#drafts.get(id)
    if (!style) return
    const saved = await this.#try(() => this.#app.client.layers.style({ id, style }))
    if (saved) this.#app.stores.layers.keep(saved)
    // a change made meanwhile has its own timer
    if (this.#drafts.get(id) === style) this.#drafts.delete(id)
  }

  async show(id: Layer['id'], isVisible: boolean): Promise<void> {
    const layer = await this.#try(() => this.#app.client.layers.show({ id, isVisible }))
    if (layer) this.#app.stores.layers.keep(layer)
  }

  /** Moves a layer; 0 is on top. */
  async move(id: Layer['id'], position: number): Promise<void> {
    const target = Math.max(0, Math.min(this.ordered.length - 1, position))
    if (this.ordered[target]?.id === id) return
    const layers = await this.#try(() => this.#app.client.layers.move({ id, position: target }))
    for (const layer of layers ?? []) this.#app.stores.layers.keep(layer)
  }

  async remove(ids: readonly string[]): Promise<void> {
    const removed: Layer[] = []
    for (const id of ids) {
      const layer = this.#app.stores.layers.get(id)
      if (!layer) continue
      const style = this.styleOf(layer)
      const isDone = await this.#try(async () => {
        await this.#app.client.layers.remove({ id: layer.id })
        return true
      })
      if (!isDone) continue
      this.#app.stores.layers.drop(id)
      removed.push({ ...layer, style })
    }
    if (!removed.length) return
    if (this.#app.selection.kind === 'layer') this.#app.selection.clear()
    const words =
      removed.length === 1
        ? `${removed[0]?.title} was taken off the map.`
        : `${removed.length} layers were taken off the map.`
    this.#app.toasts.say(words, { undo: () => this.#putBack(removed) })
  }

  /** The same raster again, with its style and place. */
  async #putBack(removed: readonly Layer[]): Promise<void> {
    for (const { resultId, assetKey, style, position } of removed) {
      const layer = await this.#try(() => this.#app.client.layers.add({ resultId, assetKey }))
      if (!layer) continue
      this.#app.stores.layers.keep(layer)
      const styled = await this.#try(() => this.#app.client.layers.style({ id: layer.id, style }))
      if (styled) this.#app.stores.layers.keep(styled)
      await this.move(layer.id, position)
    }
  }

  /** Opens visible layers that were not opened yet. To be called when the layers change. */
  openNeeded(): void {
    for (const layer of this.ordered) {
      if (layer.isVisible && !layer.raster && !layer.failure && !this.#opening.has(layer.id)) void this.open(layer.id)
    }
  }
  async open(id: Layer['id']): Promise<void> {
    this.#opening.add(id)
    const layer = await this.#try(() => this.#app.client.layers.open({ id }))
    this.#opening.delete(id)
    if (layer) this.#app.stores.layers.keep(layer)
  }

  zoomTo(id: string): void {
    const bounds = this.#app.stores.layers.get(id)?.raster?.bounds
    if (!bounds) return
    this.#app.shell.showMap()
    mapViewOf(this.#app).fit(bounds, { maxZoom: 20 })
  }

  /** What is known of a band; exact numbers take the place of approximate ones. */
  statisticsOf(id: string, band: number): BandStatistics | undefined {
    return this.#statistics.get(`${id}/${band}/exact`) ?? this.#statistics.get(`${id}/${band}`)
  }
  /** Reads the statistics of a band once. */
  async readStatistics(id: Layer['id'], band: number, exact: boolean): Promise<void> {
    const key = exact ? `${id}/${band}/exact` : `${id}/${band}`
    if (this.#statistics.has(key) || this.#asked.has(key)) return
    this.#asked.add(key)
    const statistics = await this.#try(() => this.#app.client.layers.statistics({ id, band, exact }))
    this.#asked.delete(key)
    if (statistics) this.#statistics.set(key, statistics)
  }

  /** Reads the values of the top layer at a place: one request at a time, the latest place wins. */
  readAt(place: Place | null): void {
    this.#wanted = place
    if (!place || !this.top) {
      this.reading = null
      return
    }
    if (!this.#isReading) void this.#readLatest()
  }
  async #readLatest(): Promise<void> {
    this.#isReading = true
    while (this.#wanted && this.top) {
      const [place, layerId] = [this.#wanted, this.top.id]
      const answer = await this.port.value(layerId, place.longitude, place.latitude).catch(() => null)
      if (answer && this.#wanted && this.top?.id === layerId) this.reading = { layerId, ...answer }
      if (!answer) this.reading = null
      if (this.#wanted === place) break
      // at most one question for each frame
      await new Promise(requestAnimationFrame)
    }
    if (!this.#wanted) this.reading = null
    this.#isReading = false
  }

  /** The reading as words: the drawn bands in real units. */
  get readingLabel(): string | null {
    const { reading, top } = this
    if (!reading || !top?.raster || reading.layerId !== top.id || !reading.pixel) return null
    const { bands } = this.styleOf(top)
    return bands.map((band) => valueLabel(top, band, reading.values?.[band] ?? null)).join(' · ')
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

/** The layers of this window. */
export const layersOf = oncePerApp((app) => new LayersOnMap(app))
