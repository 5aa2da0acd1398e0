/** Promise: what the filters leave out unseen is counted, what they offer beyond a list is found, and links count as offers. */
import { flushSync } from 'svelte'
import { expect, test } from 'vitest'
import { page } from 'vitest/browser'
import type { Entry, Facets } from '../../../preload/contract/catalogue.ts'
import { catalogueOf } from '../../../renderer/catalogue/catalogue.svelte.ts'
import { unknownWords } from '../../../renderer/catalogue/count-words.ts'
import { entryId } from '../../../renderer/catalogue/entry-id.ts'
import { signedOutWords } from '../../../renderer/connections/connections.svelte.ts'
import { mountPages } from '../graphs/mount-pages.ts'
import { connection, workBridge } from '../graphs/sample-work.ts'
import { collectionDocument, entryOf, keyOf } from './entry-samples.ts'
import { catalogueAnswers, hitOf } from './fake-catalogue.ts'

const filters = () => page.getByRole('region', { name: 'Filters' })
const inspector = () => page.getByRole('region', { name: 'Inspector', exact: true })

async function open(answers: Record<string, (input: never) => unknown>) {
  const bridge = workBridge({ connections: [connection('embedded')] })
  for (const [name, answer] of Object.entries({
    ...catalogueAnswers(() => [hitOf('ONE', { title: 'One' })]),
    ...answers,
  }))
    bridge.answer(name, answer)
  const app = await mountPages(bridge, 'catalogue')
  await expect.poll(() => catalogueOf(app).search.total, { timeout: 10_000 }).not.toBeNull()
  return { app, bridge }
}

test('entries that do not state what the filter asks for are counted, over a list and over none', async () => {
  let unknownCount = 3
  let hits = [hitOf('ONE', { title: 'One' })]
  const { app } = await open({ 'catalogue.search': () => ({ hits, total: hits.length, unknownCount }) })
  await expect.element(page.getByText('3 more do not state what the filters ask for.', { exact: true })).toBeVisible()
  unknownCount = 0
  catalogueOf(app).search.filter({ maximumResolutionM: 100 })
  await expect.poll(() => page.getByText(/not state what/).elements().length).toBe(0)
  unknownCount = 1
  hits = []
  catalogueOf(app).search.filter({ maximumResolutionM: 10 })
  await expect.element(page.getByText(/1 does not state what the filters ask for\./)).toBeVisible()
  expect(unknownWords(1)).toBe('1 more does not state what the filters ask for')
})

test('a band beyond those that are listed is found by typing; where all are listed nothing is asked', async () => {
  const listed = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ value: `band-${index}`, count: 1000 - index }))
  let count = 200
  const { app, bridge } = await open({
    'catalogue.facets': ({ text }: { text?: string }): Facets => ({
      bands: text ? [{ value: 'rare-thermal', count: 1 }].filter(({ value }) => value.includes(text)) : listed(count),
      platforms: [],
      members: [],
      kinds: [],
    }),
  })
  catalogueOf(app).isFilterOpen = true
  await expect.poll(() => catalogueOf(app).facets?.bands.length).toBe(200)
  const bands = filters().getByRole('combobox', { name: 'Bands' })
  await bands.fill('thermal')
  await filters()
    .getByRole('option', { name: /rare-thermal/ })
    .click()
  await expect.poll(() => catalogueOf(app).search.filters.bands).toEqual(['rare-thermal'])
  expect(bridge.inputsOf('catalogue.facets')).toContainEqual({ connectionIds: [], kinds: [], text: 'thermal' })
  count = 5
  await catalogueOf(app).loadFacets()
  const asked = bridge.inputsOf('catalogue.facets').length
  await bands.fill('thermal')
  await expect.element(bands).toHaveValue('thermal')
  expect(bridge.inputsOf('catalogue.facets')).toHaveLength(asked)
})

test.each([
  [true, true],
  [false, false],
])('queryables and items by the word of the entry: %s', async (queryables, items) => {
  const key = keyOf('collection', 'LINKED')
  const has = { queryables, items, previews: true }
  const entry: Entry = entryOf(key, collectionDocument, { has } as never)
  const { app } = await open({ 'catalogue.entry': () => entry, 'catalogue.previews': () => [] })
  app.shell.inspect('collection', entryId(key))
  flushSync()
  await expect.element(inspector().getByText('ESA', { exact: true }).first()).toBeVisible()
  expect(inspector().getByText('Filter by properties').elements()).toHaveLength(queryables ? 1 : 0)
  expect(inspector().getByText('Items', { exact: true }).elements()).toHaveLength(items ? 1 : 0)
})

test('signing out says why a session that is shared was not ended', () => {
  expect(signedOutWords({ isRevoked: true })).toMatch(/has ended the session/)
  expect(signedOutWords({ isRevoked: false, isShared: true })).toMatch(/another connection is signed in/)
  expect(signedOutWords({ isRevoked: false })).toMatch(/did not confirm/)
})
