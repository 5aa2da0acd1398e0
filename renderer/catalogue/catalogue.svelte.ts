/**
 * What the back-ends offer, as main last read it.
 * Owns: the collections of each connection and the documents that were looked at. Does not: know whether a back-end
 * answers now (connections do); a list keeps its age, so that an old one says so.
 */
import { SvelteMap } from 'svelte/reactivity'
import type { CollectionSummary } from '../../preload/contract/catalogue.ts'
import type { WireError } from '../../preload/contract/errors.ts'
import type { Client, EventsOf } from '../../preload/contract/index.ts'
import type { JsonObject } from '../../preload/contract/vocabulary.ts'
import { wireErrorOf } from '../app/bridge.svelte.ts'
import { oncePerApp } from '../app/once-per-app.svelte.ts'
import { scopedId, splitScopedId } from '../app/selection.svelte.ts'

export type Offer = {
  collections: readonly CollectionSummary[]
  /** When main read it from the back-end; null: never. */
  asOf: string | null
  isLoading: boolean
  failure: WireError | undefined
}
export type CollectionDocument = { document?: JsonObject; asOf?: string; failure?: WireError }

const NOTHING: Offer = { collections: [], asOf: null, isLoading: true, failure: undefined }

export class Catalogue {
  readonly #client: Client
  /** The connection whose collections the catalogue page shows; null: the first. */
  chosenConnectionId = $state<string | null>(null)
  #offers = new SvelteMap<string, Offer>()
  #documents = new SvelteMap<string, CollectionDocument>()

  constructor(client: Client) {
    this.#client = client
  }

  /** The collections of a connection; call `open` first, outside of deriving. */
  offer(connectionId: string | null | undefined): Offer {
    return (connectionId && this.#offers.get(connectionId)) || NOTHING
  }
  collection(connectionId: string | null, id: string | null): CollectionSummary | undefined {
    return this.offer(connectionId).collections.find((collection) => collection.id === id)
  }
  /** By the id that the selection uses. */
  collectionByScopedId(scoped: string): CollectionSummary | undefined {
    const { connectionId, id } = splitScopedId(scoped)
    return this.collection(connectionId, id)
  }
  documentOf(connectionId: string, id: string): CollectionDocument | undefined {
    return this.#documents.get(scopedId(connectionId, id))
  }

  /** Reads the list unless it is known already. */
  async open(connectionId: string): Promise<void> {
    if (!this.#offers.has(connectionId)) await this.#read(connectionId)
  }

  /** Reads the whole document of a collection, once. */
  async openDocument(connectionId: string, id: string): Promise<void> {
    const key = scopedId(connectionId, id)
    const known = this.#documents.get(key)
    if (known && !known.failure) return
    this.#documents.set(key, {})
    try {
      this.#documents.set(key, await this.#client.catalogue.collection({ connectionId, id }))
    } catch (thrown) {
      this.#documents.set(key, { failure: wireErrorOf(thrown) })
    }
  }

  /** Has main read the back-end again; the list follows by its event. */
  async refresh(connectionId: string): Promise<void> {
    const known = this.offer(connectionId)
    this.#offers.set(connectionId, { ...known, isLoading: true, failure: undefined })
    try {
      await this.#client.catalogue.refresh({ connectionId })
      await this.#read(connectionId)
    } catch (thrown) {
      this.#offers.set(connectionId, { ...known, isLoading: false, failure: wireErrorOf(thrown) })
    }
  }

  /** For the event stream: reads again what is open. */
  async load(): Promise<void> {
    await Promise.all([...this.#offers.keys()].map((id) => this.#read(id)))
  }
  apply(event: EventsOf<'catalogue'>): void {
    const { connectionId } = event.payload
    for (const key of this.#documents.keys()) {
      if (splitScopedId(key).connectionId === connectionId) this.#documents.delete(key)
    }
    if (this.#offers.has(connectionId)) void this.#read(connectionId)
  }

  async #read(connectionId: string): Promise<void> {
    const known = this.#offers.get(connectionId)
    this.#offers.set(connectionId, { ...NOTHING, ...known, isLoading: true })
    try {
      const { collections, asOf } = await this.#client.catalogue.collections({ connectionId })
      const latest = this.#offers.get(connectionId)?.asOf
      // an answer that was overtaken by a newer one is not shown
      if (latest && asOf && latest > asOf) return
      this.#offers.set(connectionId, { collections, asOf, isLoading: false, failure: undefined })
    } catch (thrown) {
      this.#offers.set(connectionId, { ...NOTHING, ...known, isLoading: false, failure: wireErrorOf(thrown) })
    }
  }
}

/** The catalogue of this window, fed by its stream from the first use on. */
export const catalogueOf = oncePerApp((app) => {
  const made = new Catalogue(app.client)
  void app.events.feed('catalogue', made)
  return made
})
