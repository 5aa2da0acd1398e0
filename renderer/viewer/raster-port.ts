/**
 * Asks the raster engine for tiles and values over a MessagePort.
 * Owns: the port, the requests under way, taking them back, asking for a new port when the old one closes.
 * Does not: open rasters (main does), draw or keep values.
 */
import type { RasterFailure, RasterReply, RasterRequest, ValueReply } from '../../preload/contract/raster-port.ts'

/** Why a request has no answer. `closed`: the engine went away; the request may be repeated. */
export class RasterPortError extends Error {
  readonly code: RasterFailure['code'] | 'closed' | 'time-out'
  constructor(code: RasterPortError['code'], message: string) {
    super(message)
    this.name = 'RasterPortError'
    this.code = code
  }
}

export type TileAsk = { layerId: string; z: number; x: number; y: number; size: number; bands: number[] }
type Waiting = { resolve: (reply: RasterReply) => void; reject: (error: Error) => void }
type NewRequest = RasterRequest extends infer R ? (R extends { n: number } ? Omit<R, 'n'> : never) : never

const ANSWER_WITHIN_MS = 60_000
const PORT_WITHIN_MS = 15_000

export class RasterPort {
  #connect: () => Promise<unknown>
  #port: MessagePort | null = null
  #arriving: Promise<MessagePort> | null = null
  #waiting = new Map<number, Waiting>()
  #next = 0
  #reopened = new Set<() => void>()
  #hadPort = false
  #taken: (port: MessagePort) => void = () => {}
  #stopListening: (() => void) | null = null

  /** `connect` makes main send a port to this window (layers.connect). */
  constructor(connect: () => Promise<unknown>) {
    this.#connect = connect
  }

  /** Tells when a new port took the place of a closed one: what failed meanwhile can be asked again. */
  onReopened(listener: () => void): () => void {
    this.#reopened.add(listener)
    return () => this.#reopened.delete(listener)
  }

  /**
   * Band-sequential values of an EPSG:3857 tile, NaN where there is none; null outside the raster.
   * Rejects with RasterPortError; `canceled` where `signal` was aborted.
   */
  async tile(ask: TileAsk, signal?: AbortSignal): Promise<Float32Array<ArrayBuffer> | null> {
    const reply = await this.#ask({ ask: 'tile', ...ask }, signal)
    return 'values' in reply && (reply.values === null || reply.values instanceof Float32Array) ? reply.values : null
  }

  /** The stored value of every band at a place in degrees, and the pixel there. */
  async value(
    layerId: string,
    longitude: number,
    latitude: number,
    signal?: AbortSignal,
  ): Promise<Omit<ValueReply, 'n' | 'ok'>> {
    const reply = (await this.#ask({ ask: 'value', layerId, longitude, latitude }, signal)) as ValueReply
    return { values: reply.values, pixel: reply.pixel }
  }

  close(): void {
    this.#stopListening?.()
    this.#stopListening = null
    this.#port?.close()
    this.#port = null
    this.#lost()
  }

  async #ask(request: NewRequest, signal?: AbortSignal): Promise<RasterReply> {
    const port = this.#port ?? (await this.#open())
    if (signal?.aborted) throw new RasterPortError('canceled', 'Not needed any more.')
    const n = ++this.#next
    const takeBack = (code: 'canceled' | 'time-out', message: string) => {
      const waiting = this.#waiting.get(n)
      if (!waiting) return
      this.#waiting.delete(n)
      port.postMessage({ n, ask: 'cancel' } satisfies RasterRequest)
      waiting.reject(new RasterPortError(code, message))
    }
    const abort = () => takeBack('canceled', 'Not needed any more.')
    const timer = setTimeout(() => takeBack('time-out', 'The raster engine did not answer in time.'), ANSWER_WITHIN_MS)
    signal?.addEventListener('abort', abort, { once: true })
    try {
      return await new Promise<RasterReply>((resolve, reject) => {
        this.#waiting.set(n, { resolve, reject })
        port.postMessage({ n, ...request } as RasterRequest)
      })
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
  }

  #open(): Promise<MessagePort> {
    this.#arriving ??= this.#arrival().finally(() => {
      this.#arriving = null
    })
    return this.#arriving
  }

  /** Asks main for a port and waits until one has been taken in. */
  async #arrival(): Promise<MessagePort> {
    this.#listen()
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(
      () => late.reject(new RasterPortError('time-out', 'The raster engine did not start.')),
      PORT_WITHIN_MS,
    )
    const taken = new Promise<MessagePort>((resolve) => {
      this.#taken = resolve
    })
    try {
      const [port] = await Promise.race([Promise.all([taken, this.#connect()]), late.promise])
      return port
    } finally {
      clearTimeout(timer)
    }
  }

  /** Takes in every port that comes from now on: main may send a new one by itself when the engine starts anew. */
  #listen(): void {
    if (this.#stopListening) return
    const listener = ({ data, ports, source }: MessageEvent) => {
      const [port] = ports
      // only this window's own preload script may hand in a port
      if (source !== window || data?.type !== 'engine-port' || !port) return
      const isAnother = this.#hadPort
      this.#rejectWaiting()
      port.addEventListener('message', ({ data: reply }: MessageEvent<RasterReply>) => this.#take(reply))
      port.addEventListener('close', () => this.#port === port && this.#lost())
      port.start()
      this.#port = port
      this.#hadPort = true
      this.#taken(port)
      if (isAnother) for (const reopened of this.#reopened) reopened()
    }
    window.addEventListener('message', listener)
    this.#stopListening = () => window.removeEventListener('message', listener)
  }

  #take(reply: RasterReply): void {
    const waiting = this.#waiting.get(reply.n)
    if (!waiting) return
    this.#waiting.delete(reply.n)
    if (reply.ok) waiting.resolve(reply)
    else waiting.reject(new RasterPortError(reply.code, reply.message))
  }

  #lost(): void {
    const isInUse = this.#port !== null && this.#waiting.size > 0
    this.#port = null
    this.#rejectWaiting()
    // whoever waits for tiles asks again when the new port is there
    if (isInUse) void this.#open().catch(() => undefined)
  }

  #rejectWaiting(): void {
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of waiting) reject(new RasterPortError('closed', 'The raster engine stopped.'))
  }
}
