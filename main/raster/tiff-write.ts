/**
 * Bytes of TIFF directories, classic or Big (TIFF 6.0; BigTIFF): all directories and their values first, one after
 * the other, as the Cloud Optimized GeoTIFF layout asks for.
 * Owns: types and places of values. Does not: know what a COG holds (cog-writer.ts).
 */

const SHORT = 3
const LONG = 4
const DOUBLE = 12
const LONG8 = 16
const ASCII = 2

export type TagValue =
  | { type: 'short' | 'long' | 'double' | 'offset'; values: ArrayLike<number> }
  | { type: 'ascii'; text: string }
/** Tag number → value. */
export type Directory = Map<number, TagValue>

const typeOf = (value: TagValue, isBig: boolean) =>
  ({ short: SHORT, long: LONG, double: DOUBLE, offset: isBig ? LONG8 : LONG, ascii: ASCII })[value.type]
const BYTES: Readonly<Record<number, number>> = { [ASCII]: 1, [SHORT]: 2, [LONG]: 4, [DOUBLE]: 8, [LONG8]: 8 }

const payload = (value: TagValue) =>
  value.type === 'ascii' ? new TextEncoder().encode(`${value.text}\0`) : value.values
const even = (bytes: number) => bytes + (bytes & 1)

/** The length of everything before the pixel data. */
export function headLength(directories: readonly Directory[], isBig: boolean): number {
  return place(directories, isBig).end
}

function place(directories: readonly Directory[], isBig: boolean) {
  const [countBytes, entryBytes, nextBytes, fieldBytes] = isBig ? [8, 20, 8, 8] : [2, 12, 4, 4]
  let at = isBig ? 16 : 8
  const places = directories.map((tags) => {
    const start = at
    at += countBytes + tags.size * entryBytes + nextBytes
    const values = new Map<number, number>()
    for (const [tag, value] of tags) {
      const bytes = payload(value).length * (BYTES[typeOf(value, isBig)] as number)
      if (bytes <= fieldBytes) continue
      at = (at + 7) & ~7
      values.set(tag, at)
      at += even(bytes)
    }
    at = (at + 7) & ~7
    return { start, values }
  })
  return { places, end: (at + 15) & ~15 }
}

/** The head of the file, little-endian. */
export function writeHead(directories: readonly Directory[], isBig: boolean): Uint8Array<ArrayBuffer> {
  const { places, end } = place(directories, isBig)
  const bytes = new Uint8Array(end)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, 0x4949)
  view.setUint16(2, isBig ? 43 : 42, true)
  if (isBig) view.setUint16(4, 8, true)
  const offset = (at: number, value: number) =>
    isBig ? view.setBigUint64(at, BigInt(value), true) : view.setUint32(at, value, true)
  offset(isBig ? 8 : 4, isBig ? 16 : 8)
  directories.forEach((tags, i) => {
    const { start, values } = places[i] as (typeof places)[number]
    let at = start
    if (isBig) view.setBigUint64(at, BigInt(tags.size), true)
    else view.setUint16(at, tags.size, true)
    at += isBig ? 8 : 2
    for (const [tag, value] of [...tags].sort(([a], [b]) => a - b)) {
      const type = typeOf(value, isBig)
      const items = payload(value)
      view.setUint16(at, tag, true)
      view.setUint16(at + 2, type, true)
      if (isBig) view.setBigUint64(at + 4, BigInt(items.length), true)
      else view.setUint32(at + 4, items.length, true)
      const field = at + (isBig ? 12 : 8)
      const elsewhere = values.get(tag)
      if (elsewhere !== undefined) offset(field, elsewhere)
      writeItems(view, elsewhere ?? field, items, type)
      at += isBig ? 20 : 12
    }
    offset(at, places[i + 1]?.start ?? 0)
  })
  return bytes
}

function writeItems(view: DataView, at: number, items: ArrayLike<number>, type: number): void {
  const each = BYTES[type] as number
  for (let i = 0; i < items.length; i++) {
    const value = items[i] as number
    const position = at + i * each
    if (type === ASCII) view.setUint8(position, value)
    else if (type === SHORT) view.setUint16(position, value, true)
    else if (type === LONG) view.setUint32(position, value, true)
    else if (type === DOUBLE) view.setFloat64(position, value, true)
    else view.setBigUint64(position, BigInt(value), true)
  }
}
