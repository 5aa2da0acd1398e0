/**
 * Nothing is lost: killed while a job runs, the application comes up with the job, finishes it, and has the result; and
 * what was seen once is there without a back-end.
 */
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { launchSwath, type Swath } from './support/launch.ts'
import { arrivedResult, collectionTitle, finishedJob } from './support/main-job.ts'
import { CataloguePage } from './support/pages/catalogue.ts'
import { WindowFrame } from './support/pages/window.ts'

let swath: Swath
test.afterEach(async ({}, info) => {
  if (info.status !== info.expectedStatus)
    await info.attach('window', { body: await swath.page.screenshot(), contentType: 'image/png' })
  await swath.close()
})

const YEAR_COMPOSITE = {
  connectionId: 'embedded',
  collectionId: 'sample-landscape',
  temporalExtent: ['2024-01-01', '2025-01-01'],
  recipeId: 'ndvi',
  parameters: {},
  title: 'NDVI of the whole year',
  format: 'GTiff',
}
type Job = { id: string; remoteId: string; state: string; graph: object }
type Log = { message: string }

/** A job over every scene and pixel of the sample: long enough to be caught while it runs. */
async function submitLongJob(): Promise<Job> {
  await collectionTitle(swath, 'sample-landscape')
  const geometry = {
    type: 'Polygon',
    coordinates: [
      [
        [10.36, 48.67],
        [10.46, 48.67],
        [10.46, 48.74],
        [10.36, 48.74],
        [10.36, 48.67],
      ],
    ],
  }
  const area = await swath.call<{ id: string }>('areas', 'add', { name: 'Everything', geometry })
  const draft = { ...YEAR_COMPOSITE, areaId: area.id }
  const { graph, findings } = await swath.call<{ graph: object; findings: unknown[] }>('graphs', 'build', draft)
  expect(findings).toEqual([])
  const { title, connectionId, collectionId, recipeId } = draft
  return swath.call<Job>('jobs', 'submit', { title, connectionId, collectionId, recipeId, areaId: area.id, graph })
}

const stateOf = async (id: string) =>
  (await swath.call<Job[]>('jobs', 'list')).find((candidate) => candidate.id === id)?.state

test('killed while a job runs: the job goes on by itself and its result comes, exactly once', async () => {
  swath = await launchSwath()
  const { userData } = swath
  const job = await submitLongJob()
  await expect.poll(() => stateOf(job.id), { intervals: [20] }).toBe('running')
  const before = (await swath.call<Job[]>('jobs', 'list'))[0]
  await swath.kill()

  swath = await launchSwath({ userData })
  const finished = await finishedJob(swath, 120_000)
  expect(finished.id).toBe(job.id)
  const after = (await swath.call<Job[]>('jobs', 'list')) as Job[]
  expect(after.map(({ remoteId }) => remoteId)).toEqual([before?.remoteId])
  const logs = await swath.call<Log[]>('jobs', 'logs', { id: job.id, after: null })
  expect(logs.some(({ message }) => /interrupt|again/i.test(message))).toBe(true)
  const result = await arrivedResult(swath, 60_000)
  expect(await swath.call<unknown[]>('library', 'list')).toHaveLength(1)
  expect(result.assets.map(({ state }) => state)).toEqual(['here'])
})

test('without a network and a back-end, the result of yesterday opens on the map', async () => {
  swath = await launchSwath({ size: { width: 1280, height: 800 } })
  const { userData } = swath
  await submitLongJob()
  await finishedJob(swath, 120_000)
  const { id } = await arrivedResult(swath, 60_000)
  await swath.kill()

  // the back-end cannot start: its place is taken by a file
  await rename(join(userData, 'local-back-end'), join(userData, 'moved-away'))
  await writeFile(join(userData, 'local-back-end'), '')
  swath = await launchSwath({ userData, size: { width: 1280, height: 800 } })
  await expect
    .poll(() => swath.call<{ state: string }[]>('connections', 'list'))
    .toMatchObject([{ state: 'failed', failure: { message: expect.any(String) } }])
  const frame = new WindowFrame(swath.page)
  await frame.open('Library')
  await swath.page.getByRole('listbox', { name: 'Results' }).getByRole('option').first().click()
  await swath.call('layers', 'add', { resultId: id, assetKey: 'result.tif' })
  await expect(swath.page.getByTestId('reading')).toBeVisible()
  const catalogue = new CataloguePage(swath.page)
  await catalogue.find('sample landscape')
  await expect(catalogue.rows('Sample landscape')).toHaveCount(1)
  await expect(swath.page.getByText(/^as of /)).toBeVisible()
})
