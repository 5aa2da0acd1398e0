/**
 * The engine process as main sees it: promises over messages.
 * Owns: numbers of asks and who waits for them. Does not: start the process; a transport is handed in, and whoever
 * started the process says when it ended.
 */
import { AppError } from '../core/errors.ts'
import type { EngineAnswer, EngineAsk, EngineRasterInfo } from './engine-messages.ts'
import type { BandStatistics } from './statistics.ts'
import type { RasterSource } from './types.ts'

/** `P` is the kind of port that the transport can hand over (Electron's MessagePortMain). */
export type EngineTransport<P> = {
  postMessage(message: EngineAsk, ports?: P[]): void
  onMessage(listener: (answer: EngineAnswer) => void): void
}

export type EngineClient<P> = {
  /** @throws AppError `not-found`, `unreadable-data` (also: cannot be placed on the map), and what a URL's server gives */
  open(layerId: string, source: RasterSource): Promise<EngineRasterInfo>
  close(layerId: string): Promise<void>
  /** @throws AppError `canceled`, `not-found` (layer not open), `unreadable-data` */
  statistics(
    layerId: string,
    band: number,
    exact: boolean,
    options?: { signal?: AbortSignal; onProgress?: (fraction: number) => void },
  ): Promise<BandStatistics>
  /** Gives a window's port to the engine. */
  connectPort(port: P): Promise<void>
  /** The process ended: everything that waits fails, and so does everything asked later. */
  end(): void
}

type Waiting = {
  resolve: (value: never) => void
  reject: (failure: AppError) => void
  onProgress: ((fraction: number) => void) | undefined
}
type AskBody = EngineAsk extends infer A ? (A extends { n: number } ? Omit<A, 'n'> : never) : never

const ended = () => new AppError('unreadable-data', 'The raster engine stopped; try again.', { retry: 'now' })

export function createEngineClient<P>(transport: EngineTransport<P>): EngineClient<P> {
  const waiting = new Map<number, Waiting>()
  let next = 0
  let isEnded = false

  transport.onMessage((answer) => {
    const one = waiting.get(answer.n)
    if (!one) return
    if ('progress' in answer) {
      one.onProgress?.(answer.progress)
      return
    }
    waiting.delete(answer.n)
    if (answer.ok) one.resolve(answer.value as never)
    else one.reject(new AppError(answer.code, answer.message))
  })

  function ask<T>(
    body: AskBody,
    ports?: P[],
    options: { signal?: AbortSignal; onProgress?: (fraction: number) => void } = {},
  ) {
    const { signal, onProgress } = options
    if (isEnded) return Promise.reject<T>(ended())
    if (signal?.aborted) return Promise.reject<T>(new AppError('canceled', 'The reading was canceled.'))
    const n = ++next
    const cancel = () => transport.postMessage({ n, ask: 'cancel' })
    signal?.addEventListener('abort', cancel, { once: true })
    return new Promise<T>((resolve, reject) => {
      waiting.set(n, { resolve, reject, onProgress })
      transport.postMessage({ ...body, n }, ports)
    }).finally(() => signal?.removeEventListener('abort', cancel))
  }

  return {
    open: (layerId, source) => ask<EngineRasterInfo>({ ask: 'open', layerId, source }),
    close: async (layerId) => {
      await ask<null>({ ask: 'close', layerId })
    },
    statistics: (layerId, band, exact, options) =>
      ask<BandStatistics>({ ask: 'statistics', layerId, band, exact }, undefined, options),
    connectPort: async (port) => {
      await ask<null>({ ask: 'connect' }, [port])
    },
    end() {
      isEnded = true
      for (const { reject } of waiting.values()) reject(ended())
      waiting.clear()
    },
  }
}
