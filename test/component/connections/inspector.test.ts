/** Promise: what a back-end says of itself and of the account is shown with its age, and nothing of it is followed blindly. */
import { expect, test } from 'vitest'
import { page } from 'vitest/browser'
import type { Connection } from '../../../preload/contract/connections.ts'
import { budgetWords, storageOf } from '../../../renderer/connections/account-words.ts'
import { connectionState } from '../../../renderer/connections/connection-words.ts'
import { removalWords } from '../../../renderer/connections/removal-words.ts'
import { expectAccessible } from '../app/axe.ts'
import { FakeFailure } from '../app/fake-bridge.ts'
import { mountPages } from '../graphs/mount-pages.ts'
import { account, ago, certificate, connectionsBridge, details, embedded, members, openeo, terms } from './world.ts'

async function open(connection: Connection, answers: Record<string, (input: never) => unknown> = {}) {
  const world = connectionsBridge([embedded, connection], answers)
  const app = await mountPages(world.bridge, 'connections')
  await expect.poll(() => app.stores.connections.count).toBe(2)
  app.shell.inspect('connection', connection.id)
  await expect.element(inspector().getByRole('heading', { name: connection.title })).toBeVisible()
  return { app, ...world }
}
const inspector = () => page.getByRole('region', { name: 'Inspector' })
const section = (name: string) => page.getByRole('region', { name, exact: true })
const signedIn = openeo('Platform', { signIn: 'signed-in', userName: 'Jane Doe' })

test('account: budget with its currency, storage in words and as a bar, plans, links, age, read again', async () => {
  const { bridge } = await open(signedIn)
  const shown = section('Account')
  for (const words of [
    '412.5 EUR',
    '75 % used',
    '75 GB of 100 GB in use, 25 GB free',
    'researcher',
    'As of 12 min ago',
  ])
    await expect.element(shown.getByText(words, { exact: true })).toBeVisible()
  await expect
    .element(shown.getByRole('progressbar', { name: 'Storage in use' }))
    .toHaveAttribute('aria-valuenow', '75')
  await shown.getByText('Plans', { exact: true }).click()
  await expect.element(shown.getByText('Yours')).toBeVisible()
  await expectAccessible()
  await shown.getByRole('link', { name: /Dashboard/ }).click()
  expect(bridge.inputsOf('diagnostics.openLink')).toEqual([{ url: 'https://example.org/dashboard' }])
  await shown.getByRole('button', { name: 'Read the account again' }).click()
  await expect.element(shown.getByText('400 EUR')).toBeVisible()
  await expect.element(shown.getByText('As of just now')).toBeVisible()
})

test('an account that was never read is asked for once; what is kept stays when that fails', async () => {
  const { bridge } = await open(signedIn, { 'connections.account': () => null })
  await expect.element(section('Account').getByText('400 EUR')).toBeVisible()
  expect(bridge.inputsOf('connections.refreshAccount')).toHaveLength(1)
  bridge.answer('connections.refreshAccount', () => {
    throw new FakeFailure({ code: 'offline', message: 'There is no network.' })
  })
  await section('Account').getByRole('button', { name: 'Read the account again' }).click()
  await expect.element(section('Account').getByText('There is no network.')).toBeVisible()
  await expect.element(section('Account').getByText('400 EUR')).toBeVisible()
})

test('members: what is down comes first and is said at the top; descriptions are Markdown', async () => {
  const { change } = await open(openeo('Platform', { federation: members }))
  await expect.element(inspector().getByText(/EODC\s+does\s+not\s+answer/)).toBeVisible()
  const names = () => [...document.querySelectorAll('details .name')].map((one) => one.textContent)
  await expect.poll(names).toEqual(['EODC', 'Terrascope', 'CREODIAS'])
  await expect.element(inspector().getByText('Experimental')).toBeVisible()
  await expect.element(inspector().getByText('last answered 3 h ago')).toBeVisible()
  await expectAccessible()
  change('Platform', { federation: members.map((one) => ({ ...one, status: 'online' })) })
  await expect.element(inspector().getByText(/3 of 3 members online/)).toBeVisible()
  expect(
    inspector()
      .getByText(/EODC\s+does\s+not\s+answer/)
      .elements(),
  ).toHaveLength(0)
})

