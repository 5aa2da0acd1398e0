/** The page Connections as a mouse meets it: its list, the dialog that adds one, and the inspector's parts. */
import type { Locator, Page } from '@playwright/test'
import { expect } from '../expect.ts'
import { WindowFrame } from './window.ts'

export class ConnectionsPage {
  readonly page: Page
  readonly frame: WindowFrame
  readonly dialog: Locator
  readonly inspector: Locator

  constructor(page: Page) {
    this.page = page
    this.frame = new WindowFrame(page)
    this.dialog = page.getByRole('dialog')
    this.inspector = this.frame.inspector
  }

  /** A row of the list by its title; its name says how the connection stands. */
  row(title: string): Locator {
    return this.page
      .getByRole('listbox', { name: 'Connections' })
      .getByRole('option')
      .filter({ has: this.page.getByText(title, { exact: true }) })
  }

  async choose(title: string): Promise<void> {
    await this.frame.open('Connections')
    await this.row(title).click()
    await expect(this.inspector.getByRole('heading', { name: title, exact: true })).toBeVisible()
  }

  /** Types an address into the dialog and has it looked at. */
  async look(address: string): Promise<void> {
    await this.frame.open('Connections')
    await this.page.getByRole('button', { name: 'Add', exact: true }).click()
    const field = this.dialog.getByRole('combobox', { name: 'Name or address' })
    await field.click()
    await this.page.keyboard.type(address)
    await this.dialog.getByRole('option', { name: `Look at ${address}` }).click()
  }

  /** Adds the back-end at this address; what it wants to have agreed to is ticked. */
  async add(address: string): Promise<void> {
    await this.look(address)
    await this.connect()
  }

  /** The last step of the dialog. */
  async connect(): Promise<void> {
    const connect = this.dialog.getByRole('button', { name: 'Connect', exact: true })
    await expect(connect).toBeVisible()
    for (const box of await this.dialog.getByRole('checkbox').all()) await box.check()
    await connect.click()
    await expect(this.dialog).toBeHidden()
  }

  /** A part of the inspector by its heading. */
  section(name: string): Locator {
    return this.inspector.getByRole('region', { name, exact: true })
  }
}
