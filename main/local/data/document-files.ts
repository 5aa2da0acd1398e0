/**
 * STAC documents beside the user's files, read and written.
 * Owns: that a new one never takes another's name, that a changed one keeps its permissions, and that both are whole.
 */
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { chmod, copyFile, link, open, readFile, realpath, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { AppError, fromFileError } from '../../core/errors.ts'
import { syncFolder, writeAtomically } from '../../core/files.ts'

const MOST_NAMES = 100
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR', 'UNKNOWN'])

/** @throws AppError not-found, read-only (also: no permission to read), unreadable-data where it is not UTF-8 */
export async function readDocument(path: string): Promise<string> {
  const bytes = await readFile(path).catch((failure) => {
    throw fromFileError(failure, `'${basename(path)}'`, 'reading') ?? failure
  })
  try {
    // what is not UTF-8 would not come out as it went in
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new AppError('unreadable-data', `'${basename(path)}' is not written in UTF-8.`, { cause })
  }
}

/** Writes `stem.json`, or the next name that is free. @throws AppError read-only, disk-full, not-found, conflict */
export async function createDocument(folder: string, stem: string, document: object): Promise<void> {
  const part = join(folder, `${stem}.json.${randomBytes(4).toString('hex')}.part`)
  try {
    await writeThrough(part, `${JSON.stringify(document, null, 2)}\n`)
    await takeName(part, folder, stem)
    await syncFolder(folder)
  } catch (failure) {
    throw fromFileError(failure, `'${stem}.json'`) ?? failure
  } finally {
    await rm(part, { force: true }).catch(() => {})
  }
}

async function writeThrough(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx')
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Gives the whole file the first name that nobody has: never another's, and never a name without its text. */
async function takeName(part: string, folder: string, stem: string): Promise<void> {
  for (let n = 1; n <= MOST_NAMES; n++) {
    const path = join(folder, n === 1 ? `${stem}.json` : `${stem} (${n}).json`)
    try {
      await linkOrCopy(part, path)
      return
    } catch (failure) {
      if ((failure as NodeJS.ErrnoException).code !== 'EEXIST') throw failure
    }
  }
  throw new AppError('conflict', `Too many files are named like '${stem}.json'.`)
}

/** A second name for the file; where the file system has none (FAT), a copy that still overwrites nothing. */
async function linkOrCopy(part: string, path: string): Promise<void> {
  try {
    await link(part, path)
  } catch (failure) {
    if (!NO_LINKS.has((failure as NodeJS.ErrnoException).code ?? '')) throw failure
    await copyFile(part, path, constants.COPYFILE_EXCL)
  }
}

/** Puts the text in the file's place; links stay links, permissions stay. @throws AppError read-only, disk-full, not-found */
export async function replaceDocument(path: string, text: string): Promise<void> {
  try {
    const real = await realpath(path)
    const { mode } = await stat(real)
    await writeAtomically(real, text)
    await chmod(real, mode & 0o777)
  } catch (failure) {
    throw fromFileError(failure, `'${basename(path)}'`) ?? failure
  }
}

/** @throws AppError read-only, not-found */
export async function removeDocument(path: string): Promise<void> {
  await rm(path).catch((failure) => {
    throw fromFileError(failure, `'${basename(path)}'`) ?? failure
  })
}
