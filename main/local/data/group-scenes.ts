/**
 * From files with headers to scenes, by the rules of the design.
 * Owns: the grouping. Pure: no files, no identifiers of collections (collection-names.ts gives them).
 * Rules: a STAC item wins; else files of one date, one grid family and one name stem are one scene. A folder that is
 * named after a scene, or is a part of a product, counts as the folder above it.
 */
import { join } from 'node:path'
import { gridBounds } from '../../raster/index.ts'
import type { Grid } from '../../raster/types.ts'
import type { Scene } from '../model.ts'
import { collect, type Draft, type Grouped } from './collect-scenes.ts'
import { dateInName, dateInTag, inNaturalOrder, type NameParts } from './file-names.ts'
import {
  type BandPart,
  bandsOfAsset,
  bandsOfFile,
  type FileProblem,
  folderOf,
  nameOf,
  outerFolder,
  partsOf,
  type ReadFile,
  withoutDoubles,
} from './scene-bands.ts'
import { classesOf, commonNameOf, sensorOf, sensorOfBands } from './sensors.ts'
import type { StacCollection, StacItem, StacStatement } from './stac-files.ts'
import { unhurried } from './unhurried.ts'

export type FolderDocuments = {
  /** With the document itself, relative. */
  items: FoundItem[]
  collections: Map<string, StacCollection>
  /** What the user stated of collections, with the document, relative. */
  statements: { file: string; statement: StacStatement }[]
}
export type FoundItem = { file: string; item: StacItem }

export async function groupFiles(
  root: string,
  files: readonly ReadFile[],
  documents: FolderDocuments,
): Promise<{ groups: Grouped[]; problems: FileProblem[] }> {
  const problems: FileProblem[] = []
  const left = new Map(files.map((file) => [file.relative, file]))
  const drafts: Draft[] = []
  for await (const found of unhurried(documents.items)) {
    const draft = draftOfItem(root, found, left, documents, problems)
    if (draft) drafts.push(draft)
  }
  for await (const member of unhurried(await scenesByName([...left.values()]))) {
    const draft = draftOfFiles(root, member, documents, problems)
    if (draft) drafts.push(draft)
  }
  return { groups: await collect(root, drafts), problems }
}

/* Scenes of STAC items */

