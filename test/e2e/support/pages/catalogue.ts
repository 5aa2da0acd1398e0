/** The page Catalogue as a mouse meets it: the search box, the list under it, what is said about the lists. */
import type { Locator, Page } from '@playwright/test'
import { expect } from '../expect.ts'
import { WindowFrame } from './window.ts'

export class CataloguePage {
  readonly page: Page
  readonly frame: WindowFrame
  readonly search: Locator
  readonly list: Locator
  /** What has to be said about lists: who is missing, what failed. */
  readonly notices: Locator
  readonly inspector: Locator

  constructor(page: Page) {
    this.page = page
    this.frame = new WindowFrame(page)
    this.search = page.getByRole('searchbox', { name: 'Search the catalogue' })
    this.list = page.getByRole('listbox', { name: 'Catalogue' })
    this.notices = page.getByRole('region', { name: 'About the lists' })
    this.inspector = this.frame.inspector
  }

  /** Rows with this text. */
  rows(text: string | RegExp): Locator {
    return this.list.getByRole('option').filter({ hasText: text })
  }

  /** Types into the search box, letter by letter. */
  async find(text: string): Promise<void> {
    await this.frame.open('Catalogue')
    await this.search.fill('')
    await this.search.click()
    await this.page.keyboard.type(text)
  }

  /** Opens the page of the only row with this text. */
  async openEntry(text: string | RegExp): Promise<void> {
    await this.rows(text).first().click()
    await expect(this.inspector.getByRole('heading', { level: 3 }).first()).toBeVisible()
  }
}
