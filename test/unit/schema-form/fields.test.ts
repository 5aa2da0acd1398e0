/** Promise: a schema becomes a form that leaves nothing out, and says what is wrong with a value as the schema means it. */
import { expect, test } from 'vitest'
import { conditionOf, propertiesOf } from '../../../renderer/catalogue/queryable-graph.ts'
import { fieldProblem, formProblems, givenValues } from '../../../renderer/ui/schema-form/check-value.ts'
import { listOfLines } from '../../../renderer/ui/schema-form/field-values.ts'
import { type FormPurpose, fieldOf, fieldsOf, type Json, type Schema } from '../../../renderer/ui/schema-form/fields.ts'

const kindOf = (schema: Schema, purpose: FormPurpose = 'fill-in') => fieldOf('x', schema, { purpose }).kind
const problem = (schema: Schema, value: Json | undefined, more = {}) => fieldProblem(fieldOf('x', schema, more), value)

test('each schema gets the control that fits it', () => {
  expect(kindOf({ type: 'string' })).toBe('text')
  expect(kindOf({ type: 'string', enum: ['a'] })).toBe('choice')
  expect(kindOf({ const: 3 })).toBe('choice')
  expect(kindOf({ type: 'boolean' })).toBe('boolean')
  expect(kindOf({ type: ['integer', 'null'] })).toBe('number')
  expect(kindOf({ type: 'string', format: 'date' })).toBe('date')
  expect(kindOf({ type: 'string', format: 'date-time' })).toBe('date-time')
  expect(kindOf({ type: 'array', items: { enum: ['a', 'b'] } })).toBe('choices')
  expect(kindOf({ type: 'array', items: { type: 'string' } })).toBe('list')
  expect(kindOf({ type: 'array', items: { type: 'object' } })).toBe('json')
  expect(kindOf({ type: 'object' })).toBe('json')
  expect(kindOf({})).toBe('json')
  expect(kindOf({ anyOf: [{ type: 'number' }, { type: 'null' }] })).toBe('number')
  expect(kindOf({ anyOf: [{ type: 'number' }, { type: 'string' }] })).toBe('json')
  expect(kindOf({ type: 'number' }, 'filter')).toBe('number-range')
  expect(kindOf({ type: 'string', format: 'date-time' }, 'filter')).toBe('date-range')
  expect(kindOf({ type: 'string', enum: ['a', 'b'] }, 'filter')).toBe('choices')
})

test('references, names, help and what is required', () => {
  const fields = fieldsOf({
    $defs: { Cover: { type: 'number', minimum: 0, maximum: 100, title: 'Cloud cover' } },
    required: ['name'],
    properties: {
      'eo:cloud_cover': { $ref: '#/$defs/Cover', description: 'Percent.' },
      away: { $ref: 'https://a.b/schema.json#/definitions/x' },
      self: { $ref: '#' },
      name: { type: 'string' },
      bad: null,
    },
  })
  expect(fields).toMatchObject([
    { name: 'eo:cloud_cover', label: 'Cloud cover', help: 'Percent.', kind: 'number', isRequired: false },
    { name: 'away', kind: 'json' },
    { name: 'self', kind: 'json' },
    { name: 'name', kind: 'text', isRequired: true },
  ])
})

