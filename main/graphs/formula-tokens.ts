/**
 * Cuts the text of a formula into tokens.
 * Owns: what a number, a name and an operator look like. Does not: know bands, functions or precedence (formula.ts).
 * The text comes from the user or from a file: its length and the number of tokens are limited.
 */

/** Why a formula cannot be used, and where: `position` is a 0-based offset into the text in UTF-16 units. */
export type FormulaError = { message: string; position: number; length: number }

export type Token = {
  kind: 'number' | 'name' | 'quoted' | 'operator' | 'end'
  /** The operator, the name without its quotes, or the digits. */
  text: string
  position: number
  length: number
}

export const FORMULA_LENGTH_LIMIT = 2000
export const TOKEN_COUNT_LIMIT = 400

const PATTERNS: readonly [Token['kind'] | 'space', RegExp][] = [
  ['space', /\s+/y],
  ['number', /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y],
  ['name', /[\p{L}_][\p{L}\p{N}_]*/uy],
  ['quoted', /"[^"\n]*"|'[^'\n]*'/y],
  ['operator', /\*\*|<=|>=|==|!=|<>|&&|\|\||[-+*/%^()<>=!,]/y],
]

/** The characters that people type or paste where a formula means an ASCII operator; replaced one for one. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  '−': '-',
  '–': '-',
  '×': '*',
  '·': '*',
  '÷': '/',
  '“': '"',
  '”': '"',
}

type Tokens = { ok: true; tokens: Token[] } | { ok: false; error: FormulaError }

const refuse = (message: string, position: number, length = 1): Tokens => ({
  ok: false,
  error: { message, position, length },
})

function tokenAt(text: string, position: number): { kind: Token['kind'] | 'space'; raw: string } | null {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = position
    const raw = pattern.exec(text)?.[0]
    if (raw !== undefined) return { kind, raw }
  }
  return null
}

/** The tokens of the text, the last one of kind `end`; or the first place that cannot be read. */
export function tokenize(source: string): Tokens {
  if (source.length > FORMULA_LENGTH_LIMIT) {
    return refuse(`The formula is longer than ${FORMULA_LENGTH_LIMIT} characters.`, FORMULA_LENGTH_LIMIT)
  }
  const text = source.replace(/[−–×·÷“”]/g, (character) => LOOKALIKES[character] ?? character)
  const tokens: Token[] = []
  for (let position = 0; position < text.length; ) {
    const found = tokenAt(text, position)
    if (!found) {
      const character = String.fromCodePoint(text.codePointAt(position) ?? 0)
      if (character === '"' || character === "'") return refuse('The quote that begins here is never closed.', position)
      return refuse(`The character ${character} means nothing in a formula.`, position, character.length)
    }
    const { kind, raw } = found
    if (kind !== 'space') {
      if (tokens.length >= TOKEN_COUNT_LIMIT) {
        return refuse(`The formula has more than ${TOKEN_COUNT_LIMIT} parts.`, position, raw.length)
      }
      tokens.push({ kind, text: kind === 'quoted' ? raw.slice(1, -1) : raw, position, length: raw.length })
    }
    position += raw.length
  }
  tokens.push({ kind: 'end', text: '', position: text.length, length: 0 })
  return { ok: true, tokens }
}
