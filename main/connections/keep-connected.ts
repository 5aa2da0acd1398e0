/**
 * Whether each service answers: tries, tries again later, looks again from time to time.
 * Owns: the state of each connection in this run, one attempt at a time, and the times between. Does not: know how a
 * service is asked (handed in) or keep rows.
 */
import type { Connection } from '../../preload/contract/connections.ts'
import type { WireError } from '../../preload/contract/errors.ts'
import type { Clock } from '../core/clock.ts'
import { AppError, toWireError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Schedule } from '../core/schedule.ts'

export type Outcome = {
  /** When to look again by itself; null: not at all. */
  lookAgainMs: number | null
  /** Something that others follow up is another than before. */
  hasChanged: boolean
}
export type LiveState = {
  state: Exclude<Connection['state'], 'disabled'>
  failure?: WireError | undefined
}
type Needs = {
  clock: Clock
  schedule: Schedule
  log: Log
  /** Asks the service. @throws AppError where it does not answer as it should */
  attempt(id: string, signal: AbortSignal): Promise<Outcome>
  /** Whether it may be asked now: it is there, and not disabled. */
  isWanted(id: string): boolean
  /** Whether it can be reached without a network. */
  isLocal(id: string): boolean
  changed(id: string): void
  connected(id: string): void
}
type How = { quietly?: boolean; isNews?: boolean }
type Live = LiveState & {
  attempt: number
  failureCount: number
  control: AbortController | null
  /** When it last answered or failed, by the monotonic clock; null: not yet. */
  lookedAtMs: number | null
}

const FIRST_RETRY_MS = 5_000
const LONGEST_RETRY_MS = 120_000
const RETRY_SPREAD = 0.1

export type Keeper = ReturnType<typeof createKeeper>

export function createKeeper({ clock, schedule, log, attempt, isWanted, isLocal, changed, connected }: Needs) {
  const live = new Map<string, Live>()
  let isClosed = false
  const liveOf = (id: string): Live => {
    const known = live.get(id) ?? { state: 'connecting', attempt: 0, failureCount: 0, control: null, lookedAtMs: null }
    live.set(id, known)
    return known
  }
  const keyOf = (id: string) => `connection ${id}`

  /** What is under way is not listened to any more, and nothing is planned. */
  function stop(id: string): Live {
    const now = liveOf(id)
    now.attempt += 1
    now.control?.abort()
    now.control = null
    schedule.cancel(keyOf(id))
    return now
  }

  /**
   * Asks the service now; an attempt that is under way is given up. Resolves when it has answered or failed, or was
   * overtaken itself. `quietly`: the state stays until the answer is there. `isNews`: followers are told in any case.
   */
  async function connect(id: string, how: How = {}): Promise<void> {
    if (isClosed || !isWanted(id)) return
    const { quietly = false, isNews = !quietly } = how
    const now = stop(id)
    const number = now.attempt
    const control = new AbortController()
    now.control = control
    if (!quietly) setState(id, now, 'connecting', undefined)
    const wasConnected = now.state === 'connected'
    try {
      const { lookAgainMs, hasChanged } = await attempt(id, control.signal)
      if (isClosed || now.attempt !== number) return
      now.control = null
      now.lookedAtMs = clock.monotonicMs()
      now.failureCount = 0
      setState(id, now, 'connected', undefined)
      if (lookAgainMs !== null) later(id, lookAgainMs)
      if (isNews || !wasConnected || hasChanged) connected(id)
    } catch (failure) {
      if (isClosed || now.attempt !== number) return
      now.control = null
      now.lookedAtMs = clock.monotonicMs()
      fail(id, now, failure)
    }
  }

  function fail(id: string, now: Live, failure: unknown): void {
    const code = failure instanceof AppError ? failure.code : 'bug'
    const ref = log[code === 'bug' ? 'error' : 'warn']('A connection failed', { id, failure })
    const wire = toWireError(failure, ref)
    setState(id, now, 'failed', wire)
    if (wire.retry === 'never') return
    later(id, Math.min(FIRST_RETRY_MS * 2 ** now.failureCount, LONGEST_RETRY_MS))
    now.failureCount = Math.min(now.failureCount + 1, 20)
  }

  function setState(id: string, now: Live, state: LiveState['state'], failure: WireError | undefined): void {
    now.state = state
    now.failure = failure
    changed(id)
  }
  function later(id: string, waitMs: number): void {
    const options = { jitter: RETRY_SPREAD, needsNetwork: !isLocal(id) }
    schedule.after(keyOf(id), waitMs, () => begin(id, { quietly: true }), options)
  }
  const begin = (id: string, how: How = {}): void =>
    void connect(id, how).catch((failure) => log.error('A connection could not be kept', { id, failure }))

  return {
    state: (id: string): LiveState => liveOf(id),
    connect,
    begin,
    stop: (id: string): void => void stop(id),
    /** Says that the service is not there, without asking it. */
    setAside(id: string, failure: WireError | undefined): void {
      const now = stop(id)
      now.failureCount = 0
      setState(id, now, failure ? 'failed' : 'connecting', failure)
    },
    /** The network is back or the computer awake: what failed for want of it is asked now. */
    resume(): void {
      for (const [id, now] of live) {
        // also what was refused for good: it may have been another network that refused
        if (now.state !== 'failed' || now.control) continue
        now.failureCount = 0
        begin(id, { quietly: true })
      }
    },
    /** Somebody looks at the state of this service: where it is older than so long, it is asked now, quietly. */
    freshen(id: string, olderThanMs: number): void {
      const now = live.get(id)
      if (!now || now.control || now.lookedAtMs === null) return
      if (clock.monotonicMs() - now.lookedAtMs >= olderThanMs) begin(id, { quietly: true })
    },
    forget(id: string): void {
      stop(id)
      live.delete(id)
    },
    close(): void {
      isClosed = true
      for (const id of live.keys()) stop(id)
    },
  }
}
