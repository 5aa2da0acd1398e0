/**
 * Several files as one stream in the ustar format (POSIX.1-1988), for `POST /result`.
 * Owns: headers and padding. Does not: pack links, folders or times; names are at most 100 bytes of ASCII.
 */
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'

export type TarEntry = { name: string; path: string; sizeBytes: number }

const BLOCK_BYTES = 512
const octal = (value: number, digits: number) => value.toString(8).padStart(digits, '0')

function headerOf({ name, sizeBytes }: TarEntry): Buffer {
  const header = Buffer.alloc(BLOCK_BYTES)
  header.write(name, 0, 100, 'utf8')
  header.write(`${octal(0o644, 7)}\0`, 100, 'ascii')
  header.write(`${octal(0, 7)}\0${octal(0, 7)}\0`, 108, 'ascii')
  // sizes beyond eleven octal digits (8 GiB) are written in base 256, as GNU tar and bsdtar do
  if (sizeBytes < 0o77777777777) header.write(`${octal(sizeBytes, 11)}\0`, 124, 'ascii')
  else {
    header[124] = 0x80
    header.writeBigUInt64BE(BigInt(sizeBytes), 128)
  }
  header.write(`${octal(0, 11)}\0`, 136, 'ascii')
  header.write('        0', 148, 'ascii')
  header.write('ustar\u000000', 257, 'ascii')
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${octal(sum, 6)}\0 `, 148, 'ascii')
  return header
}

async function* chunks(entries: readonly TarEntry[]): AsyncGenerator<Buffer> {
  for (const entry of entries) {
    yield headerOf(entry)
    for await (const chunk of createReadStream(entry.path)) yield chunk as Buffer
    const rest = entry.sizeBytes % BLOCK_BYTES
    if (rest > 0) yield Buffer.alloc(BLOCK_BYTES - rest)
  }
  yield Buffer.alloc(2 * BLOCK_BYTES)
}

export const tarStream = (entries: readonly TarEntry[]): Readable =>
  Readable.from(chunks(entries), { objectMode: false })
