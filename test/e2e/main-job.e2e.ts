/** The main job by mouse, in the real application: from choosing data to reading a value of the result on the map. */
import { expect, test } from '@playwright/test'
import { launchSwath, type Swath } from './support/launch.ts'
import { doMainJob } from './support/main-job.ts'

let swath: Swath | undefined
test.beforeEach(async () => {
  swath = await launchSwath({ size: { width: 1280, height: 800 } })
})
test.afterEach(async ({}, info) => {
  if (swath && info.status !== info.expectedStatus)
    await info.attach('window', { body: await swath.page.screenshot(), contentType: 'image/png' })
  await swath?.close()
  swath = undefined
})

test('by mouse: data, area, dates, recipe, run, result on the map', async () => {
  const plan = { collection: 'Sample landscape', from: '2024-06-20', until: '2024-07-31', recipe: /NDVI/ }
  const { result, reading } = await doMainJob(swath as Swath, plan)
  expect(result.assets.some(({ mediaKind, state }) => mediaKind === 'raster' && state === 'here')).toBe(true)
  // NDVI of a summer in this landscape
  const value = Number(reading.match(/-?\d+(\.\d+)?$/)?.[0])
  expect(value).toBeGreaterThanOrEqual(-1)
  expect(value).toBeLessThanOrEqual(1)
  expect(swath?.problems).toEqual([])
})
