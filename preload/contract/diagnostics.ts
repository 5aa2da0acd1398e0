/** What Swath says about itself: versions, the active secret store, the request log, notices of start-up, a bundle for support. */
import { z } from 'zod'
import { call, feature } from './define.ts'
import { Instant } from './vocabulary.ts'

export const SECRET_STORES = ['keytar', 'safe-storage', 'memory'] as const

export const About = z.object({
  version: z.string(),
  electron: z.string(),
  chrome: z.string(),
  node: z.string(),
  sqlite: z.string(),
  platform: z.string(),
})

export const RequestRecord = z.object({
  id: z.number().int(),
  startedAt: Instant,
  method: z.string(),
  /** Without user info, and with secret query parameters replaced. */
  url: z.string(),
  status: z.number().int().nullable(),
  durationMs: z.number().nullable(),
  receivedBytes: z.number().int(),
  attempt: z.number().int(),
  outcome: z.enum(['pending', 'answered', 'failed', 'canceled']),
  /** Error code where it failed. */
  failure: z.string().nullable(),
  requestId: z.string().nullable(),
})
export type RequestRecord = z.infer<typeof RequestRecord>

/** Something that the user should know and that no page of its own shows, e.g. a database that was set aside. */
export const Notice = z.object({
  id: z.string(),
  level: z.enum(['info', 'warning']),
  title: z.string(),
  message: z.string(),
  at: Instant,
})
export type Notice = z.infer<typeof Notice>

export const diagnostics = feature({
  calls: {
    about: call(z.void(), About),
    secretStore: call(z.void(), z.object({ active: z.enum(SECRET_STORES), reason: z.string() })),
    requests: call(z.void(), z.array(RequestRecord)),
    notices: call(z.void(), z.array(Notice)),
    dismissNotice: call(z.object({ id: z.string() }), z.void()),
    /** Saves log, request log, versions and settings, redacted, as one JSON file; null where the user canceled. */
    exportBundle: call(z.void(), z.object({ fileName: z.string() }).nullable()),
    revealLog: call(z.void(), z.void()),
    /** The window tells that it has drawn its first map frame, for the start-up figures. */
    markInteractive: call(z.object({ layerCount: z.number().int() }), z.void()),
    /** An error that the window could not handle goes to the log. */
    reportProblem: call(
      z.object({ message: z.string().max(5000), stack: z.string().max(20_000).optional() }),
      z.object({ logRef: z.string() }),
    ),
    /** Opens an http(s) address in the system’s browser, or an e-mail address in the mail program. */
    openLink: call(z.object({ url: z.string().max(4096) }), z.void()),
    /** Puts text on the clipboard. */
    copyText: call(z.object({ text: z.string().max(5_000_000) }), z.void()),
  },
  events: { request: RequestRecord, notice: Notice },
})
