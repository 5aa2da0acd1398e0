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

/** A scene without a time: neither its files, nor their names, nor a STAC item tell one. Files are relative to the folder. */
export const UndatedScene = z.object({
  folderId: z.string(),
  collectionId: z.string(),
  sceneId: z.string(),
  files: z.array(z.string()),
})
export type UndatedScene = z.infer<typeof UndatedScene>
/** A scene whose date was typed here. */
export const StatedScene = UndatedScene.extend({ datetime: Instant })
export type StatedScene = z.infer<typeof StatedScene>

/** What stands for no data in a band, and who says so; numbers that JSON lacks are words, as in STAC. */
export const BandNodata = z.object({
  name: z.string(),
  /** null: nothing stands for no data, 0 is data. Also where scenes differ (`several`). */
  nodata: z.union([z.number(), z.enum(['nan', 'inf', '-inf'])]).nullable(),
  statedBy: z.enum(['file', 'item', 'here', 'several']).nullable(),
})
export type BandNodata = z.infer<typeof BandNodata>
export const LocalCollection = z.object({
  id: z.string(),
  folderId: z.string(),
  /** Empty for the sample data, of which nothing can be stated. */
  bands: z.array(BandNodata),
})
export type LocalCollection = z.infer<typeof LocalCollection>

export const LocalStatus = z.object({
  revision: z.number().int(),
  state: z.enum(['starting', 'running', 'failed', 'stopped']),
  url: z.string().nullable(),
  failure: WireError.optional(),
  isScanning: z.boolean(),
  folders: z.array(DataFolder),
  problems: z.array(FileProblem),
  /** The first ones; `undatedCount` counts all. */
  undated: z.array(UndatedScene),
  undatedCount: z.number().int(),
  dated: z.array(StatedScene),
  collections: z.array(LocalCollection),
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
    /**
     * A date for a scene, kept beside its files as a STAC item: `YYYY-MM-DD`, or with a time (UTC where no zone is given).
     * null takes back what was typed here. Answered when the folders have been looked through again.
     */
    stateDate: call(
      z.object({ collectionId: z.string(), sceneId: z.string(), datetime: z.string().max(40).nullable() }),
      LocalStatus,
    ),
    /**
     * What stands for no data, in these bands or in all of which neither file nor STAC item says it; null takes back what
     * was stated here. Kept in one STAC document beside the collection's folder.
     */
    stateNodata: call(
      z.object({
        collectionId: z.string(),
        value: z.union([z.number(), z.literal('nan')]).nullable(),
        bands: z.array(z.string()).min(1).optional(),
      }),
      LocalStatus,
    ),
    /** Copies address, user or password for another openEO client to the clipboard; the password never reaches the window. */
    copy: call(z.object({ what: z.enum(['url', 'user', 'password']) }), z.void()),
  },
  events: { changed: LocalStatus },
})
