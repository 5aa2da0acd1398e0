/** Promise: no text from outside becomes more than words, formats, and links that may be followed. */
import { expect, test } from 'vitest'
import { linkAddress, pictureAddress } from '../../../renderer/ui/markdown/address.ts'
import { type Block, type Inline, LIMITS } from '../../../renderer/ui/markdown/nodes.ts'
import { wordsOf } from '../../../renderer/ui/markdown/raw-html.ts'
import { readMarkdown } from '../../../renderer/ui/markdown/read-markdown.ts'

const blocksOf = (text: string, base?: string): Block[] => readMarkdown(text, base)?.blocks ?? []
const inlineOf = (text: string, base?: string): Inline[] =>
  blocksOf(text, base).flatMap((block) => ('children' in block ? (block.children as Inline[]) : []))
function all(blocks: readonly (Block | Inline)[]): (Block | Inline)[] {
  return blocks.flatMap((node): (Block | Inline)[] => {
    if (node.kind === 'list') return [node, ...all(node.items.flatMap((item) => item.children))]
    if (node.kind === 'table') return [node, ...all([...node.header, ...node.rows.flat()].flat())]
    return 'children' in node ? [node, ...all(node.children)] : [node]
  })
}
const hrefsOf = (text: string, base?: string): string[] =>
  all(blocksOf(text, base)).flatMap((node) => ('href' in node && node.href ? [node.href] : []))
const saidBy = (text: string) =>
  all(blocksOf(text))
    .map((node) => ('text' in node ? node.text : node.kind === 'picture' ? node.alt : ''))
    .join('')

test('formats, lists, tables and code are read', () => {
  expect(inlineOf('a **b** _c_ ~~d~~ `e`')).toEqual([
    { kind: 'text', text: 'a ' },
    { kind: 'strong', children: [{ kind: 'text', text: 'b' }] },
    { kind: 'text', text: ' ' },
    { kind: 'emphasis', children: [{ kind: 'text', text: 'c' }] },
    { kind: 'text', text: ' ' },
    { kind: 'deleted', children: [{ kind: 'text', text: 'd' }] },
    { kind: 'text', text: ' ' },
    { kind: 'code', text: 'e' },
  ])
  expect(blocksOf('3. one\n4. two\n\n   more')).toMatchObject([
    { kind: 'list', isOrdered: true, start: 3, items: [{ isDone: null }, { children: [{}, {}] }] },
  ])
  expect(blocksOf('- [x] done\n- [ ] open')).toMatchObject([{ items: [{ isDone: true }, { isDone: false }] }])
  expect(blocksOf('|a|b|\n|:-:|--:|\n|1|2|')).toEqual([
    {
      kind: 'table',
      align: ['center', 'right'],
      header: [[{ kind: 'text', text: 'a' }], [{ kind: 'text', text: 'b' }]],
      rows: [[[{ kind: 'text', text: '1' }], [{ kind: 'text', text: '2' }]]],
    },
  ])
  expect(blocksOf('```js\n<b>x</b>\n```')).toEqual([{ kind: 'code', text: '<b>x</b>' }])
})

test('headings begin at one level and leave none out', () => {
  const levels = blocksOf('### a\n\n##### b\n\n###### c\n\n### d\n\n# e\n\n## f').map((block) =>
    block.kind === 'heading' ? block.depth : 0,
  )
  expect(levels).toEqual([1, 2, 3, 1, 1, 2])
})

