/**
 * Takes a long JSON document apart while it arrives: the entries of one array one by one, the other members together.
 * Owns: the limits. What is too long or nested too deep costs itself, not the list; memory holds one entry at a time.
 * Does not: know what the entries are.
 */
import { AppError } from '../core/errors.ts'

export type ListSplitter = {
  push(chunk: Uint8Array): void
  /** The other members of the document. @throws AppError where it was cut off */
  end(): Map<string, unknown>
}
export type SplitLimits = { mostEntryBytes: number; mostDepth: number; mostOtherBytes: number }
export const SPLIT_LIMITS: SplitLimits = { mostEntryBytes: 4_000_000, mostDepth: 150, mostOtherBytes: 4_000_000 }

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const COMMA = 0x2c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf]

const notJson = () =>
  new AppError('back-end', 'The back-end answered with something other than a list in JSON.', { retry: 'never' })
const nothing = () => new AppError('back-end', 'The back-end answered with nothing.', { retry: 'now' })
const cutOff = () => new AppError('back-end', 'The list of the back-end was cut off.', { retry: 'now' })

/** `onEntry` gets the bytes of each object of the array `key`; `onRefused` is told of those beyond the limits. */
export function createListSplitter(
  key: string,
  onEntry: (bytes: Buffer) => void,
  onRefused: () => void,
  limits: SplitLimits = SPLIT_LIMITS,
): ListSplitter {
  const others = new Map<string, unknown>()
  let depth = 0
  let inString = false
  let isEscaped = false
  let hasBegun = false
  let hasEnded = false
  let hasList = false
  let inList = false
  let place: 'key' | 'colon' | 'value' = 'key'
  let member = ''
  let otherBytes = 0
  /** What is being kept, from `from` in this chunk and `pieces` of those before. */
  let isKept = false
  let isOver = false
  let from = 0
  let pieces: Buffer[] = []
  let keptBytes = 0

  const keep = (at: number) => {
    isKept = true
    isOver = false
    from = at
    pieces = []
    keptBytes = 0
  }
  function add(piece: Buffer): void {
    keptBytes += piece.length
    if (keptBytes > (inList ? limits.mostEntryBytes : limits.mostOtherBytes - otherBytes)) isOver = true
    if (isOver) pieces = []
    else if (piece.length > 0) pieces.push(piece)
  }
  function kept(chunk: Buffer, to: number): Buffer | null {
    add(chunk.subarray(from, to))
    isKept = false
    const whole = isOver ? null : pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)
    pieces = []
    return whole
  }
  function finishOther(chunk: Buffer, to: number): void {
    const bytes = kept(chunk, to)
    if (bytes === null) return
    otherBytes += bytes.length
    others.set(member, parsed(bytes))
  }
  function open(c: number, at: number): void {
    if (depth === 1 && place === 'value' && !isKept && !inList) {
      if (c === OPEN_BRACKET && member === key) {
        inList = true
        hasList = true
      } else keep(at)
    } else if (inList && depth === 2 && !isKept && c === OPEN_BRACE) keep(at)
    depth++
    if (isKept && depth > limits.mostDepth) isOver = true
  }
  function close(chunk: Buffer, at: number): void {
    depth--
    if (inList) {
      if (depth === 2 && isKept) {
        const bytes = kept(chunk, at + 1)
        if (bytes) onEntry(bytes)
        else onRefused()
      } else if (depth === 1) inList = false
    } else if (depth === 1 && isKept) finishOther(chunk, at + 1)
    else if (depth === 0) {
      if (isKept) finishOther(chunk, at)
      hasEnded = true
    }
  }
  function structure(c: number, chunk: Buffer, at: number): void {
    if (c === QUOTE) {
      inString = true
      if (depth === 1 && !isKept && place !== 'colon') keep(at)
    } else if (c === OPEN_BRACE || c === OPEN_BRACKET) open(c, at)
    else if (c === CLOSE_BRACE || c === CLOSE_BRACKET) close(chunk, at)
    else if (depth !== 1) return
    else if (c === COLON && place === 'colon') place = 'value'
    else if (c === COMMA) {
      if (isKept) finishOther(chunk, at)
      place = 'key'
    } else if (place === 'value' && !isKept && !inList) keep(at)
  }
  function scan(chunk: Buffer): void {
    const { length } = chunk
    for (let at = 0; at < length; at++) {
      const c = chunk[at] as number
      if (inString) {
        if (isEscaped) isEscaped = false
        else if (c === BACKSLASH) isEscaped = true
        else if (c === QUOTE) {
          inString = false
          if (depth === 1 && place === 'key') {
            member = String(parsed(kept(chunk, at + 1) ?? Buffer.from('""')))
            place = 'colon'
          }
        }
        continue
      }
      if (c <= 0x20 || hasEnded) continue
      if (!hasBegun) {
        if (BYTE_ORDER_MARK.includes(c)) continue
        if (c !== OPEN_BRACE) throw notJson()
        hasBegun = true
        depth = 1
        continue
      }
      structure(c, chunk, at)
    }
    if (!isKept) return
    add(Buffer.from(chunk.subarray(from)))
    from = 0
  }
  return {
    push(bytes) {
      scan(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    },
    end() {
      if (!hasBegun) throw nothing()
      if (!hasEnded) throw cutOff()
      if (!hasList)
        throw new AppError('back-end', `The back-end answered without a list of ${key}.`, { retry: 'never' })
      return others
    },
  }
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    throw notJson()
  }
}
