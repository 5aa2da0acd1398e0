/** The embedded back-end: whether it runs, and the folders whose rasters it offers as collections. */
import { z } from 'zod'
import { call, feature } from './define.ts'
import { WireError } from './errors.ts'
import { Instant } from './vocabulary.ts'

export const DataFolder = z.object({
  id: z.string(),
  path: z.string(),
  /** Folders that come with Swath cannot be removed. */
  isSample: z.boolean(),
  addedAt: Instant,
})
export type DataFolder = z.infer<typeof DataFolder>

/** A file that the back-end found and cannot use, and why. */
export const FileProblem = z.object({
  folderId: z.string(),
  /** Relative to the folder. */
  file: z.string(),
  reason: z.string(),
})
export type FileProblem = z.infer<typeof FileProblem>

export const LocalStatus = z.object({
  revision: z.number().int(),
  state: z.enum(['starting', 'running', 'failed', 'stopped']),
  url: z.string().nullable(),
  failure: WireError.optional(),
  isScanning: z.boolean(),
  folders: z.array(DataFolder),
  problems: z.array(FileProblem),
})
export type LocalStatus = z.infer<typeof LocalStatus>

export const local = feature({
  calls: {
    status: call(z.void(), LocalStatus),
    /** Opens the system's folder dialog; null where the user canceled. */
    chooseFolder: call(z.void(), LocalStatus.nullable()),
    /** Adds the folder of dropped files or folders; the paths come from the drop itself (preload), see bridge. */
    addFolder: call(z.object({ path: z.string().min(1).max(4096) }), LocalStatus),
    removeFolder: call(z.object({ id: z.string() }), LocalStatus),
    rescan: call(z.void(), LocalStatus),
    restart: call(z.void(), LocalStatus),
    /** Copies address, user or password for another openEO client to the clipboard; the password never reaches the window. */
    copy: call(z.object({ what: z.enum(['url', 'user', 'password']) }), z.void()),
  },
  events: { changed: LocalStatus },
})
