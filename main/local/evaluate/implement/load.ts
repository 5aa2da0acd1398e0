/**
 * load_collection and load_stac: scenes to a cube with the dimensions t and bands over x and y.
 * Owns: which scenes, bands and grid a cube has. Does not: read pixels; a scene that no plane depends on is never opened.
 * The grid is that of the first chosen scene in time order (its finest requested band), widened to all chosen scenes and
 * cropped to the area; scenes of one instant are laid over one another, the first value counts.
 */
import { alignedOffset } from '../../../raster/grid.ts'
import type { Grid } from '../../../raster/types.ts'
import type { LocalCollection, Scene, SceneBand } from '../../model.ts'
import type { RunLog } from '../api.ts'
import type { Expression, Expressions } from '../expression.ts'
import { contains, readInstant, readInterval, writeInstant } from '../instants.ts'
import { GraphError } from '../problem.ts'
import { type Area, cropGrid, gridKey, insideArea, readArea, unionGrid } from '../spatial.ts'
import type { Implementation, Tracing } from '../tracing.ts'
import { type Arguments, cubeValue, type Dimension, rememberingCube, unknown, type Value } from '../values.ts'
import { bandPositions } from './bands.ts'

const noData = (message: string) => new GraphError('NoDataAvailable', message)

/** Bands of a collection as a dimension. */
function bandDimension({ bands }: LocalCollection): Dimension {
  return {
    name: 'bands',
    type: 'bands',
    labels: bands.map(({ name }) => name),
    commonNames: bands.map(({ commonName }) => commonName),
  }
}

function loadFrom(collection: LocalCollection, given: Arguments, tracing: Tracing): Value {
  const interval = readInterval(given.constant('temporal_extent'), 'temporal_extent')
  const area = readArea(given.constant('spatial_extent'), 'spatial_extent')
  const all = bandDimension(collection)
  const wanted = given.constant('bands') as string[] | null
  const positions = wanted === null ? all.labels.map((_, i) => i) : bandPositions(all, wanted, 'bands')
  const names = positions.map((position) => String(all.labels[position]))
  if (names.length === 0) throw noData(`The collection "${collection.id}" has no bands.`)
  const timed = collection.scenes.filter(({ datetime }) => datetime !== null)
  const untimed = collection.scenes.length - timed.length
  if (interval !== null && untimed > 0) {
    const message = `${untimed} scenes of "${collection.id}" have no date and are left out, as a time range is given.`
    tracing.log({ level: 'warning', message })
  }
  const inTime = (scene: Scene) => {
    const instant = scene.datetime === null ? null : readInstant(scene.datetime)
    return interval === null || (instant !== null && contains(interval, instant))
  }
  const chosen = collection.scenes.filter(inTime)
  if (chosen.length === 0) throw noData(`The collection "${collection.id}" has no scene in the time range.`)
  const there = chosen.filter((scene) => isInArea(scene, names, area))
  if (there.length === 0) throw noData(`The collection "${collection.id}" has no data in the area and time range.`)
  const scenes = there.toSorted(byTime)
  const grid = gridOf(scenes, names, area, tracing.log)
  const groups = groupByInstant(scenes)
  const time: Dimension = {
    name: 't',
    type: 'temporal',
    labels: groups.map(({ label }) => label),
    times: groups.map(({ instant }) => (instant === null ? null : { start: instant, end: instant })),
  }
  const bands: Dimension = {
    ...all,
    labels: names,
    commonNames: positions.map((position) => all.commonNames?.[position] ?? null),
  }
  const inside = area === null ? null : insideArea(area, grid, tracing.expressions, 'spatial_extent')
  return cubeValue(
    rememberingCube({
      grid,
      x: 'x',
      y: 'y',
      dimensions: [time, bands],
      valueType: 'number',
      plane: ([t = 0, b = 0]) => {
        const plane = mosaic(groups[t]?.scenes ?? [], names[b] ?? '', grid, tracing.expressions)
        return inside === null
          ? plane
          : tracing.expressions.op('select', inside, plane, tracing.expressions.constant(NaN))
      },
    }),
  )
}

const instantOf = ({ datetime }: Scene) => (datetime === null ? null : readInstant(datetime))

/** In time order, those without a time last; otherwise as they were. */
const byTime = (a: Scene, b: Scene) => (instantOf(a) ?? Infinity) - (instantOf(b) ?? Infinity) || 0

function isInArea(scene: Scene, names: readonly string[], area: Area | null): boolean {
  const bands = scene.bands.filter(({ name }) => names.includes(name))
  if (area === null || bands.length === 0) return bands.length > 0
  const grids = new Map(bands.map(({ grid }) => [gridKey(grid), grid]))
  return [...grids.values()].some((grid) => cropGrid(grid, area, 'spatial_extent') !== null)
}

const pixelArea = ({ transform: [, b, c, , e, f] }: Grid) => Math.abs(b * f - c * e)

