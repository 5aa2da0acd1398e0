/**
 * What a thread of the engine does: opens rasters on first use, works on jobs, takes them back.
 * Owns: its open files and the jobs under way. Values of blocks are shared with the other threads (shared-blocks.ts).
 */
import { inspect } from 'node:util'
import { AppError } from '../core/errors.ts'
import { openRaster } from './open-raster.ts'
import { createSharedBlockCache } from './shared-blocks.ts'
import { blockPartials, mergePartials, type Partial } from './statistics.ts'
import type { FromThread, RasterRef, ThreadJob, ThreadResult, ToThread } from './thread-messages.ts'
import { readValues, renderTile } from './tile.ts'
import type { Raster } from './types.ts'

export type ThreadPort = {
  postMessage(message: FromThread, transfer?: ArrayBuffer[]): void
  on(event: 'message', listener: (message: ToThread) => void): unknown
}

export function serveThread(port: ThreadPort): void {
  const { cache, receive } = createSharedBlockCache((message) => port.postMessage(message))
  const rasters = new Map<string, Promise<Raster>>()
  const underWay = new Map<number, AbortController>()

  const open = ({ key, source }: RasterRef) => {
    const known = rasters.get(key)
    if (known) return known
    const opening = openRaster(source, { cache, cacheKey: key })
    rasters.set(key, opening)
    opening.catch(() => rasters.delete(key))
    return opening
  }

  async function work(n: number, job: ThreadJob): Promise<void> {
    const controller = new AbortController()
    underWay.set(n, controller)
    try {
      const result = await run(await open(job.raster), job, controller.signal)
      port.postMessage({ kind: 'done', n, result }, result instanceof Float32Array ? [result.buffer] : [])
    } catch (failure) {
      const { code, message } =
        failure instanceof AppError
          ? failure
          : new AppError('bug', 'The raster engine met an error that it does not know.')
      if (!(failure instanceof AppError)) process.stderr.write(`${inspect(failure)}\n`)
      port.postMessage({ kind: 'failed', n, code, message })
    } finally {
      underWay.delete(n)
    }
  }

  port.on('message', (message) => {
    if (message.kind === 'job') void work(message.n, message.job)
    else if (message.kind === 'cancel') underWay.get(message.n)?.abort()
    else if (message.kind === 'close') {
      const raster = rasters.get(message.key)
      rasters.delete(message.key)
      raster?.then(
        (open) => open.close(),
        () => undefined,
      )
    } else receive(message)
  })
}

async function run(raster: Raster, job: ThreadJob, signal: AbortSignal): Promise<ThreadResult> {
  if (job.kind === 'tile') return renderTile(raster, job, signal)
  if (job.kind === 'value') return readValues(raster, job.longitude, job.latitude, signal)
  const merged: (Partial | undefined)[] = job.bands.map(() => undefined)
  for (const [column, row] of job.blocks) {
    const parts = await blockPartials(raster, job.level, column, row, job.bands, job.pass, signal)
    parts.forEach((part, i) => {
      merged[i] = mergePartials(merged[i], part)
    })
  }
  return merged as Partial[]
}
