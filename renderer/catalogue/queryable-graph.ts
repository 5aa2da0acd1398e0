/**
 * Chosen values of a collection's queryables as the `properties` of load_collection: one condition each. Pure.
 * Source: openEO processes 2.0, load_collection (each value is a process that is handed the property as `value`).
 */
import type { Json, JsonObject, ProcessGraph } from '../../preload/contract/vocabulary.ts'
import { ownValue } from '../ui/schema-form/check-value.ts'
import type { FormField } from '../ui/schema-form/fields.ts'

const VALUE = { from_parameter: 'value' }
const only = (processId: string, values: Record<string, Json>): ProcessGraph => ({
  filter: { process_id: processId, arguments: { x: VALUE, ...values }, result: true },
})
const DAY_MS = 86_400_000
const dayAfter = (day: string) => new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10)

/** The condition that keeps a property; null where the value says nothing. Dates are whole days, the last one included. */
export function conditionOf(field: FormField, value: Json): ProcessGraph | null {
  if (field.kind === 'number-range' && Array.isArray(value)) {
    const [from, to] = value
    if (typeof from === 'number' && typeof to === 'number') return only('between', { min: from, max: to })
    if (typeof from === 'number') return only('gte', { y: from })
    return typeof to === 'number' ? only('lte', { y: to }) : null
  }
  if (field.kind === 'date-range' && Array.isArray(value)) return daysOf(value)
  if (field.kind === 'choices' && Array.isArray(value)) return anyOf(value)
  if (value === null || Array.isArray(value)) return null
  return only('eq', { y: value })
}

function daysOf([from, to]: readonly Json[]): ProcessGraph | null {
  const start = typeof from === 'string' ? from : null
  const end = typeof to === 'string' && !Number.isNaN(Date.parse(to)) ? dayAfter(to) : null
  if (start && end) {
    return {
      from: { process_id: 'gte', arguments: { x: VALUE, y: start } },
      until: { process_id: 'lt', arguments: { x: VALUE, y: end } },
      both: { process_id: 'and', arguments: { x: { from_node: 'from' }, y: { from_node: 'until' } }, result: true },
    }
  }
  if (start) return only('gte', { y: start })
  return end ? only('lt', { y: end }) : null
}

function anyOf(values: readonly Json[]): ProcessGraph | null {
  const [first] = values
  if (first === undefined) return null
  if (values.length === 1) return only('eq', { y: first })
  return {
    any: { process_id: 'array_contains', arguments: { data: [...values], value: VALUE }, result: true },
  }
}

/** `properties` of load_collection; empty where nothing was chosen. */
export function propertiesOf(fields: readonly FormField[], given: Record<string, Json>): JsonObject {
  return Object.fromEntries(
    fields.flatMap((field): [string, Json][] => {
      const value = ownValue(given, field.name)
      const condition = value === undefined ? null : conditionOf(field, value)
      return condition ? [[field.name, { process_graph: condition }]] : []
    }),
  )
}

/** The node to copy: load_collection with these properties. */
export function filteredNode(collectionId: string, properties: JsonObject): JsonObject {
  return {
    process_id: 'load_collection',
    arguments: { id: collectionId, spatial_extent: null, temporal_extent: null, properties },
  }
}
