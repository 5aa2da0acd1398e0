/**
 * JSON Schema (draft-07, with openEO's subtypes) in words: what kind of value it is, and what is asked of it. Pure.
 * Owns: the words. The subtypes are those of openeo-processes 1.2 and 2.0 (meta/subtype-schemas.json); an unknown one is
 * shown by its name. Does not: check values (schema-form/check-value.ts).
 */
import type { Json, JsonObject } from '../../../preload/contract/vocabulary.ts'
import { isObject, listOf, numberOf, objectOf, objectsOf, own, shortJson, textOf, textsOf } from './json.ts'

/** One of the kinds of value that a schema allows. */
export type Variant = {
  /** `raster data cube`, `list of numbers`. */
  words: string
  title: string
  /** In Markdown, as the back-end wrote it. */
  description: string
  /** `0 to 100`, `one of: mean, max`. */
  limits: string[]
  /** The value null, with whatever it means. */
  isNull: boolean
  isDeprecated: boolean
  schema: JsonObject
}
type Words = { one: string; many: string }
const words = (one: string, many = `${one}s`): Words => ({ one, many })

const SUBTYPES: Record<string, Words> = {
  'band-name': words('band name'),
  'bounding-box': words('bounding box', 'bounding boxes'),
  'chunk-size': words('chunk size'),
  'collection-id': words('collection id'),
  date: words('date'),
  'date-time': words('date and time', 'dates and times'),
  duration: words('duration'),
  'epsg-code': words('EPSG code'),
  'file-path': words('file path'),
  'file-paths': words('list of file paths', 'lists of file paths'),
  geojson: words('GeoJSON', 'GeoJSON objects'),
  'geojson-coordinate': words('coordinate of GeoJSON', 'coordinates of GeoJSON'),
  'input-format': words('input format'),
  'input-format-options': words('options of the input format', 'options of input formats'),
  'job-id': words('batch job id'),
  kernel: words('kernel'),
  'labeled-array': words('labelled list'),
  'metadata-filter': words('metadata filter'),
  'ml-model': words('machine learning model'),
  'output-format': words('output format'),
  'output-format-options': words('options of the output format', 'options of output formats'),
  'process-graph': words('process'),
  'process-graph-id': words('process id'),
  'proj-definition': words('PROJ definition'),
  'raster-cube': words('raster data cube'),
  stac: words('STAC object'),
  'stac-collection': words('STAC collection'),
  'temporal-interval': words('temporal interval'),
  'temporal-intervals': words('list of temporal intervals', 'lists of temporal intervals'),
  time: words('time'),
  'udf-code': words('UDF source code', 'UDF source codes'),
  'udf-runtime': words('UDF runtime'),
  'udf-runtime-version': words('version of a UDF runtime', 'versions of UDF runtimes'),
  uri: words('address'),
  'vector-cube': words('vector data cube'),
  'wkt2-definition': words('WKT2 definition'),
  'workspace-id': words('workspace id'),
  year: words('year'),
}
const FORMATS: Record<string, Words> = {
  date: words('date'),
  'date-time': words('date and time', 'dates and times'),
  time: words('time'),
  duration: words('duration'),
  email: words('e-mail address', 'e-mail addresses'),
  uri: words('address', 'addresses'),
  'uri-reference': words('address', 'addresses'),
  uuid: words('UUID'),
  regex: words('regular expression'),
  commonmark: words('text in Markdown', 'texts in Markdown'),
}
const TYPES: Record<string, Words> = {
  string: words('text'),
  number: words('number'),
  integer: words('whole number'),
  boolean: words('yes or no', 'values of yes or no'),
  object: words('object'),
  array: words('list'),
  null: words('nothing', 'nothings'),
}
const ANY: Words = words('any value')
const MOST_DEEP = 6
const MOST_VARIANTS = 20

