/** Promise: a text from outside is formatted, never runs, loads nothing, and never holds up the window. */
import '../../../renderer/app/theme.css'
import '../../../renderer/ui/controls.css'
import { expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { render } from 'vitest-browser-svelte'
import Markdown from '../../../renderer/ui/Markdown.svelte'
import { AT_ONCE_CHARACTERS, MOST_MS, readLater } from '../../../renderer/ui/markdown/reader.ts'
import { expectAccessible } from '../app/axe.ts'

const shown = async (text: string, more: object = {}) => {
  const screen = await render(Markdown, { text, headingLevel: 0, ...more })
  return screen.container
}

/** Each would set `window.stolen`, open an address or load something, if it were taken for what it is. */
const ATTACKS = [
  '<script>window.stolen = 1</script>',
  '<img src="app://media/x" onerror="window.stolen = 1">',
  '<svg onload="window.stolen = 1"><script>window.stolen = 1</script></svg>',
  '<iframe srcdoc="<script>parent.stolen = 1</script>"></iframe>',
  '<style>body { display: none }</style><link rel=stylesheet href=//evil.example/x.css>',
  '<b onmouseover="window.stolen = 1">x</b><a href="javascript:window.stolen = 1">y</a>',
  '[a](javascript:window.stolen=1) [b](JAVASCRIPT:window.stolen=1) [c](java&#115;cript:window.stolen=1)',
  '[d](data:text/html;base64,PHNjcmlwdD4=) [e](vbscript:x) <javascript:window.stolen=1>',
  '[f]: javascript:window.stolen=1\n\n[f] ![g][f] ![h](//evil.example/pixel.png) ![i](data:image/svg+xml,x)',
  '[![j](https://evil.example/j.png "onerror=x")](https://evil.example "x\\" onclick=\\"window.stolen=1")',
  '&lt;script&gt;window.stolen = 1&lt;/script&gt; &#x3C;img src=x onerror=window.stolen=1&#x3E;',
  '| <img src=x onerror=window.stolen=1> |\n|---|\n| [k](javascript:window.stolen=1) |',
  '```"><script>window.stolen = 1</script>\n</code></pre><script>window.stolen = 1</script>\n```',
  '<math><mtext></p><style><img src=x onerror=window.stolen=1></style>',
  '<base href="https://evil.example/"><meta http-equiv=refresh content="0;url=https://evil.example">',
]

test('nothing in a text runs, nothing is loaded, no element comes that the parts do not make', async () => {
  const loaded = performance.getEntriesByType('resource').length
  const container = await shown(ATTACKS.join('\n\n'), {
    onopen: () => undefined,
    onpicture: () => new Promise(() => {}),
  })
  await expect.poll(() => container.textContent).toContain('<script>window.stolen = 1</script>')
  const allowed = 'div p h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code table thead tbody tr th td hr br strong em del sub sup a span button svg'.split(' ') // biome-ignore format: short
  for (const element of container.querySelectorAll('.markdown *')) {
    const name = element.localName
    if (!element.closest('svg.icon')) expect(allowed, name).toContain(name)
    for (const { name: attribute } of element.attributes) expect(attribute).not.toMatch(/^on|^style$|^src/)
  }
  for (const link of container.querySelectorAll('a')) expect(link.href).toMatch(/^(https?|mailto):/)
  for (const link of container.querySelectorAll('a')) expect(link.querySelector('button')).toBeNull()
  const fetched = performance
    .getEntriesByType('resource')
    .slice(loaded)
    .filter(({ name }) => /evil|media|pixel/.test(name))
  expect(fetched).toEqual([])
  expect('stolen' in window).toBe(false)
})

test('a link is opened by the page, with its host beside it; by keyboard as well', async () => {
  const opened: string[] = []
  const container = await shown('[words](https://a.example/x) and [more](../y)', {
    base: 'https://b.example/c/d',
    onopen: (href: string) => opened.push(href),
  })
  const links = [...container.querySelectorAll('a')]
  expect(links.map(({ href }) => href)).toEqual(['https://a.example/x', 'https://b.example/y'])
  links[1]?.focus()
  await userEvent.keyboard('{Enter}')
  links[0]?.click()
  expect(opened).toEqual(['https://b.example/y', 'https://a.example/x'])
  links[0]?.dispatchEvent(new PointerEvent('pointerenter'))
  await expect.element(page.getByRole('tooltip')).toHaveTextContent('a.example')
  expect((await shown('[words](https://a.example/x)')).querySelector('a')).toBeNull()
})

test('a picture is loaded through the page, and one that fails can be tried again', async () => {
  const asked: string[] = []
  const pixel = await new Promise<string>((resolve) => {
    const canvas = document.createElement('canvas')
    canvas.toBlob((blob) => resolve(URL.createObjectURL(blob as Blob)))
  })
  const container = await shown('![Map](https://a.example/m.png)', {
    onpicture: async (href: string) => {
      asked.push(href)
      if (asked.length === 1) throw new Error('no')
      return pixel
    },
  })
  await page.getByRole('button', { name: 'Load picture: Map from a.example' }).click()
  await expect.poll(() => container.textContent).toContain('it could not be loaded')
  await page.getByRole('button', { name: 'Load picture: Map from a.example' }).click()
  await expect.poll(() => container.querySelector('img')?.alt).toBe('Map')
  expect(asked).toEqual(['https://a.example/m.png', 'https://a.example/m.png'])
})

test('a long text is read beside the window, a hostile one is shown as it is, and the window goes on', async () => {
  const long = `# Title\n\n${'word **bold** word\n\n'.repeat(400)}`
  expect(long.length).toBeGreaterThan(AT_ONCE_CHARACTERS)
  const container = await shown(long)
  await expect.poll(() => container.querySelectorAll('strong').length).toBe(400)
  const hostile = '**a_'.repeat(25_000)
  let longestMs = 0
  let last = performance.now()
  let isWatched = true
  const watch = () => {
    longestMs = Math.max(longestMs, performance.now() - last)
    last = performance.now()
    if (isWatched) setTimeout(watch)
  }
  setTimeout(watch)
  const start = performance.now()
  expect(await readLater(hostile)).toBeNull()
  isWatched = false
  expect(performance.now() - start).toBeLessThan(MOST_MS * 3)
  expect(longestMs).toBeLessThan(MOST_MS / 2)
  // the next one gets a worker of its own
  expect((await readLater('*fine*'))?.blocks).toHaveLength(1)
})

test('a text that is cut says so and shows all of it as text', async () => {
  const text = `${'- item\n'.repeat(8000)}the end`
  const container = await shown(text)
  await page.getByRole('button', { name: 'Show all as text' }).click()
  await expect.poll(() => container.textContent).toContain('the end')
  expect(container.querySelectorAll('li')).toHaveLength(0)
})

test('accessible: headings, tables, code, lists, tasks, pictures', async () => {
  await shown(
    '## One\n\n#### Two\n\n| a | |\n|---|---|\n| 1 | 2 |\n\n```\ncode\n```\n\n1. x\n2. y\n\n- [x] done\n- [ ] open\n\n> quote\n\n![p](https://a.example/p.png) [l](https://a.example)',
    { onopen: () => undefined, onpicture: async () => '', headingLevel: 0 },
  )
  await expectAccessible(document.body)
})
