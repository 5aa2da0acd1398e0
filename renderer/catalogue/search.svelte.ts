/**
 * A search of the catalogue as a list works with it: any row by its number, read in pages as rows come into sight.
 * Owns: the question, its pages, what failed. Every change asks at once, one question is under way at a time, the latest
 * wins, and what is shown stays until the answer of the next question is there. Does not: search (main does).
 * Why pages carry an epoch: after a back-end was read again they are replaced one by one, without an empty moment.
 */
import { untrack } from 'svelte'
import type { SearchHit } from '../../preload/contract/catalogue.ts'
import type { WireError } from '../../preload/contract/errors.ts'
import type { Client } from '../../preload/contract/index.ts'
import { wireErrorOf } from '../app/bridge.svelte.ts'
import { entryId, selectionKindOf } from './entry-id.ts'
import { activeFilters, NO_FILTERS, queryOf, type SearchFilters, type SearchSort } from './search-filters.ts'

export const PAGE_ROWS = 100
/** Pages in memory; those farthest from what is seen go first. */
const MOST_PAGES = 40
type SearchPage = { hits: readonly SearchHit[]; epoch: number }
export type SearchState = { text: string; filters: SearchFilters; sort: SearchSort }

/** Names a row across all kinds. */
export const rowKeyOf = (hit: Pick<SearchHit, 'connectionId' | 'kind' | 'namespace' | 'id'>): string =>
  `${selectionKindOf(hit.kind)} ${entryId(hit)}`

export class SearchModel {
  readonly #client: Client
  readonly #changed: (state: SearchState) => void
  #text = $state('')
  #sort = $state<SearchSort>('relevance')
  #filters = $state.raw<SearchFilters>(NO_FILTERS)
  #pages = $state.raw<ReadonlyMap<number, SearchPage>>(new Map())
  /** Rows of the answer that is shown; null: there was none yet. */
  total = $state<number | null>(null)
  /** Entries that were left out only because they do not state what a filter asks for. */
  unknownCount = $state(0)
  /** The text that the rows shown were found with. */
  shownText = $state('')
  /** Why the latest question has no answer; the rows are those of the one before. */
  failure = $state.raw<WireError>()
  isAsking = $state(false)
  /** Grows with each question that was answered for the first time: lists go back to their top. */
  answerNumber = $state(0)

  #wanted = 1
  #shown = 0
  #epoch = 0
  #failed = ''
  #range: [from: number, to: number] = [0, PAGE_ROWS]
  #watchers = 0

  /** `changed` is told of every change of the question. */
  constructor(client: Client, changed: (state: SearchState) => void = () => undefined) {
    this.#client = client
    this.#changed = changed
  }

