/** Areas: what is kept is what the contract takes, undo works, and nothing that was removed comes back by itself. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createAreas } from '../../../main/areas/index.ts'
import { type Database, openDatabase } from '../../../main/core/database.ts'
import { silentLog } from '../../../main/core/log.ts'
import { applicationMigrations } from '../../../main/migrations/index.ts'
import { Area } from '../../../preload/contract/areas.ts'
import type { AppEvent } from '../../../preload/contract/index.ts'
import { createTestClock } from '../../fakes/clock.ts'

let database: Database
beforeEach(async () => {
  database = (await openDatabase({ path: ':memory:', migrations: applicationMigrations, log: silentLog })).database
})
afterEach(() => database.close())
function open() {
  const events: AppEvent[] = []
  const areas = createAreas({ database, publish: (event) => events.push(event), clock: createTestClock() })
  return { ...areas, events }
}
const square = (west = 11, south = 46, size = 1) => ({
  type: 'Polygon' as const,
  coordinates: [
    [
      [west, south],
      [west + size, south],
      [west + size, south + size],
      [west, south + size],
      [west, south],
    ],
  ],
})

test('add, rename, remove, restore: each is told with a higher revision', async () => {
  const { handlers, events, find } = open()
  const first = Area.parse(await handlers.add({ geometry: square() }))
  expect(first).toMatchObject({ name: 'Area 1', bbox: [11, 46, 12, 47] })
  expect(first.areaKm2).toBeGreaterThan(8000)
  expect((await handlers.add({ name: '  ', geometry: square() })).name).toBe('Area 2')
  expect((await handlers.update({ id: first.id, name: ' Fields ' })).name).toBe('Fields')
  expect((await handlers.update({ id: first.id, name: '   ' })).name).toBe('Fields')
  const wider = await handlers.update({ id: first.id, geometry: square(11, 46, 2) })
  expect(wider.bbox).toEqual([11, 46, 13, 48])
  await handlers.remove({ id: first.id })
  expect((await handlers.list()).map(({ name }) => name)).toEqual(['Area 2'])
  expect(find(first.id)?.name).toBe('Fields') // jobs still find it
  expect(await handlers.restore({ id: first.id })).toMatchObject({ name: 'Fields' })
  const revisions = events
    .filter(({ payload }) => (payload as Area).id === first.id && 'revision' in payload)
    .map(({ payload }) => (payload as Area).revision)
  expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b))
})

test('a removed area is not changed and not announced', async () => {
  const { handlers, events } = open()
  const { id } = Area.parse(await handlers.add({ geometry: square() }))
  await handlers.remove({ id })
  const before = events.length
  await expect(handlers.update({ id, name: 'x' })).rejects.toMatchObject({ code: 'not-found' })
  await expect(handlers.remove({ id })).rejects.toMatchObject({ code: 'not-found' })
  await expect(handlers.restore({ id: 'nobody' as never })).rejects.toMatchObject({ code: 'not-found' })
  expect(events.length).toBe(before)
})

test('a geometry outside the world is refused, so that the list stays readable', async () => {
  const { handlers } = open()
  await expect(handlers.add({ geometry: square(600_000, 5_000_000) })).rejects.toMatchObject({ code: 'invalid-input' })
  const { id } = Area.parse(await handlers.add({ geometry: square() }))
  await expect(handlers.update({ id, geometry: square(180) })).rejects.toMatchObject({ code: 'invalid-input' })
  for (const area of await handlers.list()) expect(Area.parse(area).bbox).toEqual([11, 46, 12, 47])
})

test('an outline of 150,000 corners is taken', async () => {
  const count = 150_000
  const ring = Array.from({ length: count }, (_, n) => {
    const angle = (2 * Math.PI * n) / (count - 1)
    return [11 + Math.cos(angle), 46 + Math.sin(angle)]
  })
  const text = JSON.stringify({ type: 'Polygon', coordinates: [ring] })
  const [area] = await open().handlers.importGeoJson({ text, fileName: 'lake.geojson' })
  expect(area?.bbox[0]).toBeCloseTo(10, 6)
})

test('a hostile list of a million entries is refused quickly', async () => {
  const text = `{"type":"FeatureCollection","features":[${'0,'.repeat(1_000_000)}0]}`
  const beganMs = performance.now()
  await expect(open().handlers.importGeoJson({ text, fileName: 'x' })).rejects.toMatchObject({ code: 'invalid-input' })
  expect(performance.now() - beganMs).toBeLessThan(3000)
})

test('a file with one bad polygon adds nothing', async () => {
  const { handlers, events } = open()
  const features = [square(), square(600_000)].map((geometry) => ({ type: 'Feature', geometry, properties: {} }))
  const text = JSON.stringify({ type: 'FeatureCollection', features })
  await expect(handlers.importGeoJson({ text, fileName: 'x' })).rejects.toMatchObject({ code: 'invalid-input' })
  expect([await handlers.list(), events]).toEqual([[], []])
})
