/**
 * Bytes on their way: downloads of results, with progress, pause and resume.
 * Owns: the transfers process (started on first use, started again when it dies). Emits: transfers.changed, .removed.
 * Does not: move bytes itself (main/worker/transfers.ts does), write its tables, or keep links and tokens.
 */
import type { Handlers } from '../../preload/contract/index.ts'
import type { Transfer } from '../../preload/contract/transfers.ts'
import type { Clock } from '../core/clock.ts'
import type { Database } from '../core/database.ts'
import { AppError } from '../core/errors.ts'
import type { RequestLog, Trust } from '../core/http/index.ts'
import { newId } from '../core/ids.ts'
import type { Log } from '../core/log.ts'
import { createPeer, type Peer } from '../core/peer.ts'
import type { Publish } from '../ipc/publish.ts'
import type { DownloadAccess, DownloadRequest, MainQuestions, WorkerQuestions } from './messages.ts'
import { createTransferStore, type TransferRow, toTransfer } from './transfer-store.ts'

export type { DownloadRequest } from './messages.ts'

/** The process as main sees it. */
export type TransfersProcess = {
  postMessage(message: unknown): void
  onMessage(listener: (message: unknown) => void): unknown
  onExit(listener: (code: number) => void): void
  kill(): void
}
export type TransfersFeature = {
  handlers: Handlers<'transfers'>
  /** Keeps the download as a row and begins. One that is under way for the same target is left alone. */
  download(request: DownloadRequest): Promise<void>
  /** Goes on with a failed, paused or canceled download of this asset; false where there is none. */
  retry(resultId: string, assetKey: string): Promise<boolean>
  /** Ends and forgets the downloads of a result; files that are done stay. */
  forget(resultId: string): Promise<void>
  onChange(listener: (transfer: Transfer) => void): void
  /**
   * What the downloads of this connection may use from now on, in place of what they had: headers at the origin of this
   * address, and a certificate trusted at its host. null and no trust: nothing.
   */
  setCredential(
    connectionId: string,
    url: string,
    headers: Record<string, string> | null,
    trust?: Trust | undefined,
  ): Promise<void>
  /** Goes on with what was under way when Swath ended. Starts the process only where there is something. */
  resumeOpen(): Promise<void>
  /** The network is back: goes on with what failed for want of it. */
  networkIsBack(): Promise<void>
  /** Somebody is signed in (again): goes on with what the back-end of this connection refused for want of that. */
  signedIn(connectionId: string): Promise<void>
  close(): Promise<void>
}
type Needs = {
  database: Database
  publish: Publish
  clock: Clock
  log: Log
  requestLog: RequestLog
  userAgent: string
  startProcess(): TransfersProcess
  /** A fresh address for an asset whose link has expired, or that is not known after a restart. */
  renewLink(resultId: string, assetKey: string): Promise<string>
  /** As Electron's session.resolveProxy. */
  resolveProxy(url: string): Promise<string>
  ownCertificates?: () => string[]
}
type Alive = { process: TransfersProcess; peer: Peer<WorkerQuestions>; isStarted: Promise<void> }

const RESTART_MS = 1_000
/** A process that dies again and again (a broken database, a library that is missing) must not be started in a circle. */
const MOST_ENDS = 5
const ENDS_WINDOW_MS = 60_000
const CLOSE_MS = 2_000

