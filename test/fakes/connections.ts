/**
 * The real feature of connections over real HTTP (Node's fetch), with a database that is handed in, secrets in memory and
 * without waits between retries. What it publishes and hands on is kept to be looked at.
 */
import { createConnections, EMBEDDED_ID } from '../../main/connections/index.ts'
import type { ConnectionsFeature } from '../../main/connections/types.ts'
import { type Clock, systemClock } from '../../main/core/clock.ts'
import type { Database } from '../../main/core/database.ts'
import { createControlHttp, createRequestLog, fetchTransport, type Trust } from '../../main/core/http/index.ts'
import type { Transport } from '../../main/core/http/transport.ts'
import { createLog, memorySink } from '../../main/core/log.ts'
import { createRedactor, type Redactor } from '../../main/core/redact.ts'
import { createSchedule } from '../../main/core/schedule.ts'
import type { Secrets } from '../../main/core/secrets.ts'
import type { Connection, RemovalConsequences } from '../../preload/contract/connections.ts'
import type { AppEvent, Client } from '../../preload/contract/index.ts'
import { expectNoSecrets } from './leaks.ts'

export type HandedOn = {
  id: string
  rootUrl: string
  authorization: string | null
  trust: Trust | undefined
}
export type ConnectionsOptions = {
  database: Database
  clock?: Clock
  redactor?: Redactor
  secrets?: Secrets
  transport?: Transport
  belongings?: Omit<RemovalConsequences, 'isSignedIn'>
  random?: () => number
}
export type ConnectionsWorld = ReturnType<typeof openConnections>

/** Secrets of one test; a second feature that gets the same ones is the application after a restart. */
export function memorySecrets(redactor: Redactor): Secrets & { readonly values: Map<string, string> } {
  const values = new Map<string, string>()
  return {
    values,
    status: async () => ({ active: 'memory', reason: 'A test.' }),
    get: async (name) => values.get(name) ?? null,
    async set(name, value) {
      redactor.addSecret(value)
      values.set(name, value)
    },
    delete: async (name) => void values.delete(name),
    lookAgain: async () => {},
  }
}

export function openConnections(options: ConnectionsOptions) {
  const { database, clock = systemClock, redactor = createRedactor(), random = () => 0 } = options
  const sink = memorySink()
  const log = createLog({ sink, redactor, level: 'debug' })
  const requestLog = createRequestLog({ clock: systemClock, redactor })
  const schedule = createSchedule({ clock, log, random: () => 0.5 })
  const http = createControlHttp({
    requestLog,
    redactor,
    userAgent: 'Swath/test',
    transport: options.transport ?? fetchTransport(fetch),
    random,
  })
  const events: AppEvent[] = []
  const waiting: (() => void)[] = []
  const publish = (event: AppEvent) => {
    events.push(event)
    for (const look of waiting.splice(0)) look()
  }
  const handedOn: HandedOn[] = []
  const listening: ((handedOn: HandedOn) => void)[] = []
  const opened: string[] = []
  const secrets = options.secrets ?? memorySecrets(redactor)
  const connections: ConnectionsFeature = createConnections({
    database,
    publish,
    clock,
    log,
    schedule,
    http,
    secrets,
    addSecret: (value) => redactor.addSecret(value),
    openLink: async (url) => void opened.push(url),
    countBelongings: () =>
      options.belongings ?? { jobCount: 0, openJobCount: 0, resultCount: 0, catalogueEntryCount: 0 },
    authorizationChanged(id, rootUrl, authorization, trust) {
      handedOn.push({ id, rootUrl, authorization, trust })
      for (const listener of listening) listener({ id, rootUrl, authorization, trust })
    },
  })

  /** Resolves with the first event, past or to come, that fits. */
  async function event(fits: (event: AppEvent) => boolean): Promise<AppEvent> {
    for (;;) {
      const found = events.find(fits)
      if (found) return found
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
  }
  /** Resolves with the connection as soon as it is so. */
  async function until(id: string, test: (connection: Connection) => boolean): Promise<Connection> {
    for (;;) {
      const connection = connections.find(id)
      if (connection && test(connection)) return connection
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
  }
  return {
    connections,
    handlers: connections.handlers,
    /** As the window has them: with plain ids. */
    calls: connections.handlers as unknown as Client['connections'],
    schedule,
    http,
    events,
    event,
    until,
    become: (state: Connection['state'], id: string = EMBEDDED_ID) => until(id, (one) => one.state === state),
    sink,
    redactor,
    log,
    requestLog,
    publish,
    secrets,
    handedOn,
    listening,
    opened,
    /** @throws where a secret of a fake server was written down or published */
    close() {
      connections.close()
      schedule.close()
      expectNoSecrets('log, request log and events of the connections', [sink.lines, requestLog.list(), events])
    },
  }
}
