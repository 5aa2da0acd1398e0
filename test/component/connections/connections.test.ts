/** Promise: each connection says whether it answers, why not, and can be asked again. */
import { expect, test } from 'vitest'
import { page } from 'vitest/browser'
import { connectionBadge } from '../../../renderer/connections/connection-words.ts'
import { expectAccessible } from '../app/axe.ts'
import { FakeFailure } from '../app/fake-bridge.ts'
import { mountPages } from '../graphs/mount-pages.ts'
import { connection, workBridge } from '../graphs/sample-work.ts'

const failure = {
  code: 'time-out',
  message: 'The back-end did not answer within 30 s.',
  retry: 'now',
  logRef: 'log-1',
} as const
const failed = connection('Copernicus', { state: 'failed', failure, kind: 'openeo' })
async function openConnections(connections = [connection('embedded'), failed]) {
  const bridge = workBridge({ connections })
  const app = await mountPages(bridge, 'connections')
  return { app, bridge }
}
const row = (name: RegExp) => page.getByRole('listbox', { name: 'Connections' }).getByRole('option', { name })
const inspector = () => page.getByRole('region', { name: 'Inspector' })

test('state, address, version and user', async () => {
  await openConnections()
  await expect.element(row(/Embedded back-end.*Connected/)).toBeVisible()
  await row(/Embedded/).click()
  for (const words of ['http://127.0.0.1:40123/openeo/1.2', '1.2.0', 'swath', 'openEO back-end that comes with Swath'])
    await expect.element(inspector().getByText(words, { exact: true })).toBeVisible()
})

test('asked again once, however often it is pressed; the answer is shown', async () => {
  const { bridge } = await openConnections()
  let release = (_answer: object) => {}
  bridge.answer('connections.reconnect', () => new Promise((resolve) => (release = resolve)))
  await row(/Copernicus/).click()
  await expect.element(inspector().getByText('The back-end did not answer within 30 s.')).toBeVisible()
  await inspector().getByRole('button', { name: 'Connect again' }).click()
  await expect.element(inspector().getByText('Connecting …')).toBeVisible()
  await expect.element(inspector().getByRole('button', { name: 'Connect again' })).toBeDisabled()
  release({ ...failed, revision: 2, state: 'connected', failure: undefined })
  await expect.element(inspector().getByText('Connected', { exact: true })).toBeVisible()
  expect(bridge.inputsOf('connections.reconnect')).toEqual([{ id: 'Copernicus' }])
})

test('an attempt that fails itself says so', async () => {
  const { bridge } = await openConnections()
  bridge.answer('connections.reconnect', () => {
    throw new FakeFailure({ code: 'offline', message: 'There is no network on this computer.' })
  })
  await row(/Copernicus/).click()
  await inspector().getByRole('button', { name: 'Connect again' }).click()
  await expect.element(inspector().getByText('There is no network on this computer.')).toBeVisible()
})

test('its catalogue is one press away', async () => {
  const { app, bridge } = await openConnections()
  await row(/Copernicus/).click()
  await inspector().getByRole('button', { name: 'Browse its catalogue' }).click()
  expect(app.shell.feature).toBe('catalogue')
  await expect.poll(() => bridge.inputsOf('catalogue.collections')).toEqual([{ connectionId: 'Copernicus' }])
})

test('accessible, also without any', async () => {
  await openConnections()
  await row(/Copernicus/).click()
  await expectAccessible(document.body)
  await openConnections([])
  await expect.element(page.getByText('No connection yet')).toBeVisible()
  await expectAccessible(document.body)
})

test('the badge counts those that do not answer', () => {
  expect(connectionBadge([connection('embedded')])).toBeUndefined()
  expect(connectionBadge([failed, connection('embedded')])).toMatchObject({
    count: 1,
    says: 'One connection does not answer',
  })
})