test('a handful of bare tags mean a format; all other markup is text', () => {
  expect(inlineOf('CO<sub>2</sub><br/>x<sup>2</sup>')).toEqual([
    { kind: 'text', text: 'CO' },
    { kind: 'subscript', children: [{ kind: 'text', text: '2' }] },
    { kind: 'break' },
    { kind: 'text', text: 'x' },
    { kind: 'superscript', children: [{ kind: 'text', text: '2' }] },
  ])
  expect(inlineOf('<B>a <i>b</B> c</i>')).toEqual([
    { kind: 'strong', children: [{ kind: 'text', text: 'a ' }, { kind: 'text', text: '<i>' }, { kind: 'text', text: 'b' }] },
    { kind: 'text', text: ' c' },
    { kind: 'text', text: '</i>' },
  ]) // biome-ignore format: short
  for (const markup of [
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<b onclick="alert(1)">x</b>',
    '<svg><animate onbegin=alert(1)></svg>',
    '<style>*{display:none}</style>',
    '<iframe src="https://e.x"></iframe>',
    '<a href="javascript:alert(1)">x</a>',
    '<math><mi//xlink:href="data:x,<script>1</script>">',
    '<details open ontoggle=alert(1)>',
    'a <form action=javascript:alert(1)><input type=submit> b',
    '<!-- <b> -->',
    '<?php echo 1 ?>',
    '<![CDATA[x]]>',
  ]) {
    for (const text of [markup, `words ${markup} words`, `- ${markup}`, `|a|\n|-|\n|${markup}|`, `> ${markup}`]) {
      expect(saidBy(text).replaceAll(' ', ''), text).toContain(markup.replaceAll(' ', '').slice(0, 5))
      expect(
        hrefsOf(text).filter((href) => !href.startsWith('https://e.x')),
        text,
      ).toEqual([])
    }
  }
})

test('links lead to http, https and mail only, however the address is written', () => {
  const refused = [
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    ' javascript:alert(1)',
    'java\tscript:alert(1)',
    'javascript&colon;alert(1)',
    'javascript&#58;alert(1)',
    '&#106;avascript:alert(1)',
    '&#x6A;avascript:alert(1)',
    '\u0001javascript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:msgbox(1)',
    'file:///etc/passwd',
    'blob:https://a.b/c',
    'app://ui/index.html',
    'ftp://a.b/c',
    'about:blank',
    'https://user:secret@a.b/',
    'https://a.b@evil.example/',
    'https://',
    '//a.b/c',
    '#part',
    'relative/path',
    '',
    `https://a.b/${'x'.repeat(5000)}`,
  ]
  for (const address of refused) {
    expect(linkAddress(address), address).toBeNull()
    expect(hrefsOf(`[words](<${address}>)`), address).toEqual([])
    expect(hrefsOf(`[words][1]\n\n[1]: <${address}>`), address).toEqual([])
    expect(pictureAddress(address), address).toBeNull()
  }
  for (const autolink of ['<javascript:alert(1)>', '<data:text/html,x>', '<vbscript:x>', '<file:///x>']) {
    expect(hrefsOf(autolink), autolink).toEqual([])
  }
  for (const base of ['https://a.b/c/d', 'http://a.b'])
    for (const address of refused.slice(0, 16)) expect(linkAddress(address, base), address).toBeNull()
  expect(linkAddress('HTTPS://A.b/c d?x=1&amp;y=2')).toEqual({ href: 'https://a.b/c%20d?x=1&y=2', host: 'a.b' })
  expect(linkAddress('mailto:help@a.b')).toEqual({ href: 'mailto:help@a.b', host: 'help@a.b' })
  expect(pictureAddress('mailto:help@a.b')).toBeNull()
})

test('words of a refused link stay; relative links need the address of the document', () => {
  expect(wordsOf(inlineOf('[press **here**](javascript:alert(1)) now'))).toBe('press here now')
  expect(hrefsOf('[a](../licence.html)')).toEqual([])
  expect(hrefsOf('[a](../licence.html)', 'https://a.b/openeo/1.2/collections/X')).toEqual([
    'https://a.b/openeo/1.2/licence.html',
  ])
  expect(hrefsOf('[a](//evil.example/x)', 'https://a.b/')).toEqual(['https://evil.example/x'])
  expect(hrefsOf('see https://a.b/c and <http://d.e> and x@y.z')).toEqual([
    'https://a.b/c',
    'http://d.e/',
    'mailto:x@y.z',
  ])
  expect(hrefsOf('[one][r] [r]\n\n[r]: http://a.b "title"')).toEqual(['http://a.b/', 'http://a.b/'])
})

test('pictures keep their words and wait; those within links stand beside them', () => {
  expect(inlineOf('![A map](https://a.b/c.png "t")')).toEqual([
    { kind: 'picture', href: 'https://a.b/c.png', host: 'a.b', alt: 'A map' },
  ])
  expect(inlineOf('![x](data:image/svg+xml;base64,PHN2Zz4=)')).toMatchObject([{ href: null, alt: 'x' }])
  expect(inlineOf('[![Logo](https://a.b/logo.svg)](https://c.d)')).toEqual([
    { kind: 'link', href: 'https://c.d/', host: 'c.d', children: [{ kind: 'text', text: 'Logo' }] },
    { kind: 'picture', href: 'https://a.b/logo.svg', host: 'a.b', alt: 'Logo' },
  ])
  // a link within a link's words is no second link
  const nested = inlineOf('[a [b](https://c.d) **![p](https://e.f)**](https://g.h)')
  for (const node of nested) if (node.kind === 'link') expect(JSON.stringify(node.children)).not.toContain('"href"')
})

