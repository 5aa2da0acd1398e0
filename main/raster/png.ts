/**
 * Writes PNG files (ISO/IEC 15948): grey, RGB and RGBA with 8 or 16 bits.
 * Owns: filters chosen row by row, chunks and their check sums. The file appears under its name when it is complete.
 */
import { open, rename, unlink } from 'node:fs/promises'
import { basename } from 'node:path'
import { promisify } from 'node:util'
import { crc32, deflate } from 'node:zlib'
import { AppError, fromFileError } from '../core/errors.ts'

export type PngImage = {
  width: number
  height: number
  channels: 1 | 3 | 4
  /** width × height × channels values, row by row, channels together. */
  data: Uint8Array | Uint8ClampedArray | Uint16Array
}

const COLOUR_TYPES = { 1: 0, 3: 2, 4: 6 } as const
const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
const deflateAsync = promisify(deflate)

/** @throws AppError `invalid-input` where the data does not fit the size */
export async function encodePng({ width, height, channels, data }: PngImage): Promise<Buffer> {
  const isFitting = width > 0 && height > 0 && data.length === width * height * channels
  if (!isFitting) throw new AppError('invalid-input', 'The picture has the wrong number of pixels.')
  const bits = data instanceof Uint16Array ? 16 : 8
  const header = new DataView(new ArrayBuffer(13))
  header.setUint32(0, width)
  header.setUint32(4, height)
  header.setUint8(8, bits)
  header.setUint8(9, COLOUR_TYPES[channels])
  const pixels = await deflateAsync(filterRows(bigEndian(data), height, (channels * bits) / 8), { level: 6 })
  const head = new Uint8Array(header.buffer)
  return Buffer.concat([SIGNATURE, chunk('IHDR', head), chunk('IDAT', pixels), chunk('IEND', new Uint8Array(0))])
}

/** @throws AppError `disk-full`, `read-only`, `not-found` (no such folder), `invalid-input` */
export async function writePng(path: string, image: PngImage): Promise<{ sizeBytes: number }> {
  const bytes = await encodePng(image)
  const part = `${path}.part`
  try {
    const file = await open(part, 'w')
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(part, path)
  } catch (failure) {
    await unlink(part).catch(() => undefined)
    throw fromFileError(failure, basename(path)) ?? failure
  }
  return { sizeBytes: bytes.length }
}

function chunk(type: string, data: Uint8Array): Buffer {
  const out = Buffer.alloc(data.length + 12)
  out.writeUInt32BE(data.length, 0)
  out.write(type, 4, 'latin1')
  out.set(data, 8)
  out.writeUInt32BE(crc32(out.subarray(4, data.length + 8)), data.length + 8)
  return out
}

function bigEndian(data: PngImage['data']): Uint8Array {
  if (!(data instanceof Uint16Array)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return Buffer.from(data.slice().buffer).swap16()
}

/** Each row by the filter (none, sub, up) whose differences are smallest, as the standard advises. */
function filterRows(bytes: Uint8Array, height: number, pixelBytes: number): Uint8Array {
  const rowBytes = bytes.length / height
  const out = new Uint8Array((rowBytes + 1) * height)
  const candidates = [new Uint8Array(rowBytes), new Uint8Array(rowBytes), new Uint8Array(rowBytes)] as const
  for (let y = 0; y < height; y++) {
    const row = bytes.subarray(y * rowBytes, (y + 1) * rowBytes)
    const above = y > 0 ? bytes.subarray((y - 1) * rowBytes, y * rowBytes) : null
    const sums = [0, 0, 0]
    for (let i = 0; i < rowBytes; i++) {
      const value = row[i] as number
      const differences = [
        value,
        value - (i >= pixelBytes ? (row[i - pixelBytes] as number) : 0),
        value - (above?.[i] ?? 0),
      ]
      for (let f = 0; f < 3; f++) {
        const byte = (differences[f] as number) & 255
        ;(candidates[f] as Uint8Array)[i] = byte
        sums[f] = (sums[f] as number) + (byte < 128 ? byte : 256 - byte)
      }
    }
    const best = sums.indexOf(Math.min(...sums))
    out[y * (rowBytes + 1)] = best
    out.set(candidates[best] as Uint8Array, y * (rowBytes + 1) + 1)
  }
  return out
}
