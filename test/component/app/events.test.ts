/** Promise: nothing that main tells is lost or applied out of order; what was missed is read again. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createClient } from '../../../renderer/app/bridge.svelte.ts'
import { EventStream } from '../../../renderer/app/events.ts'
import { EntityStore } from '../../../renderer/app/stores.svelte.ts'
import { FakeFailure, fakeBridge } from './fake-bridge.ts'

const area = (id: string, revision: number, name = `${id} ${revision}`) => ({
  id,
  revision,
  name,
  geometry: { type: 'Polygon' as const, coordinates: [] },
  bbox: [0, 0, 1, 1] as [number, number, number, number],
  areaKm2: 1,
  createdAt: '2026-11-20T09:00:00Z',
})
const changed = (entity: ReturnType<typeof area>) => ({ feature: 'areas', name: 'changed', payload: entity }) as never
const removed = (id: string) => ({ feature: 'areas', name: 'removed', payload: { id } }) as never

function stand(list: () => unknown = () => [area('a', 1), area('b', 1)]) {
  const bridge = fakeBridge({ 'areas.list': list })
  const store = new EntityStore(createClient(bridge), 'areas')
  const events = new EventStream(bridge)
  const listCalls = () => bridge.inputsOf('areas.list').length
  return { bridge, store, events, listCalls }
}
function later<T>() {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

test('changed, new and removed entities', async () => {
  const { bridge, store, events } = stand()
  await events.feed('areas', store)
  bridge.send(changed(area('b', 2)))
  bridge.send(changed(area('c', 1)))
  bridge.send(removed('a'))
  expect(store.all.map(({ name }) => name)).toEqual(['b 2', 'c 1'])
})

test('a late revision changes nothing', async () => {
  const { bridge, store, events } = stand(() => [area('a', 3)])
  await events.feed('areas', store)
  bridge.send(changed(area('a', 2)))
  expect(store.get('a')?.revision).toBe(3)
})

test('an event that comes while the list is read is applied after it', async () => {
  const list = later<unknown>()
  const { bridge, store, events } = stand(() => list.promise)
  const fed = events.feed('areas', store)
  bridge.send(removed('a'))
  bridge.send(changed(area('b', 2)))
  expect(store.all).toEqual([])
  // the list is older than the events
  list.resolve([area('a', 1), area('b', 1)])
  await fed
  expect(store.all.map(({ name }) => name)).toEqual(['b 2'])
})

test('a gap in the numbers reads everything again', async () => {
  let round = 0
  const { bridge, store, events, listCalls } = stand(() =>
    round++ === 0 ? [area('a', 1), area('b', 1)] : [area('b', 5)],
  )
  await events.feed('areas', store)
  bridge.send(changed(area('b', 2)))
  expect(listCalls()).toBe(1)
  bridge.send(changed(area('b', 4)), 1)
  await vi.waitFor(() => expect(listCalls()).toBe(2))
  await vi.waitFor(() => expect(store.all.map(({ name }) => name)).toEqual(['b 5']))
})

test('numbers that begin again (main started anew) count as a gap', async () => {
  const { bridge, store, events, listCalls } = stand()
  await events.feed('areas', store)
  bridge.send(changed(area('b', 2)), 40)
  bridge.send(changed(area('b', 3)), -40)
  await vi.waitFor(() => expect(listCalls()).toBe(2))
})

test('a gap while the list is read makes it be read once more, because it may miss the same', async () => {
  const lists = [later<unknown>(), later<unknown>()]
  let round = 0
  const { bridge, store, events, listCalls } = stand(() => lists[round++]?.promise)
  const fed = events.feed('areas', store)
  bridge.send(changed(area('x', 1)))
  bridge.send(changed(area('a', 2)), 3)
  lists[0]?.resolve([area('a', 1)])
  await vi.waitFor(() => expect(listCalls()).toBe(2))
  lists[1]?.resolve([area('a', 2), area('lost', 1)])
  await fed
  expect(store.get('lost')).toBeDefined()
})

test('a list that cannot be read keeps what was known, says why, and recovers', async () => {
  const { bridge, store, events } = stand()
  await events.feed('areas', store)
  bridge.answer('areas.list', () => {
    throw new FakeFailure({ code: 'bug' })
  })
  await events.reloadAll()
  expect(store.failure?.code).toBe('bug')
  expect(store.count).toBe(2)
  bridge.send(changed(area('a', 2)))
  expect(store.get('a')?.revision).toBe(2)
  bridge.answer('areas.list', () => [area('a', 2)])
  await events.reloadAll()
  expect(store.failure).toBeUndefined()
  expect(store.count).toBe(1)
})

describe('sleep', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('a timer that comes far too late means sleep: everything is read again', async () => {
    const { store, events, listCalls } = stand()
    await events.feed('areas', store)
    let now = 0
    const stop = events.watchForSleep(() => now)
    for (let beat = 0; beat < 5; beat++) {
      now += 10_000
      await vi.advanceTimersByTimeAsync(10_000)
    }
    expect(listCalls()).toBe(1)
    now += 3_600_000
    await vi.advanceTimersByTimeAsync(10_000)
    expect(listCalls()).toBe(2)
    stop()
    now += 3_600_000
    await vi.advanceTimersByTimeAsync(20_000)
    expect(listCalls()).toBe(2)
  })

  test('a window that is seen again reads everything, for main tells a hidden one nothing', async () => {
    const { store, events, listCalls } = stand()
    await events.feed('areas', store)
    const stop = events.watchForSleep()
    document.dispatchEvent(new Event('visibilitychange'))
    await vi.advanceTimersByTimeAsync(0)
    expect(listCalls()).toBe(2)
    stop()
  })
})
