/**
 * Back-ends that the user works with: where they are, whether they answer, and how to speak with them.
 * Owns: table connection, and a session for each (its token lives in memory only). Emits: connections.changed.
 * Does not: keep the embedded back-end running (local does; this feature is told its address and password).
 */
import type { Connection } from '../../preload/contract/connections.ts'
import type { WireError } from '../../preload/contract/errors.ts'
import type { Handlers } from '../../preload/contract/index.ts'
import { type Clock, instant } from '../core/clock.ts'
import type { Database } from '../core/database.ts'
import { AppError, toWireError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Publish } from '../ipc/publish.ts'
import {
  basicToken,
  capabilities,
  type OpeneoReply,
  type OpeneoRequest,
  type OpeneoSession,
  userId,
} from '../protocols/openeo.ts'

/** Address and credentials of the embedded back-end, of this launch. */
export type EmbeddedAccess = { url: string; user: string; password: string }
/** How one request gets to a server: the HTTP policy of core, with an Authorization header for the API's origin only. */
export type SendJson = (rootUrl: string, request: OpeneoRequest, authorization: string | null) => Promise<OpeneoReply>

export type ConnectionsFeature = {
  handlers: Handlers<'connections'>
  find(id: string): Connection | undefined
  /** @throws AppError not-found, offline */
  session(id: string): OpeneoSession
  /** The embedded back-end is there (again), or gone. */
  embeddedChanged(access: EmbeddedAccess | null, failure?: WireError): void
  /** Called each time a connection has answered. */
  onConnected(listener: (connection: Connection) => void): void
  close(): void
}
type Needs = {
  database: Database
  publish: Publish
  clock: Clock
  log: Log
  sendJson: SendJson
  addSecret(value: string): void
  /** The Authorization header for everything at this back-end's origin; null where there is none any more. */
  authorizationChanged(rootUrl: string, authorization: string | null): void
}
type ConnectionRow = {
  id: string
  revision: number
  kind: string
  title: string
  url: string
  is_disabled: number
  api_version: string | null
  user_id: string | null
  checked_at: string | null
}
type Live = {
  state: Connection['state']
  failure?: WireError
  access: EmbeddedAccess | null
  token: string | null
  /** Grows with each attempt to connect: an answer to an earlier one is not listened to. */
  attempt: number
  failures: number
  disarm: (() => void) | null
}
/** A try that was overtaken by another or by a change of the address. */
const OVERTAKEN = Symbol('overtaken')
const FIRST_RETRY_MS = 5_000
const LONGEST_RETRY_MS = 120_000

export const EMBEDDED_ID = 'embedded'
const EMBEDDED_TITLE = 'This computer'

