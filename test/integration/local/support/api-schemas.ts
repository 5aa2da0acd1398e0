/** Schemas of the openEO API document and of STAC, as validators: `errorsOf(…)` is empty where a value fits. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import { parse } from 'yaml'

const specs = resolve(import.meta.dirname, '../../../../../shared/specs')
type Json = Record<string, unknown>

/** OpenAPI 3.0 as JSON Schema: `nullable` becomes a type, overlapping `oneOf` becomes `anyOf`, `discriminator` goes. */
function converted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(converted)
  if (typeof value !== 'object' || value === null) return value
  const { nullable, discriminator, oneOf, example, examples, xml, externalDocs, ...rest } = value as Json
  const schema = Object.fromEntries(Object.entries(rest).map(([key, inner]) => [key, converted(inner)])) as Json
  if (oneOf !== undefined) schema.anyOf = converted(oneOf)
  return nullable === true ? { anyOf: [{ type: 'null' }, schema] } : schema
}

const formats: Record<string, RegExp> = {
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  uri: /^[a-z][a-z0-9+.-]*:\S+$/i,
  date: /^\d{4}-\d\d-\d\d$/,
}
function newAjv(): Ajv {
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false })
  for (const [name, pattern] of Object.entries(formats)) ajv.addFormat(name, pattern)
  for (const name of [
    'uri-reference',
    'iri',
    'iri-reference',
    'email',
    'commonmark',
    'regex',
    'json-pointer',
    'url',
    'uri-template',
  ])
    ajv.addFormat(name, true)
  return ajv
}

const document = parse(readFileSync(resolve(specs, 'openeo-api-1.2.0.yaml'), 'utf8')) as {
  paths: Record<string, Record<string, Json>>
}
const api = newAjv().addSchema(converted(document) as Json, 'api')
const known = new Map<string, ValidateFunction>()
const pointer = (text: string) => encodeURIComponent(text.replaceAll('~', '~0').replaceAll('/', '~1'))

function validator(ref: string): ValidateFunction {
  const made = known.get(ref) ?? api.compile({ $ref: ref })
  known.set(ref, made)
  return made
}
const messages = (validate: ValidateFunction, value: unknown) =>
  validate(value)
    ? []
    : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`)

/** What is wrong with an answer's body by the API document; `type` is its media type. */
export function apiErrors(
  path: string,
  method: string,
  status: number,
  value: unknown,
  type = 'application/json',
): string[] {
  const operation = document.paths[path]?.[method] as { responses: Record<string, Json> } | undefined
  if (!operation) return [`the API document has no ${method} ${path}`]
  const key = operation.responses[status] ? String(status) : `${String(status)[0]}XX`
  const response = operation.responses[key]
  if (!response) return [`the API document has no ${status} for ${method} ${path}`]
  const root =
    typeof response.$ref === 'string' ? `api${response.$ref}` : `api#/paths/${pointer(path)}/${method}/responses/${key}`
  return messages(validator(`${root}/content/${pointer(type)}/schema`), value)
}

export const errorCodes = JSON.parse(readFileSync(resolve(specs, 'openeo-errors.json'), 'utf8')) as Record<
  string,
  { http: number }
>
export const apiPaths = document.paths

const stacSchemas = JSON.parse(readFileSync(resolve(specs, 'stac-schemas.json'), 'utf8')) as Record<string, Json>
const stac = newAjv()
for (const [id, schema] of Object.entries(stacSchemas)) {
  const plain = id.replace(/#$/, '')
  if (!stac.getSchema(plain)) stac.addSchema({ ...schema, $id: plain, $schema: undefined as unknown as string }, plain)
}

/** What is wrong with a STAC Collection or Item, its extensions included. */
export function stacErrors(value: Json & { stac_extensions?: string[] }): string[] {
  const kind = value.type === 'Collection' ? 'collection-spec/json-schema/collection' : 'item-spec/json-schema/item'
  const core = `https://schemas.stacspec.org/v1.0.0/${kind}.json`
  return [core, ...(value.stac_extensions ?? [])].flatMap((id) => {
    const validate = stac.getSchema(id)
    return validate
      ? messages(validate as ValidateFunction, value).map((text) => `${id}: ${text}`)
      : [`no schema ${id}`]
  })
}
