/**
 * deck.gl behind one small class: base map, whatever layers are handed in, view state in and out.
 * Owns: the Deck instance, loading of the base map by need, the first-frame signal, the device.
 * Does not: know rasters or areas (their layers come in ready), handle keys (MapCanvas.svelte does).
 */
import { Deck, type Layer, MapView } from '@deck.gl/core'
import type { Device } from '@luma.gl/core'
import {
  type Chunk,
  type CountryLabel,
  chunkLayers,
  FINE_ZOOM,
  graticuleLayer,
  isInView,
  loadCoarse,
  loadFine,
  loadLabels,
  type MapColours,
  shownLabels,
} from './base-map.ts'
import { takeDevice } from './early-device.ts'
import { type ViewBox, viewBounds } from './projection.ts'

export type DeckMapNeeds = {
  parent: HTMLDivElement
  view: ViewBox
  colours: MapColours
  /** The user moved the map with pointer, wheel or touch. */
  moved: (target: { longitude: number; latitude: number; zoom: number }) => void
  /** Once, after the first frame that shows land. */
  firstFrame: (layerCount: number) => void
  /** The graphics device is there: layers with textures may be made from now on. */
  ready: (device: Device) => void
  failed: (error: Error) => void
}

/** What may be drawn above the base map, from the back to the front. */
export type Overlay = { rasters: Layer[]; areas: Layer[] }
type LabelMaker = (labels: CountryLabel[], colours: MapColours) => Layer

const CANVAS_STYLE = { outline: 'none', position: 'absolute', left: '0px', top: '0px', width: '100%', height: '100%' }

export class DeckMap {
  #deck: Deck<MapView>
  #needs: DeckMapNeeds
  #view: ViewBox
  #colours: MapColours
  #coarse: Chunk[] = []
  #fine: Chunk[] = []
  #labels: CountryLabel[] = []
  #makeLabels: LabelMaker | null = null
  #overlay: Overlay = { rasters: [], areas: [] }
  #isLoaded = false
  #isFirstFrameTold = false
  #isFineWanted = false
  #isClosed = false
  #canvas: HTMLCanvasElement | null

  constructor(needs: DeckMapNeeds) {
    this.#needs = needs
    this.#view = needs.view
    this.#colours = needs.colours
    const early = takeDevice()
    if (early) needs.parent.append(early.canvas)
    this.#canvas = early?.canvas ?? null
    this.#deck = new Deck<MapView>({
      ...(early ?? { parent: needs.parent }),
      views: new MapView({ id: 'map', repeat: true }),
      viewState: this.#viewState() as never,
      controller: this.#controller(true, true) as never,
      pickingRadius: 0,
      _pickable: false,
      getCursor: () => 'inherit',
      style: CANVAS_STYLE as never,
      ...(early ? {} : { onDeviceInitialized: (device: Device) => needs.ready(device) }),
      onLoad: () => {
        this.#isLoaded = true
        this.#draw()
      },
      onViewStateChange: ({ viewState, interactionState: by }) => {
        // on a new size deck.gl tells of the view that it had; the view is the window's, only the user changes it here
        if (!(by.isDragging || by.isPanning || by.isZooming || by.inTransition)) return
        const { longitude, latitude, zoom } = viewState as unknown as ViewBox
        needs.moved({ longitude, latitude, zoom })
      },
      onAfterRender: () => this.#rendered(),
      onError: (error) => needs.failed(error),
    })
    if (early) needs.ready(early.device)
    // beside the start of the graphics device, not after it
    loadCoarse()
      .then((chunks) => {
        this.#coarse = chunks
        this.#draw()
      })
      .catch((error) => needs.failed(error as Error))
  }

  show(view: ViewBox): void {
    this.#view = view
    if (this.#isClosed) return
    this.#deck.setProps({ viewState: this.#viewState() as never })
    this.#draw()
  }

  colour(colours: MapColours): void {
    this.#colours = colours
    this.#draw()
  }

  overlay(overlay: Overlay): void {
    this.#overlay = overlay
    this.#draw()
  }

  /** Which gestures belong to deck.gl and which to a drawing tool. */
  gestures({ canDragPan, canDoubleClickZoom }: { canDragPan: boolean; canDoubleClickZoom: boolean }): void {
    if (!this.#isClosed) this.#deck.setProps({ controller: this.#controller(canDragPan, canDoubleClickZoom) as never })
  }

  close(): void {
    this.#isClosed = true
    this.#deck.finalize()
    this.#canvas?.remove()
  }

  #controller(dragPan: boolean, doubleClickZoom: boolean) {
    return {
      dragPan,
      doubleClickZoom,
      dragRotate: false,
      touchRotate: false,
      keyboard: false,
      scrollZoom: { speed: 0.01, smooth: false },
    }
  }

  #viewState() {
    const { longitude, latitude, zoom } = this.#view
    return { map: { longitude, latitude, zoom, pitch: 0, bearing: 0, minZoom: -1, maxZoom: 22 } }
  }

  #draw(): void {
    // a frame without land would only hold up the one with it
    if (!this.#isLoaded || this.#isClosed || this.#coarse.length === 0) return
    this.#deck.setProps({ layers: [...this.#base(), ...this.#overlay.rasters, this.#names(), ...this.#overlay.areas] })
  }

  #base(): (Layer | null)[] {
    const isFine = this.#view.zoom >= FINE_ZOOM && this.#fine.length > 0
    if (this.#view.zoom >= FINE_ZOOM - 0.7) this.#wantFine()
    const bounds = viewBounds(this.#view)
    const chunks = isFine ? this.#fine : this.#coarse
    return [
      ...chunks.flatMap((chunk, i) =>
        isFine && !isInView(chunk.bounds, bounds)
          ? []
          : chunkLayers(
              `${isFine ? 'fine' : 'coarse'}-${i}`,
              chunk,
              this.#colours,
              this.#isFirstFrameTold ? 'all' : 'land',
            ),
      ),
      this.#isFirstFrameTold ? graticuleLayer(this.#view.zoom, this.#colours) : null,
    ]
  }

  #names(): Layer | null {
    if (!this.#makeLabels) return null
    return this.#makeLabels(shownLabels(this.#labels, this.#view.zoom), this.#colours)
  }

  #rendered(): void {
    if (this.#isFirstFrameTold || this.#coarse.length === 0 || this.#isClosed) return
    this.#isFirstFrameTold = true
    this.#needs.firstFrame(this.#coarse.length)
    // land came first; coast, borders and graticule have shaders of their own to compile
    requestAnimationFrame(() => this.#draw())
    requestIdleCallback(() => void this.#loadNames(), { timeout: 3000 })
  }

  async #loadNames(): Promise<void> {
    if (this.#isClosed) return
    try {
      const [{ labelLayer }, labels] = await Promise.all([import('./labels.ts'), loadLabels()])
      this.#makeLabels = labelLayer
      this.#labels = labels
      this.#draw()
    } catch (error) {
      this.#needs.failed(error as Error)
    }
  }

  #wantFine(): void {
    if (this.#isFineWanted || !this.#isFirstFrameTold) return
    this.#isFineWanted = true
    loadFine()
      .then((chunks) => {
        this.#fine = chunks
        this.#draw()
      })
      .catch((error) => {
        this.#isFineWanted = false
        this.#needs.failed(error as Error)
      })
  }
}
