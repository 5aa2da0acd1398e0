/** Back-ends that the user works with, and whether they answer. */
import { z } from 'zod'
import { call, feature } from './define.ts'
import { WireError } from './errors.ts'
import { ConnectionId, Instant } from './vocabulary.ts'

export const Connection = z.object({
  id: ConnectionId,
  revision: z.number().int(),
  /** `embedded`: the openEO back-end that comes with Swath; `openeo`: one that the user added. */
  kind: z.enum(['embedded', 'openeo']),
  title: z.string(),
  url: z.string(),
  state: z.enum(['connecting', 'connected', 'failed', 'disabled']),
  failure: WireError.optional(),
  apiVersion: z.string().optional(),
  userId: z.string().optional(),
  checkedAt: Instant.optional(),
})
export type Connection = z.infer<typeof Connection>

export const connections = feature({
  calls: {
    list: call(z.void(), z.array(Connection)),
    /** Asks the back-end again whether it is there. */
    reconnect: call(z.object({ id: ConnectionId }), Connection),
  },
  events: { changed: Connection, removed: z.object({ id: ConnectionId }) },
})
