/** Promise: each way to sign in works by keyboard and is read aloud; each failure has its sentence and its next step. */
import { expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import type { Connection } from '../../../preload/contract/connections.ts'
import type { ErrorCode } from '../../../preload/contract/errors.ts'
import { connectionsPageOf } from '../../../renderer/connections/connections.svelte.ts'
import { countdown, methodOf, spelled, timeLeft } from '../../../renderer/connections/sign-in/sign-in-words.ts'
import { setClipboard } from '../../../renderer/ui/clipboard.ts'
import { expectAccessible } from '../app/axe.ts'
import { FakeFailure } from '../app/fake-bridge.ts'
import { mountPages } from '../graphs/mount-pages.ts'
import { ago, ahead, connectionsBridge, embedded, methods, openeo, pendingCode } from './world.ts'

async function open(connection: Connection, answers: Record<string, (input: never) => unknown> = {}) {
  const world = connectionsBridge([embedded, connection], answers)
  const app = await mountPages(world.bridge, 'connections')
  await expect.poll(() => app.stores.connections.count).toBe(2)
  app.shell.inspect('connection', connection.id)
  return { app, ...world }
}
const section = () => page.getByRole('region', { name: 'Sign-in' })
const button = (name: string | RegExp) => section().getByRole('button', { name })
const started = (of: Connection, more: object) => ({ ...of, revision: of.revision + 1, ...more })
const signedOut = openeo('Platform')

test('the code way: the code is big, read aloud, copied; its page opens; the focus follows', async () => {
  const copied: string[] = []
  setClipboard(async (text) => void copied.push(text))
  const { bridge, change } = await open(signedOut, {
    'connections.startSignIn': () =>
      started(signedOut, {
        signIn: 'signing-in',
        pendingSignIn: { ...pendingCode, step: 'asking', userCode: null, verificationUri: null, expiresAt: null },
      }),
    'connections.openSignInPage': () => undefined,
  })
  await button('Sign in with EGI Check-in').click()
  await expect.element(section().getByText('Asking EGI Check-in …')).toBeVisible()
  expect(bridge.inputsOf('connections.startSignIn')).toEqual([
    { id: 'Platform', method: { way: 'device', providerId: 'egi' } },
  ])
  change('Platform', { revision: 3, signIn: 'signing-in', pendingSignIn: pendingCode })
  await expect.element(section().getByText('WDJB-MJHT')).toBeVisible()
  await expect
    .element(
      section()
        .getByRole('status')
        .getByText(/W D J B, M J H T/),
    )
    .toBeInTheDocument()
  await expect.element(section().getByText(/valid for another [789]:\d\d min/)).toBeVisible()
  await expectAccessible()
  await button('Copy code').click()
  expect(copied).toEqual(['WDJB-MJHT'])
  await button('Open page').click()
  expect(bridge.inputsOf('connections.openSignInPage')).toEqual([{ id: 'Platform' }])
  change('Platform', { revision: 4, signIn: 'signing-in', pendingSignIn: { ...pendingCode, isDisturbed: true } })
  await expect.element(section().getByText('The provider cannot be reached at the moment')).toBeVisible()
  change('Platform', { revision: 5, signIn: 'signed-in', pendingSignIn: undefined, userName: 'Jane Doe' })
  await expect.element(section().getByRole('status').getByText('Signed in as Jane Doe.')).toBeInTheDocument()
  await expect.element(button('Sign out')).toBeVisible()
})

test('beside a session that stands another sign-in can be seen and called off; a foreign page is named', async () => {
  const signedIn = openeo('Platform', { signIn: 'signed-in', userName: 'Jane', pendingSignIn: pendingCode })
  const { bridge, change } = await open(signedIn, {
    'connections.cancelSignIn': () => started(signedIn, { pendingSignIn: undefined }),
  })
  await expect.element(section().getByText('WDJB-MJHT')).toBeVisible()
  await expect.element(section().getByText(/The session of before serves/)).toBeVisible()
  expect(
    section()
      .getByText(/neither the provider nor the back-end/)
      .elements(),
  ).toEqual([])
  change('Platform', { revision: 3, pendingSignIn: { ...pendingCode, foreignHost: 'login.elsewhere.example' } })
  await expect.element(section().getByText('login.elsewhere.example')).toBeVisible()
  await expectAccessible()
  await button('Cancel sign-in').click()
  expect(bridge.inputsOf('connections.cancelSignIn')).toEqual([{ id: 'Platform' }])
})

test('by keyboard: Enter begins, and the focus goes to the page’s button as soon as there is a code', async () => {
  const { change } = await open(signedOut, {
    'connections.startSignIn': () => started(signedOut, { signIn: 'signing-in', pendingSignIn: pendingCode }),
  })
  await expect.element(button('Sign in with EGI Check-in')).toBeVisible()
  ;(button('Sign in with EGI Check-in').element() as HTMLElement).focus()
  await userEvent.keyboard('{Enter}')
  await expect.element(button('Copy code')).toHaveFocus()
  change('Platform', { revision: 9, signIn: 'signed-in', pendingSignIn: undefined })
  await expect.element(button('Sign out')).toHaveFocus()
})

test('a sign-in is called off', async () => {
  const waiting = openeo('Platform', {
    signIn: 'signing-in',
    pendingSignIn: { ...pendingCode, step: 'browser', userCode: null },
  })
  const { bridge } = await open(waiting, {
    'connections.cancelSignIn': () => started(waiting, { signIn: 'signed-out', pendingSignIn: undefined }),
  })
  await expect.element(section().getByText(/The browser is open at EGI Check-in/)).toBeVisible()
  await expectAccessible()
  await button('Cancel sign-in').click()
  await expect.element(button('Sign in with EGI Check-in')).toBeVisible()
  expect(bridge.inputsOf('connections.cancelSignIn')).toEqual([{ id: 'Platform' }])
})

test('other ways: the browser, an own client, a service account; what is missing is said at its field', async () => {
  const { bridge } = await open(signedOut, { 'connections.startSignIn': () => started(signedOut, {}) })
  await section().getByText('Other ways').click()
  const way = section().getByRole('combobox', { name: 'Way' })
  await button('Sign in this way').click()
  await way.selectOptions('In the browser, through a client of your own')
  await expect.element(section().getByText('http://127.0.0.1:17171/signed-in')).toBeVisible()
  await button('Sign in this way').click()
  await expect.element(section().getByText('A client id is needed.')).toBeVisible()
  await expect.element(section().getByRole('textbox', { name: 'Client id' })).toHaveFocus()
  await section().getByRole('textbox', { name: 'Client id' }).fill('my-client')
  await button('Sign in this way').click()
  await way.selectOptions('Service account (client id and secret)')
  await button('Sign in this way').click()
  await expect.element(section().getByText('A client secret is needed.')).toBeVisible()
  await expectAccessible()
  await section().getByLabelText('Client secret', { exact: true }).fill('s3cr3t')
  await button('Sign in this way').click()
  await expect
    .poll(() => bridge.inputsOf('connections.startSignIn').map((input) => (input as { method: object }).method))
    .toEqual([
      { way: 'browser', providerId: 'egi' },
      { way: 'browser', providerId: 'egi', clientId: 'my-client' },
      { way: 'client-credentials', providerId: 'egi', clientId: 'my-client', clientSecret: 's3cr3t' },
    ])
  // the secret went to main and is not kept in the form
  await expect.element(section().getByLabelText('Client secret', { exact: true })).toHaveValue('')
})

test('a provider without a usable client says so and opens the other ways', async () => {
  await open(signedOut)
  await section().getByRole('combobox', { name: 'Provider' }).selectOptions('Own accounts')
  await expect.element(section().getByText('This provider needs a client of your own')).toBeVisible()
  await expect.element(section().getByRole('combobox', { name: 'Way' })).toBeVisible()
})

test('user name and password: where they are refused, the name stays and the password is typed again; taken ones go', async () => {
  const basic = openeo('Old one', { offers: ['basic'] })
  const asking = { ...pendingCode, step: 'asking', userCode: null, verificationUri: null, expiresAt: null }
  const { bridge, change } = await open(basic, {
    'connections.signInMethods': () => methods({ hasBasic: true, providers: [] }),
    'connections.startSignIn': async () => {
      change('Old one', { revision: 2, signIn: 'signing-in', pendingSignIn: asking })
      await expect.element(button('Cancel sign-in')).toHaveFocus()
      change('Old one', { revision: 3, signIn: 'signed-out', pendingSignIn: undefined })
      throw new FakeFailure({ code: 'credentials-refused', message: 'The back-end refused the password.' })
    },
  })
  await button('Sign in').click()
  await expect.element(section().getByRole('textbox', { name: 'User name' })).toHaveFocus()
  await section().getByRole('textbox', { name: 'User name' }).fill('jane')
  const password = section().getByLabelText('Password', { exact: true })
  await expect.element(password).toHaveAttribute('autocomplete', 'current-password')
  await password.fill('wrong')
  await userEvent.keyboard('{Enter}')
  await expect.element(section().getByRole('alert').getByText('The back-end refused the password.')).toBeVisible()
  await expect.element(section().getByText('Check what was typed, and try again.')).toBeVisible()
  await expect.element(section().getByRole('textbox', { name: 'User name' })).toHaveValue('jane')
  await expect.element(password).toHaveValue('')
  await expect.element(password).toHaveFocus()
  await expectAccessible()
  bridge.answer('connections.startSignIn', () => ({
    ...started(basic, { signIn: 'signed-in', userId: 'jane' }),
    revision: 9,
  }))
  await password.fill('right')
  await userEvent.keyboard('{Enter}')
  await expect.element(section().getByText('jane')).toBeVisible()
  expect(document.body.innerHTML).not.toContain('right"')
})

test('Sentinel Hub is asked for a client id and secret', async () => {
  await open(openeo('SH', { offers: ['basic'], url: 'https://openeo.sentinel-hub.com/production' }), {
    'connections.signInMethods': () => methods({ hasBasic: true, providers: [] }),
  })
  await expect.element(section().getByRole('textbox', { name: 'Client ID' })).toBeVisible()
  await expect.element(section().getByLabelText('Client secret', { exact: true })).toBeVisible()
})

const failureOf = (code: ErrorCode, more: object = {}) => ({
  code,
  message: `A sentence about ${code}.`,
  retry: 'now',
  logRef: 'log-1',
  ...more,
})
test.for([
  ['sign-in-expired', 'The sign-in was not finished in time.', 'Get a new code'],
  ['provider-unavailable', 'The sign-in service does not answer.', 'Try again'],
  ['clock-skew', 'The clock of this computer differs too much from the server’s.', 'Try again'],
] as const)('%s: its sentence, and the next step begins again', async ([code, says, next]) => {
  const { bridge } = await open(openeo('Platform', { signInFailure: failureOf(code) }), {
    'connections.startSignIn': () => started(signedOut, { signIn: 'signing-in', pendingSignIn: pendingCode }),
  })
  await expect.element(section().getByText(says)).toBeVisible()
  await expect.element(section().getByText(`A sentence about ${code}.`)).toBeVisible()
  await button(next).click()
  await expect.poll(() => bridge.inputsOf('connections.startSignIn')).toHaveLength(1)
})

test('not enrolled: the next step opens in the browser', async () => {
  const link = { href: 'https://enrol.example.org/vo', title: 'Enrol at openEO Platform' }
  const { bridge } = await open(openeo('Platform', { signInFailure: failureOf('not-enrolled', { link }) }))
  await button('Enrol at openEO Platform').click()
  expect(bridge.inputsOf('diagnostics.openLink')).toEqual([{ url: link.href }])
  // nobody is sent to the page where they are
  expect(button('Open connections').elements()).toHaveLength(0)
  await expectAccessible()
})

test('a session that has ended asks for a new one, prominently', async () => {
  await open(openeo('Platform', { signIn: 'expired' }))
  await expect.element(section().getByText('The session has ended')).toBeVisible()
  await expect.element(button('Sign in again with EGI Check-in')).toBeVisible()
})

test('where the sign-in is kept; in memory only comes with advice', async () => {
  await open(signedOut)
  await expect.element(section().getByText(/System keychain: /)).toBeVisible()
  await open(signedOut, {
    'diagnostics.secretStore': () => ({ active: 'memory', reason: 'There is no keychain.' }),
  })
  await expect.element(section().getByText('Kept in memory only')).toBeVisible()
  await expect.element(section().getByText(/install or unlock a keychain/)).toBeVisible()
})

test('signing out says whether the provider ended the session', async () => {
  const signedIn = openeo('Platform', { signIn: 'signed-in', userName: 'Jane' })
  let isRevoked = true
  const { change } = await open(signedIn, {
    'connections.signOut': () => ({
      connection: started(signedIn, { signIn: 'signed-out', userName: undefined }),
      isRevoked,
    }),
  })
  await button('Sign out').click()
  await expect.element(page.getByText('Signed out. The provider has ended the session.')).toBeVisible()
  await expect.element(button('Sign in with EGI Check-in')).toBeVisible()
  isRevoked = false
  change('Platform', { revision: 3, signIn: 'signed-in' })
  signedIn.revision = 5
  await button('Sign out').click()
  await expect.element(page.getByText(/did not confirm the end of the session/)).toBeVisible()
})

test('another account is another connection, its sign-in waiting', async () => {
  const signedIn = openeo('Platform', { signIn: 'signed-in', userName: 'Jane' })
  const { app } = await open(signedIn, { 'connections.addAccount': () => openeo('Second', { url: signedIn.url }) })
  await button('Add another account').click()
  await expect.poll(() => app.selection.current?.id).toBe('Second')
  await expect.element(button('Sign in with EGI Check-in')).toHaveFocus()
})

test('the ways cannot be asked for: said, and tried again', async () => {
  const { bridge } = await open(signedOut, {
    'connections.signInMethods': () => {
      throw new FakeFailure({ code: 'time-out', message: 'The back-end did not answer in time.' })
    },
  })
  await expect.element(section().getByText('The back-end did not answer in time.')).toBeVisible()
  bridge.answer('connections.signInMethods', () => methods())
  await button('Try again').click()
  await expect.element(button('Sign in with EGI Check-in')).toBeVisible()
})

test('a new connection that is still connecting: the sign-in has the focus as soon as it can be used', async () => {
  const { app, change } = await open(openeo('Platform', { state: 'connecting' }))
  connectionsPageOf(app).show('Platform', true)
  await expect.element(section().getByText('This needs an answer of the back-end first.')).toBeVisible()
  change('Platform', { state: 'connected' })
  await expect.element(button('Sign in with EGI Check-in')).toHaveFocus()
})

test('codes, clocks and methods', () => {
  expect(spelled('WDJB-MJHT')).toBe('W D J B, M J H T')
  expect(countdown(new Date(61_500).toISOString(), 0)).toBe('1:02')
  expect(countdown(new Date(0).toISOString(), 5000)).toBe('0:00')
  const span = { ...pendingCode, startedAt: ago(5), expiresAt: ahead(5) }
  expect(timeLeft(span, Date.now())).toBeCloseTo(0.5, 2)
  expect(timeLeft({ ...span, expiresAt: null }, Date.now())).toBeNull()
  expect(methodOf('own-browser', 'p', { clientId: ' c ', clientSecret: '' })).toEqual({
    way: 'browser',
    providerId: 'p',
    clientId: 'c',
  })
})
