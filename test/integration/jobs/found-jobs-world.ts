/** Connections, jobs and a federation whose members are real fakes, over one database that can be opened again. */

import { type Clock, systemClock } from '../../../main/core/clock.ts'
import { type Database, openDatabase } from '../../../main/core/database.ts'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { createRedactor } from '../../../main/core/redact.ts'
import { createJobs } from '../../../main/jobs/index.ts'
import { applicationMigrations } from '../../../main/migrations/index.ts'
import type { AppEvent } from '../../../preload/contract/index.ts'
import type { Job } from '../../../preload/contract/jobs.ts'
import { memorySecrets, openConnections } from '../../fakes/connections.ts'
import type { FakeBackEnd } from '../../fakes/openeo/types.ts'

export type FoundWorld = ReturnType<typeof openWorld>
const log = createLog({ sink: memorySink() })

export const openTestDatabase = async (): Promise<Database> =>
  (await openDatabase({ path: ':memory:', migrations: applicationMigrations, log })).database

export const newSecrets = () => memorySecrets(createRedactor())

/** The same database and secrets again: the application after a restart. */
export function openWorld(database: Database, secrets = newSecrets(), clock: Clock = systemClock) {
  const world = openConnections({ database, secrets, clock })
  const jobs = createJobs({
    database,
    connections: world.connections,
    publish: world.publish,
    clock,
    schedule: world.schedule,
    log: world.log,
  })
  const finished: Job[] = []
  jobs.onFinished((job) => finished.push(job))
  const isJob = (event: AppEvent, test: (job: Job) => boolean) =>
    event.feature === 'jobs' && event.name === 'changed' && test(event.payload)

  /** Adds the back-end and signs in; its jobs are read when this resolves. */
  async function connect(backEnd: FakeBackEnd, title: string): Promise<Job['connectionId']> {
    const agreed = backEnd.profile.links(backEnd.origin).map(({ href }) => href)
    const added = await world.handlers.add({ url: backEnd.url, title, agreed })
    const id = added.id as Job['connectionId']
    await world.become('connected', id)
    const { user, password } = backEnd
    await world.handlers.startSignIn({ id, method: { way: 'basic', user, password } })
    await world.until(id, ({ signIn }) => signIn === 'signed-in')
    await jobs.handlers.findAtBackEnd({ connectionId: id })
    return id
  }
  return {
    ...world,
    jobs,
    finished,
    connect,
    calls: jobs.handlers,
    list: async () => (await jobs.handlers.list()) as Job[],
    /** The job, as soon as it is so. */
    async whenJob(test: (job: Job) => boolean): Promise<Job> {
      const event = await world.event((one) => isJob(one, test))
      return event.payload as Job
    },
    close() {
      jobs.close()
      world.close()
    },
  }
}
