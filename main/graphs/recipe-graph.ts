/**
 * Makes the openEO process graph of a recipe, of standard processes only.
 * Owns: the order of the steps and the node ids. Does not: judge the input (build-graph.ts has, before it calls).
 * Source: openEO API 1.2 (process graphs) and openEO processes 2.0.
 */
import { geometryBbox } from '../../preload/contract/geodesy.ts'
import type { AreaGeometry, Json, ProcessGraph } from '../../preload/contract/vocabulary.ts'

export type RecipeInput = {
  collectionId: string
  geometry: AreaGeometry
  /** Left-closed, each side may be open; null: no filter, for collections without a time. */
  temporalExtent: [string | null, string | null] | null
  format: 'GTiff' | 'PNG' | 'JSON'
  pngRange: [number, number]
  /** Names of the cube's dimensions; null where it has none. */
  dimensions: { bands: string; temporal: string | null }
  /** Processes that the back-end offers; null: not known. */
  offered: ReadonlySet<string> | null
  mask: { band: string; classes: number[] } | null
  timeReducer: 'none' | 'median' | 'mean' | 'max' | 'min'
  recipe:
    | { id: 'ndvi'; red: string; nir: string }
    | { id: 'median-composite'; bands: string[]; period: string }
    | { id: 'band-maths'; bands: string[]; formula: ProcessGraph; timeOrder: 'before' | 'after' }
}

const from = (node: string) => ({ from_node: node })
const DATA = { from_parameter: 'data' }

/** The nodes of a graph in the order in which they were added; the newest is where the next one goes on. */
class Chain {
  readonly nodes: Record<string, { process_id: string; arguments: Record<string, Json>; result?: true }> = {}
  last = ''

  add(id: string, processId: string, values: Record<string, Json>): void {
    this.nodes[id] = { process_id: processId, arguments: this.last ? { data: from(this.last), ...values } : values }
    this.last = id
  }
}

/** True for one ring of four corners along meridians and parallels: then the bounding box says it all. */
export function isRectangle(geometry: AreaGeometry): boolean {
  if (geometry.type !== 'Polygon' || geometry.coordinates.length !== 1) return false
  const ring = geometry.coordinates[0] ?? []
  const [west, south, east, north] = geometryBbox(geometry)
  const isCorner = ([x, y]: number[]) => (x === west || x === east) && (y === south || y === north)
  const turns = ring.every(([x, y], i) => {
    const next = ring[i + 1]
    return !next || (next[0] === x) !== (next[1] === y)
  })
  return ring.length === 5 && turns && ring.every(isCorner)
}

/** One if the class of the pixel is among those to leave out, as a child graph over bands. */
function classTest(band: string, classes: readonly number[]): ProcessGraph {
  const nodes: Record<string, Record<string, Json>> = {
    class: { process_id: 'array_element', arguments: { data: DATA, label: band } },
  }
  let last = ''
  for (const value of new Set(classes)) {
    const id = `is_class_${String(value).replace('-', 'minus_')}`
    nodes[id] = { process_id: 'eq', arguments: { x: from('class'), y: value } }
    const either = `or_class_${String(value).replace('-', 'minus_')}`
    if (last) nodes[either] = { process_id: 'or', arguments: { x: from(last), y: from(id) } }
    last = last ? either : id
  }
  nodes[last] = { ...nodes[last], result: true }
  return nodes
}

const reducerGraph = (process: string): ProcessGraph => ({
  [process]: { process_id: process, arguments: { data: DATA }, result: true },
})

/** NDVI without the process `ndvi`: the same numbers from two bands. */
function normalizedDifference(red: string, nir: string): ProcessGraph {
  return {
    nir: { process_id: 'array_element', arguments: { data: DATA, label: nir } },
    red: { process_id: 'array_element', arguments: { data: DATA, label: red } },
    difference: { process_id: 'subtract', arguments: { x: from('nir'), y: from('red') } },
    sum: { process_id: 'add', arguments: { x: from('nir'), y: from('red') } },
    ndvi: { process_id: 'divide', arguments: { x: from('difference'), y: from('sum') }, result: true },
  }
}

