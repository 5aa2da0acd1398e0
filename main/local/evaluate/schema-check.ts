/**
 * Whether a constant fits the schema of a parameter.
 * Owns: the part of JSON Schema that process definitions use, and the subtypes whose form can be told from the value.
 * Does not: look things up (collections, bands and formats are checked where they are used).
 */
import { crsFromUserInput } from '../../raster/crs.ts'
import type { Schema, SchemaObject } from '../processes/index.ts'
import { isGeojson } from './geometry.ts'
import { readInstant } from './instants.ts'

/** null where the value fits, else why not, as the end of a sentence. */
export function misfit(value: unknown, schema: Schema): string | null {
  if (!Array.isArray(schema)) return misfitOne(value, schema)
  const reasons: string[] = []
  for (const one of schema) {
    const reason = misfitOne(value, one)
    if (reason === null) return null
    if (typesFit(value, one)) reasons.push(reason)
  }
  return reasons[0] ?? `it is ${nameOf(value)}, but has to be ${expected(schema)}.`
}

const jsonType = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value)

function nameOf(value: unknown): string {
  const type = jsonType(value)
  return type === 'null' ? 'null' : type === 'array' || type === 'object' ? `an ${type}` : `a ${type}`
}

const typesOf = ({ type }: SchemaObject): string[] =>
  type === undefined ? [] : typeof type === 'string' ? [type] : type

function expected(schema: Schema): string {
  const names = (Array.isArray(schema) ? schema : [schema]).flatMap((one) =>
    one.subtype === undefined ? typesOf(one) : [one.subtype],
  )
  return [...new Set(names)].join(' or ')
}

function typesFit(value: unknown, schema: SchemaObject): boolean {
  const types = typesOf(schema)
  const type = jsonType(value)
  if (types.length === 0) return true
  return types.includes(type) || (type === 'number' && types.includes('integer') && Number.isInteger(value))
}

function misfitOne(value: unknown, schema: SchemaObject): string | null {
  if (!typesFit(value, schema)) return `it is ${nameOf(value)}, but has to be ${expected(schema)}.`
  if (schema.anyOf !== undefined) return misfit(value, schema.anyOf)
  if (schema.const !== undefined && value !== schema.const) return `it has to be ${JSON.stringify(schema.const)}.`
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    return `it has to be one of ${schema.enum.map((one) => JSON.stringify(one)).join(', ')}.`
  }
  if (typeof value === 'number') return misfitNumber(value, schema)
  if (typeof value === 'string') return misfitText(value, schema)
  if (Array.isArray(value)) return misfitArray(value, schema)
  if (value !== null && typeof value === 'object') return misfitObject(value as Record<string, unknown>, schema)
  return null
}

function misfitNumber(value: number, schema: SchemaObject): string | null {
  if (schema.minimum !== undefined && value < schema.minimum) return `it is below ${schema.minimum}.`
  if (schema.maximum !== undefined && value > schema.maximum) return `it is above ${schema.maximum}.`
  if (schema.minimumExclusive !== undefined && value <= schema.minimumExclusive) {
    return `it has to be above ${schema.minimumExclusive}.`
  }
  if (schema.maximumExclusive !== undefined && value >= schema.maximumExclusive) {
    return `it has to be below ${schema.maximumExclusive}.`
  }
  if (schema.subtype === 'epsg-code' && !isCrs(value)) return `the EPSG code ${value} is not known.`
  return null
}

/** The patterns stand in our own definitions and are linear; the text is bounded all the same. */
function misfitText(value: string, schema: SchemaObject): string | null {
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value.slice(0, 4096))) {
    return schema.subtype === 'uri'
      ? 'it has to begin with http:// or https://.'
      : 'it has characters that are not allowed.'
  }
  if (schema.subtype === 'date-time' || schema.subtype === 'date') {
    return readInstant(value) === null ? `"${value.slice(0, 40)}" is no date, or there is no such day.` : null
  }
  if (schema.subtype === 'wkt2-definition' && !isCrs(value)) return 'the reference system is not understood.'
  return null
}

function misfitArray(value: readonly unknown[], schema: SchemaObject): string | null {
  if (schema.minItems !== undefined && value.length < schema.minItems)
    return `it has fewer than ${schema.minItems} items.`
  if (schema.maxItems !== undefined && value.length > schema.maxItems)
    return `it has more than ${schema.maxItems} items.`
  if (schema.uniqueItems === true && schema.subtype !== 'temporal-interval' && !areDistinct(value)) {
    return 'it has an item twice.'
  }
  if (schema.items !== undefined) {
    for (const [index, item] of value.entries()) {
      const reason = misfitOne(item, schema.items)
      if (reason !== null) return `of item ${index}: ${reason}`
    }
  }
  return null
}

const areDistinct = (value: readonly unknown[]) =>
  new Set(value.map((item) => (typeof item === 'object' ? JSON.stringify(item) : item))).size === value.length

function misfitObject(value: Record<string, unknown>, schema: SchemaObject): string | null {
  if (schema.subtype === 'geojson') return isGeojson(value) ? null : 'it is no GeoJSON object.'
  if (schema.subtype === 'datacube') return 'it is an object, but has to be a data cube.'
  if (schema.subtype === 'process-graph') return 'it is an object, but has to be a child process.'
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(value, name)) return `\`${name}\` is missing.`
  }
  for (const [name, inner] of Object.entries(schema.properties ?? {})) {
    if (!Object.hasOwn(value, name)) continue
    const reason = misfitOne(value[name], inner)
    if (reason !== null) return `of \`${name}\`: ${reason}`
  }
  return null
}

/** True for what crsFromUserInput understands. */
function isCrs(value: unknown): boolean {
  try {
    crsFromUserInput(value)
    return true
  } catch {
    return false
  }
}