/** What the schemas of a schema are: openEO allows a list of them; `anyOf` and `oneOf` mean the same to a reader. */
function alternatives(schema: Json | undefined, depth = 0): JsonObject[] {
  if (Array.isArray(schema))
    return objectsOf(schema)
      .flatMap((one) => alternatives(one, depth + 1))
      .slice(0, MOST_VARIANTS)
  if (!isObject(schema)) return [{}]
  const { anyOf, oneOf, allOf, ...rest } = schema
  const inner = [...objectsOf(anyOf), ...objectsOf(oneOf)]
  if (inner.length && depth < MOST_DEEP) {
    return inner.flatMap((one) => alternatives({ ...rest, ...one }, depth + 1)).slice(0, MOST_VARIANTS)
  }
  if (objectsOf(allOf).length && depth < MOST_DEEP)
    return alternatives(Object.assign({}, ...objectsOf(allOf), rest) as JsonObject, depth + 1)
  if (Array.isArray(schema.type))
    return textsOf(schema.type).map((type) => (type === 'null' ? { type } : { ...schema, type }))
  return [schema]
}

const AXES: Record<string, string> = { geometry: 'vector', temporal: 'temporal', bands: 'band' }
/** `raster data cube with time`: what the dimensions that a cube must have mean. */
function cubeWords(schema: JsonObject): Words {
  const kinds = new Set(objectsOf(schema.dimensions).map(({ type }) => textOf(type)))
  const base = kinds.has('geometry') ? 'vector data cube' : kinds.has('spatial') ? 'raster data cube' : 'data cube'
  const more = [kinds.has('temporal') && 'time', kinds.has('bands') && 'bands'].filter(Boolean)
  const tail = more.length ? ` with ${more.join(' and ')}` : ''
  return words(`${base}${tail}`, `${base}s${tail}`)
}

function elementWords(schema: JsonObject, depth: number): Words | null {
  const { items } = schema
  if (Array.isArray(items)) {
    const each = items.map((item) => unionWords(item, depth + 1).one)
    return words(`list of ${each.join(', ')}`, `lists of ${each.join(', ')}`)
  }
  if (!isObject(items)) return null
  const inner = unionWords(items, depth + 1)
  return inner.one === ANY.one ? null : words(`list of ${inner.many}`, `lists of ${inner.many}`)
}

function kindWords(schema: JsonObject, depth: number): Words {
  const subtype = textOf(schema.subtype)
  if (subtype === 'datacube') return cubeWords(schema)
  if (subtype === 'labeled-array') {
    const inner = isObject(schema.items) ? unionWords(schema.items, depth + 1) : ANY
    return inner.one === ANY.one
      ? words('labelled list')
      : words(`labelled list of ${inner.many}`, `labelled lists of ${inner.many}`)
  }
  if (subtype) return (Object.hasOwn(SUBTYPES, subtype) && SUBTYPES[subtype]) || words(subtype.replaceAll('-', ' '))
  const type = textOf(schema.type)
  const format = textOf(schema.format)
  if ((type === 'string' || !type) && Object.hasOwn(FORMATS, format)) return FORMATS[format] as Words
  if (type === 'array' || (!type && schema.items))
    return (depth < MOST_DEEP && elementWords(schema, depth)) || words('list')
  if (type === 'string' && Array.isArray(schema.enum)) return words('choice')
  if (Object.hasOwn(TYPES, type)) return TYPES[type] as Words
  if (schema.const !== undefined) return words(shortJson(schema.const, 40))
  if (Array.isArray(schema.enum)) return words('choice')
  return isObject(schema.properties) ? (TYPES.object as Words) : ANY
}

function unionWords(schema: Json | undefined, depth: number): Words {
  const all = alternatives(schema, depth).map((one) => kindWords(one, depth))
  const kinds = all.filter(({ one }, index) => all.findIndex((other) => other.one === one) === index)
  const real = kinds.filter((kind) => kind !== TYPES.null)
  if (real.length === 0) return kinds[0] ?? ANY
  const join = (texts: string[]) =>
    texts.length > 1 ? `${texts.slice(0, -1).join(', ')} or ${texts.at(-1)}` : (texts[0] ?? '')
  const hasNull = real.length < kinds.length
  const tail = hasNull ? ['nothing'] : []
  return { one: join([...real.map(({ one }) => one), ...tail]), many: join([...real.map(({ many }) => many), ...tail]) }
}

/** A schema in one line, as in a signature: `raster data cube`, `number or nothing`, `list of band names`. */
export const typeWords = (schema: Json | undefined): string => unionWords(schema, 0).one

/** Whether null is one of the values. */
export const allowsNull = (schema: Json | undefined): boolean =>
  alternatives(schema).some(({ type }) => type === 'null')