test('character references are characters, in text but not in code', () => {
  expect(inlineOf('&lt;script&gt; 5 &deg;C &#955; &#x1F6F0; &#0; &bogus; &')).toEqual([
    { kind: 'text', text: '<script> 5 °C λ 🛰 \ufffd &bogus; &' },
  ])
  expect(inlineOf('`&lt;`')).toEqual([{ kind: 'code', text: '&lt;' }])
})

const cut = (text: string, characters: number) => text.slice(0, characters)
/** Texts that are known to cost a lexer of this kind more than their length. */
const HEAVY: Record<string, (characters: number) => string> = {
  brackets: (n) => '['.repeat(n),
  pictures: (n) => '!['.repeat(n / 2),
  stars: (n) => '***'.repeat(n / 3),
  'stars and lines': (n) => '**a_'.repeat(n / 4),
  'lines within words': (n) => '_a'.repeat(n / 2),
  'stars around': (n) => `${'*'.repeat(n / 2)}a${'*'.repeat(n / 2)}`,
  quotes: (n) => '>'.repeat(n),
  'quoted lists': (n) => '> - '.repeat(n / 4),
  'lists within lists': (n) => cut(Array.from({ length: n }, (_, i) => `${'  '.repeat(i)}- a`).join('\n'), n),
  'lists in a line': (n) => '- '.repeat(n / 2),
  numbers: (n) => '1. '.repeat(n / 3),
  table: (n) => `|a|b|\n|-|-|\n${'|x|y|\n'.repeat(n / 6)}`,
  'wide table': (n) => `|${'a|'.repeat(n / 6)}\n|${'-|'.repeat(n / 6)}\n|${'b|'.repeat(n / 6)}`,
  ticks: (n) => cut(Array.from({ length: 400 }, (_, i) => '`'.repeat(i + 1)).join(' '), n),
  comments: (n) => 'a <!-- '.repeat(n / 7),
  'open tags': (n) => '<a b="'.repeat(n / 6),
  definitions: (n) => cut(Array.from({ length: n / 8 }, (_, i) => `[${i}]: http://a`).join('\n'), n),
  'links open': (n) => '[a](b "'.repeat(n / 7),
  strokes: (n) => '~~a '.repeat(n / 4),
}

test('a text that is read at once never takes long', () => {
  for (const [name, make] of Object.entries(HEAVY)) {
    const text = make(1200)
    let leastMs = Number.POSITIVE_INFINITY
    for (let round = 0; round < 3; round++) {
      const start = performance.now()
      readMarkdown(text)
      leastMs = Math.min(leastMs, performance.now() - start)
    }
    expect(leastMs, name).toBeLessThan(50)
  }
})

test('what is drawn is bounded: characters, nodes, levels', () => {
  for (const [name, make] of Object.entries(HEAVY)) {
    if (name === 'stars and lines' || name === 'lines within words' || name === 'stars around') continue
    const tree = readMarkdown(make(12_000))
    expect(all(tree?.blocks ?? []).length, name).toBeLessThanOrEqual(LIMITS.nodes)
  }
  const long = readMarkdown('word *word*\n\n'.repeat(12_000))
  expect(long?.isCut).toBe(true)
  const deep = readMarkdown(`${'> '.repeat(60)}deep`)
  expect(deep?.isCut).toBe(true)
  expect(JSON.stringify(deep).split('quote').length - 1).toBeLessThanOrEqual(LIMITS.depth + 1)
  expect(readMarkdown('>'.repeat(20_000))).toBeNull()
  const tags = readMarkdown(`x ${'<b>'.repeat(500)}y${'</b>'.repeat(500)}`)
  expect(tags?.isCut).toBe(true)
  expect(readMarkdown('# fine\n\n- a\n  - b')?.isCut).toBe(false)
})
