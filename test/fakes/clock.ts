/**
 * A clock that stands still until the test moves it.
 * `advance` moves both clocks and runs what falls due, in order; `sleep` is a suspended computer: the wall clock moves
 * on, timers and the monotonic clock do not; `setWall` is a user who sets the clock.
 */
import type { Clock } from '../../main/core/clock.ts'

export type TestClock = Clock & {
  advance(byMs: number): Promise<void>
  sleep(forMs: number): void
  setWall(atMs: number): void
  readonly timerCount: number
}

/** Lets promises that are ready run on; no time passes. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

export function createTestClock(startMs = Date.UTC(2026, 0, 1)): TestClock {
  let wallMs = startMs
  let steadyMs = 0
  let next = 0
  const timers = new Map<number, { atMs: number; run: () => void }>()
  const earliest = () =>
    [...timers].reduce<[number, { atMs: number; run: () => void }] | undefined>(
      (best, entry) => (best === undefined || entry[1].atMs < best[1].atMs ? entry : best),
      undefined,
    )
  return {
    now: () => wallMs,
    monotonicMs: () => steadyMs,
    setTimer(waitMs, run) {
      const id = next++
      timers.set(id, { atMs: steadyMs + Math.max(0, waitMs), run })
      return () => void timers.delete(id)
    },
    async advance(byMs) {
      const untilMs = steadyMs + byMs
      await settle()
      for (let due = earliest(); due && due[1].atMs <= untilMs; due = earliest()) {
        wallMs += due[1].atMs - steadyMs
        steadyMs = due[1].atMs
        timers.delete(due[0])
        due[1].run()
        await settle()
      }
      wallMs += untilMs - steadyMs
      steadyMs = untilMs
    },
    sleep(forMs) {
      wallMs += forMs
    },
    setWall(atMs) {
      wallMs = atMs
    },
    get timerCount() {
      return timers.size
    },
  }
}
