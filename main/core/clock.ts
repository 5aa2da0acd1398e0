/**
 * Time, handed in, so that tests decide what time it is.
 * Owns: the reading of both clocks and one-shot timers. Does not: survive sleep (schedule.ts does).
 * Why two clocks: the wall clock can be set and jumps when the computer wakes; the monotonic one only goes forward.
 */
export type Clock = {
  /** Milliseconds since 1970-01-01T00:00:00Z by the wall clock. */
  now(): number
  /** Milliseconds since an arbitrary moment; never goes back. May stand still while the computer sleeps. */
  monotonicMs(): number
  /** Runs once after `waitMs`; the answer takes it back. Waits beyond 2³¹-1 ms are kept. */
  setTimer(waitMs: number, run: () => void): () => void
}

/** The longest delay that setTimeout keeps; longer ones would fire at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer(waitMs, run) {
    let timer: NodeJS.Timeout
    const arm = (leftMs: number) => {
      const stepMs = Math.max(0, Math.min(leftMs, LONGEST_TIMEOUT_MS))
      timer = setTimeout(() => (leftMs > stepMs ? arm(leftMs - stepMs) : run()), stepMs)
    }
    arm(waitMs)
    return () => clearTimeout(timer)
  },
}

/** The moment as RFC 3339 date-time in UTC with milliseconds, as all tables keep it: sorts as text. */
export const instant = (atMs: number): string => new Date(atMs).toISOString()
