/** A raster engine on the other end of a MessagePort: known values at known places, and a record of what was asked. */
import type { RasterReply, RasterRequest, TileRequest } from '../../../preload/contract/raster-port.ts'

export type FakeEngine = {
  connect: () => Promise<void>
  requests: RasterRequest[]
  tiles: () => TileRequest[]
  /** Closes the port as a crash of the engine does; Electron tells the other end by the event `close`. */
  crash: () => void
}
/** Longitude and latitude of the middle of a pixel of an XYZ tile. */
function placeOf({ z, x, y, size }: TileRequest, column: number, row: number): [number, number] {
  const longitude = ((x + (column + 0.5) / size) / 2 ** z) * 360 - 180
  const north = Math.PI * (1 - (2 * (y + (row + 0.5) / size)) / 2 ** z)
  return [longitude, (Math.atan(Math.sinh(north)) * 180) / Math.PI]
}

/** `valueAt` gives every band its value at a place; NaN where there is none. */
export function fakeEngine(
  valueAt: (longitude: number, latitude: number, band: number) => number,
  bandCount = 1,
): FakeEngine {
  const requests: RasterRequest[] = []
  let current: MessagePort | null = null
  let handedOver: MessagePort | undefined
  const watch = ({ ports }: MessageEvent) => {
    handedOver = ports[0] ?? handedOver
  }
  const answer = (port: MessagePort, request: RasterRequest) => {
    requests.push(request)
    if (request.ask === 'cancel') return
    if (request.ask === 'value') {
      const { longitude, latitude } = request
      const values = Array.from({ length: bandCount }, (_, band) => valueAt(longitude, latitude, band))
      const reply: RasterReply = {
        n: request.n,
        ok: true,
        values: values.map((value) => (Number.isNaN(value) ? null : value)),
        pixel: [Math.floor(longitude * 10), Math.floor(latitude * 10)],
      }
      port.postMessage(reply)
      return
    }
    const { size, bands } = request
    const values = new Float32Array(size * size * bands.length)
    bands.forEach((band, i) => {
      for (let k = 0; k < size * size; k++) {
        const [longitude, latitude] = placeOf(request, k % size, Math.floor(k / size))
        values[i * size * size + k] = valueAt(longitude, latitude, band)
      }
    })
    port.postMessage({ n: request.n, ok: true, values } satisfies RasterReply, [values.buffer])
  }
  return {
    requests,
    tiles: () => requests.filter((request): request is TileRequest => request.ask === 'tile'),
    crash: () => {
      current?.close()
      handedOver?.dispatchEvent(new Event('close'))
    },
    connect: async () => {
      const { port1, port2 } = new MessageChannel()
      current = port1
      port1.onmessage = ({ data }: MessageEvent<RasterRequest>) => answer(port1, data)
      window.addEventListener('message', watch, { once: true })
      window.postMessage({ type: 'engine-port' }, '*', [port2])
    },
  }
}
