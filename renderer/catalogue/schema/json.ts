/** Reads JSON that a back-end wrote, which may have any shape. Pure. */
import type { Json, JsonObject } from '../../../preload/contract/vocabulary.ts'

export const isObject = (value: Json | undefined): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
export const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : {})
export const listOf = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : [])
export const objectsOf = (value: Json | undefined): JsonObject[] => listOf(value).filter(isObject)
export const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '')
export const textsOf = (value: Json | undefined): string[] =>
  listOf(value).filter((one): one is string => typeof one === 'string')
export const numberOf = (value: Json | undefined): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null

/** What a table of Swath has for a word of a document, which may be the name of something that every object has. */
export const own = <T>(table: Readonly<Record<string, T>>, word: string): T | undefined =>
  Object.hasOwn(table, word) ? table[word] : undefined

/** A value in one line: texts as they are, the rest as JSON, cut where it is long. */
export function shortJson(value: Json | undefined, most = 80): string {
  if (value === undefined) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
}
