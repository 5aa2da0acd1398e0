/**
 * Lists what lies in a folder and below: rasters, JSON documents, and files that look like rasters but cannot be read.
 * Owns: which folders are entered. Hidden ones are not; links are followed once, so that loops end.
 * Never blocks: one folder is read at a time, and others get their turn between.
 */
import { lstat, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

export type FoundFile = {
  /** With forward slashes, relative to the folder that was walked. */
  relative: string
  kind: 'raster' | 'document' | 'unsupported'
  sizeBytes: number
  modifiedMs: number
}
export type Walked = {
  files: FoundFile[]
  /** Folders that were entered, relative; the first is ''. */
  folders: string[]
  problems: { file: string; reason: string }[]
}

const DEEPEST = 40
const MOST_FILES = 500_000
const LOOKS_AT_ONCE = 32
const RASTER = /\.(tiff?|gtiff|geotiff|cog)$/i
const DOCUMENT = /\.(geo)?json$/i
const UNSUPPORTED = /\.(nc4?|h5|hdf5?|he5|jp2|j2k|img|vrt|gri?b2?|ecw|sid|dt[012]|hgt|bil|bip|bsq|asc|grd)$/i
const NEVER_ENTERED = /^(\.|\$|@eaDir$|__MACOSX$|System Volume Information$|node_modules$)/

type Waiting = { folders: string[]; links: string[] }

/** `leftOut`: folders (absolute) that are never entered. @throws the signal's reason where it was aborted; a folder that cannot be read is a problem, not a failure */
export async function walkFolder(root: string, signal: AbortSignal, leftOut: readonly string[] = []): Promise<Walked> {
  const walked: Walked = { files: [], folders: [], problems: [] }
  const entered = new Set<string>()
  for (const folder of leftOut) {
    const identity = await identityOf(folder).catch(() => undefined)
    if (identity !== undefined) entered.add(identity)
  }
  // links come last, so that what can be reached without one is known by its own name
  const waiting: Waiting = { folders: [''], links: [] }
  for (;;) {
    signal.throwIfAborted()
    const folder = waiting.folders.pop() ?? waiting.links.pop()
    if (folder === undefined) break
    if (walked.files.length >= MOST_FILES) {
      walked.problems.push({ file: folder, reason: `More than ${MOST_FILES} files: the rest was not looked at.` })
      break
    }
    await enter(root, folder, walked, entered, waiting)
  }
  walked.files.sort((a, b) => (a.relative < b.relative ? -1 : 1))
  return walked
}

/** One and the same for all names of a folder. Windows' network drives may know no inodes; their links cannot loop. */
async function identityOf(path: string): Promise<string> {
  const { dev, ino } = await stat(path, { bigint: true })
  return ino === 0n ? path : `${dev}:${ino}`
}

async function enter(root: string, folder: string, walked: Walked, entered: Set<string>, waiting: Waiting) {
  try {
    const identity = await identityOf(join(root, folder))
    if (entered.has(identity)) return
    entered.add(identity)
    const names = (await readdir(join(root, folder))).sort()
    walked.folders.push(folder)
    for (let from = 0; from < names.length; from += LOOKS_AT_ONCE)
      await Promise.all(
        names
          .slice(from, from + LOOKS_AT_ONCE)
          .map((name) => take(root, folder === '' ? name : `${folder}/${name}`, walked, waiting)),
      )
    waiting.folders.sort()
    waiting.links.sort()
  } catch (failure) {
    walked.problems.push({ file: folder, reason: folderReason(failure) })
  }
}

async function take(root: string, relative: string, walked: Walked, waiting: Waiting): Promise<void> {
  const name = relative.slice(relative.lastIndexOf('/') + 1)
  if (NEVER_ENTERED.test(name)) return
  const kind = RASTER.test(name)
    ? 'raster'
    : DOCUMENT.test(name)
      ? 'document'
      : UNSUPPORTED.test(name)
        ? 'unsupported'
        : undefined
  // a name without a point is a folder or nothing to us; only what may matter is asked for
  const found = await stat(join(root, relative)).catch(() => undefined)
  if (!found) {
    if (kind === 'raster') walked.problems.push({ file: relative, reason: 'The file or what it links to is missing.' })
    return
  }
  if (found.isDirectory()) {
    if (/\.zarr$/i.test(name))
      walked.problems.push({ file: relative, reason: 'Zarr stores cannot be read by this version.' })
    else if (relative.split('/').length < DEEPEST) {
      const isLink = await lstat(join(root, relative)).then(
        (own) => own.isSymbolicLink(),
        () => false,
      )
      ;(isLink ? waiting.links : waiting.folders).push(relative)
    }
    return
  }
  if (kind && found.isFile()) walked.files.push({ relative, kind, sizeBytes: found.size, modifiedMs: found.mtimeMs })
}

function folderReason(failure: unknown): string {
  const code = (failure as NodeJS.ErrnoException).code
  if (code === 'ENOENT') return 'The folder does not exist any more.'
  if (code === 'ENOTDIR') return 'This is a file, not a folder.'
  if (code === 'EACCES' || code === 'EPERM') return 'The system does not allow reading this folder.'
  return 'The folder cannot be read.'
}
