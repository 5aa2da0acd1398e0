/** Exactly the pictures that the window offers to load may be loaded: both sides read the same texts here. */
import { expect, test } from 'vitest'
import { namesPicture } from '../../../main/catalogue/picture-addresses.ts'
import { pictureAddress } from '../../../renderer/ui/markdown/address.ts'
import type { Inline } from '../../../renderer/ui/markdown/nodes.ts'
import { readMarkdown } from '../../../renderer/ui/markdown/read-markdown.ts'

const BASE = 'https://api.example/openeo/1.2/collections/X'
/** The addresses of all pictures that the window would offer. */
function offered(text: string): string[] {
  const found: string[] = []
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const node = value as Inline
    if (node.kind === 'picture' && node.href) found.push(node.href)
    for (const inside of Object.values(value)) walk(inside)
  }
  walk(readMarkdown(text, BASE))
  return found
}
test.each([
  '![x](https://a.example/p.png)',
  '![x](<https://a.example/p q.png> "Title")',
  '![x](https://a.example/p.png?x=1&amp;y=2)',
  '![x](https://a.example/p.png?x=1&y=2 "Title")',
  '![x]( https://a.example/p.png )',
  '![x](images/p.png)',
  '![x](../p.png)',
  '![x](/static/p.png)',
  '![x](https://A.EXAMPLE/p.png)',
  '![x](https://a.example/Übersicht.png)',
  '![x](https://a.example/a%20b.png)',
  '![x](https://a.example)',
  '![x](https://a.example/a_(1).png)',
  '![x](https://a.example/a\\_b.png)',
  '![x](https&colon;//a.example/p.png)',
  '![x](&#104;ttps://a.example/p.png)',
  '![x][one]\n\n[one]: https://a.example/ref.png "Title"',
  '![one][]\n\n[one]: <ref.png>',
  '[![x](https://a.example/badge.svg)](https://b.example/)',
  '| a | b |\n|---|---|\n| ![x](t.png) | ![y](u.png) |',
  '> * ![x](https://a.example/deep.png)',
])('%s', (text) => {
  const found = offered(text)
  expect(found.length).toBeGreaterThan(0)
  for (const href of found) {
    expect(namesPicture({ parameters: [{ description: text }] }, href, [BASE])).toBe(true)
    // a piece of an address, or more than it, is another address
    for (const other of [`${href}x`, href.slice(0, -1), new URL('/', href).href].filter((one) => one !== href))
      if (URL.canParse(other) && new URL(other).href !== href)
        expect(namesPicture({ description: text }, other, [BASE])).toBe(false)
  }
})

test.each([
  '',
  'https://',
  'javascript:1',
  'file:///etc/passwd',
  'data:image/png;base64,AA',
  'https://b.example/',
  'p.png',
  '//a.example/p.png',
])('not %j', (href) =>
  expect(namesPicture({ description: '![x](https://a.example/p.png) ![]() [x]:' }, href, [BASE])).toBe(false),
)
test('where a link stands nothing else of the document counts', () => {
  const document = { links: [{ href: 'https://a.example/p.png' }], description: 'see https://a.example/p.png' }
  expect(namesPicture(document, 'https://a.example/p.png', [BASE])).toBe(false)
  expect(pictureAddress('p.png', BASE)?.href).toBe('https://api.example/openeo/1.2/collections/p.png')
})
test.each([
  ['brackets', '](('.repeat(100_000)],
  ['marks', '![]('.repeat(300_000)],
  ['one long address', `![](${'a)'.repeat(500_000)}`],
  ['blanks', `![](${' '.repeat(1_000_000)}`],
  ['openings', '](<'.repeat(300_000)],
])('%s cost little', (_, description) => {
  const before = process.cpuUsage()
  namesPicture({ description }, 'https://a.example/', [BASE, 'https://b.example/'])
  const { user } = process.cpuUsage(before)
  expect(user / 1000).toBeLessThan(1_000)
})
