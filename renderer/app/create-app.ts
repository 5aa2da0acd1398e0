/** Puts the parts of the window together over a bridge; nothing is asked of main yet. */
import { Toasts } from '../ui/toasts.svelte.ts'
import { Actions } from './actions.svelte.ts'
import type { App } from './app.ts'
import { type Bridge, createClient } from './bridge.svelte.ts'
import { EventStream } from './events.ts'
import { MapStatus } from './map-status.svelte.ts'
import { Memory } from './memory.svelte.ts'
import { pages } from './routes.ts'
import { Selection } from './selection.svelte.ts'
import { Shell } from './shell.svelte.ts'
import { createStores } from './stores.svelte.ts'
import { Theme } from './theme.svelte.ts'
import { windowActions } from './window-actions.ts'

/** The App over this bridge, with the actions of every page provided. Stores are empty until `feedStores`. */
export function createApp(bridge: Bridge): App {
  const client = createClient(bridge)
  const selection = new Selection()
  const memory = new Memory(client)
  const stores = createStores(client)
  const app: App = {
    bridge,
    client,
    events: new EventStream(bridge),
    stores,
    selection,
    actions: new Actions(),
    memory,
    shell: new Shell(memory, selection, pages),
    toasts: new Toasts(),
    mapStatus: new MapStatus(),
    theme: new Theme(() => stores.settings.value?.theme ?? 'system'),
  }
  app.actions.provide(() => windowActions(app))
  for (const page of Object.values(pages)) page.actions?.(app)
  return app
}
