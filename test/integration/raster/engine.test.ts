/** The engine over real threads: what main and windows ask, cancelled, failed, and threads that die. */
import { join } from 'node:path'
import { MessageChannel, Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createEngineClient, type EngineTransport } from '../../../main/raster/engine-client.ts'
import { EngineHost } from '../../../main/raster/engine-host.ts'
import type { EngineAnswer, EngineAsk } from '../../../main/raster/engine-messages.ts'
import { bandStatistics, openRaster } from '../../../main/raster/index.ts'
import type { FromThread } from '../../../main/raster/thread-messages.ts'
import type { Thread } from '../../../main/raster/thread-pool.ts'
import { renderTile } from '../../../main/raster/tile.ts'
import { serveMain } from '../../../main/worker/engine-main.ts'
import type { WindowPort } from '../../../main/worker/engine-windows.ts'
import type { RasterReply } from '../../../preload/contract/raster-port.ts'
import { DATA } from './gdal.ts'

vi.setConfig({ testTimeout: 30_000 }) // a busy machine is no failure

const SCENE = join(DATA, 's2_l2a_openeo_sample.tif')
const THREAD = join(import.meta.dirname, '../../../main/worker/raster-thread.ts')
const workers: Worker[] = []
const hosts: EngineHost[] = []
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.shutDown()))
  workers.length = 0
})

function createThread(): Thread {
  const worker = new Worker(THREAD)
  workers.push(worker)
  return {
    postMessage: (message) => worker.postMessage(message),
    onMessage: (listener) => worker.on('message', (message: FromThread) => listener(message)),
    onEnd: (listener) => worker.once('exit', () => listener()),
    terminate: () => worker.terminate(),
  }
}

/** An engine and its client, joined by messages that are cloned as between processes. */
function startEngine(threadCount = 2) {
  const host = new EngineHost({ threadCount, createThread })
  hosts.push(host)
  let toMain: (answer: EngineAnswer) => void = () => undefined
  let toEngine: (ask: EngineAsk, ports: WindowPort[]) => void = () => undefined
  serveMain(host, {
    postMessage: (answer) => toMain(structuredClone(answer)),
    onMessage: (listener) => {
      toEngine = listener
    },
  })
  const transport: EngineTransport<WindowPort> = {
    postMessage: (ask, ports = []) => toEngine(structuredClone(ask), ports),
    onMessage: (listener) => {
      toMain = listener
    },
  }
  return createEngineClient(transport)
}

/** The window's end of a port. */
async function openWindow(client: ReturnType<typeof startEngine>) {
  const { port1, port2 } = new MessageChannel()
  await client.connectPort({
    postMessage: (reply, transfer) => port1.postMessage(reply, transfer),
    onMessage: (listener) => port1.on('message', listener),
    onClose: (listener) => port1.on('close', listener),
  })
  const waiting = new Map<number, (reply: RasterReply) => void>()
  port2.on('message', (reply: RasterReply) => waiting.get(reply.n)?.(reply))
  const ask = (message: { n: number } & Record<string, unknown>) =>
    new Promise<RasterReply>((resolve) => {
      waiting.set(message.n, resolve)
      port2.postMessage(message)
    })
  return { ask, send: (message: unknown) => port2.postMessage(message), close: () => port2.close() }
}

/** Tiles of the scene at zoom 13. */
const tileAt = (n: number, x = 4354, y = 2897) => ({
  n,
  ask: 'tile',
  layerId: 'a',
  z: 13,
  x,
  y,
  size: 256,
  bands: [2, 1, 0],
})

describe('main', () => {
  it('opens a layer and is told what it is', async () => {
    const client = startEngine()
    const info = await client.open('a', { kind: 'file', path: SCENE })
    expect(info).toMatchObject({ width: 935, height: 705, crs: 'EPSG:32632', resolution: [10, 10], overviewCount: 0 })
    expect(info.bands).toHaveLength(5)
    expect(info.bands[0]).toEqual({ name: '1', dataType: 'uint16', nodata: 0, scale: 1, offset: 0 })
    const [west, south, east, north] = info.bounds
    expect(west).toBeCloseTo(11.279, 2)
    expect(east).toBeGreaterThan(west)
    expect(north).toBeGreaterThan(south)
  })

  it.each([
    ['a file that is not there', 'no-such.tif', 'not-found'],
    ['no TIFF', 'bcsd_obs_1999.nc', 'unreadable-data'],
    ['no place on Earth', 'float_nan.tif', 'unreadable-data'],
    ['ground control points only', 'cog_gcps.tif', 'unreadable-data'],
    ['complex numbers', 'slc_complex.tif', 'unreadable-data'],
  ])('gets a code and a sentence for %s', async (_what, name, code) => {
    const client = startEngine()
    const failure = await client.open('a', { kind: 'file', path: join(DATA, name) }).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code })
    expect((failure as Error).message).toMatch(/^[A-Z].*\.$/)
    expect((failure as Error).message).not.toContain(DATA)
  })

  it('gets the statistics that one thread alone computes, with progress', async () => {
    const client = startEngine()
    for (const [name, band] of [
      ['s2_l2a_openeo_sample.tif', 3],
      ['dem.tif', 0],
      ['TCI.tif', 1],
    ] as const) {
      await client.open(name, { kind: 'file', path: join(DATA, name) })
      const progress: number[] = []
      const shared = await client.statistics(name, band, true, { onProgress: (p) => progress.push(p) })
      const raster = await openRaster({ kind: 'file', path: join(DATA, name) })
      const alone = await bandStatistics(raster, band, { exact: true })
      await raster.close()
      expect({ ...shared, mean: 0, stdDev: 0 }).toEqual({ ...alone, mean: 0, stdDev: 0 })
      expect(shared.mean).toBeCloseTo(alone.mean, 6)
      expect(shared.stdDev).toBeCloseTo(alone.stdDev, 6)
      expect(progress.every((p) => p > 0 && p <= 1)).toBe(true)
    }
  })

  it('cancels statistics', async () => {
    const client = startEngine(1)
    await client.open('a', { kind: 'file', path: join(DATA, 'B02_flat_color.tif') })
    const controller = new AbortController()
    const computing = client.statistics('a', 0, true, { signal: controller.signal })
    controller.abort()
    await expect(computing).rejects.toMatchObject({ code: 'canceled' })
    await expect(client.statistics('b', 0, true)).rejects.toMatchObject({ code: 'not-found' })
    await expect(client.statistics('a', 7, true)).rejects.toMatchObject({ code: 'not-found' })
  })

  it('everything that waits fails when the process ends', async () => {
    const client = startEngine()
    await client.open('a', { kind: 'file', path: join(DATA, 'B02_flat_color.tif') })
    const computing = client.statistics('a', 0, true)
    client.end()
    await expect(computing).rejects.toMatchObject({ code: 'unreadable-data', retry: 'now' })
    await expect(client.close('a')).rejects.toMatchObject({ code: 'unreadable-data' })
  })
})

