/**
 * From what the user has chosen to a process graph, or to what is still missing.
 * Owns: the findings and their words. Does not: ask a back-end; all it judges by is the catalogue as it was last read,
 * so it answers the same without a network.
 * A graph is made if and only if nothing is found.
 */
import type { Area } from '../../preload/contract/areas.ts'
import type { CollectionSummary } from '../../preload/contract/catalogue.ts'
import { geometryBbox } from '../../preload/contract/geodesy.ts'
import type { Draft, Finding } from '../../preload/contract/graphs.ts'
import type { JsonObject, ProcessGraph } from '../../preload/contract/vocabulary.ts'
import { processIds, recipeGraph } from './recipe-graph.ts'
import { finding, recipeAnswers } from './recipe-input.ts'
import { recipeOf } from './recipes.ts'

/** Names of a cube's dimensions; null where it has none of that kind. */
export type CubeDimensions = { bands: string | null; temporal: string | null }

export type BuildContext = {
  /** The chosen collection as the catalogue keeps it; null: not chosen, or not in the catalogue. */
  collection: CollectionSummary | null
  /** From the collection's document; without it the customary names `bands` and `t`. */
  dimensions?: CubeDimensions
  /** The chosen area; null: not chosen, or removed since. */
  area: Area | null
  /** Processes that the back-end offers; null: not known. */
  offered: ReadonlySet<string> | null
}

export type Built = { graph: ProcessGraph | null; findings: Finding[] }

/** The longest list of instants that the contract carries: a shorter one is complete. */
const INSTANTS_LIMIT = 2000
const day = (instant: string) => instant.slice(0, 10)

/** Reads the names of dimensions from a collection document (STAC extension datacube, `cube:dimensions`). */
export function cubeDimensions(document: JsonObject): CubeDimensions | undefined {
  const stated = document['cube:dimensions']
  if (stated === null || typeof stated !== 'object' || Array.isArray(stated)) return undefined
  const entries = Object.entries(stated)
  if (entries.length === 0) return undefined
  const named = (type: string) =>
    entries.find(([, value]) => value !== null && typeof value === 'object' && (value as JsonObject).type === type)?.[0]
  return { bands: named('bands') ?? null, temporal: named('temporal') ?? null }
}

function connectionFindings(draft: Draft, { collection }: BuildContext): Finding[] {
  if (!draft.connectionId) return [finding('connectionId', 'connection-missing', 'Choose a connection.')]
  if (!draft.collectionId) return [finding('collectionId', 'collection-missing', 'Choose a collection.')]
  if (!collection) {
    const message = `The collection ${draft.collectionId} is not in the catalogue of this connection.`
    return [finding('collectionId', 'collection-unknown', message)]
  }
  return []
}

const overlaps = (aFrom: number, aTo: number, bFrom: number, bTo: number) => aFrom <= bTo && bFrom <= aTo

/** Whether two boxes share a point; a box that crosses the antimeridian counts as its two halves. */
function boxesMeet(a: readonly number[], b: readonly number[]): boolean {
  const [aWest = 0, aSouth = 0, aEast = 0, aNorth = 0] = a
  const [bWest = 0, bSouth = 0, bEast = 0, bNorth = 0] = b
  if (!overlaps(aSouth, aNorth, bSouth, bNorth)) return false
  const spans = (west: number, east: number) =>
    west <= east ? [[west, east] as const] : [[west, 180] as const, [-180, east] as const]
  return spans(aWest, aEast).some(([w, e]) => spans(bWest, bEast).some(([w2, e2]) => overlaps(w, e, w2, e2)))
}

function areaFindings(draft: Draft, { area, collection }: BuildContext): Finding[] {
  if (!draft.areaId) return [finding('areaId', 'area-missing', 'Draw an area on the map, or choose one.')]
  if (!area) return [finding('areaId', 'area-unknown', 'The area does not exist any more. Choose another one.')]
  const [west, south, east, north] = geometryBbox(area.geometry)
  if (west > east) {
    const message = 'The area crosses the antimeridian. Make one area for each side, and a run for each.'
    return [finding('areaId', 'area-crosses-antimeridian', message)]
  }
  if (!(east > west && north > south)) return [finding('areaId', 'area-empty', 'The area has no extent.')]
  if (collection?.bbox && !boxesMeet([west, south, east, north], collection.bbox)) {
    const message = `The area lies outside ${collection.title || collection.id}.`
    return [finding('areaId', 'area-outside', message)]
  }
  return []
}

