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

  /** Finds a collection by typing, and chooses it. */
  async chooseCollection(title: string): Promise<void> {
    const field = this.form.getByRole('combobox', { name: 'Collection', exact: true })
    await expect(field).toBeVisible({ timeout: 60_000 })
    await field.fill(title)
    await this.form
      .getByRole('listbox', { name: 'Collections' })
      .getByRole('option')
      .filter({ hasText: title })
      .first()
      .click({ timeout: 120_000 })
    await expect(field).toHaveValue(title)
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
