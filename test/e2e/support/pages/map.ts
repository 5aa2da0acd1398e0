/** The map as a mouse meets it. */
import type { Page } from '@playwright/test'
import { expect } from '../expect.ts'

export class MapPage {
  readonly page: Page
  constructor(page: Page) {
    this.page = page
  }

  get #map() {
    return this.page.getByRole('application', { name: /^Map/ })
  }

  /** A point of the map in pixels of the window; shares of its width and height. */
  async at(x: number, y: number): Promise<{ x: number; y: number }> {
    const box = await this.#map.boundingBox()
    if (!box) throw new Error('the map is not there')
    return { x: box.x + box.width * x, y: box.y + box.height * y }
  }

  /** Drags a rectangle from one corner to the other, each as shares of the map. */
  async dragRectangle(from: [number, number], to: [number, number]): Promise<void> {
    const begin = await this.at(...from)
    const end = await this.at(...to)
    await this.page.mouse.move(begin.x, begin.y)
    await this.page.mouse.down()
    await this.page.mouse.move((begin.x + end.x) / 2, (begin.y + end.y) / 2, { steps: 5 })
    await this.page.mouse.move(end.x, end.y, { steps: 5 })
    await this.page.mouse.up()
  }

  /** Points at a place of the map and reads the legend's value there. */
  async valueAt(x: number, y: number): Promise<string> {
    const { x: px, y: py } = await this.at(x, y)
    await this.page.mouse.move(px - 2, py - 2)
    await this.page.mouse.move(px, py)
    const value = this.page.getByTestId('reading').locator('.value')
    await expect(value).toBeVisible()
    return (await value.innerText()).trim()
  }
}
