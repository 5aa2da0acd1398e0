/** Promise: the map arrives where it was sent, whatever happens to the window on its way. */
import { expect, test } from 'vitest'
import { MapViewState } from '../../../renderer/map/view.svelte.ts'

const FIELD: [number, number, number, number] = [10.36, 48.67, 10.46, 48.74]
const there = (width: number, height: number) => {
  const view = new MapViewState()
  view.resize(width, height)
  view.fit(FIELD, { isAnimated: false })
  return view.memory
}

test('sent before it has a size, it goes there with the size', () => {
  const view = new MapViewState()
  view.fit(FIELD)
  view.resize(800, 600)
  expect(view.memory).toEqual(there(800, 600))
  // once there, a new size changes nothing any more
  view.resize(400, 300)
  expect(view.memory).toEqual(there(800, 600))
})

test('a panel that opens on the way, and the old view that the graphics device tells of then, do not stop it', async () => {
  const view = new MapViewState()
  view.resize(900, 600)
  view.fit(FIELD)
  view.moved({ longitude: 10, latitude: 25, zoom: 1.2 })
  await expect.poll(() => view.memory).toEqual(there(900, 600))
  view.set({ longitude: 0, latitude: 0, zoom: 2 })
  view.fit(FIELD)
  view.resize(600, 600)
  await expect.poll(() => view.memory).toEqual(there(600, 600))
})

test('the user moves it as soon as it has arrived', async () => {
  const view = new MapViewState()
  view.resize(900, 600)
  view.fit(FIELD)
  await expect.poll(() => view.memory).toEqual(there(900, 600))
  view.moved({ longitude: 11, latitude: 47, zoom: 9 })
  expect(view.memory).toEqual({ longitude: 11, latitude: 47, zoom: 9 })
})

test('it goes to a box that cannot be recognised, and leaves one that can where it is', () => {
  const view = new MapViewState()
  view.resize(900, 600)
  view.set({ longitude: 10.4, latitude: 48.7, zoom: 12 })
  const before = view.memory
  view.bringIntoSight(FIELD)
  expect(view.memory).toEqual(before)
})

test('who begins to draw on the way is there at once', () => {
  const view = new MapViewState()
  view.resize(900, 600)
  view.set({ longitude: 0, latitude: 0, zoom: 2 })
  view.fit(FIELD)
  view.arrive()
  expect(view.memory).toEqual(there(900, 600))
  view.set({ longitude: 5, latitude: 5, zoom: 5 })
  view.arrive()
  expect(view.memory).toEqual({ longitude: 5, latitude: 5, zoom: 5 })
})
