/**
 * What a window may ask the engine on its port (preload/contract/raster-port.ts).
 * Owns: checks of everything that comes from the window, and the answers. A port that closes takes its asks back.
 */
import type { RasterFailure, RasterReply, RasterRequest } from '../../preload/contract/raster-port.ts'
import { AppError } from '../core/errors.ts'
import type { EngineHost } from '../raster/engine-host.ts'

/** Electron's MessagePortMain, or a port of node. */
export type WindowPort = {
  postMessage(reply: RasterReply, transfer: ArrayBuffer[]): void
  onMessage(listener: (message: unknown) => void): void
  onClose(listener: () => void): void
}

const MAX_ASKS = 4096

export function serveWindow(engine: EngineHost, port: WindowPort): void {
  const underWay = new Map<number, AbortController>()
  port.onMessage((message) => {
    const request = parseRequest(message)
    if (!request) return // nothing that could be answered
    if (request.ask === 'cancel') {
      underWay.get(request.n)?.abort()
      return
    }
    if (underWay.has(request.n) || underWay.size >= MAX_ASKS) {
      port.postMessage(failureOf(request.n, new AppError('canceled', 'The map asked for too much at once.')), [])
      return
    }
    const controller = new AbortController()
    underWay.set(request.n, controller)
    answer(engine, request, controller.signal)
      .catch((failure: unknown) => failureOf(request.n, failure))
      .then((reply) => {
        underWay.delete(request.n)
        const values =
          reply.ok && 'pixel' in reply === false ? (reply.values as Float32Array<ArrayBuffer> | null) : null
        port.postMessage(reply, values ? [values.buffer] : [])
      })
  })
  port.onClose(() => {
    for (const controller of underWay.values()) controller.abort()
  })
}

type Question = Exclude<RasterRequest, { ask: 'cancel' }>

async function answer(engine: EngineHost, request: Question, signal: AbortSignal): Promise<RasterReply> {
  const { n, layerId } = request
  if (request.ask === 'tile') {
    const { z, x, y, size, bands } = request
    return { n, ok: true, values: await engine.tile(layerId, { z, x, y, size, bands }, signal) }
  }
  const found = await engine.value(layerId, request.longitude, request.latitude, signal)
  return { n, ok: true, values: found?.values ?? null, pixel: found?.pixel ?? null }
}

function failureOf(n: number, failure: unknown): RasterFailure {
  if (!(failure instanceof AppError))
    return { n, ok: false, code: 'bug', message: 'The raster engine met an error that it does not know.' }
  const isKnown = failure.code === 'not-found' || failure.code === 'canceled' || failure.code === 'bug'
  return {
    n,
    ok: false,
    code: isKnown ? (failure.code as RasterFailure['code']) : 'unreadable-data',
    message: failure.message,
  }
}

const isWhole = (value: unknown, low: number, high: number): value is number =>
  Number.isInteger(value) && (value as number) >= low && (value as number) <= high
const isNumber = (value: unknown, low: number, high: number): value is number =>
  typeof value === 'number' && value >= low && value <= high

/** null for anything that is not a request of the contract. */
export function parseRequest(message: unknown): RasterRequest | null {
  if (typeof message !== 'object' || message === null) return null
  const { n, ask, layerId, z, x, y, size, bands, longitude, latitude } = message as Record<string, unknown>
  if (!isWhole(n, 0, Number.MAX_SAFE_INTEGER)) return null
  if (ask === 'cancel') return { n, ask }
  if (typeof layerId !== 'string' || layerId.length > 200) return null
  if (ask === 'value')
    return isNumber(longitude, -1e6, 1e6) && isNumber(latitude, -90, 90)
      ? { n, ask, layerId, longitude, latitude }
      : null
  if (ask !== 'tile' || !isWhole(z, 0, 30) || !isWhole(size, 1, 1024)) return null
  if (!isWhole(x, 0, 2 ** z - 1) || !isWhole(y, 0, 2 ** z - 1)) return null
  if (!Array.isArray(bands) || bands.length < 1 || bands.length > 4) return null
  if (!bands.every((band) => isWhole(band, 0, 65_535))) return null
  return { n, ask, layerId, z, x, y, size, bands: [...bands] }
}
