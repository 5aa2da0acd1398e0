/** Promise: what is called like something that every object has is shown and filled in like anything else. */
import { expect, test } from 'vitest'
import { licenceOf, providersOf } from '../../../renderer/catalogue/collection-page.ts'
import { compareEntries } from '../../../renderer/catalogue/compare-entries.ts'
import { dimensionRows } from '../../../renderer/catalogue/dimension-words.ts'
import { processNode } from '../../../renderer/catalogue/graph-node.ts'
import { linksOf } from '../../../renderer/catalogue/link-words.ts'
import { offerFacts } from '../../../renderer/catalogue/offer-words.ts'
import { propertiesOf } from '../../../renderer/catalogue/queryable-graph.ts'
import { typeWords } from '../../../renderer/catalogue/schema/type-words.ts'
import { summaryFacts } from '../../../renderer/catalogue/summary-words.ts'
import { formProblems, givenValues } from '../../../renderer/ui/schema-form/check-value.ts'
import { fieldsOf, type Schema } from '../../../renderer/ui/schema-form/fields.ts'

const NAMES = ['constructor', 'toString', 'hasOwnProperty', '__proto__', 'valueOf', '__defineGetter__']
const schema = JSON.parse(
  `{"properties": {${NAMES.map((name) => `"${name}": {"type": "string", "maxLength": 3}`).join()}}}`,
) as Schema
const fields = fieldsOf(schema, 'filter')

test('an empty form has no problem and gives nothing', () => {
  expect(fields.map(({ name }) => name)).toEqual(NAMES)
  expect(Object.keys(formProblems(fields, {}, {}))).toEqual([])
  expect(Object.keys(givenValues(fields, {}))).toEqual([])
  expect(Object.keys(propertiesOf(fields, {}))).toEqual([])
})

test('what is put in comes out under its name, and so does what is wrong with it', () => {
  const values = Object.fromEntries(NAMES.map((name) => [name, 'abc']))
  const given = givenValues(fields, values)
  expect(Object.entries(given)).toEqual(NAMES.map((name) => [name, 'abc']))
  expect(Object.entries(formProblems(fields, values, {}))).toEqual([])
  const properties = propertiesOf(fields, given)
  expect(Object.keys(properties)).toEqual(NAMES)
  expect(JSON.parse(JSON.stringify(properties))).toEqual(properties)
  const wrong = formProblems(fields, Object.fromEntries(NAMES.map((name) => [name, 'long'])))
  expect(Object.keys(wrong)).toEqual(NAMES)
})

test.each(NAMES)('a document that says %s wherever a word is looked up is shown with that word', (name) => {
  const document = JSON.parse(
    JSON.stringify({
      license: name,
      providers: [{ name, roles: [name] }],
      gis_data_types: [name],
      type: name,
      links: [{ rel: name, href: 'https://a.example/', type: name }],
      'cube:dimensions': { x: { type: name } },
    }).replace('"type":"', `"summaries":{"${name}":["v"]},"type":"`),
  )
  expect(licenceOf(document)?.words).toBe(name)
  expect(providersOf(document)[0]?.roles).toBe(name)
  expect(summaryFacts(document)).toEqual([{ label: name, value: 'v' }])
  expect(linksOf(document)[0]?.note).toBe(name)
  expect(dimensionRows(document)[0]?.type).toBe(name)
  const key = { connectionId: 'c', kind: 'output-format', namespace: '', id: name } as never
  expect(offerFacts({ key, document })).toEqual([{ label: 'Holds', value: name }])
  expect(typeWords({ type: 'string', subtype: name, format: name })).toContain(name.replaceAll('-', ' '))
  expect(typeof typeWords({ type: name, format: name } as never)).toBe('string')
  const parameters = [{ name, description: '', schema: { type: 'string', subtype: name } }]
  const node = processNode({ id: 'p', parameters }, { namespace: '', id: 'p' })
  expect(Object.keys(node.arguments as object)).toEqual([name])
})

test('entries that differ in facts with such names are compared by what is stated', () => {
  const entryOf = (id: string, value: string) =>
    ({
      key: { connectionId: 'c', kind: 'collection', namespace: '', id },
      title: id,
      document: JSON.parse(`{"summaries": {${NAMES.map((name) => `"${name}": ["${value}"]`).join()}}}`),
      collection: null,
    }) as never
  const rows = compareEntries([entryOf('a', '1'), entryOf('b', '2')]).find(({ title }) => title === 'Summaries')?.rows
  expect(rows?.map(({ label, values }) => [label, ...values])).toEqual(NAMES.map((name) => [name, '1', '2']))
})
