/**
 * How a failure crosses from main to the window: as a value with a code of a closed set.
 * Why a value: Electron keeps only the message of a thrown error, so codes and references would be lost.
 */
import { z } from 'zod'

export const ERROR_CODES = [
  'signed-out',
  'forbidden',
  'offline',
  'time-out',
  'back-end',
  'rate-limited',
  'not-found',
  'conflict',
  'invalid-input',
  'quota',
  'disk-full',
  'read-only',
  'unreadable-data',
  'secret-unreadable',
  'newer-version',
  'canceled',
  'bug',
] as const
export type ErrorCode = (typeof ERROR_CODES)[number]

export const WireError = z.object({
  code: z.enum(ERROR_CODES),
  /** A sentence for the user. Never holds tokens, paths of the machine, or parameters. */
  message: z.string(),
  retry: z.enum(['now', 'later', 'never']),
  /** The back-end's own code, e.g. `CollectionNotFound`. */
  serverCode: z.string().optional(),
  /** The back-end's own reference for its support desk. */
  serverRef: z.string().optional(),
  /** Form field → what is wrong with it. */
  fields: z.record(z.string(), z.string()).optional(),
  /** Finds the entry in Swath's log. */
  logRef: z.string(),
})
export type WireError = z.infer<typeof WireError>

export type Reply<T> = { ok: true; value: T } | { ok: false; error: WireError }
