/**
 * Band maths as a user writes it, e.g. `(B08 - B04) / (B08 + B04)`, read into an expression.
 * Owns: the grammar (operator precedence parsing after Pratt), names of bands, types, errors with their position.
 * Does not: write process graphs (formula-graph.ts).
 * Names: a band's name, else its common name; in quotes it is always a band. Functions are names before a bracket.
 */
import type { CollectionBand } from '../../preload/contract/catalogue.ts'
import {
  COMPARISON_PRECEDENCE,
  CONSTANTS,
  type FormulaFunction,
  FUNCTIONS,
  LOG_TO_BASE,
  NATURAL_LOG,
  NEGATE,
  NOT,
  OPERATORS,
  UNARY_PRECEDENCE,
  type ValueType,
} from './formula-functions.ts'
import { type FormulaError, type Token, tokenize } from './formula-tokens.ts'

export type Expression =
  | { kind: 'number'; value: number }
  | { kind: 'band'; name: string }
  | { kind: 'call'; call: FormulaFunction; arguments: Expression[] }

export type ParsedFormula =
  | { ok: true; expression: Expression; type: ValueType; bands: string[] }
  | { ok: false; error: FormulaError }

const DEPTH_LIMIT = 60
/** An expression, its type and where it stands in the text. */
type Typed = { expression: Expression; type: ValueType; position: number; end: number }

/** Leaves the parser; never leaves this file. */
class Refusal extends Error {
  readonly error: FormulaError
  constructor(message: string, position: number, length: number) {
    super(message)
    this.error = { message, position, length: Math.max(1, length) }
  }
}

const isSame = (a: string, b: string) => a.localeCompare(b, 'en', { sensitivity: 'accent' }) === 0

/** The band that a name means: by name, else by common name. A sentence where none or several do. */
function resolveBand(name: string, bands: readonly CollectionBand[]): { band: string } | { problem: string } {
  const exact = bands.find((band) => band.name === name)
  if (exact) return { band: exact.name }
  const common = bands.filter((band) => band.commonName === name)
  if (common.length === 1 && common[0]) return { band: common[0].name }
  if (common.length > 1) {
    return {
      problem: `Several bands are called ${name}: ${common.map((band) => band.name).join(', ')}. Name one of them.`,
    }
  }
  const similar = bands.find((band) => isSame(band.name, name))
  if (similar)
    return { problem: `The collection has no band ${name}. Its band ${similar.name} is written differently.` }
  const some = bands.slice(0, 12).map((band) => band.name)
  const rest = bands.length > some.length ? ' …' : ''
  return {
    problem: some.length
      ? `The collection has no band ${name}. It has ${some.join(', ')}${rest}.`
      : `The collection states no bands, so ${name} is not known.`,
  }
}

const describe = (token: Token) => (token.kind === 'end' ? 'the end' : token.text)

class Parser {
  readonly #tokens: readonly Token[]
  readonly #bands: readonly CollectionBand[]
  readonly used = new Set<string>()
  #next = 0
  #depth = 0

  constructor(tokens: readonly Token[], bands: readonly CollectionBand[]) {
    this.#tokens = tokens
    this.#bands = bands
  }

