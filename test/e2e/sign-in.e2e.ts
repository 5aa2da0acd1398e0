/**
 * A back-end from its address to its catalogue, by mouse, with real parts: an OpenID provider, a keyring, a killed
 * application, a token that has ended, a network that is cut, and the end of the session.
 */
import { rm } from 'node:fs/promises'
import { expect, test } from '@playwright/test'
import { type OidcServer, startOidcServer } from '../fakes/oidc-server.ts'
import { usersOf } from '../fakes/oidc-users.ts'
import { fillWithSamples } from '../fakes/openeo/samples.ts'
import { type FakeBackEnd, startBackEnd } from '../fakes/openeo-back-end.ts'
import { PYTHON_DRIVER } from '../fakes/profiles/python-driver.ts'
import { openedPages, watchBrowser } from './support/browser.ts'
import { keptSession } from './support/keyring.ts'
import { launchSwath, type Swath } from './support/launch.ts'
import { expectNoLeaks } from './support/leaks.ts'
import { CataloguePage } from './support/pages/catalogue.ts'
import { ConnectionsPage } from './support/pages/connections.ts'

const SIZE = { width: 1280, height: 800 }
const TITLE = 'Python driver'
let swath: Swath
let oidc: OidcServer
let backEnd: FakeBackEnd

test.beforeEach(async () => {
  oidc = await startOidcServer({ accessTokenLivesS: 60 })
  const verify = usersOf(oidc, () => ({ name: 'Ada Analyst' }))
  backEnd = fillWithSamples(
    await startBackEnd({ profile: PYTHON_DRIVER, issuer: oidc.url, clientId: 'desktop', verify }),
  )
  oidc.allow(backEnd.url)
})
test.afterEach(async ({}, info) => {
  if (info.status !== info.expectedStatus)
    await info.attach('window', { body: await swath.page.screenshot(), contentType: 'image/png' })
  await swath.close()
  await backEnd.close()
  await oidc.close()
  await rm(swath.userData, { recursive: true, force: true, maxRetries: 5 })
})

type Connection = { id: string; url: string; state: string; signIn: string }
const connection = async () =>
  (await swath.call<Connection[]>('connections', 'list')).find(({ url }) => url === backEnd.url) as Connection
const refreshes = () => oidc.requests.filter(({ form }) => form.get('grant_type') === 'refresh_token')
/** Bearers that came to the back-end, without repetitions. */
const bearers = () => [...new Set(backEnd.requests.flatMap(({ authorization }) => authorization ?? []))]

/** From an address to a connection; what has to be agreed to is agreed to by hand. */
async function addByAddress(connections: ConnectionsPage): Promise<void> {
  const { dialog } = connections
  await connections.look(backEnd.address)
  await expect(dialog.getByRole('heading', { name: TITLE })).toBeVisible()
  const connect = dialog.getByRole('button', { name: 'Connect', exact: true })
  const terms = dialog.getByRole('checkbox', { name: 'I agree to the terms of service' })
  const privacy = dialog.getByRole('checkbox', { name: 'I agree to the privacy policy' })
  await expect(terms).not.toBeChecked()
  await expect(privacy).not.toBeChecked()
  await expect(connect).toBeDisabled()
  await expect(connect).toHaveAccessibleDescription('Agree to the terms of service and the privacy policy to connect.')
  await terms.check()
  await expect(connect).toBeDisabled()
  await expect(connect).toHaveAccessibleDescription('Agree to the privacy policy to connect.')
  await privacy.check()
  expect(backEnd.requests.some(({ authorization }) => authorization !== undefined)).toBe(false)
  await connect.click()
  await expect(dialog).toBeHidden()
  await expect.poll(async () => (await connection())?.state).toBe('connected')
}

/** Signs in with a code: the page that Swath has opened is visited by the user, and nothing else. */
async function signInWithCode(connections: ConnectionsPage): Promise<void> {
  const section = connections.section('Sign-in')
  await section.getByRole('button', { name: 'Sign in with Data Space' }).click()
  const code = section.locator('output')
  await expect(code).toHaveText(/^[A-Z]{4}-[A-Z]{4}$/)
  const userCode = (await code.innerText()).trim()
  expect(await openedPages(swath)).toEqual([])
  await section.getByRole('button', { name: 'Open page' }).click()
  const address = `${oidc.url}/device?user_code=${userCode}`
  await expect.poll(() => openedPages(swath)).toEqual([address])
  await oidc.visit(address)
  await expect(section.getByText('Signed in as Ada Analyst', { exact: true })).toBeVisible()
  await expect(connections.row(TITLE)).toHaveAccessibleName(/Signed in/)
}

