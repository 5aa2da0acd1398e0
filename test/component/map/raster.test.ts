/** Promises: values become the colours of the table; no value is transparent; restyling reads nothing again. */
import { afterEach, expect, test, vi } from 'vitest'
import '../../../renderer/app/theme.css'
import type { LayerStyle, RasterInfo } from '../../../preload/contract/layers.ts'
import { MapViewState } from '../../../renderer/map/view.svelte.ts'
import { colourTable } from '../../../renderer/viewer/colour-maps.ts'
import type { ShownRaster } from '../../../renderer/viewer/raster-layers.ts'
import { RasterPort } from '../../../renderer/viewer/raster-port.ts'
import { shade } from '../../../renderer/viewer/stretch.ts'
import { fakeEngine } from './fake-engine.ts'
import { mountMap } from './mount.ts'

const INFO: RasterInfo = {
  width: 4000,
  height: 4000,
  bands: [1, 2, 3].map((n) => ({ name: `B${n}`, dataType: 'float32', nodata: 'nan' as const, scale: 1, offset: 0 })),
  crs: 'EPSG:4326',
  resolution: [0.01, 0.01],
  bounds: [0, 30, 40, 60],
  overviewCount: 3,
}
const STYLE: LayerStyle = {
  mode: 'colour-map',
  bands: [0],
  colourMap: 'viridis',
  reversed: false,
  stretch: [[0, 100]],
  gamma: 1,
  opacity: 1,
}
/** The base map in the light theme. */
const LAND = [243, 242, 239]
const WATER = [223, 229, 234]
/** Band 0 in strips of 8°: lower limit, middle, upper limit, beyond it, no value. */
const STRIPS = [0, 50, 100, 250, Number.NaN]
const stripValue = (longitude: number, _latitude: number, band: number) =>
  longitude < 0 || longitude > 40
    ? Number.NaN
    : (STRIPS[Math.min(4, Math.floor(longitude / 8))] as number) * (band === 0 ? 1 : band === 1 ? 0.5 : 0)
const inStrip = (i: number): [number, number] => [i * 8 + 4, 36]

const tableColour = (value: number, { colourMap, reversed, stretch, gamma }: LayerStyle) => {
  const index = Math.floor(shade(value, stretch[0] as [number, number], gamma) * 255 + 0.5)
  return [...colourTable(colourMap, reversed).slice(index * 4, index * 4 + 3)]
}
const within = (seen: number[], wanted: number[], tolerance = 1) =>
  seen.every((value, i) => Math.abs(value - (wanted[i] as number)) <= tolerance)

async function mountRaster(style: LayerStyle) {
  document.documentElement.dataset.theme = 'light'
  const engine = fakeEngine(stripValue, 3)
  const port = new RasterPort(engine.connect)
  const view = new MapViewState()
  view.set({ longitude: 20, latitude: 42, zoom: 2.4 })
  let settled = Promise.withResolvers<void>()
  const raster = (next: LayerStyle): ShownRaster => ({ id: 'one', style: next, raster: INFO })
  const mounted = await mountMap(
    { view, port, rasters: [raster(style)], onsettled: () => settled.resolve() },
    [400, 260],
  )
  await settled.promise
  return {
    ...mounted,
    engine,
    port,
    restyle: async (next: LayerStyle, isReadAgain = false) => {
      settled = Promise.withResolvers()
      await mounted.screen.rerender({ rasters: [raster(next)] })
      if (isReadAgain) await settled.promise
    },
  }
}
vi.setConfig({ testTimeout: 60_000 })
afterEach(() => document.documentElement.removeAttribute('data-theme'))

test('values become the colours of the table, and no value is transparent', async () => {
  const { picture, view, problems } = await mountRaster(STYLE)
  const seen = await picture('../../../out/shots/raster.png')
  for (const [i, value] of STRIPS.slice(0, 4).entries()) {
    const [colour, wanted] = [seen.at(view.project(inStrip(i))), tableColour(value, STYLE)]
    expect(within(colour, wanted), `strip ${i}: ${colour}, wanted ${wanted}`).toBe(true)
  }
  // the land below shows through
  expect(within(seen.at(view.project([38.5, 46.5])), LAND, 2), `${seen.at(view.project([38.5, 46.5]))}`).toBe(true)
  expect(problems).toEqual([])
})

test('restyling asks the engine for nothing', async () => {
  const { picture, view, engine, restyle } = await mountRaster(STYLE)
  const asked = engine.requests.length
  expect(asked).toBeGreaterThan(0)
  for (const style of [
    { ...STYLE, stretch: [[0, 200]] as [number, number][] },
    { ...STYLE, colourMap: 'magma', reversed: true },
    { ...STYLE, gamma: 2 },
  ]) {
    await restyle(style)
    const colour = (await picture()).at(view.project(inStrip(1)))
    const wanted = tableColour(50, style)
    expect(within(colour, wanted), `${JSON.stringify(style)}: ${colour}, wanted ${wanted}`).toBe(true)
  }
  await restyle({ ...STYLE, opacity: 0 })
  const bare = (await picture()).at(view.project(inStrip(1)))
  expect(within(bare, WATER, 2), `${bare}`).toBe(true)
  expect(engine.requests.length).toBe(asked)
})

test('three bands become red, green and blue', async () => {
  const rgb: LayerStyle = {
    ...STYLE,
    mode: 'rgb',
    bands: [0, 1, 2],
    stretch: [
      [0, 100],
      [0, 100],
      [0, 100],
    ],
  }
  const { picture, view, engine } = await mountRaster(rgb)
  const seen = await picture('../../../out/shots/raster-rgb.png')
  expect(within(seen.at(view.project(inStrip(1))), [128, 64, 0])).toBe(true)
  expect(within(seen.at(view.project(inStrip(2))), [255, 128, 0])).toBe(true)
  expect(engine.tiles().every(({ bands }) => bands.join() === '0,1,2')).toBe(true)
})

test('other bands are read anew, and the old textures go', async () => {
  const { picture, view, engine, restyle } = await mountRaster(STYLE)
  await restyle({ ...STYLE, bands: [1] }, true)
  expect(engine.tiles().some(({ bands }) => bands.join() === '1')).toBe(true)
  const colour = (await picture()).at(view.project(inStrip(2)))
  expect(within(colour, tableColour(50, STYLE)), `${colour}`).toBe(true)
})

test('a new port takes the place of a closed one', async () => {
  const { engine, port } = await mountRaster(STYLE)
  expect(await port.value('one', 12, 45)).toEqual({ values: [50, 25, 0], pixel: [120, 450] })
  const isReopened = new Promise<void>((resolve) => port.onReopened(resolve))
  engine.crash()
  // a question that falls into the gap fails or is answered by the new port, but never hangs
  await expect
    .poll(() =>
      port.value('one', 20, 45).then(
        ({ values }) => values?.[0],
        () => null,
      ),
    )
    .toBe(100)
  await isReopened
})