function gridOf(
  scenes: readonly Scene[],
  names: readonly string[],
  area: Area | null,
  log: (entry: RunLog) => void,
): Grid {
  const first = scenes[0] as Scene
  const bands = first.bands.filter(({ name }) => names.includes(name))
  const finest = bands.reduce((best, band) => (pixelArea(band.grid) < pixelArea(best.grid) * (1 - 1e-9) ? band : best))
  if (finest.grid.transform[2] !== 0 || finest.grid.transform[4] !== 0) {
    const message = `The scene "${first.id}" lies on a rotated grid; as the first scene it cannot give the grid of a cube.`
    throw new GraphError('FeatureUnsupported', message)
  }
  const grids = new Map<string, Grid>()
  const strangers = new Set<string>()
  for (const scene of scenes) {
    for (const { name, grid } of scene.bands) {
      if (!names.includes(name)) continue
      grids.set(gridKey(grid), grid)
      if (alignedOffset(finest.grid, grid) === null) strangers.add(`${scene.id} (${name})`)
    }
  }
  if (bands.some((band) => pixelArea(band.grid) > pixelArea(finest.grid) * (1 + 1e-9))) {
    const message = `The bands have several resolutions; the cube has the finest of the first scene, that of ${finest.name}.`
    log({ level: 'info', message })
  }
  if (strangers.size > 0) {
    const list = [...strangers].slice(0, 20).join(', ')
    const more = strangers.size > 20 ? ` and ${strangers.size - 20} more` : ''
    const message = `The cube has the grid of the scene "${first.id}". Warped to it with the nearest pixel: ${list}${more}.`
    log({ level: 'info', message, data: { gridOf: first.id, warped: [...strangers].slice(0, 1000) } })
  }
  const whole = unionGrid(finest.grid, [...grids.values()])
  const cropped = area === null ? whole : cropGrid(whole, area, 'spatial_extent')
  if (cropped === null) throw noData('The data does not reach into the area.')
  return cropped
}

type Group = { label: string; instant: number | null; scenes: Scene[] }

/** Scenes of one instant share a label; scenes without a time have one each, their identifier. */
function groupByInstant(scenes: readonly Scene[]): Group[] {
  const groups = new Map<string, Group>()
  for (const scene of scenes) {
    const instant = instantOf(scene)
    const label = instant === null ? scene.id : writeInstant(instant)
    const group = groups.get(label)
    if (group === undefined) groups.set(label, { label, instant, scenes: [scene] })
    else group.scenes.push(scene)
  }
  return [...groups.values()]
}

/** The plane of one band at one instant. */
function mosaic(scenes: readonly Scene[], name: string, grid: Grid, expressions: Expressions): Expression {
  const parts = scenes.flatMap((scene) =>
    scene.bands.filter((band) => band.name === name).map((band) => readLeaf(scene, band, grid, expressions)),
  )
  const [first, ...others] = parts
  if (first === undefined) return expressions.constant(Number.NaN)
  return others.reduce((so, part) => expressions.op('coalesce', so, part), first)
}

function readLeaf(scene: Scene, band: SceneBand, grid: Grid, expressions: Expressions): Expression {
  const where = band.source.kind === 'file' ? band.source.path : band.source.url
  const key = `${where}#${band.sample}#${scene.id}#${band.nodata}@${gridKey(grid)}`
  return expressions.leaf({ kind: 'read', key, band, sceneId: scene.id, grid })
}

const hasConditions = (value: unknown) => value !== null && typeof value === 'object' && Object.keys(value).length > 0

const loadCollection: Implementation = (given, tracing) => {
  const id = given.text('id')
  const collection = tracing.world.collections.get(id)
  if (collection === undefined) throw new GraphError('CollectionNotFound', `There is no collection "${id}".`, 'id')
  const properties = given.value('properties')
  if (properties.kind === 'graph' || (properties.kind === 'constant' && hasConditions(properties.value))) {
    throw new GraphError(
      'FeatureUnsupported',
      'Conditions on properties are not supported by this back-end.',
      'properties',
    )
  }
  return loadFrom(collection, given, tracing)
}

const loadStac: Implementation = (given, tracing) => {
  const properties = given.value('properties')
  if (properties.kind === 'graph' || (properties.kind === 'constant' && hasConditions(properties.value))) {
    const message = 'Conditions on properties cannot be applied to this STAC document.'
    throw new GraphError('PropertiesUnsupported', message, 'properties')
  }
  readInterval(given.constant('temporal_extent'), 'temporal_extent')
  readArea(given.constant('spatial_extent'), 'spatial_extent')
  if (tracing.world.stac === null) return unknown
  const collection = tracing.world.stac.get(given.text('url'))
  return collection === undefined ? unknown : loadFrom(collection, given, tracing)
}

export const loadImplementations: Readonly<Record<string, Implementation>> = {
  load_collection: loadCollection,
  load_stac: loadStac,
}
