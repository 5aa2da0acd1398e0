/** Promises: areas are drawn, typed, dropped, renamed, changed and removed, and every step can be taken back. */
import { beforeEach, expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import type { Area } from '../../../preload/contract/areas.ts'
import { areaKm2, bboxGeometry, geometryBbox } from '../../../preload/contract/geodesy.ts'
import type { Bbox } from '../../../preload/contract/vocabulary.ts'
import type { App } from '../../../renderer/app/app.ts'
import { areasOf } from '../../../renderer/areas/areas.svelte.ts'
import { expectAccessible } from '../app/axe.ts'
import { mountWindow } from '../app/mount-window.ts'
import { makeWorld, type World } from '../layers/world.ts'

const area = (id: string, name: string, bbox: Bbox): Area => ({
  id: id as Area['id'],
  revision: 1,
  name,
  geometry: bboxGeometry(bbox),
  bbox: geometryBbox(bboxGeometry(bbox)),
  areaKm2: areaKm2(bboxGeometry(bbox)),
  createdAt: '2026-11-19T08:00:00Z',
})
// the map is drawn by software here: on a busy machine a click waits for frames
vi.setConfig({ testTimeout: 60_000 })

let world: World
let app: App
beforeEach(async () => {
  await page.viewport(1000, 640)
  world = makeWorld({ areas: [area('a1', 'Inntal', [11, 47, 12, 47.6]), area('a2', 'Fiji', [177, -19, -178, -16])] })
  app = await mountWindow(world.bridge)
  app.shell.open('areas')
  await expect.poll(() => app.stores.areas.all.length).toBe(2)
})
const soon = { timeout: 15_000 }

test('a typed box becomes an area, and wrong sides are named', async () => {
  await page.getByRole('button', { name: 'Type a box' }).click()
  for (const [side, text] of [
    ['West', '10'],
    ['South', '46'],
    ['East', '11'],
    ['North', '45'],
  ] as const) {
    await page.getByRole('textbox', { name: side }).fill(text)
  }
  await page.getByRole('button', { name: 'Add area' }).click()
  await expect.element(page.getByText('North must be greater than south.'), soon).toBeInTheDocument()
  await page.getByRole('textbox', { name: 'North' }).fill('47')
  await page.getByRole('button', { name: 'Add area' }).click()
  await expect.poll(() => world.areas().at(-1)?.bbox, soon).toEqual([10, 46, 11, 47])
  expect(app.selection.idsOf('area')).toEqual([world.areas().at(-1)?.id])
})

test('an area is renamed, changed by numbers, and the change is taken back', async () => {
  app.shell.inspect('area', 'a1')
  const name = page.getByRole('textbox', { name: 'Name' })
  await expect.element(name, soon).toHaveValue('Inntal')
  await name.fill('Inn valley')
  await userEvent.keyboard('{Tab}')
  await expect.poll(() => world.areas()[0]?.name, soon).toBe('Inn valley')
  const longitude = page.getByRole('spinbutton', { name: 'Longitude of corner 1', exact: true })
  await longitude.fill('10.5')
  await userEvent.keyboard('{Tab}')
  // the corner of a box takes its neighbours along
  await expect.poll(() => world.areas()[0]?.bbox, soon).toEqual([10.5, 47, 12, 47.6])
  await areasOf(app).undo()
  expect(world.areas()[0]?.bbox).toEqual([11, 47, 12, 47.6])
})

test('an area is removed by keyboard and comes back', async () => {
  app.selection.select('area', 'a2')
  ;((await page.getByRole('listbox', { name: 'Areas' }).findElement()) as HTMLElement).focus()
  await userEvent.keyboard('{Delete}')
  await expect.poll(() => world.areas().map(({ id }) => id), soon).toEqual(['a1'])
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(() => world.areas().map(({ id }) => id), soon).toEqual(['a1', 'a2'])
})

test('a dropped file becomes an area; one that is none says so on the map', async () => {
  await expect.poll(() => document.querySelector('.map'), soon).not.toBeNull()
  const drop = (text: string, name: string) => {
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File([text], name))
    document
      .querySelector('.map')
      ?.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }))
  }
  drop('not json', 'broken.geojson')
  await expect.poll(() => areasOf(app).failure?.code, soon).toBe('unreadable-data')
  await expect
    .poll(() => document.querySelector('.problems')?.textContent, soon)
    .toContain('broken.geojson is not a GeoJSON file.')
  drop(JSON.stringify(bboxGeometry([1, 2, 3, 4])), 'fields.geojson')
  await expect.poll(() => world.areas().at(-1)?.name, soon).toBe('fields.geojson')
  expect(areasOf(app).failure).toBeUndefined()
})

test('list, inspector and drawing are accessible', async () => {
  app.shell.inspect('area', 'a1')
  await expect.element(page.getByRole('textbox', { name: 'Name' }), soon).toBeInTheDocument()
  await expect.poll(() => document.querySelector('.map'), soon).not.toBeNull()
  areasOf(app).drawing.edit(app.stores.areas.get('a1') as Area)
  await expectAccessible(document.documentElement)
  areasOf(app).draw('polygon')
  await expectAccessible(document.documentElement)
})
