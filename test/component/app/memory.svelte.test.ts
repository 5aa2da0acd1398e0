/** Promise: the window comes back as it was left, and a slow or missing memory delays nothing. */
import { flushSync } from 'svelte'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createClient } from '../../../renderer/app/bridge.svelte.ts'
import { Memory } from '../../../renderer/app/memory.svelte.ts'
import { isFeatureName } from '../../../renderer/app/routes.ts'
import { FakeFailure, fakeBridge } from './fake-bridge.ts'

const remembered = {
  feature: 'jobs',
  listWidthPx: 333,
  inspectorWidthPx: 444,
  drawerHeightPx: 222,
  isListOpen: false,
  isInspectorOpen: false,
  isDrawerOpen: true,
  drawerTab: 'transfers',
  view: { longitude: 11, latitude: 47, zoom: 9 },
}
const saving = (memory: Memory) =>
  $effect.root(() => {
    $effect(() => memory.saveWhenChanged())
  })

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function stand(answer: () => unknown) {
  const bridge = fakeBridge({ 'settings.windowMemory': answer })
  const memory = new Memory(createClient(bridge))
  const saved = () => bridge.inputsOf('settings.rememberWindow')
  return { memory, saved }
}

test('what main remembers is taken over, and given back as it came', async () => {
  const { memory } = stand(() => remembered)
  await memory.restore(isFeatureName, { isReload: true })
  expect(memory.snapshot()).toEqual(remembered)
})

test('at the start it comes with the address, and main is not asked; what cannot be read is a first start', async () => {
  const { memory } = stand(() => null)
  await memory.restore(isFeatureName, { search: `?${new URLSearchParams({ memory: JSON.stringify(remembered) })}` })
  expect(memory.snapshot()).toEqual(remembered)
  for (const search of ['', '?memory=', '?memory=%7Bfeature', '?other=1']) {
    const first = stand(() => remembered).memory
    await first.restore(isFeatureName, { search })
    expect(first.feature).toBe('graphs')
    expect(first.view).toBeNull()
  }
})

test('a page that this version does not have is not opened', async () => {
  const { memory } = stand(() => ({ ...remembered, feature: '__proto__' }))
  await memory.restore(isFeatureName, { isReload: true })
  expect(memory.feature).toBe('graphs')
  expect(memory.listWidthPx).toBe(333)
})

test('the window does not wait for an answer that does not come, and does not jump when it comes late', async () => {
  let answer: (value: unknown) => void = () => undefined
  const { memory } = stand(
    () =>
      new Promise((resolve) => {
        answer = resolve
      }),
  )
  const restored = memory.restore(isFeatureName, { isReload: true, atMostMs: 250 })
  await vi.advanceTimersByTimeAsync(250)
  await restored
  answer(remembered)
  await vi.advanceTimersByTimeAsync(1)
  expect(memory.feature).toBe('graphs')
})

test('changes are saved once, half a second after the last', async () => {
  const { memory, saved } = stand(() => remembered)
  const stop = saving(memory)
  await memory.restore(isFeatureName, { isReload: true })
  for (const width of [300, 310, 320]) {
    memory.listWidthPx = width
    flushSync()
    await vi.advanceTimersByTimeAsync(100)
  }
  expect(saved()).toEqual([])
  await vi.advanceTimersByTimeAsync(500)
  expect(saved()).toEqual([{ ...remembered, listWidthPx: 320 }])
  memory.isListOpen = true
  flushSync()
  memory.saveNow()
  expect(saved()).toHaveLength(2)
  await vi.advanceTimersByTimeAsync(1000)
  expect(saved()).toHaveLength(2)
  stop()
})

test('nothing is saved before it was restored, so that a start never overwrites the memory with defaults', async () => {
  const { memory, saved } = stand(() => {
    throw new FakeFailure({ code: 'bug' })
  })
  const stop = saving(memory)
  flushSync()
  await vi.advanceTimersByTimeAsync(1000)
  expect(saved()).toEqual([])
  stop()
})
