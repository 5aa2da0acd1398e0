/**
 * THE LIST OF PAGES: feature → where it stands in the window and the components that show it.
 * Owns: the order of the rail, and which parts exist. A feature without an entry does not compile.
 * Every part is a function that imports it, so that the first frame of the map waits for none of them.
 *
 * To add a page: give its entry `list`, `inspector`, `workspace` or `drawer`. An inspector receives `{ id }`, the
 * others no props; all of them call `useApp()`. Its actions are provided by `actions` once at start.
 */
import BookOpen from '@lucide/svelte/icons/book-open'
import Cable from '@lucide/svelte/icons/cable'
import Download from '@lucide/svelte/icons/download'
import FolderTree from '@lucide/svelte/icons/folder-tree'
import Layers from '@lucide/svelte/icons/layers'
import LibraryBig from '@lucide/svelte/icons/library-big'
import ListChecks from '@lucide/svelte/icons/list-checks'
import Settings from '@lucide/svelte/icons/settings'
import SquareDashed from '@lucide/svelte/icons/square-dashed'
import Stethoscope from '@lucide/svelte/icons/stethoscope'
import Workflow from '@lucide/svelte/icons/workflow'
import type { Component } from 'svelte'
import type { FeatureName } from '../../preload/contract/index.ts'
import { provideAreaActions } from '../areas/area-actions.ts'
import { provideCatalogueActions } from '../catalogue/catalogue-actions.ts'
import { provideConnectionActions } from '../connections/connection-actions.ts'
import { connectionBadge } from '../connections/connection-words.ts'
import { provideGraphActions } from '../graphs/graph-actions.ts'
import { provideJobActions } from '../jobs/job-actions.ts'
import { jobBadge } from '../jobs/job-words.ts'
import { provideLayerActions } from '../layers/layer-actions.ts'
import { provideLibraryActions } from '../library/result-actions.ts'
import { localBadge } from '../local/local-words.ts'
import { provideTransferActions } from '../transfers/transfer-actions.ts'
import { countOf } from '../ui/format.ts'
import type { IconOf } from '../ui/icon.ts'
import type { App } from './app.ts'
import type { SelectionKind } from './selection.svelte.ts'

// biome-ignore lint/complexity/noBannedTypes: a component without props is Component<{}>
export type Part<Props extends Record<string, unknown> = {}> = () => Promise<{ default: Component<Props> }>

export type Badge = {
  /** Shown in the badge; a dot where it is absent. */
  count?: number
  /** `busy`: something runs; `attention`: something needs the user. */
  tone: 'busy' | 'attention'
  /** What it means, for the tooltip and screen readers: `2 jobs running`. */
  says: string
}

export type InspectorPart = { kinds: readonly SelectionKind[]; load: Part<{ id: string }> }

export type Page = {
  title: string
  icon: IconOf
  /** `rail`: with the features; `foot`: at the rail's foot; `none`: reached in another way (drawer tab, palette). */
  place: 'rail' | 'foot' | 'none'
  /** The list beside the rail. */
  list?: Part
  /** Shows the selected thing at the right, for these kinds. */
  inspector?: InspectorPart | readonly InspectorPart[]
  /** What needs room and takes the map's place; `workspaceTitle` where it is called otherwise than the page. */
  workspace?: Part
  workspaceTitle?: string
  /** A tab of the drawer at the bottom. */
  drawer?: { id: string; title: string; load: Part }
  badge?: (app: App) => Badge | undefined
  /** Called once at start with app.actions ready: `app.actions.provide(…)`, `app.actions.provideFor('job', …)`. */
  actions?: (app: App) => void
}

