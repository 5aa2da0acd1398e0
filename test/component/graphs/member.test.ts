/** Promise: where a run goes is chosen in the form, what no member offers is said before it is sent, and asked about once. */
import { expect, test } from 'vitest'
import { page } from 'vitest/browser'
import type { Connection } from '../../../preload/contract/connections.ts'
import type { FederationCheck } from '../../../preload/contract/graphs.ts'
import { runsOf } from '../../../renderer/graphs/runs.ts'
import { expectAccessible } from '../app/axe.ts'
import { mountPages } from './mount-pages.ts'
import { connection, fullDraft, jobOf, workBridge } from './sample-work.ts'

const member = (id: string, title: string, more = {}) => ({
  id,
  title,
  url: `https://${id}.example`,
  description: '',
  status: 'online',
  lastCheckedAt: null,
  lastSuccessAt: null,
  isExperimental: false,
  isDeprecated: false,
  ...more,
})
const federated = () =>
  connection('embedded', {
    title: 'openEO Platform',
    kind: 'openeo',
    federation: [
      member('vito', 'VITO'),
      member('eodc', 'EODC', { status: 'offline', isExperimental: true }),
    ] as Connection['federation'],
  })
const lack = { nodeId: 'load', what: 'collection', name: 'sample-landscape' } as const
const check = (answer: FederationCheck['answer']): FederationCheck => ({
  answer,
  members: [
    {
      id: 'vito',
      title: 'VITO',
      isOnline: true,
      canRun: answer === 'some-member',
      lacks: answer === 'no-member' ? [{ nodeId: 'ndvi', what: 'process', name: 'ndvi' }] : [],
    },
    { id: 'eodc', title: 'EODC', isOnline: false, canRun: false, lacks: [lack] },
  ],
  nodes: [
    { nodeId: 'load', name: 'load_collection sample-landscape', members: ['vito'] },
    ...(answer === 'no-member' ? [{ nodeId: 'ndvi', name: 'ndvi', members: ['eodc'] }] : []),
  ],
})
async function openForm(answer: FederationCheck['answer'], connections = [federated()]) {
  const bridge = workBridge({ draft: fullDraft, connections })
  bridge.answer('graphs.federation', () => check(answer))
  bridge.answer('jobs.submit', ({ title }: { title: string }) => jobOf('new', { title, state: 'queued' }))
  const app = await mountPages(bridge, 'graphs')
  await expect.poll(() => runsOf(app).compose.isCurrent).toBe(true)
  return { app, bridge }
}
const runAt = () => page.getByRole('combobox', { name: 'Run at' })
const run = () => page.getByRole('button', { name: 'Run', exact: true })
type Bridge = Awaited<ReturnType<typeof openForm>>['bridge']
const submitted = (bridge: Bridge) => bridge.inputsOf('jobs.submit') as { federationMember: string | null }[]

test('the members stand in the form with their state; the choice is kept and sent', async () => {
  const { bridge } = await openForm('some-member')
  await expect.element(page.getByText('Could run it: VITO.')).toBeVisible()
  const options = [...(runAt().element() as HTMLSelectElement).options].map(({ label }) => label)
  expect(options).toEqual(['Wherever the federation chooses', 'VITO', 'EODC (offline, experimental)'])
  await runAt().selectOptions('vito')
  await run().click()
  await expect.poll(() => submitted(bridge)).toMatchObject([{ federationMember: 'vito' }])
})

test('what no member offers alone is shown as a table, asked about once, and then sent', async () => {
  const { bridge } = await openForm('no-member')
  await expect.element(page.getByText('No single member offers all of this')).toBeVisible()
  const table = page.getByRole('table', { name: 'What each member offers' })
  await expect.element(table.getByRole('row', { name: /load_collection sample-landscape/ })).toBeVisible()
  expect(
    table
      .getByRole('cell')
      .elements()
      .map((cell) => cell.textContent?.trim()),
  ).toEqual(['offers it', 'no collection sample-landscape', 'no process', 'offers it'])
  await expectAccessible()
  await run().click()
  expect(submitted(bridge)).toEqual([])
  const question = page.getByRole('alert')
  await expect.element(question.getByText('Send it anyway?', { exact: true })).toBeVisible()
  await expectAccessible()
  await question.getByRole('button', { name: 'Go on editing' }).click()
  await expect.element(question).not.toBeInTheDocument()
  await run().click()
  await question.getByRole('button', { name: 'Send anyway' }).click()
  await expect.poll(() => submitted(bridge)).toMatchObject([{ federationMember: null }])
})

test('a member that is asked for and lacks something is warned of', async () => {
  const { bridge } = await openForm('some-member')
  await runAt().selectOptions('eodc')
  await expect.element(page.getByText('EODC does not offer all of this')).toBeVisible()
  await expect.element(page.getByText('It lacks the collection sample-landscape.', { exact: false })).toBeVisible()
  await run().click()
  await page.getByRole('button', { name: 'Send anyway' }).click()
  await expect.poll(() => submitted(bridge)).toMatchObject([{ federationMember: 'eodc' }])
})

test('what is not known is said to be not known; a connection without members has no such field', async () => {
  await openForm('unknown')
  await expect.element(page.getByText('Which members could run this is not known', { exact: false })).toBeVisible()
  await openForm('not-federated', [connection('embedded')])
  await expect.element(runAt()).not.toBeInTheDocument()
})
