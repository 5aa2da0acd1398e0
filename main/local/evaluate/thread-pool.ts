/**
 * Worker threads that compute blocks.
 * Owns: finding the thread's code, handing out tasks in order, and ending all threads at once where the run is
 * cancelled or one of them fails. Does not: know what a block is for.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { AppError } from '../../core/errors.ts'
import { OpeneoError } from '../openeo-error.ts'
import { type BlockTask, type BlockValues, createBlockEvaluator, type EvaluationJob } from './block-evaluator.ts'
import type { ReadCounts } from './leaf-reader.ts'

/** A failure on its way out of a thread: classes do not survive it. */
export type SentFailure =
  | { kind: 'openeo'; status: number; code: string; message: string; path: OpeneoError['path'] }
  | { kind: 'app'; code: AppError['code']; message: string }
  | { kind: 'bug'; message: string; stack: string | undefined }
/** What a thread of this entry is for: computing blocks, or a whole run (run-in-thread.ts). */
export type ThreadData = { kind: 'blocks'; job: EvaluationJob } | { kind: 'run'; request: unknown }
export type ToThread = { id: number; task: BlockTask }
export type FromThread = { id: number; counts: ReadCounts } & ({ values: BlockValues } | { failure: SentFailure })

/** Generous, and of objects only: pixels are bounded by the memory budget. A thread that needs more is ended alone. */
export const THREAD_LIMITS = { maxOldGenerationSizeMb: 2048 }

export type BlockPool = {
  compute: (task: BlockTask) => Promise<BlockValues>
  counts: () => ReadCounts
  /** Ends everything; what is still waiting is rejected with the reason. */
  close: (reason?: unknown) => Promise<void>
}

/** The thread's code: beside the bundle (chunks lie one folder below), or among the sources. */
export function threadFile(): URL {
  const here = import.meta.dirname
  const places = [
    join(here, 'evaluate-thread.js'),
    join(here, '..', 'evaluate-thread.js'),
    join(here, '..', '..', 'worker', 'evaluate-thread.ts'),
  ]
  const found = places.find((place) => existsSync(place))
  if (found === undefined) throw new Error('the code of the evaluation thread is missing')
  return pathToFileURL(found)
}

/** Blocks given to a thread at once: one is computed while the next waits in its queue. */
const TASKS_AT_ONCE = 2

type Waiting = { task: BlockTask; resolve: (values: BlockValues) => void; reject: (reason: unknown) => void }

/** `threads` 0: everything is computed in this thread. */
export function createBlockPool(
  job: EvaluationJob,
  threads: number,
  entry: URL | undefined,
  signal: AbortSignal | undefined,
): BlockPool {
  return threads === 0 ? inThisThread(job, signal) : inThreads(job, threads, entry ?? threadFile())
}

function inThisThread(job: EvaluationJob, signal: AbortSignal | undefined): BlockPool {
  const evaluator = createBlockEvaluator(job)
  let last: Promise<unknown> = Promise.resolve()
  let isClosed = false
  return {
    compute: (task) => {
      const next = last.then(() => {
        if (isClosed) throw new AppError('canceled', 'The run was ended.')
        return evaluator.evaluate(task, signal)
      })
      last = next.catch(() => undefined)
      return next
    },
    counts: evaluator.counts,
    close: async () => {
      isClosed = true
      await last
      await evaluator.close()
    },
  }
}

function inThreads(job: EvaluationJob, threads: number, entry: URL): BlockPool {
  const queue: Waiting[] = []
  const ended: { reason: unknown }[] = []
  const counts = new Map<Worker, ReadCounts>()
  const workers = Array.from({ length: threads }, () => startWorker())

  function startWorker() {
    const worker = new Worker(entry, {
      resourceLimits: THREAD_LIMITS,
      workerData: {
        kind: 'blocks',
        job: { ...job, memoryBudgetBytes: job.memoryBudgetBytes / threads },
      } satisfies ThreadData,
    })
    const underWay = new Map<number, Waiting>()
    let lastId = 0
    const feed = () => {
      while (underWay.size < TASKS_AT_ONCE) {
        const next = queue.shift()
        if (next === undefined) return
        lastId += 1
        underWay.set(lastId, next)
        worker.postMessage({ id: lastId, task: next.task } satisfies ToThread)
      }
    }
    worker.on('message', (message: FromThread) => {
      const waiting = underWay.get(message.id)
      underWay.delete(message.id)
      counts.set(worker, message.counts)
      if ('failure' in message) waiting?.reject(received(message.failure))
      else waiting?.resolve(message.values)
      feed()
    })
    worker.on('error', (failure) => end(failure))
    worker.on('exit', (code) => {
      if (underWay.size > 0) end(new Error(`an evaluation thread ended with code ${code}`))
    })
    return { worker, underWay, feed }
  }

  function end(reason: unknown) {
    ended.push({ reason })
    const waiting = [...queue.splice(0), ...workers.flatMap(({ underWay }) => [...underWay.values()])]
    for (const { underWay } of workers) underWay.clear()
    for (const { reject } of waiting) reject(reason)
  }

  return {
    compute: (task) =>
      new Promise((resolve, reject) => {
        const [first] = ended
        if (first !== undefined) return reject(first.reason)
        queue.push({ task, resolve, reject })
        const [idlest] = workers.toSorted((a, b) => a.underWay.size - b.underWay.size)
        idlest?.feed()
      }),
    counts: () => {
      const all = [...counts.values()]
      return {
        windowsRead: all.reduce((sum, { windowsRead }) => sum + windowsRead, 0),
        pixelsRead: all.reduce((sum, { pixelsRead }) => sum + pixelsRead, 0),
        scenes: [...new Set(all.flatMap(({ scenes }) => scenes))],
        bands: [...new Set(all.flatMap(({ bands }) => bands))],
      }
    },
    close: async (reason) => {
      end(reason ?? new AppError('canceled', 'The run was ended.'))
      await Promise.all(workers.map(({ worker }) => worker.terminate()))
    },
  }
}

/** A failure as it crosses to the other thread. */
export function sendable(failure: unknown): SentFailure {
  if (failure instanceof OpeneoError) {
    return { kind: 'openeo', status: failure.status, code: failure.code, message: failure.message, path: failure.path }
  }
  if (failure instanceof AppError) return { kind: 'app', code: failure.code, message: failure.message }
  const { message, stack } = failure instanceof Error ? failure : { message: String(failure), stack: undefined }
  return { kind: 'bug', message, stack }
}

/** What was sent, as an error again. */
export function received(failure: SentFailure): Error {
  if (failure.kind === 'openeo') return new OpeneoError(failure.status, failure.code, failure.message, failure.path)
  if (failure.kind === 'app') return new AppError(failure.code, failure.message)
  const bug = new Error(failure.message)
  if (failure.stack !== undefined) bug.stack = failure.stack
  return bug
}
