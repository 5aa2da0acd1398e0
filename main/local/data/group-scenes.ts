/**
 * From files with headers to scenes and from scenes to collections, by the rules of the design.
 * Owns: the grouping. Pure: no files, no identifiers of collections (collection-names.ts gives them).
 * Rules: a STAC item wins; else files of one date, one grid family and one name stem are one scene, and scenes of one
 * folder with the same bands are one collection. A folder that is named after a scene, or is a part of a product, counts
 * as the folder above it. Bands that only have numbers are the same only where the names are alike too.
 */
import { join } from 'node:path'
import { gridBounds } from '../../raster/index.ts'
import type { Grid } from '../../raster/types.ts'
import type { BandInfo, Scene, SceneBand } from '../model.ts'
import type { FileHeader } from './file-headers.ts'
import { dateInName, dateInTag, inNaturalOrder, type NameParts, partsOfName } from './file-names.ts'
import { classesOf, commonNameOf, type Sensor, sensorOf, sensorOfBands } from './sensors.ts'
import type { StacBand, StacCollection, StacItem } from './stac-files.ts'

export type ReadFile = { relative: string; header: FileHeader }
export type FolderDocuments = {
  /** With the document's own folder, relative. */
  items: { folder: string; item: StacItem }[]
  collections: Map<string, StacCollection>
}
export type Grouped = {
  /** Stands for the collection for good: its folder, sensor and bands. */
  key: string
  /** Relative folder that the collection is named after. */
  folder: string
  /** What tells it from others of the same folder. */
  suffix: string
  stac: StacCollection | null
  bands: BandInfo[]
  scenes: Scene[]
}
export type FileProblem = { file: string; reason: string }

/** A scene before it has its collection. */
type Draft = {
  scene: Scene
  infos: BandInfo[]
  sensor: Sensor | null
  folder: string
  stem: string
  isNumbered: boolean
  stac: StacCollection | null
}

const folderOf = (relative: string) => relative.slice(0, Math.max(0, relative.lastIndexOf('/')))
const nameOf = (relative: string) => relative.slice(relative.lastIndexOf('/') + 1)

/** A pause of the event loop every so many files: ten thousand of them must not keep the server from answering. */
const PAUSE_EVERY = 100
const pause = () => new Promise<void>((resolve) => setImmediate(resolve))

async function* unhurried<T>(items: Iterable<T>): AsyncGenerator<T> {
  let count = 0
  for (const item of items) {
    if (++count % PAUSE_EVERY === 0) await pause()
    yield item
  }
}

export async function groupFiles(
  root: string,
  files: readonly ReadFile[],
  documents: FolderDocuments,
): Promise<{ groups: Grouped[]; problems: FileProblem[] }> {
  const problems: FileProblem[] = []
  const left = new Map(files.map((file) => [file.relative, file]))
  const drafts: Draft[] = []
  for await (const { folder, item } of unhurried(documents.items)) {
    const draft = draftOfItem(root, folder, item, left, documents, problems)
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
  folder: string,
  item: StacItem,
  left: Map<string, ReadFile>,
  documents: FolderDocuments,
  problems: FileProblem[],
): Draft | null {
  const parts: BandPart[] = []
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
    parts.push(...bandsOfAsset(root, file, asset.bands ?? stac?.assetBands.get(asset.key) ?? null, asset.key))
  }
  if (parts.length === 0) return null
  const stem = partsOfName(nameOf(parts[0]?.file ?? '')).stem
  return finishDraft({ id: item.id, datetime: item.datetime, parts, folder, stem, stac, isNumbered: false }, problems)
}

/** A band with what is known of it, before names are made sure of. */
type BandPart = { file: string; bbox: Scene['bbox']; band: SceneBand; info: BandInfo; isNumbered: boolean }

function bandsOfAsset(root: string, file: ReadFile, stated: readonly StacBand[] | null, key: string): BandPart[] {
  const own = bandsOfFile(root, file)
  if (stated && stated.length >= own.length)
    return own.map((part, i) => {
      const { nodata, scale, offset, ...info } = stated[i] as StacBand
      const band = { ...part.band, name: info.name, nodata: nodata ?? part.band.nodata, scale, offset }
      return { ...part, band, info, isNumbered: false }
    })
  // an asset without words about its one band is named by its key
  if (own.length === 1 && own[0]?.isNumbered)
    return own.map((part) => ({ ...part, ...renamed(part, key), isNumbered: false }))
  return own
}

const renamed = ({ band, info }: BandPart, name: string) => ({ band: { ...band, name }, info: { ...info, name } })

/** A name tells the band of a file with one band only. */
function partsOf({ relative, header }: ReadFile): NameParts {
  const parts = partsOfName(nameOf(relative))
  if (header.bands.length === 1 || parts.band === null) return parts
  return { ...parts, band: null, stem: [parts.stem, parts.band].filter((part) => part !== '').join('_') }
}

