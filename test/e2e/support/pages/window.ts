/** The window's frame as a user meets it: rail, inspector, drawer, status bar, palette. */
import type { Locator, Page } from '@playwright/test'
import { expect } from '../expect.ts'

/** Words of the rail. */
export type RailName =
  | 'Connections'
  | 'Catalogue'
  | 'Areas'
  | 'Run a process'
  | 'Jobs'
  | 'Library'
  | 'Layers'
  | 'Local data'
  | 'Diagnostics'
  | 'Settings'

export class WindowFrame {
  readonly page: Page
  readonly rail: Locator
  readonly map: Locator
  readonly inspector: Locator
  readonly status: Locator

  constructor(page: Page) {
    this.page = page
    this.rail = page.getByRole('navigation', { name: 'Features' })
    this.map = page.getByRole('application', { name: /^Map/ })
    this.inspector = page.locator('#inspector')
    this.status = page.getByRole('region', { name: 'Status' })
  }

  /** Opens a feature by its button in the rail; leaves it open where it is. */
  async open(name: RailName): Promise<void> {
    const button = this.rail.getByRole('button', { name: new RegExp(`^${name}(,|$)`) })
    if ((await button.getAttribute('aria-pressed')) !== 'true') await button.click()
    await expect(button).toHaveAttribute('aria-pressed', 'true')
  }

  /** An action of what is selected, from the inspector's buttons or the menu behind them. */
  async act(title: string): Promise<void> {
    const button = this.inspector.getByRole('button', { name: title, exact: true })
    const more = this.inspector.getByRole('button', { name: 'More actions' })
    await expect(button.or(more).first()).toBeVisible()
    if (await button.isVisible()) return button.click()
    await more.click()
    await this.page.getByRole('menuitem', { name: title, exact: true }).click()
  }

  /** A command, found in the palette by its title. */
  async command(title: string): Promise<void> {
    await this.page.keyboard.press('Control+K')
    await this.page.keyboard.type(title)
    await this.page.keyboard.press('Enter')
  }

  async hideDrawer(): Promise<void> {
    const button = this.page.getByRole('button', { name: 'Hide drawer' })
    if (await button.isVisible()) await button.click()
  }

  /** Waits until the map has been drawn and no longer changes. */
  async settled(): Promise<void> {
    await expect(this.map).toBeVisible()
    let before = ''
    await expect
      .poll(
        async () => {
          const now = (await this.map.screenshot()).toString('base64')
          const isSame = now === before
          before = now
          return isSame
        },
        { timeout: 30_000, intervals: [150] },
      )
      .toBe(true)
  }
}
