/**
 * One value changed in a JSON text, everything else left byte for byte: order, numbers, spaces and unknown fields.
 * Owns: finding the place. Pure. Why not parse and print: that rewrites what others wrote (1.0 becomes 1, indents go).
 */
import { AppError } from '../../core/errors.ts'

export type JsonPath = readonly (string | number)[]
type Span = { from: number; to: number }
type Member = { key: string | number; value: Span }

/**
 * `text` with `value` at `path`; a missing last key is put first in its object.
 * @throws AppError unreadable-data where the text is no JSON or has nothing to put the value into
 */
export function withJsonValue(text: string, path: JsonPath, value: unknown): string {
  requireJson(text)
  const last = path.at(-1)
  let at = skipSpace(text, 0)
  for (const key of path.slice(0, -1)) at = (memberOf(text, at, key) ?? nowhere()).value.from
  if (last === undefined) return text.slice(0, at) + JSON.stringify(value) + text.slice(endOfValue(text, at))
  const found = memberOf(text, at, last)
  if (found) return text.slice(0, found.value.from) + JSON.stringify(value) + text.slice(found.value.to)
  if (text[at] !== '{') return nowhere()
  const next = skipSpace(text, at + 1)
  const field = `${JSON.stringify(String(last))}: ${JSON.stringify(value)}`
  const rest = text[next] === '}' ? '' : `,${text.slice(at + 1, next) || ' '}`
  return text.slice(0, at + 1) + text.slice(at + 1, next) + field + rest + text.slice(next)
}

function requireJson(text: string): void {
  try {
    JSON.parse(text)
  } catch (cause) {
    throw new AppError('unreadable-data', 'The STAC document beside the data is not valid JSON.', { cause })
  }
}

function nowhere(): never {
  throw new AppError('unreadable-data', 'The STAC document beside the data lacks the part to be changed.')
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (' \t\r\n'.includes(text[at] ?? 'x')) at++
  return at
}

/** Behind the closing quote. */
function endOfString(text: string, from: number): number {
  let at = from + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

function endOfValue(text: string, from: number): number {
  if (text[from] === '"') return endOfString(text, from)
  if (text[from] !== '{' && text[from] !== '[') {
    let at = from
    while (at < text.length && !',]} \t\r\n'.includes(text[at] as string)) at++
    return at
  }
  let depth = 0
  for (let at = from; ; at++) {
    const sign = text[at]
    if (sign === '"') at = endOfString(text, at) - 1
    else if (sign === '{' || sign === '[') depth++
    else if ((sign === '}' || sign === ']') && --depth === 0) return at + 1
  }
}

/** Members of the object, or elements of the array, that begins there; none of other values. */
function* membersAt(text: string, from: number): Generator<Member> {
  const isObject = text[from] === '{'
  if (!isObject && text[from] !== '[') return
  let at = skipSpace(text, from + 1)
  for (let index = 0; text[at] !== '}' && text[at] !== ']'; index++) {
    const keyEnd = isObject ? endOfString(text, at) : at
    const key = isObject ? (JSON.parse(text.slice(at, keyEnd)) as string) : index
    const valueFrom = isObject ? skipSpace(text, skipSpace(text, keyEnd) + 1) : at
    const valueTo = endOfValue(text, valueFrom)
    yield { key, value: { from: valueFrom, to: valueTo } }
    at = skipSpace(text, valueTo)
    if (text[at] === ',') at = skipSpace(text, at + 1)
  }
}

/** Of a key that is there twice the last one counts, as for every JSON reader. */
function memberOf(text: string, from: number, key: string | number): Member | undefined {
  let found: Member | undefined
  for (const member of membersAt(text, from)) if (member.key === key) found = member
  return found
}
