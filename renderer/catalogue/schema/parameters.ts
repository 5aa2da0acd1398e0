/**
 * Parameters of whatever kind as one shape: those of a process, and the resource_parameter of formats and services. Pure.
 * Owns: reading them out of documents that may be wrong. Does not: say their types (type-words.ts does).
 */
import type { Json, JsonObject } from '../../../preload/contract/vocabulary.ts'
import { isObject, objectOf, objectsOf, textOf, textsOf } from './json.ts'
import { defaultWords, typeWords, type Variant, variantsOf } from './type-words.ts'

export type Parameter = {
  name: string
  /** In Markdown. */
  description: string
  schema: Json
  /** In one line. */
  type: string
  variants: Variant[]
  isRequired: boolean
  /** '' where none is stated. */
  defaultWords: string
  defaultValue: Json | undefined
  isDeprecated: boolean
  isExperimental: boolean
  /** Members of a federation that know this parameter; empty: all. */
  members: string[]
  /** Of a parameter that is a process itself: what it is handed, and what it must return. */
  inner: { parameters: Parameter[]; returns: string } | null
}

const MOST_PARAMETERS = 200
const MOST_DEEP = 3

function parameterOf(name: string, stated: JsonObject, schema: Json, isRequired: boolean, depth: number): Parameter {
  const inner = objectOf(schema)
  return {
    name,
    description: textOf(stated.description) || textOf(inner.description),
    schema,
    type: typeWords(schema),
    variants: variantsOf(schema),
    isRequired,
    defaultWords: defaultWords({ ...stated, schema }),
    defaultValue: stated.default !== undefined ? stated.default : inner.default,
    isDeprecated: stated.deprecated === true,
    isExperimental: stated.experimental === true,
    members: textsOf(stated['federation:backends']),
    inner: depth < MOST_DEEP ? childOf(schema, depth) : null,
  }
}

function childOf(schema: Json, depth: number): Parameter['inner'] {
  const process = variantsOf(schema).find((variant) => variant.schema.subtype === 'process-graph')?.schema
  if (!process || !Array.isArray(process.parameters)) return null
  const returns = isObject(process.returns) ? typeWords(process.returns.schema) : ''
  return { parameters: processParameters(process.parameters, depth + 1), returns }
}

/** `[{ name, description, schema, optional, default }]`, as of processes and processing parameters. */
export function processParameters(stated: Json | undefined, depth = 0): Parameter[] {
  return objectsOf(stated)
    .slice(0, MOST_PARAMETERS)
    .map((one, index) =>
      parameterOf(textOf(one.name) || `parameter ${index + 1}`, one, one.schema ?? {}, one.optional !== true, depth),
    )
}

/** `{ name: JSON Schema with description, required, default }`: resource_parameter of formats, services, workspaces. */
export function resourceParameters(stated: Json | undefined): Parameter[] {
  return Object.entries(objectOf(stated))
    .filter((entry): entry is [string, JsonObject] => isObject(entry[1]))
    .slice(0, MOST_PARAMETERS)
    .map(([name, one]) => parameterOf(name, one, schemaOfResource(one), one.required === true, 0))
}

/** `required` is a flag here, where JSON Schema has a list of properties. */
function schemaOfResource({ required, ...schema }: JsonObject): JsonObject {
  return Array.isArray(required) ? { ...schema, required } : schema
}
