/** Promise: the catalogue follows the connections: what is added, disabled, moved or removed is so in the list at once. */
import { flushSync } from 'svelte'
import { expect, test } from 'vitest'
import { page } from 'vitest/browser'
import type { EntryKey, SearchHit } from '../../../preload/contract/catalogue.ts'
import { catalogueOf } from '../../../renderer/catalogue/catalogue.svelte.ts'
import { changesWhatIsListed } from '../../../renderer/catalogue/connection-change.ts'
import { entryId, selectionKindOf } from '../../../renderer/catalogue/entry-id.ts'
import { mountPages } from '../graphs/mount-pages.ts'
import { connection, workBridge } from '../graphs/sample-work.ts'
import { catalogueAnswers, hitOf, listOf } from './fake-catalogue.ts'

const list = () => page.getByRole('listbox', { name: 'Catalogue' })
const option = (name: RegExp) => list().getByRole('option', { name })
const inspector = () => page.getByRole('region', { name: 'Inspector' })
const second = (more: object = {}) =>
  connection('second', { title: 'Second', url: 'https://second.example/1.2', ...more } as never)
const own = hitOf('OWN', { title: 'Own scenes' })
const other = hitOf('OTHER', { title: 'Other scenes', connectionId: 'second' as SearchHit['connectionId'] })

async function open() {
  const bridge = workBridge({ connections: [connection('embedded'), second()] })
  const state = { hits: [own, other] }
  for (const [name, answer] of Object.entries(
    catalogueAnswers(
      () => state.hits,
      () => [listOf('collections')],
    ),
  ))
    bridge.answer(name, answer)
  const app = await mountPages(bridge, 'catalogue')
  await expect.element(option(/Other scenes/)).toBeVisible()
  const change = (more: object) =>
    bridge.send({ feature: 'connections', name: 'changed', payload: second(more) } as never)
  return { app, bridge, state, change }
}

test('disabled and enabled: the rows go and come without anything else happening', async () => {
  const { state, change } = await open()
  state.hits = [own]
  change({ revision: 2, state: 'disabled' })
  await expect.poll(() => option(/Other scenes/).elements().length).toBe(0)
  state.hits = [own, other]
  change({ revision: 3, state: 'connected' })
  await expect.element(option(/Other scenes/)).toBeVisible()
})

test('what says nothing about the list asks nothing', async () => {
  const { bridge, change } = await open()
  change({ revision: 2 })
  await expect.poll(() => bridge.inputsOf('catalogue.search').length).toBeGreaterThan(1)
  const asked = bridge.inputsOf('catalogue.search').length
  change({ revision: 3, signIn: 'signed-in', checkedAt: new Date().toISOString() })
  change({ revision: 4, state: 'failed' })
  change({ revision: 5, title: 'Renamed', state: 'failed' })
  flushSync()
  expect(bridge.inputsOf('catalogue.search')).toHaveLength(asked)
})

test('its connection removed, a selected entry is not read for ever, and others stay selected', async () => {
  const { app, bridge } = await open()
  const id = entryId(other)
  app.shell.inspect('collection', id)
  await expect.element(inspector().getByRole('heading', { name: 'Other scenes' })).toBeVisible()
  bridge.send({ feature: 'connections', name: 'removed', payload: { id: 'second' } } as never)
  await expect.poll(() => app.selection.current).toBeNull()
  // also where something still points at it
  app.shell.inspect('collection', id)
  await expect.element(inspector().getByText(/its connection was removed/)).toBeVisible()
  expect(
    inspector()
      .getByText(/Reading …/)
      .elements(),
  ).toHaveLength(0)
})

test.each(['process', 'output-format'] as const)(
  'of several selected, a %s too, those of others stay',
  async (kind) => {
    const { app, bridge } = await open()
    const key = (connectionId: string): EntryKey => ({ connectionId, kind, namespace: 'backend', id: 'x' }) as never
    catalogueOf(app).compare([key('embedded'), key('second')])
    app.selection.select(selectionKindOf(kind), entryId(key('second')), entryId(key('embedded')))
    bridge.send({ feature: 'connections', name: 'removed', payload: { id: 'second' } } as never)
    await expect.poll(() => app.selection.ids).toEqual([entryId(key('embedded'))])
    expect(catalogueOf(app).compared).toEqual([key('embedded')])
  },
)

test('which changes count', () => {
  const before = second({ federation: [{ id: 'a' }] })
  const next = (more: object) => ({ ...before, revision: before.revision + 1, ...more }) as typeof before
  expect(changesWhatIsListed(undefined, before)).toBe(true)
  expect(changesWhatIsListed(before, next({ state: 'disabled' }))).toBe(true)
  expect(changesWhatIsListed(next({ state: 'disabled' }), before)).toBe(true)
  expect(changesWhatIsListed(before, next({ url: 'https://else.example' }))).toBe(true)
  expect(changesWhatIsListed(before, next({ federation: [{ id: 'a' }, { id: 'b' }] as never }))).toBe(true)
  // nothing to be seen has changed: its place in the order has
  expect(changesWhatIsListed(before, next({}))).toBe(true)
  expect(changesWhatIsListed(before, next({ state: 'failed' }))).toBe(false)
  expect(changesWhatIsListed(before, next({ federation: [{ id: 'a', status: 'offline' }] as never }))).toBe(false)
  expect(changesWhatIsListed(before, before)).toBe(false)
})
