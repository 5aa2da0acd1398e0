/**
 * A worker thread of the raster engine.
 * Owns: nothing but the start; the work is in raster/thread-jobs.ts.
 */
import { parentPort } from 'node:worker_threads'
import { serveThread } from '../raster/thread-jobs.ts'

if (!parentPort) throw new Error('raster-thread is started as a worker thread')
serveThread(parentPort)
