/**
 * The raster engine's process, started at the first use and again where it ended by itself.
 * Owns: its life and the port to the window. Does not: know layers' rows (index.ts) or Electron (handed in).
 */
import type { BandStatistics } from '../../preload/contract/layers.ts'
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
  log: Log
  start(): EngineProcess<P>
  /** Makes a pair of ports, gives one to the window and answers the other. */
  portToWindow(): P
}

export function createEngine<P>({ log, start, portToWindow }: Needs<P>): Engine {
  let client: EngineClient<P> | null = null
  const restartListeners: (() => void)[] = []

  function running(): EngineClient<P> {
    if (client) return client
    const child = start()
    const made = createEngineClient<P>({
      postMessage: (message, ports) => child.postMessage(message, ports),
      onMessage: (listener) => child.onMessage((message) => listener(message as EngineAnswer)),
    })
    child.onExit((code) => {
      made.end()
      if (client === made) client = null
      if (code !== 0) log.warn('The raster engine ended by itself', { code })
      for (const listener of restartListeners) listener()
    })
    client = made
    return made
  }

  return {
    open: (layerId, source) => running().open(layerId, source),
    close(layerId) {
      // an engine that does not run holds nothing open
      client?.close(layerId).catch((failure) => log.debug('A layer was not open in the engine', { layerId, failure }))
    },
    statistics: (layerId, band, exact): Promise<BandStatistics> => running().statistics(layerId, band, exact),
    async connectWindow() {
      await running().connectPort(portToWindow())
    },
    onRestart: (listener) => restartListeners.push(listener),
  }
}
