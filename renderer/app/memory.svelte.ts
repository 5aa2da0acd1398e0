/**
 * The layout of the window and what main remembers of it: sizes, what is open, where the map was.
 * Owns: the values and when they are saved (half a second after the last change, and when the window is hidden).
 */

import type { Client, FeatureName } from '../../preload/contract/index.ts'
import type { WindowMemory } from '../../preload/contract/settings.ts'

export type MapView = WindowMemory['view']

const SAVE_AFTER_MS = 500
export const PANEL_LIMITS = {
  list: { min: 220, max: 640, reset: 292 },
  inspector: { min: 240, max: 720, reset: 324 },
  drawer: { min: 120, max: 800, reset: 220 },
} as const

export class Memory {
  #client: Client
  #timer: ReturnType<typeof setTimeout> | undefined
  #isRestored = false
  /** What a first start shows: where the main job begins. */
  feature = $state<FeatureName>('graphs')
  listWidthPx = $state<number>(PANEL_LIMITS.list.reset)
  inspectorWidthPx = $state<number>(PANEL_LIMITS.inspector.reset)
  drawerHeightPx = $state<number>(PANEL_LIMITS.drawer.reset)
  isListOpen = $state(true)
  isInspectorOpen = $state(true)
  isDrawerOpen = $state(false)
  drawerTab = $state('')
  /** Where the map was; null until restored, or in a first start. The map writes it after each move. */
  view = $state.raw<MapView | null>(null)
  /** The last search of the catalogue; its store writes it with each change. */
  catalogue = $state.raw<WindowMemory['catalogue']>()

  constructor(client: Client) {
    this.#client = client
  }

  /** Takes over what came with the window's address; after a reload that is old, and main is asked (at most `atMostMs`). */
  async restore(
    isFeature: (name: string) => name is FeatureName,
    { search = location.search, isReload = isReloaded(), atMostMs = 250 } = {},
  ): Promise<void> {
    const known = isReload ? await this.#askMain(atMostMs) : memoryOf(search)
    if (known) {
      if (isFeature(known.feature)) this.feature = known.feature
      this.listWidthPx = known.listWidthPx
      this.inspectorWidthPx = known.inspectorWidthPx
      this.drawerHeightPx = known.drawerHeightPx
      this.isListOpen = known.isListOpen
      this.isInspectorOpen = known.isInspectorOpen
      this.isDrawerOpen = known.isDrawerOpen
      this.drawerTab = known.drawerTab
      this.view = known.view
      this.catalogue = known.catalogue
    }
    this.#isRestored = true
  }

  #askMain(atMostMs: number): Promise<WindowMemory | null> {
    const late = new Promise<null>((resolve) => setTimeout(resolve, atMostMs, null))
    return Promise.race([this.#client.settings.windowMemory().catch(() => null), late])
  }

  /** To be called in an effect: reads every value, so that any change of one saves them all. */
  saveWhenChanged(): void {
    const now = this.snapshot()
    if (!this.#isRestored) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#save(now), SAVE_AFTER_MS)
  }

  /** Saves at once what is not saved yet, e.g. when the window closes. */
  saveNow(): void {
    if (this.#timer === undefined) return
    this.#save(this.snapshot())
  }

  snapshot(): WindowMemory {
    return {
      feature: this.feature,
      listWidthPx: this.listWidthPx,
      inspectorWidthPx: this.inspectorWidthPx,
      drawerHeightPx: this.drawerHeightPx,
      isListOpen: this.isListOpen,
      isInspectorOpen: this.isInspectorOpen,
      isDrawerOpen: this.isDrawerOpen,
      drawerTab: this.drawerTab,
      view: this.view ?? { longitude: 10, latitude: 48, zoom: 3 },
      ...(this.catalogue ? { catalogue: this.catalogue } : {}),
    }
  }

  #save(now: WindowMemory): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    // a layout that could not be saved is not worth a message; main has it in its log
    void this.#client.settings.rememberWindow(now).catch(() => undefined)
  }
}

const isReloaded = () =>
  performance.getEntriesByType('navigation').some((entry) => (entry as PerformanceNavigationTiming).type === 'reload')

/** The layout in the address of the window; null in a first start. Main wrote it, from what the window itself had said. */
export function memoryOf(search: string): WindowMemory | null {
  try {
    return JSON.parse(new URLSearchParams(search).get('memory') ?? 'null') as WindowMemory | null
  } catch {
    return null
  }
}
