/** Promise: what a back-end offers can be searched and read, also while it does not answer, and its text stays text. */
import { expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import type { CollectionSummary } from '../../../preload/contract/catalogue.ts'
import { catalogueOf } from '../../../renderer/catalogue/catalogue.svelte.ts'
import {
  bboxWords,
  collectionFacts,
  intervalWords,
  monthsWords,
  resolutionWords,
} from '../../../renderer/catalogue/collection-words.ts'
import { dimensionWords, plainText } from '../../../renderer/catalogue/document-words.ts'
import { extentBoxes } from '../../../renderer/catalogue/extent-boxes.ts'
import { matchesText } from '../../../renderer/catalogue/search-text.ts'
import { runsOf } from '../../../renderer/graphs/runs.ts'
import { expectAccessible } from '../app/axe.ts'
import { FakeFailure } from '../app/fake-bridge.ts'
import { mountPages } from '../graphs/mount-pages.ts'
import { ago, collections, connection, sentinel, workBridge } from '../graphs/sample-work.ts'

async function openCatalogue(work: Parameters<typeof workBridge>[0] = {}) {
  const bridge = workBridge(work)
  const app = await mountPages(bridge, 'catalogue')
  return { app, bridge }
}
const list = () => page.getByRole('listbox', { name: 'Collections' })
const inspector = () => page.getByRole('region', { name: 'Inspector' })

test('collections are found by title, identifier, description and band', async () => {
  await openCatalogue({ collections: collections(400) })
  await expect.element(page.getByText(/^400 collections, read 2 min ago$/)).toBeVisible()
  const search = page.getByRole('searchbox', { name: 'Search collections' })
  for (const [words, count] of [
    ['pennsylvania', 1],
    ['radar', 1],
    ['VH', 1],
    ['collection-399', 1],
    ['SCL blue', 399],
  ] as const) {
    await search.fill(words)
    await expect.element(page.getByText(new RegExp(`^${count} of 400 collections`))).toBeVisible()
  }
  await search.fill('zzz')
  await page.getByRole('button', { name: 'Show all collections' }).click()
  await expect.element(list()).toBeVisible()
  // only what is visible exists
  expect(list().getByRole('option').elements().length).toBeLessThan(60)
})

test('a collection shows what it holds, and goes into a run', async () => {
  const { app } = await openCatalogue()
  await list()
    .getByRole('option', { name: /Sample/ })
    .click()
  await expect.element(inspector().getByText('CC0-1.0')).toBeVisible()
  await expect.element(inspector().getByText('37 scenes')).toBeVisible()
  await expect.element(inspector().getByText('spatial: 11.2 to 11.6, step 10, EPSG:32632')).toBeVisible()
  await expect.element(inspector().getByRole('cell', { name: 'nir', exact: true })).toBeVisible()
  await inspector().getByRole('button', { name: 'Use in a run' }).click()
  await expect.poll(() => runsOf(app).compose.draft?.collectionId).toBe('sample-landscape')
  expect(app.shell.feature).toBe('graphs')
})

test('the description of a back-end is text, whatever is in it', async () => {
  const description = '# Title\n<img src=x onerror="window.stolen = true"> **bold** [words](javascript:alert(1))'
  const { app } = await openCatalogue({ collections: [{ ...sentinel, description }] })
  await list().getByRole('option').click()
  await expect
    .element(inspector().getByText('<img src=x onerror="window.stolen = true">', { exact: false }))
    .toBeVisible()
  expect(document.querySelector('img')).toBeNull()
  expect(document.querySelector('a[href^="javascript"]')).toBeNull()
  expect('stolen' in window).toBe(false)
  expect(app.selection.current?.kind).toBe('collection')
})

test('a back-end that does not answer: the list stays and tells its age', async () => {
  const { bridge } = await openCatalogue({ connections: [connection('embedded', { state: 'failed' })] })
  await expect
    .element(page.getByText('Embedded back-end does not answer at the moment. What is shown was read 2 min ago.'))
    .toBeVisible()
  bridge.answer('catalogue.refresh', () => {
    throw new FakeFailure({ code: 'offline', message: 'The back-end could not be reached.' })
  })
  await page.getByRole('button', { name: 'Read again' }).first().click()
  await expect.element(page.getByText('The back-end could not be reached.')).toBeVisible()
  await expect.element(list().getByRole('option', { name: /Sample/ })).toBeVisible()
})

test('a list that was read again shows itself; an older answer that comes late does not', async () => {
  const { app, bridge } = await openCatalogue({ collections: [sentinel] })
  await expect.element(list().getByRole('option')).toBeVisible()
  const waiting: ((list: object) => void)[] = []
  bridge.answer('catalogue.collections', () => new Promise((resolve) => waiting.push(resolve)))
  const event = {
    feature: 'catalogue',
    name: 'changed',
    payload: { connectionId: 'embedded' as never, asOf: ago(0) },
  } as const
  bridge.send(event)
  bridge.send(event)
  await expect.poll(() => waiting.length).toBe(2)
  waiting[1]?.({ collections: collections(3), asOf: '2030-01-02T00:00:00Z' })
  await expect.element(page.getByText(/^3 collections/)).toBeVisible()
  waiting[0]?.({ collections: [], asOf: '2030-01-01T00:00:00Z' })
  await new Promise(requestAnimationFrame)
  expect(catalogueOf(app).offer('embedded').collections).toHaveLength(3)
})

test('by keyboard: through the list and into the menu', async () => {
  const { app } = await openCatalogue()
  await expect.element(list()).toBeVisible()
  ;(list().element() as HTMLElement).focus()
  await userEvent.keyboard('{ArrowDown}{ArrowDown}')
  expect(app.selection.current?.id).toBe('embedded/collection-2')
  await userEvent.keyboard('{Enter}')
  expect(app.shell.feature).toBe('graphs')
})

test('no collections: how to get some', async () => {
  const { app } = await openCatalogue({ collections: [] })
  await page.getByRole('button', { name: 'Add a folder' }).click()
  expect(app.shell.feature).toBe('local')
})

test('accessible, with a collection and its document open', async () => {
  await openCatalogue({ connections: [connection('embedded'), connection('Copernicus', { state: 'failed' })] })
  await list()
    .getByRole('option', { name: /Sample/ })
    .click()
  await inspector().getByText('STAC document').click()
  await expectAccessible(document.body)
})

test('facts as words', () => {
  expect(collectionFacts(sentinel)).toBe('2025-01 – 2025-12 · 5 bands · 10 m')
  expect(
    collectionFacts({
      ...sentinel,
      bands: [],
      interval: undefined,
      resolutionM: undefined,
    } as unknown as CollectionSummary),
  ).toBe('')
  expect(monthsWords(['2025-05-03T00:00:00Z', '2025-05-03T10:00:00Z'])).toBe('2025-05-03')
  expect(monthsWords(['2025-05-03T00:00:00Z', '2025-05-30T10:00:00Z'])).toBe('2025-05')
  expect(monthsWords(['2015-06-27T00:00:00Z', null])).toBe('since 2015-06-27')
  expect(intervalWords([null, '2020-01-01T00:00:00Z'])).toBe('until 2020-01-01')
  expect(resolutionWords(1113.19)).toBe('1.11 km')
  expect(resolutionWords(Number.NaN)).toBe('')
  expect(bboxWords([-180, -56.5, 180, 83])).toBe('56.50° S … 83.00° N, 180.00° W … 180.00° E')
  expect(bboxWords([1, 2])).toBe('')
})

test('extents that a map can draw: cut at the antimeridian and where Web Mercator ends', () => {
  expect(extentBoxes([-180, -90, 180, 90])).toEqual([[-180, -85.05, 180, 85.05]])
  expect(extentBoxes([176, -20, -178, -12])).toEqual([[176, -20, 180, -12], [-180, -20, -178, -12]]) // biome-ignore format: short
  expect(extentBoxes([0, 86, 1, 88])).toEqual([])
  expect(extentBoxes([Number.NaN, 0, 1, 1])).toEqual([])
})

test('dimensions of strange documents, and text out of CommonMark', () => {
  expect(dimensionWords({})).toEqual([])
  expect(
    dimensionWords({
      'cube:dimensions': {
        x: null,
        t: { type: 'temporal', extent: [null, '2020'] },
        undated: { type: 'temporal', extent: [null, null] },
        b: { values: [1, 2, 3, 4, 5, 6, 7] },
      },
    }),
  ).toEqual([
    { label: 't', value: 'temporal: … to 2020' },
    { label: 'undated', value: 'temporal: ends not stated' },
    { label: 'b', value: '1, 2, 3, 4, 5, 6 … (7)' },
  ])
  expect(plainText('## A\r\n\r\n\r\n* one\n* `two` ![i](x)')).toBe('A\n\n• one\n• two i')
  const start = performance.now()
  plainText('['.repeat(50_000))
  expect(performance.now() - start).toBeLessThan(1000)
})

test('searching without case and accents, all words anywhere', () => {
  expect(matchesText('tirol SOMMER', 'Sommer in', 'Tirol')).toBe(true)
  expect(matchesText('inn', 'Ötztaler Inn')).toBe(true)
  expect(matchesText('otztal', 'Ötztaler Inn')).toBe(true)
  expect(matchesText('inn otz x', 'Ötztaler Inn')).toBe(false)
  expect(matchesText('  ', null)).toBe(true)
})
