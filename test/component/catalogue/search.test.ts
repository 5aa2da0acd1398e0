/** Promise: every keystroke asks and the latest wins; twenty thousand rows scroll with few of them in memory and in sight. */
import '../../../renderer/app/theme.css'
import { flushSync, mount, unmount } from 'svelte'
import { afterEach, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import type { SearchAnswer, SearchQuery } from '../../../preload/contract/catalogue.ts'
import { createClient } from '../../../renderer/app/bridge.svelte.ts'
import { Entries } from '../../../renderer/catalogue/entries.svelte.ts'
import { PAGE_ROWS, rowKeyOf, SearchModel } from '../../../renderer/catalogue/search.svelte.ts'
import { FakeFailure, fakeBridge } from '../app/fake-bridge.ts'
import { catalogueAnswers, hitOf, type KnownEntry, manyHits } from './fake-catalogue.ts'
import SearchHost from './SearchHost.svelte'

type Waiting = { query: SearchQuery; give: (answer: SearchAnswer) => void; fail: (failure: FakeFailure) => void }
/** A search whose answers come when the test gives them. */
function held() {
  const waiting: Waiting[] = []
  const bridge = fakeBridge({
    'catalogue.search': (query: SearchQuery) =>
      new Promise<SearchAnswer>((give, fail) => waiting.push({ query, give, fail })),
  })
  const search = new SearchModel(createClient(bridge))
  return { search, waiting, bridge }
}
const answer = (ids: string[], total = ids.length): SearchAnswer => ({ hits: ids.map((id) => hitOf(id)), total })
const shown = (search: SearchModel) => [search.itemAt(0)?.id, search.total]

let cleanUp: (() => Promise<void>) | undefined
afterEach(async () => {
  await cleanUp?.()
  cleanUp = undefined
})
async function showMany(entries: readonly KnownEntry[]) {
  await page.viewport(600, 600)
  const bridge = fakeBridge({
    ...catalogueAnswers(() => entries),
    // main is another process: what it does must not be measured in this one
    'catalogue.search': ({ text, offset, limit }: SearchQuery): SearchAnswer => {
      const found = text ? entries.filter(({ title }) => title.includes(text)) : entries
      return { hits: found.slice(offset, offset + limit), total: found.length }
    },
  })
  const search = new SearchModel(createClient(bridge))
  const target = document.createElement('main')
  document.body.append(target)
  const host = mount(SearchHost, { target, props: { search } })
  flushSync()
  cleanUp = async () => {
    await unmount(host)
    target.remove()
  }
  await expect.poll(() => options().length).toBeGreaterThan(0)
  const list = page.getByRole('listbox', { name: 'Found' }).element() as HTMLElement
  return { bridge, search, list }
}
const options = () => [...document.querySelectorAll<HTMLElement>('[role="option"]')]

test('one question is under way at a time, the latest wins, and what is shown stays until its answer', async () => {
  const { search, waiting } = held()
  search.text = 's'
  // nobody looks: nothing is asked
  expect(waiting).toHaveLength(0)
  search.watch()
  await expect.poll(() => waiting.length).toBe(1)
  waiting[0]?.give(answer(['first']))
  await expect.poll(() => shown(search)).toEqual(['first', 1])
  for (const text of ['se', 'sen', 'sent']) search.text = text
  await expect.poll(() => waiting.length).toBe(2)
  expect(waiting[1]?.query.text).toBe('se')
  expect(shown(search)).toEqual(['first', 1])
  waiting[1]?.give(answer(['overtaken', 'overtaken2']))
  await expect.poll(() => waiting.length).toBe(3)
  expect(waiting[2]?.query.text).toBe('sent')
  expect(shown(search)).toEqual(['first', 1])
  expect(search.isCurrent).toBe(false)
  waiting[2]?.give(answer(['sentinel']))
  await expect.poll(() => shown(search)).toEqual(['sentinel', 1])
  expect(search.shownText).toBe('sent')
  await expect.poll(() => search.isCurrent).toBe(true)
  expect(waiting).toHaveLength(3)
})

test('a question that fails leaves what is shown, is not repeated by itself, and can be tried again', async () => {
  const { search, waiting } = held()
  search.watch()
  await expect.poll(() => waiting.length).toBe(1)
  waiting[0]?.give(answer(['known']))
  await expect.poll(() => search.total).toBe(1)
  search.text = 'x'
  await expect.poll(() => waiting.length).toBe(2)
  waiting[1]?.fail(new FakeFailure({ code: 'time-out', message: 'No answer.' }))
  await expect.poll(() => search.failure?.code).toBe('time-out')
  expect(shown(search)).toEqual(['known', 1])
  search.need(0, 50)
  expect(waiting).toHaveLength(2)
  search.retry()
  await expect.poll(() => waiting.length).toBe(3)
  waiting[2]?.give(answer(['x1']))
  await expect.poll(() => shown(search)).toEqual(['x1', 1])
  expect(search.failure).toBeUndefined()
})

test('what was read again replaces what is shown page by page; rows without a page stay in their place', async () => {
  const { search, waiting } = held()
  search.watch()
  const rows = (word: string, from: number) => Array.from({ length: PAGE_ROWS }, (_, index) => `${word}${from + index}`)
  await expect.poll(() => waiting.length).toBe(1)
  waiting[0]?.give(answer(rows('old', 0), 250))
  await expect.poll(() => search.itemAt(0)?.id).toBe('old0')
  search.need(100, 150)
  await expect.poll(() => waiting.length).toBe(2)
  expect(waiting[1]?.query).toMatchObject({ offset: 100, limit: 100 })
  waiting[1]?.give(answer(rows('old', 100), 250))
  await expect.poll(() => search.itemAt(150)?.id).toBe('old150')
  expect(search.itemAt(220)).toBeUndefined()
  const { answerNumber } = search
  search.renew()
  await expect.poll(() => waiting.length).toBe(3)
  expect(search.itemAt(0)?.id).toBe('old0')
  waiting[2]?.give(answer(rows('new', 0), 251))
  await expect.poll(() => search.itemAt(0)?.id).toBe('new0')
  expect(search.itemAt(150)?.id).toBe('old150')
  await expect.poll(() => waiting.length).toBe(4)
  waiting[3]?.give(answer(rows('new', 100), 251))
  await expect.poll(() => search.itemAt(150)?.id).toBe('new150')
  // the same question: lists stay where they are
  expect(search.answerNumber).toBe(answerNumber)
})

test('an empty answer is asked for again when something was read', async () => {
  const { search, waiting } = held()
  search.watch()
  await expect.poll(() => waiting.length).toBe(1)
  waiting[0]?.give(answer([]))
  await expect.poll(() => search.total).toBe(0)
  search.renew()
  await expect.poll(() => waiting.length).toBe(2)
  waiting[1]?.give(answer(['came']))
  await expect.poll(() => shown(search)).toEqual(['came', 1])
})

test('22,000 rows: few exist, few are in memory, none of the ways through them takes long', async () => {
  const hits = manyHits(22_000)
  const { search, list, bridge } = await showMany(hits)
  const took: number[] = []
  let mostNodes = 0
  const height = list.scrollHeight
  expect(height).toBe(22_000 * 44)
  for (let step = 0; step <= 150; step++) {
    list.scrollTop = (height * step) / 150
    const from = performance.now()
    list.dispatchEvent(new Event('scroll'))
    flushSync()
    took.push(performance.now() - from)
    await new Promise(requestAnimationFrame)
    mostNodes = Math.max(mostNodes, list.querySelectorAll('*').length)
  }
  await expect.poll(() => options().at(-1)?.textContent?.trim()).toBe('Collection number 21999')
  // a page of quite other rows in the time of a frame; the middle one, for other programs take their share as well
  expect(took.sort((a, b) => a - b)[Math.floor(took.length / 2)]).toBeLessThan(16)
  expect(mostNodes).toBeLessThan(120)
  expect(search.keptCount).toBeLessThanOrEqual(40 * PAGE_ROWS)
  const asked = bridge.inputsOf('catalogue.search') as SearchQuery[]
  expect(asked.every(({ limit }) => limit === PAGE_ROWS)).toBe(true)
  expect(new Set(asked.map(({ offset }) => offset)).size).toBe(asked.length)
  // rows that were let go are read again
  list.scrollTop = 0
  await expect.poll(() => options()[0]?.textContent?.trim()).toBe('Collection number 0')
})

test('by keyboard beyond what is read: the row is chosen as soon as it is there', async () => {
  const hits = manyHits(22_000)
  const { search, list } = await showMany(hits)
  list.focus()
  await userEvent.keyboard('{End}')
  await expect.poll(() => document.querySelector('output')?.textContent).toBe(rowKeyOf(hits[21_999] as KnownEntry))
  expect(options().at(-1)?.getAttribute('aria-posinset')).toBe('22000')
  expect(options()[0]?.getAttribute('aria-setsize')).toBe('22000')
  await userEvent.keyboard('{PageUp}{ArrowUp}')
  await expect.poll(() => document.querySelector('output')?.textContent).toBe(rowKeyOf(hits[21_989] as KnownEntry))
  await userEvent.keyboard('{Shift>}{ArrowUp}{ArrowUp}{/Shift}')
  expect(document.querySelector('output')?.textContent?.split(' collection').length).toBe(3)
  await userEvent.keyboard('{Home}')
  await expect.poll(() => document.querySelector('output')?.textContent).toBe(rowKeyOf(hits[0] as KnownEntry))
  // another search: from its top
  await userEvent.keyboard('{End}')
  search.text = 'number 7'
  await expect.poll(() => list.scrollTop).toBe(0)
  await expect.poll(() => options()[0]?.textContent?.trim()).toBe('Collection number 7')
})

test('entries: a bounded number is kept; what was overtaken is not shown; what is gone is not shown as there', async () => {
  const waiting: { id: string; give: (title: string) => void; fail: (failure: FakeFailure) => void }[] = []
  const bridge = fakeBridge({
    'catalogue.entry': (key: { id: string }) =>
      new Promise((give, fail) =>
        waiting.push({ id: key.id, give: (title) => give({ key, title, document: {}, collection: null }), fail }),
      ),
  })
  const entries = new Entries(createClient(bridge))
  const key = (id: string) => ({
    connectionId: 'embedded' as never,
    kind: 'process' as const,
    namespace: 'backend',
    id,
  })
  void entries.openEntry(key('ndvi'))
  void entries.openEntry(key('ndvi'))
  await expect.poll(() => waiting.length).toBe(1)
  expect(entries.entryOf(key('ndvi'))).toEqual({ isLoading: true })
  entries.entryChanged(key('ndvi'))
  await expect.poll(() => waiting.length).toBe(2)
  waiting[1]?.give('whole')
  await expect.poll(() => entries.entryOf(key('ndvi'))?.entry?.title).toBe('whole')
  waiting[0]?.give('only of the list')
  await new Promise(requestAnimationFrame)
  expect(entries.entryOf(key('ndvi'))?.entry?.title).toBe('whole')
  // a failure leaves what is known beside it, unless it is gone
  entries.connectionChanged('embedded')
  await expect.poll(() => waiting.length).toBe(3)
  waiting[2]?.fail(new FakeFailure({ code: 'offline' }))
  await expect.poll(() => entries.entryOf(key('ndvi'))?.failure?.code).toBe('offline')
  expect(entries.entryOf(key('ndvi'))?.entry?.title).toBe('whole')
  void entries.openEntry(key('ndvi'))
  await expect.poll(() => waiting.length).toBe(4)
  waiting[3]?.fail(new FakeFailure({ code: 'not-found' }))
  await expect.poll(() => entries.entryOf(key('ndvi'))?.failure?.code).toBe('not-found')
  expect(entries.entryOf(key('ndvi'))?.entry).toBeUndefined()
  for (let index = 0; index < 150; index++) void entries.openEntry(key(`p${index}`))
  expect(entries.entryOf(key('p0'))).toBeUndefined()
  expect(entries.entryOf(key('p149'))).toBeDefined()
  entries.connectionRemoved('embedded')
  expect(entries.entryOf(key('p149'))).toBeUndefined()
})
