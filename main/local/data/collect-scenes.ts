/**
 * Scenes of one folder with the same bands, as one collection each.
 * Owns: that rule, the order of scenes, their identifiers. Bands that only have numbers are the same only where the names
 * of the files are alike too, apart from digits. Does not: give collections their identifiers (collection-names.ts).
 */
import { join } from 'node:path'
import type { BandInfo, Scene } from '../model.ts'
import { inNaturalOrder } from './file-names.ts'
import type { Sensor } from './sensors.ts'
import type { StacCollection } from './stac-files.ts'
import { unhurried } from './unhurried.ts'

/** A scene before it has its collection. */
export type Draft = {
  scene: Scene
  infos: BandInfo[]
  sensor: Sensor | null
  folder: string
  stem: string
  isNumbered: boolean
  stac: StacCollection | null
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

const alike = (stem: string) => stem.replace(/\d+/g, '#').toLowerCase()

export async function collect(root: string, drafts: readonly Draft[]): Promise<Grouped[]> {
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
  const scenes = members.map(({ scene }) => scene).sort((a, b) => timeOf(a) - timeOf(b) || inNaturalOrder(a.id, b.id))
  return { key, folder: first.folder, suffix, stac: first.stac, bands: first.infos, scenes: withUniqueIds(scenes) }
}

/** Those without a time come last: a finite number, since two infinities have no difference. */
const timeOf = ({ datetime }: Scene) => (datetime === null ? Number.MAX_SAFE_INTEGER : Date.parse(datetime))

function withUniqueIds(scenes: readonly Scene[]): Scene[] {
  const taken = new Set<string>()
  return scenes.map((scene) => {
    let id = scene.id
    for (let n = 2; taken.has(id); n++) id = `${scene.id}-${n}`
    taken.add(id)
    return { ...scene, id }
  })
}
