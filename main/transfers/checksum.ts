/**
 * Checksums as STAC's file extension writes them: multihash in hex (multiformats.io/multihash).
 * Owns: reading and writing that form, and hashing a file. Does not: decide what a difference means.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { fromFileError } from '../core/errors.ts'

/** Codes of the multicodec table, with the algorithm's name in Node and the length of its digest in bytes. */
const ALGORITHMS: [code: number, name: string, byteCount: number][] = [
  [0x11, 'sha1', 20],
  [0x12, 'sha256', 32],
  [0x13, 'sha512', 64],
  [0x14, 'sha3-512', 64],
  [0x15, 'sha3-384', 48],
  [0x16, 'sha3-256', 32],
  [0x20, 'sha384', 48],
  [0xd5, 'md5', 16],
]

/** An unsigned LEB128 number and where it ends. */
function varint(bytes: Uint8Array, from: number): [value: number, end: number] | undefined {
  let value = 0
  for (let i = from; i < Math.min(bytes.length, from + 4); i++) {
    const byte = bytes[i] as number
    value += (byte & 0x7f) * 128 ** (i - from)
    if (byte < 0x80) return [value, i + 1]
  }
  return undefined
}

export type Checksum = { algorithm: string; digest: string }
/** undefined where the text is no multihash, or of an algorithm that is not known here. */
export function readMultihash(text: string): Checksum | undefined {
  if (!/^([\da-f]{2})+$/i.test(text)) return undefined
  const bytes = Buffer.from(text, 'hex')
  const code = varint(bytes, 0)
  const length = code && varint(bytes, code[1])
  if (!code || !length || bytes.length !== length[1] + length[0]) return undefined
  const known = ALGORITHMS.find(([number, , byteCount]) => number === code[0] && byteCount === length[0])
  return known && { algorithm: known[1], digest: bytes.subarray(length[1]).toString('hex') }
}

export const sha256Multihash = (digest: Buffer): string => `1220${digest.toString('hex')}`

/** Digest of a file in hex. @throws AppError not-found, forbidden; what is not of these is passed on */
export async function hashFile(path: string, algorithm: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash(algorithm)
  const stream = createReadStream(path, { highWaterMark: 1 << 20, ...(signal ? { signal } : {}) })
  try {
    for await (const chunk of stream) hash.update(chunk as Buffer)
  } catch (failure) {
    throw fromFileError(failure, basename(path), 'reading') ?? failure
  }
  return hash.digest('hex')
}
