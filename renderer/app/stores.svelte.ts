/**
 * What the window knows: one store for each feature, filled by its list call and kept up to date by its events.
 * Owns: the two general stores; features with more of their own extend them in renderer/<feature>/<feature>.svelte.ts
 * and take the general one's place in createStores.
 */
import { SvelteMap } from 'svelte/reactivity'
import type { WireError } from '../../preload/contract/errors.ts'
import type { Client, Contract, EventsOf, FeatureName } from '../../preload/contract/index.ts'
import { Diagnostics } from '../diagnostics/diagnostics.svelte.ts'
import { wireErrorOf } from './bridge.svelte.ts'
import type { EventStream } from './events.ts'

type Entity = { id: string; revision: number }
/** Features that are a list of entities: `list()`, `changed` with the whole entity, `removed` with its id. */
export type ListFeature = {
  [F in FeatureName]: Contract[F]['calls'] extends { list: unknown }
    ? Contract[F]['events'] extends { changed: unknown; removed: unknown }
      ? F
      : never
    : never
}[FeatureName]
export type EntityOf<F extends ListFeature> = Extract<EventsOf<F>, { name: 'changed' }>['payload']

/** The entities of one feature by id. `all` is in the order of the list call, new ones last. */
export class EntityStore<F extends ListFeature> {
  readonly feature: F
  protected readonly client: Client
  #byId = new SvelteMap<string, EntityOf<F>>()
  isLoading = $state(true)
  /** Why the list could not be read; what was known stays. */
  failure = $state.raw<WireError>()
  readonly all: readonly EntityOf<F>[] = $derived([...this.#byId.values()])

  constructor(client: Client, feature: F) {
    this.client = client
    this.feature = feature
  }

  get count(): number {
    return this.#byId.size
  }
  get(id: string | null | undefined): EntityOf<F> | undefined {
    return id ? this.#byId.get(id) : undefined
  }

  async load(): Promise<void> {
    this.isLoading = true
    try {
      const calls = this.client[this.feature] as unknown as { list(): Promise<EntityOf<F>[]> }
      const list = await calls.list()
      const ids = new Set(list.map(({ id }) => id as string))
      for (const id of [...this.#byId.keys()]) if (!ids.has(id)) this.#byId.delete(id)
      for (const entity of list) this.keep(entity)
      this.failure = undefined
    } catch (thrown) {
      this.failure = wireErrorOf(thrown)
    } finally {
      this.isLoading = false
    }
  }

  apply(event: EventsOf<F>): void {
    const { name, payload } = event as unknown as { name: string; payload: unknown }
    if (name === 'removed') this.drop((payload as Entity).id)
    else if (name === 'changed') this.keep(payload as EntityOf<F>)
  }

  /** Takes an entity, also from the answer of a call; an older revision than the one known is ignored. */
  keep(entity: EntityOf<F>): void {
    const { id, revision } = entity as Entity
    const known = this.#byId.get(id) as Entity | undefined
    if (!known || known.revision <= revision) this.#byId.set(id, entity)
  }

  drop(id: string): void {
    this.#byId.delete(id)
  }
}

/** One value with a revision, e.g. the settings. */
export class ValueStore<T extends { revision: number }> {
  #read: () => Promise<T>
  value = $state.raw<T>()
  failure = $state.raw<WireError>()

  constructor(read: () => Promise<T>) {
    this.#read = read
  }
  async load(): Promise<void> {
    try {
      this.keep(await this.#read())
      this.failure = undefined
    } catch (thrown) {
      this.failure = wireErrorOf(thrown)
    }
  }
  apply(event: { name: 'changed'; payload: T }): void {
    this.keep(event.payload)
  }
  keep(value: T): void {
    if (!this.value || this.value.revision <= value.revision) this.value = value
  }
}

export function createStores(client: Client) {
  return {
    connections: new EntityStore(client, 'connections'),
    areas: new EntityStore(client, 'areas'),
    jobs: new EntityStore(client, 'jobs'),
    library: new EntityStore(client, 'library'),
    layers: new EntityStore(client, 'layers'),
    transfers: new EntityStore(client, 'transfers'),
    local: new ValueStore(() => client.local.status()),
    settings: new ValueStore(() => client.settings.get()),
    diagnostics: new Diagnostics(client),
  }
}
export type Stores = ReturnType<typeof createStores>

/** Connects every store with the stream. Resolves when all have loaded once. */
export async function feedStores(stores: Stores, events: EventStream): Promise<void> {
  await Promise.all([
    events.feed('connections', stores.connections),
    events.feed('areas', stores.areas),
    events.feed('jobs', stores.jobs),
    events.feed('library', stores.library),
    events.feed('layers', stores.layers),
    events.feed('transfers', stores.transfers),
    events.feed('local', stores.local),
    events.feed('settings', stores.settings),
    events.feed('diagnostics', stores.diagnostics),
  ])
}
