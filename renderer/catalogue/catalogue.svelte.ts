/**
 * The catalogue of this window: searches, the entries that were looked at, the state of the lists, what is compared.
 * Owns: that all of it follows main's events and outlives the pages. Does not: know whether a back-end answers now
 * (connections do); every list and entry keeps its age, so that what is old says so.
 */
import type {
  CollectionSummary,
  Entry,
  EntryKey,
  Facets,
  ListState,
  SearchHit,
} from '../../preload/contract/catalogue.ts'
import type { Connection } from '../../preload/contract/connections.ts'
import type { WireError } from '../../preload/contract/errors.ts'
import type { EventsOf } from '../../preload/contract/index.ts'
import type { App } from '../app/app.ts'
import { oncePerApp } from '../app/once-per-app.svelte.ts'
import { changesWhatIsListed } from './connection-change.ts'
import { Entries, type EntryRead } from './entries.svelte.ts'
import { entryKeyOf } from './entry-id.ts'
import { Lists } from './lists.svelte.ts'
import { SearchModel } from './search.svelte.ts'
import { NO_FILTERS } from './search-filters.ts'

export type { EntryRead } from './entries.svelte.ts'

/** So many entries side by side are still readable. */
export const MOST_COMPARED = 6
/** Values of one kind that main lists unasked. */
const MOST_FACETS = 200

export class Catalogue {
  readonly #app: App
  readonly #entries: Entries
  readonly #lists: Lists
  /** The search of the catalogue page. */
  readonly search: SearchModel
  /** The search of the collection field of the run. */
  readonly choices: SearchModel
  /** Entries side by side in the workspace, in this order. */
  compared = $state.raw<readonly EntryKey[]>([])
  /** What the filters offer, of the connections that are searched. */
  facets = $state.raw<Facets>()
  /** The same for words that were typed, where the filters offer more than they list. */
  facetsFound = $state.raw<Facets>()
  /** The panel of filters is open. */
  isFilterOpen = $state(false)
  /** The search box is to be focused as soon as it is there. */
  isSearchWanted = $state(false)
  /** The entry under the pointer: its extent shows on the map. */
  hovered = $state.raw<SearchHit>()
  #facetsTicket = 0
  #findTicket = 0
  /** As they were when the list was asked for last. */
  readonly #connections = new Map<string, Connection>()
  #isRemembered = false

  constructor(app: App) {
    this.#app = app
    this.#entries = new Entries(app.client)
    this.#lists = new Lists(app.client)
    this.search = new SearchModel(app.client, ({ text, filters, sort }) => {
      app.memory.catalogue = { text: text.slice(0, 200), sort, ...filters }
    })
    this.choices = new SearchModel(app.client)
  }

  /** What is known of an entry; undefined until `openEntry` was called for it. Reactive. */
  entryOf(key: EntryKey): EntryRead | undefined {
    return this.#entries.entryOf(key)
  }
  /** Reads an entry unless it is known, and keeps it up to date; for effects and handlers, not while deriving. */
  openEntry(key: EntryKey): Promise<Entry | undefined> {
    return this.#entries.openEntry(key)
  }
  /** The summary of a collection; undefined until `openCollection` (or `openEntry`) was called for it. Reactive. */
  collection(connectionId: string | null | undefined, id: string | null | undefined): CollectionSummary | undefined {
    return this.#entries.collection(connectionId, id)
  }
  openCollection(connectionId: string, id: string): Promise<CollectionSummary | undefined> {
    return this.#entries.openCollection(connectionId, id)
  }

  /** Every list of every connection. */
  get lists(): readonly ListState[] {
    return this.#lists.all
  }
  get isLoadingLists(): boolean {
    return this.#lists.isLoading
  }
  get listsFailure(): WireError | undefined {
    return this.#lists.failure
  }
  listsOf(connectionId: string | null | undefined): ListState[] {
    return this.#lists.listsOf(connectionId)
  }
  /** The oldest reading of the connection's lists; null: never read to the end. */
  asOf(connectionId: string | null | undefined): string | null {
    return this.#lists.asOf(connectionId)
  }
  isReading(connectionId: string): boolean {
    return this.#lists.isReading(connectionId)
  }
  refreshFailureOf(connectionId: string): WireError | undefined {
    return this.#lists.refreshFailureOf(connectionId)
  }
  /** Has main read the lists of a connection again; what is known stays meanwhile. Never rejects. */
  refresh(connectionId: string): Promise<void> {
    return this.#lists.refresh(connectionId)
  }
  cancelRefresh(connectionId: string): Promise<void> {
    return this.#lists.cancelRefresh(connectionId)
  }

  /** Puts entries side by side in the map's place; at most MOST_COMPARED of them. */
  compare(keys: readonly EntryKey[]): void {
    this.compared = distinct(keys).slice(0, MOST_COMPARED)
    this.#app.shell.openWorkspace('catalogue')
  }

