/** Mounts MapCanvas in a box (800 × 500 px unless told) and tells what it drew. */
import type { ComponentProps } from 'svelte'
import { expect } from 'vitest'
import { page } from 'vitest/browser'
import { render } from 'vitest-browser-svelte'
import type { AreaGeometry } from '../../../preload/contract/vocabulary.ts'
import { Drawing } from '../../../renderer/map/drawing.svelte.ts'
import MapCanvas from '../../../renderer/map/MapCanvas.svelte'
import type { Pixel } from '../../../renderer/map/projection.ts'
import { MapViewState } from '../../../renderer/map/view.svelte.ts'

/** On a busy machine the map's frames, drawn by software, take their time. */
const soon = { timeout: 15_000 }

type Given = Partial<ComponentProps<typeof MapCanvas>>

export async function mountMap(given: Given = {}, [width, height]: Pixel = [800, 500]) {
  await page.viewport(width + 40, height + 40)
  document.body.replaceChildren()
  const box = document.createElement('div')
  box.style.setProperty('width', `${width}px`)
  box.style.setProperty('height', `${height}px`)
  document.body.append(box)
  const drawn: AreaGeometry[] = []
  const edited: { id: string; geometry: AreaGeometry }[] = []
  const problems: Error[] = []
  const view = given.view ?? new MapViewState()
  const drawing =
    given.drawing ??
    new Drawing({
      drawn: (geometry) => drawn.push(geometry),
      edited: (id, geometry) => edited.push({ id, geometry }),
    })
  const { promise: firstFrame, resolve } = Promise.withResolvers<number>()
  const screen = await render(
    MapCanvas,
    {
      areas: [],
      selectedAreaId: null,
      rasters: [],
      port: null,
      areaUnit: 'km2' as const,
      onfirstframe: (count: number) => resolve(count),
      onproblem: (error: Error) => problems.push(error),
      onpick: () => {},
      onhome: () => view.home(),
      onundo: () => {},
      ondropfiles: () => {},
      ...given,
      view,
      drawing,
    },
    { baseElement: box },
  )
  // the wrapper of the test renderer has no height of its own
  screen.container.style.setProperty('height', '100%')
  await expect.poll(() => view.height, soon).toBe(height)
  const map = box.querySelector<HTMLElement>('.map') as HTMLElement
  const picked = (path?: string) => picture(map, path)
  return { box, map, screen, view, drawing, drawn, edited, problems, firstFrame, picture: picked }
}

/** What the map shows now: a picture whose pixels can be read, in CSS pixels from the map's upper left corner. */
export async function picture(map: HTMLElement, path?: string) {
  await new Promise(requestAnimationFrame)
  await new Promise(requestAnimationFrame)
  const shot = await page.screenshot({ element: map, base64: true, ...(path ? { path } : { save: false }) } as never)
  const base64 = typeof shot === 'string' ? shot : (shot as { base64: string }).base64
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
  const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
  const copy = new OffscreenCanvas(bitmap.width, bitmap.height)
  const context = copy.getContext('2d', { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D
  context.drawImage(bitmap, 0, 0)
  const ratio = bitmap.width / map.clientWidth
  return {
    at([x, y]: Pixel): [number, number, number] {
      const [red = 0, green = 0, blue = 0] = context.getImageData(
        Math.floor(x * ratio),
        Math.floor(y * ratio),
        1,
        1,
      ).data
      return [red, green, blue]
    },
  }
}
