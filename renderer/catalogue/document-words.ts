/** Parts of a collection document as words. Pure; the document is whatever the back-end wrote. */
import type { Json, JsonObject } from '../../preload/contract/vocabulary.ts'

const isObject = (value: Json | undefined): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
const word = (value: Json | undefined): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, 200) : ''

const MOST_VALUES = 6

function valuesWords(dimension: JsonObject): string {
  const { values, extent, reference_system: system, step } = dimension
  const parts: string[] = []
  if (Array.isArray(extent) && extent.length === 2) {
    const [from, to] = extent.map((end) => (end === null ? '…' : word(end)))
    parts.push(extent.every((end) => end === null) ? 'ends not stated' : `${from} to ${to}`)
  } else if (Array.isArray(values) && values.length > 0) {
    const some = values.slice(0, MOST_VALUES).map(word).join(', ')
    parts.push(values.length > MOST_VALUES ? `${some} … (${values.length})` : some)
  }
  if (word(step)) parts.push(`step ${word(step)}`)
  if (typeof system === 'number') parts.push(`EPSG:${system}`)
  return parts.filter(Boolean).join(', ')
}

/** The dimensions of the cube (STAC extension datacube): name and what is known of it. */
export function dimensionWords(document: JsonObject): { label: string; value: string }[] {
  const dimensions = document['cube:dimensions']
  if (!isObject(dimensions)) return []
  return Object.entries(dimensions)
    .filter((entry): entry is [string, JsonObject] => isObject(entry[1]))
    .slice(0, 30)
    .map(([name, dimension]) => ({
      label: name,
      value: [word(dimension.type), valuesWords(dimension)].filter(Boolean).join(': ') || 'stated without more',
    }))
}

/** A description as plain text: the signs of CommonMark that only format are taken out, links keep their words. */
export function plainText(markdown: string): string {
  return markdown
    .replace(/\r\n?/g, '\n')
    .replace(/!?\[([^\]\n]{0,500})\]\([^)\n]{0,2000}\)/g, '$1')
    .replace(/^#{1,6}[ \t]+/gm, '')
    .replace(/(\*\*|__|`{1,3})/g, '')
    .replace(/^[ \t]*[*+-][ \t]+/gm, '• ')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}
