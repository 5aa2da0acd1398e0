/**
 * Runs a process: from the graph to files in a folder.
 * Owns: the life of a run: check, plan, compute in threads, write, report; and that a run that ends early leaves
 * nothing behind. Does not: know jobs, HTTP or where results are kept.
 */
import { mkdir, unlink } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { AppError, fromFileError } from '../../core/errors.ts'
import { footprint } from '../../raster/index.ts'
import type { LocalCollection } from '../model.ts'
import { OpeneoError } from '../openeo-error.ts'
import type { ProcessToCheck, RunAsset, RunOptions, RunResult, World } from './api.ts'
import { type EvaluationJob, type SavedResult, savedResults } from './block-evaluator.ts'
import { type Graph, readGraph } from './graph.ts'
import { loadStacDocuments } from './load-stac.ts'
import { toOpeneoError } from './problem.ts'
import { type BlockPool, createBlockPool } from './thread-pool.ts'
import { type FileJob, fileJobs } from './write-result.ts'

const DEFAULT_BUDGET = 512 * 2 ** 20
const LEAST_BUDGET = 32 * 2 ** 20
const FEW_BLOCKS = 3

/**
 * Computes the process and writes its results; compresses in the calling thread.
 * @throws OpeneoError for everything that the graph, the data or the disk is to blame for; the reason of the signal
 *   where the run was cancelled. No file of the run is left then.
 */
