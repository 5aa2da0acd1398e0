/**
 * What main may ask the engine (raster/engine-messages.ts), without a word of Electron, so that tests can run it.
 * Owns: one answer for each ask, and who can still be taken back.
 */
import { inspect } from 'node:util'
import { AppError } from '../core/errors.ts'
import type { EngineHost } from '../raster/engine-host.ts'
import type { EngineAnswer, EngineAsk } from '../raster/engine-messages.ts'
import { serveWindow, type WindowPort } from './engine-windows.ts'

export type MainDoor = {
  postMessage(answer: EngineAnswer): void
  onMessage(listener: (ask: EngineAsk, ports: WindowPort[]) => void): void
}

const PROGRESS_EVERY_MS = 200

export function serveMain(engine: EngineHost, door: MainDoor): void {
  const underWay = new Map<number, AbortController>()

  async function answer(ask: Exclude<EngineAsk, { ask: 'cancel' }>, ports: WindowPort[], signal: AbortSignal) {
    if (ask.ask === 'open') return engine.open(ask.layerId, ask.source)
    if (ask.ask === 'close') engine.close(ask.layerId)
    else if (ask.ask === 'connect') for (const port of ports) serveWindow(engine, port)
    else {
      let last = 0
      const onProgress = (progress: number) => {
        if (Date.now() - last < PROGRESS_EVERY_MS) return
        last = Date.now()
        door.postMessage({ n: ask.n, progress })
      }
      return engine.statistics(ask.layerId, ask.band, ask.exact, { signal, onProgress })
    }
    return null
  }

  door.onMessage((ask, ports) => {
    if (ask.ask === 'cancel') {
      underWay.get(ask.n)?.abort()
      return
    }
    const { n } = ask
    const controller = new AbortController()
    underWay.set(n, controller)
    answer(ask, ports, controller.signal)
      .then(
        (value): EngineAnswer => ({ n, ok: true, value }),
        (failure: unknown): EngineAnswer => {
          if (failure instanceof AppError) return { n, ok: false, code: failure.code, message: failure.message }
          process.stderr.write(`${inspect(failure)}\n`)
          return { n, ok: false, code: 'bug', message: 'The raster engine met an error that it does not know.' }
        },
      )
      .then((reply) => {
        underWay.delete(n)
        door.postMessage(reply)
      })
  })
}
