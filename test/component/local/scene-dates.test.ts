/** Promise: a scene without a date gets one by keyboard, a refusal stands at its row, and what was typed can be taken back. */
import { expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import type { UndatedScene } from '../../../preload/contract/local.ts'
import { expectAccessible } from '../app/axe.ts'
import { FakeFailure } from '../app/fake-bridge.ts'
import { mountPages } from '../graphs/mount-pages.ts'
import { localStatus, workBridge } from '../graphs/sample-work.ts'

const scene = (sceneId: string): UndatedScene => ({
  folderId: 'f1',
  collectionId: 'fields',
  sceneId,
  files: [`${sceneId}_red.tif`, `${sceneId}_nir.tif`],
})
const undated = [scene('north'), scene('south')]
async function openLocal(more: Parameters<typeof localStatus>[0]) {
  const bridge = workBridge({ local: localStatus(more) })
  await mountPages(bridge, 'local')
  await expect.element(page.getByRole('heading', { name: 'Embedded back-end' })).toBeVisible()
  return bridge
}
const section = () => page.getByRole('region', { name: 'Scenes without a date' })

test('nothing is asked where every scene has its date', async () => {
  await openLocal({})
  expect(section().elements()).toHaveLength(0)
  expect(page.getByRole('region', { name: 'Dates typed here' }).elements()).toHaveLength(0)
})

test('a date is typed and saved by keyboard; the scene leaves the list', async () => {
  const bridge = await openLocal({ undated, undatedCount: 2 })
  await expect.element(page.getByRole('heading', { name: '2 scenes without a date' })).toBeVisible()
  await expect.element(section().getByText('landsat: north_red.tif, north_nir.tif')).toBeVisible()
  const dated = [{ ...scene('north'), datetime: '2021-03-04T00:00:00Z' }]
  bridge.answer('local.stateDate', () =>
    localStatus({ revision: 2, undated: undated.slice(1), undatedCount: 1, dated }),
  )
  const field = page.getByLabelText('Date of north', { exact: true })
  await field.fill('2021-03-04')
  await userEvent.keyboard('{Enter}')
  await expect
    .poll(() => bridge.inputsOf('local.stateDate'))
    .toEqual([{ collectionId: 'fields', sceneId: 'north', datetime: '2021-03-04' }])
  await expect.element(page.getByRole('heading', { name: '1 scene without a date' })).toBeVisible()
  await expect.element(page.getByText('The date is kept beside the files.')).toBeVisible()
  // and back
  bridge.answer('local.stateDate', () => localStatus({ revision: 3, undated, undatedCount: 2 }))
  await page.getByText('1 date typed here').click()
  await expect.element(page.getByLabelText('Date of north', { exact: true })).toHaveValue('2021-03-04')
  await page.getByRole('button', { name: 'Take back the date of north' }).click()
  await expect.element(page.getByRole('heading', { name: '2 scenes without a date' })).toBeVisible()
  expect(bridge.inputsOf('local.stateDate').at(-1)).toMatchObject({ sceneId: 'north', datetime: null })
})

test('no date is asked for again, without a call; a refusal stands at its scene', async () => {
  const bridge = await openLocal({ undated, undatedCount: 2 })
  await page.getByRole('button', { name: 'Save the date of south' }).click()
  const field = page.getByLabelText('Date of south', { exact: true })
  await expect.element(field).toHaveAttribute('aria-invalid', 'true')
  await expect.element(field).toHaveAccessibleDescription('Enter a year, a month and a day.')
  expect(bridge.inputsOf('local.stateDate')).toEqual([])
  bridge.answer('local.stateDate', () => {
    throw new FakeFailure({ code: 'read-only', message: "'south.json' could not be saved.", retry: 'never' })
  })
  await field.fill('2021-03-04')
  await page.getByRole('button', { name: 'Save the date of south' }).click()
  const row = section().getByRole('listitem').filter({ hasText: 'south_red.tif' })
  await expect.element(row.getByRole('alert').getByText("'south.json' could not be saved.")).toBeVisible()
  await expect.element(field).toHaveValue('2021-03-04')
})

test('of many scenes a few are shown at a time, and the count is of all', async () => {
  const many = Array.from({ length: 50 }, (_, i) => scene(`scene-${i}`))
  await openLocal({ undated: many, undatedCount: 1234 })
  await expect.element(page.getByRole('heading', { name: '1,234 scenes without a date' })).toBeVisible()
  expect(section().getByRole('listitem').elements()).toHaveLength(20)
  await section().getByRole('button', { name: 'Show more of 1,234' }).click()
  expect(section().getByRole('listitem').elements()).toHaveLength(40)
})

test('accessible, with what is wrong and what was typed', async () => {
  await openLocal({ undated, undatedCount: 2, dated: [{ ...scene('west'), datetime: '2021-03-04T00:00:00Z' }] })
  await page.getByText('1 date typed here').click()
  await page.getByRole('button', { name: 'Save the date of south' }).click()
  await expectAccessible(document.body)
})
