/**
 * What the user states, as STAC 1.0 documents: an Item for the date of a scene, a Collection for nodata.
 * Owns: their contents. Pure. Does not: write files (statements.ts). Both hold `swath:stated`, which names what was typed;
 * the rest is what the files say themselves. Nodata is in the Collection only, so that one place takes it back.
 */
import type { BandInfo, LocalCollection, Scene, SceneBand } from '../model.ts'
import { unitedBox } from '../server/collection-document.ts'
import {
  boxGeometry,
  commonName,
  EO,
  nodataWord,
  PROJECTION,
  projection,
  RASTER,
  rasterBand,
  STAC_VERSION,
} from '../server/stac-terms.ts'
import { STATED } from './stac-files.ts'

type File = { path: string; bands: SceneBand[] }

/** The scene's files with their bands in the order of the samples. */
export function filesOfScene({ bands }: Scene): File[] {
  const files = new Map<string, SceneBand[]>()
  for (const band of bands) {
    if (band.source.kind !== 'file') continue
    files.set(band.source.path, [...(files.get(band.source.path) ?? []), band])
  }
  return [...files].map(([path, own]) => ({ path, bands: own.toSorted((a, b) => a.sample - b.sample) }))
}

/** `hrefOf` gives a file's address relative to the item. */
export function itemDocument(
  scene: Scene,
  infos: readonly BandInfo[],
  datetime: string,
  hrefOf: (path: string) => string,
) {
  const files = filesOfScene(scene)
  const codes = new Set(scene.bands.map(({ grid }) => grid.crs.epsg))
  return {
    type: 'Feature',
    stac_version: STAC_VERSION,
    stac_extensions: [PROJECTION, EO, RASTER],
    id: scene.id,
    geometry: boxGeometry(scene.bbox),
    bbox: scene.bbox,
    properties: { datetime, 'proj:epsg': codes.size === 1 ? ([...codes][0] ?? null) : null, [STATED]: ['datetime'] },
    links: [],
    assets: Object.fromEntries([
      ...files.map((file, i) => [keyOf(file, i, files.length), asset(file, infos, hrefOf)] as const),
      // named as well, so that they are no scenes of their own
      ...(scene.unused ?? []).map((path, i) => [`unused-${i + 1}`, { href: hrefOf(path), ...GEOTIFF }] as const),
    ]),
  }
}

/** A file with one band is named by it, as everywhere in STAC; `data` where it is the only one. */
const keyOf = ({ bands }: File, index: number, count: number) =>
  count === 1 ? 'data' : bands.length === 1 && bands[0] ? bands[0].name : `data-${index + 1}`

const GEOTIFF = { type: 'image/tiff; application=geotiff', roles: ['data'] }

function asset({ path, bands }: File, infos: readonly BandInfo[], hrefOf: (path: string) => string) {
  const known = new Map(infos.map((info) => [info.name, info]))
  const fields = { href: hrefOf(path), ...GEOTIFF }
  const place = bands[0] ? projection(bands[0].grid) : {}
  // a file of which a band is left out keeps its own words: positions would not fit
  if (bands.some(({ sample }, i) => sample !== i)) return { ...fields, ...place }
  return {
    ...fields,
    ...place,
    'eo:bands': bands.map(({ name }) => {
      const info = known.get(name)
      const described = info?.description ? { description: info.description } : {}
      return { name, ...commonName(info?.commonName ?? null), ...described }
    }),
    'raster:bands': bands.map((band) =>
      rasterBand({ ...band, nodata: band.nodataFrom === 'file' ? band.nodata : null }),
    ),
  }
}

/** A Collection whose `summaries` hold nodata by band. */
export function nodataDocument(collection: LocalCollection, nodata: ReadonlyMap<string, number>) {
  const { id, title, description, license, bands, scenes } = collection
  const types = new Map((scenes[0]?.bands ?? []).map((band) => [band.name, band.dataType]))
  const times = scenes.flatMap(({ datetime }) => datetime ?? []).sort()
  return {
    type: 'Collection',
    stac_version: STAC_VERSION,
    stac_extensions: [EO, RASTER],
    id,
    title,
    description,
    license,
    [STATED]: ['nodata'],
    extent: {
      spatial: { bbox: [unitedBox(scenes)] },
      temporal: { interval: [[times[0] ?? null, times.at(-1) ?? null]] },
    },
    links: [],
    summaries: {
      'eo:bands': bands.map(({ name, commonName: common }) => ({ name, ...commonName(common) })),
      'raster:bands': bands.map(({ name }) => {
        const type = types.get(name)
        return { ...(type ? { data_type: type } : {}), ...nodataWord(nodata.get(name) ?? null) }
      }),
    },
  }
}

/** Whether two JSON values have the same fields at every depth: then nobody added anything to what we wrote. */
export function hasSameFields(a: unknown, b: unknown): boolean {
  const [inA, inB] = [fieldsOf(a), fieldsOf(b)]
  if (inA === null || inB === null) return (inA === null) === (inB === null)
  const keys = Object.keys(inA)
  return keys.length === Object.keys(inB).length && keys.every((key) => key in inB && hasSameFields(inA[key], inB[key]))
}
const fieldsOf = (value: unknown) =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
