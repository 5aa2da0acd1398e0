/** Promise: every type of every standard process is told in words, and no shape of a schema breaks the telling. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Json, JsonObject } from '../../../preload/contract/vocabulary.ts'
import { allowsNull, defaultWords, typeWords, variantsOf } from '../../../renderer/catalogue/schema/type-words.ts'

const FOLDER = '../shared/specs/openeo-processes'
const processes = [FOLDER, join(FOLDER, 'proposals')].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as JsonObject),
)
const process = (id: string) => processes.find((one) => one.id === id) as JsonObject
const parameter = (id: string, name: string) =>
  (process(id).parameters as JsonObject[]).find((one) => one.name === name) as JsonObject
const wordsOf = (id: string, name: string) => typeWords(parameter(id, name).schema)

test('every parameter and every result of the standard processes has words of its own', () => {
  expect(processes.length).toBeGreaterThan(150)
  let told = 0
  for (const one of processes) {
    const schemas = (one.parameters as JsonObject[]).map(({ schema }) => schema)
    for (const schema of [...schemas, (one.returns as JsonObject).schema] as Json[]) {
      const said = typeWords(schema)
      expect(said, `${one.id}`).toMatch(/^[\w"]/)
      // neither a hyphened subtype nor JSON shows through
      expect(said, `${one.id}`).not.toMatch(/undefined|\[object|[{}]|[a-z]-(id|name|code|cube|graph|interval)/)
      for (const variant of variantsOf(schema)) {
        expect(variant.words, `${one.id}`).not.toBe('')
        expect(variant.limits.join(), `${one.id}`).not.toMatch(/undefined|null|\[object/)
      }
      told++
    }
  }
  expect(told).toBeGreaterThan(400)
})

test('what an analyst would say of them', () => {
  expect(wordsOf('load_collection', 'id')).toBe('collection id')
  expect(wordsOf('load_collection', 'spatial_extent')).toBe('bounding box, GeoJSON, vector data cube or nothing')
  expect(wordsOf('load_collection', 'temporal_extent')).toBe('temporal interval or nothing')
  expect(wordsOf('load_collection', 'bands')).toBe('list of band names or nothing')
  expect(wordsOf('aggregate_temporal', 'data')).toBe('data cube with time')
  expect(wordsOf('aggregate_temporal', 'intervals')).toBe('list of temporal intervals')
  expect(wordsOf('aggregate_temporal', 'labels')).toBe('list of numbers or texts')
  expect(wordsOf('aggregate_temporal', 'reducer')).toBe('process')
  expect(wordsOf('run_udf', 'udf')).toBe('address, file path or UDF source code')
  expect(wordsOf('run_udf', 'data')).toBe('any value')
  expect(wordsOf('resample_spatial', 'projection')).toBe('EPSG code, WKT2 definition or nothing')
  expect(wordsOf('apply_kernel', 'kernel')).toBe('kernel')
  expect(typeWords((process('mean').returns as JsonObject).schema)).toBe('number or nothing')
  expect(typeWords({ type: 'object', subtype: 'raster-cube' })).toBe('raster data cube')
  expect(typeWords({ type: 'array', items: [{ type: 'number' }, { type: 'string' }] })).toBe('list of number, text')
  expect(typeWords({ type: 'array', items: { type: 'array', items: { type: 'number' } } })).toBe(
    'list of lists of numbers',
  )
})

test('what is asked of a value', () => {
  const limits = (schema: Json) => variantsOf(schema).map((variant) => variant.limits)
  expect(limits({ type: 'number', minimum: 0, maximum: 100 })).toEqual([['0 to 100']])
  expect(limits({ type: 'number', exclusiveMinimum: 0 })).toEqual([['more than 0']])
  expect(limits({ type: 'number', minimum: 0, exclusiveMinimum: true })).toEqual([['more than 0']])
  expect(limits({ type: 'integer', minimum: 1 })).toEqual([['at least 1']])
  expect(limits({ type: 'string', enum: ['a', '', null] })).toEqual([['one of: a, (empty)']])
  expect(limits({ type: 'string', pattern: '^\\w+$', minLength: 1 })).toEqual([
    ['at least 1 character', 'matches ^\\w+$'],
  ])
  expect(limits({ type: 'array', minItems: 2, maxItems: 2, uniqueItems: true })).toEqual([
    ['exactly 2 elements', 'no element twice'],
  ])
  expect(limits({ type: 'array', minItems: 0, maxItems: 1 })).toEqual([['at most 1 element']])
  expect(limits({ type: ['number', 'null'] })).toEqual([[], []])
  expect(limits(parameter('load_collection', 'spatial_extent').schema as Json)[0]).toEqual([
    'has west, south, east, north',
  ])
  expect(limits(parameter('aggregate_temporal', 'data').schema as Json)[0]).toEqual(['has a temporal dimension'])
})

test('defaults and null', () => {
  expect(defaultWords({ default: null })).toBe('nothing')
  expect(defaultWords({ default: false })).toBe('false')
  expect(defaultWords({ default: '' })).toBe('(empty text)')
  expect(defaultWords({ schema: { default: 4326 } })).toBe('4326')
  expect(defaultWords({})).toBe('')
  expect(allowsNull({ type: ['string', 'null'] })).toBe(true)
  expect(allowsNull([{ type: 'string' }, { type: 'null' }])).toBe(true)
  expect(allowsNull({ type: 'string' })).toBe(false)
})

test('schemas of any shape are told', () => {
  const endless: JsonObject = { type: 'array' }
  let inner = endless
  for (let level = 0; level < 500; level++) {
    const next: JsonObject = { type: 'array' }
    inner.items = next
    inner = next
  }
  const wide: Json = { anyOf: Array.from({ length: 3000 }, (_, index) => ({ type: 'string', title: String(index) })) }
  for (const schema of [
    null,
    true,
    3,
    'string',
    [],
    {},
    [null],
    { type: 3 },
    { type: [] },
    { type: [null, 'x'] },
    { subtype: {} },
    { anyOf: null },
    { anyOf: [] },
    { anyOf: [{ anyOf: [{ anyOf: [{ type: 'null' }] }] }] },
    { enum: {} },
    { items: null },
    { type: 'object', subtype: '__proto__' },
    { type: 'constructor' },
    { format: 'toString', type: 'string' },
    { allOf: [{ type: 'string' }, { minLength: 3 }] },
    { not: { type: 'null' } },
    endless,
    wide,
  ] as Json[]) {
    expect(typeof typeWords(schema)).toBe('string')
    expect(typeWords(schema).length).toBeLessThan(4000)
    expect(variantsOf(schema).length).toBeLessThanOrEqual(20)
  }
  expect(typeWords({ allOf: [{ type: 'string' }, { minLength: 3 }] })).toBe('text')
  expect(typeWords({ type: 'object', subtype: 'my-own-thing' })).toBe('my own thing')
})
