/**
 * By keyboard alone, in the real application: a back-end is added and signed in to, its catalogue searched, a collection
 * and a process opened, and two entries compared. Nothing is focused or clicked by script.
 */
import { expect, test } from '@playwright/test'
import { fillWithSamples } from '../fakes/openeo/samples.ts'
import { type FakeBackEnd, startBackEnd } from '../fakes/openeo-back-end.ts'
import { SENTINEL_HUB } from '../fakes/profiles/sentinel-hub.ts'
import { focused, tabTo } from './support/keys.ts'
import { launchSwath, type Swath } from './support/launch.ts'
import { expectNoLeaks } from './support/leaks.ts'

let swath: Swath
let backEnd: FakeBackEnd
test.beforeEach(async () => {
  backEnd = fillWithSamples(await startBackEnd({ profile: SENTINEL_HUB }))
  swath = await launchSwath({ size: { width: 1280, height: 800 } })
  await expect(swath.page.getByRole('navigation', { name: 'Features' })).toBeVisible()
})
test.afterEach(async ({}, info) => {
  if (info.status !== info.expectedStatus)
    await info.attach('window', { body: await swath.page.screenshot(), contentType: 'image/png' })
  await swath.close()
  await backEnd.close()
})

/** Runs a command of the palette, found by its title. */
async function command(title: string): Promise<void> {
  await swath.page.keyboard.press('Control+K')
  await expect.poll(() => focused(swath.page)).toBe('What to do')
  await swath.page.keyboard.type(title)
  await expect(swath.page.getByRole('option', { name: title }).first()).toBeVisible()
  await swath.page.keyboard.press('Enter')
}
/** Types into the search box of the catalogue and goes down to the first row. */
async function find(text: string): Promise<void> {
  const { page } = swath
  await page.keyboard.press('Control+2')
  await expect(page.getByRole('searchbox', { name: 'Search the catalogue' })).toBeVisible()
  await page.keyboard.press('Control+F')
  await expect.poll(() => focused(page)).toBe('Search the catalogue')
  await page.keyboard.type(text)
  await expect(page.getByRole('listbox', { name: 'Catalogue' }).getByRole('option').first()).toContainText(text)
  await page.keyboard.press('ArrowDown')
  await expect.poll(() => focused(page)).toBe('Catalogue')
  await page.keyboard.press('ArrowDown')
}

const isInInspector = () => swath.page.evaluate(() => document.activeElement?.closest('#inspector') !== null)

test('a back-end with client id and secret, a search, a collection, a process, a comparison', async () => {
  const { page } = swath
  const inspector = page.locator('#inspector')
  type Connection = { url: string; state: string; signIn: string }
  const connection = async () =>
    (await swath.call<Connection[]>('connections', 'list')).find(({ url }) => url === backEnd.url)

  // the dialog begins in its one field; what was found begins at its name
  await command('Add connection')
  await expect.poll(() => focused(page)).toBe('Name or address')
  await page.keyboard.type(backEnd.address)
  await page.keyboard.press('Enter')
  await expect.poll(() => focused(page)).toBe('Sentinel Hub')
  await tabTo(page, 'Connect')
  await page.keyboard.press('Enter')
  await expect.poll(async () => (await connection())?.state).toBe('connected')

  // the focus waits where the sign-in begins
  await expect.poll(() => focused(page)).toMatch(/^User name/)
  await page.keyboard.type(backEnd.user)
  await page.keyboard.press('Tab')
  await page.keyboard.type('not the secret')
  await page.keyboard.press('Enter')
  await expect(inspector.getByRole('alert').first()).toContainText(/refused/)
  // only what was wrong has to be typed again
  await expect.poll(() => focused(page)).toMatch(/^Password/)
  await page.keyboard.type(backEnd.password)
  await page.keyboard.press('Enter')
  await expect.poll(async () => (await connection())?.signIn).toBe('signed-in')
  await expect.poll(() => focused(page)).toBe('Sign out')
  expect(backEnd.requests.at(-1)?.authorization).toBe(`Bearer basic//${backEnd.token}`)

  // a collection, and the way into its page
  await find('SENTINEL1')
  await expect(inspector.getByRole('heading', { name: 'SENTINEL1 GRD' })).toBeVisible()
  // over the map into the inspector
  for (const _ of ['map', 'inspector']) await page.keyboard.press('F6')
  await expect.poll(() => isInInspector()).toBe(true)

  // a process: Enter opens its page
  await find('reduce_dimension')
  await expect(inspector.getByRole('heading', { name: 'Reduce a dimension to one value' })).toBeVisible()
  await page.keyboard.press('Enter')
  await expect.poll(() => isInInspector()).toBe(true)

  // two of a kind, side by side
  await find('SENTINEL')
  await page.keyboard.press('Shift+ArrowDown')
  await expect(inspector.getByText('With 1 other selected')).toBeVisible()
  await command('Compare 2 entries')
  const comparison = page.getByRole('group', { name: 'Comparison' })
  await expect(comparison.getByRole('button', { name: 'SENTINEL1_GRD', exact: true })).toBeVisible()
  await expect(comparison.getByRole('button', { name: 'SENTINEL2_L2A', exact: true })).toBeVisible()
  await expect(page.getByRole('status').filter({ hasText: 'differences' })).toContainText('2 collections')
  expect(swath.problems).toEqual([])
  await expectNoLeaks(swath, { typed: [backEnd.password] })
})
