/**
 * One folder of the user's: walked, headers read (or remembered), documents read, scenes and collections made.
 * Owns: the order of the steps and how much is done at once. Does not: decide how files belong together (group-scenes.ts).
 */
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { LocalCollection } from '../model.ts'
import type { Grouped } from './collect-scenes.ts'
import type { CollectionNames } from './collection-names.ts'
import { type HeaderCache, readFileHeader } from './file-headers.ts'
import { type FolderDocuments, groupFiles } from './group-scenes.ts'
import { type FileProblem, folderOf, type ReadFile } from './scene-bands.ts'
import { readStacDocument } from './stac-files.ts'
import { statementOf, withStatedNodata } from './stated-nodata.ts'
import { type FoundFile, type Walked, walkFolder } from './walk-folder.ts'

export type ScannedFolder = {
  collections: LocalCollection[]
  /** By the collections' identifiers. */
  places: Map<string, CollectionPlace>
  problems: FileProblem[]
  folders: string[]
}
export type CollectionPlace = {
  /** Absolute: where documents about the collection belong. */
  folder: string
  /** Absolute: where the user's statements about it are kept, null where there are none. */
  statement: string | null
}
type Needs = { headers: HeaderCache; names: CollectionNames; signal: AbortSignal; leftOut: readonly string[] }

const READS_AT_ONCE = 8
const LARGEST_DOCUMENT_BYTES = 8_000_000

/** @throws the signal's reason where it was aborted; everything about single files is in `problems` */
export async function scanFolder(root: string, needs: Needs): Promise<ScannedFolder> {
  const walked = await walkFolder(root, needs.signal, needs.leftOut)
  const problems: FileProblem[] = [...walked.problems, ...walked.files.filter(isUnsupported).map(unsupportedProblem)]
  const files = await readHeaders(root, walked, needs, problems)
  const documents = await readDocuments(root, walked, needs.signal, problems)
  const grouped = await groupFiles(root, files, documents)
  needs.signal.throwIfAborted()
  problems.push(...grouped.problems)
  problems.sort((a, b) => (a.file < b.file ? -1 : 1))
  const { collections, places } = named(root, grouped.groups, documents, needs.names)
  return { collections, places, problems, folders: walked.folders }
}

const isUnsupported = ({ kind }: FoundFile) => kind === 'unsupported'
function unsupportedProblem({ relative }: FoundFile): FileProblem {
  const extension = relative.slice(relative.lastIndexOf('.') + 1)
  return { file: relative, reason: `Files of this format (.${extension}) cannot be read; convert it to GeoTIFF.` }
}

/** Does the work for all items, a few at a time, in any order. */
async function inParallel<T>(
  items: readonly T[],
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0
  const lane = async () => {
    while (next < items.length) {
      signal.throwIfAborted()
      await work(items[next++] as T)
    }
  }
  await Promise.all(Array.from({ length: READS_AT_ONCE }, lane))
}

async function readHeaders(
  root: string,
  walked: Walked,
  { headers, signal }: Needs,
  problems: FileProblem[],
): Promise<ReadFile[]> {
  const rasters = walked.files.filter(({ kind }) => kind === 'raster')
  const read: ReadFile[] = []
  let remembered = 0
  await inParallel(rasters, signal, async ({ relative, sizeBytes, modifiedMs }) => {
    if (sizeBytes === 0) {
      problems.push({ file: relative, reason: 'The file is empty.' })
      return
    }
    const state = { path: join(root, relative), sizeBytes, modifiedMs }
    let found = headers.get(state)
    // what is remembered costs no waiting; the server gets its turn all the same
    if (found && ++remembered % 64 === 0) await new Promise<void>((resolve) => setImmediate(resolve))
    if (!found) {
      found = await readFileHeader(state.path, signal)
      signal.throwIfAborted()
      headers.put(state, found)
    }
    if (found.ok) read.push({ relative, header: found.header })
    else problems.push({ file: relative, reason: found.reason })
  })
  headers.flush()
  return read.sort((a, b) => (a.relative < b.relative ? -1 : 1))
}

async function readDocuments(
  root: string,
  walked: Walked,
  signal: AbortSignal,
  problems: FileProblem[],
): Promise<FolderDocuments> {
  const documents: FolderDocuments = { items: [], collections: new Map(), statements: [] }
  const candidates = walked.files.filter(
    ({ kind, sizeBytes }) => kind === 'document' && sizeBytes <= LARGEST_DOCUMENT_BYTES,
  )
  await inParallel(candidates, signal, async ({ relative }) => {
    const text = await readFile(join(root, relative), 'utf8').catch(() => '')
    if (!text.includes('stac_version')) return
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      problems.push({ file: relative, reason: 'This seems to be a STAC document, but it is not valid JSON.' })
      return
    }
    const document = readStacDocument(value)
    if (document.kind === 'items') documents.items.push(...document.items.map((item) => ({ file: relative, item })))
    if (document.kind === 'collection') documents.collections.set(folderOf(relative), document.collection)
    if (document.kind === 'statement') documents.statements.push({ file: relative, statement: document.statement })
  })
  // the order of reading is not the same every time; that of the result is
  const place = ({ file, item }: (typeof documents.items)[number]) => `${folderOf(file)}/${item.id}`
  documents.items.sort((a, b) => (place(a) < place(b) ? -1 : 1))
  documents.statements.sort((a, b) => (a.file < b.file ? -1 : 1))
  return documents
}

/** Collections with identifiers, titles and descriptions, and what the user states of them. */
function named(
  root: string,
  groups: readonly Grouped[],
  { statements }: FolderDocuments,
  names: CollectionNames,
): Pick<ScannedFolder, 'collections' | 'places'> {
  const places: ScannedFolder['places'] = new Map()
  const collections = groups.map((group) => {
    const folderName = basename(group.folder === '' ? root : group.folder)
    const isOnly = groups.filter(({ folder }) => folder === group.folder).length === 1
    const parts = isOnly || group.suffix === '' ? [folderName] : [folderName, group.suffix]
    const id = names.idOf(group.key, group.stac?.id ?? parts.join('-'))
    const found = statementOf(statements, group.folder, id, isOnly)
    places.set(id, { folder: join(root, group.folder), statement: found && join(root, found.file) })
    const collection: LocalCollection = {
      id,
      title: group.stac?.title ?? parts.join(' · '),
      description: group.stac?.description ?? describe(group, folderName),
      license: group.stac?.license ?? 'proprietary',
      bands: group.bands,
      scenes: group.scenes,
    }
    return found ? withStatedNodata(collection, found.statement) : collection
  })
  return { collections, places }
}

function describe({ scenes, bands }: Grouped, folderName: string): string {
  const undated = scenes.filter(({ datetime }) => datetime === null).length
  const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`
  const whole = `${count(scenes.length, 'scene')} with ${count(bands.length, 'band')} in the folder '${folderName}'.`
  if (undated === 0) return whole
  const which =
    undated === scenes.length
      ? undated === 1
        ? 'The scene has'
        : 'The scenes have'
      : `${count(undated, 'scene')} of them ${undated === 1 ? 'has' : 'have'}`
  return `${whole} ${which} no date and can be used without a temporal filter only.`
}
