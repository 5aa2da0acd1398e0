/** Promises: layers are ordered, shown, styled and removed from the panel and the inspector, by keyboard as well. */
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import type { LayerStyle } from '../../../preload/contract/layers.ts'
import type { App } from '../../../renderer/app/app.ts'
import { bandName, valueLabel } from '../../../renderer/layers/band-words.ts'
import { layersOf } from '../../../renderer/layers/layers.svelte.ts'
import { mapViewOf } from '../../../renderer/map/view.svelte.ts'
import { expectAccessible } from '../app/axe.ts'
import { mountWindow } from '../app/mount-window.ts'
import { makeLayer, makeWorld, type World } from './world.ts'

/** On a busy machine the map's frames, drawn by software, take their time. */
const soon = { timeout: 15_000 }

// the map is drawn by software here: on a busy machine a click waits for frames
vi.setConfig({ testTimeout: 60_000 })

let world: World
let app: App
beforeEach(async () => {
  await page.viewport(1000, 640)
  world = makeWorld({ layers: [makeLayer('one', 0), makeLayer('two', 1, { isVisible: false })] })
  app = await mountWindow(world.bridge)
  await expect.poll(() => app.stores.layers.all.length, soon).toBe(2)
})
const lastStyle = () => (world.bridge.inputsOf('layers.style').at(-1) as { style: LayerStyle } | undefined)?.style
const row = (name: string) => page.getByRole('list', { name: 'Layers' }).getByRole('button', { name, exact: true })

describe('the panel', () => {
  test('orders by keyboard', async () => {
    ;((await row('Layer two').findElement()) as HTMLElement).focus()
    await userEvent.keyboard('{Alt>}{ArrowUp}{/Alt}')
    await expect.poll(() => layersOf(app).ordered.map(({ id }) => id), soon).toEqual(['two', 'one'])
    await expect.element(row('Layer two'), soon).toHaveFocus()
  })

  test('shows and hides', async () => {
    await page.getByRole('button', { name: 'Hide Layer one' }).click()
    await expect.element(page.getByRole('button', { name: 'Show Layer one' }), soon).toBeInTheDocument()
    expect(world.layers()[0]?.isVisible).toBe(false)
  })

  test('takes a layer off the map and puts it back where it was, as it looked', async () => {
    ;((await row('Layer two').findElement()) as HTMLElement).focus()
    await userEvent.keyboard('{Delete}')
    await expect.poll(() => world.layers().length, soon).toBe(1)
    await page.getByRole('button', { name: 'Undo' }).click()
    await expect.poll(() => layersOf(app).ordered.map(({ title }) => title), soon).toEqual(['Layer one', 'Layer two'])
  })
})