/** Scenes of the collection between the dates; null where the back-end does not list them all. */
function scenesWithin(draft: Draft, { instants }: CollectionSummary): number | null {
  if (instants.length === 0 || instants.length >= INSTANTS_LIMIT) return null
  const [from, to] = draft.temporalExtent
  return instants.filter((instant) => (!from || day(instant) >= from) && (!to || day(instant) < to)).length
}

function nearestInstant(date: string, instants: readonly string[]): string {
  const distance = (instant: string) => Math.abs(Date.parse(instant) - Date.parse(date))
  return day(instants.reduce((best, instant) => (distance(instant) < distance(best) ? instant : best)))
}

const hasTime = ({ interval, instants }: CollectionSummary) =>
  instants.length > 0 || interval?.[0] != null || interval?.[1] != null

function timeFindings(draft: Draft, { collection, dimensions }: BuildContext): Finding[] {
  const [from, to] = draft.temporalExtent
  const one = (code: string, message: string) => [finding('temporalExtent', code, message)]
  if (from && to && from >= to) return one('dates-empty', 'The range is empty: its end must be later than its begin.')
  if (!collection || !hasTime(collection) || dimensions?.temporal === null) return []
  if (!from && !to) return one('dates-missing', 'Choose dates.')
  const [first, last] = collection.interval ?? [null, null]
  if (first && to && to <= day(first)) return one('dates-outside', `The collection begins on ${day(first)}.`)
  if (last && from && from > day(last)) return one('dates-outside', `The collection ends on ${day(last)}.`)
  if (scenesWithin(draft, collection) === 0) {
    const nearest = nearestInstant(from ?? to ?? '', collection.instants)
    return one('dates-without-scenes', `There is no scene between these dates. The nearest is of ${nearest}.`)
  }
  return []
}

/** The field of the form behind a process that the back-end lacks. */
function fieldOf(process: string): string {
  if (process === 'mask') return 'parameters.maskBand'
  if (process === 'aggregate_temporal_period') return 'parameters.period'
  return process === 'linear_scale_range' ? 'format' : 'recipeId'
}

function offerFindings(graph: ProcessGraph, offered: ReadonlySet<string> | null): Finding[] {
  if (!offered || offered.size === 0) return []
  const missing = [...processIds(graph)].filter((id) => !offered.has(id))
  return missing.map((id) =>
    finding(fieldOf(id), 'process-not-offered', `The back-end does not offer the process ${id}.`),
  )
}

/**
 * The process graph that a draft makes over the cached catalogue, or everything that is wrong with the draft at once.
 * `field` of a finding is a key of the draft, or `parameters.<name>`. Pure; never throws for any draft of the contract.
 */
export function buildGraph(draft: Draft, context: BuildContext): Built {
  const { collection, area, offered } = context
  const dimensions = context.dimensions ?? { bands: 'bands', temporal: 't' }
  const findings = [
    ...connectionFindings(draft, context),
    ...areaFindings(draft, context),
    ...timeFindings(draft, context),
  ]
  const recipe = recipeOf(draft.recipeId)
  if (!recipe) findings.push(finding('recipeId', 'recipe-missing', 'Choose a recipe.'))
  if (!recipe || !collection) return { graph: null, findings }
  const { bands, temporal } = dimensions
  if (collection.bands.length === 0 || bands === null) {
    const message = 'The collection states no bands, so a recipe cannot choose among them.'
    return { graph: null, findings: [...findings, finding('collectionId', 'collection-without-bands', message)] }
  }
  const answers = recipeAnswers(draft, recipe, collection.bands)
  if (!answers.ok) findings.push(...answers.findings)
  if (findings.length > 0 || !answers.ok || !area) return { graph: null, findings }
  const isTimeless = !draft.temporalExtent[0] && !draft.temporalExtent[1]
  const graph = recipeGraph({
    collectionId: collection.id,
    geometry: area.geometry,
    temporalExtent: isTimeless ? null : draft.temporalExtent,
    format: draft.format,
    dimensions: { bands, temporal },
    offered,
    pngRange: answers.pngRange,
    mask: answers.mask,
    timeReducer: answers.timeReducer,
    recipe: answers.recipe,
  })
  const missing = offerFindings(graph, offered)
  return missing.length > 0 ? { graph: null, findings: missing } : { graph, findings: [] }
}
