/**
 * Which downloads run: three at a time, in the order in which they were asked for.
 * Owns: pause, resume, cancel, and what is told of progress (four times a second at most). One failing file stops no other.
 * Does not: fetch (download.ts).
 */
import type { Transfer } from '../../preload/contract/transfers.ts'
import type { Clock } from '../core/clock.ts'
import { AppError, toWireError } from '../core/errors.ts'
import type { Http } from '../core/http/index.ts'
import type { Log } from '../core/log.ts'
import { type Access, discard, download } from './download.ts'
import type { DownloadRequest } from './messages.ts'
import { isEnded, isOpen, type TransferChange, type TransferStore, toTransfer } from './transfer-store.ts'

const MOST_AT_ONCE = 3
const TELL_MS = 250
const UNWRITABLE_MS = 5_000
/** Weight of the newest measurement in the shown speed. */
const FRESHNESS = 0.3

type Needs = {
  store: TransferStore
  http: Http
  clock: Clock
  log: Log
  askLink(resultId: string, assetKey: string): Promise<string>
  accessOf(connectionId: string): Access | undefined
  onChanged(transfer: Transfer): void
  random?: () => number
}
type Running = { stop: AbortController; ended: Promise<void> }
type Live = {
  receivedBytes: number
  bytesPerSecond: number | null
  toldMs: number
  toldBytes: number
  /** Takes back the timer that tells what came since. */
  disarm: (() => void) | undefined
}

