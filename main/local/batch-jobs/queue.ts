/**
 * Runs queued jobs, a few at a time, and brings every one of them to an end: finished, failed, stopped or queued again.
 * Owns: the running jobs and the changes of status. Does not: evaluate (the engine), answer (server/routes).
 * A job that was running when the back-end ended is queued again at its old place; one that was running at
 * MOST_INTERRUPTIONS such ends is stopped, since it may be what ended the back-end.
 */

import { type Clock, instant } from '../../core/clock.ts'
import { AppError, fromFileError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import type { RunOptions, RunResult } from '../evaluate/api.ts'
import { OpeneoError } from '../openeo-error.ts'
import type { JobFiles } from './job-files.ts'
import type { Job, JobStore } from './job-store.ts'
import { asFailureEntry, asLogEntry } from './log-entries.ts'

export const MOST_INTERRUPTIONS = 8
const PROGRESS_EVERY_MS = 250
const RETRY_SAVING_MS = 5_000
const STOP_WAIT_MS = 800

export type RunJob = (
  process: { process_graph: object },
  options: Pick<RunOptions, 'outputDir' | 'signal' | 'onProgress' | 'onLog'>,
) => Promise<RunResult>

type Needs = { store: JobStore; files: JobFiles; run: RunJob; log: Log; clock: Clock; concurrency?: number }
type Running = { job: Job; abort: AbortController; ended: Promise<void> }

export class JobQueue {
  readonly #needs: Needs
  readonly #running = new Map<string, Running>()
  #isClosing = false

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** Takes up what an earlier process left, and begins. */
  async open(): Promise<void> {
    const { store, files, log } = this.#needs
    if (this.#isClosing) return
    for (const job of store.withStatus('running')) this.#takeUp(job)
    await files.removeOrphans((id) => store.get(id) !== undefined)
    log.info('Job queue opened', { queued: store.withStatus('queued').length })
    this.#pump()
  }

  #takeUp(job: Job): void {
    const { store } = this.#needs
    if (job.interruptions + 1 >= MOST_INTERRUPTIONS) {
      const message = `The back-end ended ${MOST_INTERRUPTIONS} times while this job ran. It is not started again by itself.`
      store.log(job, { level: 'error', code: 'Internal', message })
      store.update(job.id, { status: 'error', queuePlace: null, interruptions: job.interruptions + 1 })
      return
    }
    store.requeue(job.id)
    store.log(job, { level: 'warning', message: 'The back-end ended while this job ran. The job is queued again.' })
  }

  /** Puts a job that is neither queued nor running into the queue. */
  start(id: string): void {
    this.#needs.store.enqueue(id)
    this.#pump()
  }

  /** Takes a job out of the queue or stops it. Its status has changed, and it computes no more, when this resolves. */
  async stop(job: Job): Promise<void> {
    const { store } = this.#needs
    const running = this.#running.get(job.id)
    if (job.status === 'queued') store.update(job.id, { status: 'created', queuePlace: null })
    if (job.status !== 'running' && !running) return
    // results are complete or absent here; without partial results the API asks for `created`, not `canceled`
    store.update(job.id, { status: 'created', queuePlace: null, endedAt: instant(this.#needs.clock.now()) })
    store.log(job, { level: 'info', message: 'The job was stopped. It has no results.' })
    running?.abort.abort(new AppError('canceled', 'The job was stopped.'))
    await this.#settled(running)
  }

  async #settled(running: Running | undefined): Promise<void> {
    if (!running) return
    let giveUp = () => {}
    const waited = new Promise<void>((resolve) => {
      giveUp = this.#needs.clock.setTimer(STOP_WAIT_MS, resolve)
    })
    await Promise.race([running.ended, waited])
    giveUp()
  }

  /** Stops all work; what ran is queued again for the next start. */
  async close(): Promise<void> {
    this.#isClosing = true
    const running = [...this.#running.values()]
    for (const { abort } of running) abort.abort(new AppError('canceled', 'The back-end was closed.'))
    await Promise.all(running.map((one) => this.#settled(one)))
  }

  #pump(): void {
    if (this.#isClosing) return
    const { store, concurrency = 1, log, clock } = this.#needs
    try {
      while (this.#running.size < concurrency) {
        const job = store.nextQueued()
        if (!job || this.#running.has(job.id)) return
        this.#begin(job)
      }
    } catch (failure) {
      log.error('The job queue could not be read or saved', { failure })
      clock.setTimer(RETRY_SAVING_MS, () => this.#pump())
    }
  }

  #begin(job: Job): void {
    const startedAt = instant(this.#needs.clock.now())
    this.#needs.store.update(job.id, { status: 'running', progress: 0, startedAt })
    const abort = new AbortController()
    const ended = this.#run({ ...job, startedAt }, abort.signal).finally(() => {
      this.#running.delete(job.id)
      this.#pump()
    })
    this.#running.set(job.id, { job, abort, ended })
  }

  async #run(job: Job, signal: AbortSignal): Promise<void> {
    const { store, files, clock } = this.#needs
    const startMs = clock.monotonicMs()
    try {
      store.log(job, { level: 'info', message: 'The job began.' })
      const outputDir = await files.begin(job.id, job.run)
      const result = await this.#needs.run(job.process, { outputDir, signal, ...this.#reports(job, signal) })
      signal.throwIfAborted()
      await files.seal(job.id, job.run, result, instant(clock.now()))
      signal.throwIfAborted()
      const seconds = (clock.monotonicMs() - startMs) / 1000
      await this.#save(job, () => this.#finish(job, result, seconds))
    } catch (failure) {
      if (signal.aborted) return this.#leave(job)
      await files.keepOnly(job.id, null) // gives room back before the error is saved
      const known = fromFileError(failure, 'the result') ?? failure
      await this.#save(job, () => this.#fail(job, known, (clock.monotonicMs() - startMs) / 1000))
    }
  }

  /** What the run tells: entries at once, progress a few times a second. A report that cannot be saved is dropped. */
  #reports(job: Job, signal: AbortSignal): Required<Pick<RunOptions, 'onProgress' | 'onLog'>> {
    const { store, clock, log } = this.#needs
    let savedMs = -PROGRESS_EVERY_MS
    const attempt = (save: () => void) => {
      if (signal.aborted) return
      try {
        save()
      } catch (failure) {
        log.warn('A report of a job could not be saved', { job: job.id, failure })
      }
    }
    return {
      onLog: (entry) => attempt(() => store.log(job, asLogEntry(entry))),
      onProgress: ({ doneBlocks, totalBlocks }) => {
        if (totalBlocks <= 0 || clock.monotonicMs() - savedMs < PROGRESS_EVERY_MS) return
        savedMs = clock.monotonicMs()
        // 100 % is for finished jobs only
        const percent = Math.min(99.9, Math.floor((doneBlocks / totalBlocks) * 1000) / 10)
        attempt(() => store.update(job.id, { progress: percent }))
      },
    }
  }

  #finish(job: Job, result: RunResult, seconds: number): void {
    const { store, clock } = this.#needs
    const bytes = result.assets.reduce((sum, asset) => sum + asset.sizeBytes, 0)
    store.tx(() => {
      store.log(job, {
        level: 'info',
        message: `The job is finished: ${count(result.assets.length, 'file')}, read from ${count(result.usage.scenes, 'scene')} in ${seconds.toFixed(1)} s.`,
      })
      store.update(job.id, {
        status: 'finished',
        progress: 100,
        resultRun: job.run,
        queuePlace: null,
        endedAt: instant(clock.now()),
        usage: {
          duration: { value: round(seconds), unit: 'seconds' },
          storage: { value: bytes, unit: 'b' },
          'input-pixel': { value: round(result.usage.pixelsRead / 1e6), unit: 'mega-pixel' },
        },
      })
    })
  }

  #fail(job: Job, failure: unknown, seconds: number): void {
    const { store, clock, log } = this.#needs
    const isKnown = failure instanceof OpeneoError || failure instanceof AppError
    log[isKnown ? 'info' : 'error']('A job failed', { job: job.id, failure })
    store.tx(() => {
      store.log(job, asFailureEntry(failure))
      store.update(job.id, {
        status: 'error',
        queuePlace: null,
        endedAt: instant(clock.now()),
        usage: { duration: { value: round(seconds), unit: 'seconds' } },
      })
    })
  }

  /** After a stop or at the end of the back-end: no half results stay. */
  async #leave(job: Job): Promise<void> {
    const { store, files, log } = this.#needs
    await files.keepOnly(job.id, null)
    try {
      if (this.#isClosing && store.get(job.id)?.status === 'running') {
        store.requeue(job.id)
        store.update(job.id, { interruptions: job.interruptions }) // an orderly end is not the job's fault
        store.log(job, {
          level: 'info',
          message: 'The back-end was closed while this job ran. The job is queued again.',
        })
      }
    } catch (failure) {
      log.warn('A stopped job could not be saved', { job: job.id, failure })
    }
  }

  /** Saves the end of a job; where the disk refuses, tries again until the back-end closes. */
  async #save(job: Job, save: () => void): Promise<void> {
    const { clock, log } = this.#needs
    while (!this.#isClosing) {
      try {
        return save()
      } catch (failure) {
        log.error('The end of a job could not be saved', { job: job.id, failure })
        await new Promise<void>((resolve) => clock.setTimer(RETRY_SAVING_MS, resolve))
      }
    }
  }
}

const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`
const round = (value: number) => Math.round(value * 1000) / 1000