  whole(): Typed {
    if (this.#peek().kind === 'end') throw new Refusal('The formula is empty.', 0, 1)
    const result = this.#expression(0)
    const left = this.#peek()
    if (left.kind === 'end') return result
    if (left.text === ')') throw new Refusal('This bracket closes nothing.', left.position, left.length)
    if (left.text === ',') throw new Refusal('A comma only separates the values of a function.', left.position, 1)
    throw new Refusal(`An operator is missing before ${describe(left)}.`, left.position, left.length)
  }

  #peek(): Token {
    return this.#tokens[this.#next] as Token
  }
  #take(): Token {
    const token = this.#peek()
    if (token.kind !== 'end') this.#next++
    return token
  }
  #takeIf(text: string): boolean {
    const token = this.#peek()
    const matches = token.kind === 'operator' && token.text === text
    if (matches) this.#next++
    return matches
  }

  #expression(minimum: number): Typed {
    if (++this.#depth > DEPTH_LIMIT) {
      const { position, length } = this.#peek()
      throw new Refusal('The formula is nested too deeply.', position, length)
    }
    let left = this.#prefix()
    for (;;) {
      const token = this.#peek()
      const name = token.kind === 'name' ? token.text.toLowerCase() : token.text
      const operator = token.kind === 'operator' || token.kind === 'name' ? OPERATORS.get(name) : undefined
      if (!operator || operator.precedence < minimum) break
      this.#take()
      const right = this.#expression(operator.isRightAssociative ? operator.precedence : operator.precedence + 1)
      const after = OPERATORS.get(this.#peek().text)
      if (operator.isComparison && after?.isComparison) {
        const { position, length } = this.#peek()
        throw new Refusal('Comparisons do not chain: write a < b and b < c.', position, length)
      }
      left = this.#call(operator.call, [left, right], token, left.position)
    }
    this.#depth--
    return left
  }

  #prefix(): Typed {
    const token = this.#take()
    if (token.kind === 'number') return this.#number(token)
    if (token.kind === 'quoted') return this.#band(token)
    if (token.kind === 'name') return this.#name(token)
    if (token.text === '(') {
      const inner = this.#expression(0)
      this.#close(token)
      return inner
    }
    if (token.text === '-') {
      const value = this.#expression(UNARY_PRECEDENCE)
      if (value.expression.kind === 'number') {
        return { ...value, expression: { kind: 'number', value: -value.expression.value }, position: token.position }
      }
      return this.#call(NEGATE, [value], token, token.position)
    }
    if (token.text === '+') return this.#expression(UNARY_PRECEDENCE)
    if (token.text === '!') return this.#call(NOT, [this.#expression(UNARY_PRECEDENCE)], token, token.position)
    if (token.kind === 'end') throw new Refusal('A value is missing at the end.', Math.max(0, token.position - 1), 1)
    throw new Refusal(`A value is missing before ${describe(token)}.`, token.position, token.length)
  }

  #number(token: Token): Typed {
    const value = Number(token.text)
    if (!Number.isFinite(value)) throw new Refusal('The number is too large.', token.position, token.length)
    const end = token.position + token.length
    return { expression: { kind: 'number', value }, type: 'number', position: token.position, end }
  }

  #name(token: Token): Typed {
    const lower = token.text.toLowerCase()
    const isKnownBand = 'band' in resolveBand(token.text, this.#bands)
    if (lower === 'not' && !isKnownBand) {
      return this.#call(NOT, [this.#expression(COMPARISON_PRECEDENCE)], token, token.position)
    }
    if (this.#peek().text === '(' && this.#peek().kind === 'operator') return this.#function(token, lower)
    const constant = CONSTANTS.get(lower)
    if (constant !== undefined && !isKnownBand) {
      const end = token.position + token.length
      return { expression: { kind: 'number', value: constant }, type: 'number', position: token.position, end }
    }
    if (FUNCTIONS.has(lower) && !isKnownBand) {
      throw new Refusal(`The function ${token.text} needs brackets with its values.`, token.position, token.length)
    }
    return this.#band(token)
  }

  #band(token: Token): Typed {
    const found = resolveBand(token.text, this.#bands)
    if ('problem' in found) throw new Refusal(found.problem, token.position, token.length)
    this.used.add(found.band)
    const end = token.position + token.length
    return { expression: { kind: 'band', name: found.band }, type: 'number', position: token.position, end }
  }

  #function(token: Token, lower: string): Typed {
    const isLog = lower === 'log'
    const known = isLog ? LOG_TO_BASE : FUNCTIONS.get(lower)
    if (!known) throw new Refusal(`There is no function ${token.text}.`, token.position, token.length)
    const bracket = this.#take()
    const values: Typed[] = []
    if (!this.#takeIf(')')) {
      do values.push(this.#expression(0))
      while (this.#takeIf(','))
      this.#close(bracket)
    }
    const call = isLog && values.length === 1 ? NATURAL_LOG : known
    const minimum = isLog ? 1 : call.minimum
    if (values.length < minimum || values.length > call.maximum) {
      const wanted = minimum === call.maximum ? `${minimum}` : `${minimum} to ${call.maximum}`
      const noun = wanted === '1' ? 'value' : 'values'
      throw new Refusal(`${token.text} takes ${wanted} ${noun}, not ${values.length}.`, token.position, token.length)
    }
    return this.#call(call, values, token, token.position)
  }

  #close(open: Token): void {
    if (this.#takeIf(')')) return
    const found = this.#peek()
    if (found.kind === 'end') throw new Refusal('This bracket is never closed.', open.position, open.length)
    const missing = found.text === ',' ? 'A closing bracket is' : 'An operator or a closing bracket is'
    throw new Refusal(`${missing} missing before ${describe(found)}.`, found.position, found.length)
  }

  #call(call: FormulaFunction, values: Typed[], token: Token, position: number): Typed {
    values.forEach((value, index) => {
      const wanted = call.takes[index] ?? call.takes[0]
      if (value.type === wanted) return
      const message =
        wanted === 'condition'
          ? `${token.text} needs a condition here, such as a > b, not a number.`
          : `${token.text} needs a number here, not a condition. Write if(condition, 1, 0).`
      throw new Refusal(message, value.position, value.end - value.position)
    })
    const end = Math.max(token.position + token.length, ...values.map((value) => value.end))
    const expression: Expression = { kind: 'call', call, arguments: values.map((value) => value.expression) }
    return { expression, type: call.gives, position, end }
  }
}

/**
 * Reads a formula over the bands of a collection.
 * Gives the expression, whether it is a number or a condition, and the bands it uses in the order of their appearance;
 * or the first thing that is wrong with it. Never throws, whatever the text.
 */
export function parseFormula(text: string, bands: readonly CollectionBand[]): ParsedFormula {
  const cut = tokenize(text)
  if (!cut.ok) return cut
  const parser = new Parser(cut.tokens, bands)
  try {
    const { expression, type } = parser.whole()
    if (parser.used.size === 0) {
      return {
        ok: false,
        error: { message: 'The formula uses no band.', position: 0, length: Math.max(1, text.length) },
      }
    }
    return { ok: true, expression, type, bands: [...parser.used] }
  } catch (failure) {
    if (failure instanceof Refusal) return { ok: false, error: failure.error }
    throw failure
  }
}
