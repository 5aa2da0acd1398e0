/**
 * What the map shows and what it points at: the one source for canvas, status bar and keyboard.
 * Owns: centre, zoom, size, the place under the pointer or crosshair, the animation between two views.
 * Does not: draw (deck-map.ts) or persist (the shell keeps `memory`).
 */
import type { Bbox } from '../../preload/contract/vocabulary.ts'
import { oncePer } from '../ui/once-per.svelte.ts'
import type { LngLat, Pixel, ViewBox } from './projection.ts'
import * as projection from './projection.ts'

export type ViewTarget = { longitude: number; latitude: number; zoom: number }
export type Cursor = { position: LngLat; by: 'pointer' | 'keyboard' }

const ANIMATION_MS = 140
/** What `Home` shows when there is nothing to fit. */
const HOME: ViewTarget = { longitude: 10, latitude: 25, zoom: 1.2 }
const prefersStillness = () => matchMedia('(prefers-reduced-motion: reduce)').matches

export class MapViewState {
  longitude = $state(HOME.longitude)
  latitude = $state(HOME.latitude)
  zoom = $state(HOME.zoom)
  width = $state(0)
  height = $state(0)
  /** The place under the pointer, or under the crosshair while the map is used by keyboard. */
  cursor = $state.raw<Cursor | null>(null)
  /** Whether the crosshair in the middle is shown. */
  isCrosshairShown = $state(false)
  #frame = 0
  #isMoving = false
  #goal: ViewTarget | null = null
  /** The box that is to be shown: before the map has a size, and while it goes there. */
  #aim: { bbox: Bbox; maxZoom?: number } | null = null

  readonly box: ViewBox = $derived({
    longitude: this.longitude,
    latitude: this.latitude,
    zoom: this.zoom,
    width: this.width,
    height: this.height,
  })
  readonly scale = $derived(projection.scaleBar(this.latitude, this.zoom))
  readonly cursorLabel = $derived(this.cursor ? projection.coordinateLabel(this.cursor.position, this.zoom) : null)
  /** What outlives a restart. */
  readonly memory: ViewTarget = $derived({ longitude: this.longitude, latitude: this.latitude, zoom: this.zoom })
  readonly centre: LngLat = $derived([this.longitude, this.latitude])

  resize(width: number, height: number): void {
    this.width = width
    this.height = height
    // a panel that opens while the map goes somewhere changes where that is
    if (this.#aim && width > 0 && height > 0) this.fit(this.#aim.bbox, { ...this.#aim, isAnimated: false })
  }

  /** Moves at once; ends an animation that is under way. */
  set(target: Partial<ViewTarget>): void {
    this.#stop()
    this.#assign(target)
  }

  /** The graphics device tells of a move by the user; what it says of its own while the map goes somewhere is old. */
  moved(target: ViewTarget): void {
    if (!this.#isMoving) this.set(target)
  }

  /** Moves there in a moment; at once where the system asks for less motion. */
  go(target: Partial<ViewTarget>): void {
    this.#stop()
    if (prefersStillness() || this.width === 0) {
      this.#assign(target)
      return
    }
    this.#isMoving = true
    const from = this.memory
    const to = { ...from, ...target }
    this.#goal = to
    const turn = projection.nearestCopy(to.longitude, from.longitude) - from.longitude
    const begin = performance.now()
    const step = (now: number) => {
      const t = Math.min(1, Math.max(0, (now - begin) / ANIMATION_MS))
      const eased = 1 - (1 - t) ** 3
      this.#assign({
        longitude: from.longitude + turn * eased,
        latitude: from.latitude + (to.latitude - from.latitude) * eased,
        zoom: from.zoom + (to.zoom - from.zoom) * eased,
      })
      if (t < 1) this.#frame = requestAnimationFrame(step)
      else this.#stop()
    }
    this.#frame = requestAnimationFrame(step)
  }

  /** Shows a box (west > east: across the antimeridian). Before the map has a size, it is done as soon as it has. */
  fit(bbox: Bbox, { isAnimated = true, maxZoom }: { isAnimated?: boolean; maxZoom?: number } = {}): void {
    const limit = maxZoom === undefined ? {} : { maxZoom }
    const hasSize = this.width > 0 && this.height > 0
    if (hasSize) {
      const target = projection.fitted(bbox, this.width, this.height, limit)
      if (isAnimated) this.go(target)
      else this.set(target)
    }
    if (!hasSize || this.#isMoving) this.#aim = { bbox, ...limit }
  }

  /** Goes to a box that is out of sight, or too small to be recognised; else the view stays. */
  bringIntoSight(bbox: Bbox): void {
    const hasSize = this.width > 0 && this.height > 0
    if (!hasSize || !projection.isRecognisable(this.box, bbox)) this.fit(bbox)
  }

  home(): void {
    this.go(HOME)
  }

  panBy(dx: number, dy: number): void {
    this.set(projection.panned(this.box, dx, dy))
    if (this.isCrosshairShown) this.cursor = { position: this.centre, by: 'keyboard' }
  }

  /** Zooms by levels around a pixel, or around the middle. */
  zoomBy(levels: number, anchor: Pixel = [this.width / 2, this.height / 2]): void {
    this.go(projection.zoomedAt(this.box, this.zoom + levels, anchor))
  }

  project(place: LngLat): Pixel {
    return projection.project(this.box, place)
  }
  unproject(pixel: Pixel): LngLat {
    return projection.unproject(this.box, pixel)
  }

  /** Is there at once: what is drawn next belongs to where the map was going. */
  arrive(): void {
    const goal = this.#goal
    if (goal) this.set(goal)
  }

  #stop(): void {
    cancelAnimationFrame(this.#frame)
    this.#isMoving = false
    this.#aim = null
    this.#goal = null
  }

  #assign({ longitude, latitude, zoom }: Partial<ViewTarget>): void {
    if (longitude !== undefined && Number.isFinite(longitude)) this.longitude = projection.wrapLongitude(longitude)
    if (latitude !== undefined && Number.isFinite(latitude)) this.latitude = projection.clampLatitude(latitude)
    if (zoom !== undefined && Number.isFinite(zoom)) {
      this.zoom = Math.max(projection.MIN_ZOOM, Math.min(projection.MAX_ZOOM, zoom))
    }
  }
}

/** The one view of a window; the owner is whatever stands for the window (the App). */
export const mapViewOf = oncePer<object, MapViewState>(() => new MapViewState())
