/**
 * The words that the server and the evaluator share: what may be read, what a run needs, reports and returns.
 * Owns: types only. The evaluator answers with values; a run that fails throws an OpeneoError with a code of the
 * specification (or the AbortSignal's reason where it was cancelled).
 */
import type { DataType, Grid } from '../../raster/types.ts'
import type { LocalCollection } from '../model.ts'

/** Where in a process graph a problem lies. `parents` names the nodes and arguments that hold a nested graph, outermost first. */
export type GraphPath = {
  nodeId?: string
  argument?: string
  parents?: readonly { nodeId: string; argument: string }[]
}

/** One finding of a check: a code of the API or of a process definition, a sentence, and the place. */
export type OpeneoProblem = { code: string; message: string; path?: GraphPath }

/** What a process graph may read. */
export type World = {
  collections: ReadonlyMap<string, LocalCollection>
  /** Folders (absolute) in which load_stac may read documents and rasters from local paths; none: only http and https. */
  loadStacRoots?: readonly string[]
}

/** A process as the API carries it; only the graph is looked at. Hostile input: anything may come. */
export type ProcessToCheck = { process_graph?: unknown }

export type LogLevel = 'error' | 'warning' | 'info' | 'debug'
export type RunLog = { level: LogLevel; message: string; code?: string; data?: unknown; path?: GraphPath }

export type RunOptions = {
  /** Exists already; result files are written into it under safe, unique names. */
  outputDir: string
  /** Worker threads; 0 evaluates in the calling thread (for tests and tiny graphs). Default: CPUs − 1, at least 1. */
  threads?: number
  signal?: AbortSignal
  onProgress?: (progress: { doneBlocks: number; totalBlocks: number }) => void
  onLog?: (entry: RunLog) => void
  /** Bytes that all threads together may hold for blocks and caches; default 512 MiB, at least 32 MiB. */
  memoryBudgetBytes?: number
  /** Values of the top-level parameters of the process, by name. */
  parameters?: Readonly<Record<string, unknown>>
  /** File of the thread's code; default: found beside this module or in the bundle. */
  threadEntry?: URL
}

export type AssetBand = { name: string; dataType: DataType; nodata: number | null; description?: string }

/** One file of a result. */
export type RunAsset = {
  key: string
  /** Absolute, inside outputDir. */
  path: string
  mediaType: string
  roles: string[]
  title: string
  sizeBytes: number
  grid?: Grid
  /** West, south, east, north in degrees. */
  bbox?: [number, number, number, number]
  /** RFC 3339 instant of the file's only time label, where it has one. */
  datetime?: string
  /** Start and end (excluded) of the file's time, RFC 3339. */
  interval?: [string, string]
  bands?: AssetBand[]
}

/** What has been read, for logs and usage figures. */
export type RunUsage = {
  scenes: number
  bands: number
  /** Windows read from source rasters. */
  windowsRead: number
  pixelsRead: number
  durationMs: number
}

export type RunResult = {
  assets: RunAsset[]
  bbox: [number, number, number, number] | null
  interval: [string, string] | null
  usage: RunUsage
}

/** A format of GET /file_formats. */
export type FileFormat = {
  title: string
  description: string
  gis_data_types: ('raster' | 'vector' | 'table' | 'other')[]
  parameters: Record<
    string,
    {
      description: string
      type: string
      required?: boolean
      default?: unknown
      enum?: readonly unknown[]
      minimum?: number
      maximum?: number
    }
  >
}