export type DownloadQueue = ReturnType<typeof createDownloadQueue>
export function createDownloadQueue(needs: Needs) {
  const { store, clock, log } = needs
  const running = new Map<string, Running>()
  const links = new Map<string, string>()
  const live = new Map<string, Live>()
  const unwritable = new Set<string>()
  let disarmRetry: (() => void) | undefined
  let isStopped = false

  const found = (id: string) => {
    const row = store.get(id)
    if (!row) throw new AppError('not-found', 'The transfer is not there any more.')
    return row
  }
  const shown = (id: string): Transfer => {
    const row = found(id)
    return toTransfer(row, row.state === 'running' ? live.get(id) : undefined)
  }
  const tell = (id: string) => needs.onChanged(shown(id))
  const change = (id: string, columns: TransferChange) => {
    store.change(id, columns)
    tell(id)
  }

  function progress(id: string, receivedBytes: number): void {
    const nowMs = clock.monotonicMs()
    let now = live.get(id)
    if (now === undefined) {
      now = { receivedBytes, bytesPerSecond: null, toldMs: nowMs, toldBytes: receivedBytes, disarm: undefined }
      live.set(id, now)
    }
    now.receivedBytes = receivedBytes
    const leftMs = TELL_MS - (nowMs - now.toldMs)
    if (leftMs <= 0) tellProgress(id)
    else now.disarm ??= clock.setTimer(leftMs, () => tellProgress(id))
  }
  function tellProgress(id: string): void {
    const now = live.get(id)
    if (now === undefined) return
    now.disarm?.()
    now.disarm = undefined
    const nowMs = clock.monotonicMs()
    const newest = ((now.receivedBytes - now.toldBytes) / Math.max(1, nowMs - now.toldMs)) * 1_000
    const before = now.bytesPerSecond ?? newest
    now.bytesPerSecond = Math.max(0, before * (1 - FRESHNESS) + newest * FRESHNESS)
    now.toldMs = nowMs
    now.toldBytes = now.receivedBytes
    // numbers of progress get a revision as well, or the window would take them for late news
    change(id, {})
  }

  async function link(id: string, fresh: boolean): Promise<string> {
    const known = links.get(id)
    if (known !== undefined && !fresh) return known
    const row = found(id)
    const url = await needs.askLink(row.result_id, row.asset_key)
    links.set(id, url)
    return url
  }

  async function run(id: string, stop: AbortController): Promise<void> {
    try {
      change(id, { state: 'running', failure: null })
      await download(found(id), {
        ...needs,
        signal: stop.signal,
        link: (fresh) => link(id, fresh),
        onProgress: (receivedBytes) => progress(id, receivedBytes),
        change: (columns) => change(id, columns),
      })
      links.delete(id)
    } catch (failure) {
      if (stop.signal.aborted) return // pause, cancel and stop have written their state
      const isKnown = failure instanceof AppError
      const logRef = log[isKnown ? 'warn' : 'error']('A download failed', { transfer: id, failure })
      noteFailure(id, JSON.stringify(toWireError(failure, logRef)))
    } finally {
      live.get(id)?.disarm?.()
      live.delete(id)
      running.delete(id)
      next()
    }
  }

  /** A row that cannot be written stays open (a full disk): it gets its turn again later, not at once. */
  function noteFailure(id: string, failure: string): void {
    try {
      change(id, { state: 'failed', failure })
    } catch (unwritten) {
      log.error('The failure of a download could not be written', { transfer: id, failure: unwritten })
      unwritable.add(id)
      disarmRetry ??= clock.setTimer(UNWRITABLE_MS, () => {
        disarmRetry = undefined
        unwritable.clear()
        next()
      })
    }
  }

  function next(): void {
    if (isStopped) return
    for (const row of store.open()) {
      if (running.size >= MOST_AT_ONCE) return
      if (running.has(row.id) || unwritable.has(row.id)) continue
      const stop = new AbortController()
      const entry: Running = { stop, ended: Promise.resolve() }
      running.set(row.id, entry)
      entry.ended = run(row.id, stop)
    }
  }
  async function halt(id: string): Promise<void> {
    const entry = running.get(id)
    entry?.stop.abort(new AppError('canceled', 'Canceled.'))
    await entry?.ended
  }

  return {
    /** Goes on with what the last run left. */
    start: next,
    download(id: string, request: DownloadRequest): Transfer {
      const known = store.openAt(request.targetPath)
      if (known === undefined) store.add(id, request)
      const taken = known?.id ?? id
      links.set(taken, request.url)
      tell(taken)
      next()
      return shown(taken)
    },
    async pause(id: string): Promise<Transfer> {
      if (isOpen(found(id).state)) {
        store.change(id, { state: 'paused' })
        await halt(id)
        // it may have come to its end before it heard of this
        if (found(id).state !== 'done') change(id, { state: 'paused' })
      }
      return shown(id)
    },
    resume(id: string): Transfer {
      const { state, target_path } = found(id)
      if (state !== 'paused' && state !== 'failed' && state !== 'canceled') return shown(id)
      const other = store.openAt(target_path)
      if (other !== undefined && other.id !== id)
        throw new AppError('conflict', 'The file is being downloaded already.')
      change(id, { state: 'waiting', failure: null })
      next()
      return shown(id)
    },
    async cancel(id: string): Promise<Transfer> {
      const row = found(id)
      if (row.state === 'done' || row.state === 'canceled') return shown(id)
      store.change(id, { state: 'canceled', failure: null })
      await halt(id)
      if (found(id).state === 'done') return shown(id)
      await discard(row, store)
      change(id, { state: 'canceled', own_checksum: null, etag: null, last_modified: null })
      return shown(id)
    },
    /** Ends and forgets everything of a result. The files that are done stay. */
    async forget(resultId: string): Promise<string[]> {
      const rows = store.ofResult(resultId)
      for (const row of rows) {
        if (row.state !== 'done') store.change(row.id, { state: 'canceled' })
        await halt(row.id)
        if (row.state !== 'done') await discard(row, store)
        store.remove(row.id)
        links.delete(row.id)
      }
      return rows.map((row) => row.id)
    },
    async clearEnded(): Promise<string[]> {
      const rows = store.list().filter((row) => isEnded(row.state))
      for (const row of rows) {
        if (row.state !== 'done') await discard(row, store)
        store.remove(row.id)
        links.delete(row.id)
      }
      return rows.map((row) => row.id)
    },
    /** Keeps what came so far and ends; the rows stay open for the next start. */
    async stop(): Promise<void> {
      isStopped = true
      disarmRetry?.()
      await Promise.all([...running.keys()].map(halt))
    },
  }
}
