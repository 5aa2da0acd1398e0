/** Promise: folders come in by dialog or drop, what cannot be used says why, and the password never enters the window. */
import { expect, test } from 'vitest'
import { page } from 'vitest/browser'
import { folderName, localBadge } from '../../../renderer/local/local-words.ts'
import { expectAccessible } from '../app/axe.ts'
import { FakeFailure } from '../app/fake-bridge.ts'
import { mountPages } from '../graphs/mount-pages.ts'
import { localStatus, workBridge } from '../graphs/sample-work.ts'

async function openLocal(local = localStatus()) {
  const bridge = workBridge({ local })
  const app = await mountPages(bridge, 'local')
  await expect.element(page.getByRole('heading', { name: 'Embedded back-end' })).toBeVisible()
  return { app, bridge }
}
const status = (revision: number, more = {}) => localStatus({ revision, ...more })

test('a folder is added by the system dialog; a dialog that was canceled changes nothing', async () => {
  const { app, bridge } = await openLocal(status(1, { folders: [], problems: [] }))
  await expect.element(page.getByText('No folder yet')).toBeVisible()
  bridge.answer('local.chooseFolder', () => null)
  await page.getByRole('button', { name: 'Add a folder …' }).click()
  await expect.poll(() => bridge.inputsOf('local.chooseFolder').length).toBe(1)
  await expect.element(page.getByText('No folder yet')).toBeVisible()
  bridge.answer('local.chooseFolder', () => status(2))
  await page.getByRole('button', { name: 'Add a folder …' }).click()
  await expect.element(page.getByText('2 folders')).toBeVisible()
  expect(app.stores.local.value?.revision).toBe(2)
})

test('a dropped folder is added by the path that the bridge knows', async () => {
  const { bridge } = await openLocal()
  bridge.answer('local.addFolder', () => status(2))
  const dataTransfer = new DataTransfer()
  dataTransfer.items.add(new File([], 'scenes'))
  page
    .getByRole('heading', { name: 'Embedded back-end' })
    .element()
    .dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }))
  await expect.poll(() => bridge.inputsOf('local.addFolder')).toEqual([{ path: '/dropped/scenes' }])
})

test('a folder that cannot be added says why', async () => {
  const { bridge } = await openLocal()
  bridge.answer('local.chooseFolder', () => {
    throw new FakeFailure({ code: 'invalid-input', message: 'The folder is offered already.', retry: 'never' })
  })
  await page.getByRole('button', { name: 'Add a folder …' }).click()
  await expect.element(page.getByRole('alert').getByText('The folder is offered already.')).toBeVisible()
})

test('a removal is asked about; the sample stays', async () => {
  const { bridge } = await openLocal()
  bridge.answer('local.removeFolder', () => status(2, { folders: localStatus().folders.slice(0, 1), problems: [] }))
  expect(page.getByRole('button', { name: 'Remove sample' }).elements()).toHaveLength(0)
  await page.getByRole('button', { name: 'Remove landsat' }).click()
  await expect.element(page.getByText('The files stay where they are.', { exact: false })).toBeVisible()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove folder' }).click()
  await expect.poll(() => bridge.inputsOf('local.removeFolder')).toEqual([{ id: 'f1' }])
  await expect.element(page.getByText('1 folder', { exact: true })).toBeVisible()
})

test('every file that cannot be used stands there with its reason', async () => {
  const problems = Array.from({ length: 500 }, (_, index) => ({
    folderId: 'f1',
    file: `scene-${index}.tif`,
    reason: `Reason ${index}`,
  }))
  await openLocal(status(1, { problems }))
  await expect.element(page.getByText('500 files cannot be used', { exact: true })).toBeVisible()
  await page.getByRole('searchbox', { name: 'Search these files' }).fill('scene-499')
  await expect.element(page.getByText('Reason 499')).toBeVisible()
})

test('scanning is told, and a late status changes nothing', async () => {
  const { bridge } = await openLocal()
  bridge.send({ feature: 'local', name: 'changed', payload: status(5, { isScanning: true }) })
  await expect.element(page.getByText('Looking through the files …')).toBeVisible()
  await expect.element(page.getByRole('button', { name: 'Look again' })).toBeDisabled()
  bridge.send({ feature: 'local', name: 'changed', payload: status(4) })
  await new Promise(requestAnimationFrame)
  await expect.element(page.getByText('Looking through the files …')).toBeVisible()
})

test('address, user and password are copied by main; the password is nowhere in the window', async () => {
  const { bridge } = await openLocal()
  bridge.answer('local.copy', () => undefined)
  for (const what of ['address', 'user', 'password']) await page.getByRole('button', { name: `Copy ${what}` }).click()
  await expect
    .poll(() => bridge.inputsOf('local.copy'))
    .toEqual([{ what: 'url' }, { what: 'user' }, { what: 'password' }])
  await expect.element(page.getByText('Password copied.')).toBeVisible()
})

test('a back-end that failed says why and is started again', async () => {
  const failure = { code: 'conflict', message: 'The port is in use.', retry: 'now', logRef: 'log-3' } as const
  const { bridge } = await openLocal(status(1, { state: 'failed', url: null, failure }))
  bridge.answer('local.restart', () => status(2))
  await expect.element(page.getByText('The port is in use.')).toBeVisible()
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect.element(page.getByText('Running', { exact: true })).toBeVisible()
})

test('accessible, with problems and the question', async () => {
  await openLocal()
  await expectAccessible(document.body)
  await page.getByRole('button', { name: 'Remove landsat' }).click()
  await expectAccessible(document.body)
})

test('words', () => {
  expect(folderName('/data/a b/')).toBe('a b')
  expect(folderName('C:\\Users\\ana\\scenes')).toBe('scenes')
  expect(localBadge(localStatus({ problems: [] }))).toBeUndefined()
  expect(localBadge(localStatus())).toMatchObject({ count: 2 })
  expect(localBadge(localStatus({ state: 'failed' }))?.says).toBe('The embedded back-end has failed')
})
