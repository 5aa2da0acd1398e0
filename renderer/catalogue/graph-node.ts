/**
 * A process or collection as a node of a process graph, ready to be filled in. Pure.
 * Owns: a placeholder for each required argument by its type, stated defaults for the others. `…` marks what the user
 * has to put in; the node is valid JSON all the same.
 */
import type { EntryKey } from '../../preload/contract/catalogue.ts'
import type { Json, JsonObject } from '../../preload/contract/vocabulary.ts'
import { isObject, listOf, numberOf, objectOf, objectsOf, textOf } from './schema/json.ts'
import { type Parameter, processParameters } from './schema/parameters.ts'

/** What stands where a value is missing. */
export const BLANK = '…'
const MOST_DEEP = 6

const BY_SUBTYPE: Record<string, Json> = {
  datacube: { from_node: BLANK },
  'raster-cube': { from_node: BLANK },
  'vector-cube': { from_node: BLANK },
  stac: { from_node: BLANK },
  'bounding-box': { west: 0, south: 0, east: 0, north: 0 },
  'temporal-interval': ['2025-01-01', '2026-01-01'],
  'temporal-intervals': [['2025-01-01', '2026-01-01']],
  geojson: { type: 'FeatureCollection', features: [] },
  'epsg-code': 4326,
  kernel: [[1]],
  year: 2025,
  date: '2025-01-01',
  'date-time': '2025-01-01T00:00:00Z',
  time: '00:00:00',
  duration: 'P1D',
  'chunk-size': { dimension: BLANK, value: 1 },
}
const BY_FORMAT: Record<string, Json> = {
  date: '2025-01-01',
  'date-time': '2025-01-01T00:00:00Z',
  uri: 'https://example.org/',
}

/** A child process with the parameters that it is handed: the smallest one that is a graph. */
function childProcess(schema: JsonObject): JsonObject {
  const [first] = objectsOf(schema.parameters)
    .map(({ name }) => textOf(name))
    .filter(Boolean)
  const argument: JsonObject = first ? { [first === 'data' ? 'data' : 'x']: { from_parameter: first } } : {}
  return { process_graph: { child: { process_id: BLANK, arguments: argument, result: true } } }
}

/** A value of the type that shows what belongs there. */
export function placeholder(schema: Json | undefined, depth = 0): Json {
  const [first] = Array.isArray(schema) ? objectsOf(schema) : [objectOf(schema)]
  if (!first || depth > MOST_DEEP) return BLANK
  if (first.default !== undefined && first.default !== null) return first.default
  const inner = [...objectsOf(first.anyOf), ...objectsOf(first.oneOf)].find(({ type }) => type !== 'null')
  if (inner) return placeholder(inner, depth + 1)
  const subtype = textOf(first.subtype)
  if (subtype === 'process-graph') return childProcess(first)
  if (Object.hasOwn(BY_SUBTYPE, subtype)) return structuredClone(BY_SUBTYPE[subtype] as Json)
  if (first.const !== undefined) return first.const
  const choice = listOf(first.enum).find((one) => one !== null)
  if (choice !== undefined) return choice
  return plain(first, depth)
}

function plain(schema: JsonObject, depth: number): Json {
  const [type] = Array.isArray(schema.type) ? schema.type.filter((one) => one !== 'null') : [schema.type]
  if (type === 'number' || type === 'integer') return numberOf(schema.minimum) ?? 0
  if (type === 'boolean') return false
  if (type === 'null') return null
  if (type === 'array') return isObject(schema.items) && schema.minItems ? [placeholder(schema.items, depth + 1)] : []
  if (type === 'object') return {}
  const format = textOf(schema.format)
  return Object.hasOwn(BY_FORMAT, format) ? (BY_FORMAT[format] as Json) : BLANK
}

const isWorthStating = ({ isRequired, defaultValue }: Parameter) =>
  isRequired || (defaultValue !== undefined && defaultValue !== null)

/** The node: every required argument, and the others that have a default other than null. */
export function processNode(document: JsonObject, { namespace, id }: Pick<EntryKey, 'namespace' | 'id'>): JsonObject {
  const parameters = processParameters(document.parameters).filter(isWorthStating)
  const values = parameters.map(({ name, isRequired, defaultValue, schema }): [string, Json] => [
    name,
    !isRequired && defaultValue !== undefined ? defaultValue : placeholder(schema),
  ])
  // predefined processes need no namespace; the user's own and others' do
  const isNamed = namespace !== '' && namespace !== 'backend'
  return {
    process_id: textOf(document.id) || id,
    ...(isNamed ? { namespace } : {}),
    arguments: Object.fromEntries(values),
  }
}

/** As text to paste into a graph: `{ "mean1": { … } }`. */
export function nodeText(node: JsonObject): string {
  const name = `${textOf(node.process_id).replace(/\W+/g, '_').slice(0, 60) || 'node'}1`
  return JSON.stringify({ [name]: node }, null, 2)
}
