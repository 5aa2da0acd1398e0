/**
 * Messages between the engine and its threads. Values in block messages lie in shared memory.
 * Owns: types only.
 */
import type { AppError } from '../core/errors.ts'
import type { Partial, Pass } from './statistics.ts'
import type { TileJob } from './tile.ts'
import type { RasterSource, Values } from './types.ts'

/** Which raster: a key for each opening, so that a layer opened again shares nothing with what it was. */
export type RasterRef = { key: string; source: RasterSource }

export type ThreadJob =
  | ({ kind: 'tile'; raster: RasterRef } & TileJob)
  | { kind: 'value'; raster: RasterRef; longitude: number; latitude: number }
  | {
      kind: 'partials'
      raster: RasterRef
      level: number
      blocks: [column: number, row: number][]
      bands: number[]
      pass: Pass
    }
export type ThreadResult =
  | Float32Array<ArrayBuffer>
  | { values: (number | null)[]; pixel: [number, number] }
  | Partial[]
  | null

export type ToThread =
  | { kind: 'job'; n: number; job: ThreadJob }
  | { kind: 'cancel'; n: number }
  | { kind: 'close'; key: string }
  /** Answers a claim: the block, or that this thread is to load it, or that another one is at it. */
  | { kind: 'claimed'; id: number; found: (Values | 'load' | 'wait')[] }
  /** A block that was waited for; null: it could not be loaded. */
  | { kind: 'delivered'; key: string; values: Values | null }

export type FromThread =
  | { kind: 'done'; n: number; result: ThreadResult }
  | { kind: 'failed'; n: number; code: AppError['code']; message: string }
  | { kind: 'claim'; id: number; keys: string[] }
  | { kind: 'deliver'; keys: string[]; values: Values[] | null }
