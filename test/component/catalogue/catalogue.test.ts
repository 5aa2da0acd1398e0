/** Promise: everything that the back-ends offer is found in one place, and what is old, missing or cut off says so. */
import { expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import type { ListState, SearchHit } from '../../../preload/contract/catalogue.ts'
import { catalogueOf } from '../../../renderer/catalogue/catalogue.svelte.ts'
import { runsOf } from '../../../renderer/graphs/runs.ts'
import { mapViewOf } from '../../../renderer/map/view.svelte.ts'
import { setClipboard } from '../../../renderer/ui/clipboard.ts'
import { expectAccessible } from '../app/axe.ts'
import { FakeFailure } from '../app/fake-bridge.ts'
import { mountPages } from '../graphs/mount-pages.ts'
import { areaOf, connection, sentinel, workBridge } from '../graphs/sample-work.ts'
import {
  catalogueAnswers,
  hitOf,
  hitOfCollection,
  type KnownEntry,
  listOf,
  minutesAgo,
  processHit,
} from './fake-catalogue.ts'

const VITO = { id: 'vito', title: 'VITO' }
const EODC = { id: 'eodc', title: 'EODC' }
const platform = (more: object = {}) =>
  connection('platform', {
    title: 'openEO Platform',
    url: 'https://platform.example/1.2',
    federation: [VITO, EODC] as never,
    ...more,
  })
const of = (connectionId: string) => ({ connectionId: connectionId as SearchHit['connectionId'] })

const offered: KnownEntry[] = [
  hitOfCollection(sentinel, { bands: ['B02', 'blue', 'nir'] }),
  hitOf('SENTINEL1_GRD', {
    ...of('platform'),
    title: 'Sentinel-1 GRD',
    summary: 'Radar backscatter',
    bands: ['VV', 'VH'],
    bandCount: 2,
    resolutionM: 10,
    platforms: ['sentinel-1'],
    members: ['vito'],
    isMissing: true,
    asOf: minutesAgo(180),
    bbox: [-180, -60, 180, 80],
  }),
  hitOf('LANDSAT8_L2', {
    ...of('platform'),
    title: 'Landsat 8 level 2',
    summary: 'Surface reflectance',
    bands: ['nir'],
    bandCount: 7,
    resolutionM: 30,
    platforms: ['landsat-8'],
    members: ['eodc', 'vito'],
    isDeprecated: true,
    bbox: [100, -10, 120, 10],
  }),
  processHit('ndvi', { twinCount: 1 }),
  processHit('ndvi', { ...of('platform'), twinCount: 1, members: ['vito'] }),
  processHit('resample_spatial', { isExperimental: true }),
  hitOf('GTiff', { kind: 'output-format', title: 'GeoTIFF' }),
]

type Work = { connections?: ReturnType<typeof connection>[]; hits?: KnownEntry[]; lists?: ListState[] }
async function openCatalogue({ connections, hits = offered, lists }: Work = {}) {
  const bridge = workBridge({ connections: connections ?? [connection('embedded'), platform()] })
  const state = { hits, lists: lists ?? [listOf('collections'), listOf('collections', of('platform'))] }
  for (const [name, answer] of Object.entries(
    catalogueAnswers(
      () => state.hits,
      () => state.lists,
    ),
  )) {
    bridge.answer(name, answer)
  }
  const app = await mountPages(bridge, 'catalogue')
  await expect.poll(() => catalogueOf(app).search.total, { timeout: 10_000 }).not.toBeNull()
  return { app, bridge, state, catalogue: catalogueOf(app) }
}
const list = () => page.getByRole('listbox', { name: 'Catalogue' })
const option = (name: RegExp) => list().getByRole('option', { name })
const box = () => page.getByRole('searchbox', { name: 'Search the catalogue' })
const inspector = () => page.getByRole('region', { name: 'Inspector' })
const kind = (name: RegExp) => page.getByRole('radio', { name })
const toggleFilters = () => page.getByRole('button', { name: /^Filters/ }).click()
const filters = () => page.getByRole('region', { name: 'Filters' })
const chips = () => page.getByRole('group', { name: 'Filters in use' })

test('one box finds collections, processes and formats of all connections; the tabs tell how many there are', async () => {
  await openCatalogue()
  await expect.element(page.getByText('7 entries', { exact: true })).toBeVisible()
  await box().fill('ndvi')
  await expect.element(page.getByText('2 of 7 entries')).toBeVisible()
  await box().fill('')
  await kind(/^Collections 3$/).click()
  await expect.element(page.getByText('3 collections', { exact: true })).toBeVisible()
  await box().fill('radar')
  await expect.element(page.getByText('1 of 3 collections')).toBeVisible()
  await expect.element(option(/Sentinel-1 GRD.*SENTINEL1_GRD/)).toBeVisible()
  // kinds that nobody offers take no room
  expect(kind(/UDF/).elements()).toHaveLength(0)
  await userEvent.keyboard('{Escape}')
  await expect.element(box()).toHaveValue('')
})

test('a row says what it is, where it is, and how it stands', async () => {
  await openCatalogue()
  await expect.element(option(/Landsat 8 level 2 deprecated LANDSAT8_L2 openEO Platform 7 bands · 30 m EODC VITO/)).toBeVisible() // biome-ignore format: short
  await expect.element(option(/VITO does not answer · seen 3 h ago/)).toBeVisible()
  await expect.element(option(/resample_spatial experimental/)).toBeVisible()
  await expect.element(option(/ndvi What ndvi does\. Embedded back-end Process.*also at 1 other/)).toBeVisible()
  await expect.element(option(/GeoTIFF GTiff Embedded back-end Output format/)).toBeVisible()
})

test('of one connection alone its name is not repeated in every row', async () => {
  await openCatalogue({ connections: [connection('embedded')] })
  await expect.element(option(/GeoTIFF GTiff Output format/)).toBeVisible()
  expect(list().element().textContent).not.toContain('Embedded back-end')
})

test('filters narrow the search, stand as chips, and are taken out one by one or all at once', async () => {
  const { app, bridge } = await openCatalogue()
  await toggleFilters()
  await filters().getByRole('checkbox', { name: 'openEO Platform' }).click()
  await expect.element(page.getByText('3 entries', { exact: true })).not.toBeInTheDocument()
  await expect.element(page.getByText('3 of 3 entries')).toBeVisible()
  await filters().getByRole('combobox', { name: 'Bands' }).click()
  await filters().getByRole('option', { name: /^nir/ }).click()
  await expect.element(page.getByText('1 of 3 entries')).toBeVisible()
  await expect.element(option(/Landsat 8/)).toBeVisible()
  await filters().getByRole('combobox', { name: 'Resolution' }).selectOptions('100')
  await filters().getByRole('combobox', { name: 'Member' }).click()
  await filters().getByRole('option', { name: /^EODC/ }).click()
  await expect.element(chips().getByRole('button', { name: 'Remove filter Member: EODC' })).toBeVisible()
  await filters().getByRole('switch', { name: 'Deprecated' }).click()
  await expect.poll(() => catalogueOf(app).search.total).toBe(0)
  await chips().getByRole('button', { name: 'Remove filter Not deprecated' }).click()
  await expect.element(option(/Landsat 8/)).toBeVisible()
  // questions of a single row look for ways out of an empty answer
  const asked = (bridge.inputsOf('catalogue.search') as { limit: number }[]).filter(({ limit }) => limit > 1)
  expect(asked.at(-1)).toMatchObject({
    connectionIds: ['platform'],
    bands: ['nir'],
    maximumResolutionM: 100,
    members: ['eodc'],
    hasDeprecated: true,
  })
  await chips().getByRole('button', { name: 'Clear all' }).click()
  await expect.element(chips()).not.toBeInTheDocument()
  await expect.element(page.getByText('7 entries', { exact: true })).toBeVisible()
})

test('an area of interest, or what the map shows, limits the search', async () => {
  const { app, bridge } = await openCatalogue()
  const view = mapViewOf(app)
  view.resize(800, 600)
  view.set({ longitude: 110, latitude: 0, zoom: 6 })
  bridge.answer('areas.list', () => [areaOf('a2', 'Borneo', [110, -2, 115, 4])])
  await app.stores.areas.load()
  await toggleFilters()
  const area = () => filters().getByRole('combobox', { name: 'Area' })
  await area().selectOptions('Borneo')
  await expect.element(chips().getByRole('button', { name: 'Remove filter Area: Borneo' })).toBeVisible()
  expect(bridge.inputsOf('catalogue.search').at(-1)).toMatchObject({ bbox: [110, -2, 115, 4] })
  await area().selectOptions('What the map shows now')
  await expect.element(chips().getByRole('button', { name: 'Remove filter Area: map view' })).toBeVisible()
  const { bbox } = bridge.inputsOf('catalogue.search').at(-1) as { bbox: number[] }
  expect(bbox[0]).toBeGreaterThan(100)
  expect(bbox[2]).toBeLessThan(120)
})

test('an outline that is drawn for the filter becomes the filter; one that is drawn later does not', async () => {
  const { app, catalogue } = await openCatalogue()
  const { areasOf } = await import('../../../renderer/areas/areas.svelte.ts')
  const { drawing } = areasOf(app)
  await toggleFilters()
  await filters().getByRole('button', { name: 'Draw the area' }).click()
  expect(drawing.isDrawing).toBe(true)
  drawing.cancel()
  await new Promise(requestAnimationFrame)
  // somewhere else, later
  areasOf(app).draw('rectangle')
  await new Promise(requestAnimationFrame)
  drawing.cancel()
  app.stores.areas.keep(areaOf('a7', 'Other', [1, 1, 2, 2]))
  await new Promise(requestAnimationFrame)
  expect(catalogue.search.filters.bbox).toBeNull()
  await filters().getByRole('button', { name: 'Draw the area' }).click()
  app.stores.areas.keep(areaOf('a8', 'Area 3', [5, 5, 6, 6]))
  drawing.cancel()
  await expect.poll(() => catalogue.search.filters.areaTitle).toBe('Area 3')
})

test('nothing found: the condition that excludes the most can be taken out', async () => {
  const { catalogue } = await openCatalogue()
  catalogue.search.filter({ bands: ['nir'], platforms: ['sentinel-1'], kinds: ['collection'] })
  await expect.element(page.getByText('Nothing matches the filters')).toBeVisible()
  const buttons = () => page.getByRole('button', { name: /^Without/ }).elements()
  await expect
    .poll(() => buttons().map((one) => one.textContent?.trim()))
    .toEqual(['Without “Platform: sentinel-1”: 2 entries', 'Without “Band: nir”: 1 entry'])
  await page.getByRole('button', { name: /^Without “Platform/ }).click()
  await expect.element(page.getByText('2 of 3 collections')).toBeVisible()
  await box().fill('zzz')
  await expect.element(page.getByText('Nothing matches “zzz”')).toBeVisible()
  await page.getByRole('button', { name: 'Show everything' }).click()
  await expect.element(page.getByText('7 entries', { exact: true })).toBeVisible()
})

test('a list that came without members says which, and keeps what is known of them', async () => {
  const { bridge } = await openCatalogue({
    lists: [listOf('collections'), listOf('collections', { ...of('platform'), missing: ['vito'] })],
  })
  const notices = page.getByRole('region', { name: 'About the lists' })
  const line = notices.getByRole('button', { name: 'Without VITO: openEO Platform' })
  await expect.element(line).toHaveAttribute('aria-expanded', 'false')
  // a line of its own at first: the list has the room
  expect(notices.element().getBoundingClientRect().height).toBeLessThan(44)
  await line.click()
  await expect.element(page.getByText('The collections of openEO Platform came without VITO.')).toBeVisible()
  await expect.element(option(/Sentinel-1 GRD/)).toBeVisible()
  await page.getByRole('button', { name: 'Read again' }).click()
  expect(bridge.inputsOf('catalogue.refresh')).toEqual([{ connectionId: 'platform' }])
  const payload = listOf('collections', of('platform'))
  bridge.send({ feature: 'catalogue', name: 'listChanged', payload })
  await expect.element(line).not.toBeInTheDocument()
})

test('a reading that is under way shows how far it is and can be stopped; a refresh that fails says why', async () => {
  const reading = { ...of('platform'), asOf: null, count: 0, isReading: true, readCount: 1200 }
  const { bridge, catalogue } = await openCatalogue({ lists: [listOf('collections', reading)] })
  await expect.element(page.getByText(/^Reading openEO Platform: 1,200 collections …/)).toBeVisible()
  await page.getByRole('button', { name: 'Cancel' }).click()
  expect(bridge.inputsOf('catalogue.cancelRefresh')).toEqual([{ connectionId: 'platform' }])
  bridge.send({ feature: 'catalogue', name: 'listChanged', payload: listOf('collections', of('platform')) })
  bridge.answer('catalogue.refresh', () => {
    throw new FakeFailure({ code: 'offline', message: 'The back-end could not be reached.' })
  })
  await catalogue.refresh('platform')
  await page.getByRole('button', { name: 'openEO Platform could not be read again' }).click()
  await expect.element(page.getByText(/The back-end could not be reached\./)).toBeVisible()
  await expect.element(option(/Landsat 8/)).toBeVisible()
})

test('a back-end that does not answer: its entries stay, and the list tells the age of the oldest', async () => {
  await openCatalogue({
    connections: [connection('embedded'), platform({ state: 'failed' })],
    lists: [listOf('collections'), listOf('collections', { ...of('platform'), asOf: minutesAgo(60 * 26) })],
  })
  await expect.element(page.getByText('as of 1 day ago')).toBeVisible()
  await expect.element(option(/Landsat 8/)).toBeVisible()
})

test('by keyboard: into the search, through the list, the first thing to do, several at once', async () => {
  const { app } = await openCatalogue()
  const settled = () => expect.poll(() => document.activeElement?.getAttribute('role')).toBe('listbox')
  await userEvent.keyboard('/')
  await expect.element(box()).toHaveFocus()
  await expect.element(box()).toHaveValue('')
  await userEvent.keyboard('{ArrowDown}')
  await settled()
  await userEvent.keyboard('{ArrowDown}{ArrowDown}')
  expect(app.selection.current).toEqual({ kind: 'collection', id: 'platform/SENTINEL1_GRD' })
  await userEvent.keyboard('{Shift>}{ArrowDown}{/Shift}')
  expect(app.selection.ids).toEqual(['platform/LANDSAT8_L2', 'platform/SENTINEL1_GRD'])
  await userEvent.keyboard('geo')
  expect(app.selection.current?.kind).toBe('catalogue-entry')
  await userEvent.keyboard('{Control>}f{/Control}')
  await expect.element(box()).toHaveFocus()
  await userEvent.keyboard('{Enter}')
  await settled()
  await userEvent.keyboard('{Home}{Enter}')
  expect(app.shell.feature).toBe('graphs')
  await expect.poll(() => runsOf(app).compose.draft?.collectionId).toBe('sample-landscape')
  await expect.poll(() => runsOf(app).compose.draft?.temporalExtent[0]).toBe('2025-01-03')
})

test('entries of one kind are compared side by side; of all connections, too', async () => {
  const { app, catalogue } = await openCatalogue()
  await option(/Sentinel-1/).click()
  await option(/Landsat 8/).click({ modifiers: ['Control'] })
  // of another kind: it stands alone
  await inspector().getByRole('button', { name: 'Compare 2 entries' }).click()
  expect(app.shell.workspace).toBe('catalogue')
  expect(catalogue.compared.map(({ id }) => id)).toEqual(['LANDSAT8_L2', 'SENTINEL1_GRD'])
  app.shell.showMap()
  await option(/^Process ndvi.*Embedded/).click()
  const twins = app.actions.of(app.selection.current).find(({ id }) => id === 'catalogue.twins')
  await twins?.run()
  expect(catalogue.compared.map(({ connectionId, id }) => `${connectionId} ${id}`)).toEqual([
    'embedded ndvi',
    'platform ndvi',
  ])
  app.shell.showMap()
  await option(/GeoTIFF/).click()
  await app.actions
    .of(app.selection.current)
    .find(({ id }) => id === 'catalogue.twins')
    ?.run()
  await expect.element(page.getByText('No other connection offers this under the same id.')).toBeVisible()
  expect(app.shell.workspace).toBeNull()
})

test('the menu copies ids, nodes and lines of Python', async () => {
  const copied: string[] = []
  setClipboard(async (text) => void copied.push(text))
  await openCatalogue()
  for (const entry of ['Copy id', 'Copy as load_collection node', 'Copy as Python']) {
    await option(/Landsat 8/).click({ button: 'right' })
    await page.getByRole('menuitem', { name: entry }).click()
  }
  await expect.poll(() => copied.length).toBe(3)
  expect(copied[0]).toBe('LANDSAT8_L2')
  expect(JSON.parse(copied[1] ?? '')).toMatchObject({ load_collection1: { arguments: { id: 'LANDSAT8_L2' } } })
  expect(copied[2]).toBe('cube = connection.load_collection("LANDSAT8_L2")')
})

test('the pointer over a collection shows its extent, and leaves no trace', async () => {
  const { catalogue } = await openCatalogue()
  await option(/Landsat 8/).hover()
  expect(catalogue.hovered?.id).toBe('LANDSAT8_L2')
  await option(/GeoTIFF/).hover()
  expect(catalogue.hovered).toBeUndefined()
})

test('the last search comes back after a restart, without connections that are gone', async () => {
  const { app, bridge } = await openCatalogue()
  await box().fill('landsat')
  catalogueOf(app).search.filter({ bands: ['nir'], connectionIds: ['platform', 'gone'] as never })
  await expect.poll(() => app.memory.snapshot().catalogue).toMatchObject({ text: 'landsat', bands: ['nir'] })
  const left = app.memory.snapshot().catalogue
  const again = await mountPages(bridge, 'settings')
  if (left) again.memory.catalogue = { ...left, connectionIds: ['platform', 'gone'] as never }
  again.shell.open('catalogue')
  await expect.element(box()).toHaveValue('landsat')
  await expect.element(chips().getByRole('button', { name: 'Remove filter Band: nir' })).toBeVisible()
  await expect.poll(() => catalogueOf(again).search.filters.connectionIds).toEqual(['platform'])
  await expect.element(option(/Landsat 8/)).toBeVisible()
})

test('without connections: the way to one', async () => {
  const { app } = await openCatalogue({ connections: [], hits: [], lists: [] })
  await page.getByRole('button', { name: 'Open connections' }).click()
  expect(app.shell.feature).toBe('connections')
})

test('the embedded back-end alone, without data: how to get some', async () => {
  const { app } = await openCatalogue({ connections: [connection('embedded')], hits: [] })
  await page.getByRole('button', { name: 'Add a folder' }).click()
  expect(app.shell.feature).toBe('local')
})

test('accessible: with everything open, with nothing found, and with lists that lack members', async () => {
  const { catalogue } = await openCatalogue({
    lists: [
      listOf('collections', { missing: ['vito'] }),
      listOf('collections', { ...of('platform'), isReading: true, readCount: 3 }),
    ],
  })
  await toggleFilters()
  catalogue.search.filter({ bands: ['nir'], members: ['vito', 'eodc'] })
  await expect.element(option(/Landsat 8/)).toBeVisible()
  await option(/Landsat 8/).click()
  await expectAccessible(document.body)
  await box().fill('zzz')
  await expect.element(page.getByText('Nothing matches “zzz”')).toBeVisible()
  await expectAccessible(document.body)
})
