/** Promise: a store that a page was the first to ask for goes on when that page is left. */
import { flushSync } from 'svelte'
import { expect, test } from 'vitest'
import type { App } from '../../../renderer/app/app.ts'
import { createApp } from '../../../renderer/app/create-app.ts'
import { areasOf } from '../../../renderer/areas/areas.svelte.ts'
import { catalogueOf } from '../../../renderer/catalogue/catalogue.svelte.ts'
import { connectionsPageOf } from '../../../renderer/connections/connections.svelte.ts'
import { runsOf } from '../../../renderer/graphs/runs.ts'
import { jobPageOf } from '../../../renderer/jobs/job-page.svelte.ts'
import { layersOf } from '../../../renderer/layers/layers.svelte.ts'
import { libraryPageOf } from '../../../renderer/library/library-page.svelte.ts'
import { localOf } from '../../../renderer/local/local.svelte.ts'
import { mapViewOf } from '../../../renderer/map/view.svelte.ts'
import { fullDraft, workBridge } from '../graphs/sample-work.ts'
import { makeLayer } from '../layers/world.ts'

/** As a page does: reads the store while it is shown, first in a derived value, and is left. */
function visit(read: () => unknown): void {
  const leave = $effect.root(() => {
    const shown = $derived(read())
    $effect(() => void shown)
  })
  flushSync()
  leave()
}

test('the run that is being put together', async () => {
  const app = createApp(workBridge({ draft: { ...fullDraft, recipeId: null } }))
  const compose = () => runsOf(app).compose
  visit(() => [compose().recipe, compose().missing.length])
  await expect.poll(() => compose().isCurrent).toBe(true)
  expect(compose().missing.map(({ field }) => field)).toEqual(['recipeId'])
  visit(() => [compose().recipe, compose().missing.length])
  compose().change({ recipeId: 'ndvi' })
  await expect.poll(() => compose().isCurrent).toBe(true)
  expect(compose().findings).toEqual([])
  expect(compose().missing).toEqual([])
  expect(compose().recipe?.id).toBe('ndvi')
})

test('the layers on the map', () => {
  const app = createApp(workBridge({}))
  const layers = () => layersOf(app)
  visit(() => [layers().ordered, layers().shown, layers().top])
  app.stores.layers.keep(makeLayer('l1', 0))
  expect(layers().ordered.map(({ id }) => id)).toEqual(['l1'])
  expect(layers().top?.id).toBe('l1')
  visit(() => [layers().ordered, layers().shown, layers().top])
  app.stores.layers.drop('l1')
  expect(layers().ordered).toEqual([])
  expect(layers().shown).toEqual([])
  expect(layers().top).toBeUndefined()
})

test('the view of the map', () => {
  const app = createApp(workBridge({}))
  const view = () => mapViewOf(app)
  visit(() => [view().box, view().scale, view().memory, view().centre])
  view().set({ longitude: 11, latitude: 47, zoom: 9 })
  expect(view().centre).toEqual([11, 47])
  expect(view().memory).toEqual({ longitude: 11, latitude: 47, zoom: 9 })
  visit(() => [view().box, view().memory])
  view().resize(800, 600)
  view().set({ zoom: 4 })
  expect(view().box).toMatchObject({ width: 800, height: 600, zoom: 4 })
})

test.for([
  ['areas', areasOf],
  ['catalogue', catalogueOf],
  ['connections', connectionsPageOf],
  ['graphs', runsOf],
  ['jobs', jobPageOf],
  ['layers', layersOf],
  ['library', libraryPageOf],
  ['local', localOf],
  ['map', mapViewOf],
] as const)('the store of %s is one for each window', ([, storeOf]) => {
  const [one, other] = [createApp(workBridge({})), createApp(workBridge({}))]
  const ask = storeOf as (app: App) => object
  expect(ask(one)).toBe(ask(one))
  expect(ask(one)).not.toBe(ask(other))
})
