/**
 * What the user states about data that do not say it themselves, kept beside the data as STAC (docs/adr/0008).
 * Owns: writing it. A date becomes a STAC Item beside the scene, or one field of the Item that is there already; nodata
 * becomes one STAC Collection beside the collection's folder, whatever the number of its scenes.
 * Rules: one statement at a time, on fresh knowledge of the files; files are written whole or not at all; what others
 * wrote is never replaced: only the stated field changes in it, byte for byte.
 */
import { stat } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { AppError } from '../../core/errors.ts'
import { safeFileName } from '../../core/files.ts'
import type { LocalCollection, Scene, SceneItem } from '../model.ts'
import { createDocument, readDocument, removeDocument, replaceDocument } from './document-files.ts'
import type { DataIndex } from './index.ts'
import { type JsonPath, withJsonValue } from './json-splice.ts'
import { folderOf, outerFolder } from './scene-bands.ts'
import { readStacDocument } from './stac-files.ts'
import { nodataByBand } from './stated-nodata.ts'
import { filesOfScene, hasSameFields, itemDocument, nodataDocument } from './statement-documents.ts'
import { instantOf } from './typed-date.ts'

export type SceneName = { collectionId: string; sceneId: string }
export type NodataStatement = {
  collectionId: string
  /** null takes back what was stated here. */
  value: number | null
  /** All that nobody else states, where absent. */
  bands?: readonly string[] | undefined
}
export type Statements = {
  /** `datetime` null takes back what was stated here. @throws AppError not-found, invalid-input, conflict, read-only, disk-full */
  stateDate(scene: SceneName, datetime: string | null): Promise<void>
  /** @throws AppError not-found, invalid-input, conflict, unreadable-data, read-only, disk-full */
  stateNodata(statement: NodataStatement): Promise<void>
}

/** Each resolves when the folders have been looked through again. */
export function createStatements(data: DataIndex): Statements {
  let last: Promise<void> = Promise.resolve()
  const inTurn = (act: () => Promise<void>): Promise<void> => {
    const mine = last.then(async () => {
      await data.whenIdle()
      await act()
      data.rescan()
      await data.whenIdle()
    })
    last = mine.catch(() => {})
    return mine
  }
  return {
    stateDate: (scene, datetime) => inTurn(() => stateDate(data, scene, datetime)),
    stateNodata: (statement) => inTurn(() => stateNodata(data, statement)),
  }
}

function found(data: DataIndex, collectionId: string) {
  const collection = data.collections.get(collectionId)
  const place = data.placeOf(collectionId)
  if (!collection || !place) throw new AppError('not-found', 'The collection is not there any more.')
  if (place.dataFolder.isSample)
    throw new AppError('read-only', 'The sample data come with Swath: nothing is written beside them.')
  return { collection, place }
}

/* Dates */

async function stateDate(data: DataIndex, { collectionId, sceneId }: SceneName, typed: string | null): Promise<void> {
  const { collection, place } = found(data, collectionId)
  const scene = collection.scenes.find(({ id }) => id === sceneId)
  if (!scene) throw new AppError('not-found', 'The scene is not there any more.')
  if (typed === null) return takeDateBack(collection, scene)
  const datetime = instantOf(typed)
  if (datetime === null)
    throw new AppError('invalid-input', 'This is not a date: year, month and day are needed, as in 2023-06-01.')
  for (const { path } of filesOfScene(scene))
    await stat(path).catch((cause) => {
      throw new AppError('not-found', `The file '${basename(path)}' is not there any more.`, { cause })
    })
  if (scene.item) return changeItem(scene, scene.item, datetime)
  if (scene.datetime !== null)
    throw new AppError('conflict', 'The scene has a date already, from its file or its name.')
  await createItem(place.dataFolder.path, collection, scene, datetime)
}

async function createItem(root: string, collection: LocalCollection, scene: Scene, datetime: string): Promise<void> {
  const [first] = filesOfScene(scene)
  if (!first) throw new AppError('not-found', 'The scene has no files on this computer.')
  const folder = join(root, outerFolder(folderOf(relative(root, first.path).split(sep).join('/'))))
  const document = itemDocument(scene, collection.bands, datetime, hrefFrom(folder))
  await createDocument(folder, safeFileName(scene.id, 'scene'), document)
}

const hrefFrom = (folder: string) => (path: string) =>
  `./${relative(folder, path).split(sep).map(encodeURIComponent).join('/')}`

