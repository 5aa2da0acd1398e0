/**
 * Which pictures the texts of a document can show: the addresses that its Markdown names, resolved as the window does.
 * Owns: the question whether an address is one of them. Does not: read Markdown as a whole; everything that stands where
 * an address can stand counts, and each is compared as a whole address. Bounded: texts, places, and addresses at a place.
 */
const MOST_CHARACTERS = 4_000_000
const MOST_VALUES = 200_000
const MOST_PLACES = 5_000
/** Of addresses that are compared, together. */
const MOST_COMPARED = 300_000
const LONGEST = 4_096
/** Addresses may hold brackets; each closing one may be the end. */
const MOST_ENDS = 8

/** Of HTML, those that stand for what addresses are made of. */
const NAMED = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['colon', ':'],
  ['sol', '/'],
  ['nbsp', '\u00a0'],
  ['Tab', '\t'],
  ['NewLine', '\n'],
])
/** `\_` and `&amp;` as the characters that they stand for. */
const decoded = (written: string): string =>
  written
    .replace(/\\([!-/:-@[-`{-~])/g, '$1')
    .replace(/&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z]{2,10}));/g, (all, decimal, hexadecimal, name) => {
      if (name) return NAMED.get(name) ?? all
      const code = decimal ? Number(decimal) : Number.parseInt(hexadecimal, 16)
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd'
    })
    .trim()

/**
 * @param href an absolute address, as the window resolved it
 * @param bases what relative addresses of the document may be read against
 */
export function namesPicture(document: unknown, href: string, bases: readonly string[]): boolean {
  const wanted = URL.parse(href)
  if (!wanted || (wanted.protocol !== 'https:' && wanted.protocol !== 'http:')) return false
  const isIt = (written: string) => {
    const address = decoded(written)
    return (
      address !== '' && !address.startsWith('#') && bases.some((base) => URL.parse(address, base)?.href === wanted.href)
    )
  }
  let places = 0
  let compared = 0
  for (const text of textsOf(document))
    for (const mark of [/\]\(/g, /\]:/g])
      for (const { index } of text.matchAll(mark)) {
        if (++places > MOST_PLACES) return false
        for (const candidate of candidates(text, index + 2)) {
          compared += candidate.length
          if (compared > MOST_COMPARED) return false
          if (isIt(candidate)) return true
        }
      }
  return false
}

/** What may be the address that begins here, after white space. */
function candidates(text: string, from: number): string[] {
  const after = text.slice(from, from + LONGEST + 100).trimStart()
  if (after.startsWith('<')) return [after.slice(1, Math.max(1, after.search(/[>\n]|$/)))]
  const whole = /^\S*/.exec(after)?.[0] ?? ''
  const ends: string[] = []
  for (let end = whole.indexOf(')'); end >= 0 && ends.length < MOST_ENDS; end = whole.indexOf(')', end + 1))
    ends.push(whole.slice(0, end))
  return [...ends, whole]
}

/** All texts of the document that hold Markdown with an address, at every depth. */
function* textsOf(document: unknown): Generator<string> {
  const waiting: unknown[] = [document]
  let characters = 0
  for (let count = 0; waiting.length > 0 && count < MOST_VALUES; count++) {
    const value = waiting.pop()
    if (typeof value === 'string') {
      if (!value.includes('](') && !value.includes(']:')) continue
      characters += value.length
      if (characters > MOST_CHARACTERS) return
      yield value
    } else if (typeof value === 'object' && value !== null) {
      const within = Object.values(value)
      for (let i = within.length - 1; i >= 0; i--) waiting.push(within[i])
    }
  }
}
