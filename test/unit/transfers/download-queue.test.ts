/** A disk that takes no row stops no process and no other download: the queue goes on when the disk does. */
import { expect, test } from 'vitest'
import { createLog, memorySink } from '../../../main/core/log.ts'
import { createDownloadQueue } from '../../../main/transfers/download-queue.ts'
import type { TransferRow, TransferStore } from '../../../main/transfers/transfer-store.ts'
import { createTestClock } from '../../fakes/clock.ts'

test('rows that cannot be written are tried again by a timer, each once a turn', async () => {
  const rows = Array.from({ length: 5 }, (_, n) => ({ id: `t${n}`, state: 'waiting', failure: null })) as TransferRow[]
  let isFull = true
  let writes = 0
  const store = {
    get: (id: string) => rows.find((row) => row.id === id),
    open: () => rows.filter((row) => row.state === 'waiting' || row.state === 'running'),
    change(id: string, columns: Partial<TransferRow>) {
      if (++writes > 500) throw new Error('written in a circle')
      if (isFull) throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' })
      Object.assign(rows.find((row) => row.id === id) as TransferRow, columns)
    },
  } as unknown as TransferStore
  const clock = createTestClock()
  const queue = createDownloadQueue({
    store,
    http: {
      send: async () => Promise.reject(new Error('not asked')),
      ask: async () => Promise.reject(new Error('no')),
    },
    clock,
    log: createLog({ sink: memorySink() }),
    askLink: async () => 'https://files.example/a.tif',
    accessOf: () => undefined,
    onChanged() {},
  })
  queue.start()
  expect(writes).toBe(2 * rows.length) // running, and failed: neither could be written
  expect(clock.timerCount).toBe(1)
  await clock.advance(5_000)
  expect(writes).toBe(4 * rows.length)
  expect(clock.timerCount).toBe(1)
  isFull = false
  await clock.advance(5_000)
  expect(rows.map((row) => row.state)).toEqual(rows.map(() => 'failed')) // there is no target: written as a failure now
  expect(clock.timerCount).toBe(0)
  isFull = true
  rows[0] = { ...(rows[0] as TransferRow), state: 'waiting' }
  queue.start()
  expect(clock.timerCount).toBe(1)
  await queue.stop()
  expect(clock.timerCount).toBe(0)
})
