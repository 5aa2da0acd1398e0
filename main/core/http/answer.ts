/**
 * One answer while it is read: its time-outs, its limit of size, and its end, which comes whatever its reader does.
 * Owns: the body as a stream that is read once. Does not: send, retry or follow (client.ts).
 */
import type { Clock } from '../clock.ts'
import { AppError } from '../errors.ts'
import { canceled, fromNetworkFailure, timeOut } from './failures.ts'
import type { TimeOuts } from './policy.ts'
import type { RequestEntry } from './request-log.ts'
import type { RawAnswer } from './transport.ts'
import type { HttpAnswer } from './types.ts'

export type Guard = ReturnType<typeof createGuard>
/** Ends a request that the user canceled or that takes too long, and knows which it was. */
export function createGuard(timeOuts: TimeOuts, outer: AbortSignal | undefined, clock: Clock) {
  const control = new AbortController()
  const stop = () => control.abort(canceled())
  outer?.addEventListener('abort', stop, { once: true })
  if (outer?.aborted) stop()
  const late = () => control.abort(timeOut())
  const disarmTotal = timeOuts.totalMs > 0 ? clock.setTimer(timeOuts.totalMs, late) : undefined
  return {
    signal: control.signal,
    /** The promise, unless it takes longer than that or the request ends first. */
    async race<T>(work: Promise<T>, mostMs: number): Promise<T> {
      const disarm = mostMs > 0 ? clock.setTimer(mostMs, late) : undefined
      let onAbort = () => {}
      const ended = new Promise<never>((_, reject) => {
        onAbort = () => reject(control.signal.reason)
        control.signal.addEventListener('abort', onAbort, { once: true })
        if (control.signal.aborted) onAbort()
      })
      try {
        return await Promise.race([work, ended])
      } finally {
        disarm?.()
        control.signal.removeEventListener('abort', onAbort)
        work.catch(() => {}) // it may still fail when nobody listens any more
      }
    },
    reasonOf: (failure: unknown): unknown =>
      control.signal.aborted ? control.signal.reason : fromNetworkFailure(failure).error,
    end() {
      disarmTotal?.()
      outer?.removeEventListener('abort', stop)
    },
  }
}

const tooLong = () => new AppError('back-end', 'The answer of the server is too long.', { retry: 'never' })

type Reading = {
  url: URL
  guard: Guard
  timeOuts: TimeOuts
  entry: RequestEntry
  end(failure?: unknown): void
  mostBytes: number | undefined
}
export function asAnswer(raw: RawAnswer, { url, guard, timeOuts, entry, end, mostBytes }: Reading): HttpAnswer {
  const cancel = () => {
    raw.cancel()
    end()
  }
  async function* read(): AsyncGenerator<Uint8Array> {
    const chunks = raw.body[Symbol.asyncIterator]()
    let isWhole = false
    let byteCount = 0
    try {
      for (;;) {
        const { done, value } = await guard.race(Promise.resolve(chunks.next()), timeOuts.idleMs)
        if (done) break
        entry.received(value.length)
        byteCount += value.length
        if (mostBytes !== undefined && byteCount > mostBytes) throw tooLong()
        yield value
      }
      isWhole = true
      end()
    } catch (failure) {
      const reason = guard.reasonOf(failure)
      end(reason)
      throw reason
    } finally {
      if (!isWhole) cancel()
    }
  }
  const body = read()
  return {
    status: raw.status,
    headers: raw.headers,
    url: url.href,
    isRedirected: false,
    body,
    async bytes(most) {
      const parts: Uint8Array[] = []
      let byteCount = 0
      for await (const chunk of body) {
        byteCount += chunk.length
        if (byteCount > most) throw tooLong()
        parts.push(chunk)
      }
      return Buffer.concat(parts, byteCount)
    },
    cancel,
  }
}
