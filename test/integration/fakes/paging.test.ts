/** Lists in pages, as tests of the catalogue rest on them: each entry once, in order, whatever the way of paging. */
import { afterEach, expect, test } from 'vitest'
import { PLAIN } from '../../fakes/openeo/profile.ts'
import { sampleItems } from '../../fakes/openeo/samples.ts'
import { deeplyNested, type FakeBackEnd, startBackEnd } from '../../fakes/openeo-back-end.ts'

let backEnd: FakeBackEnd
afterEach(() => backEnd.close())

type List = { collections: { id: string }[]; links: { rel: string; href: string }[] }

async function readAll(path: string, most = 20): Promise<{ ids: string[]; pages: number }> {
  const ids: string[] = []
  let pages = 0
  for (let url: string | undefined = backEnd.url + path; url && pages < most; pages++) {
    const list = (await (await fetch(url)).json()) as List
    ids.push(...list.collections.map(({ id }) => id))
    const next = list.links.find(({ rel }) => rel === 'next')
    url = next && new URL(next.href, url).href
  }
  return { ids, pages }
}
const numbered = Array.from({ length: 7 }, (_, n) => ({ id: `c${n}` }))
const ids = numbered.map(({ id }) => id)

test.each(['page', 'offset', 'token'] as const)('paging by %s, relative and absolute', async (by) => {
  for (const hrefs of ['relative', 'absolute'] as const) {
    backEnd = await startBackEnd({ profile: { ...PLAIN, paging: { by, hrefs, ignoresLimit: false } } })
    backEnd.collections = numbered
    expect(await readAll('/collections?limit=3')).toEqual({ ids, pages: 3 })
    expect(await readAll('/collections')).toEqual({ ids, pages: 1 })
    backEnd.pageSize = 2
    expect(await readAll('/collections')).toEqual({ ids, pages: 4 })
    backEnd.hasCyclicPages = true
    expect((await readAll('/collections', 9)).pages).toBe(9)
    if (hrefs === 'relative') await backEnd.close()
  }
})

test('a limit that is ignored', async () => {
  backEnd = await startBackEnd({ profile: { ...PLAIN, paging: { by: 'page', hrefs: 'relative', ignoresLimit: true } } })
  backEnd.collections = numbered
  expect(await readAll('/collections?limit=3')).toEqual({ ids, pages: 1 })
})

test('a list of 20,000 is streamed, whole and valid', async () => {
  backEnd = await startBackEnd()
  backEnd.collectionSource = { count: 20_000, at: (n) => ({ id: `c${n}` }) }
  const read = await readAll('/collections')
  expect([read.ids.length, read.ids[0], read.ids.at(-1)]).toEqual([20_000, 'c0', 'c19999'])
})

test('items: within the box and the time, in pages, with their number', async () => {
  backEnd = await startBackEnd()
  backEnd.items.set('s2', sampleItems('s2', 45, backEnd.origin))
  type Items = { features: { id: string }[]; numberMatched: number; links: { href: string }[] }
  const get = async (url: string) => (await (await fetch(url)).json()) as Items
  const first = await get(`${backEnd.url}/collections/s2/items?bbox=4.5,39,30.5,42&datetime=2026-06-11/..&limit=15`)
  // box: 4 to 30; time: the 11th is number 10
  expect([first.numberMatched, first.features.length, first.features[0]?.id]).toEqual([21, 15, 's2-0010'])
  const second = await get(new URL(first.links[0]?.href ?? '', backEnd.url).href)
  expect([second.features.length, second.features.at(-1)?.id, second.links]).toEqual([6, 's2-0030', []])
})

test('half a body, a loop, a large and a deep document', async () => {
  backEnd = await startBackEnd()
  backEnd.collections = numbered
  backEnd.fail('GET /collections', 'half', 'loop', { largeBytes: 5_000_000 }, deeplyNested(50_000))
  const url = `${backEnd.url}/collections`
  await expect(fetch(url).then((answer) => answer.text())).rejects.toThrow()
  const loop = await fetch(url, { redirect: 'manual' })
  expect([loop.status, loop.headers.get('location')]).toEqual([302, '/collections?again=1'])
  expect((await (await fetch(url)).text()).length).toBeGreaterThan(5_000_000)
  expect((await (await fetch(url)).text()).length).toBeGreaterThan(100_000)
  expect(await readAll('/collections')).toEqual({ ids, pages: 1 })
})
