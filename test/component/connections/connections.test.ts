/** Promise: each connection says how it stands, what needs the user comes first, and all of it works by keyboard. */
import { beforeEach, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import type { Connection } from '../../../preload/contract/connections.ts'
import {
  accountBeside,
  connectionBadge,
  connectionState,
  connectionTroubles,
  memberWords,
} from '../../../renderer/connections/connection-words.ts'
import { closeMenu } from '../../../renderer/ui/menu.svelte.ts'
import { expectAccessible } from '../app/axe.ts'
import { FakeFailure } from '../app/fake-bridge.ts'
import { mountPages } from '../graphs/mount-pages.ts'
import { certificate, connectionsBridge, embedded, members, openeo } from './world.ts'

const failure = {
  code: 'time-out',
  message: 'The back-end did not answer within 30 s.',
  retry: 'now',
  logRef: 'log-1',
} as const
const failed = openeo('Copernicus', { state: 'failed', failure })
async function open(connections: Connection[] = [embedded, failed], answers = {}) {
  const world = connectionsBridge(connections, answers)
  return { app: await mountPages(world.bridge, 'connections'), ...world }
}
const list = () => page.getByRole('listbox', { name: 'Connections' })
const row = (name: RegExp) => list().getByRole('option', { name })
const titles = () =>
  [...document.querySelectorAll('[role="option"]')].map((one) => one.getAttribute('aria-label')?.split(',')[0])
const inspector = () => page.getByRole('region', { name: 'Inspector' })
beforeEach(closeMenu)

test('state, address, version and user', async () => {
  await open([{ ...embedded, userId: 'swath' }, failed])
  await expect.element(row(/This computer, Connected/)).toBeVisible()
  await row(/This computer/).click()
  for (const words of ['http://127.0.0.1:40123/openeo/1.2', '1.2.0', 'swath', 'openEO back-end that comes with Swath'])
    await expect.element(inspector().getByText(words, { exact: true })).toBeVisible()
})

test('what needs the user comes first, under a heading of its own', async () => {
  await open([
    embedded,
    openeo('Terrascope', { signIn: 'signed-in', userName: 'Jane' }),
    openeo('EODC', { signIn: 'expired' }),
    openeo('Platform', { signIn: 'signed-in', federation: members }),
    failed,
    openeo('Old', { state: 'disabled' }),
  ])
  const attention = page.getByRole('group', { name: 'Needs attention (2)' })
  await expect.element(attention.getByRole('option', { name: 'EODC, Session has ended' })).toBeVisible()
  await expect.element(attention.getByRole('option', { name: 'Copernicus, Does not answer' })).toBeVisible()
  await expect.element(row(/^Platform, Signed in, 2 of 3 online$/)).toBeVisible()
  await expect.element(row(/^Old, Off$/)).toBeVisible()
  expect(titles()).toEqual(['EODC', 'Copernicus', 'This computer', 'Terrascope', 'Platform', 'Old'])
  await expect.element(page.getByText('6 connections')).toBeVisible()
  await expectAccessible()
})

test('two accounts at one back-end are told apart by their names', async () => {
  const url = 'https://one.example.org/openeo/1.2'
  await open([
    openeo('A', { title: 'Platform', url, signIn: 'signed-in', userName: 'Jane' }),
    openeo('B', { title: 'Platform', url }),
  ])
  await expect.element(row(/^Platform, Jane, /)).toBeVisible()
  await expect.element(row(/^Platform, no account yet, /)).toBeVisible()
})

test('asked again once, however often it is pressed; the answer is shown', async () => {
  const { bridge } = await open()
  let release = (_answer: object) => {}
  bridge.answer('connections.reconnect', () => new Promise((resolve) => (release = resolve)))
  await row(/Copernicus/).click()
  await expect.element(inspector().getByText('The back-end did not answer within 30 s.')).toBeVisible()
  await inspector().getByRole('button', { name: 'Connect again' }).click()
  await expect.element(inspector().getByText('Connecting …')).toBeVisible()
  await expect.element(inspector().getByRole('button', { name: 'Connect again' })).toBeDisabled()
  release({ ...failed, revision: 2, state: 'connected', failure: undefined, signIn: 'not-needed', offers: [] })
  await expect.element(inspector().getByText('Connected', { exact: true })).toBeVisible()
  expect(bridge.inputsOf('connections.reconnect')).toEqual([{ id: 'Copernicus' }])
})

test('an attempt that fails itself says so', async () => {
  const { bridge } = await open()
  bridge.answer('connections.reconnect', () => {
    throw new FakeFailure({ code: 'offline', message: 'There is no network on this computer.' })
  })
  await row(/Copernicus/).click()
  await inspector().getByRole('button', { name: 'Connect again' }).click()
  await expect.element(inspector().getByText('There is no network on this computer.')).toBeVisible()
})

test('renamed in its row by F2; Escape leaves the old name, and an empty one is none', async () => {
  const { app, bridge } = await open([embedded, openeo('Terrascope')])
  await row(/Terrascope/).click()
  const field = page.getByRole('textbox', { name: 'Name of the connection' })
  await userEvent.keyboard('{F2}')
  await expect.element(field).toHaveFocus()
  await expectAccessible()
  await userEvent.keyboard('Other{Escape}')
  await expect.element(list()).toHaveFocus()
  await userEvent.keyboard('{F2}')
  await expect.element(field).toHaveValue('Terrascope')
  await userEvent.keyboard('{Backspace}{Enter}')
  expect(bridge.inputsOf('connections.update')).toEqual([])
  await userEvent.keyboard('{F2}')
  await userEvent.keyboard('Belgium{Enter}')
  await expect.element(row(/^Belgium/)).toBeVisible()
  expect(bridge.inputsOf('connections.update')).toEqual([{ id: 'Terrascope', title: 'Belgium' }])
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(() => app.stores.connections.get('Terrascope')?.title).toBe('Terrascope')
})

test('the order follows Alt with the arrows, is kept by main, and goes back where main refuses', async () => {
  const { bridge } = await open([embedded, openeo('A'), openeo('B')])
  await row(/^B,/).click()
  await userEvent.keyboard('{Alt>}{ArrowUp}{/Alt}')
  await expect.poll(titles).toEqual(['This computer', 'B', 'A'])
  expect(bridge.inputsOf('connections.update')).toEqual([{ id: 'B', position: 1 }])
  bridge.answer('connections.update', () => {
    throw new FakeFailure({ code: 'disk-full', message: 'The order could not be kept.' })
  })
  await userEvent.keyboard('{Alt>}{ArrowUp}{/Alt}')
  await expect.element(inspector().getByText('The order could not be kept.')).toBeVisible()
  expect(titles()).toEqual(['This computer', 'B', 'A'])
})

test('a row is dragged to its place', async () => {
  const { bridge } = await open([openeo('A'), openeo('B'), openeo('C')])
  await row(/^C,/).dropTo(row(/^A,/), { targetPosition: { x: 40, y: 6 } })
  await expect.poll(titles).toEqual(['C', 'A', 'B'])
  expect(bridge.inputsOf('connections.update')).toEqual([{ id: 'C', position: 0 }])
})

test('switched off and on again; the menu is the inspector’s list', async () => {
  const { app, bridge } = await open([embedded, openeo('Terrascope')])
  await row(/Terrascope/).click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Switch connection off' }).click()
  await expect.element(row(/Terrascope, Off/)).toBeVisible()
  await inspector().getByRole('button', { name: 'Switch on' }).click()
  await expect.element(row(/Terrascope, Signed out/)).toBeVisible()
  expect(bridge.inputsOf('connections.update')).toEqual([
    { id: 'Terrascope', isDisabled: true },
    { id: 'Terrascope', isDisabled: false },
  ])
  // the page's own button is not repeated at its foot
  const foot = inspector().getByRole('group', { name: 'Actions for the selection' })
  await expect.element(foot.getByRole('button', { name: 'Browse its catalogue' })).toBeVisible()
  expect(foot.getByRole('button', { name: 'Sign in' }).elements()).toHaveLength(0)
  expect(app.actions.of({ kind: 'connection', id: 'Terrascope' }).map(({ title }) => title)).toEqual([
    'Sign in',
    'Browse its catalogue',
    'Connect again',
    'Copy address',
    'Open Documentation',
    'Add another account',
    'Rename connection',
    'Switch connection off',
    'Remove connection',
    'Move up in the list',
    'Move down in the list',
  ])
})

test('the one that comes with Swath is neither renamed, switched off nor removed', async () => {
  const { app } = await open([embedded])
  const ids = app.actions.of({ kind: 'connection', id: 'embedded' }).map(({ id }) => id)
  for (const id of ['rename', 'switch', 'remove', 'add-account']) expect(ids).not.toContain(`connections.${id}`)
})

test('its catalogue is one press away', async () => {
  const { app } = await open()
  await row(/This computer/).click()
  await inspector().getByRole('button', { name: 'Browse its catalogue' }).click()
  expect(app.shell.feature).toBe('catalogue')
})

test('before it is removed, what goes along is said; a failure leaves it there', async () => {
  const { bridge, app } = await open([embedded, openeo('Terrascope', { signIn: 'signed-in' })])
  await row(/Terrascope/).click()
  await userEvent.keyboard('{Delete}')
  const dialog = page.getByRole('dialog', { name: 'Remove “Terrascope”?' })
  for (const words of [
    /You will be signed out/,
    /1 job has not ended. It goes on/,
    /310 entries/,
    /4 jobs stay/,
    /2 results stay/,
  ])
    await expect.element(dialog.getByText(words)).toBeVisible()
  await expectAccessible()
  bridge.answer('connections.remove', () => {
    throw new FakeFailure({ code: 'disk-full', message: 'It could not be removed.' })
  })
  await dialog.getByRole('button', { name: 'Remove' }).click()
  await expect.element(dialog.getByText('It could not be removed.')).toBeVisible()
  expect(app.stores.connections.count).toBe(2)
  bridge.answer('connections.remove', () => undefined)
  await dialog.getByRole('button', { name: 'Remove' }).click()
  await expect.poll(() => app.stores.connections.count).toBe(1)
  await expect.element(page.getByText('“Terrascope” is removed.')).toBeVisible()
  expect(document.querySelector('dialog')).toBeNull()
})

test('accessible, also without any; the empty place leads to adding', async () => {
  await open()
  await row(/Copernicus/).click()
  await expectAccessible()
  await open([])
  await expect.element(page.getByText('No connection yet')).toBeVisible()
  await expectAccessible()
  await page.getByRole('button', { name: 'Add connection' }).click()
  await expect.element(page.getByRole('dialog', { name: 'Add a connection' })).toBeVisible()
})

test('the badge counts what does not answer and what needs a sign-in', () => {
  expect(connectionBadge([embedded, openeo('A')])).toBeUndefined()
  expect(connectionBadge([failed, embedded])).toMatchObject({ count: 1, says: 'One connection does not answer' })
  expect(
    connectionBadge([failed, openeo('A', { signIn: 'expired' }), openeo('B', { signIn: 'expired' })]),
  ).toMatchObject({ count: 3, says: 'One connection does not answer, 2 connections need a sign-in' })
  // what is switched off needs nobody
  expect(connectionBadge([openeo('A', { signIn: 'expired', state: 'disabled' })])).toBeUndefined()
  expect(connectionTroubles([openeo('A', { federation: members })])).toEqual({ failed: 0, signIn: 0, members: 1 })
})

test('of several things the most pressing one is said', () => {
  expect(connectionState({ ...embedded, signIn: 'signed-in' }).says).toBe('Connected')
  const says = (more: object) => connectionState(openeo('A', more)).says
  expect(says({ state: 'disabled', signIn: 'expired' })).toBe('Off')
  expect(says({ state: 'failed', signIn: 'expired' })).toBe('Does not answer')
  expect(says({ state: 'failed', refusedCertificate: certificate() })).toBe('Certificate is not trusted')
  expect(says({ signIn: 'expired' })).toBe('Session has ended')
  expect(says({ signIn: 'signed-out' })).toBe('Connected, signed out')
  expect(says({ signInFailure: { ...failure, code: 'secret-unreadable' } })).toBe('Sign-in cannot be read')
})

test('members in words, those of unknown state told apart', () => {
  const of = (...states: string[]) =>
    memberWords({ federation: states.map((status, id) => ({ ...members[0], id: `${id}`, status })) as never })
  expect(of()).toBeUndefined()
  expect(of('online')).toBe('1 of 1 member online')
  expect(of('online', 'offline', 'unknown')).toBe('1 of 3 members online, 1 not known')
  expect(of('unknown', 'unknown')).toBe('2 members')
})

test('a name stands beside a connection only where another one has the same address', () => {
  const [one, other] = [openeo('A', { userId: 'u1' }), openeo('B')]
  expect(accountBeside(one, [one, other])).toBeUndefined()
  const twin = { ...other, url: one.url }
  expect(accountBeside(one, [one, twin])).toBe('u1')
  expect(accountBeside(twin, [one, twin])).toBe('no account yet')
})
