/**
 * What every component of the window may ask for, from one context: `const app = useApp()`.
 * Owns: the word for it. Does not: make it (create-app.ts does, once; tests make their own over a fake bridge).
 */
import { createContext } from 'svelte'
import type { Client } from '../../preload/contract/index.ts'
import type { Toasts } from '../ui/toasts.svelte.ts'
import type { Actions } from './actions.svelte.ts'
import type { Bridge } from './bridge.svelte.ts'
import type { EventStream } from './events.ts'
import type { MapStatus } from './map-status.svelte.ts'
import type { Memory } from './memory.svelte.ts'
import type { Selection } from './selection.svelte.ts'
import type { Shell } from './shell.svelte.ts'
import type { Stores } from './stores.svelte.ts'
import type { Theme } from './theme.svelte.ts'

export type App = {
  bridge: Bridge
  /** Every call of the contract: `await app.client.jobs.submit(…)`; rejects with Failure. */
  client: Client
  events: EventStream
  stores: Stores
  selection: Selection
  actions: Actions
  memory: Memory
  shell: Shell
  toasts: Toasts
  mapStatus: MapStatus
  theme: Theme
}

export const [useApp, provideApp] = createContext<App>()