/** Only an Item without a date, or with one that was typed here, gets another. */
async function changeItem(scene: Scene, { path, place }: SceneItem, datetime: string): Promise<void> {
  const text = await readDocument(path)
  const field: JsonPath = [...place, 'properties', 'datetime']
  const changed = withJsonValue(text, field, datetime)
  const item = itemIn(text, place)
  const name = basename(path)
  if (item?.id !== scene.id)
    throw new AppError('conflict', `'${name}' has changed meanwhile. Look again, and try anew.`)
  const before = valueAt(JSON.parse(text), field)
  const isFree = before === null || before === undefined
  if (!item.isStatedHere && (!isFree || scene.datetime !== null))
    throw new AppError('conflict', `The STAC item '${name}' states a date of its own, which is left as it is.`)
  await replaceDocument(path, changed)
}

async function takeDateBack(collection: LocalCollection, scene: Scene): Promise<void> {
  const { item } = scene
  if (!item?.isStatedHere) throw new AppError('conflict', 'The date of this scene was not stated here.')
  const folder = dirname(item.path)
  const ours = itemDocument(scene, collection.bands, scene.datetime ?? '', hrefFrom(folder))
  if (!hasSameFields(parsed(await readDocument(item.path)), ours))
    throw new AppError(
      'conflict',
      `The STAC item '${basename(item.path)}' holds more than the date by now. It is left as it is.`,
    )
  await removeDocument(item.path)
}

function itemIn(text: string, place: SceneItem['place']) {
  const read = readStacDocument(parsed(text))
  return read.kind === 'items' ? read.items.find((one) => String(one.place) === String(place)) : undefined
}

function valueAt(value: unknown, path: JsonPath): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<string | number, unknown> | null | undefined)?.[key], value)
}

/* Nodata */

async function stateNodata(data: DataIndex, { collectionId, value, bands }: NodataStatement): Promise<void> {
  const { collection, place } = found(data, collectionId)
  const known = nodataByBand(collection)
  const unknown = bands?.find((name) => !known.some((band) => band.name === name))
  if (unknown !== undefined) throw new AppError('not-found', `The collection has no band '${unknown}'.`)
  const open = known.filter(({ statedBy }) => statedBy !== 'file' && statedBy !== 'item').map(({ name }) => name)
  const chosen = bands ? open.filter((name) => bands.includes(name)) : open
  if (chosen.length === 0 && value !== null)
    throw new AppError(
      'conflict',
      'The files or their STAC items state a no-data value already, which is left as it is.',
    )
  if (place.statement !== null) return changeStatement(place.statement, collection, bands ?? null, chosen, value)
  if (value === null) return
  const stated = new Map(chosen.map((name) => [name, value]))
  const document = nodataDocument(collection, stated)
  await createDocument(place.folder, `${safeFileName(collection.id)}.collection`, document)
}

async function changeStatement(
  path: string,
  collection: LocalCollection,
  asked: readonly string[] | null,
  chosen: readonly string[],
  value: number | null,
): Promise<void> {
  const text = await readDocument(path)
  const read = readStacDocument(parsed(text))
  if (read.kind !== 'statement')
    throw new AppError('conflict', `'${basename(path)}' has changed meanwhile. Look again, and try anew.`)
  const before = read.statement.nodata
  // taken back is what was asked for, also where a file states it by now
  const names = value === null ? (asked ?? [...before.keys()]) : chosen
  const after = new Map(before)
  for (const name of names) value === null ? after.delete(name) : after.set(name, value)
  const isOurs = hasSameFields(parsed(text), nodataDocument(collection, before))
  if (after.size === 0 && isOurs) return removeDocument(path)
  await replaceDocument(path, withNodata(text, collection, after))
}

/** The text with these values in `raster:bands`; whatever else its entries hold stays. */
function withNodata(text: string, collection: LocalCollection, nodata: ReadonlyMap<string, number>): string {
  const { summaries } = parsed(text) as { summaries: { 'eo:bands': { name: string }[]; 'raster:bands': object[] } }
  const wanted = nodataDocument(collection, nodata).summaries
  const fresh = new Map(wanted['eo:bands'].map(({ name }, i) => [name, wanted['raster:bands'][i] ?? {}]))
  const names = (summaries['eo:bands'] ?? []).map(({ name }) => name)
  const entries = summaries['raster:bands'] ?? []
  const missing = [...nodata.keys()].find((name) => !names.slice(0, entries.length).includes(name))
  if (missing !== undefined)
    throw new AppError('conflict', `The file of statements about this collection was changed: it lacks '${missing}'.`)
  return names.reduce((changed, name, i) => {
    const { nodata: before, ...rest } = (entries[i] ?? {}) as { nodata?: unknown }
    const { nodata: now } = (fresh.get(name) ?? {}) as { nodata?: unknown }
    if (before === now) return changed
    return withJsonValue(changed, ['summaries', 'raster:bands', i], now === undefined ? rest : { ...rest, nodata: now })
  }, text)
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AppError('unreadable-data', 'The STAC document beside the data is not valid JSON.', { cause })
  }
}
