/**
 * The catalogue's process as main sees it: started when it is first asked something, and again when it ended.
 * Owns: its life. Does not: repeat questions that were open when it ended; they fail, and whoever asked decides.
 */
import type { Clock } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { createPeer, type Peer } from '../core/peer.ts'
import type { CacheQuestions, CatalogueMainQuestions } from './messages.ts'

export type CatalogueProcess = {
  postMessage(message: unknown): void
  onMessage(listener: (message: unknown) => void): unknown
  onExit(listener: (code: number) => void): void
  kill(): void
}
export type Ask = Peer<CacheQuestions>['ask']
export type ProcessLife = {
  ask: Ask
  close(): Promise<void>
}
type Needs = {
  path: string
  /** All that there are: what the cache has of others goes. */
  connectionIds(): string[]
  clock: Clock
  log: Log
  start(): CatalogueProcess
  changed(connectionIds: string[]): void
  /** The file goes away: close it. */
  release(): void
  /** The process has the file open. `wasDiscarded`: what was in it is lost. */
  ready(wasDiscarded: boolean): Promise<void>
}
type Alive = { process: CatalogueProcess; peer: Peer<CacheQuestions>; isStarted: Promise<void> }

const MOST_ENDS = 5
const ENDS_WINDOW_MS = 60_000
const CLOSE_MS = 2_000

export function createProcessLife(needs: Needs): ProcessLife {
  const { path, connectionIds, clock, log, start, changed, release, ready } = needs
  let alive: Alive | undefined
  let isClosed = false
  let endsAtMs: number[] = []
  let wasReady = false

  function launch(): Alive {
    const process = start()
    const peer = createPeer<CatalogueMainQuestions, CacheQuestions>(
      { postMessage: (message) => process.postMessage(message), onMessage: (listener) => process.onMessage(listener) },
      {
        changed: ({ connectionIds }) => void changed(connectionIds) as undefined,
        release: () => void release() as undefined,
        emptied: async () => void (await ready(true)) as undefined,
        log: (line) => void log.accept(line) as undefined,
      },
      (failure) => log.error('A question of the catalogue process failed', { failure }),
    )
    const isStarted = peer.ask('start', { path, connectionIds: connectionIds() }).then(({ wasDiscarded, isNew }) => {
      // the process before may have ended between throwing the file away and saying so
      const isLost = wasDiscarded || (isNew && wasReady)
      wasReady = true
      return ready(isLost)
    })
    const launched: Alive = { process, peer, isStarted }
    const giveUp = () => {
      peer.close()
      if (alive !== launched) return
      alive = undefined
      endsAtMs.push(clock.monotonicMs())
    }
    isStarted.catch((failure: unknown) => {
      if (!isClosed) log.error('The catalogue process did not start', { failure })
      giveUp()
      process.kill()
    })
    process.onExit((code) => {
      if (alive === launched && !isClosed) log.error('The catalogue process ended', { code })
      giveUp()
    })
    return launched
  }
  return {
    async ask(what, input) {
      if (isClosed) throw new AppError('canceled', 'Swath is closing.')
      endsAtMs = endsAtMs.filter((at) => clock.monotonicMs() - at < ENDS_WINDOW_MS)
      if (!alive && endsAtMs.length >= MOST_ENDS)
        throw new AppError('unreadable-data', 'The catalogue stopped again and again. Try again in a minute.', {
          retry: 'later',
        })
      alive ??= launch()
      const { peer, isStarted } = alive
      await isStarted
      return peer.ask(what, input)
    },
    async close() {
      isClosed = true
      const ending = alive
      if (!ending) return
      const stopped = ending.isStarted.then(() => ending.peer.ask('stop', undefined)).catch(() => {})
      await Promise.race([stopped, new Promise<void>((resolve) => void clock.setTimer(CLOSE_MS, resolve))])
      ending.peer.close()
      ending.process.kill()
    },
  }
}