test('offers, lacks with their reason, links that may be followed, technical details', async () => {
  await open(signedIn)
  await inspector().getByText('What it lacks (1)').click()
  await expect.element(inspector().getByText('The back-end does not estimate what a job costs.')).toBeVisible()
  await inspector().getByText('What it offers (7)').click()
  await inspector().getByText('Links (2)').click()
  await expect.element(inspector().getByRole('link', { name: /Documentation/ })).toBeVisible()
  expect(inspector().getByRole('link', { name: /Prize/ }).elements()).toHaveLength(0)
  await inspector().getByText('Technical details').click()
  await expect.element(inspector().getByText('GET, POST /jobs')).toBeVisible()
  await expect.element(inspector().getByText('2 conformance classes')).toBeVisible()
  await expectAccessible()
})

test('new terms ask, nothing is ticked, and the list says when they were agreed to', async () => {
  const agreedAt = ago(60)
  const consent = { code: 'consent-needed', message: 'The terms have changed.', retry: 'never', logRef: 'l' } as const
  const waiting = openeo('Platform', { state: 'failed', failure: consent })
  const { bridge } = await open(waiting, {
    'connections.details': ({ id }: { id: string }) => details(id, { terms }),
    'connections.agree': () => ({ ...openeo('Platform'), revision: 2 }),
  })
  const shown = section('Terms')
  await expect.element(shown.getByRole('button', { name: 'Agree' })).toBeDisabled()
  for (const box of shown.getByRole('checkbox').all()) {
    await expect.element(box).not.toBeChecked()
    await box.click()
  }
  await expectAccessible()
  bridge.answer('connections.details', (() =>
    details('Platform', { terms: terms.map((one) => ({ ...one, agreedAt })) })) as never)
  await shown.getByRole('button', { name: 'Agree' }).click()
  await expect.element(shown.getByText(/agreed on/).first()).toBeVisible()
  expect(bridge.inputsOf('connections.agree')).toEqual([
    { id: 'Platform', agreed: ['https://example.org/terms', 'https://example.org/privacy'] },
  ])
})

test('a certificate that changed is not the trusted one; trust and distrust are explicit', async () => {
  const trusted = certificate({ sha256: 'ab'.repeat(32) })
  const refused = certificate()
  const untrusted = {
    code: 'untrusted-certificate',
    message: 'The certificate is not trusted.',
    retry: 'never',
    logRef: 'l',
  }
  const broken = openeo('Station', {
    state: 'failed',
    failure: untrusted,
    trustedCertificate: trusted,
    refusedCertificate: refused,
  })
  const healed = { ...openeo('Station'), revision: 2, trustedCertificate: refused }
  const { bridge } = await open(broken, {
    'connections.trustCertificate': () => healed,
    'connections.distrustCertificate': () => ({ ...openeo('Station'), revision: 3 }),
  })
  await expect.element(inspector().getByText('It is another one than the one you trust')).toBeVisible()
  await expectAccessible()
  await inspector().getByRole('button', { name: 'Trust it for this connection' }).click()
  expect(bridge.inputsOf('connections.trustCertificate')).toEqual([{ id: 'Station', sha256: refused.sha256 }])
  await inspector().getByText('Certificate you trust').click()
  await inspector().getByRole('button', { name: 'Do not trust it any more' }).click()
  await expect
    .poll(() => bridge.inputsOf('connections.distrustCertificate'))
    .toEqual([{ id: 'Station', sha256: refused.sha256 }])
})

test('the certificate of another host is shown with that host, beside those that are trusted', async () => {
  const own = certificate({ host: 'station.example.org', sha256: 'ab'.repeat(32) })
  const issuer = certificate({ host: 'id.example.org', sha256: 'cd'.repeat(32) })
  const { bridge } = await open(
    openeo('Station', { trustedCertificate: own, trustedCertificates: [own], refusedCertificate: issuer }),
    {
      'connections.trustCertificate': () => ({ ...openeo('Station'), revision: 2, trustedCertificates: [own, issuer] }),
    },
  )
  await expect.element(inspector().getByText(/certificate of id\.example\.org, where this connection/)).toBeVisible()
  await expect.element(inspector().getByText('It is another one than the one you trust')).not.toBeInTheDocument()
  await expectAccessible()
  await inspector().getByRole('button', { name: 'Trust it for this connection' }).click()
  expect(bridge.inputsOf('connections.trustCertificate')).toEqual([{ id: 'Station', sha256: issuer.sha256 }])
  await expect.element(inspector().getByText('Certificate you trust: id.example.org')).toBeVisible()
  await expect.element(inspector().getByText('Certificate you trust: station.example.org')).toBeVisible()
})

