/** Promise: ready pictures lie on the map where they belong, say whose they are, and go when they are not wanted. */
import { flushSync } from 'svelte'
import { expect, test } from 'vitest'
import type { PictureTiles } from '../../../renderer/map/picture-tiles.ts'
import { mountMap } from './mount.ts'

/** On a busy machine the map's frames, drawn by software, take their time. */
const soon = { timeout: 25_000 }

/** One picture of one colour, at an address that the page may load. */
async function redTile(): Promise<string> {
  const canvas = new OffscreenCanvas(256, 256)
  const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D
  context.fillStyle = 'rgb(255 0 0)'
  context.fillRect(0, 0, 256, 256)
  return URL.createObjectURL(await canvas.convertToBlob({ type: 'image/png' }))
}

test('tiles are drawn where they are, missing ones leave the ground, and they go again', {
  timeout: 60_000,
}, async () => {
  const red = await redTile()
  const asked: string[] = []
  const told: string[] = []
  const tiles: PictureTiles = {
    id: 'p1',
    minZoom: 1,
    maxZoom: 1,
    // only the north-west of the world has a picture
    addressOf: ({ z, x, y }) => {
      asked.push(`${z}/${x}/${y}`)
      return x === 0 && y === 0 ? red : 'data:text/plain,broken'
    },
  }
  const { map, screen, view, picture, firstFrame, problems } = await mountMap({
    pictures: [tiles],
    credits: 'Someone',
    onpictureproblem: (id: string) => told.push(id),
  })
  await firstFrame
  view.set({ longitude: 0, latitude: 0, zoom: 0.2 })
  const northWest = view.project([-60, 40])
  const southEast = view.project([60, -40])
  await expect.poll(async () => (await picture()).at(northWest), soon).toEqual([255, 0, 0])
  expect((await picture()).at(southEast)).not.toEqual([255, 0, 0])
  expect(new Set(asked)).toEqual(new Set(['1/0/0', '1/1/0', '1/0/1', '1/1/1']))
  expect(map.textContent).toContain('Natural Earth · Someone')
  // told once, not for each of the three tiles
  await expect.poll(() => told, soon).toEqual(['p1'])
  expect(problems).toEqual([])
  await screen.rerender({ pictures: [], credits: '' })
  flushSync()
  await expect.poll(async () => (await picture()).at(northWest), soon).not.toEqual([255, 0, 0])
})
