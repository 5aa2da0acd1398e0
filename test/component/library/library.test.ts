/** Promise: results arrive by themselves, show what of them is here, and nothing is thrown away without being asked for. */
import { expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import type { Layer } from '../../../preload/contract/layers.ts'
import type { Result } from '../../../preload/contract/library.ts'
import { runsOf } from '../../../renderer/graphs/runs.ts'
import {
  receivedShare,
  resultDates,
  showableAssets,
  sizeBytes,
  sortedResults,
} from '../../../renderer/library/result-words.ts'
import { mapViewOf } from '../../../renderer/map/view.svelte.ts'
import { expectAccessible } from '../app/axe.ts'
import { FakeFailure } from '../app/fake-bridge.ts'
import { mountPages } from '../graphs/mount-pages.ts'
import { assetOf, jobOf, resultOf, sampleResults, workBridge } from '../graphs/sample-work.ts'

const layerOf = ({ resultId, assetKey }: { resultId: string; assetKey: string }) =>
  ({
    id: `layer-${resultId}-${assetKey}`,
    revision: 1,
    position: 0,
    title: assetKey,
    resultId,
    assetKey,
    isVisible: true,
    style: {
      mode: 'colour-map',
      bands: [0],
      colourMap: 'viridis',
      reversed: false,
      stretch: [[0, 1]],
      gamma: 1,
      opacity: 1,
    },
  }) as unknown as Layer

async function openLibrary(results: Result[] = sampleResults()) {
  const bridge = workBridge({ results, jobs: [jobOf('j4'), jobOf('mine', { state: 'running', endedAt: null })] })
  bridge.answer('layers.add', layerOf)
  const app = await mountPages(bridge, 'library')
  if (results.length) await expect.element(page.getByRole('listbox', { name: 'Results' })).toBeVisible()
  return { app, bridge }
}
const row = (name: RegExp | string) => page.getByRole('listbox', { name: 'Results' }).getByRole('option', { name })
const inspector = () => page.getByRole('region', { name: 'Inspector' })
const changed = (result: Result) => ({ feature: 'library', name: 'changed', payload: result }) as const
const choose = async (action: string) => {
  await inspector().getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: action }).click()
}

test('an empty library says how it fills', async () => {
  await openLibrary([])
  await expect.element(page.getByText('The library is empty')).toBeVisible()
})

test('a raster goes onto the map, its layer is selected and in sight', async () => {
  const { app, bridge } = await openLibrary()
  mapViewOf(app).resize(800, 600)
  await row(/r1/).click()
  await inspector().getByRole('button', { name: 'Show ndvi.tif on the map' }).click()
  await expect.poll(() => app.selection.current).toEqual({ kind: 'layer', id: 'layer-r1-ndvi.tif' })
  expect(bridge.inputsOf('layers.add')).toEqual([{ resultId: 'r1', assetKey: 'ndvi.tif' }])
  await expect.poll(() => mapViewOf(app).longitude).toBeCloseTo(11.35, 3)
  await expect.poll(() => mapViewOf(app).latitude).toBeCloseTo(47.25, 2)
})

test('the result of a job that was started in this session comes onto the map by itself, once', async () => {
  const { app, bridge } = await openLibrary()
  runsOf(app).startedHere.add('mine')
  const arriving = resultOf('new', {
    jobId: 'mine' as never,
    state: 'arriving',
    assets: [assetOf('a.tif', { state: 'downloading', receivedBytes: 5 })],
  })
  bridge.send(changed(arriving))
  await expect.element(row(/new/)).toBeVisible()
  expect(bridge.inputsOf('layers.add')).toEqual([])
  const complete = resultOf('new', {
    revision: 2,
    jobId: 'mine' as never,
    assets: [assetOf('preview.tif', { roles: ['overview'] }), assetOf('a.tif')],
  })
  bridge.send(changed(complete))
  bridge.send(changed({ ...complete, revision: 3 }))
  await expect.poll(() => app.selection.current?.kind).toBe('layer')
  expect(bridge.inputsOf('layers.add')).toEqual([{ resultId: 'new', assetKey: 'a.tif' }])
})

