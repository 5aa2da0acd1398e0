/** The form "Run a process". */
import type { Locator, Page } from '@playwright/test'
import { expect } from '../expect.ts'

export class ComposePage {
  readonly page: Page
  readonly form: Locator

  constructor(page: Page) {
    this.page = page
    this.form = page.getByRole('form', { name: 'Run a process' })
  }

  /** Chooses a collection of the list, searching for it where the list can be searched. */
  async chooseCollection(title: string): Promise<void> {
    const list = this.form.getByRole('listbox', { name: 'Collections' })
    const option = list.getByRole('option').filter({ hasText: title }).first()
    await expect(list).toBeVisible({ timeout: 60_000 })
    await expect(option.or(this.form.getByRole('searchbox', { name: 'Collection' })).first()).toBeVisible({
      timeout: 120_000,
    })
    const search = this.form.getByRole('searchbox', { name: 'Collection' })
    if (await search.isVisible()) await search.fill(title)
    await option.click({ timeout: 120_000 })
    await expect(option).toHaveAttribute('aria-selected', 'true')
  }

  async chooseArea(name: string): Promise<void> {
    const select = this.form.getByRole('combobox', { name: 'Area', exact: true })
    const label = await select.locator('option').filter({ hasText: name }).first().innerText()
    await select.selectOption({ label: label.trim() })
  }

  async setDates(from: string, until: string): Promise<void> {
    const dates = this.form.getByRole('group', { name: 'Dates' })
    for (const [label, day] of [
      ['From', from],
      ['Until, not included', until],
    ] as const) {
      await dates.getByLabel(label).fill(day)
      await dates.getByLabel(label).blur()
    }
  }

  async chooseRecipe(title: string | RegExp): Promise<void> {
    const card = this.form.getByRole('radio', { name: title })
    await card.check()
    await expect(card).toBeChecked()
  }

  async openGraph(): Promise<void> {
    const button = this.form.getByRole('button', { name: 'Graph', exact: true })
    if ((await button.getAttribute('aria-expanded')) !== 'true') await button.click()
    await expect(this.page.getByText('load_collection').first()).toBeVisible()
  }

  async validate(): Promise<void> {
    await this.form.getByRole('button', { name: 'Validate', exact: true }).click()
    await expect(this.form.getByText('Valid: the back-end takes this graph.')).toBeVisible()
  }

  async run(): Promise<void> {
    await expect(this.form.getByText('Ready to run.')).toBeVisible()
    await this.form.getByRole('button', { name: 'Run', exact: true }).click()
  }
}