function addLoad(chain: Chain, input: RecipeInput): void {
  const { recipe, mask } = input
  const wanted = recipe.id === 'ndvi' ? [recipe.red, recipe.nir] : recipe.bands
  const [west, south, east, north] = geometryBbox(input.geometry)
  chain.add('load', 'load_collection', {
    id: input.collectionId,
    spatial_extent: { west, south, east, north },
    temporal_extent: input.temporalExtent,
    bands: [...new Set([...wanted, ...(mask ? [mask.band] : [])])],
  })
}

/** Cuts to the polygon itself, where the back-end can; without it the bounding box stays. */
function addOutline(chain: Chain, { geometry, offered }: RecipeInput): void {
  if (!offered || isRectangle(geometry)) return
  const feature = { type: 'Feature', properties: {}, geometry: geometry as unknown as Json }
  const outline = { type: 'FeatureCollection', features: [feature] }
  if (offered.has('filter_spatial')) chain.add('cut_to_area', 'filter_spatial', { geometries: outline })
  else if (offered.has('mask_polygon')) chain.add('cut_to_area', 'mask_polygon', { mask: outline })
}

function addMask(chain: Chain, { mask, dimensions, recipe }: RecipeInput): void {
  if (!mask) return
  const source = chain.last
  chain.add('to_leave_out', 'reduce_dimension', {
    dimension: dimensions.bands,
    reducer: { process_graph: classTest(mask.band, mask.classes) },
  })
  chain.last = source
  chain.add('mask_clouds', 'mask', { mask: from('to_leave_out') })
  if (recipe.id === 'median-composite' && !recipe.bands.includes(mask.band)) {
    chain.add('keep_bands', 'filter_bands', { bands: recipe.bands })
  }
}

function addOverTime(chain: Chain, process: string, temporal: string): void {
  chain.add('over_time', 'reduce_dimension', { dimension: temporal, reducer: { process_graph: reducerGraph(process) } })
}

function addComposite(chain: Chain, period: string, temporal: string): void {
  if (period === 'all') {
    addOverTime(chain, 'median', temporal)
    return
  }
  chain.add('over_periods', 'aggregate_temporal_period', {
    period,
    reducer: { process_graph: reducerGraph('median') },
  })
}

function addRecipe(chain: Chain, { recipe, timeReducer, dimensions, offered }: RecipeInput): void {
  const overTime = () => {
    if (timeReducer !== 'none' && dimensions.temporal) addOverTime(chain, timeReducer, dimensions.temporal)
  }
  const overBands = (id: string, graph: ProcessGraph) =>
    chain.add(id, 'reduce_dimension', { dimension: dimensions.bands, reducer: { process_graph: graph } })
  if (recipe.id === 'median-composite') {
    if (dimensions.temporal) addComposite(chain, recipe.period, dimensions.temporal)
    return
  }
  if (recipe.id === 'band-maths') {
    if (recipe.timeOrder === 'before') overTime()
    overBands('formula', recipe.formula)
    if (recipe.timeOrder === 'after') overTime()
    return
  }
  if (!offered || offered.has('ndvi')) chain.add('ndvi', 'ndvi', { red: recipe.red, nir: recipe.nir })
  else overBands('ndvi', normalizedDifference(recipe.red, recipe.nir))
  overTime()
}

function addSave(chain: Chain, { format, pngRange: [inputMin, inputMax] }: RecipeInput): void {
  if (format === 'PNG') {
    const values = { x: { from_parameter: 'x' }, inputMin, inputMax, outputMin: 0, outputMax: 255 }
    const scale = { process_id: 'linear_scale_range', arguments: values, result: true }
    chain.add('scale_to_bytes', 'apply', { process: { process_graph: { scale } } })
  }
  chain.add('save', 'save_result', { format })
}

/** The graph of a recipe whose input was found good. One result node, `save`. */
export function recipeGraph(input: RecipeInput): ProcessGraph {
  const chain = new Chain()
  addLoad(chain, input)
  addOutline(chain, input)
  addMask(chain, input)
  addRecipe(chain, input)
  addSave(chain, input)
  const save = chain.nodes.save
  if (save) save.result = true
  return chain.nodes as unknown as ProcessGraph
}

/** Every process that a graph uses, those of its child graphs included. */
export function processIds(graph: ProcessGraph): Set<string> {
  const ids = new Set<string>()
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item)
    else if (value !== null && typeof value === 'object') {
      if ('process_id' in value && typeof value.process_id === 'string') ids.add(value.process_id)
      for (const item of Object.values(value)) visit(item)
    }
  }
  visit(graph)
  return ids
}
