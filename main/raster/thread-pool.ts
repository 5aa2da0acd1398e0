/**
 * The engine's threads: a queue by urgency, a few jobs in each thread, and a new thread for one that died.
 * Owns: who works on what, and the block directory that all threads share. Does not: know layers or windows.
 */
import { AppError } from '../core/errors.ts'
import { canceled } from './byte-source.ts'
import { BlockDirectory } from './shared-blocks.ts'
import type { FromThread, ThreadJob, ThreadResult, ToThread } from './thread-messages.ts'

/** A worker thread, or what stands in for one. */
export type Thread = {
  postMessage(message: ToThread): void
  onMessage(listener: (message: FromThread) => void): void
  /** Called once, however it ended. */
  onEnd(listener: () => void): void
  terminate(): Promise<unknown>
}

/** Values first, then tiles (the newest first: what the user looks at now), statistics last. */
export type Urgency = 'value' | 'tile' | 'statistics'
const URGENCIES: readonly Urgency[] = ['value', 'tile', 'statistics']

export type PoolOptions = { threadCount: number; createThread: () => Thread; cacheBytes?: number }

type Queued = {
  n: number
  job: ThreadJob
  resolve: (result: ThreadResult) => void
  reject: (failure: AppError) => void
}
type Slot = { id: number; thread: Thread; working: Map<number, Queued>; hasAnswered: boolean }

/** More than one, so that a thread decodes while another of its jobs waits for bytes. */
const JOBS_PER_THREAD = 3
/** So many threads in a row may end before they did anything; then something is wrong with all of them. */
const MAX_FAILED_STARTS = 5
const DEFAULT_CACHE_BYTES = 384e6

const cannotStart = () => new AppError('bug', 'The raster engine cannot be started.')

export class ThreadPool {
  private readonly slots = new Map<number, Slot>()
  private readonly queues: Record<Urgency, Queued[]> = { value: [], tile: [], statistics: [] }
  private readonly directory: BlockDirectory
  private readonly options: PoolOptions
  private nextJob = 0
  private nextThread = 0
  private isClosed = false
  private failedStarts = 0

  constructor(options: PoolOptions) {
    this.options = options
    this.directory = new BlockDirectory(options.cacheBytes ?? DEFAULT_CACHE_BYTES, (id, message) =>
      this.slots.get(id)?.thread.postMessage(message),
    )
    for (let i = 0; i < options.threadCount; i++) this.startThread()
  }

  private startThread(): void {
    const thread = this.options.createThread()
    const slot: Slot = { id: ++this.nextThread, thread, working: new Map(), hasAnswered: false }
    this.slots.set(slot.id, slot)
    slot.thread.onMessage((message) => this.receive(slot, message))
    slot.thread.onEnd(() => this.replace(slot))
  }

  private replace(slot: Slot): void {
    this.slots.delete(slot.id)
    const isFailedStart = !slot.hasAnswered && slot.working.size === 0 // with a job, the job may be to blame
    const failure = new AppError('bug', 'A part of the raster engine stopped and was started again.')
    for (const { reject } of slot.working.values()) reject(failure)
    this.directory.release(slot.id)
    if (this.isClosed) return
    if (isFailedStart) this.failedStarts++
    if (this.failedStarts < MAX_FAILED_STARTS) this.startThread()
    if (this.slots.size === 0)
      for (const queue of Object.values(this.queues)) for (const { reject } of queue.splice(0)) reject(cannotStart())
    this.dispatch()
  }

  private receive(slot: Slot, message: FromThread): void {
    slot.hasAnswered = true
    this.failedStarts = 0
    if (message.kind === 'claim') this.directory.claim(slot.id, message.id, message.keys)
    else if (message.kind === 'deliver') this.directory.deliver(slot.id, message.keys, message.values)
    else {
      const queued = slot.working.get(message.n)
      slot.working.delete(message.n)
      if (message.kind === 'done') queued?.resolve(message.result)
      else queued?.reject(new AppError(message.code, message.message))
      this.dispatch()
    }
  }

  /** @throws AppError what the job gives, or `canceled` */
  run(job: ThreadJob, urgency: Urgency, signal?: AbortSignal): Promise<ThreadResult> {
    if (this.isClosed || signal?.aborted) return Promise.reject(canceled())
    if (this.slots.size === 0) return Promise.reject(cannotStart())
    const n = ++this.nextJob
    return new Promise<ThreadResult>((resolve, reject) => {
      const queued: Queued = { n, job, resolve, reject }
      const cancel = () => this.cancel(queued, urgency)
      signal?.addEventListener('abort', cancel, { once: true })
      const settle = () => signal?.removeEventListener('abort', cancel)
      queued.resolve = (result) => {
        settle()
        resolve(result)
      }
      queued.reject = (failure) => {
        settle()
        reject(failure)
      }
      this.queues[urgency].push(queued)
      this.dispatch()
    })
  }

  /** Out of the queue, or a word to the thread; the caller is answered at once. */
  private cancel(queued: Queued, urgency: Urgency): void {
    const queue = this.queues[urgency]
    const at = queue.indexOf(queued)
    if (at >= 0) queue.splice(at, 1)
    else
      for (const slot of this.slots.values())
        if (slot.working.has(queued.n)) slot.thread.postMessage({ kind: 'cancel', n: queued.n })
    queued.reject(canceled())
  }

  private dispatch(): void {
    for (;;) {
      const free = [...this.slots.values()].filter(({ working }) => working.size < JOBS_PER_THREAD)
      const slot = free.toSorted((a, b) => a.working.size - b.working.size)[0]
      if (!slot) return
      const urgency = URGENCIES.find((name) => this.queues[name].length > 0)
      if (!urgency) return
      // one place in each thread stays free for what a user waits for
      if (urgency === 'statistics' && slot.working.size >= JOBS_PER_THREAD - 1) return
      const queue = this.queues[urgency]
      const queued = (urgency === 'tile' ? queue.pop() : queue.shift()) as Queued
      slot.working.set(queued.n, queued)
      slot.thread.postMessage({ kind: 'job', n: queued.n, job: queued.job })
    }
  }

  /** Forgets a raster in all threads. */
  closeRaster(key: string): void {
    for (const { thread } of this.slots.values()) thread.postMessage({ kind: 'close', key })
    this.directory.drop(`${key}/`)
  }

  async close(): Promise<void> {
    this.isClosed = true
    for (const queue of Object.values(this.queues)) for (const { reject } of queue.splice(0)) reject(canceled())
    await Promise.all([...this.slots.values()].map(({ thread }) => thread.terminate()))
  }
}
