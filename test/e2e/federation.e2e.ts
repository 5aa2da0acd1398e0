/** A federation loses a member while its window is open: what the user sees, what stays known, and how it comes back. */
import { expect, test } from '@playwright/test'
import { type Aggregator, startAggregator } from '../fakes/profiles/aggregator.ts'
import { launchSwath, type Swath } from './support/launch.ts'
import { CataloguePage } from './support/pages/catalogue.ts'
import { ConnectionsPage } from './support/pages/connections.ts'

let swath: Swath
let aggregator: Aggregator
test.beforeEach(async () => {
  aggregator = await startAggregator({ timeLimitMs: 2_000 })
  swath = await launchSwath({ size: { width: 1280, height: 800 } })
})
test.afterEach(async ({}, info) => {
  if (info.status !== info.expectedStatus)
    await info.attach('window', { body: await swath.page.screenshot(), contentType: 'image/png' })
  await swath.close()
  await aggregator.close()
})

/** The user comes back to the window after sixteen seconds elsewhere; the clock of main goes ahead by them. */
const comeBack = () =>
  swath.app.evaluate(({ BrowserWindow }) => {
    const now = performance.now.bind(performance)
    performance.now = () => now() + 16_000
    const [window] = BrowserWindow.getAllWindows()
    window?.hide()
    window?.show()
  })

test('a member goes while the window is open, its data stay known and marked, and it comes back', async () => {
  const { page } = swath
  const connections = new ConnectionsPage(page)
  const catalogue = new CataloguePage(page)
  const TITLE = 'openEO Platform'
  await connections.add(aggregator.address)
  const { inspector } = connections
  await expect(connections.row(TITLE)).toHaveAccessibleName(/2 of 2 online/)
  await inspector.getByText('Federation: 2 of 2 members online').click()
  const member = (title: string) =>
    inspector.getByRole('listitem').filter({ has: page.getByText(title, { exact: true }) })
  await expect(member('VITO')).toContainText('Online')
  await expect(member('EODC')).toContainText('Online')

  await catalogue.find('austrian')
  await expect(catalogue.rows('AUSTRIAN_TERRAIN')).toHaveCount(1)
  await expect(catalogue.notices).toBeHidden()
  await connections.choose(TITLE)

  // seen by whoever looks at the window
  aggregator.members.get('eodc')?.down()
  await comeBack()
  await expect(connections.row(TITLE)).toHaveAccessibleName(/1 of 2 online/)
  await expect(member('EODC')).toContainText('Offline')
  await expect(member('VITO')).toContainText('Online')
  await expect(page.getByRole('region', { name: 'Status' }).getByRole('button', { name: TITLE })).toHaveAccessibleName(
    /1 of 2 members online/,
  )

  // read again: the list says whom it lacks; what is known of the lost member is found, and marked
  await connections.section('Catalogue').getByRole('button', { name: 'Read the catalogue again' }).click()
  await expect(connections.section('Catalogue').getByText('Came without EODC').first()).toBeVisible()
  await catalogue.find('austrian')
  const row = catalogue.rows('AUSTRIAN_TERRAIN')
  await expect(row).toContainText(/EODC does not answer · seen/)
  await catalogue.notices.getByRole('button', { name: 'Without EODC: openEO Platform' }).click()
  await expect(catalogue.notices).toContainText(/of openEO Platform came without EODC\./)
  await catalogue.openEntry('AUSTRIAN_TERRAIN')
  await expect(inspector.getByText('Missing from the last list')).toBeVisible()
  await expect(inspector.getByText('EODC, offline')).toBeVisible()
  await expect(inspector.getByRole('heading', { name: '5 bands' })).toBeVisible()
  await catalogue.find('sentinel2')
  await expect(catalogue.rows('SENTINEL2_L2A')).not.toContainText('does not answer')

  // it is back: seen, read again by itself, and no mark is left
  aggregator.members.get('eodc')?.up()
  await comeBack()
  await expect(catalogue.notices).toBeHidden()
  await catalogue.find('austrian')
  await expect(row).toHaveCount(1)
  await expect(row).not.toContainText('does not answer')
  await connections.choose(TITLE)
  await expect(connections.row(TITLE)).toHaveAccessibleName(/2 of 2 online/)
  await expect(inspector.getByText('Came without')).toBeHidden()
  expect(swath.problems).toEqual([])
})
