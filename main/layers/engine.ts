/**
 * The raster engine's process, started at the first use and again where it ended by itself.
 * Owns: its life and the port to the window. Does not: know layers' rows (index.ts) or Electron (handed in).
 */
import type { BandStatistics } from '../../preload/contract/layers.ts'
import type { Clock } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { createEngineClient, type EngineClient } from '../raster/engine-client.ts'
import type { EngineAnswer } from '../raster/engine-messages.ts'
import type { Engine } from './index.ts'

/** A process as the shell starts it; `P` is a port that can be handed over. */
export type EngineProcess<P> = {
  postMessage(message: unknown, ports?: P[]): void
  onMessage(listener: (message: unknown) => void): void
  onExit(listener: (code: number) => void): void
}
type Needs<P> = {
  clock: Clock
  log: Log
  start(): EngineProcess<P>
  /** Makes a pair of ports, gives one to the window and answers the other. */
  portToWindow(): P
}

/** A raster that ends the engine whenever it is opened must not end it in a circle. */
const MOST_ENDS = 5
const WINDOW_MS = 60_000

export function createEngine<P>({ clock, log, start, portToWindow }: Needs<P>): Engine {
  let client: EngineClient<P> | null = null
  const restartListeners: (() => void)[] = []
  let endsAtMs: number[] = []

  function running(): EngineClient<P> {
    if (client) return client
    endsAtMs = endsAtMs.filter((at) => clock.monotonicMs() - at < WINDOW_MS)
    if (endsAtMs.length >= MOST_ENDS)
      throw new AppError('unreadable-data', 'The raster engine stopped again and again. Try again in a minute.', {
        retry: 'later',
      })
    const child = start()
    const made = createEngineClient<P>({
      postMessage: (message, ports) => child.postMessage(message, ports),
      onMessage: (listener) => child.onMessage((message) => listener(message as EngineAnswer)),
    })
    child.onExit((code) => {
      made.end()
      if (client === made) client = null
      endsAtMs.push(clock.monotonicMs())
      if (code !== 0) log.warn('The raster engine ended by itself', { code })
      for (const listener of restartListeners) listener()
    })
    client = made
    return made
  }

  return {
    open: async (layerId, source) => running().open(layerId, source),
    close(layerId) {
      // an engine that does not run holds nothing open
      client?.close(layerId).catch((failure) => log.debug('A layer was not open in the engine', { layerId, failure }))
    },
    statistics: async (layerId, band, exact): Promise<BandStatistics> => running().statistics(layerId, band, exact),
    async connectWindow() {
      await running().connectPort(portToWindow())
    },
    onRestart: (listener) => restartListeners.push(listener),
  }
}
