/** Promises: areas can be drawn and changed by pointer and by keyboard alone, and come out with the right geometry. */
import { afterEach, expect, test, vi } from 'vitest'
import { userEvent } from 'vitest/browser'
import '../../../renderer/app/theme.css'
import type { Area } from '../../../preload/contract/areas.ts'
import { areaKm2, bboxGeometry, geometryBbox } from '../../../preload/contract/geodesy.ts'
import type { AreaGeometry, Bbox } from '../../../preload/contract/vocabulary.ts'
import type { Pixel } from '../../../renderer/map/projection.ts'
import { mountMap } from './mount.ts'

/** On a busy machine the map's frames, drawn by software, take their time. */
const soon = { timeout: 15_000 }

// the map is drawn by software here: on a busy machine keys wait for frames
vi.setConfig({ testTimeout: 60_000 })
afterEach(() => vi.restoreAllMocks())

async function mounted(given: Parameters<typeof mountMap>[0] = {}) {
  const all = await mountMap(given, [620, 420])
  all.view.set({ longitude: 10, latitude: 47, zoom: 5 })
  const box = all.map.getBoundingClientRect()
  const send = (type: string, [x, y]: Pixel, more: PointerEventInit = {}) => {
    const target = document.elementFromPoint(box.left + x, box.top + y) ?? all.map
    target.dispatchEvent(
      new PointerEvent(type, {
        bubbles: true,
        cancelable: true,
        pointerId: 1,
        pointerType: 'mouse',
        button: 0,
        buttons: type === 'pointerup' ? 0 : 1,
        clientX: box.left + x,
        clientY: box.top + y,
        ...more,
      }),
    )
  }
  // a made-up pointer cannot be captured
  vi.spyOn(Element.prototype, 'setPointerCapture').mockImplementation(() => {})
  const click = (at: Pixel) => {
    send('pointermove', at, { buttons: 0 })
    send('pointerdown', at)
    send('pointerup', at)
  }
  return { ...all, send, click }
}
const corners = (geometry: AreaGeometry | undefined) =>
  geometry?.type === 'Polygon' ? (geometry.coordinates[0] ?? []).slice(0, -1) : []

test('a rectangle is drawn by dragging', async () => {
  const { send, drawing, drawn, view, map } = await mounted()
  drawing.begin('rectangle')
  const [nw, se] = [view.unproject([200, 100]), view.unproject([500, 300])]
  send('pointerdown', [200, 100])
  send('pointermove', [350, 200])
  await expect.poll(() => map.querySelector('.size')?.textContent, soon).toMatch(/km²/)
  send('pointermove', [500, 300])
  send('pointerup', [500, 300])
  expect(drawn).toHaveLength(1)
  const bbox = geometryBbox(drawn[0] as AreaGeometry)
  ;[nw[0], se[1], se[0], nw[1]].forEach((side, i) => {
    expect(bbox[i]).toBeCloseTo(side, 9)
  })
  expect(drawing.isDrawing).toBe(false)
})

test('a rectangle is drawn by two clicks', async () => {
  const { click, drawing, drawn, view } = await mounted()
  drawing.begin('rectangle')
  const sw = view.unproject([300, 400])
  click([300, 400])
  expect(drawn).toHaveLength(0)
  click([420, 250])
  expect(geometryBbox(drawn[0] as AreaGeometry)[0]).toBeCloseTo(sw[0], 9)
})

test('a polygon is drawn by clicks and finished on its first corner', async () => {
  const { click, drawing, drawn, view } = await mounted()
  drawing.begin('polygon')
  const places: Pixel[] = [
    [200, 350],
    [500, 350],
    [350, 120],
  ]
  const wanted = places.map((at) => view.unproject(at))
  for (const at of places) click(at)
  click([203, 352])
  expect(corners(drawn[0])).toHaveLength(3)
  corners(drawn[0]).forEach(([longitude, latitude], i) => {
    expect(longitude).toBeCloseTo(wanted[i]?.[0] ?? Number.NaN, 9)
    expect(latitude).toBeCloseTo(wanted[i]?.[1] ?? Number.NaN, 9)
  })
})

test('an outline that crosses itself is refused with a sentence', async () => {
  const { click, drawing, drawn, map } = await mounted()
  drawing.begin('polygon')
  for (const at of [
    [200, 350],
    [500, 120],
    [500, 350],
    [200, 120],
  ] as Pixel[])
    click(at)
  drawing.finish()
  expect(drawn).toHaveLength(0)
  await expect.poll(() => map.querySelector('.problem')?.textContent, soon).toContain('The outline crosses itself.')
  expect(drawing.isDrawing).toBe(true)
})

