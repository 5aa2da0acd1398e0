/** What can be done with the window itself: go to a page, show and hide panels, find a command. */
import Keyboard from '@lucide/svelte/icons/keyboard'
import MapIcon from '@lucide/svelte/icons/map'
import Moon from '@lucide/svelte/icons/moon'
import PanelBottom from '@lucide/svelte/icons/panel-bottom'
import PanelLeft from '@lucide/svelte/icons/panel-left'
import PanelRight from '@lucide/svelte/icons/panel-right'
import Search from '@lucide/svelte/icons/search'
import Sun from '@lucide/svelte/icons/sun'
import { tick } from 'svelte'
import type { Action } from './actions.svelte.ts'
import type { App } from './app.ts'
import { cyclePanes, focusPane } from './panes.ts'
import { drawerTabs, featureNames, pages } from './routes.ts'

/** The window's own actions; read reactively, so titles and states follow the window. */
export function windowActions(app: App): Action[] {
  return [...goTo(app), ...panels(app), ...view(app)]
}

function goTo(app: App): Action[] {
  const inRail = featureNames.filter((name) => pages[name].place === 'rail')
  const reachable = featureNames.filter((name) => pages[name].list || pages[name].workspace)
  return reachable.map((name) => {
    const at = inRail.indexOf(name)
    const shortcut = name === 'settings' ? 'Mod+,' : at >= 0 && at < 9 ? `Mod+${at + 1}` : undefined
    return {
      id: `go.${name}`,
      title: `Go to ${pages[name].title.toLowerCase()}`,
      icon: pages[name].icon,
      ...(shortcut ? { shortcut } : {}),
      run: async () => {
        app.shell.open(name)
        await (pages[name].list ?? pages[name].workspace)?.().catch(() => undefined)
        await tick()
        focusPane(pages[name].list ? 'pane-list' : 'pane-desk')
      },
    }
  })
}

function panels(app: App): Action[] {
  const { memory, shell } = app
  const hasList = pages[shell.feature].list !== undefined
  return [
    {
      id: 'window.map',
      title: 'Go to the map',
      icon: MapIcon,
      shortcut: 'F4',
      run: () => {
        shell.showMap()
        document.getElementById('pane-desk')?.focus()
      },
    },
    {
      id: 'window.list',
      title: memory.isListOpen ? 'Hide list' : 'Show list',
      icon: PanelLeft,
      shortcut: 'Mod+B',
      isEnabled: hasList,
      run: () => {
        memory.isListOpen = !memory.isListOpen
      },
    },
    {
      id: 'window.inspector',
      title: shell.isInspectorShown ? 'Hide inspector' : 'Show inspector',
      icon: PanelRight,
      shortcut: 'Mod+I',
      run: () => shell.toggleInspector(),
    },
    {
      id: 'window.drawer',
      title: memory.isDrawerOpen ? 'Hide drawer' : 'Show drawer',
      icon: PanelBottom,
      shortcut: 'Mod+J',
      isEnabled: drawerTabs.length > 0,
      run: () => {
        memory.isDrawerOpen = !memory.isDrawerOpen
      },
    },
    ...drawerTabs.map((tab) => ({
      id: `drawer.${tab.id}`,
      title: `Show ${tab.title.toLowerCase()}`,
      icon: PanelBottom,
      run: () => shell.openDrawer(tab.id),
    })),
  ]
}

function view(app: App): Action[] {
  const useTheme = async (theme: 'light' | 'dark' | 'system') => {
    app.stores.settings.keep(await app.client.settings.change({ theme }))
  }
  return [
    {
      id: 'window.palette',
      title: 'Find a command',
      icon: Search,
      shortcut: 'Mod+K',
      run: () => {
        app.shell.overlay = 'palette'
      },
    },
    {
      id: 'window.shortcuts',
      title: 'Keyboard shortcuts',
      icon: Keyboard,
      shortcut: 'F1',
      keywords: 'help keys ?',
      run: () => {
        app.shell.overlay = 'shortcuts'
      },
    },
    { id: 'window.next-pane', title: 'Next pane', shortcut: 'F6', run: () => cyclePanes(1) },
    { id: 'window.previous-pane', title: 'Previous pane', shortcut: 'Shift+F6', run: () => cyclePanes(-1) },
    { id: 'theme.light', title: 'Use the light theme', icon: Sun, run: () => useTheme('light') },
    { id: 'theme.dark', title: 'Use the dark theme', icon: Moon, run: () => useTheme('dark') },
    { id: 'theme.system', title: 'Use the system’s theme', keywords: 'light dark', run: () => useTheme('system') },
  ]
}
