/**
 * Work that is due later, once, also when the computer slept over it.
 * Owns: one timer for all. Work that fell due while asleep, suspended or offline runs once when that ends.
 * Does not: remember anything over a restart (rows do) or run work twice at a time under one key.
 * Why a look at the clock every 30 s: system events of waking can fail to come; two clocks that part cannot.
 */
import type { Clock } from './clock.ts'
import type { Log } from './log.ts'

export type ScheduleOptions = {
  /** Part of the wait that is left to chance, 0 to 1: 0.1 is ±10 %. */
  jitter?: number
  /** Waits for the network as well. */
  needsNetwork?: boolean
}
type Run = () => void | Promise<void>
export type Schedule = {
  /** Runs once after so long; what was scheduled under the key before is replaced. Sleep counts as waiting. */
  after(key: string, waitMs: number, run: Run, options?: ScheduleOptions): void
  /** Runs once at a time of the wall clock. */
  at(key: string, atMs: number, run: Run, options?: ScheduleOptions): void
  /** Runs again and again; a round begins when the one before has ended, and rounds that were missed are left out. */
  every(key: string, periodMs: number, run: Run, options?: ScheduleOptions): void
  cancel(key: string): void
  /** The computer goes to sleep, or the network is gone: due work waits. */
  pause(why: 'suspended' | 'offline'): void
  resume(why: 'suspended' | 'offline'): void
  close(): void
}
type Needs = { clock: Clock; log: Log; random?: () => number }
type Entry = {
  /** By the wall clock. */
  dueWallMs: number
  /** By the monotonic clock; undefined for `at`. */
  dueSteadyMs: number | undefined
  run: Run
  needsNetwork: boolean
}

const LOOK_MS = 30_000

export function createSchedule({ clock, log, random = Math.random }: Needs): Schedule {
  const entries = new Map<string, Entry>()
  const running = new Set<string>()
  const paused = new Set<'suspended' | 'offline'>()
  let disarm: (() => void) | undefined
  let isClosed = false

  const isDue = (entry: Entry) =>
    clock.now() >= entry.dueWallMs || (entry.dueSteadyMs !== undefined && clock.monotonicMs() >= entry.dueSteadyMs)
  const leftMs = (entry: Entry) => {
    const byWall = entry.dueWallMs - clock.now()
    return entry.dueSteadyMs === undefined ? byWall : Math.min(byWall, entry.dueSteadyMs - clock.monotonicMs())
  }
  const isHeld = (entry: Entry) => paused.has('suspended') || (entry.needsNetwork && paused.has('offline'))

  function arm(): void {
    disarm?.()
    disarm = undefined
    const waits = [...entries].filter(([key, entry]) => !isHeld(entry) && !running.has(key)).map(([, e]) => leftMs(e))
    if (isClosed || waits.length === 0) return
    disarm = clock.setTimer(Math.max(0, Math.min(LOOK_MS, ...waits)), look)
  }
  function look(): void {
    for (const [key, entry] of entries) {
      if (running.has(key) || isHeld(entry) || !isDue(entry)) continue
      entries.delete(key)
      running.add(key)
      void start(key, entry)
    }
    arm()
  }
  async function start(key: string, entry: Entry): Promise<void> {
    try {
      await entry.run()
    } catch (failure) {
      log.error('Scheduled work failed', { key, failure })
    } finally {
      running.delete(key)
      arm()
    }
  }
  function put(key: string, waitMs: number, run: Run, options: ScheduleOptions, isSteady: boolean): void {
    const spreadMs = waitMs * (options.jitter ?? 0) * (2 * random() - 1)
    const inMs = Math.max(0, waitMs + spreadMs)
    entries.set(key, {
      dueWallMs: clock.now() + inMs,
      dueSteadyMs: isSteady ? clock.monotonicMs() + inMs : undefined,
      run,
      needsNetwork: options.needsNetwork ?? false,
    })
    arm()
  }
  const periodic = new Map<string, symbol>()
  const cancel = (key: string) => {
    periodic.delete(key)
    entries.delete(key)
    arm()
  }
  return {
    after(key, waitMs, run, options = {}) {
      periodic.delete(key)
      put(key, waitMs, run, options, true)
    },
    at(key, atMs, run, options = {}) {
      periodic.delete(key)
      put(key, atMs - clock.now(), run, options, false)
    },
    every(key, periodMs, run, options = {}) {
      const mark = Symbol(key)
      periodic.set(key, mark)
      const round = async () => {
        try {
          await run()
        } finally {
          if (periodic.get(key) === mark && !isClosed) put(key, periodMs, round, options, true)
        }
      }
      put(key, periodMs, round, options, true)
    },
    cancel,
    pause(why) {
      paused.add(why)
      arm()
    },
    resume(why) {
      paused.delete(why)
      look()
    },
    close() {
      isClosed = true
      entries.clear()
      periodic.clear()
      disarm?.()
    },
  }
}
