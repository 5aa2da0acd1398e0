/** Promise: what a back-end says of an entry is shown whole, in words, safely, and nothing is loaded unasked. */
import { flushSync } from 'svelte'
import { expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import type { Entry, EntryKey } from '../../../preload/contract/catalogue.ts'
import { catalogueOf } from '../../../renderer/catalogue/catalogue.svelte.ts'
import { entryId, selectionKindOf } from '../../../renderer/catalogue/entry-id.ts'
import { previewsOf } from '../../../renderer/catalogue/previews.svelte.ts'
import { searchFormsOf } from '../../../renderer/catalogue/search-forms.svelte.ts'
import { runsOf } from '../../../renderer/graphs/runs.ts'
import { setClipboard } from '../../../renderer/ui/clipboard.ts'
import { expectAccessible } from '../app/axe.ts'
import { FakeFailure } from '../app/fake-bridge.ts'
import { mountPages } from '../graphs/mount-pages.ts'
import { areaOf, connection, workBridge } from '../graphs/sample-work.ts'
import {
  collectionDocument,
  entryOf,
  formatDocument,
  itemOf,
  keyOf,
  processDocument,
  runtimeDocument,
  serviceDocument,
} from './entry-samples.ts'

const inspector = () => page.getByRole('region', { name: 'Inspector', exact: true })
const section = (name: string | RegExp) => inspector().getByRole('region', { name })
const federation = [
  { id: 'north', title: 'North', status: 'online' },
  { id: 'south', title: 'South', status: 'offline' },
]

let copied = ''
async function openPages(entries: Record<string, Entry>, more: Record<string, (input: never) => unknown> = {}) {
  const bridge = workBridge({
    connections: [
      connection('embedded', { offers: ['collections', 'queryables', 'items'], federation } as never),
      connection('second', { offers: ['collections'], federation: [] } as never),
    ],
    areas: [areaOf('a1', 'Inntal', [11.3, 47.2, 11.4, 47.3])],
  })
  bridge.answer('catalogue.entry', (key: EntryKey) => {
    const entry = Object.values(entries).find((one) => entryId(one.key) === entryId(key))
    if (!entry) throw new FakeFailure({ code: 'not-found', message: 'There is no such entry.', retry: 'never' })
    return entry
  })
  bridge.answer('catalogue.queryables', () => null)
  bridge.answer('catalogue.previews', () => [])
  bridge.answer('diagnostics.openLink', () => undefined)
  for (const [name, answer] of Object.entries(more)) bridge.answer(name, answer)
  const app = await mountPages(bridge, 'jobs')
  setClipboard(async (text) => {
    copied = text
  })
  const show = (key: EntryKey) => {
    app.shell.inspect(selectionKindOf(key.kind), entryId(key))
    flushSync()
  }
  return { app, bridge, show }
}
const process = entryOf(keyOf('process', 'load_things'), processDocument, { members: ['north', 'south'] })
const collection = entryOf(keyOf('collection', 'SENTINEL_2'), collectionDocument)

test('a process: signature, types in words, members, examples', async () => {
  const { show } = await openPages({ process })
  show(process.key)
  await expect.element(inspector().getByRole('heading', { name: 'load_things' })).toBeVisible()
  await expect.element(inspector().getByText('North', { exact: true }).first()).toBeVisible()
  await expect.element(inspector().getByText('South, offline')).toBeVisible()
  await inspector().getByRole('button', { name: 'Copy signature' }).click()
  await expect
    .poll(() => copied)
    .toBe(
      'load_things(id: collection id, spatial_extent: bounding box, GeoJSON or nothing, reducer: process, limit?: whole number) → raster data cube',
    )
  const parameters = section('4 parameters')
  await expect.element(parameters.getByText('1 to 100')).toBeVisible()
  await expect.element(parameters.getByText('has west, south, east, north')).toBeVisible()
  await parameters.getByText('The process is handed data').click()
  await expect.element(parameters.getByText('list of numbers')).toBeVisible()
  await expect.element(section('1 exception').getByText('NothingThere (HTTP 400)')).toBeVisible()
  await expect.element(section('1 example').getByText('{"dims":3}')).toBeVisible()
})

test('use in a graph: a whole node on the clipboard; recipes that run the process are offered', async () => {
  const loads = entryOf(keyOf('process', 'aggregate_temporal_period'), {
    ...processDocument,
    id: 'aggregate_temporal_period',
  })
  const { app, show } = await openPages({ process, loads })
  show(process.key)
  await inspector().getByRole('button', { name: 'Use in a graph' }).click()
  await expect
    .poll(() => JSON.parse(copied))
    .toEqual({
      load_things1: {
        process_id: 'load_things',
        arguments: {
          id: '…',
          spatial_extent: { west: 0, south: 0, east: 0, north: 0 },
          reducer: {
            process_graph: {
              child: { process_id: '…', arguments: { data: { from_parameter: 'data' } }, result: true },
            },
          },
          limit: 10,
        },
      },
    })
  await expect.element(page.getByText('load_things is on the clipboard as a node.', { exact: false })).toBeVisible()
  show(loads.key)
  await inspector().getByRole('button', { name: 'Cloud-free composite' }).click()
  expect(app.shell.feature).toBe('graphs')
  await expect.poll(() => runsOf(app).compose.draft?.recipeId).toBe('median-composite')
})

test('links open outside only when pressed, and only those that may', async () => {
  const { bridge, show } = await openPages({ process, collection })
  show(process.key)
  await inspector().getByRole('link', { name: 'the guide' }).click()
  await expect.poll(() => bridge.inputsOf('diagnostics.openLink')).toEqual([{ url: 'https://guide.example/x' }])
  show(collection.key)
  await expect.element(inspector().getByText('Terms', { exact: false }).first()).toBeVisible()
  expect(document.querySelector('a[href^="javascript"]')).toBeNull()
  expect(document.querySelectorAll('img')).toHaveLength(0)
})

test('pictures of a description come only when asked for, by leave of main', async () => {
  const { bridge, show } = await openPages({ collection }, { 'catalogue.allowPicture': () => ({ id: 'pic/1' }) })
  show(collection.key)
  const load = inspector().getByRole('button', { name: 'Load picture: Logo from pictures.example' })
  await expect.element(load).toBeVisible()
  expect(bridge.inputsOf('catalogue.allowPicture')).toEqual([])
  await load.click()
  await expect
    .poll(() => bridge.inputsOf('catalogue.allowPicture'))
    .toEqual([{ key: collection.key, href: 'https://pictures.example/logo.png' }])
  // there is no app://media here: what cannot be loaded says so and may be tried again
  await expect.element(inspector().getByText('it could not be loaded', { exact: false })).toBeVisible()
})

test('a collection: bands, dimensions, licence, newer version, summaries', async () => {
  const { show } = await openPages({ collection })
  show(collection.key)
  await expect.element(inspector().getByText('Deprecated')).toBeVisible()
  await expect
    .element(inspector().getByRole('link', { name: 'Collection 1 (opens in the browser)' }).first())
    .toBeVisible()
  const row = section('3 bands').getByRole('row', { name: /B04/ })
  await expect.element(row.getByRole('cell', { name: '665 nm' })).toBeVisible()
  await expect.element(row.getByRole('cell', { name: '× 0.0001' })).toBeVisible()
  await expect.element(section('3 dimensions').getByText('time: since 2015-07-04')).toBeVisible()
  await expect.element(section('Licence and providers').getByText('CC-BY-4.0', { exact: false })).toBeVisible()
  await expect.element(inspector().getByText('sentinel-2a, sentinel-2b')).toBeVisible()
  await expect.element(inspector().getByRole('img', { name: 'Time: since 2015-07-04' })).toBeVisible()
})

test('what is only known from a list says so, and is read again', async () => {
  const failure = { code: 'offline', message: 'The back-end could not be reached.', retry: 'now', logRef: 'l' } as const
  const entries = { process: { ...process, isComplete: false, failure, isMissing: true } }
  const { bridge, show } = await openPages(entries)
  show(process.key)
  await expect.element(inspector().getByText('Only what the list says is known', { exact: false })).toBeVisible()
  await expect
    .element(
      inspector().getByText('The last list came without North and South. What is shown was read before.', {
        exact: false,
      }),
    )
    .toBeVisible()
  entries.process = { ...process, isComplete: true, failure: null as never, isMissing: false }
  bridge.send({ feature: 'catalogue', name: 'entryChanged', payload: process.key } as never)
  await expect
    .element(inspector().getByText('Only what the list says is known', { exact: false }))
    .not.toBeInTheDocument()
})

test('formats, runtimes and service types', async () => {
  const format = entryOf(keyOf('output-format', 'GTiff'), formatDocument)
  const runtime = entryOf(keyOf('udf-runtime', 'Python'), runtimeDocument)
  const service = entryOf(keyOf('service-type', 'XYZ'), serviceDocument)
  const { show } = await openPages({ format, runtime, service })
  show(format.key)
  await expect.element(section('Options').getByText('at least 16')).toBeVisible()
  await expect.element(section('Options').getByText('512')).toBeVisible()
  show(runtime.key)
  await expect.element(section('2 versions').getByRole('row', { name: 'numpy 1.26.0' })).toBeVisible()
  show(service.key)
  await expect.element(section('Configuration').getByText('one of: 1.0.0')).toBeVisible()
  await expect.element(section('Parameters for the process').getByText('zoom')).toBeVisible()
})

const queryables = {
  schema: {
    type: 'object',
    properties: {
      'eo:cloud_cover': { type: 'number', title: 'Cloud cover', minimum: 0, maximum: 100 },
      platform: { type: 'string', enum: ['s2a', 's2b'] },
      orbit: { type: 'integer' },
      published: { type: 'string', format: 'date-time' },
      geometry: { type: 'object' },
    },
  },
  asOf: '2026-11-20T09:00:00Z',
}

test('queryables become conditions of load_collection; what cannot be used says why', async () => {
  const { show, bridge } = await openPages({ collection }, { 'catalogue.queryables': () => queryables })
  show(collection.key)
  await expect.element(inspector().getByText('Filter by properties')).toBeVisible()
  expect(bridge.inputsOf('catalogue.queryables')).toEqual([])
  await inspector().getByText('Filter by properties').click()
  const cover = inspector().getByRole('group', { name: 'Cloud cover (eo:cloud_cover)' })
  await cover.getByRole('spinbutton', { name: 'To' }).fill('120')
  await expect.element(inspector().getByText('This has to be at most 100.')).toBeVisible()
  await cover.getByRole('spinbutton', { name: 'To' }).fill('20')
  await inspector().getByRole('checkbox', { name: 's2a' }).click()
  await expect.element(inspector().getByText('4 properties, 2 set')).toBeVisible()
  await inspector().getByRole('button', { name: 'Copy properties for load_collection' }).click()
  await expect
    .poll(() => JSON.parse(copied))
    .toEqual({
      properties: {
        'eo:cloud_cover': {
          process_graph: {
            filter: { process_id: 'lte', arguments: { x: { from_parameter: 'value' }, y: 20 }, result: true },
          },
        },
        platform: {
          process_graph: {
            filter: { process_id: 'eq', arguments: { x: { from_parameter: 'value' }, y: 's2a' }, result: true },
          },
        },
      },
    })
  await inspector().getByRole('button', { name: 'Clear' }).click()
  await expect.element(inspector().getByText('4 properties', { exact: true })).toBeVisible()
})

test('items: by time and area, page by page, outlined, without pictures until they are wanted', async () => {
  const pages = [
    { items: Array.from({ length: 20 }, (_, index) => itemOf(index)), nextPage: 'p2', matched: 21 },
    { items: [itemOf(20, { cloudCover: null })], nextPage: 'p3', matched: 21 },
    // a server that repeats its last page for ever
    { items: [itemOf(20)], nextPage: 'p3', matched: 21 },
  ]
  let asked = 0
  const { app, bridge, show } = await openPages({ collection }, { 'catalogue.items': () => pages[asked++] })
  show(collection.key)
  await inspector().getByText('Items', { exact: true }).click()
  await inspector().getByLabelText('From').fill('2025-06-01')
  await inspector().getByRole('combobox', { name: 'Area' }).selectOptions('Area: Inntal')
  await inspector().getByRole('button', { name: 'Find items' }).click()
  await expect.element(inspector().getByText('20 items of 21')).toBeVisible()
  expect(bridge.inputsOf('catalogue.items')[0]).toMatchObject({
    bbox: [11.3, 47.2, 11.4, 47.3],
    interval: ['2025-06-01', null],
    page: null,
  })
  expect(document.querySelectorAll('img')).toHaveLength(0)
  await inspector().getByRole('button', { name: 'Show more' }).click()
  await expect.element(inspector().getByText('21 items of 21')).toBeVisible()
  await inspector().getByRole('button', { name: 'Show more' }).click()
  await expect.element(inspector().getByRole('button', { name: 'Show more' })).not.toBeInTheDocument()
  await inspector()
    .getByRole('button', { name: /2025-06-01 10:20:31/ })
    .click()
  await expect.element(inspector().getByRole('group', { name: 'Item S2A_20250000' })).toBeVisible()
  const form = searchFormsOf(app).onMap(entryId(collection.key))
  expect(form?.chosenId).toBe('S2A_20250000')
})

test('a preview lies on the map as long as its collection is selected', async () => {
  const preview = {
    id: 'tiles 1',
    kind: 'xyz',
    title: 'Mosaic',
    host: 'tiles.example',
    minimumZoom: 3,
    maximumZoom: null,
    attribution: '© Someone',
  }
  const { app, show } = await openPages({ collection, process }, { 'catalogue.previews': () => [preview] })
  show(collection.key)
  const previews = previewsOf(app)
  expect(previews.tiles).toEqual([])
  await inspector().getByRole('switch', { name: 'Mosaic on the map' }).click()
  expect(previews.credits).toBe('© Someone')
  expect(previews.tiles[0]).toMatchObject({ id: 'tiles 1', minZoom: 3 })
  expect(previews.tiles[0]?.addressOf({ z: 4, x: 2, y: 1 })).toBe('app://tiles/tiles%201/4/2/1')
  show(process.key)
  expect(previews.tiles).toEqual([])
})

test('side by side: differences are words, and only they are shown when wanted', async () => {
  const other = structuredClone(processDocument) as { parameters: { name: string; default?: number }[] }
  other.parameters = other.parameters
    .filter(({ name }) => name !== 'reducer')
    .map((one) => (one.name === 'limit' ? { ...one, default: 20 } : one))
  const twin = entryOf(keyOf('process', 'load_things', { connectionId: 'second' as never }), other as never)
  const { app } = await openPages({ process, twin })
  const { default: ComparePage } = await import('../../../renderer/catalogue/ComparePage.svelte')
  catalogueOf(app).compare([process.key, twin.key])
  const { mount, unmount } = await import('svelte')
  const { default: Host } = await import('./CompareHost.svelte')
  const target = document.createElement('div')
  document.body.append(target)
  const component = mount(Host, { target, props: { app, Part: ComparePage } })
  try {
    const table = page.getByRole('group', { name: 'Comparison' })
    await expect.element(page.getByText('2 processes, 2 differences')).toBeVisible()
    // one id: it stands once, and the columns are as wide as each other
    await expect.element(table.getByRole('columnheader', { name: 'load_things', exact: true })).toBeVisible()
    const widths = table
      .getByRole('columnheader')
      .elements()
      .map((one) => one.getBoundingClientRect().width)
    expect(widths[1]).toBeGreaterThanOrEqual(200)
    expect(Math.abs((widths[1] ?? 0) - (widths[2] ?? 0))).toBeLessThan(1)
    await expect.element(table.getByRole('row', { name: /^limit differs/ })).toBeVisible()
    await expect.element(table.getByRole('row', { name: /^reducer missing .*not there/ })).toBeVisible()
    await expect.element(table.getByRole('row', { name: /^Summary/ })).toBeVisible()
    const only = page.getByRole('switch', { name: 'Only differences' })
    ;(only.element() as HTMLElement).focus()
    await userEvent.keyboard(' ')
    await expect.element(table.getByRole('row', { name: /^Summary/ })).not.toBeInTheDocument()
    await page.getByRole('button', { name: 'Copy CSV' }).click()
    await expect.poll(() => copied.split('\r\n').length).toBe(3)
    await expectAccessible(target)
    await page.getByRole('button', { name: /^Take load_things of second out/ }).click()
    await expect.element(page.getByText('Nothing to compare')).toBeVisible()
  } finally {
    await unmount(component)
    target.remove()
  }
})

test('accessible, everything open, in the narrowest inspector too', async () => {
  const runtime = entryOf(keyOf('udf-runtime', 'Python'), runtimeDocument)
  const { show } = await openPages(
    { process, collection, runtime },
    {
      'catalogue.queryables': () => queryables,
      'catalogue.items': () => ({ items: [itemOf(1)], nextPage: null, matched: 1 }),
    },
  )
  show(process.key)
  await expect.element(section('4 parameters')).toBeVisible()
  await expectAccessible(document.body)
  show(collection.key)
  await inspector().getByText('Filter by properties').click()
  await expect.element(inspector().getByText('4 properties')).toBeVisible()
  await inspector().getByText('Items', { exact: true }).click()
  await inspector().getByRole('button', { name: 'Find items' }).click()
  await expect.element(inspector().getByText('1 item of 1')).toBeVisible()
  await expectAccessible(document.body)
  const box = inspector().element()
  for (const element of box.querySelectorAll('p, dt, dd, li, h3, button')) {
    if (element.closest('[role="group"], .visually-hidden')) continue
    expect(element.getBoundingClientRect().right, element.textContent ?? '').toBeLessThanOrEqual(
      box.getBoundingClientRect().right + 1,
    )
  }
  show(runtime.key)
  await expect.element(section('2 versions')).toBeVisible()
  await expectAccessible(document.body)
})
