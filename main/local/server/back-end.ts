/**
 * What the routes work with: the collections of the moment, the evaluator, the jobs, the links.
 * Owns: the type. Made by index.ts; tests make their own.
 */
import type { Clock } from '../../core/clock.ts'
import type { Log } from '../../core/log.ts'
import type { JobFiles } from '../batch-jobs/job-files.ts'
import type { JobStore } from '../batch-jobs/job-store.ts'
import type { JobQueue } from '../batch-jobs/queue.ts'
import type { OfferedCollection } from '../data/index.ts'
import type { FileFormat, OpeneoProblem, ProcessToCheck, RunOptions, RunResult, World } from '../evaluate/api.ts'
import type { ProcessDefinition } from '../processes/index.ts'
import type { Credentials } from './credentials.ts'
import type { SignedLinks } from './signed-links.ts'

/** The evaluator, as far as the server needs it. */
export type Engine = {
  processes: readonly ProcessDefinition[]
  fileFormats: { input: Record<string, FileFormat>; output: Record<string, FileFormat> }
  check(process: ProcessToCheck, world: World): OpeneoProblem[]
  run(process: ProcessToCheck, world: World, options: RunOptions): Promise<RunResult>
}

export type BackEnd = {
  version: string
  credentials: Credentials
  engine: Engine
  /** In alphabetical order of their ids. */
  collections(): readonly OfferedCollection[]
  world(): World
  store: JobStore
  files: JobFiles
  queue: JobQueue
  links: SignedLinks
  /** Folder of the back-end's own files. */
  stateDir: string
  /** For the evaluator, of this start. */
  limits: Pick<RunOptions, 'threads' | 'memoryBudgetBytes'>
  clock: Clock
  log: Log
}
