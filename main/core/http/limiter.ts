/**
 * One queue for each origin: so many requests at a time, slower after the server said 429, users before background.
 * Owns: the queues. Does not: send or count retries.
 */
import type { Clock } from '../clock.ts'
import { canceled } from './failures.ts'

export type Priority = 'user' | 'background'
export type LimiterOptions = { clock: Clock; mostAtOnce: number }
export type Limiter = {
  /** Waits for a turn; the answer gives it back. @throws AppError canceled */
  turn(origin: string, priority: Priority, signal?: AbortSignal): Promise<() => void>
  /** The server asked for patience: nobody is sent there for `waitMs`, and then with gaps between. */
  slowDown(origin: string, waitMs: number): void
  /** The server answers well: gaps become shorter. */
  speedUp(origin: string): void
}

const FIRST_GAP_MS = 250
const LONGEST_GAP_MS = 5_000
const GOOD_ANSWERS = 10
/** Beyond that many the ones that nobody uses are forgotten. */
const MOST_ORIGINS = 256

type Waiting = { start(): void; priority: Priority }
type Queue = {
  running: number
  waiting: Waiting[]
  notBeforeMs: number
  gapMs: number
  goodCount: number
  disarm?: (() => void) | undefined
}

export function createLimiter({ clock, mostAtOnce }: LimiterOptions): Limiter {
  const queues = new Map<string, Queue>()
  /** Documents of servers name other servers without end. */
  function forgetIdle(): void {
    for (const [origin, { running, waiting, notBeforeMs, gapMs }] of queues)
      if (running === 0 && waiting.length === 0 && gapMs === 0 && notBeforeMs <= clock.monotonicMs())
        queues.delete(origin)
  }
  function queueOf(origin: string): Queue {
    const known = queues.get(origin)
    if (known) return known
    if (queues.size >= MOST_ORIGINS) forgetIdle()
    const queue: Queue = { running: 0, waiting: [], notBeforeMs: 0, gapMs: 0, goodCount: 0 }
    queues.set(origin, queue)
    return queue
  }
  function next(queue: Queue): void {
    while (queue.waiting.length > 0 && queue.running < mostAtOnce) {
      const leftMs = queue.notBeforeMs - clock.monotonicMs()
      if (leftMs > 0) {
        queue.disarm ??= clock.setTimer(leftMs, () => {
          queue.disarm = undefined
          next(queue)
        })
        return
      }
      const first = queue.waiting.findIndex((entry) => entry.priority === 'user')
      const [entry] = queue.waiting.splice(Math.max(0, first), 1)
      queue.running++
      if (queue.gapMs > 0) queue.notBeforeMs = clock.monotonicMs() + queue.gapMs
      entry?.start()
    }
  }
  return {
    turn(origin, priority, signal) {
      const queue = queueOf(origin)
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(canceled())
        const giveUp = () => {
          queue.waiting.splice(queue.waiting.indexOf(entry), 1)
          reject(canceled())
        }
        const entry: Waiting = {
          priority,
          start() {
            signal?.removeEventListener('abort', giveUp)
            let isGiven = false
            resolve(() => {
              if (isGiven) return
              isGiven = true
              queue.running--
              next(queue)
            })
          },
        }
        signal?.addEventListener('abort', giveUp, { once: true })
        queue.waiting.push(entry)
        next(queue)
      })
    },
    slowDown(origin, waitMs) {
      const queue = queueOf(origin)
      queue.goodCount = 0
      queue.gapMs = Math.min(Math.max(FIRST_GAP_MS, queue.gapMs * 2), LONGEST_GAP_MS)
      queue.notBeforeMs = Math.max(queue.notBeforeMs, clock.monotonicMs() + waitMs)
      queue.disarm?.()
      queue.disarm = undefined
      next(queue)
    },
    speedUp(origin) {
      const queue = queues.get(origin)
      if (queue === undefined || queue.gapMs === 0 || ++queue.goodCount < GOOD_ANSWERS) return
      queue.goodCount = 0
      queue.gapMs = queue.gapMs <= FIRST_GAP_MS / 4 ? 0 : queue.gapMs / 2
    },
  }
}