test('results of other sessions stay where they are', async () => {
  const { bridge, app } = await openLibrary()
  bridge.send(changed(resultOf('old', { jobId: 'j4' as never })))
  await expect.element(row(/old/)).toBeVisible()
  expect(bridge.inputsOf('layers.add')).toEqual([])
  expect(app.selection.current).toBeNull()
})

test('what arrived while the window was hidden comes onto the map, too', async () => {
  const { app, bridge } = await openLibrary()
  runsOf(app).startedHere.add('mine')
  bridge.answer('library.list', () => [resultOf('new', { jobId: 'mine' as never })])
  await app.events.reloadAll()
  await expect.poll(() => bridge.inputsOf('layers.add')).toEqual([{ resultId: 'new', assetKey: 'ndvi.tif' }])
})

test('a raster that cannot be opened says so at the result', async () => {
  const { bridge } = await openLibrary()
  bridge.answer('layers.add', () => {
    throw new FakeFailure({
      code: 'unreadable-data',
      message: 'The file ends before its first image is complete.',
      retry: 'never',
    })
  })
  await row(/r1/).click()
  await inspector().getByRole('button', { name: 'Show on map', exact: true }).click()
  await expect.element(inspector().getByText('The file ends before its first image is complete.')).toBeVisible()
})

test('renamed by keyboard, and taken back', async () => {
  const { app, bridge } = await openLibrary()
  let revision = 1
  bridge.answer('library.rename', ({ id, title }: { id: string; title: string }) =>
    resultOf(id, { title, revision: ++revision }),
  )
  await row(/r1/).click()
  await userEvent.keyboard('{F2}')
  const title = inspector().getByRole('textbox', { name: 'Title' })
  await expect.element(title).toHaveFocus()
  await userEvent.keyboard('Upper Inn{Escape}')
  expect(bridge.inputsOf('library.rename')).toEqual([])
  ;(document.querySelector('[role=listbox]') as HTMLElement).focus()
  await userEvent.keyboard('{F2}')
  await expect.element(title).toHaveFocus()
  await userEvent.keyboard('Upper Inn{Enter}')
  await expect.poll(() => app.stores.library.get('r1')?.title).toBe('Upper Inn')
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(() => app.stores.library.get('r1')?.title).toBe('NDVI of Inntal r1')
})

test('the trash is asked about first and says what goes there', async () => {
  const { app, bridge } = await openLibrary()
  bridge.answer('library.remove', () => undefined)
  await row(/r1/).click()
  await userEvent.keyboard('{Delete}')
  await expect.element(page.getByText('2 files, 12.4 MB, go to the trash', { exact: false })).toBeVisible()
  await page.getByRole('dialog').getByRole('button', { name: 'Keep' }).click()
  expect(bridge.inputsOf('library.remove')).toEqual([])
  await userEvent.keyboard('{Delete}')
  await page.getByRole('dialog').getByRole('button', { name: 'Move to trash' }).click()
  await expect.poll(() => app.stores.library.get('r1')).toBeUndefined()
  await expect.element(page.getByText('1 result moved to the trash.')).toBeVisible()
})

test('a removal that fails keeps the result and says why', async () => {
  const { app, bridge } = await openLibrary()
  bridge.answer('library.remove', () => {
    throw new FakeFailure({ code: 'read-only', message: 'The folder does not allow writing.' })
  })
  await row(/r1/).click()
  await userEvent.keyboard('{Delete}')
  await page.getByRole('dialog').getByRole('button', { name: 'Move to trash' }).click()
  await expect.element(inspector().getByText('The folder does not allow writing.')).toBeVisible()
  expect(app.stores.library.get('r1')).toBeDefined()
})

