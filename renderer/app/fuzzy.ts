/**
 * How well typed letters fit a title: for the command palette. Pure.
 * The letters must occur in order; hits at word starts and runs of letters count more, gaps and long titles less.
 */

export type Match = { score: number /** Indexes of the letters that were hit. */; hits: readonly number[] }

const START_OF_WORD = 6
const RUN = 10
const FIRST_LETTER = 2
const LONGEST_QUERY = 64

const isWordStart = (text: string, at: number): boolean => at === 0 || /[\s\-_/.:(]/.test(text[at - 1] ?? '')

/** The best way to find the query's letters in the text, or null where they are not all there in order. */
export function fuzzyMatch(query: string, text: string): Match | null {
  const wanted = query.toLowerCase().replace(/\s+/g, '').slice(0, LONGEST_QUERY)
  if (wanted === '') return { score: 0, hits: [] }
  const letters = text.toLowerCase()
  // best[j]: the best way to end with the current wanted letter at position j
  let best: (Match | null)[] = Array.from({ length: letters.length }, () => null)
  for (let i = 0; i < wanted.length; i++) {
    const next: (Match | null)[] = Array.from({ length: letters.length }, () => null)
    let before: Match | null = null
    for (let j = 0; j < letters.length; j++) {
      const adjacent: Match | null = j > 0 ? (best[j - 1] ?? null) : null
      if (j > 1 && best[j - 2] && (!before || (best[j - 2] as Match).score > before.score))
        before = best[j - 2] as Match
      if (letters[j] !== wanted[i]) continue
      const own = (isWordStart(text, j) ? START_OF_WORD : 0) + (j === 0 ? FIRST_LETTER : 0) + 1
      if (i === 0) next[j] = { score: own, hits: [j] }
      else if (adjacent && (!before || adjacent.score + RUN >= before.score))
        next[j] = { score: adjacent.score + own + RUN, hits: [...adjacent.hits, j] }
      else if (before) next[j] = { score: before.score + own, hits: [...before.hits, j] }
    }
    best = next
  }
  const end = best.reduce<Match | null>((top, way) => (way && (!top || way.score > top.score) ? way : top), null)
  return end && { score: end.score - text.length / 20, hits: end.hits }
}

/** The text in pieces, hit or not, for drawing. */
export function piecesOf(text: string, hits: readonly number[]): { text: string; isHit: boolean }[] {
  const set = new Set(hits)
  const pieces: { text: string; isHit: boolean }[] = []
  for (let i = 0; i < text.length; i++) {
    const isHit = set.has(i)
    const last = pieces.at(-1)
    if (last && last.isHit === isHit) last.text += text[i]
    else pieces.push({ text: text[i] ?? '', isHit })
  }
  return pieces
}