  get text(): string {
    return this.#text
  }
  set text(text: string) {
    if (text === this.#text) return
    this.#text = text
    this.#ask()
  }
  get sort(): SearchSort {
    return this.#sort
  }
  set sort(sort: SearchSort) {
    if (sort === this.#sort) return
    this.#sort = sort
    this.#ask()
  }
  get filters(): SearchFilters {
    return this.#filters
  }
  get isFiltered(): boolean {
    return activeFilters(this.#filters).length > 0
  }
  /** Whether the rows belong to what is asked now. */
  get isCurrent(): boolean {
    return !this.isAsking && this.failure === undefined && this.total !== null
  }

  /** Changes some of the filters. */
  filter(part: Partial<SearchFilters>): void {
    this.#filters = { ...this.#filters, ...part }
    this.#ask()
  }
  /** Takes over a whole question, e.g. the one of the last launch. */
  set({ text, filters, sort }: SearchState): void {
    this.#text = text
    this.#filters = { ...NO_FILTERS, ...filters }
    this.#sort = sort
    this.#ask()
  }
  /** No filters but the kinds of the tab. */
  clearFilters(): void {
    this.filter({ ...NO_FILTERS, kinds: this.#filters.kinds })
  }

  /** The row; undefined while its page is not read. */
  itemAt(index: number): SearchHit | undefined {
    return this.#pages.get(Math.floor(index / PAGE_ROWS))?.hits[index % PAGE_ROWS]
  }
  /** The number of a row that is in memory; -1: it is not. */
  indexOf(rowKey: string): number {
    for (const [page, { hits }] of this.#pages) {
      const at = hits.findIndex((hit) => rowKeyOf(hit) === rowKey)
      if (at >= 0) return page * PAGE_ROWS + at
    }
    return -1
  }
  /** A row in memory by its key. */
  find(rowKey: string): SearchHit | undefined {
    const at = this.indexOf(rowKey)
    return at < 0 ? undefined : this.itemAt(at)
  }
  /** Rows in memory, for tests of what is bounded. */
  get keptCount(): number {
    return [...this.#pages.values()].reduce((sum, { hits }) => sum + hits.length, 0)
  }

  /** These rows (to: not included) are in sight: reads those that are not there, and some around them. */
  need(from: number, to: number): void {
    const spare = PAGE_ROWS / 4
    this.#range = [Math.max(0, from - spare), to + spare]
    this.#run()
  }

  /** Somebody looks: only then questions are asked. Returns the way to stop looking. */
  watch(): () => void {
    this.#watchers++
    this.#run()
    return () => {
      this.#watchers--
    }
  }

  /** What main knows has changed: the rows in sight are asked for again and replaced as they come. */
  renew(): void {
    this.#epoch++
    this.#run()
  }
  /** Asks again after a failure. */
  retry(): void {
    this.#failed = ''
    this.#run()
  }

  #ask(): void {
    this.#wanted++
    this.#changed({ text: this.#text, filters: this.#filters, sort: this.#sort })
    this.#run()
  }

  /** The page to be asked for next; null: all that is in sight is there. */
  #next(): number | null {
    if (this.#watchers === 0 || this.#failed === `${this.#wanted} ${this.#epoch}`) return null
    if (this.#shown !== this.#wanted) return 0
    const last = Math.min(this.#range[1], this.total ?? 0) - 1
    for (let page = Math.floor(this.#range[0] / PAGE_ROWS); page * PAGE_ROWS <= last; page++) {
      if ((this.#pages.get(page)?.epoch ?? -1) < this.#epoch) return page
    }
    // nothing is in sight of an answer without rows: it, too, has to be asked for again
    if (this.total === 0 && (this.#pages.get(0)?.epoch ?? -1) < this.#epoch) return 0
    return null
  }

  /** Whoever calls this in an effect does not follow what is read here. */
  #run(): void {
    untrack(() => void this.#readAll())
  }
  async #readAll(): Promise<void> {
    if (this.isAsking) return
    for (let page = this.#next(); page !== null; page = this.#next()) {
      this.isAsking = true
      await this.#read(page)
    }
    this.isAsking = false
  }

  async #read(page: number): Promise<void> {
    const [wanted, epoch] = [this.#wanted, this.#epoch]
    const text = this.#text
    const query = queryOf(this.#filters, text, this.#sort, page * PAGE_ROWS, PAGE_ROWS)
    try {
      const { hits, total, unknownCount = 0 } = await this.#client.catalogue.search(query)
      // the question has changed meanwhile: its own answer is on its way
      if (wanted !== this.#wanted) return
      const isFirst = this.#shown !== wanted
      if (isFirst) this.#range = [0, PAGE_ROWS]
      this.#shown = wanted
      this.#pages = this.#with(page, { hits, epoch }, isFirst)
      this.total = total
      this.unknownCount = unknownCount
      this.shownText = text
      this.failure = undefined
      if (isFirst) this.answerNumber++
    } catch (thrown) {
      if (wanted !== this.#wanted) return
      this.failure = wireErrorOf(thrown)
      this.#failed = `${wanted} ${epoch}`
    }
  }

  #with(page: number, read: SearchPage, isFirst: boolean): ReadonlyMap<number, SearchPage> {
    const pages = new Map(isFirst ? [] : this.#pages)
    pages.set(page, read)
    const middle = (this.#range[0] + this.#range[1]) / 2 / PAGE_ROWS
    while (pages.size > MOST_PAGES) {
      const farthest = [...pages.keys()].reduce((a, b) => (Math.abs(b - middle) > Math.abs(a - middle) ? b : a))
      pages.delete(farthest)
    }
    return pages
  }
}