test('what failed is downloaded again', async () => {
  const { app, bridge } = await openLibrary()
  bridge.answer('library.retry', () => resultOf('r3', { revision: 2, state: 'arriving' }))
  await row(/r3/).click()
  await expect.element(inspector().getByText('The disk is full: broken.tif could not be written.')).toBeVisible()
  await inspector().getByRole('button', { name: 'Try again' }).click()
  await expect.poll(() => app.stores.library.get('r3')?.state).toBe('arriving')
})

test('copied to a folder, or not where the user cancels', async () => {
  const { bridge } = await openLibrary()
  bridge.answer('library.exportTo', () => null)
  await row(/r1/).click()
  await inspector().getByRole('button', { name: 'Copy to a folder …' }).click()
  await expect.poll(() => bridge.inputsOf('library.exportTo').length).toBe(1)
  expect(page.getByText(/files? copied/).elements()).toHaveLength(0)
  bridge.answer('library.exportTo', () => ({ fileCount: 3 }))
  await inspector().getByRole('button', { name: 'Copy to a folder …' }).click()
  await expect.element(page.getByText('3 files copied.')).toBeVisible()
  bridge.answer('library.reveal', () => undefined)
  await inspector().getByRole('button', { name: 'Show files' }).click()
  expect(bridge.inputsOf('library.reveal')).toEqual([{ id: 'r1' }])
  await choose('Show job')
  await expect.element(page.getByRole('listbox', { name: 'Jobs' })).toBeVisible()
})

test('provenance and metadata are read when they are opened', async () => {
  const { bridge } = await openLibrary()
  await row(/r1/).click()
  expect(bridge.inputsOf('library.provenance')).toEqual([])
  await inspector().getByText('Where it came from').click()
  await expect.element(inspector().getByText('9 min', { exact: true })).toBeVisible()
  bridge.answer('library.metadata', () => {
    throw new FakeFailure({ code: 'not-found', message: 'A file is missing: collection.json.' })
  })
  await inspector().getByText('STAC metadata').click()
  await expect.element(inspector().getByText('A file is missing: collection.json.')).toBeVisible()
})

test('accessible: list, inspector with all of it open, a broken result, the question', async () => {
  const { app } = await openLibrary()
  await row(/r1/).click()
  await inspector().getByText('Where it came from').click()
  await inspector().getByText('STAC metadata').click()
  await expect.element(inspector().getByText('load_collection', { exact: false })).toBeVisible()
  await expectAccessible(document.body)
  app.shell.inspect('result', 'r3')
  await expect.element(inspector().getByText('broken.tif', { exact: true })).toBeVisible()
  await userEvent.keyboard('{F2}')
  await expectAccessible(document.body)
})

test('words of a result', () => {
  expect(sizeBytes(resultOf('x'))).toBe(12_404_200)
  expect(sizeBytes(resultOf('x', { assets: [] }))).toBeNull()
  expect(
    receivedShare(resultOf('x', { assets: [assetOf('a', { state: 'downloading', receivedBytes: 3_100_000 })] })),
  ).toBe(0.25)
  expect(receivedShare(resultOf('x', { assets: [assetOf('a', { sizeBytes: null, state: 'downloading' })] }))).toBeNull()
  expect(resultDates(resultOf('x', { interval: ['2025-05-01T00:00:00Z', '2025-05-01T10:00:00Z'] }))).toBe('2025-05-01')
  expect(resultDates(resultOf('x', { interval: null }))).toBe('')
  const assets = [
    assetOf('overview', { roles: [] }),
    assetOf('data'),
    assetOf('late', { state: 'waiting' }),
    assetOf('doc', { mediaKind: 'json' }),
  ]
  expect(showableAssets(resultOf('x', { assets })).map((asset) => asset.key)).toEqual(['data', 'overview'])
  expect(sortedResults([resultOf('b', { assets: [] }), resultOf('a')], 'size').map((result) => result.id)).toEqual([
    'a',
    'b',
  ])
})
