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
}
type Needs = {
  database: Database
  publish: Publish
  clock: Clock
  log: Log
  sendJson: SendJson
  addSecret(value: string): void
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
}

export const EMBEDDED_ID = 'embedded'
const EMBEDDED_TITLE = 'This computer'

export function createConnections({ database, publish, clock, log, sendJson, addSecret }: Needs): ConnectionsFeature {
  const live = new Map<string, Live>()
  const listeners: ((connection: Connection) => void)[] = []
  database.run(
    `INSERT INTO connection (id, kind, title, url, created_at) VALUES (?, 'embedded', ?, '', ?) ON CONFLICT DO NOTHING`,
    [EMBEDDED_ID, EMBEDDED_TITLE, instant(clock.now())],
  )

  const liveOf = (id: string): Live => {
    const known = live.get(id) ?? { state: 'connecting' as const, access: null, token: null }
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

  async function connect(id: string): Promise<Connection> {
    const now = liveOf(id)
    now.state = 'connecting'
    announce(id)
    try {
      const { apiVersion } = await capabilities(session(id))
      now.token = await basicToken(session(id))
      addSecret(now.token)
      const user = await userId(session(id))
      now.state = 'connected'
      delete now.failure
      database.run('UPDATE connection SET api_version = ?, user_id = ?, url = ?, checked_at = ? WHERE id = ?', [
        apiVersion,
        user,
        now.access?.url ?? '',
        instant(clock.now()),
        id,
      ])
    } catch (failure) {
      now.state = 'failed'
      now.failure = toWireError(failure, log.warn('A connection failed', { id, failure }))
      return announce(id)
    }
    const connection = announce(id)
    for (const listener of listeners) listener(connection)
    return connection
  }

  return {
    find,
    session,
    onConnected: (listener) => listeners.push(listener),
    embeddedChanged(access, failure) {
      const now = liveOf(EMBEDDED_ID)
      now.access = access
      now.token = null
      if (access) {
        addSecret(access.password)
        void connect(EMBEDDED_ID)
        return
      }
      now.state = failure ? 'failed' : 'connecting'
      if (failure) now.failure = failure
      announce(EMBEDDED_ID)
    },
    handlers: {
      list: async () =>
        database.all<ConnectionRow>('SELECT * FROM connection ORDER BY position, created_at').map(toConnection),
      reconnect: async ({ id }) => connect(id),
    },
  }
}
