/**
 * Whether a regular expression of somebody else runs in linear time on any text, told without running it. Pure.
 * Owns: the proof. A pattern passes where the next character alone decides how it goes on (a deterministic position
 * automaton), so that going back never finds a second way; everything else counts as slow, also what is only not known.
 * Source: Glushkov's construction; "one-unambiguous regular languages", Brüggemann-Klein and Wood, 1998.
 */

type Range = readonly [from: number, to: number]
/** A part of a pattern: the places of characters where it can begin and end, and whether it can be empty. */
type Part = { first: readonly number[]; last: readonly number[]; isNullable: boolean }

const MOST_LENGTH = 200
const MOST_PLACES = 200
const LAST = 0x10_ff_ff
const ALL: readonly Range[] = [[0, LAST]]
const EMPTY: Part = { first: [], last: [], isNullable: true }
const DIGITS: readonly Range[] = [[48, 57]]
const WORD: readonly Range[] = [...DIGITS, [65, 90], [95, 95], [97, 122]]
/** All that `\s` may be, rather too much than too little. */
const SPACE: readonly Range[] = [[9, 13], [32, 32], [160, 160], [0x16_80, 0x16_80], [0x20_00, 0x20_2f], [0x20_5f, 0x20_5f], [0x30_00, 0x30_00], [0xfe_ff, 0xfe_ff]] // biome-ignore format: a table
const CONTROLS: Record<string, number> = { t: 9, n: 10, v: 11, f: 12, r: 13 }

class NotLinear extends Error {}
const refuse = (): never => {
  throw new NotLinear()
}
const overlaps = (a: readonly Range[], b: readonly Range[]) =>
  a.some(([from, to]) => b.some((other) => from <= other[1] && other[0] <= to))
function complement(ranges: readonly Range[]): Range[] {
  const left: Range[] = []
  let next = 0
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    if (from > next) left.push([next, from - 1])
    next = Math.max(next, to + 1)
  }
  return next <= LAST ? [...left, [next, LAST]] : left
}

class Reader {
  readonly #text: readonly string[]
  #at = 0
  /** Characters that are taken at each place. */
  readonly #sets: (readonly Range[])[] = []
  readonly #follow: Set<number>[] = []

  constructor(pattern: string) {
    this.#text = [...pattern]
  }
  prove(): void {
    const { first } = this.#choice()
    if (this.#at < this.#text.length) refuse()
    this.#decided(first)
    for (const next of this.#follow) this.#decided([...next])
  }
  /** Of these places no two take the same character. */
  #decided(places: readonly number[]): void {
    places.forEach((place, index) => {
      for (const other of places.slice(0, index))
        if (overlaps(this.#sets[place] ?? ALL, this.#sets[other] ?? ALL)) refuse()
    })
  }
  #place(set: readonly Range[]): Part {
    if (this.#sets.length >= MOST_PLACES) refuse()
    this.#follow.push(new Set())
    const place = this.#sets.push(set) - 1
    return { first: [place], last: [place], isNullable: false }
  }
  #link({ last }: Part, { first }: Part): void {
    for (const from of last) {
      for (const to of first) {
        // two ways to the same place
        if (this.#follow[from]?.has(to)) refuse()
        this.#follow[from]?.add(to)
      }
    }
  }
  #then(a: Part, b: Part): Part {
    this.#link(a, b)
    return {
      first: a.isNullable ? [...a.first, ...b.first] : a.first,
      last: b.isNullable ? [...a.last, ...b.last] : b.last,
      isNullable: a.isNullable && b.isNullable,
    }
  }
  #take(text: string): boolean {
    const is = [...text].every((one, offset) => this.#text[this.#at + offset] === one)
    if (is) this.#at += [...text].length
    return is
  }
  #next(): string {
    const one = this.#text[this.#at++]
    return one === undefined ? refuse() : one
  }

  #choice(): Part {
    let all = this.#sequence()
    while (this.#take('|')) {
      const other = this.#sequence()
      // nothing at all in two ways
      if (all.isNullable && other.isNullable) refuse()
      all = {
        first: [...all.first, ...other.first],
        last: [...all.last, ...other.last],
        isNullable: all.isNullable || other.isNullable,
      }
    }
    return all
  }
  #sequence(): Part {
    let all = EMPTY
    while (this.#at < this.#text.length && this.#text[this.#at] !== '|' && this.#text[this.#at] !== ')')
      all = this.#then(all, this.#repeated())
    return all
  }