test('what is wrong with a value', () => {
  expect(problem({ type: 'number', minimum: 0, maximum: 100 }, 101)).toBe('This has to be at most 100.')
  expect(problem({ type: 'number', minimum: 0 }, -1)).toBe('This has to be at least 0.')
  expect(problem({ type: 'number', exclusiveMinimum: 0 }, 0)).toBe('This has to be more than 0.')
  expect(problem({ type: 'number', multipleOf: 0.1 }, 0.3)).toBeUndefined()
  expect(problem({ type: 'number', multipleOf: 16 }, 20)).toBe('This has to be a multiple of 16.')
  expect(problem({ type: 'integer' }, 1.5)).toBe('This has to be a whole number.')
  expect(problem({ type: 'string', pattern: '^\\d{4}$' }, '12')).toBe('This has to match ^\\d{4}$')
  expect(problem({ type: 'string', pattern: '^\\d{4}$' }, '2025')).toBeUndefined()
  expect(problem({ type: 'string', pattern: '(' }, 'x')).toBeUndefined()
  expect(problem({ type: 'string', minLength: 3 }, 'ab')).toBe('This needs at least 3 characters.')
  expect(problem({ type: 'string', enum: ['a'] }, 'b')).toBe('This is none of the choices.')
  expect(problem({ type: 'string', format: 'date' }, '2025-13-01')).toBe('This is not a date.')
  expect(problem({ type: 'string', format: 'date-time' }, 'yesterday')).toBe('This is not a date and time.')
  expect(problem({ type: 'array', items: { type: 'number' } }, [1, 'a'])).toBe('“a” is not a number.')
  expect(problem({ type: 'array', items: { type: 'string' }, uniqueItems: true }, ['a', 'a'])).toBe(
    'The same value is in it twice.',
  )
  expect(problem({ type: 'string' }, undefined, { isRequired: true })).toBe('This is needed.')
  expect(problem({ type: ['string', 'null'] }, undefined, { isRequired: true })).toBeUndefined()
  expect(problem({ type: 'string', default: 'a' }, undefined, { isRequired: true })).toBeUndefined()
  expect(problem({ type: 'number' }, [5, 3], { purpose: 'filter' })).toBe('The first value is above the second.')
  expect(problem({ type: 'number', maximum: 100 }, [null, 300], { purpose: 'filter' })).toBe(
    'This has to be at most 100.',
  )
  expect(problem({ type: 'string', format: 'date' }, ['2025-02-01', '2025-01-01'], { purpose: 'filter' })).toBe(
    'The start is after the end.',
  )
})

test('a pattern that would take for ever is left to the back-end', () => {
  const start = performance.now()
  for (const pattern of ['^(a+)+$', '^(a*)*$', '(.*)*x', '^([a-z]+)*$', '^(a|a)*$'])
    problem({ type: 'string', pattern }, `${'a'.repeat(29)}!`)
  expect(performance.now() - start).toBeLessThan(50)
})

test('only what was given is handed on', () => {
  const fields = fieldsOf(
    { properties: { a: { type: 'number' }, b: { type: 'string' }, c: { type: 'string', format: 'date' }, d: {} } },
    'filter',
  )
  const values = { a: [null, null], b: '', c: ['2025-01-01', null], d: undefined }
  expect(givenValues(fields, values)).toEqual({ c: ['2025-01-01', null] })
  expect(formProblems(fields, values, { d: '{' })).toEqual({ d: 'This is not valid JSON.' })
  expect(listOfLines('1\n\n x \n2', fieldOf('x', { type: 'array', items: { type: 'number' } }))).toEqual([1, 'x', 2])
})

test('chosen values become conditions of load_collection', () => {
  const field = (schema: Schema) => fieldOf('x', schema, { purpose: 'filter' })
  const value = { from_parameter: 'value' }
  expect(conditionOf(field({ type: 'number' }), [0, 20])).toEqual({
    filter: { process_id: 'between', arguments: { x: value, min: 0, max: 20 }, result: true },
  })
  expect(conditionOf(field({ type: 'number' }), [null, 20])).toMatchObject({
    filter: { process_id: 'lte', arguments: { y: 20 } },
  })
  expect(conditionOf(field({ type: 'string' }), 'S2A')).toMatchObject({
    filter: { process_id: 'eq', arguments: { y: 'S2A' } },
  })
  expect(conditionOf(field({ enum: ['a', 'b', 'c'] }), ['a', 'b'])).toMatchObject({
    any: { process_id: 'array_contains', arguments: { data: ['a', 'b'], value } },
  })
  expect(conditionOf(field({ type: 'string', format: 'date-time' }), ['2024-02-28', '2024-02-28'])).toMatchObject({
    from: { arguments: { y: '2024-02-28' } },
    until: { process_id: 'lt', arguments: { y: '2024-02-29' } },
  })
  const fields = fieldsOf(
    { properties: { 'eo:cloud_cover': { type: 'number' }, platform: { type: 'string' } } },
    'filter',
  )
  expect(propertiesOf(fields, { platform: 'S2A' })).toEqual({
    platform: { process_graph: { filter: { process_id: 'eq', arguments: { x: value, y: 'S2A' }, result: true } } },
  })
})
