/** Promise: a run is put together by mouse or by keyboard, what is wrong stands at its field, and nothing typed is lost. */
import { expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import type { Draft } from '../../../preload/contract/graphs.ts'
import type { App } from '../../../renderer/app/app.ts'
import { catalogueOf } from '../../../renderer/catalogue/catalogue.svelte.ts'
import { runsOf } from '../../../renderer/graphs/runs.ts'
import { mapViewOf } from '../../../renderer/map/view.svelte.ts'
import { expectAccessible } from '../app/axe.ts'
import { FakeFailure } from '../app/fake-bridge.ts'
import { mountPages } from './mount-pages.ts'
import { areaOf, collections, emptyDraft, fullDraft, jobOf, workBridge } from './sample-work.ts'

async function openForm(
  work: Parameters<typeof workBridge>[0] = {},
  adapt: (bridge: ReturnType<typeof workBridge>) => void = () => {},
) {
  const bridge = workBridge(work)
  adapt(bridge)
  const app = await mountPages(bridge, 'graphs')
  await expect.element(page.getByRole('form', { name: 'Run a process' })).toBeVisible()
  const { compose } = runsOf(app)
  await expect.poll(() => compose.isCurrent).toBe(true)
  return { app, bridge, compose }
}
const form = () => page.getByRole('form', { name: 'Run a process' })
const run = () => form().getByRole('button', { name: 'Run', exact: true })
const collection = () => form().getByRole('combobox', { name: 'Collection' })
/** The title of the run's collection, as soon as it was read. */
const runsCollection = (app: App) => {
  const { draft } = runsOf(app).compose
  return catalogueOf(app).collection(draft?.connectionId, draft?.collectionId)?.title
}
async function pick(name: RegExp) {
  await collection().click()
  await form().getByRole('option', { name }).click()
}
const submitted = (bridge: ReturnType<typeof workBridge>) =>
  bridge.inputsOf('jobs.submit') as { title: string; graph: object }[]

test('an empty form says what is needed, quietly until the user asks for the run', async () => {
  const { bridge } = await openForm({ draft: emptyDraft, areas: [] })
  await expect.element(page.getByText('Still needed: a collection, an area, a recipe.')).toBeVisible()
  expect(document.querySelectorAll('form [aria-invalid]')).toHaveLength(0)
  await expect.element(page.getByText('No area yet: draw one on the map, or drop a GeoJSON file here.')).toBeVisible()
  await run().click()
  await expect.element(page.getByText('Choose a collection.')).toBeVisible()
  await expect.element(page.getByText('Choose a recipe.')).toBeVisible()
  expect(submitted(bridge)).toHaveLength(0)
})

test('the whole run by keyboard alone', async () => {
  const { app, bridge } = await openForm({ draft: emptyDraft }, (bridge) => {
    bridge.answer('jobs.submit', ({ title }: { title: string }) => jobOf('new', { title, state: 'queued' }))
  })
  const tabTo = async (wanted: (element: Element) => boolean) => {
    for (let step = 0; step < 60; step++) {
      if (document.activeElement && wanted(document.activeElement)) return
      await userEvent.keyboard('{Tab}')
    }
    throw new Error('Tab never came there')
  }
  const named = (name: string) => (element: Element) =>
    element.getAttribute('aria-label') === name || element.textContent?.trim() === name
  document.querySelector<HTMLElement>('form select')?.focus()
  await tabTo((element) => element.getAttribute('role') === 'combobox')
  await userEvent.keyboard('lands')
  await expect.element(page.getByRole('option', { name: /Sample landscape/ })).toBeVisible()
  await userEvent.keyboard('{ArrowDown}{ArrowUp}{Enter}')
  await expect.element(collection()).toHaveValue('Sample landscape (Sentinel-2 like)')
  await tabTo((element) => element instanceof HTMLSelectElement && element.textContent?.includes('Inntal') === true)
  await userEvent.keyboard('I')
  await tabTo(named('Last 3 months'))
  await userEvent.keyboard('{Enter}')
  await tabTo((element) => element instanceof HTMLInputElement && element.type === 'radio')
  await userEvent.keyboard(' ')
  await expect.element(page.getByText('Ready to run.')).toBeVisible()
  await userEvent.keyboard('{Control>}{Enter}{/Control}')
  await expect.poll(() => submitted(bridge).length).toBe(1)
  expect(submitted(bridge)[0]).toMatchObject({
    title: 'Vegetation index (NDVI) of Inntal, 2025-09-30 to 2025-12-30',
    connectionId: 'embedded',
    collectionId: 'sample-landscape',
    recipeId: 'ndvi',
    areaId: 'a1',
  })
  expect(Object.keys(submitted(bridge)[0]?.graph ?? {})).toEqual(['load', 'ndvi', 'over_time', 'save'])
  // the new job is selected, and the answer says so
  expect(app.selection.current).toEqual({ kind: 'job', id: 'new' })
  expect(app.shell.feature).toBe('jobs')
  await expect.element(page.getByText(/^Started “.+”\. It can be followed under Jobs\.$/)).toBeVisible()
})

test('what is typed is kept half a second later, and is there after a restart', async () => {
  const { bridge } = await openForm({ draft: fullDraft })
  await form().getByRole('textbox', { name: 'Title' }).fill('My run')
  expect(bridge.inputsOf('graphs.saveDraft')).toHaveLength(0)
  await expect.poll(() => bridge.inputsOf('graphs.saveDraft').length, { timeout: 2000 }).toBe(1)
  const saved = bridge.inputsOf('graphs.saveDraft')[0] as Draft
  expect(saved.title).toBe('My run')
  await openForm({ draft: saved })
  await expect.element(form().getByRole('textbox', { name: 'Title' })).toHaveValue('My run')
})

test('closing the window saves at once', async () => {
  const { bridge } = await openForm({ draft: fullDraft })
  await form().getByRole('textbox', { name: 'Title' }).fill('Last words')
  dispatchEvent(new Event('pagehide'))
  expect((bridge.inputsOf('graphs.saveDraft')[0] as Draft).title).toBe('Last words')
})

test('a collection that is chosen brings dates, and the map goes there; typed dates and a map that shows it stay', async () => {
  const { app, compose } = await openForm({ draft: emptyDraft })
  const view = mapViewOf(app)
  view.resize(800, 600)
  await pick(/Sample landscape/)
  await expect.poll(() => compose.draft?.temporalExtent).toEqual(['2025-01-03', '2025-12-30'])
  // the middle of 11.2 to 11.6 east
  await expect.poll(() => view.longitude).toBeCloseTo(11.4, 3)
  const { zoom } = view
  expect(zoom).toBeGreaterThan(8)
  view.set({ longitude: 11.5 })
  await form().getByLabelText('From').fill('2025-06-01')
  await pick(/Collection 3/)
  await expect.poll(() => runsCollection(app)).toBe('Collection 3')
  expect(compose.draft?.temporalExtent).toEqual(['2025-06-01', '2025-12-30'])
  await new Promise(requestAnimationFrame)
  expect([view.longitude, view.zoom]).toEqual([11.5, zoom])
  // out of sight
  view.set({ longitude: -60 })
  await pick(/Sample landscape/)
  await expect.poll(() => view.longitude).toBeCloseTo(11.4, 3)
})

test('a collection taken from the catalogue before the form was ever open brings its dates, too', async () => {
  const bridge = workBridge({ draft: { ...emptyDraft, title: 'As it was left' } })
  const app = await mountPages(bridge, 'catalogue')
  await page.getByRole('option', { name: /Sample landscape/ }).click()
  await page.getByRole('button', { name: 'Use in a run' }).click()
  const { compose } = runsOf(app)
  await expect.poll(() => compose.draft?.temporalExtent).toEqual(['2025-01-03', '2025-12-30'])
  expect(compose.draft).toMatchObject({ collectionId: 'sample-landscape', title: 'As it was left' })
})

test('after another page was visited, the form says what is missing now', async () => {
  const { app, compose } = await openForm({ draft: emptyDraft })
  await expect.element(page.getByText('Still needed: a collection, an area, a recipe.')).toBeVisible()
  app.shell.open('areas')
  await expect.element(form()).not.toBeInTheDocument()
  const { title: _, ...chosen } = fullDraft
  compose.change(chosen)
  app.shell.open('graphs')
  await expect.element(page.getByText('Ready to run.')).toBeVisible()
})

test('a formula that is wrong says where, and bands are inserted where the cursor is', async () => {
  const { compose } = await openForm({ draft: { ...fullDraft, recipeId: 'band-maths' } })
  const formula = form().getByRole('textbox', { name: 'Formula' })
  await formula.fill('B08 - b04')
  await expect
    .element(page.getByText('At character 7: The collection has no band b04. Its band B04 is written differently.'))
    .toBeVisible()
  await expect.element(formula).toHaveAttribute('aria-invalid', 'true')
  await formula.fill('B08 - ')
  await form().getByRole('button', { name: 'B04 (red)' }).click()
  await expect.element(formula).toHaveValue('B08 - B04')
  await expect.poll(() => compose.findings).toEqual([])
  await expect.element(formula).not.toHaveAttribute('aria-invalid')
})

test('questions come only where they matter', async () => {
  const { bridge, compose } = await openForm({ draft: fullDraft })
  await expect.element(form().getByText('Classes to leave out')).not.toBeInTheDocument()
  await expect.element(form().getByText('Black is')).not.toBeInTheDocument()
  await form().getByRole('combobox', { name: 'Cloud mask from' }).selectOptions('SCL')
  await form()
    .getByRole('checkbox', { name: /Cirrus/i })
    .click()
  await form().getByRole('combobox', { name: 'Format' }).selectOptions('PNG')
  await expect.element(form().getByRole('spinbutton', { name: 'Black is' })).toHaveValue(-1)
  await expect.poll(() => compose.isCurrent).toBe(true)
  const last = bridge.inputsOf('graphs.build').at(-1) as Draft
  expect(last.parameters).toEqual({ maskBand: 'SCL', dropClasses: [3, 8, 9] })
  expect(Object.keys(compose.graph ?? {})).toContain('mask_clouds')
})

test('class values of a band without names are typed, and wrong ones are refused', async () => {
  const { compose } = await openForm({ draft: { ...fullDraft, parameters: { maskBand: 'B02' } } })
  const classes = form().getByRole('textbox', { name: 'Classes to leave out' })
  await classes.fill('3, x')
  await expect.element(page.getByText('x is not a whole number.')).toBeVisible()
  await classes.fill('8 3, 3,')
  expect(compose.draft?.parameters.dropClasses).toEqual([3, 8])
  await expect.element(classes).toHaveValue('8 3, 3,')
})

test('dates without scenes and dates the wrong way round are found at the dates', async () => {
  await openForm({ draft: { ...fullDraft, temporalExtent: ['2025-05-04', '2025-05-06'] } })
  await expect
    .element(page.getByText('There is no scene between these dates. The nearest is of 2025-05-03.'))
    .toBeVisible()
  await expect.element(page.getByText('0 scenes in these dates, 37 in all')).toBeVisible()
  await form().getByRole('button', { name: 'All', exact: true }).click()
  await expect.element(page.getByText('37 scenes in these dates, 37 in all')).toBeVisible()
})

test.for([
  ['valid', [], 'Valid: the back-end takes this graph.'],
  [
    'invalid',
    [{ code: 'ProcessUnsupported', message: 'There is no process ndvi.', nodeId: 'ndvi' }],
    'There is no process ndvi.',
  ],
  [
    'could-not-check',
    [{ code: 'offline', message: 'The back-end did not answer.' }],
    'Could not check: the back-end gave no answer.',
  ],
] as const)('validation answers %s', async ([answer, findings, words]) => {
  const { bridge, compose } = await openForm({ draft: fullDraft })
  bridge.answer('graphs.validate', () => ({ answer, findings }))
  await form().getByRole('button', { name: 'Validate' }).click()
  await expect.element(page.getByRole('alert').getByText(words, { exact: false })).toBeVisible()
  // any change makes the answer old
  compose.change({ title: 'Other' })
  await expect.element(page.getByRole('alert')).not.toBeInTheDocument()
})

test('a run that is refused says why and keeps the form; the second try works', async () => {
  const { bridge, app } = await openForm({ draft: fullDraft })
  bridge.answer('jobs.submit', () => {
    throw new FakeFailure({ code: 'disk-full', message: 'The disk is full: the job could not be written.' })
  })
  await run().click()
  await expect
    .element(page.getByRole('alert').getByText('The disk is full: the job could not be written.'))
    .toBeVisible()
  expect(app.shell.feature).toBe('graphs')
  bridge.answer('jobs.submit', () => jobOf('new', { state: 'waiting' }))
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect.poll(() => app.selection.current).toEqual({ kind: 'job', id: 'new' })
})

test('pressing Run twice makes one job', async () => {
  let release = () => {}
  const { bridge, app } = await openForm({ draft: fullDraft })
  bridge.answer('jobs.submit', () => new Promise((resolve) => (release = () => resolve(jobOf('new')))))
  const button = run().element() as HTMLButtonElement
  button.click()
  button.click()
  await expect.poll(() => submitted(bridge).length).toBe(1)
  await userEvent.keyboard('{Control>}{Enter}{/Control}')
  release()
  await expect.poll(() => app.shell.feature).toBe('jobs')
  expect(submitted(bridge)).toHaveLength(1)
})

test('an answer that was overtaken by a newer change is not shown', async () => {
  const { bridge, compose } = await openForm({ draft: fullDraft })
  const waiting: ((built: object) => void)[] = []
  bridge.answer('graphs.build', () => new Promise((resolve) => waiting.push(resolve)))
  compose.change({ title: 'one' })
  await expect.poll(() => waiting.length).toBe(1)
  compose.change({ title: 'two' })
  await expect.poll(() => waiting.length).toBe(2)
  waiting[1]?.({ graph: { new: {} }, findings: [] })
  await expect.poll(() => compose.isCurrent).toBe(true)
  waiting[0]?.({ graph: { old: {} }, findings: [] })
  await new Promise(requestAnimationFrame)
  expect(Object.keys(compose.graph ?? {})).toEqual(['new'])
})

test('an area that is drawn becomes the area of the run', async () => {
  const { app, bridge, compose } = await openForm({ draft: { ...fullDraft, areaId: null } })
  bridge.send({ feature: 'areas', name: 'changed', payload: areaOf('a2', 'Area 2', [11.31, 47.21, 11.32, 47.22]) })
  await expect.poll(() => compose.draft?.areaId).toBe('a2')
  await expect.element(form().getByRole('combobox', { name: 'Area' })).toHaveDisplayValue(/Area 2/)
  expect(app.stores.areas.get('a2')).toBeDefined()
})

test('a dropped GeoJSON file becomes the area; one that is too large is refused', async () => {
  const { bridge, compose } = await openForm({ draft: { ...fullDraft, areaId: null } })
  bridge.answer('areas.importGeoJson', () => [areaOf('a9', 'field.geojson', [11.3, 47.2, 11.4, 47.3])])
  const place = form().getByRole('region', { name: 'Area' }).element().firstElementChild as Element
  const drop = (file: File) => {
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(file)
    place.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }))
  }
  drop(new File(['{"type":"Polygon"}'], 'field.geojson'))
  await expect.poll(() => compose.draft?.areaId).toBe('a9')
  expect(bridge.inputsOf('areas.importGeoJson')).toEqual([{ text: '{"type":"Polygon"}', fileName: 'field.geojson' }])
  drop(new File([new Uint8Array(20_000_001)], 'world.geojson'))
  await expect.element(page.getByText('world.geojson is larger than 20 MB.')).toBeVisible()
})