/** The file that an address in a document means: relative to the document, by file URL, else of the same name beside it. */
function fileOfHref(root: string, folder: string, href: string, left: ReadonlyMap<string, ReadFile>): string | null {
  const plain = safelyDecoded(href.replace(/[?#].*$/, ''))
  const rooted = root.replaceAll('\\', '/').replace(/\/$/, '')
  const local = plain.replace(/^file:\/\//, '').replace(/^\/(?=[A-Za-z]:)/, '')
  if (local.startsWith(`${rooted}/`) && left.has(local.slice(rooted.length + 1))) return local.slice(rooted.length + 1)
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(plain)) {
    const way = `${folder}/${plain}`.split('/').filter((part) => part !== '' && part !== '.')
    const whole: string[] = []
    for (const part of way) part === '..' ? whole.pop() : whole.push(part)
    if (left.has(whole.join('/'))) return whole.join('/')
  }
  const beside = folder === '' ? nameOf(plain) : `${folder}/${nameOf(plain)}`
  return left.has(beside) ? beside : null
}

function safelyDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const NOT_DATA = new Set(['thumbnail', 'overview', 'metadata', 'visual'])

function draftOfItem(
  root: string,
  { file: document, item }: FoundItem,
  left: Map<string, ReadFile>,
  documents: FolderDocuments,
  problems: FileProblem[],
): Draft | null {
  const parts: BandPart[] = []
  const folder = folderOf(document)
  let stem = ''
  const stac = nearestCollection(folder, documents)
  for (const asset of item.assets) {
    const relative = fileOfHref(root, folder, asset.href, left)
    const file = relative === null ? undefined : left.get(relative)
    if (!file || relative === null) {
      if (/\.tiff?($|\?)/i.test(asset.href)) {
        const reason = `The STAC item names '${nameOf(asset.href)}', which was not found or cannot be read.`
        problems.push({ file: folder === '' ? item.id : `${folder}/${item.id}`, reason })
      }
      continue
    }
    left.delete(relative)
    if (asset.roles.some((role) => NOT_DATA.has(role)) && !asset.roles.includes('data')) {
      problems.push({
        file: relative,
        reason: 'The STAC item states that this file is a picture or metadata, not data.',
      })
      continue
    }
    if (parts.length === 0) stem = partsOf(file).stem
    parts.push(...bandsOfAsset(root, file, asset.bands ?? stac?.assetBands.get(asset.key) ?? null, asset.key))
  }
  if (parts.length === 0) return null
  const { id, datetime, place, isStatedHere } = item
  const isNumbered = parts.some((part) => part.isNumbered)
  const draft = finishDraft(root, { id, datetime, parts, folder, stem, stac, isNumbered }, problems)
  return draft && { ...draft, scene: { ...draft.scene, item: { path: join(root, document), place, isStatedHere } } }
}

/* Scenes by name */

type Named = { file: ReadFile; parts: NameParts; folder: string; tagged: string | null }

async function scenesByName(files: readonly ReadFile[]): Promise<Named[][]> {
  const groups = new Map<string, Named[]>()
  for await (const file of unhurried(files)) {
    const parts = partsOf(file)
    const folder = outerFolder(folderOf(file.relative))
    const tagged = dateInTag(file.header.dateTime)
    const date = parts.date?.instant ?? tagged?.slice(0, 10) ?? ''
    const isAlone = parts.band === null
    const key = JSON.stringify([folder, date, parts.stem, isAlone ? file.relative : ''])
    const group = groups.get(key) ?? []
    group.push({ file, parts, folder, tagged })
    groups.set(key, group)
  }
  return [...groups.values()].flatMap(byGridFamily)
}

/** Files whose grids cover the same ground, to within two of the coarser pixels at every edge. */
function byGridFamily(members: readonly Named[]): Named[][] {
  const families: Named[][] = []
  for (const member of members) {
    const family = families.find(([first]) => first && isSameGround(first.file.header.grid, member.file.header.grid))
    if (family) family.push(member)
    else families.push([member])
  }
  return families
}

export function isSameGround(a: Grid, b: Grid): boolean {
  if (a.crs.proj4 !== b.crs.proj4) return false
  const pixel = Math.max(Math.hypot(a.transform[1], a.transform[2]), Math.hypot(b.transform[1], b.transform[2]))
  const [first, second] = [gridBounds(a), gridBounds(b)]
  return first.every((edge, i) => Math.abs(edge - (second[i] as number)) <= 2 * pixel)
}

function draftOfFiles(
  root: string,
  members: readonly Named[],
  documents: FolderDocuments,
  problems: FileProblem[],
): Draft | null {
  const [first] = members
  if (!first) return null
  const parts = members
    .toSorted((a, b) => inNaturalOrder(a.parts.band ?? '', b.parts.band ?? ''))
    .flatMap(({ file }) => bandsOfFile(root, file))
  const tagged = members.flatMap((member) => member.tagged ?? []).sort()[0]
  const fromFolder = dateInName(nameOf(first.folder))?.date.instant
  const datetime = tagged ?? first.parts.date?.instant ?? fromFolder ?? null
  const id = members.length === 1 ? nameOf(first.file.relative).replace(/\.\w+$/, '') : sceneId(first)
  const isNumbered = parts.some((part) => part.isNumbered)
  const stac = nearestCollection(first.folder, documents)
  return finishDraft(
    root,
    { id, datetime, parts, folder: first.folder, stem: first.parts.stem, stac, isNumbered },
    problems,
  )
}

function sceneId({ parts, folder }: Named): string {
  const day = parts.date?.instant.slice(0, 10).replaceAll('-', '')
  return [parts.stem, day].filter((part) => part).join('_') || nameOf(folder) || 'scene'
}

/* What both kinds have in common */

type Unfinished = Omit<Draft, 'scene' | 'infos' | 'sensor'> & { id: string; datetime: string | null; parts: BandPart[] }

function finishDraft(root: string, draft: Unfinished, problems: FileProblem[]): Draft | null {
  const { id, datetime, stem, stac, isNumbered } = draft
  const parts = withoutDoubles(draft.parts, problems)
  const [first] = parts
  if (!first) return null
  const names = parts.map(({ band }) => band.name)
  const { file, bbox } = first
  const sensor = sensorOf(nameOf(file)) ?? sensorOf(nameOf(draft.folder)) ?? sensorOf(id) ?? sensorOfBands(names)
  const infos = parts.map(({ info }) => ({
    ...info,
    commonName: info.commonName ?? commonNameOf(info.name, sensor),
    classes: info.classes.length > 0 ? info.classes : classesOf(info.name),
  }))
  const used = new Set(parts.map((part) => part.file))
  const unused = [...new Set(draft.parts.map((part) => part.file))].filter((name) => !used.has(name))
  const scene: Scene = {
    id,
    datetime,
    bbox,
    bands: parts.map(({ band }) => band),
    ...(unused.length > 0 ? { unused: unused.map((name) => join(root, name)) } : {}),
  }
  return { scene, infos, sensor, folder: collectionFolder(draft.folder, datetime), stem, stac, isNumbered }
}

/** A folder named after the scene's date or product holds that scene only: the collection is the folder above. */
function collectionFolder(folder: string, datetime: string | null): string {
  const name = nameOf(folder)
  if (folder === '') return folder
  const named = dateInName(name)?.date.instant.slice(0, 10)
  const isOfScene = named !== undefined && (datetime === null || named === datetime.slice(0, 10))
  return isOfScene || sensorOf(name) !== null || /\.SAFE$/i.test(name) ? folderOf(folder) : folder
}

function nearestCollection(folder: string, { collections }: FolderDocuments): StacCollection | null {
  for (let at = folder; ; at = folderOf(at)) {
    const found = collections.get(at)
    if (found) return found
    if (at === '') return null
  }
}
