/**
 * What a picture is, by its own bytes: its kind and how many pixels it has.
 * Owns: the first bytes of PNG, GIF, JPEG, WebP and AVIF. Does not: decode, or believe what a server says.
 * Why pixels: 100 kB of PNG can be two gigabytes on the screen.
 */

export type PictureKind = { type: string; pixelCount: number }

/** undefined for everything but these five, SVG included, and for one that does not say how large it is. */
export function pictureKind(bytes: Uint8Array): PictureKind | undefined {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const head = data.toString('latin1', 0, 12)
  for (const [type, isOne, size] of KINDS) {
    if (!isOne(head, data)) continue
    const [width = 0, height = 0] = sizeOf(size, data) ?? []
    return width > 0 && height > 0 ? { type, pixelCount: width * height } : undefined
  }
  return undefined
}

type Size = (data: Buffer) => [width: number, height: number] | undefined
const KINDS: [type: string, isOne: (head: string, data: Buffer) => boolean, size: Size][] = [
  // W3C PNG §5.2, §11.2.1: IHDR is the first chunk
  [
    'image/png',
    (head) => head.startsWith('\x89PNG\r\n\x1a\n'),
    (data) => (data.toString('latin1', 12, 16) === 'IHDR' ? [data.readUInt32BE(16), data.readUInt32BE(20)] : undefined),
  ],
  ['image/gif', (head) => /^GIF8[79]a/.test(head), (data) => [data.readUInt16LE(6), data.readUInt16LE(8)]],
  ['image/jpeg', (head) => head.startsWith('\xff\xd8\xff'), jpegSize],
  ['image/webp', (head) => head.startsWith('RIFF') && head.endsWith('WEBP'), webpSize],
  // ISO base media: size, `ftyp`, major brand, version, compatible brands
  [
    'image/avif',
    (head, data) => head.slice(4, 8) === 'ftyp' && /^.{8}(.{4})*?avi[fs]/s.test(data.toString('latin1', 0, 64)),
    avifSize,
  ],
]

/** A picture that ends within its header has no size. */
function sizeOf(size: Size, data: Buffer): ReturnType<Size> {
  try {
    return size(data)
  } catch (failure) {
    if (failure instanceof RangeError) return undefined
    throw failure
  }
}

/** Thumbnails and colour profiles come before the size. */
const JPEG_HEADER_BYTES = 1_000_000
/** ITU-T T.81 annex B: segments up to the frame header (SOF0 … SOF15 without DHT, JPG, DAC). */
function jpegSize(data: Buffer): ReturnType<Size> {
  for (let at = 2; at < JPEG_HEADER_BYTES && data.readUInt8(at) === 0xff; ) {
    const marker = data.readUInt8(at + 1)
    if (marker === 0xff) at++
    else if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc)
      return [data.readUInt16BE(at + 7), data.readUInt16BE(at + 5)]
    else if (marker === 0xda || marker === 0xd9) return undefined
    else at += 2 + data.readUInt16BE(at + 2)
  }
  return undefined
}

/** RFC 9649: lossy, lossless or extended. */
function webpSize(data: Buffer): ReturnType<Size> {
  const chunk = data.toString('latin1', 12, 16)
  if (chunk === 'VP8 ') return [data.readUInt16LE(26) & 0x3fff, data.readUInt16LE(28) & 0x3fff]
  if (chunk === 'VP8X') return [data.readUIntLE(24, 3) + 1, data.readUIntLE(27, 3) + 1]
  if (chunk !== 'VP8L') return undefined
  const bits = data.readUInt32LE(21)
  return [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1]
}

const AVIF_HEADER_BYTES = 65_536
/** ISO 23008-12 §6.5.3: the largest of the image spatial extents. */
function avifSize(data: Buffer): ReturnType<Size> {
  const header = data.subarray(0, AVIF_HEADER_BYTES)
  let largest: [number, number] | undefined
  for (let at = header.indexOf('ispe'); at >= 0; at = header.indexOf('ispe', at + 4)) {
    const found: [number, number] = [header.readUInt32BE(at + 8), header.readUInt32BE(at + 12)]
    if (largest === undefined || found[0] * found[1] > largest[0] * largest[1]) largest = found
  }
  return largest
}
