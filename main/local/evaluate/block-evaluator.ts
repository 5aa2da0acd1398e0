/**
 * Computes blocks of the files of a result: the part of a run that happens in worker threads.
 * Owns: walking the graph once, a schedule for each file, and dividing a block into strips that fit the memory.
 * Does not: write, or know about threads. Every thread has one of its own, with its own open files and cache.
 */
import type { openRaster } from '../../raster/index.ts'
import type { Grid, Window } from '../../raster/types.ts'
import type { LocalCollection } from '../model.ts'
import type { OpeneoProblem } from './api.ts'
import type { Expression, Leaf } from './expression.ts'
import { readGraph } from './graph.ts'
import { createLeafReader, type ReadCounts } from './leaf-reader.ts'
import { toOpeneoError } from './problem.ts'
import type { Plane } from './program.ts'
import { filesOf, type ResultFile } from './result-files.ts'
import { makeSchedule, runSchedule, type Schedule } from './schedule.ts'
import { traceGraph } from './trace.ts'
import { type Cube, constant, type Value } from './values.ts'

/** All that a thread needs; can be sent to it as it is. */
export type EvaluationJob = {
  graph: unknown
  parameters: Readonly<Record<string, unknown>>
  collections: readonly LocalCollection[]
  stac: readonly (readonly [string, LocalCollection])[]
  /** For this evaluator alone. */
  memoryBudgetBytes: number
}

/** A block of one file; `window` in pixels of the result's grid. */
export type BlockTask = { saved: number; file: number; window: Window; isFloat32: boolean }
export type BlockValues = (Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>)[]

export type BlockEvaluator = {
  evaluate: (task: BlockTask, signal?: AbortSignal) => Promise<BlockValues>
  counts: () => ReadCounts
  close: () => Promise<void>
}

export type SavedResult = {
  cube: Cube
  format: string
  options: Readonly<Record<string, unknown>>
  files: ResultFile[]
}

/** Walks the graph of a job. @throws OpeneoError for the first problem */
export function savedResults(job: EvaluationJob, log?: Parameters<typeof traceGraph>[3]['log']): SavedResult[] {
  const { graph, problems } = readGraph(job.graph)
  const fail = (problem: OpeneoProblem | undefined) => {
    if (problem !== undefined) throw toOpeneoError(problem)
  }
  fail(problems[0])
  if (graph === null) return []
  const world = {
    collections: new Map(job.collections.map((collection) => [collection.id, collection] as const)),
    stac: new Map(job.stac),
  }
  const parameters = new Map<string, Value>(
    Object.entries(job.parameters).map(([name, value]) => [name, constant(value)]),
  )
  const traced = traceGraph(graph, world, parameters, { isOpen: false, ...(log === undefined ? {} : { log }) })
  fail(traced.problems[0])
  return traced.saved.map(({ cube, format, options }) => ({ cube, format, options, files: filesOf(cube) }))
}

/** Share of the budget for decoded blocks of the sources; the rest is for the strips, outputs and what V8 keeps. */
const CACHE_SHARE = 0.35
const STRIP_SHARE = 0.35
const SCHEDULES_KEPT = 4

export function createBlockEvaluator(job: EvaluationJob, options: { open?: typeof openRaster } = {}): BlockEvaluator {
  const saved = savedResults(job)
  const stripBytes = job.memoryBudgetBytes * STRIP_SHARE
  const schedules = new Map<string, Schedule>()
  const inner = new Map<Expression, Schedule>()
  const reader = createLeafReader({
    cacheBytes: job.memoryBudgetBytes * CACHE_SHARE,
    ...(options.open === undefined ? {} : { open: options.open }),
    compute: async (expression, grid, window, signal) => {
      const schedule = inner.get(expression) ?? makeSchedule([expression])
      inner.set(expression, schedule)
      const out = new Float64Array(window.width * window.height)
      await evaluateInStrips(schedule, grid, window, [out], signal)
      return out
    },
  })

  const read =
    (grid: Grid, window: Window, signal: AbortSignal | undefined) =>
    (leaves: readonly Leaf[]): Promise<Plane[]> =>
      Promise.all(leaves.map((leaf) => reader.read(leaf, grid, window, signal)))

  async function evaluateInStrips(
    schedule: Schedule,
    grid: Grid,
    window: Window,
    outs: readonly (Float32Array | Float64Array)[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const rows = stripRows(window, schedule.bytesPerPixel, stripBytes)
    for (let row = 0; row < window.height; row += rows) {
      signal?.throwIfAborted()
      const strip = { ...window, row: window.row + row, height: Math.min(rows, window.height - row) }
      const start = row * window.width
      await runSchedule(
        schedule,
        strip.width * strip.height,
        read(grid, strip, signal),
        (root, values, offset, count) => {
          outs[root]?.set(count === values.length ? values : values.subarray(0, count), start + offset)
        },
      )
    }
  }

  function scheduleOf(task: BlockTask, result: SavedResult, file: ResultFile): Schedule {
    const key = `${task.saved}/${task.file}`
    const found = schedules.get(key)
    if (found !== undefined) return found
    const made = makeSchedule(file.planes.map((index) => result.cube.plane(index)))
    if (schedules.size >= SCHEDULES_KEPT) schedules.delete(schedules.keys().next().value as string)
    schedules.set(key, made)
    return made
  }

  return {
    evaluate: async (task, signal) => {
      const result = saved[task.saved]
      const file = result?.files[task.file]
      if (result === undefined || file === undefined) throw new Error('a block of a file that is not there')
      const length = task.window.width * task.window.height
      const outs: BlockValues = file.planes.map(() =>
        task.isFloat32 ? new Float32Array(length) : new Float64Array(length),
      )
      await evaluateInStrips(scheduleOf(task, result, file), result.cube.grid, task.window, outs, signal)
      return outs
    },
    counts: reader.counts,
    close: reader.close,
  }
}

/** Rows of a block that fit the memory together: all, else a multiple of 16 where possible, at least one. */
export function stripRows({ width, height }: Window, bytesPerPixel: number, budgetBytes: number): number {
  const rows = Math.floor(budgetBytes / (bytesPerPixel * width))
  if (rows >= height) return height
  return rows >= 16 ? rows - (rows % 16) : Math.max(1, rows)
}
