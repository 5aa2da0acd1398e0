/** The dimensions of a cube (STAC extension datacube) in words; every type, and whatever is missing. Pure. */
import type { Json, JsonObject } from '../../preload/contract/vocabulary.ts'
import { formatNumber } from '../ui/format.ts'
import { isObject, listOf, numberOf, objectOf, own, textOf } from './schema/json.ts'

export type DimensionRow = { name: string; type: string; extent: string; more: string; description: string }
const MOST = 50
const MOST_VALUES = 8

const TYPES: Record<string, string> = {
  spatial: 'space',
  temporal: 'time',
  bands: 'bands',
  geometry: 'geometries',
  other: 'other',
}

const word = (value: Json | undefined): string => {
  if (typeof value === 'number') return formatNumber(value, 7)
  return typeof value === 'string' ? value.slice(0, 100) : ''
}

/** EPSG code, WKT2 or PROJJSON as a name. */
export function systemWords(system: Json | undefined): string {
  if (typeof system === 'number') return `EPSG:${system}`
  if (typeof system === 'string') {
    const named = /^\s*\w+\s*\[\s*"([^"]{1,100})"/.exec(system)
    return named?.[1] ?? system.slice(0, 60)
  }
  return isObject(system) ? textOf(system.name).slice(0, 100) || 'PROJJSON' : ''
}

/** `2015-06-27 to now`; ends that are null are open, two of them are not stated. */
function extentWords(dimension: JsonObject, isTime: boolean): string {
  const { extent, values } = dimension
  if (Array.isArray(extent) && extent.length >= 2) {
    const [from = null, to = null] = extent
    const say = (end: Json) => (isTime ? word(end).replace(/T00:00:00(\.0+)?Z$/, '') : word(end))
    if (from === null && to === null) return isTime ? 'ends not stated' : ''
    if (from === null) return `until ${say(to)}`
    return to === null ? `since ${say(from)}` : `${say(from)} to ${say(to)}`
  }
  const all = listOf(values)
  if (!all.length) return ''
  const some = all
    .slice(0, MOST_VALUES)
    .map((value) => (value === null ? 'none' : word(value)))
    .join(', ')
  return all.length > MOST_VALUES ? `${some} … (${all.length})` : some
}

function stepWords({ step, unit, type }: JsonObject): string {
  const size = numberOf(step)
  if (step === null) return 'irregular steps'
  if (size !== null) return `step ${formatNumber(size)}${textOf(unit) ? ` ${textOf(unit)}` : ''}`
  return type === 'temporal' && textOf(step) ? `step ${durationWords(textOf(step))}` : ''
}

const UNITS: [string, string][] = [
  ['Y', 'year'],
  ['M', 'month'],
  ['W', 'week'],
  ['D', 'day'],
]
/** `P10D` → `10 days`; durations with hours and the like stay as they are written (ISO 8601). */
export function durationWords(duration: string): string {
  const found = /^P(\d+)([YMWD])$/.exec(duration)
  const unit = UNITS.find(([letter]) => letter === found?.[2])?.[1]
  return found && unit ? `${found[1]} ${unit}${found[1] === '1' ? '' : 's'}` : duration
}

export function dimensionRows(document: JsonObject): DimensionRow[] {
  return Object.entries(objectOf(document['cube:dimensions']))
    .filter((entry): entry is [string, JsonObject] => isObject(entry[1]))
    .slice(0, MOST)
    .map(([name, dimension]) => {
      const type = textOf(dimension.type)
      const axis = textOf(dimension.axis)
      const geometries = listOf(dimension.geometry_types).map(word).filter(Boolean).join(', ')
      const bbox = listOf(dimension.bbox).map(word).filter(Boolean).join(', ')
      return {
        name,
        type: `${own(TYPES, type) ?? (type || 'type not stated')}${axis ? ` (${axis})` : ''}`,
        extent: extentWords(dimension, type === 'temporal') || (bbox ? `box ${bbox}` : ''),
        more: [
          stepWords(dimension),
          textOf(dimension.unit) && numberOf(dimension.step) === null ? `in ${textOf(dimension.unit)}` : '',
          type === 'spatial' || type === 'geometry' ? systemWords(dimension.reference_system) : '',
          geometries,
        ]
          .filter(Boolean)
          .join(', '),
        description: textOf(dimension.description),
      }
    })
}
