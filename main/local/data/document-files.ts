/**
 * STAC documents beside the user's files, read and written.
 * Owns: that a new one never takes another's name, that a changed one keeps its permissions, and that both are whole.
 */
import { chmod, open, readFile, realpath, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { AppError, fromFileError } from '../../core/errors.ts'
import { writeAtomically } from '../../core/files.ts'

const MOST_NAMES = 100

/** @throws AppError not-found, read-only (also: no permission to read), unreadable-data where it is not UTF-8 */
export async function readDocument(path: string): Promise<string> {
  const bytes = await readFile(path).catch((failure) => {
    throw fromFileError(failure, `'${basename(path)}'`) ?? failure
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
  const path = await reserveName(folder, stem)
  try {
    await replaceDocument(path, `${JSON.stringify(document, null, 2)}\n`)
  } catch (failure) {
    await rm(path, { force: true }).catch(() => {})
    throw failure
  }
}

/** An empty file of our own: nobody else can take the name between the look and the write. */
async function reserveName(folder: string, stem: string): Promise<string> {
  for (let n = 1; n <= MOST_NAMES; n++) {
    const path = join(folder, n === 1 ? `${stem}.json` : `${stem} (${n}).json`)
    try {
      await (await open(path, 'wx')).close()
      return path
    } catch (failure) {
      if ((failure as NodeJS.ErrnoException).code === 'EEXIST') continue
      throw fromFileError(failure, `'${basename(path)}'`) ?? failure
    }
  }
  throw new AppError('conflict', `Too many files are named like '${stem}.json'.`)
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
