/**
 * Where bytes come from: one local file or one remote URL, read by ranges.
 * Owns: the choice between them, and the local source. Does not: cache (block-cache.ts) or speak HTTP (http-source.ts).
 */
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { AppError, fromFileError } from '../core/errors.ts'
import { type ByteSource, canceled, unreadable } from './byte-source.ts'
import type { RasterSource } from './types.ts'

/** @throws AppError `not-found`, `read-only`, `unreadable-data`, `canceled`, or what HTTP gives */
export async function openSource(source: RasterSource, signal?: AbortSignal): Promise<ByteSource> {
  if (signal?.aborted) throw canceled()
  if (source.kind === 'file') return openFile(source.path)
  const { openUrl } = await import('./http-source.ts')
  return openUrl(source.url, { headers: source.headers ?? {}, signal })
}

async function openFile(path: string): Promise<ByteSource> {
  const name = basename(path)
  const handle = await open(path, 'r').catch((failure: NodeJS.ErrnoException) => {
    if (failure.code === 'EACCES' || failure.code === 'EPERM')
      throw new AppError('forbidden', `The file ${name} may not be read.`, { cause: failure })
    throw fromFileError(failure, name) ?? unreadable(`The file ${name} cannot be opened.`, failure)
  })
  const stat = await handle.stat()
  if (!stat.isFile()) {
    await handle.close()
    throw unreadable(`${name} is not a file.`)
  }
  let isClosed = false
  return {
    sizeBytes: stat.size,
    async read(offset, length, signal) {
      if (isClosed || signal?.aborted) throw canceled()
      // refused before memory is taken for it: lengths come out of the file
      if (offset < 0 || length < 0 || offset + length > stat.size)
        throw unreadable(`The file ${name} is cut short: its header points beyond its end.`)
      const bytes = new Uint8Array(length)
      let filled = 0
      while (filled < length) {
        const { bytesRead } = await handle
          .read(bytes, filled, length - filled, offset + filled)
          .catch((failure: unknown) => {
            throw isClosed ? canceled() : unreadable(`The file ${name} could not be read.`, failure)
          })
        if (bytesRead === 0) throw unreadable(`The file ${name} became shorter while it was read.`)
        filled += bytesRead
      }
      return bytes
    },
    async close() {
      if (isClosed) return
      isClosed = true
      await handle.close()
    },
  }
}