/** The bands of a file by its descriptions, else by its name, else by number. */
function bandsOfFile(root: string, file: ReadFile): BandPart[] {
  const { relative, header } = file
  const parts = partsOf(file)
  const descriptions = header.bands.map(({ description }) => description?.trim().slice(0, 200) ?? '')
  const isDescribed = descriptions.every((name) => name !== '') && new Set(descriptions).size === descriptions.length
  return header.bands.map((found, sample) => {
    const number = String(sample + 1)
    const name = isDescribed ? (descriptions[sample] as string) : (parts.band ?? number)
    const { description: _, ...values } = found
    return {
      file: relative,
      bbox: header.bbox,
      band: { name, source: { kind: 'file', path: join(root, relative) }, sample, grid: header.grid, ...values },
      info: { name, commonName: null, description: null, classes: [] },
      isNumbered: !isDescribed && parts.band === null,
    }
  })
}

/* Scenes by name */

type Named = { file: ReadFile; parts: NameParts; folder: string; tagged: string | null }

/** Folders inside of products that only sort bands by resolution. */
const PRODUCT_PART = /^(R\d{2}m|IMG_DATA|QI_DATA|GRANULE|L[12][AC]_T\w+)$/i
const outerFolder = (folder: string): string =>
  folder !== '' && PRODUCT_PART.test(nameOf(folder)) ? outerFolder(folderOf(folder)) : folder

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
  return finishDraft({ id, datetime, parts, folder: first.folder, stem: first.parts.stem, stac, isNumbered }, problems)
}

function sceneId({ parts, folder }: Named): string {
  const day = parts.date?.instant.slice(0, 10).replaceAll('-', '')
  return [parts.stem, day].filter((part) => part).join('_') || nameOf(folder) || 'scene'
}

/* What both kinds have in common */

type Unfinished = Omit<Draft, 'scene' | 'infos' | 'sensor'> & { id: string; datetime: string | null; parts: BandPart[] }

function finishDraft(draft: Unfinished, problems: FileProblem[]): Draft | null {
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
  const scene: Scene = { id, datetime, bbox, bands: parts.map(({ band }) => band) }
  return { scene, infos, sensor, folder: collectionFolder(draft.folder, datetime), stem, stac, isNumbered }
}

/** Of bands with one name the finest stays; the others are told of. */
function withoutDoubles(parts: readonly BandPart[], problems: FileProblem[]): BandPart[] {
  const kept = new Map<string, BandPart>()
  const size = ({ band }: BandPart) => Math.hypot(band.grid.transform[1], band.grid.transform[2])
  for (const part of parts) {
    const other = kept.get(part.band.name)
    const loser = other && size(part) >= size(other) ? part : other
    if (loser !== part) kept.set(part.band.name, part)
    if (loser)
      problems.push({ file: loser.file, reason: `The scene has a band '${part.band.name}' from another file already.` })
  }
  return [...kept.values()]
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

/* Collections */

const alike = (stem: string) => stem.replace(/\d+/g, '#').toLowerCase()

async function collect(root: string, drafts: readonly Draft[]): Promise<Grouped[]> {
  const groups = new Map<string, Draft[]>()
  for await (const draft of unhurried(drafts)) {
    const names = draft.infos.map(({ name }) => name).sort()
    const kind = draft.isNumbered ? alike(draft.stem) : (draft.sensor ?? '')
    const key = JSON.stringify([draft.stac?.id ?? '', join(root, draft.folder), kind, names])
    const group = groups.get(key) ?? []
    group.push(draft)
    groups.set(key, group)
  }
  return [...groups].map(([key, members]) => groupOf(key, members))
}

function groupOf(key: string, members: readonly Draft[]): Grouped {
  const [first] = members as [Draft, ...Draft[]]
  const isOneStem = members.every(({ stem }) => stem === first.stem)
  const bands = first.infos.map(({ name }) => name)
  const suffix =
    (isOneStem && first.stem) ||
    (first.isNumbered ? alike(first.stem).replaceAll('#', '') : bands.slice(0, 3).join('-'))
  const scenes = members
    .map(({ scene }) => scene)
    .sort((a, b) => (a.datetime ?? '~').localeCompare(b.datetime ?? '~') || inNaturalOrder(a.id, b.id))
  return { key, folder: first.folder, suffix, stac: first.stac, bands: first.infos, scenes: withUniqueIds(scenes) }
}

function withUniqueIds(scenes: readonly Scene[]): Scene[] {
  const taken = new Set<string>()
  return scenes.map((scene) => {
    let id = scene.id
    for (let n = 2; taken.has(id); n++) id = `${scene.id}-${n}`
    taken.add(id)
    return { ...scene, id }
  })
}