export const pages: Record<FeatureName, Page> = {
  connections: {
    title: 'Connections',
    icon: Cable,
    place: 'rail',
    list: () => import('../connections/ConnectionsPage.svelte'),
    inspector: { kinds: ['connection'], load: () => import('../connections/ConnectionInspector.svelte') },
    badge: ({ stores }) => connectionBadge(stores.connections.all),
    actions: provideConnectionActions,
  },
  catalogue: {
    title: 'Catalogue',
    icon: BookOpen,
    place: 'rail',
    list: () => import('../catalogue/CataloguePage.svelte'),
    inspector: [
      { kinds: ['collection'], load: () => import('../catalogue/CollectionInspector.svelte') },
      { kinds: ['process'], load: () => import('../catalogue/ProcessInspector.svelte') },
      { kinds: ['catalogue-entry'], load: () => import('../catalogue/EntryInspector.svelte') },
    ],
    workspace: () => import('../catalogue/ComparePage.svelte'),
    workspaceTitle: 'Compare',
    actions: provideCatalogueActions,
  },
  areas: {
    title: 'Areas',
    icon: SquareDashed,
    place: 'rail',
    list: () => import('../areas/AreasPage.svelte'),
    inspector: { kinds: ['area'], load: () => import('../areas/AreaInspector.svelte') },
    actions: provideAreaActions,
  },
  graphs: {
    title: 'Run a process',
    icon: Workflow,
    place: 'rail',
    list: () => import('../graphs/ComposePage.svelte'),
    drawer: { id: 'graph', title: 'Process graph', load: () => import('../graphs/GraphDrawer.svelte') },
    actions: provideGraphActions,
  },
  jobs: {
    title: 'Jobs',
    icon: ListChecks,
    place: 'rail',
    list: () => import('../jobs/JobsPage.svelte'),
    inspector: { kinds: ['job'], load: () => import('../jobs/JobInspector.svelte') },
    drawer: { id: 'logs', title: 'Logs', load: () => import('../jobs/LogsDrawer.svelte') },
    badge: ({ stores }) => jobBadge(stores.jobs.all),
    actions: provideJobActions,
  },
  library: {
    title: 'Library',
    icon: LibraryBig,
    place: 'rail',
    list: () => import('../library/LibraryPage.svelte'),
    inspector: { kinds: ['result'], load: () => import('../library/ResultInspector.svelte') },
    actions: provideLibraryActions,
  },
  layers: {
    title: 'Layers',
    icon: Layers,
    place: 'rail',
    list: () => import('../layers/LayersPage.svelte'),
    inspector: { kinds: ['layer'], load: () => import('../layers/LayerInspector.svelte') },
    actions: provideLayerActions,
  },
  local: {
    title: 'Local data',
    icon: FolderTree,
    place: 'rail',
    list: () => import('../local/LocalPage.svelte'),
    badge: ({ stores }) => localBadge(stores.local.value),
  },
  transfers: {
    title: 'Transfers',
    icon: Download,
    place: 'none',
    drawer: { id: 'transfers', title: 'Transfers', load: () => import('../transfers/TransfersTab.svelte') },
    actions: provideTransferActions,
  },
  diagnostics: {
    title: 'Diagnostics',
    icon: Stethoscope,
    place: 'foot',
    workspace: () => import('../diagnostics/DiagnosticsPage.svelte'),
    badge: ({ stores }) =>
      stores.diagnostics.notices.length
        ? { tone: 'attention', says: countOf(stores.diagnostics.notices.length, 'notice') }
        : undefined,
  },
  settings: {
    title: 'Settings',
    icon: Settings,
    place: 'foot',
    workspace: () => import('../settings/SettingsPage.svelte'),
  },
}

export const isFeatureName = (name: string): name is FeatureName => Object.hasOwn(pages, name)
export const featureNames = Object.keys(pages) as FeatureName[]

/**
 * The map. Its component takes no props; it calls useApp(), reads app.memory.view for its first view and writes it
 * back after each move, and fills app.mapStatus.
 */
export const desk: Part | undefined = () => import('../layers/MapDesk.svelte')

/** The tabs of the drawer, in the order of the list. */
export const drawerTabs = featureNames.flatMap((name) => pages[name].drawer ?? [])
