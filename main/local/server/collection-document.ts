/**
 * A collection of the user's files as GET /collections states it: STAC 1.0 with the dimensions of its cube.
 * Owns: the translation. Does not: name paths of the machine.
 * The cube's grid is that of the first scene in time order; scenes in other systems are within its extent by their corners.
 */
import { gridBounds, transformBounds } from '../../raster/index.ts'
import type { Grid } from '../../raster/types.ts'
import type { BandInfo, LocalCollection, Scene, SceneBand } from '../model.ts'
import type { Link } from './paging.ts'
import {
  type Box,
  commonName,
  DATACUBE,
  EO,
  PROJECTION,
  RASTER,
  rasterBand,
  referenceSystem,
  STAC_VERSION,
} from './stac-terms.ts'

/** Beyond this many dates the extent alone is stated. */
const MOST_VALUES = 2_000

/** What the list of collections shows of one. */
export function collectionSummary(collection: LocalCollection, base: string) {
  return {
    type: 'Collection',
    stac_version: STAC_VERSION,
    stac_extensions: [] as string[],
    id: collection.id,
    title: collection.title,
    description: collection.description,
    license: collection.license,
    extent: {
      spatial: { bbox: [unitedBox(collection.scenes)] },
      temporal: { interval: [timeExtent(collection.scenes)] },
    },
    links: linksOf(collection, base),
  }
}

/** The whole document. */
export function collectionDocument(collection: LocalCollection, base: string) {
  return {
    ...collectionSummary(collection, base),
    stac_extensions: [DATACUBE, EO, PROJECTION, RASTER],
    'cube:dimensions': dimensions(collection),
    summaries: summaries(collection),
  }
}

function linksOf({ id }: LocalCollection, base: string): Link[] {
  const type = 'application/json'
  return [
    { rel: 'self', href: `${base}/collections/${encodeURIComponent(id)}`, type },
    { rel: 'parent', href: `${base}/collections`, type },
    { rel: 'root', href: `${base}/collections`, type },
  ]
}

/** The smallest box around all scenes. Where some cross the antimeridian, it does too. */
export function unitedBox(scenes: readonly Scene[]): Box {
  const first = scenes[0]
  if (!first) return [-180, -90, 180, 90]
  const doesCross = scenes.some(({ bbox }) => bbox[0] > bbox[2])
  // beyond 180° the eastern half goes on counting, so that both halves lie beside each other
  const unwrapped = scenes.map(({ bbox: [west, south, east, north] }): Box => {
    if (!doesCross) return [west, south, east, north]
    return [west < 0 ? west + 360 : west, south, east < 0 || east < west ? east + 360 : east, north]
  })
  const west = Math.min(...unwrapped.map((box) => box[0]))
  const east = Math.max(...unwrapped.map((box) => box[2]))
  const wrap = (degrees: number) => (degrees > 180 ? degrees - 360 : degrees)
  const south = Math.min(...unwrapped.map((box) => box[1]))
  const north = Math.max(...unwrapped.map((box) => box[3]))
  return east - west >= 360 ? [-180, south, 180, north] : [wrap(west), south, wrap(east), north]
}

function timeExtent(scenes: readonly Scene[]): [string | null, string | null] {
  const times = scenes.flatMap(({ datetime }) => (datetime === null ? [] : [datetime])).sort()
  return [times[0] ?? null, times.at(-1) ?? null]
}

/** The band with the smallest pixels of the first scene: it gives the cube its grid. */
function cubeBand(scenes: readonly Scene[]): SceneBand | undefined {
  const bands = scenes[0]?.bands ?? []
  return [...bands].sort((a, b) => pixelSize(a.grid) - pixelSize(b.grid))[0]
}
const pixelSize = ({ transform: [, b, c] }: Grid) => Math.hypot(b, c)

function dimensions(collection: LocalCollection) {
  const { scenes } = collection
  const grid = cubeBand(scenes)?.grid
  const values = [...new Set(scenes.flatMap(({ datetime }) => (datetime === null ? [] : [datetime])))].sort()
  return {
    ...(grid ? horizontal(grid, scenes) : {}),
    t: {
      type: 'temporal',
      extent: timeExtent(scenes),
      ...(values.length > 0 && values.length <= MOST_VALUES ? { values } : {}),
    },
    bands: { type: 'bands', values: collection.bands.map(({ name }) => name) },
  }
}

function horizontal(grid: Grid, scenes: readonly Scene[]) {
  const boxes = scenes.flatMap(({ bands: [band] }) => {
    if (!band) return []
    const bounds = gridBounds(band.grid)
    return [band.grid.crs.proj4 === grid.crs.proj4 ? bounds : transformBounds(bounds, band.grid.crs, grid.crs)]
  })
  const known = boxes.flatMap((box) => (box?.every(Number.isFinite) ? [box] : []))
  const side = (axis: 'x' | 'y', low: 0 | 1, step: number, isRotated: boolean) => ({
    type: 'spatial',
    axis,
    extent: [Math.min(...known.map((box) => box[low])), Math.max(...known.map((box) => box[low + 2] as number))],
    reference_system: referenceSystem(grid.crs),
    ...(isRotated ? {} : { step: Math.abs(step) }),
  })
  const [, b, c, , e, f] = grid.transform
  return { x: side('x', 0, b, c !== 0), y: side('y', 1, f, e !== 0) }
}

function summaries({ bands, scenes }: LocalCollection) {
  const samples = new Map((scenes[0]?.bands ?? []).map((band) => [band.name, band]))
  const codes = new Set(scenes.flatMap((scene) => scene.bands.map(({ grid }) => grid.crs.epsg)))
  const known = [...codes].filter((code) => code !== null)
  const sizes = [...samples.values()].flatMap(({ grid }) => {
    return grid.crs.unit === 'metre' ? [Number(pixelSize(grid).toPrecision(6))] : []
  })
  return {
    'eo:bands': bands.map((band) => ({ ...bandSummary(band), ...gsdOf(samples.get(band.name)) })),
    'raster:bands': bands.map(({ name, classes }) => {
      const sample = samples.get(name)
      return {
        ...(sample ? rasterBand(sample) : {}),
        ...(classes.length > 0 ? { 'classification:classes': classes } : {}),
      }
    }),
    ...(known.length > 0 ? { 'proj:epsg': known } : {}),
    ...(sizes.length > 0 ? { gsd: [...new Set(sizes)].sort((a, b) => a - b) } : {}),
  }
}

const bandSummary = ({ name, commonName: common, description }: BandInfo) => ({
  name,
  ...commonName(common),
  ...(description === null ? {} : { description }),
})
const gsdOf = (band: SceneBand | undefined) =>
  band?.grid.crs.unit === 'metre' ? { gsd: Number(pixelSize(band.grid).toPrecision(6)) } : {}
