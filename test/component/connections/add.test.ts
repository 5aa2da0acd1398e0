/** Promise: a back-end is found by a few letters or an address; nothing is agreed to, trusted or sent unasked. */
import { expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import type { Connection } from '../../../preload/contract/connections.ts'
import { addressProblem, looksLikeAddress } from '../../../renderer/connections/add/address.ts'
import { droppedAddress } from '../../../renderer/connections/add/dropped-link.ts'
import { expectAccessible } from '../app/axe.ts'
import { FakeFailure } from '../app/fake-bridge.ts'
import { mountPages } from '../graphs/mount-pages.ts'
import { certificate, connectionsBridge, embedded, found, known, openeo } from './world.ts'

async function open(answers: Record<string, (input: never) => unknown> = {}, connections: Connection[] = [embedded]) {
  const { bridge } = connectionsBridge(connections, { 'connections.discover': () => found(), ...answers })
  const app = await mountPages(bridge, 'connections')
  app.actions
    .general()
    .find(({ id }) => id === 'connections.add')
    ?.run()
  await expect.element(field()).toHaveFocus()
  await expect.poll(() => document.querySelectorAll('[role="option"]').length).toBeGreaterThan(3)
  return { app, bridge }
}
const dialog = () => page.getByRole('dialog')
const field = () => page.getByRole('combobox', { name: 'Name or address' })
const button = (name: string | RegExp) => dialog().getByRole('button', { name })
const option = (name: string | RegExp) => dialog().getByRole('option', { name })

test('a few letters and Enter look at a known back-end; hidden ones are not offered', async () => {
  const { bridge } = await open()
  expect(option(/An old one/).elements()).toHaveLength(0)
  await expectAccessible()
  await userEvent.keyboard('open plat{Enter}')
  await expect.element(dialog().getByRole('heading', { name: 'openEO Platform' })).toBeVisible()
  expect(bridge.inputsOf('connections.discover')).toEqual([{ address: 'https://openeocloud.vito.be' }])
})

test('an address is the first choice; the arrows go on to the others and round', async () => {
  const { bridge } = await open()
  await field().fill('openeo.example.org')
  await expect.element(option(/Look at openeo.example.org/)).toHaveAttribute('aria-selected', 'true')
  await userEvent.keyboard('{ArrowUp}')
  await expect.element(option(/DestinE Data Lake …/)).toHaveAttribute('aria-selected', 'true')
  await userEvent.keyboard('{ArrowDown}{Enter}')
  await expect.poll(() => bridge.inputsOf('connections.discover')).toEqual([{ address: 'openeo.example.org' }])
})

test('connecting needs each agreement, none is ticked in advance, and the button says why it waits', async () => {
  const connection = openeo('Platform')
  const { app, bridge } = await open({ 'connections.add': () => connection })
  await option(/^Copernicus/).click()
  await expect.element(button('Connect')).toBeDisabled()
  await expect
    .element(button('Connect'))
    .toHaveAccessibleDescription('Agree to the terms of service and the privacy policy to connect.')
  for (const box of dialog().getByRole('checkbox').elements()) expect((box as HTMLInputElement).checked).toBe(false)
  await expectAccessible()
  await dialog()
    .getByRole('link', { name: /Read the privacy policy/ })
    .click()
  expect(bridge.inputsOf('diagnostics.openLink')).toEqual([{ url: 'https://example.org/privacy' }])
  await dialog().getByRole('checkbox', { name: 'I agree to the terms of service' }).click()
  await expect.element(button('Connect')).toHaveAccessibleDescription('Agree to the privacy policy to connect.')
  await dialog().getByRole('checkbox', { name: 'I agree to the privacy policy' }).click()
  await dialog().getByRole('textbox', { name: 'Name' }).fill('Our platform')
  await button('Connect').click()
  await expect.poll(() => document.querySelector('dialog')).toBeNull()
  expect(bridge.inputsOf('connections.add')).toEqual([
    {
      url: 'https://openeo.example.org/openeo/1.2',
      title: 'Our platform',
      agreed: ['https://example.org/terms', 'https://example.org/privacy'],
    },
  ])
  // selected, with the sign-in waiting
  expect(app.selection.current).toEqual({ kind: 'connection', id: 'Platform' })
  await expect.element(page.getByRole('button', { name: 'Sign in with EGI Check-in' })).toHaveFocus()
})

test('another version is looked at, and what was ticked for the first one is not kept', async () => {
  const { bridge } = await open()
  await option(/^EODC/).click()
  await dialog()
    .getByRole('checkbox', { name: /terms of service/ })
    .click()
  const versions = dialog().getByRole('combobox', { name: 'openEO API version' })
  await expect
    .element(versions.getByRole('option', { name: '0.4.2, production, not supported by Swath' }))
    .toBeDisabled()
  bridge.answer('connections.discover', () =>
    found({ url: 'https://openeo.example.org/openeo/1.3', apiVersion: '1.3.0' }),
  )
  await versions.selectOptions('1.3.0, not for production')
  await expect.element(dialog().getByText('This version is not meant for production')).toBeVisible()
  await expect.element(dialog().getByRole('checkbox', { name: /terms of service/ })).not.toBeChecked()
  expect(bridge.inputsOf('connections.discover').at(-1)).toEqual({
    address: 'https://openeo.eodc.eu',
    versionUrl: 'https://openeo.example.org/openeo/1.3',
  })
})

test('members, offers and lacks of what was found', async () => {
  await open()
  await option(/^EODC/).click()
  await dialog().getByText('Members of the federation').click()
  await expect.element(dialog().getByText('Offline')).toBeVisible()
  await dialog()
    .getByText(/^Offers 7 things/)
    .click()
  await expect.element(dialog().getByText(/^Not offered: .*Workspaces/)).toBeVisible()
  await expect.element(dialog().getByRole('link', { name: /Register for free/ })).toBeVisible()
  await expectAccessible()
})

test('looking can be called off, and a late answer changes nothing', async () => {
  let release = (_answer: object) => {}
  const { bridge } = await open({ 'connections.discover': () => new Promise((resolve) => (release = resolve)) })
  await option(/^EODC/).click()
  await expect.element(dialog().getByRole('progressbar')).toBeVisible()
  await expectAccessible()
  await button('Cancel').click()
  expect(bridge.inputsOf('connections.cancelDiscovery')).toHaveLength(1)
  release(found())
  await expect.element(field()).toHaveValue('https://openeo.eodc.eu')
  expect(dialog().getByRole('heading', { name: 'openEO Platform' }).elements()).toHaveLength(0)
})

test('what is no openEO back-end may be added as a catalogue; what does not answer may not', async () => {
  const { bridge } = await open()
  bridge.answer('connections.discover', () => {
    throw new FakeFailure({
      code: 'unreadable-data',
      message: 'There is no openEO API at this address.',
      retry: 'never',
    })
  })
  await field().fill('stac.example.org')
  await userEvent.keyboard('{Enter}')
  await expect.element(dialog().getByText('There is no openEO API at this address.')).toBeVisible()
  await expectAccessible()
  await button('Add as STAC catalogue').click()
  await expect.element(dialog().getByRole('textbox', { name: 'Address' })).toHaveValue('stac.example.org')
  await button('Back').click()
  bridge.answer('connections.discover', () => {
    throw new FakeFailure({ code: 'offline', message: 'There is no network.' })
  })
  await field().fill('openeo.example.org')
  await userEvent.keyboard('{Enter}')
  await expect.element(button('Try again')).toBeVisible()
  expect(button('Add as STAC catalogue').elements()).toHaveLength(0)
})

test('an open way and a version that is newer than Swath are said before anything is added', async () => {
  const url = 'http://openeo.example.org/1.4'
  const { bridge } = await open({
    'connections.discover': () =>
      found({ url, versions: [{ url, apiVersion: '1.4.0', isProduction: true, isSupported: true, isNewer: true }] }),
  })
  await field().fill('http://openeo.example.org')
  await userEvent.keyboard('{Enter}')
  await expect.element(dialog().getByText('The way to this back-end is not encrypted')).toBeVisible()
  await expect.element(dialog().getByText('This version of openEO is newer than Swath')).toBeVisible()
  await expectAccessible()
  expect(bridge.inputsOf('connections.add')).toEqual([])
})

test('a certificate is shown, and goes along only after an explicit word', async () => {
  const shown = certificate()
  const { bridge } = await open({
    'connections.discover': ({ trust }: { trust?: object }) =>
      trust ? found() : { state: 'untrusted', certificate: shown },
    'connections.add': () => openeo('Station'),
  })
  await field().fill('https://openeo.field-station.example')
  await userEvent.keyboard('{Enter}')
  await expect.element(dialog().getByText('CN=Field station root')).toBeVisible()
  await expect.element(dialog().getByText(/^A1\s*B2\s*C3/)).toBeVisible()
  await expect.element(button('Copy fingerprint')).toBeVisible()
  await expectAccessible()
  await button('Trust this certificate for this connection').click()
  await expect.element(dialog().getByRole('heading', { name: 'openEO Platform' })).toBeVisible()
  for (const box of dialog().getByRole('checkbox').all()) await box.click()
  await button('Connect').click()
  await expect.poll(() => bridge.inputsOf('connections.add')).toMatchObject([{ trust: { sha256: shown.sha256 } }])
})

test('a back-end that is connected already offers another account', async () => {
  const there = openeo('Platform', { signIn: 'signed-in', userName: 'Jane' })
  const second = openeo('Platform2')
  const { app, bridge } = await open(
    { 'connections.discover': () => found({ connectionIds: ['Platform'] }), 'connections.addAccount': () => second },
    [embedded, there],
  )
  await option(/^EODC/).click()
  await expect.element(dialog().getByText(/As Jane\./)).toBeVisible()
  await button('Add another account').click()
  await expect.poll(() => app.selection.current?.id).toBe('Platform2')
  expect(bridge.inputsOf('connections.addAccount')).toEqual([{ id: 'Platform' }])
})

test('why it could not be added stands in the dialog, which stays', async () => {
  await open({
    'connections.discover': () => found({ terms: [] }),
    'connections.add': () => {
      throw new FakeFailure({ code: 'offline', message: 'The back-end could not be reached.' })
    },
  })
  await option(/^EODC/).click()
  await button('Connect').click()
  await expect.element(dialog().getByRole('alert').getByText('The back-end could not be reached.')).toBeVisible()
  await expect.element(button('Connect')).toBeEnabled()
})

test('the list is edited: hidden, shown, added, changed, removed, brought back', async () => {
  let entries = known
  const { bridge } = await open({
    'connections.saveKnown': (entry: { id?: string }) => {
      entries = entry.id
        ? entries.map((one) => (one.id === entry.id ? { ...one, ...entry } : one))
        : [...entries, { isBuiltIn: false, isHidden: false, ...entry, id: 'new' } as never]
      return entries
    },
    'connections.removeKnown': ({ id }: { id: string }) => (entries = entries.filter((one) => one.id !== id)),
    'connections.restoreKnown': () => (entries = known),
  })
  await button('Edit list').click()
  await button('Hide EODC').click()
  await expect.element(button('Show EODC')).toBeVisible()
  await button('Show An old one').click()
  await expectAccessible()
  await button('Add entry').click()
  await button('Keep').click()
  await expect.element(dialog().getByText('A name is needed.')).toBeVisible()
  await dialog().getByRole('textbox', { name: 'Name' }).fill('Mountain')
  await dialog().getByRole('textbox', { name: 'Address' }).fill('openeo.mountain.example')
  await button('Keep').click()
  await expect.element(dialog().getByText('Mountain')).toBeVisible()
  await button('Remove Field station').click()
  await expect.poll(() => bridge.inputsOf('connections.removeKnown')).toEqual([{ id: 'mine' }])
  await button('Bring back the entries that came with Swath').click()
  await button('Done').click()
  await expect.element(option(/^EODC/)).toBeVisible()
  expect(bridge.inputsOf('connections.saveKnown')[2]).toEqual({
    kind: 'openeo',
    title: 'Mountain',
    url: 'openeo.mountain.example',
    description: '',
  })
})

test('an object store: what is missing is said at its field, secrets go once and are hidden', async () => {
  const { bridge } = await open({
    'connections.addService': () => openeo('store', { kind: 's3', signIn: 'not-needed', offers: [] }),
  })
  await option(/^Object store …/).click()
  await button('Add connection').click()
  await expect.element(dialog().getByRole('textbox', { name: 'Address' })).toHaveFocus()
  await expect
    .element(dialog().getByRole('textbox', { name: 'Address' }))
    .toHaveAccessibleDescription('An address is needed.')
  await expectAccessible()
  await dialog().getByRole('textbox', { name: 'Address' }).fill('https://s3.example.org')
  await dialog().getByRole('textbox', { name: 'Access key id' }).fill('AKIA')
  const secret = dialog().getByLabelText('Secret access key', { exact: true })
  await expect.element(secret).toHaveAttribute('type', 'password')
  await secret.fill('s3cr3t')
  await button('Show secret access key').click()
  await expect.element(secret).toHaveAttribute('type', 'text')
  await expect.element(dialog().getByText(/System keychain/)).toBeVisible()
  await button('Add connection').click()
  await expect
    .poll(() => bridge.inputsOf('connections.addService'))
    .toEqual([
      {
        url: 'https://s3.example.org',
        settings: { kind: 's3', region: '', isPathStyle: true, isAnonymous: false, accessKeyId: 'AKIA' },
        secrets: { secretAccessKey: 's3cr3t' },
      },
    ])
})

test('a catalogue behind an untrusted certificate: shown, and added after the explicit word', async () => {
  const shown = certificate()
  const { bridge } = await open({
    'connections.discover': () => ({ state: 'untrusted', certificate: shown }),
    'connections.addService': ({ trust }: { trust?: object }) => {
      if (!trust) throw new FakeFailure({ code: 'untrusted-certificate', message: 'It is not trusted.' })
      return openeo('cat', { kind: 'stac', signIn: 'not-needed', offers: [] })
    },
  })
  await option(/^Field station/).click()
  await dialog().getByRole('combobox', { name: 'Sign-in' }).selectOptions('API key in a header')
  await dialog().getByLabelText('API key', { exact: true }).fill('k-1')
  await button('Add connection').click()
  await button('Trust this certificate for this connection').click()
  await expect
    .poll(() => bridge.inputsOf('connections.addService').at(-1))
    .toEqual({
      title: 'Field station',
      url: 'https://field.example.org/stac',
      settings: { kind: 'stac', dialect: 'unknown', auth: 'api-key', apiKeyHeader: 'X-API-Key' },
      secrets: { apiKey: 'k-1' },
      trust: shown,
    })
})

test('the Data Lake: a preset fills in the address, an own one asks for the token service', async () => {
  await open()
  await option(/^DestinE Data Lake …/).click()
  const address = dialog().getByRole('textbox', { name: 'Address', exact: true })
  await expect.element(address).toHaveValue('https://odp.data.destination-earth.eu/odata/v1/')
  await dialog().getByRole('combobox', { name: 'Service' }).selectOptions('Copernicus Data Space Ecosystem')
  await expect.element(address).toHaveValue('https://odp.dataspace.copernicus.eu/odata/v1/')
  await dialog().getByRole('combobox', { name: 'Service' }).selectOptions('Another address')
  await expect.element(dialog().getByRole('textbox', { name: 'Address of the token service' })).toBeVisible()
  await expectAccessible()
})

test('a link dropped on the list is looked at', async () => {
  const { bridge } = connectionsBridge([embedded], { 'connections.discover': () => found() })
  await mountPages(bridge, 'connections')
  await expect.element(page.getByRole('listbox', { name: 'Connections' })).toBeVisible()
  const data = new DataTransfer()
  data.setData('text/uri-list', '# from a page\r\nhttps://dropped.example.org/openeo')
  const target = document.querySelector('[role="listbox"]') as HTMLElement
  for (const type of ['dragover', 'drop'])
    target.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: data }))
  await expect.element(dialog().getByRole('heading', { name: 'openEO Platform' })).toBeVisible()
  expect(bridge.inputsOf('connections.discover')).toEqual([{ address: 'https://dropped.example.org/openeo' }])
})

test('what looks like an address, and what is wrong with one', () => {
  for (const typed of [
    'openeo.org',
    'https://a',
    'localhost',
    'localhost:8080/v1',
    '127.0.0.1',
    '[::1]:80',
    'host:8443',
    'a.b/c',
  ])
    expect(looksLikeAddress(typed), typed).toBe(true)
  for (const typed of ['', 'terrascope', 'google earth', 'a b.c', 'me@example.org', 'javascript:alert(1)'])
    expect(looksLikeAddress(typed), typed).toBe(false)
  expect(addressProblem('ftp://example.org')).toMatch(/https:/)
  expect(addressProblem('https://me:secret@example.org')).toMatch(/fields of their own/)
  expect(addressProblem('example.org/stac')).toBeUndefined()
  const dropped = (plain: string) => droppedAddress({ getData: (type) => (type === 'text/plain' ? plain : '') })
  expect(dropped('javascript:alert(1)')).toBeUndefined()
  expect(dropped(' https://example.org/x ')).toBe('https://example.org/x')
})
