/** Asking back-ends again whether they are there: which are being asked, and what went wrong. */
import { SvelteMap, SvelteSet } from 'svelte/reactivity'
import type { WireError } from '../../preload/contract/errors.ts'
import type { App } from '../app/app.ts'
import { wireErrorOf } from '../app/bridge.svelte.ts'
import { oncePerApp } from '../app/once-per-app.svelte.ts'

export class Reconnecting {
  readonly #app: App
  readonly asked = new SvelteSet<string>()
  readonly failures = new SvelteMap<string, WireError>()

  constructor(app: App) {
    this.#app = app
  }

  async reconnect(id: string): Promise<void> {
    if (this.asked.has(id)) return
    this.asked.add(id)
    this.failures.delete(id)
    try {
      this.#app.stores.connections.keep(await this.#app.client.connections.reconnect({ id }))
    } catch (thrown) {
      this.failures.set(id, wireErrorOf(thrown))
    } finally {
      this.asked.delete(id)
    }
  }
}

export const reconnectingOf = oncePerApp((app) => new Reconnecting(app))
