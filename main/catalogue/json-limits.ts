/** JSON from outside, within the limits that the rest of the application counts on: its length and its depth. Pure. */
const MOST_DEPTH = 150

/** The value; undefined where it is no JSON or nested too deep for those who walk through it. */
export function parseJson(bytes: Uint8Array): unknown {
  const json = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!isShallow(json)) return undefined
  try {
    return JSON.parse(json.toString('utf8').replace(/^\uFEFF/, ''))
  } catch {
    return undefined
  }
}

export function isShallow(json: Uint8Array): boolean {
  let depth = 0
  let inString = false
  for (let at = 0; at < json.length; at++) {
    const c = json[at]
    if (c === 0x5c) at++
    else if (c === 0x22) inString = !inString
    else if (!inString && (c === 0x7b || c === 0x5b)) {
      if (++depth > MOST_DEPTH) return false
    } else if (!inString && (c === 0x7d || c === 0x5d)) depth--
  }
  return true
}
