/**
 * A sign-in that is under way: what the user sees of it, and how it is called off.
 * Owns: that the newer one takes the place of the older, and that one which was overtaken tells nothing any more.
 */
import type { WireError } from '../../../preload/contract/errors.ts'
import type { Clock } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import { canceled } from '../../core/http/failures.ts'
import { firstView, type Live, type Pending } from './live.ts'
import type { Progress } from './opening.ts'

type Told = {
  changed(live: Live): void
  asWire(what: string, live: Live, failure: unknown): WireError
}

export const cancel = (live: Live | undefined): void => live?.pending?.control.abort(canceled())

/** What is under way becomes this one. */
export function beginPending(live: Live, told: Told & { clock: Clock }): { pending: Pending; progress: Progress } {
  cancel(live)
  const pending: Pending = { control: new AbortController(), view: firstView(told.clock.now()), page: null }
  live.pending = pending
  live.failure = null
  pending.control.signal.addEventListener('abort', () => finish(live, pending, told), { once: true })
  told.changed(live)
  const progress: Progress = {
    signal: pending.control.signal,
    tell(change, page) {
      if (live.pending !== pending) return
      const isNews = Object.entries(change).some(([name, value]) => pending.view[name as 'step'] !== value)
      pending.view = { ...pending.view, ...change }
      if (page !== undefined) pending.page = page
      if (isNews) told.changed(live)
    },
  }
  return { pending, progress }
}

export function finish(live: Live, pending: Pending, { changed, asWire }: Told, failure?: unknown): void {
  if (live.pending !== pending) return
  live.pending = null
  if (failure !== undefined && !(failure instanceof AppError && failure.code === 'canceled'))
    live.failure = asWire('A sign-in failed', live, failure)
  changed(live)
}
