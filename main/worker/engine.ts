/**
 * The engine process: a utility process that main starts on first use.
 * Owns: threads and ports. What it answers is in engine-main.ts and engine-windows.ts, what it does in raster/.
 */

import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { Worker } from 'node:worker_threads'
import { EngineHost } from '../raster/engine-host.ts'
import type { EngineAsk } from '../raster/engine-messages.ts'
import type { FromThread } from '../raster/thread-messages.ts'
import type { Thread } from '../raster/thread-pool.ts'
import { serveMain } from './engine-main.ts'
import type { WindowPort } from './engine-windows.ts'

const MAX_THREADS = 8
/** Of objects, not of pixels: a thread that needs more is ended and replaced, instead of the whole process. */
const MAX_HEAP_MB = 1024

/** Beside this file: as source while developing, as bundle in the application. */
const threadFile = join(
  import.meta.dirname,
  import.meta.filename.endsWith('.ts') ? 'raster-thread.ts' : 'raster-thread.js',
)

function createThread(): Thread {
  const worker = new Worker(threadFile, { resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB } })
  worker.on('error', (failure) => process.stderr.write(`${inspect(failure)}\n`)) // "exit" follows
  return {
    postMessage: (message) => worker.postMessage(message),
    onMessage: (listener) => worker.on('message', (message: FromThread) => listener(message)),
    onEnd: (listener) => worker.once('exit', () => listener()),
    terminate: () => worker.terminate(),
  }
}

/** A port of Electron cannot transfer buffers; its messages are copied to the other process in any case. */
function windowPort(port: Electron.MessagePortMain): WindowPort {
  port.start()
  return {
    postMessage: (reply) => port.postMessage(reply),
    onMessage: (listener) => port.on('message', ({ data }) => listener(data)),
    onClose: (listener) => port.on('close', listener),
  }
}

const engine = new EngineHost({
  threadCount: Math.min(MAX_THREADS, Math.max(1, availableParallelism() - 1)),
  createThread,
})

serveMain(engine, {
  postMessage: (answer) => process.parentPort.postMessage(answer),
  onMessage: (listener) =>
    process.parentPort.on('message', ({ data, ports }) => listener(data as EngineAsk, ports.map(windowPort))),
})
