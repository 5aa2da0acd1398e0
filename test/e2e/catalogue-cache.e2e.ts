/** The cache of the catalogue: killed in the middle of a reading it goes on whole, damaged it is made anew without a word. */
import { randomBytes } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { PLAIN } from '../fakes/openeo/profile.ts'
import { sampleCollection } from '../fakes/openeo/samples.ts'
import { type FakeBackEnd, startBackEnd } from '../fakes/openeo-back-end.ts'
import { integrityOf } from './support/integrity.ts'
import { launchSwath, type Swath } from './support/launch.ts'
import { CataloguePage } from './support/pages/catalogue.ts'
import { ConnectionsPage } from './support/pages/connections.ts'

const SIZE = { width: 1280, height: 800 }
const COUNT = 60
let swath: Swath
let backEnd: FakeBackEnd
test.beforeEach(async () => {
  backEnd = await startBackEnd({
    profile: { ...PLAIN, paging: { by: 'offset', hrefs: 'relative', ignoresLimit: true } },
  })
  backEnd.collections = Array.from({ length: COUNT }, (_, n) =>
    sampleCollection(`GRANULE_${String(n).padStart(2, '0')}`),
  )
  backEnd.pageSize = 20
  swath = await launchSwath({ size: SIZE })
})
test.afterEach(async ({}, info) => {
  if (info.status !== info.expectedStatus)
    await info.attach('window', { body: await swath.page.screenshot(), contentType: 'image/png' })
  await swath.close()
  await backEnd.close()
  await rm(swath.userData, { recursive: true, force: true })
})

const cachePath = () => join(swath.userData, 'catalogue.sqlite')
test('killed while a page was on its way: the next start reads the list to its end, and nothing is damaged', async () => {
  const { userData } = swath
  const never = new Promise<never>(() => {})
  const first = Promise.resolve()
  backEnd.fail('GET /collections', { until: first }, { until: never })
  await new ConnectionsPage(swath.page).add(backEnd.address)
  await backEnd.asked('GET /collections', 2)
  const catalogue = new CataloguePage(swath.page)
  await catalogue.find('granule')
  await expect(catalogue.rows(/GRANULE_/).first()).toBeVisible()
  await expect(catalogue.notices).toContainText(/Reading Fake: 20 collections/)
  await swath.kill()

  const count = backEnd.count('GET /collections')
  swath = await launchSwath({ userData, size: SIZE })
  const again = new CataloguePage(swath.page)
  await again.find('granule')
  await expect(swath.page.getByText(`${COUNT} of `)).toBeVisible()
  await expect(again.notices).toBeHidden()
  expect(backEnd.count('GET /collections')).toBeGreaterThanOrEqual(count + 3)
  expect(swath.problems).toEqual([])
  await swath.close()
  expect(integrityOf(cachePath())).toBe('ok')
})

test('a cache of random bytes is replaced and read again, and nobody is bothered', async () => {
  const { userData } = swath
  await new ConnectionsPage(swath.page).add(backEnd.address)
  const catalogue = new CataloguePage(swath.page)
  await catalogue.find('granule')
  await expect(swath.page.getByText(`${COUNT} of `)).toBeVisible()
  await swath.kill()
  const path = cachePath()
  for (const ending of ['-wal', '-shm']) await rm(path + ending, { force: true })
  await writeFile(path, randomBytes((await readFile(path)).length))

  swath = await launchSwath({ userData, size: SIZE })
  const again = new CataloguePage(swath.page)
  await again.find('granule')
  await expect(swath.page.getByText(`${COUNT} of `)).toBeVisible()
  expect(await swath.call('diagnostics', 'notices')).toEqual([])
  expect(swath.problems).toEqual([])
  await swath.close()
  expect(integrityOf(cachePath())).toBe('ok')
})
