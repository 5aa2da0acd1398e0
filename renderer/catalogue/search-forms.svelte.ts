/**
 * What was put into the forms of collections: properties to filter by, items that were looked for.
 * Owns: a few of the last collections, so that going back finds the forms as they were left. Does not: keep them on disk.
 */
import { SvelteMap } from 'svelte/reactivity'
import type { CatalogueItem, EntryKey } from '../../preload/contract/catalogue.ts'
import type { WireError } from '../../preload/contract/errors.ts'
import type { Client } from '../../preload/contract/index.ts'
import type { Bbox } from '../../preload/contract/vocabulary.ts'
import { wireErrorOf } from '../app/bridge.svelte.ts'
import { oncePerApp } from '../app/once-per-app.svelte.ts'
import type { Range } from '../ui/DateRange.svelte'
import type { FormValues } from '../ui/schema-form/fields.ts'
import { entryId } from './entry-id.ts'

const MOST_FORMS = 20
const PAGE = 20
/** More are not kept in the window; a narrower search finds the rest. */
export const MOST_ITEMS = 500

/** The forms of one collection. */
export class CollectionForms {
  readonly #client: Client
  readonly key: EntryKey
  properties = $state.raw<FormValues>({})
  isFilterOpen = $state(false)
  isItemsOpen = $state(false)
  range = $state.raw<Range>([null, null])
  bbox = $state.raw<Bbox | null>(null)
  items = $state.raw<readonly CatalogueItem[]>([])
  matched = $state.raw<number | null>(null)
  nextPage = $state.raw<string | null>(null)
  isSearching = $state(false)
  wasSearched = $state(false)
  failure = $state.raw<WireError>()
  /** The item whose outline is marked on the map. */
  chosenId = $state<string | null>(null)
  #ticket = 0

  constructor(client: Client, key: EntryKey) {
    this.#client = client
    this.key = key
  }

  /** Looks for items anew. */
  search(): Promise<void> {
    this.items = []
    this.matched = null
    this.nextPage = null
    this.chosenId = null
    return this.#read(null)
  }
  async more(): Promise<void> {
    if (this.nextPage !== null && !this.isSearching) await this.#read(this.nextPage)
  }
  get canHaveMore(): boolean {
    return this.nextPage !== null && this.items.length < MOST_ITEMS
  }

  async #read(page: string | null): Promise<void> {
    const ticket = ++this.#ticket
    this.isSearching = true
    this.failure = undefined
    try {
      const answer = await this.#client.catalogue.items({
        key: this.key,
        bbox: this.bbox,
        interval: this.range[0] || this.range[1] ? this.range : null,
        limit: PAGE,
        page,
      })
      // an answer that was overtaken by a newer question is not shown
      if (ticket !== this.#ticket) return
      const known = new Set(this.items.map(({ id }) => id))
      const fresh = answer.items.filter(({ id }) => !known.has(id))
      this.items = [...this.items, ...fresh].slice(0, MOST_ITEMS)
      this.matched = answer.matched
      // a page that brings nothing new ends the list, whatever it says of a next one
      this.nextPage = page !== null && fresh.length === 0 ? null : answer.nextPage
    } catch (thrown) {
      if (ticket === this.#ticket) this.failure = wireErrorOf(thrown)
    } finally {
      if (ticket === this.#ticket) {
        this.isSearching = false
        this.wasSearched = true
      }
    }
  }
}

class SearchForms {
  readonly #client: Client
  #forms = new Map<string, CollectionForms>()
  /** For the map: which of them are shown. */
  #shown = new SvelteMap<string, CollectionForms>()

  constructor(client: Client) {
    this.#client = client
  }
  of(key: EntryKey): CollectionForms {
    const id = entryId(key)
    const known = this.#forms.get(id)
    if (known) return known
    const made = new CollectionForms(this.#client, key)
    this.#forms.set(id, made)
    while (this.#forms.size > MOST_FORMS) this.#forms.delete(this.#forms.keys().next().value as string)
    return made
  }
  /** What the map shows of a collection; undefined while its items are not open. */
  onMap(id: string): CollectionForms | undefined {
    return this.#shown.get(id)
  }
  show(key: EntryKey): () => void {
    const id = entryId(key)
    this.#shown.set(id, this.of(key))
    return () => this.#shown.delete(id)
  }
}

export const searchFormsOf = oncePerApp((app) => new SearchForms(app.client))
