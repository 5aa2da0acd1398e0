/**
 * The container: byte order, classic and BigTIFF, directories and their tags (TIFF 6.0, BigTIFF, TIFF Tech Note 3).
 * Owns: bounds. Every count and offset of the file is checked against its size and a limit before memory is taken.
 * Does not: know what the tags mean (layout.ts, header.ts).
 */
import { type ByteSource, unreadable } from './byte-source.ts'

/** Bytes of one value by field type; 0: unknown. */
const TYPE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8]
const MAX_DIRECTORIES = 256
const MAX_ENTRIES = 4096
const MAX_VALUE_BYTES = 16 << 20
const HEAD_BYTES = 64 << 10

/** Where the values of a tag lie. */
export type ValueRef = { type: number; count: number; offset: number; inline: Uint8Array<ArrayBuffer> | null }

export type Tiff = { littleEndian: boolean; isBig: boolean; directories: Map<number, ValueRef>[]; reader: TiffReader }

/** Reads small pieces near the head without a request for each. */
export class TiffReader {
  readonly source: ByteSource
  littleEndian = true
  private head = new Uint8Array(0)

  constructor(source: ByteSource) {
    this.source = source
  }

  async start(signal?: AbortSignal): Promise<void> {
    const size = this.source.sizeBytes
    if (size !== null && size < 8) throw unreadable(size === 0 ? 'The file is empty.' : 'The file is not a TIFF.')
    this.head = await this.source.read(0, size === null ? 8 : Math.min(HEAD_BYTES, size), signal)
  }

  async bytes(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const size = this.source.sizeBytes
    if (!Number.isSafeInteger(offset) || offset < 0 || (size !== null && offset + length > size))
      throw unreadable('The file is damaged: its header points beyond its end.')
    if (offset + length <= this.head.length) return this.head.slice(offset, offset + length)
    return this.source.read(offset, length, signal)
  }

  async view(offset: number, length: number, signal?: AbortSignal): Promise<DataView> {
    const bytes = await this.bytes(offset, length, signal)
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** All values of a tag as numbers; at most `limit` of them. */
  async numbers(ref: ValueRef, limit: number, signal?: AbortSignal): Promise<Float64Array> {
    const each = TYPE_BYTES[ref.type] ?? 0
    if (each === 0 || ref.count > limit) throw unreadable('The file is damaged: its header is not plausible.')
    const bytes = ref.inline ?? (await this.bytes(ref.offset, each * ref.count, signal))
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const values = new Float64Array(ref.count)
    for (let i = 0; i < ref.count; i++) values[i] = this.number(view, i * each, ref.type)
    return values
  }

  async raw(ref: ValueRef, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const length = (TYPE_BYTES[ref.type] ?? 0) * ref.count
    if (length > MAX_VALUE_BYTES) throw unreadable('The file is damaged: its header is not plausible.')
    return ref.inline?.slice(0, length) ?? (await this.bytes(ref.offset, length, signal))
  }

  async text(ref: ValueRef, signal?: AbortSignal): Promise<string> {
    const bytes = await this.raw(ref, signal)
    const end = bytes.indexOf(0)
    return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end))
  }

  number(view: DataView, at: number, type: number): number {
    const little = this.littleEndian
    switch (type) {
      case 1:
      case 2:
      case 7:
        return view.getUint8(at)
      case 6:
        return view.getInt8(at)
      case 3:
        return view.getUint16(at, little)
      case 8:
        return view.getInt16(at, little)
      case 4:
      case 13:
        return view.getUint32(at, little)
      case 9:
        return view.getInt32(at, little)
      case 5:
        return view.getUint32(at, little) / view.getUint32(at + 4, little)
      case 10:
        return view.getInt32(at, little) / view.getInt32(at + 4, little)
      case 11:
        return view.getFloat32(at, little)
      case 12:
        return view.getFloat64(at, little)
      case 17:
        return Number(view.getBigInt64(at, little))
      default:
        return Number(view.getBigUint64(at, little))
    }
  }
}

/** @throws AppError `unreadable-data` where it is no TIFF or its directories are damaged */
export async function readTiff(source: ByteSource, signal?: AbortSignal): Promise<Tiff> {
  const reader = new TiffReader(source)
  await reader.start(signal)
  const first = await reader.view(0, 8, signal)
  const order = first.getUint16(0)
  if (order !== 0x4949 && order !== 0x4d4d) throw unreadable('The file is not a TIFF.')
  reader.littleEndian = order === 0x4949
  const magic = first.getUint16(2, reader.littleEndian)
  if (magic !== 42 && magic !== 43) throw unreadable('The file is not a TIFF.')
  const isBig = magic === 43
  const next = isBig ? reader.number(await reader.view(8, 8, signal), 0, 16) : first.getUint32(4, reader.littleEndian)
  const directories = await readDirectories(reader, isBig, next, signal)
  return { littleEndian: reader.littleEndian, isBig, directories, reader }
}

async function readDirectories(reader: TiffReader, isBig: boolean, first: number, signal?: AbortSignal) {
  const directories: Map<number, ValueRef>[] = []
  const seen = new Set<number>()
  let offset = first
  while (offset !== 0 && directories.length < MAX_DIRECTORIES) {
    if (seen.has(offset)) break // a loop: what was read so far stands
    seen.add(offset)
    const countBytes = isBig ? 8 : 2
    const count = reader.number(await reader.view(offset, countBytes, signal), 0, isBig ? 16 : 3)
    if (!(count > 0 && count <= MAX_ENTRIES)) throw unreadable('The file is damaged: its header is not plausible.')
    const entryBytes = isBig ? 20 : 12
    const length = count * entryBytes
    directories.push(readEntries(reader, await reader.view(offset + countBytes, length, signal), count, isBig))
    const tail = await reader.view(offset + countBytes + length, isBig ? 8 : 4, signal)
    offset = reader.number(tail, 0, isBig ? 16 : 4)
  }
  if (directories.length === 0) throw unreadable('The TIFF holds no image.')
  return directories
}

function readEntries(reader: TiffReader, view: DataView, count: number, isBig: boolean): Map<number, ValueRef> {
  const entries = new Map<number, ValueRef>()
  const fieldBytes = isBig ? 8 : 4
  for (let i = 0; i < count; i++) {
    const at = i * (isBig ? 20 : 12)
    const tag = reader.number(view, at, 3)
    const type = reader.number(view, at + 2, 3)
    const values = reader.number(view, at + 4, isBig ? 16 : 4)
    const field = at + 4 + fieldBytes
    const isInline = (TYPE_BYTES[type] ?? 0) * values <= fieldBytes
    const start = view.byteOffset + field
    entries.set(tag, {
      type,
      count: values,
      offset: isInline ? 0 : reader.number(view, field, isBig ? 16 : 4),
      inline: isInline ? new Uint8Array(view.buffer.slice(start, start + fieldBytes) as ArrayBuffer) : null,
    })
  }
  return entries
}
