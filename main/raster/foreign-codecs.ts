/**
 * JPEG and LERC blocks, decoded by geotiff.js (loaded on first use).
 * Owns: looking at the codec's own header first, so that a block cannot claim other dimensions than the file;
 * YCbCr → RGB (TIFF 6.0 section 21, full range); pixels that a LERC mask leaves out become NaN.
 */
import { inflateSync, zstdDecompressSync } from 'node:zlib'
import { areTablesOnly, onlyFrame } from './jpeg-markers.ts'
import type { ImageLayout } from './layout.ts'

/** Decoded bytes in the machine's order, pixel-interleaved for planar 1. Throws where the block is damaged. */
export async function decodeForeign(
  layout: ImageLayout,
  input: Uint8Array<ArrayBuffer>,
  rowCount: number,
): Promise<Uint8Array> {
  return layout.compression === 7 ? decodeJpeg(layout, input) : decodeLerc(layout, input, rowCount)
}

const decoderParameters = (layout: ImageLayout) => ({
  tileWidth: layout.blockWidth,
  tileHeight: layout.blockHeight,
  predictor: 1,
  bitsPerSample: layout.bits,
  planarConfiguration: layout.planar,
})

async function decodeJpeg(layout: ImageLayout, input: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const components = layout.planar === 2 ? 1 : layout.samples
  const frame = onlyFrame(input)
  if (layout.bits !== 8 || !frame || frame.precision !== 8) throw new Error('JPEG of an unsupported kind')
  if (frame.width !== layout.blockWidth || frame.height > layout.blockHeight || frame.components !== components)
    throw new Error('JPEG dimensions differ from the block')
  if (layout.jpegTables && !areTablesOnly(layout.jpegTables)) throw new Error('JPEG tables hold more than tables')
  const { getDecoder } = await import('geotiff')
  const decoder = await getDecoder(7, { ...decoderParameters(layout), JPEGTables: layout.jpegTables } as never)
  const bytes = new Uint8Array(await decoder.decodeBlock(input.slice().buffer))
  if (layout.photometric === 6 && components === 3) ycbcrToRgb(bytes)
  return bytes
}

function ycbcrToRgb(bytes: Uint8Array): void {
  const out = new Uint8ClampedArray(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let i = 0; i + 2 < bytes.length; i += 3) {
    const y = bytes[i] as number
    const cb = (bytes[i + 1] as number) - 128
    const cr = (bytes[i + 2] as number) - 128
    out[i] = y + 1.402 * cr
    out[i + 1] = y - 0.344136 * cb - 0.714136 * cr
    out[i + 2] = y + 1.772 * cb
  }
}

const MAX_LERC_BYTES = 256 << 20

async function decodeLerc(layout: ImageLayout, input: Uint8Array<ArrayBuffer>, rowCount: number): Promise<Uint8Array> {
  const extra = layout.lercParameters?.[1] ?? 0
  const limits = { maxOutputLength: MAX_LERC_BYTES }
  const blob = Uint8Array.from(
    extra === 1 ? inflateSync(input, limits) : extra === 2 ? zstdDecompressSync(input, limits) : input,
  )
  const header = lercHeader(blob)
  if (!header || header.columns !== layout.blockWidth || header.rows !== rowCount)
    throw new Error('LERC dimensions differ from the block')
  const { getDecoder } = await import('geotiff')
  const parameters = { ...decoderParameters(layout), LercParameters: { 0: 4, 1: 0 } }
  const decoder = await getDecoder(34887, parameters as never)
  const bytes = new Uint8Array(await decoder.decodeBlock(blob.buffer))
  if (header.validCount < header.rows * header.columns) leaveOut(layout, bytes, blob, header)
  return bytes
}

type LercHeader = { rows: number; columns: number; validCount: number; maskAt: number }

/** The head of a Lerc2 blob (github.com/Esri/lerc, docs of the binary format); null for anything else. */
function lercHeader(blob: Uint8Array<ArrayBuffer>): LercHeader | null {
  if (blob.length < 70 || new TextDecoder().decode(blob.subarray(0, 6)) !== 'Lerc2 ') return null
  const view = new DataView(blob.buffer)
  const version = view.getInt32(6, true)
  let at = version >= 3 ? 14 : 10
  const rows = view.getInt32(at, true)
  const columns = view.getInt32(at + 4, true)
  at += version >= 4 ? 12 : 8
  const validCount = view.getInt32(at, true)
  at += 16 // valid count, micro block size, blob size, data type
  if (version >= 6) at += 8
  at += 24 // largest error, least and greatest value
  if (version >= 6) at += 16
  return { rows, columns, validCount, maskAt: at }
}

/** Sets NaN where the mask of the blob says "no value"; its run-length code ends with -32768. */
function leaveOut(layout: ImageLayout, bytes: Uint8Array, blob: Uint8Array<ArrayBuffer>, header: LercHeader): void {
  if (layout.dataType !== 'float32' && layout.dataType !== 'float64') return
  const values =
    layout.dataType === 'float32'
      ? new Float32Array(bytes.buffer, 0, bytes.length / 4)
      : new Float64Array(bytes.buffer, 0, bytes.length / 8)
  if (header.validCount === 0) {
    values.fill(Number.NaN)
    return
  }
  const pixels = header.rows * header.columns
  const perPixel = values.length / pixels
  const mask = new Uint8Array(Math.ceil(pixels / 8))
  const view = new DataView(blob.buffer)
  let at = header.maskAt + 4
  for (let written = 0; written < mask.length && at + 2 <= blob.length; ) {
    const run = view.getInt16(at, true)
    at += 2
    if (run === -32768) break
    const count = Math.min(Math.abs(run), mask.length - written)
    if (run > 0) mask.set(blob.subarray(at, at + count), written)
    else mask.fill(blob[at] ?? 0, written, written + count)
    at += run > 0 ? run : 1
    written += count
  }
  for (let i = 0; i < pixels; i++) {
    if (((mask[i >> 3] as number) & (128 >> (i & 7))) === 0) values.fill(Number.NaN, i * perPixel, (i + 1) * perPixel)
  }
}
