/** What the pages about jobs share beside the jobs themselves: failed attempts, the question before a removal, logs. */
import { SvelteMap } from 'svelte/reactivity'
import type { WireError } from '../../preload/contract/errors.ts'
import type { Client } from '../../preload/contract/index.ts'
import type { Job } from '../../preload/contract/jobs.ts'
import { wireErrorOf } from '../app/bridge.svelte.ts'
import { oncePerApp } from '../app/once-per-app.svelte.ts'
import { JobLogs } from './job-logs.svelte.ts'
import type { JobFilter, JobOrder } from './job-words.ts'
import type { OriginFilter } from './origin-words.ts'

export class JobPage {
  /** Text and state by which the list is filtered, kept while the window is open. */
  search = $state('')
  filter = $state<JobFilter>('all')
  order = $state<JobOrder>('newest')
  /** Id of a connection; `all`: of every one. */
  connectionId = $state('all')
  origin = $state<OriginFilter>('all')
  /** Jobs whose removal waits for an answer. */
  toRemove = $state.raw<readonly Job[]>([])
  readonly logs: JobLogs
  readonly #client: Client
  #looked = new Set<string>()
  #failures = new SvelteMap<string, WireError>()

  constructor(client: Client) {
    this.#client = client
    this.logs = new JobLogs(client)
  }
  /** Asks for what the list of a back-end does not tell of a job; once while the window is open. */
  lookAt(id: string): void {
    if (this.#looked.has(id)) return
    this.#looked.add(id)
    this.#client.jobs.refresh({ id: id as Job['id'] }).then(
      () => this.forget(id),
      (thrown) => {
        this.#looked.delete(id)
        this.keepFailure(id, wireErrorOf(thrown))
      },
    )
  }
  /** Why the last thing that was tried with this job did not work. */
  failureOf(id: string): WireError | undefined {
    return this.#failures.get(id)
  }
  keepFailure(id: string, failure: WireError): void {
    this.#failures.set(id, failure)
  }
  forget(id: string): void {
    this.#failures.delete(id)
  }
}

export const jobPageOf = oncePerApp((app) => new JobPage(app.client))
