/**
 * The form of a process definition as the openEO API carries it, and short words to write many of them.
 * Owns: the types and the schema pieces that definitions share. Does not: hold definitions or compute anything.
 * Identifiers, types, defaults and exception codes follow openEO processes 2.0.0-rc.2; all sentences are ours.
 */

/** A JSON Schema with openEO's subtypes; an array stands for "any of". */
export type Schema = SchemaObject | SchemaObject[]
export type SchemaObject = {
  type?: string | string[]
  subtype?: string
  description?: string
  enum?: unknown[]
  const?: unknown
  default?: unknown
  minimum?: number
  maximum?: number
  minimumExclusive?: number
  maximumExclusive?: number
  minItems?: number
  maxItems?: number
  uniqueItems?: boolean
  pattern?: string
  format?: string
  items?: SchemaObject
  anyOf?: SchemaObject[]
  required?: string[]
  properties?: Record<string, SchemaObject>
  additionalProperties?: SchemaObject
  dimensions?: { type: string; axis?: string[]; geometry_type?: string[] }[]
  deprecated?: boolean
  /** Of a child graph: what it is given and what it returns. */
  parameters?: Parameter[]
  returns?: { description?: string; schema: Schema }
}

export type Parameter = {
  name: string
  description: string
  schema: Schema
  optional?: boolean
  default?: unknown
  deprecated?: boolean
}

export type ProcessDefinition = {
  id: string
  summary: string
  description: string
  categories: string[]
  parameters: Parameter[]
  returns: { description: string; schema: Schema }
  exceptions?: Record<string, { message: string }>
  experimental?: boolean
  links?: { rel: string; href: string; title?: string }[]
}

export const anything: SchemaObject = {}
export const number: SchemaObject = { type: 'number' }
export const numberOrNull: SchemaObject = { type: ['number', 'null'] }
export const boolean: SchemaObject = { type: 'boolean' }
export const booleanOrNull: SchemaObject = { type: ['boolean', 'null'] }
export const comparable: SchemaObject = { type: ['number', 'boolean', 'string', 'null'] }
export const stringOrNull: SchemaObject = { type: ['string', 'null'] }
export const numbers: SchemaObject = { type: 'array', items: numberOrNull }
export const booleans: SchemaObject = { type: 'array', items: booleanOrNull }
export const anyArray: SchemaObject = { type: 'array', items: anything }
export const labels: SchemaObject = { type: 'array', items: { type: ['number', 'string'] } }
export const cube: SchemaObject = { type: 'object', subtype: 'datacube' }
export const rasterCube: SchemaObject = { ...cube, dimensions: [{ type: 'spatial', axis: ['x', 'y'] }] }
export const bandCube: SchemaObject = { ...cube, dimensions: [{ type: 'bands' }] }
export const timeCube: SchemaObject = { ...cube, dimensions: [{ type: 'temporal' }] }
export const vectorCube: SchemaObject = { ...cube, dimensions: [{ type: 'geometry' }] }
export const bandName: SchemaObject = { type: 'string', subtype: 'band-name' }
export const epsgCode: SchemaObject = { type: 'integer', subtype: 'epsg-code', minimum: 1000 }
export const wkt2: SchemaObject = { type: 'string', subtype: 'wkt2-definition' }
export const nothing: SchemaObject = { type: 'null' }

const dateTime: SchemaObject = { type: 'string', format: 'date-time', subtype: 'date-time' }
const date: SchemaObject = { type: 'string', format: 'date', subtype: 'date' }
const time: SchemaObject = { type: 'string', subtype: 'time', pattern: '^\\d{2}:\\d{2}:\\d{2}$' }
/** Two instants or dates, the first included, the second not; null leaves a side open. */
export const temporalInterval: SchemaObject = {
  type: 'array',
  subtype: 'temporal-interval',
  minItems: 2,
  maxItems: 2,
  items: { anyOf: [dateTime, date, nothing] },
}
export const temporalIntervals: SchemaObject = {
  type: 'array',
  subtype: 'temporal-intervals',
  minItems: 1,
  items: { ...temporalInterval, uniqueItems: true, items: { anyOf: [dateTime, date, time, nothing] } },
}

const edge = (description: string): SchemaObject => ({ description, type: 'number' })
const height = (description: string): SchemaObject => ({ description, type: ['number', 'null'], default: null })
export const boundingBox: SchemaObject = {
  type: 'object',
  subtype: 'bounding-box',
  required: ['west', 'south', 'east', 'north'],
  properties: {
    west: edge('Smallest value of the first axis.'),
    south: edge('Smallest value of the second axis.'),
    east: edge('Largest value of the first axis.'),
    north: edge('Largest value of the second axis.'),
    base: height('Lower bound of the third axis; not looked at for rasters.'),
    height: height('Upper bound of the third axis; not looked at for rasters.'),
    crs: {
      description: 'Reference system of the numbers: an EPSG code or a WKT2 text. Longitude and latitude by default.',
      anyOf: [epsgCode, wkt2],
      default: 4326,
    },
  },
}

/** A required parameter. */
export const required = (name: string, schema: Schema, description: string): Parameter => ({
  name,
  description,
  schema,
})

/** An optional parameter; without a default where `fallback` is undefined. */
export const optional = (name: string, schema: Schema, description: string, fallback?: unknown): Parameter => ({
  name,
  description,
  schema,
  optional: true,
  ...(fallback === undefined ? {} : { default: fallback }),
})

const contextOfChild: Parameter = {
  name: 'context',
  description: 'What the caller passed on as `context`.',
  schema: anything,
  optional: true,
  default: null,
}

/** The parameter `context` of a process that calls a child graph. */
export const context = optional('context', anything, 'Handed to the child process as it is.', null)

/** A child graph: its own parameters (context is added) and what it returns. */
export const childGraph = (
  parameters: Parameter[],
  returns: { description?: string; schema: Schema },
  withContext = true,
): SchemaObject => ({
  type: 'object',
  subtype: 'process-graph',
  parameters: withContext ? [...parameters, contextOfChild] : parameters,
  returns,
})

/** A child graph that turns the labelled values along a dimension into one value. */
export const reducer = childGraph(
  [
    required(
      'data',
      { type: 'array', subtype: 'labeled-array', items: anything },
      'The values along the dimension, with its labels.',
    ),
  ],
  { description: 'The value that takes their place.', schema: anything },
)

export const ignoreNodata = optional(
  'ignore_nodata',
  boolean,
  'Whether values that are no data are left out. If not, a single one of them makes the result no data.',
  true,
)
