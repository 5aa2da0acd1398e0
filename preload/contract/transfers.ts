/** Bytes on their way: downloads of results, with progress, pause and resume. */
import { z } from 'zod'
import { call, feature } from './define.ts'
import { WireError } from './errors.ts'
import { Instant, ResultId, TransferId } from './vocabulary.ts'

export const Transfer = z.object({
  id: TransferId,
  revision: z.number().int(),
  kind: z.literal('download'),
  title: z.string(),
  resultId: ResultId,
  assetKey: z.string(),
  state: z.enum(['waiting', 'running', 'paused', 'verifying', 'done', 'failed', 'canceled']),
  totalBytes: z.number().int().nullable(),
  receivedBytes: z.number().int(),
  bytesPerSecond: z.number().nullable(),
  failure: WireError.optional(),
  updatedAt: Instant,
})
export type Transfer = z.infer<typeof Transfer>

export const transfers = feature({
  calls: {
    list: call(z.void(), z.array(Transfer)),
    pause: call(z.object({ id: TransferId }), Transfer),
    resume: call(z.object({ id: TransferId }), Transfer),
    cancel: call(z.object({ id: TransferId }), Transfer),
    /** Forgets transfers that are done, failed or canceled. Files stay. */
    clearEnded: call(z.void(), z.void()),
  },
  events: { changed: Transfer, removed: z.object({ id: TransferId }) },
})
