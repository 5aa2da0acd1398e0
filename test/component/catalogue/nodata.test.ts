/** Promise: the collection page tells who says what no data is, and takes a statement and its taking back. */
import { expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import type { BandNodata } from '../../../preload/contract/local.ts'
import { nodataOf, nodataStates, openBands } from '../../../renderer/catalogue/nodata-words.ts'
import { expectAccessible } from '../app/axe.ts'
import { FakeFailure } from '../app/fake-bridge.ts'
import { mountPages } from '../graphs/mount-pages.ts'
import { connection, localStatus, workBridge } from '../graphs/sample-work.ts'

const band = (name: string, nodata: BandNodata['nodata'] = null, statedBy: BandNodata['statedBy'] = null) => ({
  name,
  nodata,
  statedBy,
})
const statusOf = (bands: BandNodata[], revision = 1) =>
  localStatus({ revision, collections: [{ id: 'sample-landscape', folderId: 'f1', bands }] })
const section = () => page.getByRole('region', { name: 'No-data value' })
const field = () => page.getByLabelText('Value that means no data')

async function openCollection(bands: BandNodata[], kind: 'embedded' | 'openeo' = 'embedded') {
  const bridge = workBridge({ local: statusOf(bands), connections: [connection('embedded', { kind })] })
  await mountPages(bridge, 'catalogue')
  await page
    .getByRole('listbox', { name: 'Catalogue' })
    .getByRole('option', { name: /Sample/ })
    .click()
  await expect.element(page.getByRole('region', { name: 'Inspector' }).getByText(/CC0-1\.0/)).toBeVisible()
  return bridge
}

test('0 is data until somebody states otherwise; the statement is told, and taken back', async () => {
  const bridge = await openCollection([band('B02'), band('B03')])
  await expect.element(section().getByText('0 is data', { exact: true })).toBeVisible()
  expect(section().getByRole('button', { name: 'Take back' }).elements()).toHaveLength(0)
  bridge.answer('local.stateNodata', () => statusOf([band('B02', 0, 'here'), band('B03', 0, 'here')], 2))
  await field().fill('0')
  await userEvent.keyboard('{Enter}')
  await expect.element(section().getByText('0 means no data, stated here', { exact: true })).toBeVisible()
  bridge.answer('local.stateNodata', () => statusOf([band('B02'), band('B03')], 3))
  await section().getByRole('button', { name: 'Take back' }).click()
  await expect.element(section().getByText('0 is data', { exact: true })).toBeVisible()
  expect(bridge.inputsOf('local.stateNodata')).toEqual([
    { collectionId: 'sample-landscape', value: 0 },
    { collectionId: 'sample-landscape', value: null },
  ])
})

test('one band can be chosen; of those that their files state nothing is asked', async () => {
  const bridge = await openCollection([band('B02'), band('SCL', 0, 'file'), band('B03')])
  await expect.element(section().getByText('0 is data: B02, B03')).toBeVisible()
  await expect.element(section().getByText('0 means no data, stated by the file: SCL')).toBeVisible()
  bridge.answer('local.stateNodata', () =>
    statusOf([band('B02'), band('SCL', 0, 'file'), band('B03', 'nan', 'here')], 2),
  )
  await section().getByLabelText('In', { exact: true }).selectOptions('B03')
  await field().fill('NaN')
  await section().getByRole('button', { name: 'Save' }).click()
  await expect.element(section().getByText('NaN means no data, stated here: B03')).toBeVisible()
  // of the chosen band alone it is taken back, and only where it was stated here
  await section().getByLabelText('In', { exact: true }).selectOptions('B02')
  await expect.element(section().getByRole('button', { name: 'Take back' })).toBeDisabled()
  await section().getByLabelText('In', { exact: true }).selectOptions('B03')
  await section().getByRole('button', { name: 'Take back' }).click()
  await expect
    .poll(() => bridge.inputsOf('local.stateNodata'))
    .toEqual([
      { collectionId: 'sample-landscape', value: 'nan', bands: ['B03'] },
      { collectionId: 'sample-landscape', value: null, bands: ['B03'] },
    ])
})

test('what is no number is said so without a call; a refusal stands there', async () => {
  const bridge = await openCollection([band('B02')])
  for (const typed of ['', 'none', '1,5', '1e999']) {
    await field().fill(typed)
    await section().getByRole('button', { name: 'Save' }).click()
    await expect.element(field()).toHaveAccessibleDescription('Enter a number, or NaN.')
  }
  expect(bridge.inputsOf('local.stateNodata')).toEqual([])
  bridge.answer('local.stateNodata', () => {
    throw new FakeFailure({ code: 'read-only', message: 'The folder does not allow writing.', retry: 'never' })
  })
  await field().fill('-9999')
  await section().getByRole('button', { name: 'Save' }).click()
  await expect.element(section().getByRole('alert')).toBeVisible()
  await expect.element(field()).toHaveValue('-9999')
})

test('files that state it leave nothing to ask; other back-ends are not asked', async () => {
  await openCollection([band('B02', -9999, 'file')])
  await expect.element(section().getByText('-9999 means no data, stated by the file')).toBeVisible()
  expect(section().getByRole('textbox').elements()).toHaveLength(0)
  await openCollection([band('B02')], 'openeo')
  expect(section().elements()).toHaveLength(0)
  await openCollection([])
  expect(section().elements()).toHaveLength(0)
})

test('accessible, with what is wrong', async () => {
  await openCollection([band('B02'), band('B03', 0, 'here')])
  await section().getByRole('button', { name: 'Save' }).click()
  await expectAccessible(document.body)
})

test('words', () => {
  expect(nodataStates([band('a', '-inf', 'item'), band('b', null, 'several')])).toEqual([
    { says: '−Infinity means no data, stated by a STAC item', bands: ['a'] },
    { says: 'Differs from scene to scene', bands: ['b'] },
  ])
  expect(openBands([band('a', 1, 'item'), band('b', null, 'several'), band('c', 1, 'here')])).toEqual(['b', 'c'])
  expect(['0', ' −5.5 ', 'nan', '1e3', '', 'x'].map(nodataOf)).toEqual([0, -5.5, 'nan', 1000, undefined, undefined])
})
