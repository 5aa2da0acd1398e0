/**
 * What the engine reads from: bytes by ranges, wherever they lie.
 * Owns: the interface and the two failures that every source has. Does not: open anything (sources.ts, http-source.ts).
 */
import { AppError } from '../core/errors.ts'

export type ByteSource = {
  /** null where a server does not say. */
  readonly sizeBytes: number | null
  /** Exactly `length` bytes from `offset`; a source that ends before is `unreadable-data`. */
  read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>
  close(): Promise<void>
}

export const canceled = () => new AppError('canceled', 'The reading was canceled.')
export const unreadable = (message: string, cause?: unknown) => new AppError('unreadable-data', message, { cause })
