/** Promise: the list tells of each job how it stands and what troubles it; many are handled like one; nothing is lost. */
import { expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import type { Job } from '../../../preload/contract/jobs.ts'
import { canCancel, canRestart, matchesFilter, sortedJobs, troubleWords } from '../../../renderer/jobs/job-words.ts'
import { logText } from '../../../renderer/jobs/log-words.ts'
import { expectAccessible } from '../app/axe.ts'
import { FakeFailure } from '../app/fake-bridge.ts'
import { mountPages } from '../graphs/mount-pages.ts'
import { ago, jobOf, resultOf, sampleJobs, sampleLogs, workBridge } from '../graphs/sample-work.ts'

async function openJobs(jobs: Job[] = sampleJobs(), results = [resultOf('r1')]) {
  const bridge = workBridge({ jobs, results })
  const app = await mountPages(bridge, 'jobs')
  if (jobs.length) await expect.element(page.getByRole('listbox', { name: 'Jobs' })).toBeVisible()
  return { app, bridge }
}
const row = (name: RegExp | string) => page.getByRole('listbox', { name: 'Jobs' }).getByRole('option', { name })
const rows = () =>
  page
    .getByRole('listbox', { name: 'Jobs' })
    .getByRole('option')
    .elements()
    .map((one) => one.textContent ?? '')
const inspector = () => page.getByRole('region', { name: 'Inspector' })
const action = (name: string) => inspector().getByRole('button', { name, exact: true })
const changed = (job: Job) => ({ feature: 'jobs', name: 'changed', payload: job }) as const

test('every state is told in words', async () => {
  await openJobs()
  const all = rows().join('\n')
  for (const words of [
    'Running, 42 %',
    'Queued',
    'Finished',
    'Canceled',
    'Waits to be sent',
    'Unknown to the back-end',
  ])
    expect(all).toContain(words)
  expect(all).toContain('Failed: NoDataAvailable: there is no data for the given extents.')
  expect(all).toMatch(/The back-end has not answered since \d\d:\d\d; next try in \d+ s\./)
})

test('no jobs: what to do instead', async () => {
  const { app } = await openJobs([])
  await page.getByRole('button', { name: 'Run a process', exact: true }).last().click()
  expect(app.shell.feature).toBe('graphs')
})

test('filter, search and order', async () => {
  await openJobs()
  await page.getByRole('combobox', { name: 'State' }).selectOptions('failed')
  await expect.element(page.getByText('2 of 8 jobs')).toBeVisible()
  await page.getByRole('combobox', { name: 'State' }).selectOptions('all')
  await page.getByRole('searchbox', { name: 'Search jobs' }).fill('tyrol SUMMER')
  await expect.element(page.getByText('1 of 8 jobs')).toBeVisible()
  await page.getByRole('searchbox', { name: 'Search jobs' }).fill('nothing like it')
  await page.getByRole('button', { name: 'Show all jobs' }).click()
  await expect.element(page.getByText('8 jobs', { exact: true })).toBeVisible()
})

test('several jobs are canceled at once, those that have ended are left', async () => {
  const { app, bridge } = await openJobs()
  bridge.answer('jobs.cancel', ({ id }: { id: string }) => ({
    ...sampleJobs().find((job) => job.id === id),
    revision: 2,
    state: 'canceled',
  }))
  document.querySelector<HTMLElement>('[role=listbox]')?.focus()
  await userEvent.keyboard('{Control>}a{/Control}')
  await expect.element(page.getByText('8 jobs, 8 selected')).toBeVisible()
  await action('Cancel 4 jobs').click()
  await expect.poll(() => bridge.inputsOf('jobs.cancel').length).toBe(4)
  expect(app.stores.jobs.get('j1')?.state).toBe('canceled')
  await expect.element(page.getByText('4 jobs canceled.')).toBeVisible()
})

test('a removal is asked for, says what it loses, and can be kept from happening', async () => {
  const { app, bridge } = await openJobs()
  bridge.answer('jobs.remove', () => undefined)
  await row(/j1/).click()
  await userEvent.keyboard('{Delete}')
  const dialog = page.getByRole('dialog')
  await expect.element(dialog.getByText('removed here and at the back-end', { exact: false })).toBeVisible()
  await expect.element(dialog.getByText('It is under way and will be canceled.')).toBeVisible()
  await dialog.getByRole('button', { name: 'Keep' }).click()
  expect(bridge.inputsOf('jobs.remove')).toHaveLength(0)
  await userEvent.keyboard('{Delete}')
  await dialog.getByRole('button', { name: 'Remove' }).click()
  await expect.poll(() => app.stores.jobs.get('j1')).toBeUndefined()
  expect(bridge.inputsOf('jobs.remove')).toEqual([{ id: 'j1' }])
})

test('an action that fails says so on the job, and the job stays', async () => {
  const { app, bridge } = await openJobs()
  bridge.answer('jobs.cancel', () => {
    throw new FakeFailure({ code: 'offline', message: 'The back-end could not be reached.', retry: 'later' })
  })
  await row(/j1/).click()
  await action('Cancel job').click()
  await expect.element(inspector().getByRole('alert').getByText('The back-end could not be reached.')).toBeVisible()
  expect(app.stores.jobs.get('j1')?.state).toBe('running')
})

test('progress arrives by events; a late one is ignored', async () => {
  const { bridge } = await openJobs([jobOf('j1', { state: 'running', progress: 10, endedAt: null })])
  await row(/j1/).click()
  bridge.send(changed(jobOf('j1', { revision: 5, state: 'running', progress: 77.9, endedAt: null })))
  await expect.element(inspector().getByText('Running, 77 %')).toBeVisible()
  bridge.send(changed(jobOf('j1', { revision: 4, state: 'running', progress: 20, endedAt: null })))
  await new Promise(requestAnimationFrame)
  await expect.element(inspector().getByText('Running, 77 %')).toBeVisible()
  bridge.send(changed(jobOf('j1', { revision: 6, resultId: 'r1' as never })))
  await action('Open result').click()
  await expect.element(page.getByRole('listbox', { name: 'Results' })).toBeVisible()
})

test('the log grows while the job runs, filtered by level and copied as it is shown', async () => {
  const { app, bridge } = await openJobs()
  await row(/j1/).click()
  await action('Show logs').click()
  const log = page.getByRole('log')
  await expect.element(log.getByText('The job was queued.')).toBeVisible()
  expect(log.getByText(/on the grid of the cube/).elements()).toHaveLength(0)
  bridge.answer('jobs.logs', ({ after }: { after: string | null }) =>
    after === 'l4'
      ? [{ id: 'l5', level: 'info', message: 'Half of the blocks are done.', time: ago(0), code: null }]
      : [],
  )
  bridge.send(changed(jobOf('j1', { revision: 9, state: 'running', progress: 50, endedAt: null })))
  await expect.element(log.getByText('Half of the blocks are done.')).toBeVisible()
  await page.getByRole('combobox', { name: 'Level' }).selectOptions('error')
  await expect.element(page.getByText('1 line', { exact: true })).toBeVisible()
  await page.getByRole('combobox', { name: 'Level' }).selectOptions('debug')
  await expect.element(page.getByText('5 lines', { exact: true })).toBeVisible()
  // another job begins its own log
  bridge.answer('jobs.logs', () => [])
  app.selection.select('job', 'j6')
  await expect.element(page.getByText('Nothing logged yet')).toBeVisible()
})

test('accessible: list, inspector, trouble, logs, the question before a removal', async () => {
  const { app } = await openJobs()
  await row(/j2/).click()
  app.shell.openDrawer('logs')
  await expect.element(page.getByRole('log')).toBeVisible()
  await expectAccessible(document.body)
  app.selection.select('job', 'j5', 'j1')
  await expectAccessible(document.body)
  await userEvent.keyboard('{Delete}')
  await expect.element(page.getByRole('dialog')).toBeVisible()
  await expectAccessible(document.body)
})

test('what can be done follows from the state', () => {
  const states = [
    'waiting',
    'sending',
    'created',
    'queued',
    'running',
    'finished',
    'error',
    'canceled',
    'gone',
  ] as const
  const can = (check: (job: Job) => boolean) => states.filter((state) => check(jobOf('x', { state })))
  expect(can(canCancel)).toEqual(['waiting', 'queued', 'running'])
  expect(can(canRestart)).toEqual(['created', 'finished', 'error', 'canceled'])
  expect(states.filter((state) => matchesFilter(state, 'active'))).toEqual([
    'waiting',
    'sending',
    'created',
    'queued',
    'running',
  ])
})

test('trouble in words', () => {
  const now = Date.parse('2026-11-20T10:43:00Z')
  const trouble = (code: 'offline' | 'signed-out', nextTryAt: string | null) =>
    troubleWords(
      jobOf('x', {
        trouble: {
          error: { code, message: 'The session has ended.', retry: 'later', logRef: 'l' },
          since: '2026-11-20T10:42:00Z',
          nextTryAt,
        },
      }),
      now,
    ).replace(/\d\d:\d\d/, 'HH:MM')
  expect(trouble('offline', '2026-11-20T10:44:00Z')).toBe(
    'The back-end has not answered since HH:MM; next try in 60 s.',
  )
  expect(trouble('offline', '2026-11-20T10:42:59Z')).toBe('The back-end has not answered since HH:MM; trying now.')
  expect(trouble('offline', null)).toBe('The back-end has not answered since HH:MM.')
  expect(trouble('signed-out', '2026-11-20T10:53:00Z')).toBe('Since HH:MM: The session has ended; next try in 10 min.')
  expect(troubleWords(jobOf('x'), now)).toBe('')
})

test('orders, and the log as text', () => {
  const jobs = [jobOf('b', { title: 'Run 10' }), jobOf('a', { title: 'Run 9', createdAt: ago(1) })]
  expect(sortedJobs(jobs, 'title').map((job) => job.title)).toEqual(['Run 9', 'Run 10'])
  expect(sortedJobs(jobs, 'newest').map((job) => job.id)).toEqual(['a', 'b'])
  expect(logText(sampleLogs().map((entry) => ({ ...entry, time: null })))).toBe(
    'info The job was queued.\ndebug Scene 2025-05-03 is on the grid of the cube.\n' +
      'warning [Warped] Scene 2025-05-13 was warped to the grid of the first one (nearest).\n' +
      'error [NoDataAvailable] There is no data for the given extents.',
  )
})
