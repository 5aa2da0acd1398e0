/**
 * Words as analysts type them: what is kept of a text for the search, and what a search text asks for.
 * `SENTINEL2_L2A` is found by `sentinel`, `sentinel2`, `sentinel-2`, `sentinel 2`, `l2a`, `s2`; `loadCollection` by `coll`.
 * A word is broken at `_ - .`, where letters meet digits and where a capital begins a new one; every run of neighbouring
 * pieces is kept, joined, so that what is typed needs one beginning of a token. Other spellings are kept as well
 * (other-spellings.ts). Why not SQLite's own tokenizer: it breaks `sentinel-2` but not `sentinel2`, so that neither would
 * find the other. The tokens made here are lower-case letters and digits, which FTS5's `ascii` tokenizer takes as they are.
 */
import { padded, satelliteNames, spelledOut, unmarked } from './other-spellings.ts'

const WORD = /[\p{L}\p{N}]+(?:[_\-.]+[\p{L}\p{N}]+)*/gu
/** Letters without case stand by themselves; a run of capitals ends before the one that begins a word. */
const PIECE = /\p{N}+|\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|[\p{Lo}\p{Lm}\p{Lt}]+|\p{Lu}/gu
/** The same for texts of ASCII, which most are: a third of the time. */
const ASCII_WORD = /[A-Za-z0-9]+(?:[_\-.]+[A-Za-z0-9]+)*/g
const ASCII_PIECE = /[0-9]+|[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g
/** Of a run, and of a word. */
const MOST_PIECES = 8
const MOST_PIECES_OF_WORD = 40
const LONGEST_TOKEN = 64
const MOST_TERMS = 20
/** With more words than that none of them are joined. */
const MOST_JOINED = 4
// biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
const ASCII = /^[\x00-\x7f]*$/

/** Lower case, without accents and other marks, compatibility forms undone: `Ökologie` → `okologie`. */
export function fold(text: string): string {
  return ASCII.test(text) ? text.toLowerCase() : unmarked(text).toLowerCase()
}

type Kept = {
  mostCharacters?: number
  /** Names of bands: `S2` is no satellite there. */
  areBands?: boolean
}
/** The tokens of a text, each once, with a blank between. */
export function indexTokens(text: string, { mostCharacters = 5_000, areBands = false }: Kept = {}): string {
  const tokens = new Set<string>()
  const start = text.slice(0, mostCharacters)
  addTokens(tokens, start, areBands)
  const spelled = spelledOut(start)
  if (spelled !== start) addTokens(tokens, spelled, areBands)
  return [...tokens].join(' ')
}

function addTokens(tokens: Set<string>, text: string, areBands: boolean): void {
  const isAscii = ASCII.test(text)
  const plain = isAscii ? text : unmarked(text)
  for (const word of plain.match(isAscii ? ASCII_WORD : WORD) ?? []) {
    const pieces = (word.match(isAscii ? ASCII_PIECE : PIECE) ?? [])
      .slice(0, MOST_PIECES_OF_WORD)
      .map((piece) => piece.toLowerCase())
    if (pieces.length > MOST_PIECES) tokens.add(joined(word))
    for (let from = 0; from < pieces.length; from++) addRuns(tokens, pieces, from, '')
    for (const { at, number } of padded(pieces)) addRuns(tokens, pieces, at + 2, (pieces[at] as string) + number)
  }
  if (areBands) return
  for (const { name, tail } of satelliteNames(plain.toLowerCase()))
    addRuns(tokens, tail.match(isAscii ? ASCII_PIECE : PIECE) ?? [], 0, name)
}
/** All runs of pieces that begin at `from`, behind what they begin with. */
function addRuns(tokens: Set<string>, pieces: readonly string[], from: number, begin: string): void {
  let token = begin
  if (token !== '') tokens.add(token)
  const end = Math.min(pieces.length, from + MOST_PIECES)
  for (let to = from; to < end && token.length < LONGEST_TOKEN; to++) {
    token = (token + pieces[to]).slice(0, LONGEST_TOKEN)
    tokens.add(token)
  }
}
const joined = (word: string) =>
  word
    .replace(/[_\-.]+/g, '')
    .toLowerCase()
    .slice(0, LONGEST_TOKEN)

/** What each word may begin: one of its spellings. [] where the text has no letter and no digit. */
export function searchTerms(text: string): string[][] {
  const spell = (spelled: string) => (unmarked(spelled).match(WORD) ?? []).slice(0, MOST_TERMS).map(joined)
  const plain = spell(text)
  const other = spell(spelledOut(text))
  return plain.map((token, i) => (other[i] === undefined || other[i] === token ? [token] : [token, other[i]]))
}

/**
 * For FTS5's MATCH: every term is there, or two neighbours are there as one word (`world cover`: WORLDCOVER). Tokens are
 * letters and digits only, so nothing in them can mean anything to FTS5.
 */
export function matchExpression(terms: readonly string[][]): string {
  const all = (each: readonly string[][]) =>
    each
      .map((spellings) => {
        const prefixes = spellings.map((token) => `"${token}" *`)
        return prefixes.length === 1 ? prefixes[0] : `(${prefixes.join(' OR ')})`
      })
      .join(' AND ')
  return termsOf(terms)
    .map((each, _, { length }) => (length === 1 ? all(each) : `(${all(each)})`))
    .join(' OR ')
}
/** The terms as they are, and with each pair of neighbours joined. */
function termsOf(terms: readonly string[][]): string[][][] {
  if (terms.length > MOST_JOINED) return [[...terms]]
  const pairs = terms.slice(1).map((next, i) => {
    const pair = (terms[i] as string[]).flatMap((a) => next.map((b) => (a + b).slice(0, LONGEST_TOKEN)))
    return [...terms.slice(0, i), pair, ...terms.slice(i + 2)]
  })
  return [[...terms], ...pairs]
}