const range = (low: string, high: string) =>
  low && high ? `${low} to ${high}` : low ? `at least ${low}` : high ? `at most ${high}` : ''
const word = (value: Json | undefined) => (numberOf(value) === null ? '' : String(value))

function numberLimits(schema: JsonObject): string[] {
  const above = schema.exclusiveMinimum ?? schema.minimumExclusive
  const below = schema.exclusiveMaximum ?? schema.maximumExclusive
  // draft-04 writes a flag beside the limit
  const [isAbove, isBelow] = [above === true, below === true]
  return [
    range(isAbove ? '' : word(schema.minimum), isBelow ? '' : word(schema.maximum)),
    isAbove ? `more than ${word(schema.minimum)}` : word(above) && `more than ${word(above)}`,
    isBelow ? `less than ${word(schema.maximum)}` : word(below) && `less than ${word(below)}`,
    word(schema.multipleOf) && `a multiple of ${word(schema.multipleOf)}`,
  ].filter((limit): limit is string => Boolean(limit))
}

function countLimit(low: Json | undefined, high: Json | undefined, one: string, many: string): string {
  const [least, most] = [numberOf(low), numberOf(high)]
  if (least === null && most === null) return ''
  if (least !== null && least === most) return `exactly ${least} ${least === 1 ? one : many}`
  const text = range(least === null || least === 0 ? '' : String(least), most === null ? '' : String(most))
  return text && `${text} ${(most ?? least) === 1 ? one : many}`
}

const MOST_CHOICES = 40
function limitsOf(schema: JsonObject): string[] {
  // null among the choices is told as `nothing` with the types
  const choices = listOf(schema.enum).filter((choice) => choice !== null)
  const some = choices.slice(0, MOST_CHOICES).map((choice) => (choice === '' ? '(empty)' : shortJson(choice, 40)))
  const graph = schema.subtype === 'process-graph'
  const required = textsOf(schema.required)
  return [
    choices.length ? `one of: ${some.join(', ')}${choices.length > MOST_CHOICES ? ` … (${choices.length})` : ''}` : '',
    schema.const !== undefined && schema.type !== undefined ? `always ${shortJson(schema.const)}` : '',
    ...numberLimits(schema),
    countLimit(schema.minLength, schema.maxLength, 'character', 'characters'),
    countLimit(schema.minItems, schema.maxItems, 'element', 'elements'),
    schema.uniqueItems === true ? 'no element twice' : '',
    textOf(schema.pattern) ? `matches ${shortJson(schema.pattern, 120)}` : '',
    !graph && required.length ? `has ${required.slice(0, 20).join(', ')}` : '',
    textsOf(schema.geometry_type).length ? `geometries: ${textsOf(schema.geometry_type).join(', ')}` : '',
    isObject(schema.not)
      ? `not ${unionWords(schema.not, 1).one}${limitsOf(schema.not).length ? ` (${limitsOf(schema.not).join('; ')})` : ''}`
      : '',
  ].filter(Boolean)
}

function dimensionLimits(schema: JsonObject): string[] {
  if (schema.subtype !== 'datacube') return []
  return objectsOf(schema.dimensions).map((dimension) => {
    const axes = textsOf(dimension.axis)
    const kind = own(AXES, textOf(dimension.type)) ?? textOf(dimension.type)
    return `has a ${kind === 'vector' ? 'geometry' : kind} dimension${axes.length ? ` for each of ${axes.join(', ')}` : ''}`
  })
}

/** Everything that a schema allows, one by one, with what is asked of each. */
export function variantsOf(schema: Json | undefined): Variant[] {
  return alternatives(schema).map((one) => ({
    words: kindWords(one, 0).one,
    title: textOf(one.title),
    description: textOf(one.description),
    limits: [...limitsOf(one), ...dimensionLimits(one)],
    isNull: one.type === 'null',
    isDeprecated: one.deprecated === true,
    schema: one,
  }))
}

/** The default as it is written, or '' where none is stated. A schema may have it inside as well. */
export function defaultWords(parameter: JsonObject): string {
  const value = parameter.default !== undefined ? parameter.default : objectOf(parameter.schema).default
  if (value === undefined) return ''
  if (value === null) return 'nothing'
  return value === '' ? '(empty text)' : shortJson(value, 200)
}
