/**
 * What the user does with the embedded back-end and its folders.
 * Owns: which action is under way and what went wrong. Does not: keep the status (the store does).
 */
import type { WireError } from '../../preload/contract/errors.ts'
import type { LocalStatus, UndatedScene } from '../../preload/contract/local.ts'
import type { App } from '../app/app.ts'
import { wireErrorOf } from '../app/bridge.svelte.ts'
import { oncePerApp } from '../app/once-per-app.svelte.ts'

type Doing = 'add' | 'remove' | 'rescan' | 'restart' | 'copy'

export class LocalPageState {
  readonly #app: App
  doing = $state<Doing | null>(null)
  failure = $state.raw<WireError>()
  /** The folder whose removal waits for an answer. */
  toRemove = $state<string | null>(null)

  constructor(app: App) {
    this.#app = app
  }

  choose(): Promise<void> {
    return this.#attempt('add', () => this.#app.client.local.chooseFolder())
  }
  /** Adds what was dropped; their paths come from the bridge, never from the window. */
  async drop(files: readonly File[]): Promise<void> {
    for (const file of files) {
      const path = this.#app.bridge.droppedPath(file)
      if (path) await this.#attempt('add', () => this.#app.client.local.addFolder({ path }))
      if (this.failure) return
    }
  }
  async remove(id: string): Promise<void> {
    await this.#attempt('remove', () => this.#app.client.local.removeFolder({ id }))
    if (!this.failure) this.#app.toasts.say('The folder is no longer offered. Its files stay where they are.')
  }
  rescan(): Promise<void> {
    return this.#attempt('rescan', () => this.#app.client.local.rescan())
  }
  /** A date for a scene, or null to take it back; what went wrong belongs to the scene's own row. */
  async stateDate({ collectionId, sceneId }: UndatedScene, datetime: string | null): Promise<WireError | undefined> {
    try {
      this.#app.stores.local.keep(await this.#app.client.local.stateDate({ collectionId, sceneId, datetime }))
      this.#app.toasts.say(datetime === null ? 'The date was taken back.' : 'The date is kept beside the files.')
      return undefined
    } catch (thrown) {
      return wireErrorOf(thrown)
    }
  }
  restart(): Promise<void> {
    return this.#attempt('restart', () => this.#app.client.local.restart())
  }
  async copy(what: 'url' | 'user' | 'password'): Promise<void> {
    await this.#attempt('copy', async () => {
      await this.#app.client.local.copy({ what })
      return null
    })
    const words = { url: 'Address', user: 'User name', password: 'Password' }
    if (!this.failure) this.#app.toasts.say(`${words[what]} copied.`)
  }

  async #attempt(doing: Doing, act: () => Promise<LocalStatus | null>): Promise<void> {
    this.doing = doing
    this.failure = undefined
    try {
      const status = await act()
      if (status) this.#app.stores.local.keep(status)
    } catch (thrown) {
      this.failure = wireErrorOf(thrown)
    } finally {
      this.doing = null
    }
  }
}

export const localOf = oncePerApp((app) => new LocalPageState(app))
