/** What the pages about jobs share beside the jobs themselves: failed attempts, the question before a removal, logs. */
import { SvelteMap } from 'svelte/reactivity'
import type { WireError } from '../../preload/contract/errors.ts'
import type { Job } from '../../preload/contract/jobs.ts'
import { oncePerApp } from '../app/once-per-app.svelte.ts'
import { JobLogs } from './job-logs.svelte.ts'
import type { JobFilter, JobOrder } from './job-words.ts'

export class JobPage {
  /** Text and state by which the list is filtered, kept while the window is open. */
  search = $state('')
  filter = $state<JobFilter>('all')
  order = $state<JobOrder>('newest')
  /** Jobs whose removal waits for an answer. */
  toRemove = $state.raw<readonly Job[]>([])
  readonly logs: JobLogs
  #failures = new SvelteMap<string, WireError>()

  constructor(logs: JobLogs) {
    this.logs = logs
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

export const jobPageOf = oncePerApp((app) => new JobPage(new JobLogs(app.client)))
