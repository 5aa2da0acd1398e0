/** Promise: jobs of other programs say that they are, where they are seen, and what is missing; nothing is fetched unasked. */
import { expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import type { Connection } from '../../../preload/contract/connections.ts'
import type { Job } from '../../../preload/contract/jobs.ts'
import { expectAccessible } from '../app/axe.ts'
import { mountPages } from '../graphs/mount-pages.ts'
import { ago, connection, jobOf, workBridge } from '../graphs/sample-work.ts'

const platform = connection('agg', {
  kind: 'openeo',
  title: 'openEO Platform',
  offers: ['batch-jobs'],
  signIn: 'signed-in',
  federation: [
    { id: 'vito', title: 'VITO' },
    { id: 'eodc', title: 'EODC' },
  ] as Connection['federation'],
})
const direct = connection('vito', { kind: 'openeo', title: 'Terrascope', signIn: 'signed-out', offers: ['batch-jobs'] })
const found = (id: string, more: Partial<Job> = {}) =>
  jobOf(id, {
    connectionId: 'agg' as never,
    remoteId: `vito-${id}`,
    title: `Notebook ${id}`,
    origin: 'back-end',
    graph: {},
    wantsResults: false,
    ...more,
  })
async function openJobs(jobs: Job[]) {
  const bridge = workBridge({ jobs, connections: [platform, direct] })
  bridge.answer('jobs.lists', () => [{ connectionId: 'agg', asOf: ago(10), missing: ['eodc'], failure: null }])
  bridge.answer('jobs.refresh', ({ id }: { id: string }) => jobs.find((job) => job.id === id))
  const app = await mountPages(bridge, 'jobs')
  await expect.element(page.getByRole('listbox', { name: 'Jobs' })).toBeVisible()
  return { app, bridge }
}
const row = (name: RegExp) => page.getByRole('listbox', { name: 'Jobs' }).getByRole('option', { name })
const inspector = () => page.getByRole('region', { name: 'Inspector' })

test('origin, member and the other place stand in the row; the list says who was missing', async () => {
  const { bridge } = await openJobs([
    found('f1', { alsoAt: [{ connectionId: 'vito' as never, remoteId: 'f1' }] }),
    jobOf('own', { connectionId: 'agg' as never }),
  ])
  await expect.element(row(/Notebook f1/).getByText('made elsewhere, VITO, also at Terrascope')).toBeVisible()
  await expect
    .element(page.getByText('The list of openEO Platform came without EODC: its jobs are kept as last seen.'))
    .toBeVisible()
  // only where somebody is signed in
  await expect.poll(() => bridge.inputsOf('jobs.findAtBackEnd')).toEqual([{ connectionId: 'agg' }])
  await expectAccessible()
})

test('filtered by connection and by origin', async () => {
  await openJobs([
    found('f1'),
    found('f2', { connectionId: 'vito' as never }),
    jobOf('own', { connectionId: 'agg' as never }),
  ])
  await page.getByRole('combobox', { name: 'Origin' }).selectOptions('Made elsewhere')
  await expect.element(page.getByText('2 of 3 jobs')).toBeVisible()
  await page.getByRole('combobox', { name: 'Connection' }).selectOptions('Terrascope')
  await expect.element(page.getByText('1 of 3 jobs')).toBeVisible()
  await expect.element(row(/Notebook f2/)).toBeVisible()
})

test('the graph is asked for when a job is looked at, its results when the user says so', async () => {
  const { bridge } = await openJobs([found('f1')])
  bridge.answer('jobs.fetchResults', () => found('f1', { revision: 3, wantsResults: true }))
  await row(/Notebook f1/).click()
  await expect.poll(() => bridge.inputsOf('jobs.refresh')).toEqual([{ id: 'f1' }])
  await expect.element(inspector().getByText('Its results are at the back-end')).toBeVisible()
  await expectAccessible()
  await inspector().getByRole('button', { name: 'Fetch results' }).last().click()
  await expect.poll(() => bridge.inputsOf('jobs.fetchResults')).toEqual([{ id: 'f1' }])
  await expect.element(inspector().getByText('Its results are at the back-end')).not.toBeInTheDocument()
})

test('removed from the list only, or at the back-end, and the difference is said', async () => {
  const { app, bridge } = await openJobs([found('f1'), found('f2')])
  bridge.answer('jobs.remove', () => undefined)
  await row(/Notebook f1/).click()
  await userEvent.keyboard('{Delete}')
  const dialog = page.getByRole('dialog')
  await expect
    .element(dialog.getByText('Removed from the list only, it stays at the back-end', { exact: false }))
    .toBeVisible()
  await dialog.getByRole('button', { name: 'Remove from list only' }).click()
  await expect.poll(() => app.stores.jobs.get('f1')).toBeUndefined()
  await row(/Notebook f2/).click()
  await userEvent.keyboard('{Delete}')
  await dialog.getByRole('button', { name: 'Remove at back-end too' }).click()
  await expect.poll(() => bridge.inputsOf('jobs.remove')).toEqual([{ id: 'f1', from: 'list' }, { id: 'f2' }])
})
