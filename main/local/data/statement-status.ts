/**
 * What is stated and what is missing, as the application hears of it.
 * Owns: the lists of scenes without a date and with one that was typed here, and nodata by band. Pure. Lists end at a limit;
 * their counts do not.
 */
import { relative, sep } from 'node:path'
import type { LocalCollection, Scene } from '../model.ts'
import type { DataIndex } from './index.ts'
import { type BandNodata, nodataByBand } from './stated-nodata.ts'
import { filesOfScene } from './statement-documents.ts'

/** Files are relative to the data folder. */
export type SceneStatus = { folderId: string; collectionId: string; sceneId: string; files: string[] }
export type StatementStatus = {
  undated: SceneStatus[]
  undatedCount: number
  dated: (SceneStatus & { datetime: string })[]
  /** Sample collections are not among them: nothing is stated of them. */
  collections: { id: string; folderId: string; title: string; scenes: number; bands: BandNodata[] }[]
}

const MOST_SCENES = 500

export function statementStatus(data: DataIndex): StatementStatus {
  const status: StatementStatus = { undated: [], undatedCount: 0, dated: [], collections: [] }
  for (const { collection } of data.offered) {
    const place = data.placeOf(collection.id)
    if (!place) continue
    const { id: folderId, path: root, isSample } = place.dataFolder
    const { id, title, scenes } = collection
    status.collections.push({
      id,
      folderId,
      title,
      scenes: scenes.length,
      bands: isSample ? [] : nodataByBand(collection),
    })
    if (isSample) continue
    for (const scene of scenes) {
      const isStatedHere = scene.item?.isStatedHere ?? false
      if (scene.datetime === null) status.undatedCount++
      if (scene.datetime === null && status.undated.length < MOST_SCENES)
        status.undated.push(sceneStatus(collection, scene, folderId, root))
      else if (scene.datetime !== null && isStatedHere && status.dated.length < MOST_SCENES)
        status.dated.push({ ...sceneStatus(collection, scene, folderId, root), datetime: scene.datetime })
    }
  }
  return status
}

function sceneStatus({ id }: LocalCollection, scene: Scene, folderId: string, root: string): SceneStatus {
  const files = filesOfScene(scene).map(({ path }) => relative(root, path).split(sep).join('/'))
  return { folderId, collectionId: id, sceneId: scene.id, files }
}
