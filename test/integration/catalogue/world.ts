/**
 * The catalogue over real HTTP, real SQLite and its real process (in plain Node): connections, catalogue, and the door.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCatalogue } from '../../../main/catalogue/index.ts'
import { type Clock, systemClock } from '../../../main/core/clock.ts'
import { openDatabase } from '../../../main/core/database.ts'
import { answer } from '../../../main/ipc/answer.ts'
import { cacheMigrations } from '../../../main/migrations/cache/index.ts'
import { applicationMigrations } from '../../../main/migrations/index.ts'
import type { ListName, ListState, SearchAnswer, SearchQuery } from '../../../preload/contract/catalogue.ts'
import type { Connection } from '../../../preload/contract/connections.ts'
import type { WireError } from '../../../preload/contract/errors.ts'
import type { AllHandlers } from '../../../preload/contract/index.ts'
import { type StartedProcess, startCatalogueProcess } from '../../fakes/catalogue-process.ts'
import { openConnections } from '../../fakes/connections.ts'

export type World = Awaited<ReturnType<typeof openWorld>>

export const EVERYTHING: SearchQuery = {
  text: '',
  kinds: [],
  connectionIds: [],
  bbox: null,
  interval: null,
  bands: [],
  platforms: [],
  maximumResolutionM: null,
  members: [],
  hasDeprecated: true,
  hasExperimental: true,
  sort: 'relevance',
  offset: 0,
  limit: 200,
}

/** `folder` of a world before this one: the application after a restart. */
export async function openWorld(options: { folder?: string; clock?: Clock } = {}) {
  const { clock = systemClock } = options
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'swath-catalogue-'))
  const quiet = { path: join(folder, 'swath.sqlite'), migrations: applicationMigrations }
  const logOnly = openConnectionsLog()
  const { database } = await openDatabase({ ...quiet, log: logOnly })
  const world = openConnections({ database, clock })
  const processes: StartedProcess[] = []
  const catalogue = createCatalogue({
    path: join(folder, 'catalogue.sqlite'),
    migrations: cacheMigrations,
    connections: world.connections,
    publish: world.publish,
    clock,
    schedule: world.schedule,
    log: world.log,
    http: world.http,
    startProcess() {
      const started = startCatalogueProcess()
      processes.push(started)
      return started
    },
  })
  const handlers = { catalogue: catalogue.handlers, connections: world.handlers } as unknown as AllHandlers
  /** Over the door, checked on the way in and out. @throws WireError */
  async function call<T>(feature: 'catalogue' | 'connections', name: string, input: unknown): Promise<T> {
    const reply = await answer(handlers, feature, name, input, { log: world.log, checkOutput: true })
    if (reply.ok) return reply.value as T
    throw Object.assign(new Error(reply.error.message), { wire: reply.error })
  }
  const failureOf = (promise: Promise<unknown>): Promise<WireError | undefined> =>
    promise.then(
      () => undefined,
      (failure: { wire: WireError }) => failure.wire,
    )
  /** Resolves when every list that can be read was read to its end. */
  async function untilRead(id: string): Promise<void> {
    const isRead = async () => {
      const states = await call<ListState[]>('catalogue', 'lists', { connectionId: id })
      return states.every(
        ({ isOffered, asOf, failure, list }) =>
          !isOffered || asOf !== null || failure !== null || list === 'user-processes',
      )
    }
    while (!(await isRead())) {
      const count = world.events.length
      if (await isRead()) return
      await world.event((event) => event.feature === 'catalogue' && world.events.indexOf(event) >= count)
    }
  }
  await catalogue.ready()
  return {
    ...world,
    folder,
    database,
    catalogue,
    processes,
    call,
    failureOf,
    /** Adds a back-end and waits until its lists were read; `isOnce`: by the first reading, which begins by itself. */
    async connect(url: string, { isOnce = false } = {}): Promise<Connection> {
      const added = await call<Connection>('connections', 'add', { url, agreed: [] })
      await world.until(added.id, ({ state }) => state === 'connected')
      if (isOnce) await untilRead(added.id)
      else await call('catalogue', 'refresh', { connectionId: added.id })
      return world.connections.find(added.id) as Connection
    },
    refresh: (connectionId: string) => call<void>('catalogue', 'refresh', { connectionId }),
    search: (query: Partial<SearchQuery> = {}) =>
      call<SearchAnswer>('catalogue', 'search', { ...EVERYTHING, ...query }),
    async ids(query: Partial<SearchQuery> = {}): Promise<string[]> {
      const { hits } = await call<SearchAnswer>('catalogue', 'search', { ...EVERYTHING, ...query })
      return hits.map(({ id }) => id)
    },
    async list(connectionId: string, name: ListName): Promise<ListState> {
      const states = await call<ListState[]>('catalogue', 'lists', { connectionId })
      return states.find(({ list }) => list === name) as ListState
    },
    /** Ends the application; the folder stays for the next one. */
    async stop(): Promise<void> {
      world.close()
      await catalogue.close()
      database.close()
    },
    async close(): Promise<void> {
      await this.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

import { createLog, memorySink } from '../../../main/core/log.ts'
import { createRedactor } from '../../../main/core/redact.ts'

const openConnectionsLog = () => createLog({ sink: memorySink(), redactor: createRedactor() })