export async function runHere(process: unknown, world: World, options: RunOptions): Promise<RunResult> {
  const started = performance.now()
  const { signal, onLog = () => undefined } = options
  signal?.throwIfAborted()
  const { job, results } = await planOf(process, world, options)
  await mkdir(options.outputDir, { recursive: true }).catch((failure: unknown) => {
    const message = fromFileError(failure, 'the result')?.message ?? 'The folder for the result cannot be made.'
    throw new OpeneoError(500, 'StorageFailure', message)
  })
  const names = new Set<string>()
  const isTaken = (name: string) => {
    if (names.has(name.toLowerCase())) return true
    names.add(name.toLowerCase())
    return false
  }
  const files = results.flatMap((result, saved) => fileJobs(result, saved, options.outputDir, isTaken))
  logPlan(results, files, onLog)
  const blocks = files.reduce((sum, file) => sum + file.blocks, 0)
  // starting threads takes longer than a few blocks do
  const threads = blocks <= FEW_BLOCKS ? 0 : Math.min(options.threads ?? Math.max(1, availableParallelism() - 1), 64)
  const pool = createBlockPool(job, threads, options.threadEntry, signal)
  const abort = () => void pool.close(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  const written: string[] = []
  try {
    const assets = await writeAll(files, pool, Math.max(1, threads), written, options)
    signal?.throwIfAborted()
    return report(assets, results, pool, started, onLog)
  } catch (failure) {
    await Promise.all(written.map((path) => unlink(path).catch(() => undefined)))
    if (signal?.aborted) throw signal.reason
    throw failure instanceof OpeneoError ? failure : storageFailure(failure)
  } finally {
    signal?.removeEventListener('abort', abort)
    await pool.close()
  }
}

/** Everything that is known before the first pixel is read. */
async function planOf(process: unknown, world: World, options: RunOptions) {
  const raw = (process as ProcessToCheck | null)?.process_graph
  const { graph, problems } = readGraph(raw)
  const [problem] = problems
  if (problem !== undefined) throw toOpeneoError(problem)
  if (graph === null) throw new OpeneoError(400, 'ProcessGraphMissing', 'The process has no process graph.')
  const parameters = options.parameters ?? {}
  const stac = await loadStacDocuments(graph, parameters, world, options.signal)
  const job: EvaluationJob = {
    graph: raw,
    parameters,
    collections: usedCollections(graph, parameters, world),
    stac: [...stac],
    memoryBudgetBytes: Math.max(LEAST_BUDGET, options.memoryBudgetBytes ?? DEFAULT_BUDGET),
  }
  const results = savedResults(job, options.onLog)
  if (results.length === 0) {
    throw new OpeneoError(400, 'ProcessGraphInvalid', 'The process saves nothing: it has no node with `save_result`.')
  }
  return { job, results }
}

/** Only what the graph names is sent to the threads; a graph may name a collection by a parameter. */
function usedCollections(graph: Graph, parameters: Readonly<Record<string, unknown>>, world: World): LocalCollection[] {
  const names = new Set<unknown>(Object.values(parameters))
  for (const { processId, arguments: given } of graph.nodes.values()) {
    const id = given.get('id')
    if (processId !== 'load_collection') continue
    if (id?.kind !== 'literal' && id?.kind !== 'parameter') return [...world.collections.values()]
    if (id.kind === 'literal') names.add(id.value)
  }
  return [...world.collections.values()].filter(({ id }) => names.has(id))
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`

function logPlan(results: readonly SavedResult[], files: readonly FileJob[], onLog: NonNullable<RunOptions['onLog']>) {
  for (const { cube, format, files: own } of results) {
    const { width, height, crs } = cube.grid
    const system = crs.epsg === null ? crs.name : `EPSG:${crs.epsg}`
    const dimensions = cube.dimensions.map(({ name, labels }) => `${name} (${labels.length})`).join(', ')
    const others = dimensions === '' ? 'no other dimensions' : dimensions
    const message = `The result has ${width} × ${height} pixels in ${system}, ${others}; written as ${format} to ${counted(format === 'JSON' ? 1 : own.length, 'file')}.`
    onLog({ level: 'info', message })
  }
  onLog({ level: 'debug', message: `${files.reduce((sum, { blocks }) => sum + blocks, 0)} blocks are to be computed.` })
}

/** Files one after another; small ones several at once, so that all threads have work. */
async function writeAll(
  files: readonly FileJob[],
  pool: BlockPool,
  threads: number,
  written: string[],
  { signal, onProgress }: RunOptions,
): Promise<RunAsset[]> {
  const totalBlocks = files.reduce((sum, { blocks }) => sum + blocks, 0)
  let doneBlocks = 0
  let next = 0
  const assets: RunAsset[] = []
  onProgress?.({ doneBlocks, totalBlocks })
  const compute: BlockPool['compute'] = async (task) => {
    const values = await pool.compute(task)
    doneBlocks += 1
    onProgress?.({ doneBlocks, totalBlocks })
    return values
  }
  const fewest = Math.min(...files.map(({ blocks }) => blocks))
  const atOnce = Math.min(files.length, 8, Math.max(1, Math.ceil((2 * threads) / fewest)))
  const failures: unknown[] = []
  const worker = async () => {
    while (next < files.length && failures.length === 0) {
      const index = next
      next += 1
      try {
        const asset = await (files[index] as FileJob).write(compute, 2 * threads + 2, signal)
        written.push(asset.path)
        assets[index] = asset
      } catch (failure) {
        failures.push(failure)
        await pool.close(failure)
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  if (failures.length > 0) throw failures[0]
  return assets
}

function report(
  assets: RunAsset[],
  results: readonly SavedResult[],
  pool: BlockPool,
  started: number,
  onLog: NonNullable<RunOptions['onLog']>,
): RunResult {
  const { scenes, bands, windowsRead, pixelsRead } = pool.counts()
  const durationMs = Math.round(performance.now() - started)
  const usage = { scenes: scenes.length, bands: bands.length, windowsRead, pixelsRead, durationMs }
  const message = `Read ${counted(scenes.length, 'scene')} and ${counted(bands.length, 'band')} (${bands.slice(0, 20).join(', ')}): ${counted(pixelsRead, 'pixel')} in ${counted(windowsRead, 'window')}. Wrote ${counted(assets.length, 'file')} with ${counted(
    assets.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    'byte',
  )}. It took ${(durationMs / 1000).toFixed(1)} s.`
  onLog({ level: 'info', message, data: usage })
  return { assets, bbox: unionOf(results), interval: intervalOf(results), usage }
}

function unionOf(results: readonly SavedResult[]): RunResult['bbox'] {
  const boxes = results.flatMap(({ cube }) => footprint(cube.grid) ?? [])
  if (boxes.length === 0) return null
  const [west, south, east, north] = boxes as [number, number, number, number]
  return results
    .flatMap(({ cube }) => [footprint(cube.grid)])
    .reduce<[number, number, number, number]>(
      (union, box) =>
        box === null
          ? union
          : [
              Math.min(union[0], box[0]),
              Math.min(union[1], box[1]),
              Math.max(union[2], box[2]),
              Math.max(union[3], box[3]),
            ],
      [west, south, east, north],
    )
}

function intervalOf(results: readonly SavedResult[]): RunResult['interval'] {
  const times = results.flatMap(({ files }) =>
    files.flatMap(({ datetime, interval }) => interval ?? (datetime === null ? [] : [datetime, datetime])),
  )
  const ordered = times.toSorted()
  const [first] = ordered
  const last = ordered.at(-1)
  return first === undefined || last === undefined ? null : [first, last]
}

/** What the disk or a source says, as the API states it. Bugs stay what they are. */
function storageFailure(failure: unknown): unknown {
  if (!(failure instanceof AppError)) return failure
  if (failure.code === 'disk-full' || failure.code === 'read-only')
    return new OpeneoError(500, 'StorageFailure', failure.message)
  if (failure.code === 'canceled' || failure.code === 'bug') return failure
  return new OpeneoError(500, 'Internal', failure.message)
}
