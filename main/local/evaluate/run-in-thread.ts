/**
 * Runs a process in a thread of its own, so that whoever serves requests is never held up by compressing and writing.
 * Owns: carrying what a run reports across. Does not: compute (run.ts); the thread starts further ones for blocks.
 */
import { type MessagePort, Worker } from 'node:worker_threads'
import type { RunLog, RunOptions, RunResult, World } from './api.ts'
import { runHere } from './run.ts'
import { received, type SentFailure, sendable, THREAD_LIMITS, type ThreadData, threadFile } from './thread-pool.ts'

type Plain = Omit<RunOptions, 'signal' | 'onProgress' | 'onLog' | 'threadEntry'>
type RunRequest = { process: unknown; world: World; options: Plain; threadEntry: string }
type FromRun =
  | { kind: 'progress'; doneBlocks: number; totalBlocks: number }
  | { kind: 'log'; entry: RunLog }
  | { kind: 'result'; result: RunResult }
  | { kind: 'failure'; failure: SentFailure }

/**
 * Computes the process and writes its results.
 * @throws OpeneoError for everything that the graph, the data or the disk is to blame for; the reason of the signal
 *   where the run was cancelled. No file of the run is left then.
 */
export async function runProcess(process: unknown, world: World, options: RunOptions): Promise<RunResult> {
  const { signal, onProgress, onLog, threadEntry, ...plain } = options
  if (plain.threads === 0) return runHere(process, world, options)
  signal?.throwIfAborted()
  const entry = threadEntry ?? threadFile()
  const request: RunRequest = { process, world, options: plain, threadEntry: entry.href }
  const worker = new Worker(entry, {
    resourceLimits: THREAD_LIMITS,
    workerData: { kind: 'run', request } satisfies ThreadData,
  })
  const abort = () => worker.postMessage('abort')
  signal?.addEventListener('abort', abort, { once: true })
  try {
    return await new Promise<RunResult>((resolve, reject) => {
      worker.on('message', (message: FromRun) => {
        if (message.kind === 'progress')
          onProgress?.({ doneBlocks: message.doneBlocks, totalBlocks: message.totalBlocks })
        else if (message.kind === 'log') onLog?.(message.entry)
        else if (message.kind === 'result') resolve(message.result)
        else reject(signal?.aborted ? signal.reason : received(message.failure))
      })
      worker.on('error', reject)
      worker.on('exit', (code) => reject(new Error(`the thread of a run ended with code ${code}`)))
    })
  } finally {
    signal?.removeEventListener('abort', abort)
    await worker.terminate()
  }
}

/** The other side: in the thread. */
export async function answerRun(port: MessagePort, given: unknown): Promise<void> {
  const { process, world, options, threadEntry } = given as RunRequest
  const controller = new AbortController()
  port.on('message', () => controller.abort())
  const post = (message: FromRun) => port.postMessage(message)
  try {
    const result = await runHere(process, world, {
      ...options,
      signal: controller.signal,
      threadEntry: new URL(threadEntry),
      onProgress: ({ doneBlocks, totalBlocks }) => post({ kind: 'progress', doneBlocks, totalBlocks }),
      onLog: (entry) => post({ kind: 'log', entry }),
    })
    post({ kind: 'result', result })
  } catch (failure) {
    post({ kind: 'failure', failure: sendable(failure) })
  }
}
