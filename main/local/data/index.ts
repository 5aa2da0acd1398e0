/**
 * The user's folders as collections, kept up to date.
 * Owns: when scans run (one at a time, the latest request wins), what they found last, and the watch on the folders.
 * Does not: block the server: scans wait for the disk between files and can be cancelled at any of them.
 */
import { isAbsolute, normalize } from 'node:path'
import type { Database } from '../../core/database.ts'
import type { Log } from '../../core/log.ts'
import type { LocalCollection } from '../model.ts'
import { CollectionNames } from './collection-names.ts'
import { HeaderCache } from './file-headers.ts'
import { type CollectionPlace, type ScannedFolder, scanFolder } from './scan-folder.ts'
import { type FolderWatch, watchFolders } from './watch-folders.ts'

export type DataFolder = { id: string; path: string; isSample: boolean }
/** A collection, and whether pages of other sites may see it without a token (sample data only). */
export type OfferedCollection = { collection: LocalCollection; isPublic: boolean }
export type FolderProblem = { folderId: string; file: string; reason: string }

type Needs = {
  database: Database
  log: Log
  onChange: () => void
  isWatching?: boolean
  /** Folders (absolute) that hold no data of the user even where they lie inside of one that does. */
  leftOut?: readonly string[]
}

export class DataIndex {
  readonly #needs: Needs
  readonly #headers: HeaderCache
  readonly #names: CollectionNames
  #folders: readonly DataFolder[] = []
  #found = new Map<string, ScannedFolder>()
  #offered: readonly OfferedCollection[] = []
  #byId: ReadonlyMap<string, LocalCollection> = new Map()
  #scan: { abort: AbortController; done: Promise<void> } | null = null
  #watch: FolderWatch | null = null
  #isClosed = false

  constructor(needs: Needs) {
    this.#needs = needs
    this.#headers = new HeaderCache(needs.database)
    this.#names = new CollectionNames(needs.database)
  }

  /** In alphabetical order of their ids. */
  get offered(): readonly OfferedCollection[] {
    return this.#offered
  }
  get collections(): ReadonlyMap<string, LocalCollection> {
    return this.#byId
  }
  get folders(): readonly DataFolder[] {
    return this.#folders
  }
  get isScanning(): boolean {
    return this.#scan !== null
  }
  /** Where a collection lies; of folders inside of each other the first one counts, as for what is offered. */
  placeOf(collectionId: string): (CollectionPlace & { dataFolder: DataFolder }) | null {
    for (const dataFolder of this.#folders) {
      const place = this.#found.get(dataFolder.id)?.places.get(collectionId)
      if (place) return { ...place, dataFolder }
    }
    return null
  }
  get problems(): FolderProblem[] {
    return this.#folders.flatMap(({ id }) =>
      (this.#found.get(id)?.problems ?? []).map((problem) => ({ folderId: id, ...problem })),
    )
  }

  /** From now on these; folders that are gone lose their collections at once. */
  setFolders(folders: readonly DataFolder[]): void {
    this.#folders = folders
      .filter(({ path }) => isAbsolute(path))
      .map((folder) => ({ ...folder, path: normalize(folder.path).replace(/(.)[/\\]+$/, '$1') }))
    const kept = new Set(this.#folders.map(({ id }) => id))
    for (const id of this.#found.keys()) if (!kept.has(id)) this.#found.delete(id)
    this.#offer()
    this.rescan()
  }

  /** Looks through all folders again; a scan under way begins anew. */
  rescan(): void {
    if (this.#isClosed) return
    const before = this.#scan
    before?.abort.abort(new Error('a newer scan begins'))
    const abort = new AbortController()
    const scan = { abort, done: Promise.resolve() }
    scan.done = (before?.done ?? Promise.resolve())
      .then(() => this.#scanAll(abort.signal))
      .catch((failure) => {
        if (!abort.signal.aborted) this.#needs.log.error('A scan failed', { failure })
      })
      .finally(() => {
        if (this.#scan !== scan) return
        this.#scan = null
        this.#rewatch()
        this.#needs.onChange()
      })
    this.#scan = scan
    this.#needs.onChange()
  }

  /** Resolves when no scan runs. */
  async whenIdle(): Promise<void> {
    while (this.#scan) await this.#scan.done
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#watch?.close()
    this.#scan?.abort.abort(new Error('the back-end closes'))
    await this.#scan?.done
  }

  async #scanAll(signal: AbortSignal): Promise<void> {
    const { log } = this.#needs
    for (const folder of this.#folders) {
      const startMs = performance.now()
      const found = await scanFolder(folder.path, {
        headers: this.#headers,
        names: this.#names,
        signal,
        leftOut: this.#needs.leftOut ?? [],
      })
      this.#found.set(folder.id, found)
      this.#offer()
      this.#needs.onChange()
      log.info('Folder scanned', {
        folder: folder.id,
        collections: found.collections.length,
        scenes: found.collections.reduce((sum, { scenes }) => sum + scenes.length, 0),
        problems: found.problems.length,
        durationMs: Math.round(performance.now() - startMs),
      })
    }
  }

  #offer(): void {
    const offered = this.#folders.flatMap(({ id, isSample }) =>
      (this.#found.get(id)?.collections ?? []).map((collection) => ({ collection, isPublic: isSample })),
    )
    // a folder inside of another one that was added too is found twice; it is one collection
    const byId = new Map(offered.toReversed().map((one) => [one.collection.id, one]))
    this.#offered = [...byId.values()].sort((a, b) => (a.collection.id < b.collection.id ? -1 : 1))
    this.#byId = new Map(this.#offered.map(({ collection }) => [collection.id, collection]))
  }

  #rewatch(): void {
    if (this.#needs.isWatching === false || this.#isClosed) return
    this.#watch?.close()
    const folders = this.#folders
      .filter(({ isSample }) => !isSample)
      .flatMap(({ id, path }) => (this.#found.get(id)?.folders ?? []).map((folder) => ({ root: path, folder })))
    this.#watch = watchFolders(folders, () => this.rescan())
  }
}