export function createConnections(needs: Needs): ConnectionsFeature {
  const { database, publish, clock, log, sendJson, addSecret } = needs
  let isClosed = false
  const live = new Map<string, Live>()
  const listeners: ((connection: Connection) => void)[] = []
  database.run(
    `INSERT INTO connection (id, kind, title, url, created_at) VALUES (?, 'embedded', ?, '', ?) ON CONFLICT DO NOTHING`,
    [EMBEDDED_ID, EMBEDDED_TITLE, instant(clock.now())],
  )

  const liveOf = (id: string): Live => {
    const known = live.get(id) ?? {
      state: 'connecting' as const,
      access: null,
      token: null,
      attempt: 0,
      failures: 0,
      disarm: null,
    }
    live.set(id, known)
    return known
  }
  const toConnection = (row: ConnectionRow): Connection => {
    const now = liveOf(row.id)
    return {
      id: row.id as Connection['id'],
      revision: row.revision,
      kind: row.kind === 'embedded' ? 'embedded' : 'openeo',
      title: row.title,
      url: now.access?.url ?? row.url,
      state: row.is_disabled ? 'disabled' : now.state,
      ...(now.failure ? { failure: now.failure } : {}),
      ...(row.api_version ? { apiVersion: row.api_version } : {}),
      ...(row.user_id ? { userId: row.user_id } : {}),
      ...(row.checked_at ? { checkedAt: row.checked_at } : {}),
    }
  }
  const find = (id: string): Connection | undefined => {
    const row = database.get<ConnectionRow>('SELECT * FROM connection WHERE id = ?', [id])
    return row && toConnection(row)
  }
  const get = (id: string): Connection => {
    const connection = find(id)
    if (!connection) throw new AppError('not-found', 'The connection is not there any more.')
    return connection
  }
  function announce(id: string): Connection {
    database.run('UPDATE connection SET revision = revision + 1 WHERE id = ?', [id])
    const connection = get(id)
    publish({ feature: 'connections', name: 'changed', payload: connection })
    return connection
  }

  function session(id: string): OpeneoSession {
    const connection = get(id)
    const { access, token } = liveOf(id)
    if (!access) throw new AppError('offline', 'The back-end on this computer is not running yet.')
    return {
      rootUrl: connection.url,
      send: (request) => {
        const basic = `Basic ${Buffer.from(`${access.user}:${access.password}`).toString('base64')}`
        const authorization = request.path === '/credentials/basic' ? basic : token ? `Bearer ${token}` : null
        return sendJson(connection.url, request, authorization)
      },
    }
  }

  function setToken(now: Live, rootUrl: string, token: string | null): void {
    if (now.token === null && token === null) return
    now.token = token
    needs.authorizationChanged(rootUrl, token === null ? null : `Bearer ${token}`)
  }

  async function connect(id: string): Promise<Connection> {
    get(id)
    const now = liveOf(id)
    now.attempt += 1
    const { attempt } = now
    now.disarm?.()
    now.disarm = null
    now.state = 'connecting'
    announce(id)
    try {
      await signIn(id, now, attempt)
    } catch (failure) {
      if (isClosed || failure === OVERTAKEN || now.attempt !== attempt) return get(id)
      now.state = 'failed'
      now.failure = toWireError(failure, log.warn('A connection failed', { id, failure }))
      tryLater(id, now)
      return announce(id)
    }
    const connection = announce(id)
    for (const listener of listeners) {
      try {
        listener(connection)
      } catch (failure) {
        log.error('What follows a connection failed', { id, failure })
      }
    }
    return connection
  }

  /** @throws OVERTAKEN where another attempt began meanwhile; AppError where the back-end refuses or is not there */
  async function signIn(id: string, now: Live, attempt: number): Promise<void> {
    const check = () => {
      if (isClosed || now.attempt !== attempt) throw OVERTAKEN
    }
    const { apiVersion } = await capabilities(session(id))
    check()
    const token = await basicToken(session(id))
    addSecret(token)
    // the server sends it without the prefix that the header has
    addSecret(token.replace(/^basic\/\//, ''))
    check()
    const rootUrl = now.access?.url ?? ''
    setToken(now, rootUrl, token)
    const user = await userId(session(id))
    check()
    now.state = 'connected'
    now.failures = 0
    delete now.failure
    database.run('UPDATE connection SET api_version = ?, user_id = ?, url = ?, checked_at = ? WHERE id = ?', [
      apiVersion,
      user,
      rootUrl,
      instant(clock.now()),
      id,
    ])
  }

  /** What may pass is tried again; a wrong password is not. */
  function tryLater(id: string, now: Live): void {
    if (now.access === null || now.failure?.retry === 'never') return
    const waitMs = Math.min(FIRST_RETRY_MS * 2 ** now.failures, LONGEST_RETRY_MS)
    now.failures = Math.min(now.failures + 1, 20)
    now.disarm = clock.setTimer(waitMs, () => begin(id))
  }
  const begin = (id: string) =>
    void connect(id).catch((failure) => log.error('A connection could not be kept', { id, failure }))

  return {
    find,
    session,
    onConnected: (listener) => listeners.push(listener),
    embeddedChanged(access, failure) {
      const now = liveOf(EMBEDDED_ID)
      if (now.access) setToken(now, now.access.url, null)
      now.attempt += 1 // whatever the former address still answers
      now.disarm?.()
      now.disarm = null
      now.access = access
      now.failures = 0
      if (access) {
        addSecret(access.password)
        begin(EMBEDDED_ID)
        return
      }
      now.state = failure ? 'failed' : 'connecting'
      if (failure) now.failure = failure
      else delete now.failure
      announce(EMBEDDED_ID)
    },
    close() {
      isClosed = true
      for (const { disarm } of live.values()) disarm?.()
    },
    handlers: {
      list: async () =>
        database.all<ConnectionRow>('SELECT * FROM connection ORDER BY position, created_at').map(toConnection),
      reconnect: async ({ id }) => connect(id),
    },
  }
}
