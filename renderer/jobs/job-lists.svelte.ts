/**
 * How the lists of jobs of the back-ends were last read, and reading them when the page of jobs is opened.
 * Owns: the state of each list. Does not: keep jobs (the store of jobs does).
 */

import { SvelteMap } from 'svelte/reactivity'
import type { Connection } from '../../preload/contract/connections.ts'
import type { Client, EventsOf } from '../../preload/contract/index.ts'
import type { JobList } from '../../preload/contract/jobs.ts'
import { oncePerApp } from '../app/once-per-app.svelte.ts'

const OLD_MS = 60_000

export class JobLists {
  readonly #client: Client
  #byConnection = new SvelteMap<string, JobList>()
  readonly all: readonly JobList[] = $derived([...this.#byConnection.values()])

  constructor(client: Client) {
    this.#client = client
  }

  async load(): Promise<void> {
    const lists = await this.#client.jobs.lists().catch(() => [])
    for (const list of lists) this.#byConnection.set(list.connectionId, list)
  }
  apply(event: EventsOf<'jobs'>): void {
    if (event.name === 'listRead') this.#byConnection.set(event.payload.connectionId, event.payload)
  }

  /** Reads again what is older than a minute. Why a list cannot be read comes with its state. */
  readOld(connections: readonly Connection[], now = Date.now()): void {
    for (const { id } of connections.filter(hasJobs)) {
      const asOf = this.#byConnection.get(id)?.asOf
      if (asOf === undefined || now - Date.parse(asOf) > OLD_MS)
        void this.#client.jobs.findAtBackEnd({ connectionId: id }).catch(() => undefined)
    }
  }
}

const hasJobs = ({ state, signIn, offers }: Connection): boolean =>
  state === 'connected' && (signIn === 'signed-in' || signIn === 'not-needed') && offers.includes('batch-jobs')

export const jobListsOf = oncePerApp((app) => {
  const lists = new JobLists(app.client)
  void app.events.feed('jobs', lists)
  return lists
})
