/**
 * Files written whole or not at all, and names from outside made safe on every system.
 * Owns: nothing. Does not: decide where things lie (the caller gives folders).
 */
import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, rm, statfs } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { AppError, fromFileError } from './errors.ts'

/** Bytes of a name that every common file system takes (255), less room for ` (12)` and `.part`. */
const LONGEST_NAME_BYTES = 200
/** Names that Windows keeps for devices, with any extension (learn.microsoft.com, "Naming Files, Paths, and Namespaces"). */
const RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|$)/i
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNSAFE = /[\u0000-\u001f\u007f-\u009f<>:"/\\|?*\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

/**
 * Writes the file beside its place, forces it to the disk and moves it in: readers see the old or the new one, whole.
 * @throws AppError disk-full, read-only, not-found; what is not of these is passed on
 */
export async function writeAtomically(path: string, data: string | Uint8Array): Promise<void> {
  const part = `${path}.${randomBytes(4).toString('hex')}.part`
  try {
    const file = await open(part, 'wx', 0o600)
    try {
      await file.writeFile(data)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(part, path)
    await syncFolder(dirname(path))
  } catch (failure) {
    await rm(part, { force: true }).catch(() => {})
    throw fromFileError(failure, basename(path)) ?? failure
  }
}

/** Forces a folder's entries to the disk, so that a rename outlives a power cut; systems that cannot are left alone. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => {})
  await handle?.close()
}

/** Makes the folder and those above it. @throws AppError disk-full, read-only, not-found */
export async function ensureFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (failure) {
    throw fromFileError(failure, basename(folder)) ?? failure
  }
}

/** Cuts a text to a number of UTF-8 bytes between characters. */
function cutToBytes(text: string, mostBytes: number): string {
  let bytes = 0
  let cut = ''
  for (const character of text) {
    bytes += Buffer.byteLength(character)
    if (bytes > mostBytes) break
    cut += character
  }
  return cut
}

/**
 * A file name (never a path) out of a text that somebody else wrote: what lies before the last slash or backslash is
 * dropped, and so is what a file system, a shell or a person could misread. Never empty, never `.` or `..`, NFC, at most
 * 200 bytes with its extension kept.
 */
export function safeFileName(name: string, fallback = 'file'): string {
  const last = name.normalize('NFC').toWellFormed().split(/[/\\]/).pop() ?? ''
  const clean = last
    .replace(UNSAFE, '_')
    .replace(/^[\s.~-]+/, '') // hidden files, home folders, options of commands
    .replace(/[\s.]+$/, '') // Windows drops them silently
  if (clean === '') return fallback
  const dot = clean.lastIndexOf('.')
  const extension = dot > 0 && clean.length - dot <= 16 ? clean.slice(dot) : ''
  const stem = clean.slice(0, clean.length - extension.length)
  const cut = cutToBytes(stem, LONGEST_NAME_BYTES - Buffer.byteLength(extension)).replace(/[\s.]+$/, '')
  return RESERVED.test(cut + extension) ? `_${cut}${extension}` : cut + extension
}

/** What two names must not share on a file system that ignores case (Windows, macOS) or normalises (macOS). */
export const fileNameKey = (name: string): string => name.normalize('NFKC').toLowerCase()

/** The name, or `name (2).tif`, `name (3).tif` … where one that differs in case at most is taken; adds it to `taken`. */
export function uniqueFileName(name: string, taken: Set<string>): string {
  const dot = name.lastIndexOf('.')
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, '']
  let free = name
  for (let n = 2; taken.has(fileNameKey(free)); n++) free = `${stem} (${n})${extension}`
  taken.add(fileNameKey(free))
  return free
}

/** The path inside the folder. @throws AppError invalid-input where it would lie outside */
export function pathInside(folder: string, path: string): string {
  const root = resolve(folder)
  const whole = resolve(root, path)
  const way = relative(root, whole)
  if (path.includes('\0') || way === '' || way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way))
    throw new AppError('invalid-input', 'A file name leads out of its folder.')
  return join(root, way)
}

/** Bytes that an ordinary user may still write to the disk of this folder. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

/** Room that stays free for the system and the database. */
const RESERVE_BYTES = 100_000_000

/** @throws AppError disk-full where the folder's disk has not that much room left (and a reserve of 100 MB) */
export async function requireSpace(folder: string, neededBytes: number, what: string): Promise<void> {
  const free = await freeBytes(folder)
  if (free >= neededBytes + RESERVE_BYTES) return
  const megabytes = (bytes: number) => `${Math.max(0, Math.ceil(bytes / 1e6))} MB`
  throw new AppError(
    'disk-full',
    `Not enough room on the disk for ${what}: ${megabytes(neededBytes)} needed, ${megabytes(free - RESERVE_BYTES)} free.`,
  )
}
