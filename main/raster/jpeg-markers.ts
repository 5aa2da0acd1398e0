/**
 * The markers of a JPEG stream, looked at before a decoder allocates for them (ITU T.81, Annex B).
 * Owns: which streams may be decoded: one frame in the block, none in the shared tables (TIFF Technical Note 2), and
 * segments filled to their last byte, so that no other reader can find a frame where this one sees something else.
 */
export type JpegFrame = { precision: number; height: number; width: number; components: number }

const SOI = 0xd8
const EOI = 0xd9
const SOS = 0xda
const DQT = 0xdb
const DHT = 0xc4
const DRI = 0xdd
const COM = 0xfe
/** Baseline, extended and progressive Huffman coding; all other processes are unsupported. */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xc2
const isApplication = (marker: number) => marker >= 0xe0 && marker <= 0xef

/** Whether the shared tables hold tables only. They are decoded as a stream of their own. */
export function areTablesOnly(data: Uint8Array): boolean {
  let frames = 0
  const end = walk(data, (marker) => {
    if (isFrame(marker)) frames++
    return true
  })
  return end?.marker === EOI && frames === 0
}

/** The one frame of a block; null where there is none or more, or where the stream is damaged. */
export function onlyFrame(data: Uint8Array): JpegFrame | null {
  const frames: JpegFrame[] = []
  const end = walk(data, (marker, start, length) => {
    if (!isFrame(marker)) return true
    const frame = readFrame(data, start, length)
    if (frame) frames.push(frame)
    return frame !== null
  })
  if (end?.marker !== SOS || frames.length !== 1) return null
  // coded data has no 0xff but before a zero or a marker: a frame among scans shows itself in its two bytes
  for (let at = end.at; at + 1 < data.length; at++)
    if (data[at] === 0xff && isFrame(data[at + 1] as number)) return null
  return frames[0] as JpegFrame
}

/** Visits the segments up to the first scan or the end; null where one is damaged, unknown or refused by `accept`. */
function walk(data: Uint8Array, accept: (marker: number, start: number, length: number) => boolean) {
  if (data[0] !== 0xff || data[1] !== SOI) return null
  for (let at = 2; at + 1 < data.length; ) {
    if (data[at] !== 0xff) return null
    const marker = data[at + 1] as number
    if (marker === 0xff) {
      at++ // fill byte
      continue
    }
    at += 2
    if (marker === SOS || marker === EOI) return { marker, at }
    const length = word(data, at)
    if (length < 2 || at + length > data.length) return null
    if (!isFilled(data, marker, at + 2, length - 2) || !accept(marker, at + 2, length - 2)) return null
    at += length
  }
  return null
}

const word = (data: Uint8Array, at: number) => (((data[at] ?? 0) << 8) | (data[at + 1] ?? 0)) >>> 0

/** Whether what a segment holds is as long as the segment says. */
function isFilled(data: Uint8Array, marker: number, start: number, length: number): boolean {
  if (isApplication(marker) || marker === COM) return true
  if (marker === DRI) return length === 2
  if (isFrame(marker)) return length >= 6 && length === 6 + 3 * (data[start + 5] as number)
  if (marker !== DQT && marker !== DHT) return false
  const end = start + length
  let at = start
  while (at < end) at += marker === DQT ? quantizationBytes(data[at] as number) : huffmanBytes(data, at)
  return at === end
}

/** NaN for a precision that does not exist: nothing is as long as that. */
const quantizationBytes = (head: number) => (head >> 4 === 0 ? 65 : head >> 4 === 1 ? 129 : Number.NaN)

function huffmanBytes(data: Uint8Array, start: number): number {
  let codes = 0
  for (let i = 1; i <= 16; i++) codes += data[start + i] ?? 0
  return 17 + codes
}

/** Sampling factors are 1 to 4 (B.2.2); the memory of a decoder grows with them. */
function readFrame(data: Uint8Array, start: number, length: number): JpegFrame | null {
  for (let at = start + 7; at < start + length; at += 3) {
    const horizontal = (data[at] as number) >> 4
    const vertical = (data[at] as number) & 15
    if (horizontal < 1 || horizontal > 4 || vertical < 1 || vertical > 4) return null
  }
  return {
    precision: data[start] as number,
    height: word(data, start + 1),
    width: word(data, start + 3),
    components: data[start + 5] as number,
  }
}
