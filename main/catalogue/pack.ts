/** Documents as they lie in the cache: UTF-8, packed by zstd where that is shorter. Both begin in their own way. */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { JsonObject } from '../../preload/contract/vocabulary.ts'

/** Below, packing costs more time at each import than the room is worth. */
const WORTH_PACKING_BYTES = 4_000
/** First byte of a zstd frame (RFC 8878); no JSON text begins with it. */
const ZSTD = 0x28
/** Longer than any that is taken in (split-list.ts): a cache that was tampered with must not fill the memory. */
const LONGEST_BYTES = 40_000_000

export function pack(json: Uint8Array): Uint8Array {
  if (json.length < WORTH_PACKING_BYTES) return json
  const packed = zstdCompressSync(json)
  return packed.length < json.length ? packed : json
}

/** @throws Error where it is damaged */
export function unpack(body: Uint8Array): JsonObject {
  const json = body[0] === ZSTD ? zstdDecompressSync(body, { maxOutputLength: LONGEST_BYTES }) : Buffer.from(body)
  return JSON.parse(json.toString('utf8')) as JsonObject
}
