/**
 * How a failure crosses from main to the window: as a value with a code of a closed set.
 * Why a value: Electron keeps only the message of a thrown error, so codes and references would be lost.
 */
import { z } from 'zod'

export const ERROR_CODES = [
  /** There is no session, or it has ended: sign in (again). */
  'signed-out',
  /** User name, password, client id or secret were refused. */
  'credentials-refused',
  /** The account is known, and not enrolled for this service; `link` leads to where that is done. */
  'not-enrolled',
  /** The sign-in service itself (OIDC provider) does not answer or answers wrongly. */
  'provider-unavailable',
  /** A sign-in that nobody finished in time: the browser was closed, the code ran out. */
  'sign-in-expired',
  /** The clock of this computer and the server's are too far apart for a sign-in. */
  'clock-skew',
  /** The certificate of a server is not trusted; it can be looked at, and trusted for one connection. */
  'untrusted-certificate',
  /** Terms of service or privacy policy have to be agreed to first. */
  'consent-needed',
  /** The back-end does not offer this, as it states itself. */
  'not-offered',
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
  /** Where the next step is taken: an http(s) address for the system's browser. */
  link: z.object({ href: z.string().max(4096), title: z.string() }).optional(),
  /** Finds the entry in Swath's log. */
  logRef: z.string(),
})
export type WireError = z.infer<typeof WireError>

export type Reply<T> = { ok: true; value: T } | { ok: false; error: WireError }
