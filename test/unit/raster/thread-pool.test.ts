/** Threads that do not come up: started again a few times, not for ever. */
import { expect, it } from 'vitest'
import { type Thread, ThreadPool } from '../../../main/raster/thread-pool.ts'

const job = { kind: 'open' } as never

/** Threads that end as soon as the pool has heard of all of them. */
function startPool(endsAt: (n: number) => boolean) {
  let started = 0
  const createThread = (): Thread => {
    const n = ++started
    if (started > 100) throw new Error('threads are started without end')
    return {
      postMessage: () => undefined,
      onMessage: () => undefined,
      onEnd: (listener) => {
        if (endsAt(n)) queueMicrotask(listener)
      },
      terminate: async () => undefined,
    }
  }
  return { pool: new ThreadPool({ threadCount: 2, createThread }), count: () => started }
}

/** Until all microtasks are done. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

it('threads that die at their start are given up, and who asks is told', async () => {
  const { pool, count } = startPool(() => true)
  await settled()
  expect(count()).toBeLessThan(10)
  await expect(pool.run(job, 'tile')).rejects.toMatchObject({ code: 'bug' })
  await pool.close()
})

it('one that dies at its start is replaced', async () => {
  const { pool, count } = startPool((n) => n === 1)
  await settled()
  expect(count()).toBe(3)
  await pool.close()
})

it('who waits while the threads die is told', async () => {
  const { pool } = startPool(() => true)
  const asked = Array.from({ length: 20 }, () => pool.run(job, 'tile'))
  const outcomes = await Promise.allSettled(asked)
  expect(outcomes.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 'rejected'))
  await pool.close()
})
