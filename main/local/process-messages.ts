/**
 * What the application and the back-end's process say to each other.
 * Owns: the messages, both ways, as schemas: neither side trusts the other's words unread. Knows no Electron.
 */
import { z } from 'zod'
import { ERROR_CODES } from '../../preload/contract/errors.ts'
import { LocalCollection, StatedScene, UndatedScene } from '../../preload/contract/local.ts'

const Folder = z.object({ id: z.string().min(1).max(200), path: z.string().min(1).max(4096), isSample: z.boolean() })

/** From the application. `start` comes first and once. */
export const ToBackEnd = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('start'),
    /** For the back-end's own database and the files of its jobs. */
    dataDir: z.string().min(1),
    folders: z.array(Folder),
    /** 0 or absent: any free port. */
    port: z.number().int().min(0).max(65_535).optional(),
    /** Worker threads of one job. */
    threads: z.number().int().min(0).max(64).optional(),
    memoryBudgetBytes: z.number().int().positive().optional(),
  }),
  z.object({ type: z.literal('setFolders'), folders: z.array(Folder) }),
  z.object({ type: z.literal('rescan') }),
  /** Answered by `answer` with the same number, when the status that follows from it has been told. */
  z.object({
    type: z.literal('stateDate'),
    number: z.number().int(),
    collectionId: z.string(),
    sceneId: z.string(),
    datetime: z.string().nullable(),
  }),
  z.object({
    type: z.literal('stateNodata'),
    number: z.number().int(),
    collectionId: z.string(),
    /** NaN is possible. */
    value: z.number().or(z.nan()).nullable(),
    bands: z.array(z.string()).optional(),
  }),
  z.object({ type: z.literal('stop') }),
])
export type ToBackEnd = z.infer<typeof ToBackEnd>

const Status = z.object({
  type: z.literal('status'),
  isScanning: z.boolean(),
  problems: z.array(z.object({ folderId: z.string(), file: z.string(), reason: z.string() })),
  collections: z.array(LocalCollection.extend({ title: z.string(), scenes: z.number().int() })),
  undated: z.array(UndatedScene),
  undatedCount: z.number().int(),
  dated: z.array(StatedScene),
  /** A sentence where the database of jobs was damaged and is kept aside; told once, null in every other status. */
  setAside: z.string().nullable(),
})

/** From the back-end: `ready` or `failed` answers `start`; `status` comes whenever it changes; `log` is a line of the log. */
export const FromBackEnd = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), url: z.string(), user: z.string(), password: z.string() }),
  z.object({ type: z.literal('failed'), code: z.string(), message: z.string() }),
  Status,
  z.object({ type: z.literal('log'), line: z.unknown() }),
  z.object({
    type: z.literal('answer'),
    number: z.number().int(),
    failure: z.object({ code: z.enum(ERROR_CODES), message: z.string() }).nullable(),
  }),
  z.object({ type: z.literal('stopped') }),
])
export type FromBackEnd = z.infer<typeof FromBackEnd>