test('an open way and a service that only answers are said', async () => {
  await open(openeo('Open', { url: 'http://open.example.org' }))
  await expect.element(inspector().getByText('The way is not encrypted')).toBeVisible()
  expect(connectionState(openeo('Store', { kind: 's3', signIn: 'not-needed', isOnlyReached: true })).says).toBe(
    'Answers',
  )
  expect(connectionState(openeo('Store', { kind: 's3', signIn: 'not-needed' })).says).toBe('Connected')
})

test('age of the catalogue’s lists, what came without a member, and the way there at the foot', async () => {
  const list = (name: string, more: object = {}) => ({
    connectionId: 'Platform',
    list: name,
    isOffered: true,
    count: 310,
    asOf: ago(42),
    missing: [],
    isReading: false,
    readCount: 0,
    failure: null,
    ...more,
  })
  const { app } = await open(openeo('Platform', { federation: members }), {
    'catalogue.lists': () => [
      list('collections', { missing: ['eodc'] }),
      list('processes', { isReading: true, readCount: 80 }),
    ],
  })
  await expect.element(section('Catalogue').getByText('310, 42 min ago')).toBeVisible()
  await expect.element(section('Catalogue').getByText('Came without EODC')).toBeVisible()
  await expect.element(section('Catalogue').getByText('80 read so far …')).toBeVisible()
  await inspector().getByRole('button', { name: 'Browse its catalogue' }).click()
  expect(app.shell.feature).toBe('catalogue')
})

test('settings of a catalogue: secrets are not shown, and a field left empty keeps the one there is', async () => {
  const catalogue = openeo('Cat', { kind: 'stac', signIn: 'not-needed', offers: [] })
  const { bridge } = await open(catalogue, {
    'connections.service': () => ({ kind: 'stac', dialect: 'stac-api', auth: 'bearer' }),
    'connections.changeService': () => ({ ...catalogue, revision: 2 }),
  })
  await expect.element(section('Settings').getByText('Bearer token, kept')).toBeVisible()
  await section('Settings').getByRole('button', { name: 'Change' }).click()
  await expect.element(section('Settings').getByLabelText('Token', { exact: true })).toHaveValue('')
  await expect.element(section('Settings').getByText('Left empty, the one that is kept stays.')).toBeVisible()
  await expectAccessible()
  await section('Settings').getByRole('button', { name: 'Keep' }).click()
  await expect
    .poll(() => bridge.inputsOf('connections.changeService'))
    .toEqual([{ id: 'Cat', url: catalogue.url, settings: { kind: 'stac', dialect: 'stac-api', auth: 'bearer' } }])
})

test('budget and storage in words', () => {
  const billing = { currency: 'EUR', defaultPlan: null, plans: [] }
  expect(budgetWords(null, { ...billing, currency: null })).toBe('Free of charge')
  expect(budgetWords(null, billing)).toBe('Not limited, or not stated')
  expect(budgetWords(0, billing)).toBe('0 EUR')
  expect(budgetWords(12.25, null)).toBe('12.25 credits')
  // more free than there is, or no quota at all, is no reason to show nonsense
  expect(storageOf({ freeBytes: 5, quotaBytes: 0 })).toMatchObject({ used: 1 })
  expect(storageOf({ freeBytes: 200, quotaBytes: 100 })).toMatchObject({ used: 0 })
  expect(account().more).toEqual({ project: 'Inn valley' })
})

test('a removal names only what there is', () => {
  const nothing = { jobCount: 0, openJobCount: 0, resultCount: 0, catalogueEntryCount: 0, isSignedIn: false }
  expect(removalWords(nothing)).toEqual(['Nothing at the back-end itself is deleted.'])
  expect(removalWords({ ...nothing, openJobCount: 2, jobCount: 2 })[0]).toMatch(/^2 jobs have not ended. They go on/)
})
