/**
 * The log of one job at a time, read on from where it was left.
 * Owns: the entries that were read, at most 20,000 of them (the oldest go first). Does not: know when to ask; the
 * drawer does, on every change of the job and every few seconds while it runs.
 */
import type { WireError } from '../../preload/contract/errors.ts'
import type { Client } from '../../preload/contract/index.ts'
import type { JobLog } from '../../preload/contract/jobs.ts'
import { wireErrorOf } from '../app/bridge.svelte.ts'

const MOST_ENTRIES = 20_000

export class JobLogs {
  readonly #client: Client
  jobId = $state<string | null>(null)
  entries = $state.raw<readonly JobLog[]>([])
  /** Entries that went because there were too many. */
  droppedCount = $state(0)
  isReading = $state(false)
  /** The whole log was asked for once. */
  isRead = $state(false)
  failure = $state.raw<WireError>()
  #again = false

  constructor(client: Client) {
    this.#client = client
  }

  /** Begins with the log of this job; the same job goes on where it was. */
  open(jobId: string | null): void {
    if (jobId !== this.jobId) {
      this.jobId = jobId
      this.entries = []
      this.droppedCount = 0
      this.isRead = false
      this.failure = undefined
    }
    if (jobId) void this.more()
  }

  /** Asks for what came since. Calls while it asks become one more question. */
  async more(): Promise<void> {
    const { jobId } = this
    if (!jobId) return
    if (this.isReading) {
      this.#again = true
      return
    }
    this.isReading = true
    this.#again = false
    try {
      const added = await this.#client.jobs.logs({ id: jobId, after: this.entries.at(-1)?.id ?? null })
      if (this.jobId === jobId) {
        this.#keep(added)
        this.failure = undefined
        this.isRead = true
      }
    } catch (thrown) {
      if (this.jobId === jobId) this.failure = wireErrorOf(thrown)
    } finally {
      this.isReading = false
    }
    if (this.#again || this.jobId !== jobId) await this.more()
  }

  #keep(added: readonly JobLog[]): void {
    if (added.length === 0) return
    const known = new Set(this.entries.map((entry) => entry.id))
    const all = [...this.entries, ...added.filter((entry) => !known.has(entry.id))]
    this.droppedCount += Math.max(0, all.length - MOST_ENTRIES)
    this.entries = all.slice(-MOST_ENTRIES)
  }
}
