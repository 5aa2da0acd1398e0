/**
 * A JSON Schema (draft-07, the part that forms need) as the fields of a form. Pure; ui/ knows nothing of openEO.
 * Owns: which control a schema gets. What has no control of its own is written as JSON, so that nothing is left out.
 * Does not: check values (check-value.ts).
 */

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json }
export type Schema = { [name: string]: Json }

export type FieldKind =
  /** One of `choices`. */
  | 'choice'
  /** Several of `choices`. */
  | 'choices'
  /** Yes, no, or nothing said. */
  | 'boolean'
  | 'number'
  /** From and to, each of which may be open; only in a form that filters. */
  | 'number-range'
  | 'date-range'
  | 'date'
  | 'date-time'
  | 'text'
  /** Several texts or numbers, one a line. */
  | 'list'
  | 'json'

export type FormField = {
  name: string
  label: string
  /** Plain words below the control. */
  help: string
  kind: FieldKind
  isRequired: boolean
  isNullable: boolean
  choices: { value: Json; label: string }[]
  default: Json | undefined
  schema: Schema
  /** Beside the number. */
  unit: string
}
export type FormValues = Record<string, Json | undefined>
/** `filter`: fields ask which values to keep, and a number or date becomes a range. */
export type FormPurpose = 'fill-in' | 'filter'

const isSchema = (value: Json | undefined): value is Schema =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
const text = (value: Json | undefined) => (typeof value === 'string' ? value : '')
const MOST_DEEP = 5
export const MOST_FIELDS = 300
const MOST_CHOICES = 500
/** More than this are typed, not ticked. */
const MOST_TICKED = 40

/** The one schema that the control is made for: unions that only add null are taken apart, `$ref`s into `$defs` followed. */
export function mainSchema(schema: Schema, root: Schema = schema, depth = 0): { schema: Schema; isNullable: boolean } {
  if (depth > MOST_DEEP) return { schema, isNullable: false }
  const target = referred(text(schema.$ref), root)
  if (target) {
    const { $ref: _left, ...rest } = schema
    return mainSchema({ ...target, ...rest }, root, depth + 1)
  }
  for (const word of ['anyOf', 'oneOf', 'allOf'] as const) {
    const all = Array.isArray(schema[word]) ? schema[word].filter(isSchema) : []
    if (!all.length) continue
    const { [word]: _left, ...rest } = schema
    const real = all.filter((one) => one.type !== 'null')
    const [first] = real
    const merged =
      word === 'allOf'
        ? Object.fromEntries(all.flatMap((one) => Object.entries(one)))
        : real.length === 1
          ? first
          : undefined
    if (!merged) return { schema: { ...rest, title: schema.title ?? '' }, isNullable: real.length < all.length }
    const inner = mainSchema({ ...rest, ...merged, ...titleOf(rest) }, root, depth + 1)
    return { schema: inner.schema, isNullable: inner.isNullable || real.length < all.length }
  }
  if (!Array.isArray(schema.type)) return { schema, isNullable: schema.type === 'null' }
  const types = schema.type.filter((type) => type !== 'null')
  const { type: _left, ...rest } = schema
  const [only] = types
  return {
    schema: types.length === 1 && only !== undefined ? { ...rest, type: only } : rest,
    isNullable: types.length < schema.type.length,
  }
}
const titleOf = ({ title, description }: Schema) => ({
  ...(title === undefined ? {} : { title }),
  ...(description === undefined ? {} : { description }),
})

function referred(reference: string, root: Schema): Schema | undefined {
  const found = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(reference)
  const defined = found?.[1] ? root[found[1]] : undefined
  const name = found?.[2] ?? ''
  if (!isSchema(defined) || !Object.hasOwn(defined, name)) return undefined
  const target = defined[name]
  return isSchema(target) ? target : undefined
}

export function fieldOf(
  name: string,
  stated: Schema,
  { isRequired = false, purpose = 'fill-in' as FormPurpose, root = stated } = {},
): FormField {
  const { schema, isNullable } = mainSchema(stated, root)
  const items = isSchema(schema.items) ? mainSchema(schema.items, root).schema : undefined
  const choices = choicesOf(schema) ?? (items && choicesOf(items)) ?? []
  return {
    name,
    label: text(schema.title) || name,
    help: text(schema.description) || text(stated.description),
    kind: kindOf(schema, items, choices.length, purpose),
    isRequired,
    isNullable,
    choices,
    default: stated.default ?? schema.default,
    schema,
    unit: text(schema.unit),
  }
}

function choicesOf(schema: Schema): FormField['choices'] | undefined {
  const values = Array.isArray(schema.enum) ? schema.enum.filter((one) => one !== null) : undefined
  if (values?.length) return values.slice(0, MOST_CHOICES).map((value) => ({ value, label: labelOf(value) }))
  return schema.const === undefined ? undefined : [{ value: schema.const, label: labelOf(schema.const) }]
}
const labelOf = (value: Json) => (typeof value === 'string' ? value || '(empty)' : JSON.stringify(value))

function kindOf(schema: Schema, items: Schema | undefined, choiceCount: number, purpose: FormPurpose): FieldKind {
  const { type, format } = schema
  const isFilter = purpose === 'filter'
  if (type === 'array' || (type === undefined && items)) {
    if (choiceCount > 0 && choiceCount <= MOST_TICKED) return 'choices'
    return items && ['string', 'number', 'integer'].includes(text(items.type)) ? 'list' : 'json'
  }
  // of a property with few values several may be kept
  if (choiceCount > 0) return isFilter && choiceCount <= 12 && choiceCount > 1 ? 'choices' : 'choice'
  if (type === 'boolean') return 'boolean'
  if (type === 'number' || type === 'integer') return isFilter ? 'number-range' : 'number'
  if (format === 'date' || format === 'date-time') return isFilter ? 'date-range' : format
  return type === 'string' ? 'text' : 'json'
}

/** The fields of an object's schema, in its own order. */
export function fieldsOf(schema: Schema, purpose: FormPurpose = 'fill-in'): FormField[] {
  const properties = isSchema(schema.properties) ? schema.properties : {}
  const required = Array.isArray(schema.required) ? schema.required : []
  return Object.entries(properties)
    .filter((entry): entry is [string, Schema] => isSchema(entry[1]))
    .slice(0, MOST_FIELDS)
    .map(([name, one]) => fieldOf(name, one, { isRequired: required.includes(name), purpose, root: schema }))
}
