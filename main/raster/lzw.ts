/**
 * The two old byte codecs of TIFF 6.0: LZW (section 13) and PackBits (section 9), with the output size as a bound.
 * Owns: decoding only. What is too short stays zero at its end and is reported by the return value.
 */

const CLEAR = 256
const END = 257

/** Fills `out` and returns the number of bytes written. Codes are most significant bit first; -1: the data is damaged. */
export function decodeLzw(input: Uint8Array, out: Uint8Array): number {
  const prefix = new Uint16Array(4097)
  const suffix = new Uint8Array(4097)
  const lengths = new Uint16Array(4097)
  for (let i = 0; i < 256; i++) {
    suffix[i] = i
    lengths[i] = 1
  }
  let next = 258
  let width = 9
  let bits = 0
  let held = 0
  let at = 0
  let written = 0
  let previous = -1
  while (written < out.length) {
    while (held < width) {
      if (at >= input.length) return written
      bits = ((bits << 8) | (input[at++] as number)) & 0xffffff
      held += 8
    }
    held -= width
    const code = (bits >> held) & ((1 << width) - 1)
    if (code === END) return written
    if (code === CLEAR) {
      next = 258
      width = 9
      previous = -1
      continue
    }
    if (code > next || (code === next && previous < 0)) return -1
    const source = code < next ? code : previous
    const length = (lengths[source] as number) + (code < next ? 0 : 1)
    const end = Math.min(written + length, out.length)
    // a string is written from its end, because each code knows only its last byte
    let from = source
    let position = written + (lengths[source] as number) - 1
    let first = 0
    for (;;) {
      first = suffix[from] as number
      if (position < end) out[position] = first
      if (position === written) break
      position--
      from = prefix[from] as number
    }
    if (code === next && written + length <= out.length) out[written + length - 1] = first
    written = end
    if (previous >= 0 && next < 4096) {
      prefix[next] = previous
      suffix[next] = first
      lengths[next] = (lengths[previous] as number) + 1
      next++
    }
    previous = code
    if (next + 1 >= 1 << width && width < 12) width++
  }
  return written
}

/** Fills `out` and returns the number of bytes written. */
export function decodePackBits(input: Uint8Array, out: Uint8Array): number {
  let at = 0
  let written = 0
  while (at < input.length && written < out.length) {
    const head = ((input[at++] as number) << 24) >> 24
    if (head === -128) continue
    const count = Math.min(head < 0 ? 1 - head : 1 + head, out.length - written)
    if (head < 0) out.fill(input[at++] ?? 0, written, written + count)
    else {
      const run = input.subarray(at, at + count)
      out.set(run, written)
      at += head + 1
    }
    written += count
  }
  return written
}