test('one collection of twenty thousand is found by typing; only what is seen of the choices exists', async () => {
  const { bridge, compose } = await openForm({ draft: emptyDraft, collections: collections(20_000) })
  await collection().click()
  await expect.element(form().getByText('20,000 collections')).toBeVisible()
  expect(form().getByRole('option').elements().length).toBeLessThan(60)
  await userEvent.keyboard('{ArrowUp}')
  await expect.element(form().getByRole('option', { name: /Collection 20000/ })).toBeVisible()
  await collection().fill('collection 19999')
  await expect.element(form().getByText('1 collection', { exact: true })).toBeVisible()
  await userEvent.keyboard('{Enter}')
  await expect.poll(() => compose.draft?.collectionId).toBe('collection-19999')
  const asked = bridge.inputsOf('catalogue.search') as { limit: number; kinds: string[]; connectionIds: string[] }[]
  expect(asked.every(({ limit }) => limit <= 100)).toBe(true)
  expect(asked[0]).toMatchObject({ kinds: ['collection'], connectionIds: ['embedded'] })
  // the field shows the choice again, also after words that were given up
  await collection().fill('zzz')
  await expect.element(form().getByText('No collection matches.')).toBeVisible()
  await userEvent.keyboard('{Escape}')
  await expect.element(collection()).toHaveValue('Collection 19999')
})

