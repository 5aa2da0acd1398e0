/**
 * The map's canvas and its graphics device, made as soon as this is imported: beside the loading of the window's code,
 * and before the graphics process has the window's own first picture to paint.
 * Owns: one device, handed out once. A map made again later makes its own, and so does one that comes before it is ready.
 */
import { type Device, luma } from '@luma.gl/core'
import { webgl2Adapter } from '@luma.gl/webgl'

export type EarlyDevice = { device: Device; canvas: HTMLCanvasElement }

let ready: EarlyDevice | null = null

async function make(): Promise<void> {
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(innerWidth * devicePixelRatio)
  canvas.height = Math.round(innerHeight * devicePixelRatio)
  const device = await luma.createDevice({
    type: 'webgl',
    adapters: [webgl2Adapter],
    waitForPageLoad: false,
    _cacheShaders: true,
    _cachePipelines: true,
    createCanvasContext: { canvas, useDevicePixels: true, autoResize: true },
  })
  ready = { device, canvas }
}

/** Settles when there is a device to take, or when there will be none: deck.gl then asks for one itself and says why. */
export const deviceTried: Promise<void> = make().catch(() => undefined)

export function takeDevice(): EarlyDevice | null {
  const taken = ready
  ready = null
  return taken
}
