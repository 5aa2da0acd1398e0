/**
 * Words as analysts type them: what is kept of a text for the search, and what a search text asks for.
 * `SENTINEL2_L2A` is found by `sentinel`, `sentinel2`, `sentinel-2`, `l2a` and `sentinel2_l2`; `B04` by `b0` and `04`.
 * A word is broken at `_ - .` and where letters meet digits; every run of neighbouring pieces is kept, joined.
 * Why not SQLite's own tokenizer: it breaks `sentinel-2` but not `sentinel2`, so that neither would find the other. The
 * tokens made here are lower-case letters and digits without marks, which FTS5's `ascii` tokenizer takes as they are.
 */
const WORD = /[\p{L}\p{N}]+(?:[_\-.]+[\p{L}\p{N}]+)*/gu
const PIECE = /\p{N}+|\p{L}+/gu
/** The same for texts of ASCII, which most are: a third of the time. */
const ASCII_WORD = /[a-z0-9]+(?:[_\-.]+[a-z0-9]+)*/g
const ASCII_PIECE = /[0-9]+|[a-z]+/g
const MOST_PIECES = 8
const LONGEST_TOKEN = 64
const MOST_TERMS = 20
// biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
const ASCII = /^[\x00-\x7f]*$/

/** Lower case, without accents and other marks, compatibility forms undone: `Ökologie` → `okologie`. */
export function fold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase()
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
}

/** The tokens of a text, each once, with a blank between; of at most so many characters of it. */
export function indexTokens(text: string, mostCharacters = 5_000): string {
  const tokens = new Set<string>()
  const folded = fold(text.slice(0, mostCharacters))
  const isAscii = ASCII.test(folded)
  for (const word of folded.match(isAscii ? ASCII_WORD : WORD) ?? []) {
    const pieces = word.match(isAscii ? ASCII_PIECE : PIECE) ?? []
    if (pieces.length > MOST_PIECES) tokens.add(pieces.join('').slice(0, LONGEST_TOKEN))
    const count = Math.min(pieces.length, MOST_PIECES)
    for (let from = 0; from < count; from++) {
      let token = ''
      for (let to = from; to < count && token.length < LONGEST_TOKEN; to++) {
        token = (token + pieces[to]).slice(0, LONGEST_TOKEN)
        tokens.add(token)
      }
    }
  }
  return [...tokens].join(' ')
}

/** Satellites by the short names of the field: S2, S5P, L8. */
const SHORT_NAMES: readonly [pattern: RegExp, long: string][] = [
  [/^s(?=[1-6])/, 'sentinel'],
  [/^l(?=[4-9])/, 'landsat'],
]
/** Each with its other spellings; the last of them may be unfinished. [] where the text has no letter and no digit. */
export function searchTerms(text: string): string[][] {
  const words = [...fold(text).matchAll(WORD)].slice(0, MOST_TERMS)
  return words.map(([word]) => {
    const token = (word.match(PIECE) ?? []).join('').slice(0, LONGEST_TOKEN)
    const long = SHORT_NAMES.filter(([pattern]) => pattern.test(token)).map(([pattern, name]) =>
      token.replace(pattern, name),
    )
    return [token, ...long]
  })
}

/** For FTS5's MATCH. Tokens are letters and digits only, so nothing in them can mean anything to FTS5. */
export function matchExpression(terms: readonly string[][]): string {
  return terms
    .map((spellings, i) => {
      const tail = i === terms.length - 1 ? ' *' : ''
      const each = spellings.map((token) => `"${token}"${tail}`)
      return each.length === 1 ? each[0] : `(${each.join(' OR ')})`
    })
    .join(' AND ')
}
