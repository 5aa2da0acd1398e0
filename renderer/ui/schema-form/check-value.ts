/**
 * What is wrong with a value of a form field, as a sentence; undefined where nothing is. Pure.
 * Owns: the rules of JSON Schema that a form can break. Does not: judge what only the back-end can (it does, again).
 */
import type { FormField, FormValues, Json, Schema } from './fields.ts'
import { runsInLinearTime } from './linear-pattern.ts'

const numberOf = (value: Json | undefined) => (typeof value === 'number' ? value : undefined)
const isEmpty = (value: Json | undefined) =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
/** A pattern of a back-end is run on so many characters at most: a slow one must not hold up the window. */
const MOST_MATCHED = 200

function numberProblem(value: number, schema: Schema): string | undefined {
  const low = numberOf(schema.minimum)
  const high = numberOf(schema.maximum)
  const above = numberOf(schema.exclusiveMinimum)
  const below = numberOf(schema.exclusiveMaximum)
  if (!Number.isFinite(value)) return 'This is not a number.'
  if (schema.type === 'integer' && !Number.isInteger(value)) return 'This has to be a whole number.'
  if (low !== undefined && value < low) return `This has to be at least ${low}.`
  if (high !== undefined && value > high) return `This has to be at most ${high}.`
  if (above !== undefined && value <= above) return `This has to be more than ${above}.`
  if (below !== undefined && value >= below) return `This has to be less than ${below}.`
  const step = numberOf(schema.multipleOf)
  if (step && Math.abs(value / step - Math.round(value / step)) > 1e-9) return `This has to be a multiple of ${step}.`
  return undefined
}

function textProblem(value: string, schema: Schema): string | undefined {
  const least = numberOf(schema.minLength)
  const most = numberOf(schema.maxLength)
  if (least !== undefined && value.length < least) return `This needs at least ${least} characters.`
  if (most !== undefined && value.length > most) return `This may have at most ${most} characters.`
  const pattern = typeof schema.pattern === 'string' ? schema.pattern : ''
  return pattern && !matches(pattern, value) ? `This has to match ${pattern}` : undefined
}

/** Whether the text matches; a pattern that cannot be used here is left to the back-end. */
function matches(pattern: string, value: string): boolean {
  if (value.length > MOST_MATCHED || !runsInLinearTime(pattern)) return true
  try {
    return new RegExp(pattern, 'u').test(value)
  } catch {
    return true
  }
}

function listProblem(value: readonly Json[], schema: Schema): string | undefined {
  const least = numberOf(schema.minItems)
  const most = numberOf(schema.maxItems)
  if (least !== undefined && value.length < least) return `This needs at least ${least}.`
  if (most !== undefined && value.length > most) return `This may have at most ${most}.`
  if (schema.uniqueItems === true && new Set(value.map((one) => JSON.stringify(one))).size < value.length)
    return 'The same value is in it twice.'
  return undefined
}

function rangeProblem(value: Json, schema: Schema): string | undefined {
  const [from, to] = Array.isArray(value) ? value : []
  if (typeof from === 'number' && typeof to === 'number' && from > to) return 'The first value is above the second.'
  if (typeof from === 'string' && typeof to === 'string' && from > to) return 'The start is after the end.'
  // the type of a single value has no bearing on an open side
  for (const end of [from, to]) {
    const problem = typeof end === 'number' ? numberProblem(end, schema) : undefined
    if (problem) return problem
  }
  return undefined
}

const DATE = /^\d{4}-\d{2}-\d{2}$/
const isDate = (value: string) => DATE.test(value) && !Number.isNaN(Date.parse(value))

/** `typed`: the text of a JSON field that could not be read. */
export function fieldProblem(field: FormField, value: Json | undefined, typed?: string): string | undefined {
  if (typed !== undefined) return 'This is not valid JSON.'
  if (isEmpty(value) || (isRange(field) && Array.isArray(value) && value.every((end) => end === null))) {
    return field.isRequired && !field.isNullable && field.default === undefined ? 'This is needed.' : undefined
  }
  const { schema } = field
  switch (field.kind) {
    case 'number':
      return typeof value === 'number' ? numberProblem(value, schema) : 'This is not a number.'
    case 'number-range':
    case 'date-range':
      return rangeProblem(value as Json, schema)
    case 'choice':
      return field.choices.some((choice) => JSON.stringify(choice.value) === JSON.stringify(value))
        ? undefined
        : 'This is none of the choices.'
    case 'date':
      return typeof value === 'string' && isDate(value) ? undefined : 'This is not a date.'
    case 'date-time':
      return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? undefined : 'This is not a date and time.'
    case 'text':
      return typeof value === 'string' ? textProblem(value, schema) : undefined
    case 'list':
    case 'choices':
      return Array.isArray(value) ? (itemProblem(field, value) ?? listProblem(value, field.schema)) : undefined
    default:
      return Array.isArray(value) ? listProblem(value, schema) : undefined
  }
}
const isRange = ({ kind }: FormField) => kind === 'number-range' || kind === 'date-range'

function itemProblem(field: FormField, values: readonly Json[]): string | undefined {
  const items = field.schema.items
  if (field.kind !== 'list' || items === null || typeof items !== 'object' || Array.isArray(items)) return undefined
  const isNumber = items?.type === 'number' || items?.type === 'integer'
  for (const value of values) {
    const problem = isNumber
      ? typeof value === 'number'
        ? numberProblem(value, items as Schema)
        : `“${String(value)}” is not a number.`
      : typeof value === 'string'
        ? textProblem(value, items as Schema)
        : undefined
    if (problem) return values.length > 1 && typeof value !== 'number' && !isNumber ? `“${value}”: ${problem}` : problem
  }
  return undefined
}

/** What stands under a name that a back-end chose, which may be the name of something that every object has. */
export const ownValue = <T>(values: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(values, name) ? values[name] : undefined

/** Name → what is wrong, for every field that has something wrong with it. */
export function formProblems(
  fields: readonly FormField[],
  values: FormValues,
  typed: Record<string, string> = {},
): Record<string, string> {
  // entries become properties of the object's own, whatever they are called
  return Object.fromEntries(
    fields.flatMap((field) => {
      const problem = fieldProblem(field, ownValue(values, field.name), ownValue(typed, field.name))
      return problem ? [[field.name, problem]] : []
    }),
  )
}

/** The values that were given, without those that say nothing. */
export function givenValues(fields: readonly FormField[], values: FormValues): Record<string, Json> {
  return Object.fromEntries(
    fields.flatMap((field): [string, Json][] => {
      const value = ownValue(values, field.name)
      if (value === undefined || isEmpty(value)) return []
      const isOpen = isRange(field) && Array.isArray(value) && value.every((end) => end === null)
      return isOpen ? [] : [[field.name, value]]
    }),
  )
}
