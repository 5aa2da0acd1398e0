/**
 * Copies the folder of a result to where the user wants it: whole or not at all, and never over anything.
 * Owns: the copy under a name of its own until it is whole. Does not: choose the place.
 */
import { access, cp, rename, rm } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { AppError, fromFileError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'

const isFree = (path: string) =>
  access(path).then(
    () => false,
    () => true,
  )

/** @throws AppError conflict (the name is taken), invalid-input (a place inside the result itself), disk-full, read-only */
export async function copyResult(from: string, targetFolder: string, name: string): Promise<void> {
  const way = relative(resolve(from), resolve(targetFolder))
  if (way === '' || !(way.startsWith('..') || resolve(way) === way))
    throw new AppError('invalid-input', 'A result cannot be copied into its own folder.')
  const to = join(targetFolder, name)
  if (!(await isFree(to)))
    throw new AppError('conflict', 'The folder holds something of this name already; nothing was overwritten.')
  const part = join(targetFolder, `${newId('copy', Date.now())}.part`)
  try {
    // what is still being fetched is not part of the copy
    await cp(from, part, { recursive: true, filter: (source) => source === from || !source.endsWith('.part') })
    if (!(await isFree(to)))
      throw new AppError('conflict', 'The folder holds something of this name already; nothing was overwritten.')
    await rename(part, to)
  } catch (failure) {
    await rm(part, { recursive: true, force: true }).catch(() => {})
    throw failure instanceof AppError ? failure : (fromCopyFailure(failure, from) ?? failure)
  }
}

/** Both sides are files: the path in the failure says which one was not allowed. */
function fromCopyFailure(failure: unknown, from: string): AppError | undefined {
  const { code, path } = failure as NodeJS.ErrnoException
  const isOfResult = path !== undefined && `${resolve(path)}${sep}`.startsWith(`${resolve(from)}${sep}`)
  if (code === 'EACCES' && isOfResult) return fromFileError(failure, 'the result', 'reading')
  return fromFileError(failure, 'the copy of the result')
}
