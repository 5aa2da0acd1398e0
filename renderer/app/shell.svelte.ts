/** What the window shows where: the chosen feature, the open panels, the page that has taken the map's place. */
import type { FeatureName } from '../../preload/contract/index.ts'
import type { Memory } from './memory.svelte.ts'
import type { Selection, SelectionKind } from './selection.svelte.ts'

/** As much of a page as the shell must know to open it (routes.ts has the rest). */
export type Openable = { list?: unknown; workspace?: unknown; drawer?: { id: string } }
export type Overlay = 'palette' | 'shortcuts' | null

export class Shell {
  readonly memory: Memory
  #selection: Selection
  #pages: Record<FeatureName, Openable>
  /** The feature whose workspace has taken the map's place. */
  workspace = $state<FeatureName | null>(null)
  overlay = $state<Overlay>(null)

  /** The inspector was asked for although nothing was selected yet. */
  #isInspectorWanted = $state(false)

  constructor(memory: Memory, selection: Selection, pages: Record<FeatureName, Openable>) {
    this.#pages = pages
    this.memory = memory
    this.#selection = selection
  }

  get feature(): FeatureName {
    return this.memory.feature
  }

  /** Opens a feature: its list beside the rail, or its workspace in the map's place where it has no list. */
  open(feature: FeatureName): void {
    const page = this.#pages[feature]
    if (page.list) {
      this.memory.feature = feature
      this.memory.isListOpen = true
      this.workspace = null
    } else if (page.workspace) this.workspace = feature
    else if (page.drawer) this.openDrawer(page.drawer.id)
  }

  /** As a click on the rail: what is open already is closed. */
  toggle(feature: FeatureName): void {
    const page = this.#pages[feature]
    if (page.list && this.memory.feature === feature && this.memory.isListOpen && !this.workspace) {
      this.memory.isListOpen = false
    } else if (!page.list && this.workspace === feature) this.showMap()
    else this.open(feature)
  }

  /** Puts the feature's workspace (graph canvas, big table) in the map's place. */
  openWorkspace(feature: FeatureName): void {
    this.workspace = feature
  }
  showMap(): void {
    this.workspace = null
  }

  openDrawer(tab: string): void {
    this.memory.drawerTab = tab
    this.memory.isDrawerOpen = true
  }

  /** Until something is selected for the first time the inspector leaves its room to the map; from then on it stays. */
  get isInspectorShown(): boolean {
    return this.memory.isInspectorOpen && (this.#selection.wasUsed || this.#isInspectorWanted)
  }
  toggleInspector(): void {
    this.memory.isInspectorOpen = !this.isInspectorShown
    this.#isInspectorWanted = this.memory.isInspectorOpen
  }

  /** Selects a thing and shows it in the inspector. */
  inspect(kind: SelectionKind, id: string): void {
    this.#selection.select(kind, id)
    this.memory.isInspectorOpen = true
  }
}
