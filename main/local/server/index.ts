/**
 * The embedded back-end as a whole: state folder, database, data, jobs, server, in the order in which they need each other.
 * Owns: starting and stopping. Does not: know which process it runs in (worker/local-back-end.ts does).
 */
import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type Clock, systemClock } from '../../core/clock.ts'
import { type Database, openDatabase } from '../../core/database.ts'
import { ensureFolder } from '../../core/files.ts'
import type { Log } from '../../core/log.ts'
import { JobFiles } from '../batch-jobs/job-files.ts'
import { JobStore } from '../batch-jobs/job-store.ts'
import { JobQueue } from '../batch-jobs/queue.ts'
import { BACK_END_MIGRATIONS } from '../batch-jobs/schema.ts'
import { type DataFolder, DataIndex } from '../data/index.ts'
import type { ProcessToCheck, RunOptions, RunResult, World } from '../evaluate/api.ts'
import { OpeneoError } from '../openeo-error.ts'
import type { BackEnd, Engine } from './back-end.ts'
import { createCredentials } from './credentials.ts'
import type { Route } from './exchange.ts'
import { type HttpServer, startHttpServer, type TimeOuts } from './http-server.ts'
import { createRouter } from './router.ts'
import { accountRoutes } from './routes/account.ts'
import { catalogueRoutes } from './routes/catalogue.ts'
import { discoveryRoutes } from './routes/discovery.ts'
import { jobRoutes } from './routes/jobs.ts'
import { processingRoutes } from './routes/processing.ts'
import { resultRoutes } from './routes/results.ts'
import { createSignedLinks } from './signed-links.ts'
import { lockState, type StateLock } from './state-lock.ts'

export const BACK_END_VERSION = '0.1.0'
const LINK_LIFETIME_SECONDS = 24 * 3600

export type BackEndOptions = {
  stateDir: string
  folders: readonly DataFolder[]
  engine: Engine
  log: Log
  /** 0 or absent: any free port. */
  port?: number
  threads?: number
  memoryBudgetBytes?: number
  clock?: Clock
  jobsAtOnce?: number
  linkLifetimeSeconds?: number
  timeOuts?: Partial<TimeOuts>
  isWatching?: boolean
  /** Called whenever a scan begins, gets further or ends. */
  onStatus?: (data: DataIndex) => void
}

export type RunningBackEnd = {
  readonly url: string
  readonly user: string
  readonly password: string
  readonly data: DataIndex
  /** Name of a damaged database that was kept aside, or null. */
  readonly setAside: string | null
  stop(): Promise<void>
}

/**
 * Starts everything; resolves when requests are answered (folders are scanned meanwhile).
 * @throws AppError conflict (port or folder in use), newer-version, read-only, disk-full, forbidden
 */
export async function startBackEnd(options: BackEndOptions): Promise<RunningBackEnd> {
  const { stateDir, log } = options
  await ensureFolder(stateDir)
  const undo: (() => unknown)[] = []
  try {
    const lock: StateLock = await lockState(stateDir, log)
    undo.push(() => lock.release())
    await rm(join(stateDir, 'computations'), { recursive: true, force: true })
    const migrations = BACK_END_MIGRATIONS
    const opened = await openDatabase({ path: join(stateDir, 'back-end.db'), migrations, log, ...clockOf(options) })
    undo.push(() => opened.database.close())
    const { backEnd, data } = assemble(options, opened.database)
    undo.push(
      () => data.close(),
      () => backEnd.queue.close(),
    )
    const server = await listen(backEnd, options)
    undo.push(() => server.close())
    data.setFolders(options.folders)
    // jobs of an earlier process wait for the folders that they read
    void data
      .whenIdle()
      .then(() => backEnd.queue.open())
      .catch((failure) => log.error('The job queue did not open', { failure }))
    const { user, password } = backEnd.credentials
    return {
      url: `http://127.0.0.1:${server.port}`,
      user,
      password,
      data,
      setAside: opened.state === 'set-aside' ? basename(opened.keptAs) : null,
      stop: () => unwind(undo),
    }
  } catch (failure) {
    await unwind(undo)
    throw failure
  }
}

async function unwind(undo: (() => unknown)[]): Promise<void> {
  for (let step = undo.pop(); step; step = undo.pop()) await step()
}

const clockOf = ({ clock }: BackEndOptions) => (clock ? { clock } : {})

function assemble(options: BackEndOptions, database: Database): { backEnd: BackEnd; data: DataIndex } {
  const { stateDir, engine, log, clock = systemClock, jobsAtOnce, memoryBudgetBytes, threads } = options
  const data: DataIndex = new DataIndex({
    database,
    log: log.child('data'),
    onChange: () => options.onStatus?.(data),
    leftOut: [stateDir],
    ...(options.isWatching === undefined ? {} : { isWatching: options.isWatching }),
  })
  const world = (): World => ({
    collections: data.collections,
    loadStacRoots: data.folders.map(({ path }) => path),
  })
  const limits = {
    ...(threads === undefined ? {} : { threads }),
    ...(memoryBudgetBytes === undefined ? {} : { memoryBudgetBytes }),
  }
  const store = new JobStore(database, clock)
  const files = new JobFiles(join(stateDir, 'jobs'))
  const queue = new JobQueue({
    store,
    files,
    log: log.child('jobs'),
    clock,
    ...(jobsAtOnce === undefined ? {} : { concurrency: jobsAtOnce }),
    run: (process, run) => runChecked(engine, process, world(), { ...limits, ...run }),
  })
  const key = store.word('link-key', () => randomBytes(32).toString('base64url'))
  const backEnd: BackEnd = {
    version: BACK_END_VERSION,
    credentials: createCredentials(),
    engine,
    collections: () => data.offered,
    world,
    store,
    files,
    queue,
    links: createSignedLinks(key, options.linkLifetimeSeconds ?? LINK_LIFETIME_SECONDS, () => clock.now()),
    stateDir,
    limits,
    clock,
    log,
  }
  return { backEnd, data }
}

/** Tells of every finding of the check, not of the first only; a process without findings runs. */
async function runChecked(
  engine: Engine,
  process: ProcessToCheck,
  world: World,
  options: RunOptions,
): Promise<RunResult> {
  const [first, ...others] = engine.check(process, world)
  for (const problem of others) options.onLog?.({ level: 'error', ...problem })
  if (first) throw new OpeneoError(400, first.code, first.message, first.path)
  return engine.run(process, world, options)
}

function listen(backEnd: BackEnd, options: BackEndOptions): Promise<HttpServer> {
  const routes: Route[] = []
  const router = () => createRouter(routes)
  routes.push(
    ...discoveryRoutes(backEnd, () => router().endpoints()),
    ...accountRoutes(backEnd),
    ...catalogueRoutes(backEnd),
    ...processingRoutes(backEnd),
    ...jobRoutes(backEnd),
    ...resultRoutes(backEnd),
  )
  return startHttpServer({
    router: router(),
    credentials: backEnd.credentials,
    log: backEnd.log.child('http'),
    port: options.port ?? 0,
    ...(options.timeOuts ? { timeOuts: options.timeOuts } : {}),
  })
}
