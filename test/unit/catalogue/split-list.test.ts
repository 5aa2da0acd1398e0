/** A list comes apart into its entries wherever the network cuts it, and what is wrong costs itself only. */
import { expect, test } from 'vitest'
import { createListSplitter } from '../../../main/catalogue/split-list.ts'
import { createRandom } from '../../fakes/random.ts'

const LIMITS = { mostEntryBytes: 200, mostDepth: 20, mostOtherBytes: 500 }
function split(text: string, sizes: () => number, limits = LIMITS) {
  const entries: unknown[] = []
  let refused = 0
  const splitter = createListSplitter(
    'collections',
    (bytes) => entries.push(JSON.parse(bytes.toString('utf8'))),
    () => refused++,
    limits,
  )
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; ) {
    const size = sizes()
    splitter.push(bytes.subarray(at, at + size))
    at += size
  }
  return { entries, refused, others: Object.fromEntries(splitter.end()) }
}

test('any cut gives the same entries and members', () => {
  const random = createRandom('split list')
  const collections = [{ id: 'a"\\', x: ['}', ']', '{"', { y: 'é中🛰' }] }, { id: '\\"', n: -1.5e3 }, {}]
  const document = { title: 'a, "b": [', n: 1, t: true, z: null, collections, links: [{ rel: 'next', href: '?a=1' }] }
  const { collections: _, ...others } = document
  for (const text of [JSON.stringify(document), `\ufeff ${JSON.stringify(document, null, 2)}\n`])
    for (let round = 0; round < 200; round++)
      expect(split(text, () => 1 + random.integer(12))).toEqual({ entries: collections, refused: 0, others })
})

test('entries that are too long or too deep are refused alone; scalars and lists among them are left out', () => {
  const deep = `{"id":"deep","x":${'['.repeat(50)}${']'.repeat(50)}}`
  const long = JSON.stringify({ id: 'long', x: 'x'.repeat(500) })
  const text = `{"collections":[{"id":"a"},${deep},1,"s",[{"id":"inner"}],null,${long},{"id":"b"}]}`
  expect(split(text, () => 7)).toEqual({ entries: [{ id: 'a' }, { id: 'b' }], refused: 2, others: {} })
})

test('a long member beside the list is left out, and memory is not filled by it', () => {
  const text = `{"junk":"${'x'.repeat(5000)}","collections":[{"id":"a"}],"links":[]}`
  expect(split(text, () => 64)).toEqual({ entries: [{ id: 'a' }], refused: 0, others: { links: [] } })
})

test.each([
  '',
  '<html>',
  '[1]',
  '{"collections":[{"id":"a"}',
  '{"collections":[{"id":"a"',
  '{"collections":null}',
  '{}',
])('no list: %j', (text) => expect(() => split(text, () => 3)).toThrow(/^[A-Z].*\.$/))
