/**
 * A job's folder: one sub-folder a run, with a manifest that is written last; results are complete or absent.
 * Owns: `jobs/ID/run-N/` and, beside it, `run-N.manifest.json`: no result can have the manifest's name. Does not: decide which run is the result (the job's row does).
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { writeAtomically } from '../../core/files.ts'
import type { RunAsset, RunResult } from '../evaluate/api.ts'

/** One result file as its manifest states it; `name` is its file name in the run's folder. */
export type ResultAsset = Omit<RunAsset, 'path'> & { name: string; sha256: string }
export type Manifest = {
  assets: ResultAsset[]
  bbox: RunResult['bbox']
  interval: RunResult['interval']
  endedAt: string
}

/** Folders are made from ids that this back-end gave; anything else never becomes a path. */
const isJobId = (id: string) => /^j-[0-9a-f-]{36}$/.test(id)

export class JobFiles {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
  }

  #folder(id: string): string {
    if (!isJobId(id)) throw new Error('not an id of a job')
    return join(this.#root, id)
  }
  runFolder(id: string, run: number): string {
    return join(this.#folder(id), `run-${run}`)
  }

  #manifestFile(id: string, run: number): string {
    return join(this.#folder(id), `run-${run}.manifest.json`)
  }

  /** An empty folder for the run; those of earlier runs are removed. */
  async begin(id: string, run: number): Promise<string> {
    await this.keepOnly(id, null)
    const folder = this.runFolder(id, run)
    await mkdir(folder, { recursive: true })
    return folder
  }

  /** Removes every run but one, or all. */
  async keepOnly(id: string, run: number | null): Promise<void> {
    const kept =
      run === null ? [] : [this.runFolder(id, run), this.#manifestFile(id, run)].map((path) => basename(path))
    const names = await readdir(this.#folder(id)).catch(() => [])
    for (const name of names) if (!kept.includes(name)) await removeFolder(join(this.#folder(id), name))
  }

  async remove(id: string): Promise<void> {
    await removeFolder(this.#folder(id))
  }

  /** Folders without a job: what a crash between two steps of a deletion left. */
  async removeOrphans(isKnown: (id: string) => boolean): Promise<void> {
    for (const name of await readdir(this.#root).catch(() => []))
      if (isJobId(name) && !isKnown(name)) await this.remove(name)
  }

  /** Hashes what the run wrote and writes the manifest; from here on the run is whole. */
  async seal(id: string, run: number, result: RunResult, endedAt: string): Promise<Manifest> {
    const assets: ResultAsset[] = []
    for (const { path, ...asset } of result.assets) {
      const { sha256, sizeBytes } = await measure(path)
      assets.push({ ...asset, name: basename(path), sizeBytes, sha256 })
    }
    const manifest: Manifest = { assets, bbox: result.bbox, interval: result.interval, endedAt }
    await writeAtomically(this.#manifestFile(id, run), encode(manifest))
    return manifest
  }

  async manifest(id: string, run: number): Promise<Manifest | undefined> {
    const text = await readFile(this.#manifestFile(id, run), 'utf8').catch(() => undefined)
    return text === undefined ? undefined : decode(text)
  }

  /** Where the file lies and when it was written, undefined where it is missing or of another size than sealed. */
  async asset(id: string, run: number, asset: ResultAsset): Promise<{ path: string; modified: Date } | undefined> {
    const path = join(this.runFolder(id, run), asset.name)
    const found = await stat(path).catch(() => undefined)
    return found?.isFile() && found.size === asset.sizeBytes ? { path, modified: found.mtime } : undefined
  }
}

/** JSON with the numbers that JSON lacks: nodata may be NaN. */
const encode = (manifest: Manifest) =>
  JSON.stringify(manifest, (_, value) => (typeof value === 'number' && !Number.isFinite(value) ? `#${value}` : value))
const decode = (text: string) =>
  JSON.parse(text, (key, value) =>
    key === 'nodata' && typeof value === 'string' ? Number(value.slice(1)) : value,
  ) as Manifest

/** Files that are still open somewhere (Windows) are tried again for a moment, then left for the next start. */
const removeFolder = (folder: string) =>
  rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }).catch(() => {})

async function measure(path: string): Promise<{ sha256: string; sizeBytes: number }> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer)
    sizeBytes += (chunk as Buffer).length
  }
  const file = await open(path, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
  return { sha256: hash.digest('hex'), sizeBytes }
}
