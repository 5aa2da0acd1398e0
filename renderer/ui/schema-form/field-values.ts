/** Values of form fields as text in controls, and back. Pure. */
import type { FormField, Json } from './fields.ts'

/** The entry of a select that sets nothing. */
export const NO_CHOICE = '-'

export const jsonText = (value: Json | undefined): string => (value === undefined ? '' : JSON.stringify(value, null, 2))
/** undefined where the text is no JSON. */
export function jsonOf(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}
export const linesOf = (value: Json | undefined): string =>
  Array.isArray(value) ? value.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n') : ''

/** One value a line; numbers where the schema has numbers. What is no number stays text, for the check to name it. */
export function listOfLines(text: string, { schema }: FormField): Json | undefined {
  const { items } = schema
  const type = items !== null && typeof items === 'object' && !Array.isArray(items) ? items?.type : undefined
  const isNumber = type === 'number' || type === 'integer'
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
  if (!lines.length) return undefined
  return lines.map((line) => (isNumber && Number.isFinite(Number(line)) ? Number(line) : line))
}

/** Both ends; null is open. */
export const rangeOf = (value: Json | undefined): [Json, Json] => {
  const [from = null, to = null] = Array.isArray(value) ? value : []
  return [from, to]
}

/** What holds where nothing is put in. */
export function placeholderOf({ default: fallback }: FormField): string {
  if (fallback === undefined || fallback === null) return ''
  return typeof fallback === 'string' ? fallback : JSON.stringify(fallback)
}
