/**
 * Nodata that the user states for a whole collection, and who states it for each band.
 * Owns: which statement belongs to a collection, and the order: the file's tag, a STAC Item, then the user's statement.
 * Pure. Does not: write statements (statements.ts).
 */
import type { LocalCollection, NodataFrom } from '../model.ts'
import { folderOf } from './scene-bands.ts'
import type { StacStatement } from './stac-files.ts'

type FoundStatement = { file: string; statement: StacStatement }

/** That of the collection's folder with its identifier; one and only statement of one and only collection fits as well. */
export function statementOf(
  statements: readonly FoundStatement[],
  folder: string,
  collectionId: string,
  isOnly: boolean,
): FoundStatement | null {
  const beside = statements.filter(({ file }) => folderOf(file) === folder)
  const named = beside.find(({ statement }) => statement.collectionId === collectionId)
  return named ?? (isOnly && beside.length === 1 ? (beside[0] ?? null) : null)
}

export function withStatedNodata(collection: LocalCollection, { nodata }: StacStatement): LocalCollection {
  const scenes = collection.scenes.map((scene) => ({
    ...scene,
    bands: scene.bands.map((band) => {
      const stated = nodata.get(band.name)
      return stated === undefined || band.nodata !== null
        ? band
        : { ...band, nodata: stated, nodataFrom: 'here' as const }
    }),
  }))
  return { ...collection, scenes }
}

/** `several`: scenes differ in the value or in who states it; then `nodata` is null. */
export type BandNodata = { name: string; nodata: number | null; statedBy: NodataFrom | 'several' | null }

/** What is stated for each band, over all scenes. */
export function nodataByBand({ bands, scenes }: LocalCollection): BandNodata[] {
  const found = new Map<string, BandNodata>()
  for (const scene of scenes)
    for (const { name, nodata, nodataFrom } of scene.bands) {
      const statedBy = nodataFrom ?? null
      const known = found.get(name)
      if (!known) found.set(name, { name, nodata, statedBy })
      else if (!Object.is(known.nodata, nodata) || known.statedBy !== statedBy)
        found.set(name, { name, nodata: null, statedBy: 'several' })
    }
  return bands.map(({ name }) => found.get(name) ?? { name, nodata: null, statedBy: null })
}
