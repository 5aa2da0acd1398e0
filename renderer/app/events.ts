/**
 * The numbered stream of events from main, handed to the stores in order.
 * Owns: noticing what was missed (a gap in the numbers, a sleep, a hidden window) and then asking the stores to reload.
 * Does not: keep entities (stores do; they ignore late revisions).
 * Why a buffer: an event that comes while a list is being read is newer than the list, so it is applied after it.
 */
import type { AppEvent, EventsOf, FeatureName, NumberedEvent } from '../../preload/contract/index.ts'
import type { Bridge } from './bridge.svelte.ts'

/** What a store must be able to do to be kept up to date. */
export type Fed<F extends FeatureName> = {
  /** Reads everything again. Keeps its own failure; never rejects for an expected one. */
  load(): Promise<void>
  apply(event: EventsOf<F>): void
}

type AnyFed = { load(): Promise<void>; apply(event: AppEvent): void }
type Feed = { store: AnyFed; buffer: AppEvent[] | null; again: boolean; done: Promise<void> }

/** A timer that is this late means that the computer slept. */
const WAKE_AFTER_MS = 30_000
const HEARTBEAT_MS = 10_000

export class EventStream {
  #feeds = new Map<FeatureName, Feed[]>()
  #lastSeq: number | undefined
  #stop: () => void

  constructor(bridge: Pick<Bridge, 'onEvent'>) {
    this.#stop = bridge.onEvent((event) => this.#take(event))
  }

  /** Loads the store and keeps it up to date from now on. Resolves when the first load has ended. */
  feed<F extends FeatureName>(feature: F, store: Fed<F>): Promise<void> {
    const feed: Feed = { store: store as unknown as AnyFed, buffer: null, again: false, done: Promise.resolve() }
    this.#feeds.set(feature, [...(this.#feeds.get(feature) ?? []), feed])
    return this.#load(feed)
  }

  /** Reads everything again, e.g. after a sleep. */
  async reloadAll(): Promise<void> {
    await Promise.all([...this.#feeds.values()].flat().map((feed) => this.#load(feed)))
  }

  /** Reloads when the computer woke up or the window is seen again. Returns the way to stop watching. */
  watchForSleep(now: () => number = Date.now): () => void {
    let lastBeat = now()
    const beat = () => {
      const slept = now() - lastBeat > WAKE_AFTER_MS
      lastBeat = now()
      if (slept) void this.reloadAll()
    }
    const timer = setInterval(beat, HEARTBEAT_MS)
    const seen = () => {
      // a hidden window may have been put to sleep by the system, and its timers with it
      if (document.visibilityState === 'visible') void this.reloadAll()
    }
    document.addEventListener('visibilitychange', seen)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', seen)
    }
  }

  close(): void {
    this.#stop()
  }

  #take(event: NumberedEvent): void {
    const expected = this.#lastSeq === undefined ? event.seq : this.#lastSeq + 1
    this.#lastSeq = event.seq
    if (event.seq !== expected) {
      void this.reloadAll()
    }
    for (const feed of this.#feeds.get(event.feature) ?? []) {
      if (feed.buffer) feed.buffer.push(event)
      else feed.store.apply(event)
    }
  }

  #load(feed: Feed): Promise<void> {
    if (feed.buffer) {
      // what was missed may be missing from the list that is under way, too
      feed.again = true
      return feed.done
    }
    feed.buffer = []
    feed.done = this.#loadUntilSettled(feed)
    return feed.done
  }

  async #loadUntilSettled(feed: Feed): Promise<void> {
    try {
      do {
        feed.again = false
        await feed.store.load()
      } while (feed.again)
    } finally {
      const buffered = feed.buffer ?? []
      feed.buffer = null
      for (const event of buffered) feed.store.apply(event)
    }
  }
}
