/**
 * The steps of the application's database, in order.
 * Owns: the list. A step that was released never changes; a new one is a file of its own and a line here.
 */
import type { Migration } from '../core/migrate.ts'
import { settings } from './0010-settings.ts'
import { connections } from './0020-connections.ts'
import { areas } from './0030-areas.ts'
import { jobs } from './0040-jobs.ts'
import { library } from './0050-library.ts'
import { transfers } from './0060-transfers.ts'
import { jobStarts } from './0070-job-starts.ts'
import { connectionDetails } from './0080-connection-details.ts'
import { transferConnections } from './0085-transfer-connections.ts'
import { noCache } from './0090-no-cache.ts'
import { foundJobs } from './0100-found-jobs.ts'
import { connectionAnswers } from './0110-connection-answers.ts'

export const applicationMigrations: readonly Migration[] = [
  settings,
  connections,
  areas,
  jobs,
  library,
  transfers,
  jobStarts,
  connectionDetails,
  transferConnections,
  noCache,
  foundJobs,
  connectionAnswers,
]
