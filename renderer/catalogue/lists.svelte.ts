/**
 * The lists of every connection as main has them: how much is known, how old it is, who was missing, what is being read.
 * Owns: their states. Does not: hold entries.
 */
import { SvelteMap } from 'svelte/reactivity'
import type { ListName, ListState } from '../../preload/contract/catalogue.ts'
import type { WireError } from '../../preload/contract/errors.ts'
import type { Client } from '../../preload/contract/index.ts'
import { wireErrorOf } from '../app/bridge.svelte.ts'

const nameOf = (connectionId: string, list: ListName) => `${list} ${connectionId}`

export class Lists {
  readonly #client: Client
  #states = new SvelteMap<string, ListState>()
  #refreshFailures = new SvelteMap<string, WireError>()
  readonly all: readonly ListState[] = $derived([...this.#states.values()])
  /** Why not even the states could be read. */
  failure = $state.raw<WireError>()
  isLoading = $state(true)

  constructor(client: Client) {
    this.#client = client
  }

  listOf(connectionId: string, list: ListName): ListState | undefined {
    return this.#states.get(nameOf(connectionId, list))
  }
  listsOf(connectionId: string | null | undefined): ListState[] {
    return this.all.filter((state) => state.connectionId === connectionId)
  }
  /** The oldest of what was read of this connection; null: nothing was ever read to its end. */
  asOf(connectionId: string | null | undefined): string | null {
    return oldest(this.listsOf(connectionId))
  }
  isReading(connectionId: string): boolean {
    return this.listsOf(connectionId).some(({ isReading }) => isReading)
  }
  /** Why the last refresh that was asked for here failed as a whole. */
  refreshFailureOf(connectionId: string): WireError | undefined {
    return this.#refreshFailures.get(connectionId)
  }

  /** Has main read the lists of a connection again; what is known stays meanwhile. */
  async refresh(connectionId: string): Promise<void> {
    this.#refreshFailures.delete(connectionId)
    try {
      await this.#client.catalogue.refresh({ connectionId: connectionId as ListState['connectionId'] })
    } catch (thrown) {
      const failure = wireErrorOf(thrown)
      if (failure.code !== 'canceled') this.#refreshFailures.set(connectionId, failure)
    }
  }
  async cancelRefresh(connectionId: string): Promise<void> {
    await this.#client.catalogue
      .cancelRefresh({ connectionId: connectionId as ListState['connectionId'] })
      .catch(() => undefined)
  }

  async load(): Promise<void> {
    try {
      const states = await this.#client.catalogue.lists({ connectionId: null })
      const names = new Set(states.map(({ connectionId, list }) => nameOf(connectionId, list)))
      for (const name of this.#states.keys()) if (!names.has(name)) this.#states.delete(name)
      for (const state of states) this.keep(state)
      this.failure = undefined
    } catch (thrown) {
      this.failure = wireErrorOf(thrown)
    } finally {
      this.isLoading = false
    }
  }
  keep(state: ListState): void {
    this.#states.set(nameOf(state.connectionId, state.list), state)
    if (state.isReading) this.#refreshFailures.delete(state.connectionId)
  }
  connectionRemoved(connectionId: string): void {
    for (const { list } of this.listsOf(connectionId)) this.#states.delete(nameOf(connectionId, list))
    this.#refreshFailures.delete(connectionId)
  }
}

/** The oldest reading of lists that are offered; null: none was ever read. */
export function oldest(states: readonly Pick<ListState, 'asOf' | 'isOffered'>[]): string | null {
  const known = states.flatMap(({ asOf, isOffered }) => (isOffered && asOf !== null ? [asOf] : []))
  return known.length ? known.reduce((a, b) => (Date.parse(b) < Date.parse(a) ? b : a)) : null
}