  /** Shows what one connection offers. */
  browse(connectionId: string): void {
    this.remember()
    this.search.set({
      text: '',
      sort: 'relevance',
      filters: { ...NO_FILTERS, connectionIds: [connectionId as EntryKey['connectionId']] },
    })
  }

  /** Opens the page with the focus in its search box. */
  askForSearch(): void {
    this.isSearchWanted = true
    this.#app.shell.open('catalogue')
  }

  /** Takes over the search of the last launch, once; what was asked for before that is not overwritten. */
  remember(): void {
    if (this.#isRemembered) return
    this.#isRemembered = true
    const known = this.#app.memory.catalogue
    if (!known) return
    const { text, sort, ...filters } = known
    this.search.set({ text, sort, filters })
  }

  /** Reads what the filters offer; the latest question wins. */
  async loadFacets(): Promise<void> {
    const ticket = ++this.#facetsTicket
    const { connectionIds } = this.search.filters
    const facets = await this.#app.client.catalogue.facets({ connectionIds, kinds: [] }).catch(() => undefined)
    // without an answer the filters offer what they offered before
    if (facets && ticket === this.#facetsTicket) this.facets = facets
  }

  /** Looks for bands, platforms and members beyond those that are listed; the latest question wins. */
  async findFacets(text: string): Promise<void> {
    const ticket = ++this.#findTicket
    const { bands = [], platforms = [], members = [] } = this.facets ?? {}
    const isCut = [bands, platforms, members].some(({ length }) => length >= MOST_FACETS)
    const typed = text.trim().slice(0, 200)
    if (!isCut || !typed) {
      this.facetsFound = undefined
      return
    }
    const { connectionIds } = this.search.filters
    const found = await this.#app.client.catalogue
      .facets({ connectionIds, kinds: [], text: typed })
      .catch(() => undefined)
    if (found && ticket === this.#findTicket) this.facetsFound = found
  }

  /** For the event stream. */
  async load(): Promise<void> {
    this.#entries.connectionChanged(null)
    this.#renew()
    await this.#lists.load()
  }
  apply(event: EventsOf<'catalogue'>): void {
    if (event.name === 'entryChanged') this.#entries.entryChanged(event.payload)
    else if (event.name === 'listChanged') this.#lists.keep(event.payload)
    else {
      this.#entries.connectionChanged(event.payload.connectionId)
      this.#renew()
    }
  }
  /** What is listed depends on which connections there are, which are in use, where they are, and their order. */
  connectionChanged(connection: Connection): void {
    const before = this.#connections.get(connection.id)
    if (before && before.revision > connection.revision) return
    this.#connections.set(connection.id, connection)
    if (!changesWhatIsListed(before, connection)) return
    if (before && before.url !== connection.url) this.#entries.connectionChanged(connection.id)
    this.#renew()
  }
  connectionRemoved(connectionId: string): void {
    this.#connections.delete(connectionId)
    this.#unselect(connectionId)
    if (this.hovered?.connectionId === connectionId) this.hovered = undefined
    this.#entries.connectionRemoved(connectionId)
    this.#lists.connectionRemoved(connectionId)
    this.compared = this.compared.filter((key) => key.connectionId !== connectionId)
    const { connectionIds } = this.search.filters
    if (connectionIds.some((id) => id === connectionId)) {
      this.search.filter({ connectionIds: connectionIds.filter((id) => id !== connectionId) })
    }
    this.#renew()
  }

  /** What belonged to the connection is not selected any more; the rest stays. */
  #unselect(connectionId: string): void {
    const { kind, ids } = this.#app.selection
    if (kind !== 'collection' && kind !== 'process' && kind !== 'catalogue-entry') return
    const left = ids.filter((id) => entryKeyOf(kind, id)?.connectionId !== connectionId)
    if (left.length === ids.length) return
    if (left.length) this.#app.selection.select(kind, ...left)
    else this.#app.selection.clear()
  }

  #renew(): void {
    this.search.renew()
    this.choices.renew()
    if (this.facets) void this.loadFacets()
  }
}

const distinct = (keys: readonly EntryKey[]): EntryKey[] =>
  keys.filter(
    (key, index) =>
      keys.findIndex(
        (other) =>
          other.connectionId === key.connectionId &&
          other.kind === key.kind &&
          other.namespace === key.namespace &&
          other.id === key.id,
      ) === index,
  )

/** The catalogue of this window, fed by its stream from the first use on. */
export const catalogueOf = oncePerApp((app) => {
  const made = new Catalogue(app)
  void app.events.feed('catalogue', made)
  void app.events.feed('connections', {
    load: async () => undefined,
    apply: (event) => {
      if (event.name === 'removed') made.connectionRemoved(event.payload.id)
      else if (event.name === 'changed') made.connectionChanged(event.payload)
    },
  })
  return made
})