test('address, consent, code, kill -9, refreshed token, no network, signed out', async () => {
  swath = await launchSwath({ size: SIZE })
  const { userData } = swath
  let connections = new ConnectionsPage(swath.page)
  await watchBrowser(swath)
  await addByAddress(connections)
  await signInWithCode(connections)
  const { id } = await connection()
  const before = await keptSession(id)
  expect(before).toMatchObject({ way: 'device', rootUrl: backEnd.url, clientId: 'desktop' })
  expect(before).not.toHaveProperty('accessToken')

  let catalogue = new CataloguePage(swath.page)
  await catalogue.find('sentinel2')
  await expect(catalogue.rows('SENTINEL2_L2A')).toHaveCount(1)
  await catalogue.openEntry('SENTINEL2_L2A')
  await expect(catalogue.inspector.getByRole('heading', { name: '5 bands' })).toBeVisible()
  expect(swath.problems).toEqual([])
  await expectNoLeaks(swath)
  await swath.kill()
  expect(refreshes()).toHaveLength(0)

  // the next launch: signed in without a question; the kept refresh token is used once, and replaced before it is used
  swath = await launchSwath({ userData, size: SIZE })
  connections = new ConnectionsPage(swath.page)
  catalogue = new CataloguePage(swath.page)
  await connections.choose(TITLE)
  await expect(connections.section('Sign-in').getByText('Signed in as Ada Analyst', { exact: true })).toBeVisible()
  await expect.poll(() => refreshes().length).toBe(1)
  expect(oidc.count('POST /device/auth')).toBe(1)
  expect(refreshes()[0]?.form.get('refresh_token')).toBe(before?.refreshToken)
  const rotated = await keptSession(id)
  expect(rotated?.refreshToken).not.toBe(before?.refreshToken)
  expect(oidc.issued().map(({ value }) => value)).toContain(rotated?.refreshToken)

  // the access token ends before its time: refused once, refreshed once, sent again once
  const [, second] = bearers()
  expect(second).toBeDefined()
  await expect.poll(async () => (await connection()).state).toBe('connected')
  oidc.expireAccessTokens()
  const requestCount = backEnd.requests.length
  await connections.frame.act('Connect again')
  await expect.poll(() => refreshes().length).toBe(2)
  await expect.poll(() => bearers().length).toBe(3)
  const third = bearers()[2]
  expect(refreshes()[1]?.form.get('refresh_token')).toBe(rotated?.refreshToken)
  const asked = backEnd.requests.slice(requestCount).filter(({ line }) => line === 'GET /')
  expect(asked.map(({ authorization }) => authorization)).toEqual([second, third])
  await expect(connections.row(TITLE)).toHaveAccessibleName(/Signed in/)

  // the network is cut: what was read is there, and says how old it is
  backEnd.down()
  oidc.isDown = true
  await connections.frame.act('Connect again')
  await expect(connections.row(TITLE)).toHaveAccessibleName(/Not reachable/)
  await catalogue.find('sentinel2')
  await expect(catalogue.rows('SENTINEL2_L2A')).toHaveCount(1)
  await expect(swath.page.getByText(/^as of (just now|\d+ s ago|\d+ min ago)$/)).toBeVisible()
  await catalogue.openEntry('SENTINEL2_L2A')
  await expect(catalogue.inspector.getByRole('heading', { name: '5 bands' })).toBeVisible()
  await expect(catalogue.inspector.getByText('swir16')).toBeVisible()
  await catalogue.find('reduce')
  await catalogue.openEntry('reduce_dimension')
  await expect(catalogue.inspector.getByText('reducer').first()).toBeVisible()

  // back again, and out: revoked at the provider, gone from the keyring, refused by the back-end
  backEnd.up()
  oidc.isDown = false
  await connections.choose(TITLE)
  await connections.frame.act('Connect again')
  await expect(connections.row(TITLE)).toHaveAccessibleName(/Signed in/)
  const last = bearers().at(-1) as string
  await connections.section('Sign-in').getByRole('button', { name: 'Sign out' }).click()
  await expect(swath.page.getByText('Signed out. The provider has ended the session.')).toBeVisible()
  expect(await keptSession(id)).toBeNull()
  expect(oidc.count('POST /token/revocation')).toBeGreaterThan(0)
  const answer = await fetch(`${backEnd.url}/me`, { headers: { authorization: last } })
  expect(answer.status).toBe(403)
  await expect(connections.row(TITLE)).toHaveAccessibleName(/Signed out/)
  expect(swath.problems).toEqual([])
  await expectNoLeaks(swath)
})