describe('the inspector', () => {
  beforeEach(async () => {
    app.shell.inspect('layer', 'one')
    await expect.element(page.getByRole('slider', { name: 'Lower limit of NDVI' }), soon).toBeInTheDocument()
  })

  test('says limits in real units, and moves them by keyboard', async () => {
    const handle = page.getByRole('slider', { name: 'Upper limit of NDVI' })
    await expect.element(handle, soon).toHaveAttribute('aria-valuetext', '0.8')
    ;(handle.element() as HTMLElement).focus()
    await userEvent.keyboard('{ArrowLeft}')
    // one hundredth of the axis from -4000 to 9500 stored units
    await expect.element(handle, soon).toHaveAttribute('aria-valuetext', '0.7865')
    await expect.poll(() => lastStyle()?.stretch[0]?.[1], soon).toBeCloseTo(7865, 6)
  })

  test('takes typed limits as real units', async () => {
    const input = page.getByRole('spinbutton', { name: 'Lower limit of NDVI, number' })
    await input.fill('0.1')
    ;(input.element() as HTMLInputElement).blur()
    await expect.poll(() => lastStyle()?.stretch[0]?.[0], soon).toBeCloseTo(1000, 6)
  })

  test('uses presets of the statistics', async () => {
    await expect.poll(() => world.bridge.inputsOf('layers.statistics').length, soon).toBe(1)
    await page.getByRole('button', { name: '2–98 %' }).click()
    await expect.poll(() => lastStyle()?.stretch, soon).toEqual([[-900, 7100]])
    await page.getByRole('button', { name: '± around 0' }).click()
    await expect.poll(() => lastStyle()?.stretch, soon).toEqual([[-7100, 7100]])
  })

  test('changes the colour map, and asks the engine for nothing', async () => {
    await expect.poll(() => world.engine.tiles().length, soon).toBeGreaterThan(0)
    await page.getByRole('button', { name: 'Colour map Red – yellow – green' }).click()
    await page.getByText('Magma').click()
    await expect.poll(() => lastStyle()?.colourMap, soon).toBe('magma')
    await page.getByRole('switch', { name: 'Reverse the colours' }).click()
    await expect.poll(() => lastStyle()?.reversed, soon).toBe(true)
    // tiles of the first view may still come in, but none is asked for twice
    const asked = world.engine.tiles().map(({ z, x, y, bands }) => `${z}/${x}/${y}/${bands}`)
    expect(new Set(asked).size).toBe(asked.length)
  })

  test('goes through the colour maps by keyboard, drawing with each, and gives the focus back', async () => {
    const button = page.getByRole('button', { name: /^Colour map / })
    ;(button.element() as HTMLElement).focus()
    await userEvent.keyboard('{Enter}')
    await expect.element(page.getByRole('radio', { name: 'Red – yellow – green' }), soon).toHaveFocus()
    await userEvent.keyboard('{ArrowRight}')
    await expect.poll(() => lastStyle()?.colourMap, soon).toBe('spectral')
    await userEvent.keyboard('{Escape}')
    await expect.element(page.getByRole('radio', { name: 'Spectral' })).not.toBeInTheDocument()
    await expect.element(button).toHaveFocus()
    await expect.element(button).toHaveAccessibleName('Colour map Spectral')
    await userEvent.keyboard('{Enter}')
    await expect.element(page.getByRole('radio', { name: 'Spectral' }), soon).toHaveFocus()
    await expectAccessible(document.documentElement)
  })

  test('computes exact statistics on demand', async () => {
    await expect.element(page.getByText('Approximate, from an overview.'), soon).toBeInTheDocument()
    await page.getByRole('button', { name: 'Compute exactly' }).click()
    await expect.element(page.getByText('Exact, from all pixels.'), soon).toBeInTheDocument()
    expect(world.bridge.inputsOf('layers.statistics').at(-1)).toEqual({ id: 'one', band: 0, exact: true })
  })

  test('draws three bands', async () => {
    await page.getByRole('combobox', { name: 'Drawn as' }).selectOptions('rgb')
    await expect.poll(() => lastStyle()?.mode, soon).toBe('rgb')
    expect(lastStyle()?.bands).toEqual([0, 1, 2])
    await expect
      .poll(() => lastStyle()?.stretch, soon)
      .toEqual([
        [-900, 7100],
        [-900, 7100],
        [-900, 7100],
      ])
    await expect.poll(() => world.engine.tiles().some(({ bands }) => bands.join() === '0,1,2'), soon).toBe(true)
  })

  test('is accessible, with the panel, the legend and the map', async () => {
    await expectAccessible(document.documentElement)
  })
})

test('the value under the cursor is read in real units, the latest place wins', async () => {
  const view = mapViewOf(app)
  await expect.poll(() => view.height, { timeout: 20_000 }).toBeGreaterThan(0)
  for (const longitude of [8, 9, 10]) {
    view.cursor = { position: [longitude, 46], by: 'pointer' }
    await new Promise(requestAnimationFrame)
  }
  const stored = (10 - 6) * 1250 - 2000 + Math.sin(46 * 9) * 800
  const wanted = `NDVI ${Number((stored * 0.0001).toPrecision(4))}`
  await expect.poll(() => app.mapStatus.value, { timeout: 20_000 }).toBe(wanted)
  await expect.element(page.getByTestId('reading'), soon).toHaveTextContent(`${wanted} column 100, row 460`)
  view.cursor = null
  await expect.poll(() => app.mapStatus.value, soon).toBeNull()
})

test('the only band of a raster is named where its name tells something', () => {
  const raster = (...names: string[]) => {
    const layer = makeLayer('x', 0)
    const [band] = layer.raster?.bands ?? []
    if (layer.raster && band) layer.raster.bands = names.map((name) => ({ ...band, name }))
    return layer
  }
  expect(bandName(raster('result'), 0)).toBe('')
  expect(bandName(raster('1'), 0)).toBe('')
  expect(bandName(raster('ndvi'), 0)).toBe('ndvi')
  expect(bandName(raster('1', '2'), 1)).toBe('2')
  expect(valueLabel(raster('result'), 0, 5000)).toBe('0.5')
  expect(valueLabel(raster('result'), 0, null)).toBe('no value')
  expect(valueLabel(raster('ndvi'), 0, 5000)).toBe('ndvi 0.5')
  expect(valueLabel(raster('ndvi'), 3, 5000)).toBe('–')
})
