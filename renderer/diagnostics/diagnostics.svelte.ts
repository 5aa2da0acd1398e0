/**
 * What Swath says about itself: versions, secret store, notices, the request log of this run.
 * Owns: the last 2,000 requests; the log is read when the page is first opened, and followed from then on.
 */
import type { z } from 'zod'
import type { About, diagnostics, Notice, RequestRecord } from '../../preload/contract/diagnostics.ts'
import type { WireError } from '../../preload/contract/errors.ts'
import type { Client, EventsOf } from '../../preload/contract/index.ts'
import { wireErrorOf } from '../app/bridge.svelte.ts'
import { version } from '../app/version.svelte.ts'

export type SecretStore = z.infer<(typeof diagnostics)['calls']['secretStore']['output']>
const MOST_REQUESTS = 2000

export class Diagnostics {
  #client: Client
  #requests = new Map<number, RequestRecord>()
  #redrawn: ReturnType<typeof setTimeout> | undefined
  about = $state.raw<z.infer<typeof About>>()
  secretStore = $state.raw<SecretStore>()
  notices = $state.raw<readonly Notice[]>([])
  /** Newest first. */
  requests = $state.raw<readonly RequestRecord[]>([])
  failure = $state.raw<WireError>()

  constructor(client: Client) {
    this.#client = client
  }

  async load(): Promise<void> {
    try {
      const { about, secretStore, notices } = this.#client.diagnostics
      ;[this.about, this.secretStore, this.notices] = await Promise.all([about(), secretStore(), notices()])
      version.current = this.about.version
      this.failure = undefined
    } catch (thrown) {
      this.failure = wireErrorOf(thrown)
    }
  }

  async loadRequests(): Promise<void> {
    try {
      for (const record of await this.#client.diagnostics.requests()) this.#keep(record)
      this.#publish()
    } catch (thrown) {
      this.failure = wireErrorOf(thrown)
    }
  }

  apply(event: EventsOf<'diagnostics'>): void {
    if (event.name === 'notice') {
      this.notices = [event.payload, ...this.notices.filter(({ id }) => id !== event.payload.id)]
      return
    }
    this.#keep(event.payload)
    // a burst of requests redraws the table once
    this.#redrawn ??= setTimeout(() => this.#publish(), 100)
  }

  async dismiss(id: string): Promise<void> {
    await this.#client.diagnostics.dismissNotice({ id })
    this.notices = this.notices.filter((notice) => notice.id !== id)
  }

  #keep(record: RequestRecord): void {
    const known = this.#requests.get(record.id)
    // an answer is never taken back by a late "pending"
    if (known && known.outcome !== 'pending' && record.outcome === 'pending') return
    this.#requests.set(record.id, record)
  }

  #publish(): void {
    clearTimeout(this.#redrawn)
    this.#redrawn = undefined
    const newest = [...this.#requests.values()].sort((a, b) => b.id - a.id)
    for (const { id } of newest.slice(MOST_REQUESTS)) this.#requests.delete(id)
    this.requests = newest.slice(0, MOST_REQUESTS)
  }
}
