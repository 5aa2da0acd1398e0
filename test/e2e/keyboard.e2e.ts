/**
 * The main job by keyboard alone, in the real application: no call of the mouse, nothing focused or clicked by script.
 * What the keys have done is asked of main.
 */
import { expect, type Page, test } from '@playwright/test'
import { focused, tabTo } from './support/keys.ts'
import { launchSwath, type Swath } from './support/launch.ts'
import { arrivedResult, collectionTitle, finishedJob } from './support/main-job.ts'

let swath: Swath | undefined
test.beforeEach(async () => {
  swath = await launchSwath({ size: { width: 1280, height: 800 } })
})
test.afterEach(async ({}, info) => {
  if (swath && info.status !== info.expectedStatus)
    await info.attach('window', { body: await swath.page.screenshot(), contentType: 'image/png' })
  await swath?.close()
  swath = undefined
})

/** Types a day into a date field: its parts are reached one after another, as the locale orders them. */
async function typeDay(page: Page, name: string, [year, month, day]: [string, string, string]): Promise<void> {
  await tabTo(page, name)
  await page.keyboard.type(`${month}${day}${year}`)
}

type Draft = {
  collectionId: string | null
  areaId: string | null
  temporalExtent: (string | null)[]
  recipeId: string | null
}
type Area = { id: string; areaKm2: number; bbox: number[] }
type Layer = { id: string; style: { colourMap: string } }

test('by keyboard alone: data, area, dates, recipe, graph, run, result, value, colour map', async () => {
  const { page } = swath as Swath
  const ask = <T>(feature: string, name: string) => (swath as Swath).call<T>(feature, name)
  const draft = () => ask<Draft>('graphs', 'draft')
  await collectionTitle(swath as Swath, 'Sample landscape')

  // the form, by its key; the collection, with its dates, found by typing
  await page.keyboard.press('Control+4')
  await expect(page.getByRole('form', { name: 'Run a process' })).toBeVisible()
  await tabTo(page, 'Collection')
  await page.keyboard.type('sample')
  await expect(page.getByRole('option', { name: /Sample landscape/ }).first()).toBeVisible()
  await page.keyboard.press('Enter')
  await expect.poll(async () => (await draft()).collectionId).toBe('sample-landscape')
  await expect.poll(async () => (await draft()).temporalExtent).toEqual(['2024-01-04', '2024-12-20'])

  // a rectangle at the crosshair: two corners, the arrow keys between them
  await page.keyboard.press('Control+Shift+R')
  await expect.poll(() => focused(page)).toMatch(/^Map\./)
  for (let step = 0; step < 4; step++) await page.keyboard.press('ArrowLeft')
  for (let step = 0; step < 4; step++) await page.keyboard.press('ArrowUp')
  await page.keyboard.press('Enter')
  for (let step = 0; step < 8; step++) await page.keyboard.press('ArrowRight')
  for (let step = 0; step < 8; step++) await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect.poll(async () => (await ask<Area[]>('areas', 'list')).length).toBe(1)
  const [area] = await ask<Area[]>('areas', 'list')
  expect(area?.areaKm2).toBeGreaterThan(0.5)
  await expect.poll(async () => (await draft()).areaId).toBe(area?.id)

  // back in the form: dates, recipe
  await page.keyboard.press('Control+4')
  await typeDay(page, 'From', ['2024', '06', '20'])
  await typeDay(page, 'Until, not included', ['2024', '07', '31'])
  await tabTo(page, /^Vegetation index \(NDVI\)/)
  await page.keyboard.press('Space')
  await expect
    .poll(draft)
    .toMatchObject({ recipeId: 'ndvi', temporalExtent: ['2024-06-20', '2024-07-31'], areaId: area?.id })

  // the graph, the back-end's opinion of it, the run
  await tabTo(page, 'Graph')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('group', { name: 'Process graph' })).toContainText('load_collection')
  await tabTo(page, 'Validate')
  await page.keyboard.press('Enter')
  await expect(page.getByText('Valid: the back-end takes this graph.')).toBeVisible()
  await page.keyboard.press('Control+J')
  await expect(page.getByRole('group', { name: 'Process graph' })).toBeHidden()
  await page.keyboard.press('Control+Enter')
  await finishedJob(swath as Swath, 60_000)
  const result = await arrivedResult(swath as Swath, 60_000)
  expect(result.assets.some(({ mediaKind, state }) => mediaKind === 'raster' && state === 'here')).toBe(true)
  await expect.poll(async () => (await ask<Layer[]>('layers', 'list')).length).toBe(1)

  // the value under the crosshair: any key of the map shows it
  await page.keyboard.press('F4')
  await tabTo(page, /^Map\./)
  await page.keyboard.press('Shift+ArrowLeft')
  const value = page.getByTestId('reading').locator('.value')
  await expect(value).toHaveText(/^-?[01](\.\d+)?$/)
  const ndvi = Number(await value.innerText())
  expect(Math.abs(ndvi)).toBeLessThanOrEqual(1)

  // the layer, by the palette; its colour map
  await page.keyboard.press('Control+K')
  await page.keyboard.type('go to layers')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('list', { name: 'Layers' })).toBeVisible()
  await tabTo(page, /^Vegetation index \(NDVI\) of Area 1/)
  await page.keyboard.press('Enter')
  await page.keyboard.press('F6')
  const colourMap = async () => (await ask<Layer[]>('layers', 'list'))[0]?.style.colourMap
  const before = await colourMap()
  await tabTo(page, /^Colour map /)
  await page.keyboard.press('Enter')
  await expect.poll(() => focused(page)).not.toMatch(/^Colour map /)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect.poll(colourMap).not.toBe(before)
  await expect.poll(() => focused(page)).toMatch(/^Colour map /)
  expect(swath?.problems).toEqual([])
})
