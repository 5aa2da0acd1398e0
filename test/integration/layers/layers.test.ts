/** Layers: remembered in order, opened when asked for, opened again after the engine ended, closed when they go. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Database, openDatabase } from '../../../main/core/database.ts'
import { AppError } from '../../../main/core/errors.ts'
import { silentLog } from '../../../main/core/log.ts'
import { createEngine } from '../../../main/layers/engine.ts'
import { createLayers, type Engine } from '../../../main/layers/index.ts'
import { applicationMigrations } from '../../../main/migrations/index.ts'
import type { AppEvent } from '../../../preload/contract/index.ts'
import type { Layer } from '../../../preload/contract/layers.ts'
import { createTestClock } from '../../fakes/clock.ts'

let database: Database
beforeEach(async () => {
  database = (await openDatabase({ path: ':memory:', migrations: applicationMigrations, log: silentLog })).database
  for (const id of ['r1', 'r2', 'r3'])
    database.run(
      `INSERT INTO result (id, title, state, folder, provenance, created_at, updated_at)
       VALUES (?, ?, 'complete', ?, '{}', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')`,
      [id, id, id],
    )
})
afterEach(() => database.close())

const raster = {
  width: 10,
  height: 10,
  bands: [{ name: '1', dataType: 'float32', nodata: null, description: null, scale: null, offset: null, unit: null }],
  crs: 'EPSG:32632',
  resolution: [10, 10],
  bounds: [11, 46, 12, 47],
  overviewCount: 0,
} as never
const statistics = { band: 0, validCount: 4, min: -0.5, max: 0.9, p2: -0.1, p98: 0.8 } as never

function open() {
  const isOpen = new Set<string>()
  const restarts: (() => void)[] = []
  const removals: ((resultId: string) => void)[] = []
  const control = {
    failOpen: null as AppError | null,
    failStatistics: null as AppError | null,
    hold: null as Promise<void> | null,
  }
  const engine: Engine = {
    async open(layerId) {
      if (control.hold) await control.hold
      if (control.failOpen) throw control.failOpen
      isOpen.add(layerId)
      return raster
    },
    close: (layerId) => void isOpen.delete(layerId),
    async statistics() {
      if (control.failStatistics) throw control.failStatistics
      return statistics
    },
    connectWindow: async () => {},
    onRestart: (listener) => void restarts.push(listener),
  }
  const events: AppEvent[] = []
  const gone = new Set<string>()
  const layers = createLayers({
    database,
    publish: (event) => events.push(event),
    clock: createTestClock(),
    log: silentLog,
    engine,
    assetSource(resultId) {
      if (gone.has(resultId)) throw new AppError('not-found', 'The result is not in the library any more.')
      return { source: { kind: 'file', path: '/x.tif' }, title: resultId }
    },
    onResultRemoved: (listener) => void removals.push(listener),
  })
  const add = async (resultId: string) =>
    (await layers.handlers.add({ resultId: resultId as never, assetKey: 'a' })) as Layer
  return { ...layers, add, isOpen, restarts, removals, control, events, gone, engine }
}
const titles = async (handlers: ReturnType<typeof open>['handlers']) =>
  (await handlers.list()).map(({ title }) => title)

test('the newest lies on top, the same raster lies there once, moving keeps positions without gaps', async () => {
  const { add, handlers, isOpen } = open()
  const { id } = await add('r1')
  await add('r2')
  await add('r3')
  await add('r1')
  expect(await titles(handlers)).toEqual(['r3', 'r2', 'r1'])
  await handlers.move({ id, position: 0 })
  await handlers.move({ id, position: 99 })
  await handlers.move({ id, position: 1 })
  const list = await handlers.list()
  expect(list.map(({ title, position }) => [title, position])).toEqual([
    ['r3', 0],
    ['r1', 1],
    ['r2', 2],
  ])
  expect(isOpen.size).toBe(3)
})

test('an index gets the diverging map; style and visibility are remembered by the next start', async () => {
  const { add, handlers } = open()
  const layer = await add('r1')
  expect(layer.style).toMatchObject({ mode: 'colour-map', colourMap: 'rdylgn', stretch: [[-0.1, 0.8]] })
  await handlers.style({ id: layer.id, style: { ...layer.style, opacity: 0.5 } })
  await handlers.show({ id: layer.id, isVisible: false })
  const [again] = (await open().handlers.list()) as Layer[]
  expect(again).toMatchObject({ isVisible: false, style: { opacity: 0.5 } })
  expect(again).not.toHaveProperty('raster')
  expect(again?.revision).toBeGreaterThan(layer.revision)
})

test('a raster that cannot be opened says why, and is tried again when asked for', async () => {
  const { id } = await open().add('r1')
  const { handlers, control } = open()
  control.failOpen = new AppError('unreadable-data', 'The file is cut short.')
  expect(await handlers.open({ id })).toMatchObject({ failure: { code: 'unreadable-data' } })
  await expect(handlers.statistics({ id, band: 0, exact: false })).rejects.toMatchObject({ code: 'unreadable-data' })
  control.failOpen = null
  expect(await handlers.open({ id })).toMatchObject({ raster: { crs: 'EPSG:32632' } })
  await expect(handlers.statistics({ id, band: 5, exact: false })).rejects.toMatchObject({ code: 'invalid-input' })
})

test('a layer whose result is gone says so', async () => {
  const { id } = await open().add('r1')
  const { handlers, gone } = open()
  gone.add('r1')
  expect(await handlers.open({ id })).toMatchObject({ failure: { code: 'not-found' } })
})

test('nothing stays open that lies on no map', async () => {
  const { add, handlers, control, isOpen } = open()
  control.failStatistics = new AppError('unreadable-data', 'No.')
  await expect(add('r1')).rejects.toMatchObject({ code: 'unreadable-data' })
  expect(isOpen.size).toBe(0)
  control.failStatistics = null
  const { id } = await add('r1')

  const later = open()
  const { promise, resolve } = Promise.withResolvers<void>()
  later.control.hold = promise
  const opening = later.handlers.open({ id }).catch(() => {})
  await later.handlers.remove({ id })
  resolve()
  await opening
  expect(later.isOpen.size).toBe(0)
  expect(await handlers.list()).toEqual([])
})

test('two calls at once make one layer', async () => {
  const { add, handlers, isOpen } = open()
  await Promise.all([add('r1'), add('r1')])
  expect(await handlers.list()).toHaveLength(1)
  expect(isOpen.size).toBe(1)
})

test('after the engine ended every layer is told without its raster, with a higher revision, and opens anew', async () => {
  const { add, handlers, restarts, events, isOpen } = open()
  const layer = await add('r1')
  isOpen.clear()
  for (const restart of restarts) restart()
  const told = events.at(-1)?.payload as Layer
  expect(told).not.toHaveProperty('raster')
  expect(told.revision).toBeGreaterThan(layer.revision)
  expect(await handlers.open({ id: layer.id })).toHaveProperty('raster')
  expect(isOpen.has(layer.id)).toBe(true)
})

test('an engine that ends after the application closed is nobody’s business', async () => {
  const { add, restarts, close } = open()
  await add('r1')
  close()
  database.close()
  for (const restart of restarts) expect(restart).not.toThrow()
  await beforeEachAgain()
})
async function beforeEachAgain() {
  database = (await openDatabase({ path: ':memory:', migrations: applicationMigrations, log: silentLog })).database
}

test('with a result go its layers', async () => {
  const { add, handlers, removals, isOpen, events } = open()
  await add('r1')
  await add('r2')
  for (const removal of removals) removal('r2')
  expect(await titles(handlers)).toEqual(['r1'])
  expect(isOpen.size).toBe(1)
  expect(events.some(({ feature, name }) => feature === 'layers' && name === 'removed')).toBe(true)
})

test('a raster that ends the engine whenever it is opened does not end it for ever', async () => {
  const clock = createTestClock()
  let starts = 0
  const engine = createEngine<never>({
    clock,
    log: silentLog,
    start() {
      starts += 1
      let end: (code: number) => void = () => {}
      return {
        postMessage: () => end(1),
        onMessage: () => {},
        onExit: (listener) => {
          end = listener
        },
      }
    },
    portToWindow: () => null as never,
  })
  const openOnce = () => engine.open('x', { kind: 'file', path: '/x.tif' })
  for (let n = 0; n < 20; n++) await expect(openOnce()).rejects.toMatchObject({ code: 'unreadable-data' })
  expect(starts).toBe(5)
  await clock.advance(61_000)
  await expect(openOnce()).rejects.toBeDefined()
  expect(starts).toBe(6)
})
