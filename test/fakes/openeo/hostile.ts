/** Entries of a catalogue as nobody should write them, and somebody does. */
import { sampleCollection } from './samples.ts'

type Document = Record<string, unknown>
const without = (document: Document, ...keys: string[]): Document =>
  Object.fromEntries(Object.entries(document).filter(([key]) => !keys.includes(key)))

/** Markdown that wants to run, to load from elsewhere, and to lead astray. `pixel`: address that nobody may ask for. */
export const hostileMarkdown = (pixel: string) =>
  [
    '# Title <script>globalThis.wasRun = 1</script>',
    `<img src="${pixel}?img" onerror="globalThis.wasRun = 2"> ![picture](${pixel}?markdown)`,
    '[a link](javascript:globalThis.wasRun=3) [another](data:text/html,<script>1</script>) [tab](java\tscript:alert(1))',
    `<iframe src="${pixel}?frame"></iframe><style>@import "${pixel}?style";</style><svg onload="globalThis.wasRun=4">`,
    `<form action="${pixel}?form"><input autofocus onfocus="globalThis.wasRun=5"></form><base href="${pixel}">`,
    '[good](https://example.org/guide) **bold** `code` <b>html</b>',
  ].join('\n\n')

/** Two good ones, `first` and `last`, and between them everything else. */
export function hostileCollections(pixel: string): unknown[] {
  const named = (id: string, more: Document = {}) => sampleCollection(id, more)
  return [
    named('first'),
    without(named('without-extent'), 'extent', 'cube:dimensions'),
    without(named('without-id'), 'id'),
    named('twice', { title: 'The first of two' }),
    named('twice', { title: 'The second of two' }),
    named('empty-extent', { extent: { spatial: { bbox: [] }, temporal: { interval: [] } } }),
    named('wrong-extent', { extent: { spatial: { bbox: [['west', null, {}, 91]] }, temporal: { interval: 'ever' } } }),
    named('inverted-extent', {
      extent: { spatial: { bbox: [[10, 50, 5, 40]] }, temporal: { interval: [['2026', '2015']] } },
    }),
    named('nulls', { title: null, description: null, keywords: null, summaries: null, links: null, license: null }),
    named('numbers', { title: 7, description: { en: 'an object' }, keywords: 'radar', links: [null, 7, { href: 7 }] }),
    named('script', { description: hostileMarkdown(pixel), title: '<script>globalThis.wasRun = 6</script>' }),
    named('javascript-links', {
      links: [
        { rel: 'license', href: 'javascript:globalThis.wasRun=7', title: 'Licence' },
        { rel: 'xyz', href: 'javascript:alert(1)', type: 'image/png' },
        { rel: 'about', href: 'file:///etc/passwd', title: 'About' },
      ],
      providers: [{ name: 'P', url: 'javascript:globalThis.wasRun=8' }],
    }),
    named('__proto__'),
    named('a/b c?d#e%2f..', { title: 'An id for no path' }),
    named('huge', { description: 'All work and no play. '.repeat(100_000) }),
    null,
    'a string',
    [],
    7,
    named(''),
    { id: 7, title: 'A number as id' },
    named('last'),
  ]
}

/** Nested so deep that recursion fails, within one entry. */
export function deepCollection(depth: number): Document {
  let value: unknown = 1
  for (let level = 0; level < depth; level++) value = { level: value }
  return sampleCollection('deep', { summaries: { value } })
}
