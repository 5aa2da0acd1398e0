/** From the form to the job: submits, and shows the new job where it can be followed. */
import type { Job } from '../../preload/contract/jobs.ts'
import type { App } from '../app/app.ts'
import { memberCheckOf } from './member-check.svelte.ts'
import { runTitle } from './run-title.ts'
import { runsOf } from './runs.ts'

/** What a title can be made of. */
export function runNames(app: App): { recipe: string | undefined; area: string | undefined } {
  const { compose } = runsOf(app)
  return { recipe: compose.recipe?.title, area: app.stores.areas.get(compose.draft?.areaId)?.name }
}

/** Whether the user has to say first that a run is sent which does not fit the members of a federation. */
async function hasToAsk(app: App): Promise<boolean> {
  const { compose } = runsOf(app)
  const graph = await compose.currentGraph()
  const { connectionId, federationMember: member } = compose.draft ?? {}
  if (!graph || !connectionId || !app.stores.connections.get(connectionId)?.federation.length) return false
  return memberCheckOf(app).hasToAsk({ connectionId, graph, member: member ?? null })
}

/** Runs what is composed. Undefined where something is still wrong; the form says what. */
export async function startRun(app: App): Promise<Job | undefined> {
  const { compose, startedHere } = runsOf(app)
  if (!compose.draft) return undefined
  if (await hasToAsk(app)) {
    app.shell.open('graphs')
    return undefined
  }
  const job = await compose.run(runTitle(compose.draft, runNames(app)))
  if (!job) return undefined
  startedHere.add(job.id)
  app.stores.jobs.keep(job)
  app.shell.open('jobs')
  app.shell.inspect('job', job.id)
  const isThere = app.stores.connections.get(job.connectionId)?.state === 'connected'
  app.toasts.say(
    job.state === 'waiting' && !isThere
      ? `“${job.title}” is kept, and starts as soon as the back-end answers.`
      : `Started “${job.title}”. It can be followed under Jobs.`,
  )
  return job
}