describe('a window', () => {
  it('gets tiles equal to those made without threads', async () => {
    const client = startEngine()
    await client.open('a', { kind: 'file', path: SCENE })
    const window = await openWindow(client)
    const raster = await openRaster({ kind: 'file', path: SCENE })
    let n = 0
    let filled = 0
    for (const x of [4353, 4354, 4355])
      for (const y of [2897, 2898, 2899]) {
        const reply = await window.ask(tileAt(++n, x, y))
        const alone = await renderTile(raster, { z: 13, x, y, size: 256, bands: [2, 1, 0] })
        expect(reply).toEqual({ n, ok: true, values: alone })
        if (alone) filled++
      }
    expect(filled).toBeGreaterThan(3)
    await raster.close()
    window.close()
  })

  it('asks for values', async () => {
    const client = startEngine()
    await client.open('a', { kind: 'file', path: SCENE })
    const window = await openWindow(client)
    const ask = { ask: 'value', layerId: 'a' }
    const inside = await window.ask({ n: 1, ...ask, longitude: 11.4, latitude: 46.5 })
    expect(inside).toEqual({ n: 1, ok: true, values: [331, 589, 248, 3800, 4], pixel: [916, 255] })
    expect(await window.ask({ n: 2, ...ask, longitude: 0, latitude: 0 })).toEqual({
      n: 2,
      ok: true,
      values: null,
      pixel: null,
    })
    expect(await window.ask({ n: 3, ...ask, layerId: 'x', longitude: 0, latitude: 0 })).toMatchObject({
      ok: false,
      code: 'not-found',
    })
    window.close()
  })

  it('takes tiles back; the rest are answered', async () => {
    const client = startEngine(1)
    await client.open('a', { kind: 'file', path: SCENE })
    const window = await openWindow(client)
    const replies = Array.from({ length: 30 }, (_, n) => window.ask(tileAt(n, 4353 + (n % 3), 2897 + (n % 2))))
    for (let n = 0; n < 20; n++) window.send({ n, ask: 'cancel' })
    const answers = await Promise.all(replies)
    expect(answers.slice(20).every(({ ok }) => ok)).toBe(true)
    const canceled = answers.slice(0, 20).filter((reply) => !reply.ok && reply.code === 'canceled')
    expect(canceled.length).toBeGreaterThan(10)
    window.close()
  })

  it('cannot break the engine by what it sends', async () => {
    const client = startEngine(1)
    await client.open('a', { kind: 'file', path: SCENE })
    const window = await openWindow(client)
    for (const message of [
      null,
      1,
      'x',
      {},
      { n: 'a', ask: 'tile' },
      { ...tileAt(90), size: 1e9 },
      { ...tileAt(91), z: 99 },
      { ...tileAt(92), bands: [] },
      { ...tileAt(93), bands: [-1] },
      { ...tileAt(94), layerId: 5 },
      { n: 95, ask: 'value', layerId: 'a', longitude: Number.NaN, latitude: 0 },
    ])
      window.send(message)
    expect(await window.ask({ ...tileAt(96), bands: [40] })).toMatchObject({ ok: false, code: 'not-found' })
    expect(await window.ask(tileAt(97))).toMatchObject({ ok: true })
    window.close()
  })

  it('is answered when a thread dies, and the next one works', async () => {
    const client = startEngine(1)
    await client.open('a', { kind: 'file', path: SCENE })
    const window = await openWindow(client)
    await window.ask(tileAt(1))
    const asked = window.ask(tileAt(2, 4354, 2898))
    await workers[0]?.terminate()
    const reply = await asked
    expect(reply.ok || reply.code === 'bug').toBe(true)
    expect(await window.ask(tileAt(3))).toMatchObject({ ok: true })
    expect(workers).toHaveLength(2)
    window.close()
  })

  it('is told when a layer is closed', async () => {
    const client = startEngine()
    await client.open('a', { kind: 'file', path: SCENE })
    const window = await openWindow(client)
    await client.close('a')
    expect(await window.ask(tileAt(1))).toMatchObject({ ok: false, code: 'not-found' })
    window.close()
  })
})
