/**
 * The file beside the target that a download grows in, and what of it is safe.
 * Owns: the `.part` file, its running hash, and a part's row once its bytes are forced to disk.
 * Does not: ask servers. What a row calls safe is read and checked again before it is built upon.
 */
import { createHash, type Hash } from 'node:crypto'
import { link, open, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { AppError, fromFileError } from '../core/errors.ts'
import { syncFolder } from '../core/files.ts'
import type { TransferStore } from './transfer-store.ts'

/** A part is kept when it has this size; so much is asked for again at most after a crash. */
export const PART_BYTES = 8 * 1024 * 1024
const READ_BYTES = 1024 * 1024

export const partPathOf = (targetPath: string) => `${targetPath}.part`

export type PartFile = {
  /** Where the next byte goes. */
  readonly position: number
  write(chunk: Uint8Array): Promise<void>
  /** Forces what was written to disk and keeps it as a part. */
  keep(): Promise<void>
  /** Gives up everything. */
  restart(): Promise<void>
  /** SHA-256 of all bytes so far. */
  sha256(): Buffer
  close(): Promise<void>
}

/** Opens or makes the file; `position` stands behind the last part whose bytes are what they were. */
export async function openPartFile(id: string, targetPath: string, store: TransferStore): Promise<PartFile> {
  const path = partPathOf(targetPath)
  const what = basename(targetPath)
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (failure) {
      throw fromFileError(failure, what) ?? failure
    }
  }
  const file = await guarded(() => open(path, 'r+').catch(() => open(path, 'w+', 0o600)))
  let hash: Hash = createHash('sha256')
  let position = 0
  let keptTo = 0
  let crc = 0

  /** Reads a part; its bytes go into the hash only when they are right. */
  async function takeIn(byteCount: number, expected: number): Promise<boolean> {
    const after = hash.copy()
    let found = 0
    for (let done = 0; done < byteCount; ) {
      const wanted = Math.min(READ_BYTES, byteCount - done)
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(wanted), 0, wanted, position + done)
      if (bytesRead === 0) return false
      const chunk = buffer.subarray(0, bytesRead)
      found = crc32(chunk, found)
      after.update(chunk)
      done += bytesRead
    }
    if (found !== expected) return false
    hash = after
    return true
  }
  try {
    for (const part of store.parts(id)) {
      if (part.first_byte !== position || !(await takeIn(part.byte_count, part.crc32))) break
      position += part.byte_count
    }
    keptTo = position
    store.dropParts(id, position)
    await guarded(() => file.truncate(position))
  } catch (failure) {
    await file.close()
    throw failure
  }

  async function keep(): Promise<void> {
    if (position === keptTo) return
    await guarded(() => file.datasync())
    store.addPart(id, { first_byte: keptTo, byte_count: position - keptTo, crc32: crc })
    keptTo = position
    crc = 0
  }
  return {
    get position() {
      return position
    },
    async write(chunk) {
      await guarded(async () => {
        for (let done = 0; done < chunk.length; ) {
          const { bytesWritten } = await file.write(chunk, done, chunk.length - done, position + done)
          done += bytesWritten
        }
      })
      hash.update(chunk)
      crc = crc32(chunk, crc)
      position += chunk.length
      if (position - keptTo >= PART_BYTES) await keep()
    },
    keep,
    async restart() {
      hash = createHash('sha256')
      position = 0
      keptTo = 0
      crc = 0
      store.dropParts(id, 0)
      await guarded(() => file.truncate(0))
    },
    sha256: () => hash.copy().digest(),
    close: () => file.close(),
  }
}

/**
 * Moves the finished file to its place, never over another.
 * @throws AppError conflict where a file of that name is there
 */
export async function putIntoPlace(targetPath: string): Promise<void> {
  const part = partPathOf(targetPath)
  try {
    await link(part, targetPath) // unlike rename, this refuses where something is there
    await rm(part)
  } catch (failure) {
    const { code } = failure as NodeJS.ErrnoException
    if (code === 'EEXIST') throw new AppError('conflict', `There is a file already: ${basename(targetPath)}.`)
    // file systems without links (FAT, some network drives): look, then rename
    if (await exists(targetPath)) throw new AppError('conflict', `There is a file already: ${basename(targetPath)}.`)
    await rename(part, targetPath).catch((reason: unknown) => {
      throw fromFileError(reason, basename(targetPath)) ?? reason
    })
  }
  await syncFolder(dirname(targetPath))
}

export const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

export const removePartFile = (targetPath: string): Promise<void> => rm(partPathOf(targetPath), { force: true })