test('a collection without the chosen bands keeps the choice in sight', async () => {
  const { compose } = await openForm({ draft: { ...fullDraft, parameters: { red: 'B04' } } })
  await pick(/Collection 3/)
  await expect.element(page.getByText('The collection has no band B04.')).toBeVisible()
  await expect
    .element(form().getByRole('combobox', { name: 'Red band' }))
    .toHaveDisplayValue('B04 (not in this collection)')
  await form().getByRole('combobox', { name: 'Red band' }).selectOptions('VV')
  expect(compose.draft?.parameters.red).toBe('VV')
})

test('a form that cannot be read says so and can be tried again', async () => {
  const bridge = workBridge({ draft: fullDraft })
  bridge.answer('graphs.draft', () => {
    throw new FakeFailure({ code: 'time-out', message: 'The database did not answer.' })
  })
  await mountPages(bridge, 'graphs')
  await expect.element(page.getByText('The database did not answer.')).toBeVisible()
  bridge.answer('graphs.draft', () => fullDraft)
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect.element(form()).toBeVisible()
})

test('accessible with every kind of question and with problems, in both themes', async () => {
  const { app, compose } = await openForm({
    draft: { ...fullDraft, format: 'PNG', recipeId: 'band-maths', parameters: { formula: 'x +', maskBand: 'SCL' } },
  })
  await run().click()
  app.shell.openDrawer('graph')
  await expectAccessible(document.body)
  compose.change({ recipeId: 'median-composite', parameters: {}, format: 'GTiff' })
  await expect.poll(() => compose.graph).not.toBeNull()
  await expectAccessible(document.body)
})
