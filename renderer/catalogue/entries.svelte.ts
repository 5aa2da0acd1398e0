/**
 * Entries that were looked at: documents of collections, processes and the rest, as main has them.
 * Owns: a bounded number of them, the last ones looked at. Does not: ask a back-end (main does, and tells when it has).
 */
import { untrack } from 'svelte'
import { SvelteMap } from 'svelte/reactivity'
import type { CollectionSummary, Entry, EntryKey } from '../../preload/contract/catalogue.ts'
import type { WireError } from '../../preload/contract/errors.ts'
import type { Client } from '../../preload/contract/index.ts'
import { wireErrorOf } from '../app/bridge.svelte.ts'

/** `failure`: main has no such entry, or could not tell; an entry that was known before stays beside it. */
export type EntryRead = { entry?: Entry; failure?: WireError; isLoading: boolean }
type Asked = { key: EntryKey; ticket: number; isStale: boolean; reading: Promise<Entry | undefined> | null }

const MOST_ENTRIES = 100
/** So many of the last ones are read again at once when their connection has changed; the others when they are opened. */
const MOST_READ_AGAIN = 16

const nameOf = ({ connectionId, kind, namespace, id }: EntryKey) => JSON.stringify([connectionId, kind, namespace, id])

/** The key of a collection. */
export const collectionKey = (connectionId: string, id: string): EntryKey => ({
  connectionId: connectionId as EntryKey['connectionId'],
  kind: 'collection',
  namespace: '',
  id,
})

export class Entries {
  readonly #client: Client
  #reads = new SvelteMap<string, EntryRead>()
  /** In the order in which they were opened, the last one last. */
  #asked = new Map<string, Asked>()
  #tickets = 0

  constructor(client: Client) {
    this.#client = client
  }

  /** What is known of an entry; undefined: nobody has opened it. Reactive. */
  entryOf(key: EntryKey): EntryRead | undefined {
    return this.#reads.get(nameOf(key))
  }

  /** Reads an entry unless it is known; for effects and handlers, not for deriving. */
  openEntry(key: EntryKey): Promise<Entry | undefined> {
    return untrack(() => this.#open(key))
  }
  async #open(key: EntryKey): Promise<Entry | undefined> {
    const name = nameOf(key)
    const known = this.#asked.get(name)
    if (known) {
      this.#asked.delete(name)
      this.#asked.set(name, known)
      const read = this.#reads.get(name)
      if (known.reading) return known.reading
      if (read?.entry && !read.failure && !known.isStale) return read.entry
    }
    return this.#read(key)
  }

  collection(connectionId: string | null | undefined, id: string | null | undefined): CollectionSummary | undefined {
    if (!connectionId || !id) return undefined
    return this.entryOf(collectionKey(connectionId, id))?.entry?.collection ?? undefined
  }
  async openCollection(connectionId: string, id: string): Promise<CollectionSummary | undefined> {
    return (await this.openEntry(collectionKey(connectionId, id)))?.collection ?? undefined
  }

  /** The entry itself has changed in main. */
  entryChanged(key: EntryKey): void {
    if (this.#asked.has(nameOf(key))) void this.#read(key)
  }
  /** Entries of this connection may have changed; null: of all. */
  connectionChanged(connectionId: string | null): void {
    const asked = [...this.#asked.values()].filter(({ key }) => !connectionId || key.connectionId === connectionId)
    for (const one of asked) one.isStale = true
    for (const { key } of asked.slice(-MOST_READ_AGAIN)) void this.#read(key)
  }
  connectionRemoved(connectionId: string): void {
    for (const [name, { key }] of this.#asked) if (key.connectionId === connectionId) this.#drop(name)
  }

  #drop(name: string): void {
    this.#asked.delete(name)
    this.#reads.delete(name)
  }

  #read(key: EntryKey): Promise<Entry | undefined> {
    const name = nameOf(key)
    const ticket = ++this.#tickets
    const asked: Asked = this.#asked.get(name) ?? { key, ticket, isStale: false, reading: null }
    asked.ticket = ticket
    asked.isStale = false
    this.#asked.set(name, asked)
    const { entry } = this.#reads.get(name) ?? {}
    this.#reads.set(name, { ...(entry ? { entry } : {}), isLoading: true })
    asked.reading = this.#answer(key, name, ticket)
    while (this.#asked.size > MOST_ENTRIES) this.#drop(this.#asked.keys().next().value as string)
    return asked.reading
  }

  async #answer(key: EntryKey, name: string, ticket: number): Promise<Entry | undefined> {
    let read: EntryRead
    try {
      read = { entry: await this.#client.catalogue.entry(key), isLoading: false }
    } catch (thrown) {
      const failure = wireErrorOf(thrown)
      const known = this.#reads.get(name)?.entry
      // what is not there any more is not shown as if it were
      read = { ...(known && failure.code !== 'not-found' ? { entry: known } : {}), failure, isLoading: false }
    }
    const asked = this.#asked.get(name)
    // an answer that was overtaken by a later question is not shown
    if (asked?.ticket !== ticket) return asked?.reading ?? read.entry
    asked.reading = null
    this.#reads.set(name, read)
    return read.entry
  }
}
