/** Promise: whatever comes late, is closed meanwhile or is dropped, the dialog shows the last question alone and keeps no secret. */
import { flushSync } from 'svelte'
import { expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { addingOf } from '../../../renderer/connections/add/add.svelte.ts'
import { linkTarget } from '../../../renderer/connections/add/dropped-link.ts'
import { ServiceDraft } from '../../../renderer/connections/add/service-draft.svelte.ts'
import { FakeFailure } from '../app/fake-bridge.ts'
import { mountPages } from '../graphs/mount-pages.ts'
import { certificate, connectionsBridge, embedded, found, known, openeo } from './world.ts'

async function open(answers: Record<string, (input: never) => unknown> = {}) {
  const { bridge } = connectionsBridge([embedded], { 'connections.discover': () => found({ terms: [] }), ...answers })
  const app = await mountPages(bridge, 'connections')
  const adding = addingOf(app)
  adding.open()
  flushSync()
  await expect.poll(() => adding.known.length).toBeGreaterThan(3)
  return { app, bridge, adding }
}
const dialog = () => page.getByRole('dialog')
const button = (name: string | RegExp) => dialog().getByRole('button', { name })
/** Answers that are given when the test says so, in any order. */
function held<T>() {
  const gates: { resolve: (value: T) => void; reject: (failure: unknown) => void }[] = []
  return { gates, ask: () => new Promise<T>((resolve, reject) => gates.push({ resolve, reject })) }
}

test('an older answer that comes after a newer one changes nothing', async () => {
  const { gates, ask } = held<unknown>()
  const { adding } = await open({ 'connections.discover': ask })
  void adding.look('first.example')
  void adding.look('second.example')
  await expect.poll(() => gates.length).toBe(2)
  gates[1]?.resolve(found({ title: 'Second', terms: [] }))
  await expect.element(dialog().getByRole('heading', { name: 'Second' })).toBeVisible()
  gates[0]?.resolve(found({ title: 'First', terms: [] }))
  gates[0]?.reject(new Error('late'))
  await new Promise((resolve) => requestAnimationFrame(resolve))
  await expect.element(dialog().getByRole('heading', { name: 'Second' })).toBeVisible()
})

test('closed or left while it looks: main is told to stop, also while a certificate of a service is fetched', async () => {
  const { gates, ask } = held<unknown>()
  const { bridge, adding } = await open({
    'connections.discover': ask,
    'connections.addService': () => {
      throw new FakeFailure({ code: 'untrusted-certificate', message: 'It is not trusted.' })
    },
  })
  void adding.look('slow.example')
  await expect.poll(() => gates.length).toBe(1)
  await userEvent.keyboard('{Escape}')
  await expect.poll(() => bridge.inputsOf('connections.cancelDiscovery').length).toBe(1)
  adding.open()
  adding.startService({ kind: 'stac', url: 'https://cat.example', title: '' })
  void adding.addService({
    title: '',
    url: 'https://cat.example',
    settings: { kind: 'stac', dialect: 'unknown', auth: 'none' },
    secrets: {},
  })
  await expect.poll(() => gates.length).toBe(2)
  expect(adding.isAdding).toBe(true)
  adding.back()
  await expect.poll(() => bridge.inputsOf('connections.cancelDiscovery').length).toBe(2)
  gates[1]?.resolve({ state: 'untrusted', certificate: certificate() })
  await new Promise((resolve) => requestAnimationFrame(resolve))
  expect(adding.step.name).toBe('pick')
})

test('a dialog that was closed while adding leaves the next one alone, and says what was added', async () => {
  const { gates, ask } = held<unknown>()
  const { app, adding } = await open({ 'connections.add': ask })
  await adding.look('a.example')
  await button('Connect').click()
  adding.close()
  adding.open('b.example')
  await expect.element(button('Connect')).toBeEnabled()
  await button('Connect').click()
  await expect.poll(() => gates.length).toBe(2)
  gates[0]?.resolve(openeo('First'))
  await expect.element(page.getByText('“First” is added.')).toBeInTheDocument()
  expect(adding.isOpen).toBe(true)
  expect(adding.isAdding).toBe(true)
  expect(app.selection.current?.id).not.toBe('First')
})

test('trust that was given can be tried again where the service then fails for another reason', async () => {
  let tries = 0
  const shown = certificate()
  const { bridge, adding } = await open({
    'connections.discover': () => ({ state: 'untrusted', certificate: shown }),
    'connections.addService': ({ trust }: { trust?: object }) => {
      if (!trust) throw new FakeFailure({ code: 'untrusted-certificate', message: 'It is not trusted.' })
      if (tries++ === 0) throw new FakeFailure({ code: 'offline', message: 'There is no network.' })
      return openeo('cat', { kind: 'stac', signIn: 'not-needed', offers: [] })
    },
  })
  adding.startService({ kind: 'stac', url: 'https://cat.example', title: '' })
  await button('Add connection').click()
  const trust = button('Trust this certificate for this connection')
  await expect.element(trust).toBeVisible()
  expect(dialog().getByText('It is not trusted.').elements()).toHaveLength(0)
  await trust.click()
  await expect.element(dialog().getByText('There is no network.')).toBeVisible()
  await trust.click()
  await expect.poll(() => document.querySelector('dialog')).toBeNull()
  // the address of the service was asked for, and never an empty one
  expect(bridge.inputsOf('connections.discover')).toEqual([{ address: 'https://cat.example' }])
})

test('Enter in the name connects, once all is agreed to', async () => {
  const { bridge, adding } = await open({
    'connections.discover': () => found(),
    'connections.add': () => openeo('Platform'),
  })
  await adding.look('a.example')
  await dialog().getByRole('textbox', { name: 'Name' }).fill('Mine')
  await userEvent.keyboard('{Enter}')
  expect(bridge.inputsOf('connections.add')).toHaveLength(0)
  for (const box of dialog().getByRole('checkbox').all()) await box.click()
  await dialog().getByRole('textbox', { name: 'Name' }).click()
  await userEvent.keyboard('{Enter}')
  await expect.poll(() => bridge.inputsOf('connections.add')).toMatchObject([{ title: 'Mine' }])
})

test('the form of an entry: the first field that is wrong has the focus, and the focus goes back where it came from', async () => {
  const { gates, ask } = held<unknown>()
  const { bridge } = await open({ 'connections.saveKnown': ask })
  await button('Edit list').click()
  await button('Add entry').click()
  await userEvent.keyboard('{Enter}')
  await expect.element(dialog().getByRole('textbox', { name: 'Name' })).toHaveFocus()
  await dialog().getByRole('textbox', { name: 'Name' }).fill('Mountain')
  await userEvent.keyboard('{Enter}')
  await expect.element(dialog().getByRole('textbox', { name: 'Address' })).toHaveFocus()
  await dialog().getByRole('textbox', { name: 'Address' }).fill('mountain.example')
  await userEvent.keyboard('{Enter}{Enter}')
  expect(bridge.inputsOf('connections.saveKnown')).toHaveLength(1)
  gates[0]?.resolve(known)
  await expect.element(button('Add entry')).toHaveFocus()
  await button('Change EODC').click()
  await button('Cancel').click()
  await expect.element(button('Change EODC')).toHaveFocus()
})

test('nothing of that name: the field says what an address looks like', async () => {
  await open()
  await page.getByRole('combobox', { name: 'Name or address' }).fill('zzz nothing')
  await expect.element(dialog().getByText(/Nothing in the list is called that/)).toBeVisible()
  await userEvent.keyboard('{ArrowDown}{Enter}')
  await expect.element(page.getByRole('combobox', { name: 'Name or address' })).toHaveFocus()
})

test('what is dropped: web addresses are looked at, other links go nowhere, text and files are left to the field', () => {
  const target = document.createElement('div')
  document.body.append(target)
  const taken: string[] = []
  const stop = linkTarget({ onover: () => undefined, ondrop: (address) => taken.push(address) })(target)
  const drop = (type: string, text: string) => {
    const data = new DataTransfer()
    data.setData(type, text)
    const event = new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data })
    target.dispatchEvent(event)
    return event.defaultPrevented
  }
  expect(drop('text/uri-list', 'https://a.example/')).toBe(true)
  expect(drop('text/uri-list', 'mailto:a@b.example')).toBe(true)
  expect(drop('text/uri-list', 'file:///etc/passwd')).toBe(true)
  expect(drop('text/plain', 'just some words')).toBe(false)
  expect(taken).toEqual(['https://a.example/'])
  if (stop) stop()
  target.remove()
})

test('secrets are gone with the form', () => {
  const draft = new ServiceDraft({ kind: 's3', url: 'https://s3.example', title: '' })
  draft.secrets.secretAccessKey = 'a'
  draft.secrets.sessionToken = 'b'
  draft.forgetSecrets()
  expect(Object.values(draft.secrets).filter(Boolean)).toEqual([])
})