export function createTransfers(needs: Needs): TransfersFeature {
  const { database, publish, clock, log, requestLog } = needs
  const store = createTransferStore(database, clock)
  const listeners: ((transfer: Transfer) => void)[] = []
  const accesses = new Map<string, DownloadAccess>()
  const numbers = new Map<string, Transfer>()
  let alive: Alive | undefined
  let isClosed = false
  let endsAtMs: number[] = []
  let disarmRestart: (() => void) | undefined

  function changed(transfer: Transfer): undefined {
    numbers.set(transfer.id, transfer)
    publish({ feature: 'transfers', name: 'changed', payload: transfer })
    for (const listener of listeners) listener(transfer)
    return undefined
  }
  const removed = (ids: string[]) => {
    for (const id of ids) {
      numbers.delete(id)
      publish({ feature: 'transfers', name: 'removed', payload: { id: id as Transfer['id'] } })
    }
  }

  function launch(): Alive {
    const process = needs.startProcess()
    const peer = createPeer<MainQuestions, WorkerQuestions>(
      { postMessage: (message) => process.postMessage(message), onMessage: (listener) => process.onMessage(listener) },
      {
        link: ({ resultId, assetKey }) => needs.renewLink(resultId, assetKey),
        proxy: ({ url }) => needs.resolveProxy(url),
        changed,
        request: (record) => void requestLog.accept(record) as undefined,
        log: (line) => void log.accept(line) as undefined,
      },
      (failure) => log.error('A question of the transfers process failed', { failure }),
    )
    const launched: Alive = { process, peer, isStarted: begin(peer) }
    launched.isStarted.catch((failure: unknown) => {
      log.error('The transfers process did not start', { failure })
      if (alive !== launched) return
      giveUp(launched)
      process.kill()
    })
    process.onExit((code) => {
      peer.close()
      if (alive !== launched) return
      if (!isClosed) log.error('The transfers process ended', { code })
      giveUp(launched)
    })
    return launched
  }
  /** The process is of no use any more: another is started in a while, ever later the more often that was so. */
  function giveUp({ peer }: Alive): void {
    peer.close()
    alive = undefined
    if (isClosed) return
    const endCount = recentEnds().length + 1
    endsAtMs.push(clock.monotonicMs())
    const waitMs = endCount < MOST_ENDS ? RESTART_MS * 2 ** (endCount - 1) : ENDS_WINDOW_MS
    disarmRestart?.()
    disarmRestart = clock.setTimer(waitMs, () => void resumeOpen().catch(() => {}))
  }
  function recentEnds(): number[] {
    endsAtMs = endsAtMs.filter((at) => clock.monotonicMs() - at < ENDS_WINDOW_MS)
    return endsAtMs
  }
  async function begin(peer: Peer<WorkerQuestions>): Promise<void> {
    for (const [connectionId, access] of accesses) await peer.ask('access', { connectionId, access })
    await peer.ask('start', {
      databasePath: database.path,
      userAgent: needs.userAgent,
      ownCertificates: needs.ownCertificates?.() ?? [],
    })
  }
  async function worker(): Promise<Peer<WorkerQuestions>> {
    if (isClosed) throw new AppError('canceled', 'Swath is closing.')
    if (!alive && recentEnds().length >= MOST_ENDS)
      throw new AppError('unreadable-data', 'The downloads stopped again and again. Try again in a minute.', {
        retry: 'later',
      })
    alive ??= launch()
    const { peer, isStarted } = alive
    await isStarted
    return peer
  }
  async function resumeOpen(): Promise<void> {
    if (!isClosed && store.open().length > 0) await worker()
  }
  async function resumeFailed(fits: (row: TransferRow, failure: Transfer['failure']) => boolean): Promise<void> {
    const waiting = store.list().filter((row) => row.state === 'failed' && fits(row, toTransfer(row).failure))
    for (const row of waiting) await (await worker()).ask('resume', { id: row.id })
  }
  const shown = (id: string): Transfer => {
    const row = store.get(id)
    if (!row) throw new AppError('not-found', 'The transfer is not there any more.')
    const live = numbers.get(id)
    return toTransfer(row, live && row.state === 'running' ? live : undefined)
  }

  return {
    handlers: {
      list: async () => store.list().map((row) => shown(row.id)),
      pause: async ({ id }) => (await worker()).ask('pause', { id }),
      resume: async ({ id }) => (await worker()).ask('resume', { id }),
      cancel: async ({ id }) => (await worker()).ask('cancel', { id }),
      clearEnded: async () => removed(await (await worker()).ask('clearEnded', undefined)),
    },
    async download(request) {
      const id = newId('transfer', clock.now())
      await (await worker()).ask('download', { id, request })
    },
    async retry(resultId, assetKey) {
      const row = store.newestOf(resultId, assetKey)
      if (row === undefined || row.state === 'done') return false
      await (await worker()).ask('resume', { id: row.id })
      return true
    },
    async forget(resultId) {
      if (store.ofResult(resultId).length > 0) removed(await (await worker()).ask('forget', { resultId }))
    },
    onChange: (listener) => void listeners.push(listener),
    async setCredential(connectionId, url, headers, trust) {
      const access = headers === null && trust === undefined ? null : { url: new URL(url).origin, headers, trust }
      if (access === null) accesses.delete(connectionId)
      else accesses.set(connectionId, access)
      if (alive) await (await worker()).ask('access', { connectionId, access })
    },
    resumeOpen,
    networkIsBack: () => resumeFailed((_row, failure) => failure?.retry === 'later'),
    signedIn: (connectionId) =>
      resumeFailed((row, failure) => row.connection_id === connectionId && failure?.code === 'signed-out'),
    async close() {
      isClosed = true
      disarmRestart?.()
      const ending = alive
      if (ending === undefined) return
      const stopped = ending.peer.ask('stop', undefined).catch(() => {})
      await Promise.race([stopped, new Promise<void>((resolve) => void clock.setTimer(CLOSE_MS, resolve))])
      ending.peer.close()
      ending.process.kill()
    },
  }
}
