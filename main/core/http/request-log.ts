/**
 * The last 500 requests, without secrets, for the user and for support.
 * Owns: the records, each redirect and each attempt one of its own. Does not: keep headers or bodies.
 */
import type { RequestRecord } from '../../../preload/contract/diagnostics.ts'
import { type Clock, instant } from '../clock.ts'
import type { Redactor } from '../redact.ts'

export const MOST_RECORDS = 500

export type RequestEntry = {
  answered(status: number, requestId: string | null): void
  received(byteCount: number): void
  end(outcome: 'answered' | 'failed' | 'canceled', failure?: string): void
}
export type RequestLog = {
  begin(method: string, url: string, attempt: number): RequestEntry
  /** Takes in the record of another process under a number of this one. */
  accept(record: RequestRecord): void
  /** Oldest first. */
  list(): RequestRecord[]
}
type Needs = { clock: Clock; redactor: Redactor; onRecord?: ((record: RequestRecord) => void) | undefined }

export function createRequestLog({ clock, redactor, onRecord }: Needs): RequestLog {
  const records = new Map<number, RequestRecord>()
  const adopted = new Map<number, number>()
  let lastId = 0
  function keep(record: RequestRecord): void {
    records.set(record.id, record)
    for (const id of records.keys()) {
      if (records.size <= MOST_RECORDS) break
      records.delete(id)
    }
    onRecord?.({ ...record })
  }
  return {
    begin(method, url, attempt) {
      const startMs = clock.monotonicMs()
      const record: RequestRecord = {
        id: ++lastId,
        startedAt: instant(clock.now()),
        method,
        url: redactor.text(url).slice(0, 2_000),
        status: null,
        durationMs: null,
        receivedBytes: 0,
        attempt,
        outcome: 'pending',
        failure: null,
        requestId: null,
      }
      keep(record)
      return {
        answered(status, requestId) {
          record.status = status
          record.requestId = requestId === null ? null : redactor.text(requestId).slice(0, 200)
        },
        received(byteCount) {
          record.receivedBytes += byteCount
        },
        end(outcome, failure) {
          if (record.outcome !== 'pending') return
          record.outcome = outcome
          record.failure = failure ?? null
          record.durationMs = Math.round((clock.monotonicMs() - startMs) * 10) / 10
          onRecord?.({ ...record })
        },
      }
    },
    accept(record) {
      const known = record.outcome === 'pending' ? undefined : adopted.get(record.id)
      const id = known ?? ++lastId
      if (record.outcome === 'pending') adopted.set(record.id, id)
      else adopted.delete(record.id)
      keep({ ...record, id, url: redactor.text(record.url) })
    },
    list: () => [...records.values()].map((record) => ({ ...record })),
  }
}