test('a polygon is drawn by keyboard alone', async () => {
  const { drawing, drawn, view, map } = await mounted()
  map.focus()
  drawing.begin('polygon')
  const begin = view.centre
  await userEvent.keyboard(
    '{Enter}{ArrowRight}{ArrowRight}{ArrowRight}{ArrowRight} {ArrowDown}{ArrowDown}{ArrowDown}{Enter}',
  )
  expect(drawing.sketch?.corners).toHaveLength(3)
  await expect.poll(() => map.querySelector('.crosshair'), soon).not.toBeNull()
  await userEvent.keyboard('{ArrowLeft}{Enter}')
  expect(drawing.sketch?.corners).toHaveLength(4)
  await userEvent.keyboard('{Backspace}')
  expect(drawing.sketch?.corners).toHaveLength(3)
  await userEvent.keyboard('{ArrowLeft}{ArrowLeft}{ArrowLeft}{ArrowUp}{ArrowUp}{ArrowUp}{Enter}')
  expect(drawing.isDrawing).toBe(false)
  const ring = corners(drawn[0])
  expect(ring).toHaveLength(3)
  expect(
    ring.some(([lon, lat]) => Math.abs((lon ?? 0) - begin[0]) < 1e-9 && Math.abs((lat ?? 0) - begin[1]) < 1e-9),
  ).toBe(true)
  const width = Math.max(...ring.map(([lon = 0]) => lon)) - begin[0]
  expect(width).toBeCloseTo((4 * 24 * 360) / (512 * 2 ** 5), 6)
})

test('Escape leaves nothing behind', async () => {
  const { drawing, drawn, map, click } = await mounted()
  drawing.begin('polygon')
  click([200, 200])
  map.focus()
  await userEvent.keyboard('{Escape}')
  expect(drawing.isDrawing).toBe(false)
  expect(drawn).toHaveLength(0)
})

test('a rectangle across the antimeridian becomes two parts', async () => {
  const { send, drawing, drawn, view } = await mounted()
  view.set({ longitude: 179, latitude: 10, zoom: 4 })
  drawing.begin('rectangle')
  send('pointerdown', [300, 200])
  send('pointerup', [600, 300])
  expect(drawn[0]?.type).toBe('MultiPolygon')
  const [west, , east] = geometryBbox(drawn[0] as AreaGeometry)
  expect(west).toBeGreaterThan(150)
  expect(east).toBeLessThan(-150)
})

const BOX: Bbox = [8, 45, 12, 48]
const area = (geometry: AreaGeometry): Area => ({
  id: 'a' as Area['id'],
  revision: 1,
  name: 'Po valley',
  geometry,
  bbox: geometryBbox(geometry),
  areaKm2: areaKm2(geometry),
  createdAt: '2026-01-01T00:00:00Z',
})

test('a click selects the area under it, a click beside it none', async () => {
  const picks: (string | null)[] = []
  const { click, view } = await mounted({ areas: [area(bboxGeometry(BOX))], onpick: (id) => picks.push(id) })
  click(view.project([10, 46.5]))
  click(view.project([20, 46.5]))
  expect(picks).toEqual(['a', null])
})

test('a corner is moved by pointer, and a box stays a box', async () => {
  const { send, drawing, edited, view } = await mounted({ areas: [area(bboxGeometry(BOX))] })
  drawing.edit(area(bboxGeometry(BOX)))
  await expect.poll(() => document.querySelectorAll('.corner').length, soon).toBe(4)
  const at = view.project([12, 48])
  send('pointerdown', at)
  const target = view.project([13, 49])
  const handle = document.querySelectorAll('.corner')[2] as HTMLElement
  const box = handle.closest('.map')?.getBoundingClientRect() as DOMRect
  handle.dispatchEvent(new PointerEvent('pointermove', { clientX: box.left + target[0], clientY: box.top + target[1] }))
  handle.dispatchEvent(new PointerEvent('pointerup', {}))
  expect(edited).toHaveLength(1)
  const bbox = geometryBbox(edited[0]?.geometry as AreaGeometry)
  ;[8, 45, 13, 49].forEach((side, i) => {
    expect(bbox[i]).toBeCloseTo(side, 6)
  })
})

test('a corner is moved, added and removed by keyboard', async () => {
  const triangle: AreaGeometry = {
    type: 'Polygon',
    coordinates: [
      [
        [8, 45],
        [12, 45],
        [10, 48],
        [8, 45],
      ],
    ],
  }
  const { drawing, edited, screen } = await mounted({ areas: [area(triangle)] })
  drawing.edit(area(triangle))
  const first = screen.getByRole('button', { name: /Corner 1 of 3/ })
  await expect.element(first, soon).toBeInTheDocument()
  ;(first.element() as HTMLElement).focus()
  await userEvent.keyboard('{ArrowLeft}{ArrowLeft}')
  expect(geometryBbox(edited.at(-1)?.geometry as AreaGeometry)[0]).toBeCloseTo(8 - (2 * 360) / (512 * 32), 6)
  await userEvent.keyboard('{Insert}')
  expect(corners(edited.at(-1)?.geometry)).toHaveLength(4)
  await expect.element(screen.getByRole('button', { name: /Corner 2 of 4/ }), soon).toHaveFocus()
  await userEvent.keyboard('{Delete}')
  expect(corners(edited.at(-1)?.geometry)).toHaveLength(3)
  await userEvent.keyboard('{Delete}')
  expect(drawing.problem).toBe('An area needs at least three corners.')
})

test('files that are dropped on the map are handed on', async () => {
  const dropped: File[] = []
  const { map } = await mounted({ ondropfiles: (files) => dropped.push(...files) })
  const transfer = new DataTransfer()
  transfer.items.add(new File(['{}'], 'fields.geojson'))
  map.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }))
  expect(dropped.map(({ name }) => name)).toEqual(['fields.geojson'])
})
