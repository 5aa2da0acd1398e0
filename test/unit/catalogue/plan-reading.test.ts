/** Where the next page is, and how long a list is fresh. */
import { expect, test } from 'vitest'
import { judgeAbsent, listedEntry } from '../../../main/catalogue/list-entries.ts'
import { freshUntilMs, nextPage } from '../../../main/catalogue/plan-reading.ts'

const root = 'https://example.org/openeo/1.2'
const page = `${root}/collections?limit=1000`
test.each([
  [null, { do: 'end' }],
  ['?page=2', { do: 'read', url: `${root}/collections?page=2` }],
  ['/openeo/1.2/collections?token=a%2Fb', { do: 'read', url: `${root}/collections?token=a%2Fb` }],
  [`${root}/collections?page=3#part`, { do: 'read', url: `${root}/collections?page=3` }],
  ['http://example.org/openeo/1.2/collections?page=2', { do: 'read', url: `${root}/collections?page=2` }],
  [page, { do: 'circle' }],
  ['https://other.example.org/collections?page=2', { do: 'refuse' }],
  ['https://user:secret@example.org/openeo/1.2/collections', { do: 'refuse' }],
  ['file:///etc/passwd', { do: 'refuse' }],
  ['http://[', { do: 'refuse' }],
])('next %j', (href, expected) => expect(nextPage(href, page, root, new Set([page]))).toEqual(expected))

test.each([
  [null, 15],
  ['public, max-age=900', 15],
  ['max-age=3600', 60],
  ['max-age=99999999', 24 * 60],
  ['no-cache, max-age=3600', 15],
  ['s-maxage=7200', 15],
])('cache-control %j is fresh for %i minutes', (header, minutes) =>
  expect(freshUntilMs(0, header)).toBe(minutes * 60_000),
)

test.each([
  [[], [], 'gone'],
  [['a'], [], 'gone'],
  [['a'], ['a'], 'missing'],
  [['a', 'b'], ['a'], 'missing'],
  [['a', 'b'], ['c'], 'gone'],
  [['a', 'b'], ['b', 'a'], 'missing'],
  [[], ['a'], 'missing'],
] as const)('of members %j without %j: %s', (members, missing, verdict) =>
  expect(judgeAbsent(members, missing)).toBe(verdict),
)

test('namespaces: of the list of user-defined processes, as stated, else the back-end', () => {
  expect(listedEntry('processes', { id: 'a' })?.namespace).toBe('backend')
  expect(listedEntry('processes', { id: 'a', namespace: 'x' })?.namespace).toBe('x')
  expect(listedEntry('user-processes', { id: 'a', namespace: 'x' })?.namespace).toBe('user')
  for (const bad of [null, [], 7, {}, { id: 7 }, { id: '' }, { id: 'x'.repeat(3000) }])
    expect(listedEntry('collections', bad)).toBeNull()
})