  #repeated(): Part {
    const start = this.#at
    const one = this.#one()
    const end = this.#at
    const [least, most] = this.#count()
    const after = this.#at
    if (least === 1 && most === 1) return one
    // nothing, several times, is nothing in several ways
    if (one.isNullable || most === 0) refuse()
    const again = (): Part => {
      this.#at = start
      const copy = this.#one()
      if (this.#at !== end) refuse()
      return copy
    }
    const all = this.#times(one, again, least, most)
    this.#at = after
    return all
  }
  #times(one: Part, again: () => Part, least: number, most: number): Part {
    if (most === Number.POSITIVE_INFINITY) {
      let all = one
      let tail = one
      for (let count = 1; count < least; count++) {
        tail = again()
        all = this.#then(all, tail)
      }
      this.#link(tail, tail)
      return { ...all, isNullable: least === 0 }
    }
    // x{1,3} is x(x(x)?)?, from the inside out
    let all: Part | undefined
    for (let count = most; count > 0; count--) {
      const head = count === most ? one : again()
      const whole = all ? this.#then(head, all) : head
      all = count > least ? { ...whole, isNullable: true } : whole
    }
    return all ?? EMPTY
  }
  /** How often; a `?` behind it only changes the order in which ways are tried. */
  #count(): [number, number] {
    const found = this.#quantifier()
    if (!found) return [1, 1]
    this.#take('?')
    return found
  }
  #quantifier(): [number, number] | undefined {
    if (this.#take('*')) return [0, Number.POSITIVE_INFINITY]
    if (this.#take('+')) return [1, Number.POSITIVE_INFINITY]
    if (this.#take('?')) return [0, 1]
    if (this.#text[this.#at] !== '{') return undefined
    const found = /^\{(\d{1,3})(,?)(\d{0,3})\}/.exec(this.#text.slice(this.#at, this.#at + 10).join(''))
    if (!found) return refuse()
    this.#at += found[0].length
    const least = Number(found[1])
    const most = found[3] ? Number(found[3]) : found[2] ? Number.POSITIVE_INFINITY : least
    return most < least || least > MOST_PLACES ? refuse() : [least, most]
  }

  #one(): Part {
    const one = this.#next()
    if (one === '^' || one === '$') return EMPTY
    if (one === '(') return this.#group()
    if (one === '.') return this.#place(ALL)
    if (one === '[') return this.#place(this.#class())
    if (one === '\\') {
      if (this.#take('b') || this.#take('B')) return EMPTY
      return this.#place(this.#escape())
    }
    const code = one.codePointAt(0) ?? 0
    return '*+?{}])'.includes(one) ? refuse() : this.#place([[code, code]])
  }
  #group(): Part {
    // looking ahead or behind is not followed
    if (this.#take('?') && !this.#take(':')) refuse()
    const inner = this.#choice()
    return this.#take(')') ? inner : refuse()
  }
  /** What an escape takes, rather too much than too little; a reference to a group is refused. */
  #escape(): readonly Range[] {
    const one = this.#next()
    if (one === 'd') return DIGITS
    if (one === 'w') return WORD
    if (one === 's') return SPACE
    if (one === 'D') return complement(DIGITS)
    if (one === 'W') return complement(WORD)
    if (one === 'S') return ALL
    const control = Object.hasOwn(CONTROLS, one) ? CONTROLS[one] : undefined
    const code = control ?? one.codePointAt(0) ?? 0
    return control === undefined && /[a-z0-9]/i.test(one) ? refuse() : [[code, code]]
  }
  #class(): readonly Range[] {
    const isNot = this.#take('^')
    const all: Range[] = []
    let isExact = true
    while (!this.#take(']')) {
      const start = this.#member()
      const isRange = this.#text[this.#at] === '-' && this.#text[this.#at + 1] !== ']'
      if (!isRange) {
        all.push(...start.ranges)
        isExact &&= start.isExact
        continue
      }
      this.#at++
      const end = this.#member()
      const [from, to] = [start.ranges[0]?.[0] ?? 0, end.ranges[0]?.[1] ?? 0]
      if (start.ranges.length !== 1 || end.ranges.length !== 1 || from > to) refuse()
      all.push([from, to])
    }
    // what is left out has to be known to the letter
    return isNot ? (isExact ? complement(all) : ALL) : all
  }
  #member(): { ranges: readonly Range[]; isExact: boolean } {
    const one = this.#next()
    if (one !== '\\') {
      const code = one.codePointAt(0) ?? 0
      return { ranges: [[code, code]], isExact: true }
    }
    const name = this.#text[this.#at]
    return { ranges: this.#escape(), isExact: name !== 's' && name !== 'S' }
  }
}

/** True only where a text of n characters needs in the order of n steps from each place where a match may begin. */
export function runsInLinearTime(pattern: string): boolean {
  if (pattern.length > MOST_LENGTH) return false
  try {
    new Reader(pattern).prove()
    return true
  } catch (thrown) {
    if (thrown instanceof NotLinear) return false
    throw thrown
  }
}
