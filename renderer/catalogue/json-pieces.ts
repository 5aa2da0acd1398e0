/** Cuts JSON text into pieces to colour. Pure; the pieces together are the text. Very long texts stay one piece. */

export type JsonPiece = { text: string; kind: 'name' | 'text' | 'other' | null }

const COLOURED_LENGTH = 60_000

export function jsonPieces(text: string): JsonPiece[] {
  if (text.length > COLOURED_LENGTH) return [{ text, kind: null }]
  const pieces: JsonPiece[] = []
  const pattern = /("(?:[^"\\]|\\.)*")(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\b(?:true|false|null)\b/g
  let at = 0
  for (const match of text.matchAll(pattern)) {
    if (match.index > at) pieces.push({ text: text.slice(at, match.index), kind: null })
    const [whole, quoted, colon] = match
    if (quoted !== undefined) {
      pieces.push({ text: quoted, kind: colon === undefined ? 'text' : 'name' })
      if (colon !== undefined) pieces.push({ text: colon, kind: null })
    } else pieces.push({ text: whole, kind: 'other' })
    at = match.index + whole.length
  }
  if (at < text.length) pieces.push({ text: text.slice(at), kind: null })
  return pieces
}
