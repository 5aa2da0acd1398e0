/**
 * Compressed bytes of one block → typed values of the samples asked for.
 * Owns: inflate and zstd by Node's zlib with a bound on the size, predictors 2 and 3, byte order, planar and pixel
 * layout, small bit depths. JPEG and LERC go through geotiff.js (foreign-codecs.ts), LZW and PackBits through lzw.ts.
 */
import { inflateSync, zstdDecompressSync } from 'node:zlib'
import { unreadable } from './byte-source.ts'
import type { ImageLayout } from './layout.ts'
import { decodeLzw, decodePackBits } from './lzw.ts'
import { unpredictFloat, unpredictIntegers } from './predictors.ts'
import type { DataType, Values } from './types.ts'

type Constructor = {
  new (length: number): Values
  new (buffer: ArrayBufferLike, offset?: number, length?: number): Values
}
export const VALUE_ARRAYS: Readonly<Record<DataType, Constructor & { BYTES_PER_ELEMENT: number }>> = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
}

/** `shared` puts the values where other threads can see them without a copy. */
export function newValues(dataType: DataType, length: number, shared = false): Values {
  const array = VALUE_ARRAYS[dataType]
  return shared ? new array(new SharedArrayBuffer(length * array.BYTES_PER_ELEMENT), 0, length) : new array(length)
}

const damagedBlock = (cause?: unknown) =>
  unreadable('The file is damaged: a part of its pixels cannot be decoded.', cause)

/** Writers pad; more than this beyond the block is refused. */
const SLACK_BYTES = 65_536

/**
 * @param rowCount rows that the block holds: fewer than blockHeight in the last strip only
 * @param samples positions within the block: bands for planar 1, [0] for planar 2
 * @returns one array of blockWidth × rowCount values for each sample asked for
 * @throws AppError `unreadable-data`
 */
export async function decodeBlock(
  layout: ImageLayout,
  compressed: Uint8Array<ArrayBuffer>,
  rowCount: number,
  samples: readonly number[],
  shared: boolean,
): Promise<Values[]> {
  const perPixel = layout.planar === 2 ? 1 : layout.samples
  const rowBytes = Math.ceil((layout.blockWidth * perPixel * layout.bits) / 8)
  const needed = rowBytes * rowCount
  const raw = await decompress(layout, compressed, needed, rowCount)
  if (raw.length < needed) throw damagedBlock()
  const bytes = aligned(raw.subarray(0, needed))
  if (layout.bits < 8) return unpackBits(layout, bytes, rowBytes, rowCount, samples, shared)
  const isForeign = layout.compression === 7 || layout.compression === 34887
  if (layout.predictor === 3) unpredictFloat(bytes, rowBytes, rowCount, layout.bits / 8, perPixel)
  else if (!layout.littleEndian && layout.bits > 8 && !isForeign) swapBytes(bytes, layout.bits)
  if (layout.bits === 16 && layout.dataType === 'float32') return halfFloats(bytes, perPixel, samples, shared)
  const all = viewOf(layout.dataType, bytes)
  if (layout.predictor === 2) unpredictIntegers(all, layout.blockWidth * perPixel, rowCount, perPixel)
  return separate(layout.dataType, all, perPixel, samples, shared)
}

async function decompress(
  layout: ImageLayout,
  input: Uint8Array<ArrayBuffer>,
  needed: number,
  rowCount: number,
): Promise<Uint8Array> {
  try {
    const limits = { maxOutputLength: needed + SLACK_BYTES, chunkSize: Math.max(64, needed) }
    switch (layout.compression) {
      case 1:
        return layout.fillOrder === 2 && layout.bits === 1 ? input.map(reverseBits) : input
      case 8:
      case 32946:
        return inflateSync(input, limits)
      case 50000:
        return zstdDecompressSync(input, limits)
      case 5: {
        const out = new Uint8Array(needed)
        return out.subarray(0, Math.max(0, decodeLzw(input, out)))
      }
      case 32773: {
        const out = new Uint8Array(needed)
        return out.subarray(0, decodePackBits(input, out))
      }
      default: {
        const { decodeForeign } = await import('./foreign-codecs.ts')
        return await decodeForeign(layout, input, rowCount)
      }
    }
  } catch (failure) {
    throw damagedBlock(failure)
  }
}

function reverseBits(byte: number): number {
  let out = 0
  for (let i = 0; i < 8; i++) out |= ((byte >> i) & 1) << (7 - i)
  return out
}

/** A view that typed arrays of eight bytes can lie on, with bytes that may be written to. */
function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? bytes : bytes.slice()
}

function viewOf(dataType: DataType, bytes: Uint8Array): Values {
  const array = VALUE_ARRAYS[dataType]
  return new array(bytes.buffer, bytes.byteOffset, bytes.byteLength / array.BYTES_PER_ELEMENT)
}

function swapBytes(bytes: Uint8Array, bits: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bits === 16) buffer.swap16()
  else if (bits === 32) buffer.swap32()
  else buffer.swap64()
}

/** The samples asked for, each by itself; a block of one sample is handed on as it is. */
function separate(
  dataType: DataType,
  all: Values,
  perPixel: number,
  samples: readonly number[],
  shared: boolean,
): Values[] {
  if (perPixel === 1 && samples.length === 1 && !shared) {
    const whole = all.buffer.byteLength <= all.byteLength + SLACK_BYTES
    return [whole ? all : (all.slice() as Values)]
  }
  const length = Math.floor(all.length / perPixel)
  return samples.map((sample) => {
    const values = newValues(dataType, length, shared)
    if (perPixel === 1) values.set(all)
    else for (let i = 0, k = sample; i < length; i++, k += perPixel) values[i] = all[k] as number
    return values
  })
}

function unpackBits(
  layout: ImageLayout,
  bytes: Uint8Array,
  rowBytes: number,
  rowCount: number,
  samples: readonly number[],
  shared: boolean,
): Values[] {
  const { bits, blockWidth } = layout
  const perPixel = layout.planar === 2 ? 1 : layout.samples
  const mask = (1 << bits) - 1
  return samples.map((sample) => {
    const values = newValues('uint8', blockWidth * rowCount, shared)
    for (let row = 0, out = 0; row < rowCount; row++) {
      for (let column = 0; column < blockWidth; column++, out++) {
        const bit = (column * perPixel + sample) * bits
        values[out] = ((bytes[row * rowBytes + (bit >> 3)] as number) >> (8 - bits - (bit & 7))) & mask
      }
    }
    return values
  })
}

/** IEEE 754 binary16, which GDAL shows as float32. */
function halfFloats(bytes: Uint8Array, perPixel: number, samples: readonly number[], shared: boolean): Values[] {
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2)
  const length = Math.floor(halves.length / perPixel)
  return samples.map((sample) => {
    const values = newValues('float32', length, shared)
    for (let i = 0; i < length; i++) values[i] = halfToNumber(halves[i * perPixel + sample] as number)
    return values
  })
}

function halfToNumber(half: number): number {
  const exponent = (half >> 10) & 31
  const fraction = half & 1023
  const sign = half & 0x8000 ? -1 : 1
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction ? Number.NaN : sign * Infinity
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}
