/**
 * What can be done with jobs, for one and for many alike.
 * Owns: the list of actions and their words. Does not: decide about a job's state (job-words.ts).
 */
import Ban from '@lucide/svelte/icons/ban'
import Download from '@lucide/svelte/icons/download'
import FileText from '@lucide/svelte/icons/file-text'
import FolderOpen from '@lucide/svelte/icons/folder-open'
import RefreshCw from '@lucide/svelte/icons/refresh-cw'
import RotateCcw from '@lucide/svelte/icons/rotate-ccw'
import Trash from '@lucide/svelte/icons/trash-2'
import type { Job } from '../../preload/contract/jobs.ts'
import type { Action } from '../app/actions.svelte.ts'
import type { App } from '../app/app.ts'
import { wireErrorOf } from '../app/bridge.svelte.ts'
import { runsOf } from '../graphs/runs.ts'
import { countOf } from '../ui/format.ts'
import { jobPageOf } from './job-page.svelte.ts'
import { canCancel, canRestart, isActive } from './job-words.ts'

/** Does the same with each job; what failed stays on the page of the job that it failed for. */
async function each(app: App, jobs: readonly Job[], act: (job: Job) => Promise<Job | undefined>): Promise<number> {
  const page = jobPageOf(app)
  const done = await Promise.all(
    jobs.map(async (job) => {
      page.forget(job.id)
      try {
        const changed = await act(job)
        if (changed) app.stores.jobs.keep(changed)
        return 1
      } catch (thrown) {
        page.keepFailure(job.id, wireErrorOf(thrown))
        return 0
      }
    }),
  )
  return done.reduce<number>((sum, one) => sum + one, 0)
}

const many = (jobs: readonly Job[]) => (jobs.length === 1 ? 'job' : countOf(jobs.length, 'job'))

async function cancel(app: App, jobs: readonly Job[]): Promise<void> {
  const count = await each(app, jobs, ({ id }) => app.client.jobs.cancel({ id }))
  if (count > 0) app.toasts.say(`${countOf(count, 'job')} canceled.`)
}

async function remove(app: App, jobs: readonly Job[], from: 'back-end' | 'list' = 'back-end'): Promise<void> {
  const count = await each(app, jobs, async ({ id }) => {
    await app.client.jobs.remove(from === 'list' ? { id, from } : { id })
    app.stores.jobs.drop(id)
    return undefined
  })
  if (count === 0) return
  if (!app.selection.ids.some((id) => app.stores.jobs.get(id))) app.selection.clear()
  const where = from === 'list' ? 'removed from the list' : 'removed here and at the back-end'
  app.toasts.say(`${countOf(count, 'job')} ${where}. Results in the library stay.`)
}

/** To be called once at start: state made while actions are derived would not be followed. */
export function provideJobActions(app: App): void {
  jobPageOf(app)
  app.actions.provideFor('job', (_id, ids) => jobActions(app, ids))
}

/** The actions of the selected jobs. */
function jobActions(app: App, ids: readonly string[]): Action[] {
  const jobs = ids.map((id) => app.stores.jobs.get(id)).filter((job) => job !== undefined)
  const [first] = jobs
  if (!first) return []
  const cancelable = jobs.filter(canCancel)
  const restartable = jobs.filter(canRestart)
  const result = jobs.length === 1 ? app.stores.library.get(first.resultId) : undefined
  const actions: Action[] = []
  if (result) {
    actions.push({
      id: 'jobs.open-result',
      title: 'Open result',
      icon: FolderOpen,
      group: 'Jobs',
      isPrimary: true,
      run: () => {
        app.shell.open('library')
        app.shell.inspect('result', result.id)
      },
    })
  }
  if (jobs.length === 1) {
    actions.push({
      id: 'jobs.logs',
      title: 'Show logs',
      icon: FileText,
      group: 'Jobs',
      run: () => app.shell.openDrawer('logs'),
    })
  }
  const unfetched = jobs.filter(({ origin, wantsResults }) => origin === 'back-end' && !wantsResults)
  const fetchable = unfetched.filter(({ state }) => state === 'finished' || isActive(state))
  if (fetchable.length > 0) {
    actions.push({
      id: 'jobs.fetch-results',
      title: fetchable.length === 1 ? 'Fetch results' : `Fetch results of ${many(fetchable)}`,
      icon: Download,
      group: 'Jobs',
      keywords: 'download',
      run: () => each(app, fetchable, ({ id }) => app.client.jobs.fetchResults({ id })),
    })
  }
  if (jobs.length === 1 && (isActive(first.state) || first.origin === 'back-end')) {
    actions.push({
      id: 'jobs.refresh',
      title: 'Ask back-end now',
      icon: RefreshCw,
      group: 'Jobs',
      run: () => each(app, [first], ({ id }) => app.client.jobs.refresh({ id })),
    })
  }
  if (restartable.length > 0) {
    actions.push({
      id: 'jobs.restart',
      title:
        restartable.length === 1 && restartable[0]?.state === 'created'
          ? 'Start job'
          : `Run ${many(restartable)} again`,
      icon: RotateCcw,
      group: 'Jobs',
      keywords: 'restart',
      run: () => {
        for (const job of restartable) runsOf(app).startedHere.add(job.id)
        return each(app, restartable, ({ id }) => app.client.jobs.restart({ id }))
      },
    })
  }
  if (cancelable.length > 0) {
    actions.push({
      id: 'jobs.cancel',
      title: `Cancel ${many(cancelable)}`,
      icon: Ban,
      group: 'Jobs',
      isDangerous: true,
      run: () => cancel(app, cancelable),
    })
  }
  actions.push({
    id: 'jobs.remove',
    title: `Remove ${many(jobs)}`,
    icon: Trash,
    group: 'Jobs',
    shortcut: 'Delete',
    isDangerous: true,
    run: () => {
      jobPageOf(app).toRemove = jobs
    },
  })
  return actions
}

export { remove as removeJobs }
