/** Promise: a complete draft becomes a graph of standard processes; anything missing is found, with its field. */
import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { type BuildContext, buildGraph, cubeDimensions } from '../../../main/graphs/build-graph.ts'
import { processIds } from '../../../main/graphs/recipe-graph.ts'
import { RECIPES } from '../../../main/graphs/recipes.ts'
import type { Area } from '../../../preload/contract/areas.ts'
import type { CollectionSummary } from '../../../preload/contract/catalogue.ts'
import { areaKm2, bboxGeometry, geometryBbox } from '../../../preload/contract/geodesy.ts'
import { Draft, Recipe } from '../../../preload/contract/graphs.ts'
import type { AreaGeometry, Bbox, ProcessGraph } from '../../../preload/contract/vocabulary.ts'

const SPECS = resolve('../shared/specs/openeo-processes')
const STANDARD = new Map(
  readdirSync(SPECS)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(`${SPECS}/${name}`, 'utf8')) as Process)
    .map((process) => [process.id, process]),
)
type Process = { id: string; parameters: { name: string; optional?: boolean }[] }

const collection = {
  connectionId: 'c1',
  id: 'S2',
  title: 'Sentinel-2 L2A',
  description: '',
  bbox: [6, 46, 8, 48],
  interval: ['2025-01-03T10:00:00Z', '2025-12-29T10:00:00Z'],
  bands: [
    { name: 'B02', commonName: 'blue' },
    { name: 'B03', commonName: 'green' },
    { name: 'B04', commonName: 'red' },
    { name: 'B08', commonName: 'nir' },
    { name: 'SCL' },
  ],
  instants: ['2025-01-03T10:00:00Z', '2025-06-01T10:00:00Z', '2025-12-29T10:00:00Z'],
} as unknown as CollectionSummary

const areaOf = (geometry: AreaGeometry) =>
  ({
    id: 'a1',
    revision: 1,
    name: 'Area 1',
    geometry,
    bbox: geometryBbox(geometry),
    areaKm2: areaKm2(geometry),
    createdAt: '2026-01-01T00:00:00Z',
  }) as Area
const boxArea = (box: number[]) => areaOf(bboxGeometry(box as Bbox))
const TRIANGLE: AreaGeometry = { type: 'Polygon', coordinates: [[[7, 47], [7.2, 47], [7.1, 47.2], [7, 47]]] } // biome-ignore format: short

const draftOf = (changes: Record<string, unknown> = {}) =>
  Draft.parse({
    connectionId: 'c1',
    collectionId: 'S2',
    areaId: 'a1',
    temporalExtent: ['2025-05-01', '2025-07-01'],
    recipeId: 'ndvi',
    parameters: {},
    title: '',
    format: 'GTiff',
    ...changes,
  })
const context = (changes: Partial<BuildContext> = {}): BuildContext => ({
  collection,
  area: boxArea([7, 47, 7.1, 47.1]),
  offered: new Set(STANDARD.keys()),
  ...changes,
})

function graphOf(changes: Record<string, unknown>, more: Partial<BuildContext> = {}): ProcessGraph {
  const { graph, findings } = buildGraph(draftOf(changes), context(more))
  expect(findings).toEqual([])
  if (!graph) throw new Error('no graph')
  return graph
}
const steps = (graph: ProcessGraph) => Object.entries(graph).map(([id, node]) => `${id}: ${node.process_id}`)

/** Walks a graph as a back-end would: known processes and parameters, references that exist, one result, no cycle. */
function expectSound(graph: ProcessGraph, outer: readonly string[] = []): void {
  const ids = Object.keys(graph)
  expect(Object.values(graph).filter((node) => node.result === true)).toHaveLength(1)
  ids.forEach((id, position) => {
    const node = graph[id] as { process_id: string; arguments: Record<string, unknown> }
    const process = STANDARD.get(node.process_id)
    expect(process, node.process_id).toBeDefined()
    const names = (process as Process).parameters.map((parameter) => parameter.name)
    for (const name of Object.keys(node.arguments)) expect(names, `${id}.${name}`).toContain(name)
    for (const parameter of (process as Process).parameters) {
      if (!parameter.optional) expect(Object.keys(node.arguments), id).toContain(parameter.name)
    }
    const visit = (value: unknown): void => {
      if (value === null || typeof value !== 'object') return
      if ('from_node' in value) expect(ids.slice(0, position)).toContain(value.from_node)
      else if ('from_parameter' in value) expect(outer).toContain(value.from_parameter)
      else if ('process_graph' in value) expectSound(value.process_graph as ProcessGraph, ['data', 'x', 'context'])
      else for (const item of Object.values(value)) visit(item)
    }
    for (const value of Object.values(node.arguments)) visit(value)
  })
}

test('recipes agree with the contract and their defaults with their choices', () => {
  for (const recipe of RECIPES) {
    Recipe.parse(recipe)
    for (const parameter of recipe.parameters) {
      if (parameter.kind !== 'choice') continue
      expect(parameter.choices?.map((choice) => choice.value)).toContain(parameter.default)
    }
  }
})

test('NDVI: bands by common name, median over time, GeoTIFF', () => {
  const graph = graphOf({})
  expect(steps(graph)).toEqual([
    'load: load_collection',
    'ndvi: ndvi',
    'over_time: reduce_dimension',
    'save: save_result',
  ])
  expect(graph.load?.arguments).toEqual({
    id: 'S2',
    spatial_extent: { west: 7, south: 47, east: 7.1, north: 47.1 },
    temporal_extent: ['2025-05-01', '2025-07-01'],
    bands: ['B04', 'B08'],
  })
  expect(graph.ndvi?.arguments).toEqual({ data: { from_node: 'load' }, red: 'B04', nir: 'B08' })
  expect(graph.save).toEqual({
    process_id: 'save_result',
    arguments: { data: { from_node: 'over_time' }, format: 'GTiff' },
    result: true,
  })
})

test('clouds are masked before anything else is computed', () => {
  const graph = graphOf({ parameters: { maskBand: 'SCL', dropClasses: [3, 8, 8], timeReducer: 'none' } })
  expect(steps(graph)).toEqual([
    'load: load_collection',
    'to_leave_out: reduce_dimension',
    'mask_clouds: mask',
    'ndvi: ndvi',
    'save: save_result',
  ])
  expect(graph.load?.arguments).toMatchObject({ bands: ['B04', 'B08', 'SCL'] })
  expect(graph.mask_clouds?.arguments).toEqual({ data: { from_node: 'load' }, mask: { from_node: 'to_leave_out' } })
  expectSound(graph)
})

test('the composite drops the mask band and makes one picture of each period', () => {
  const graph = graphOf({ recipeId: 'median-composite', parameters: { period: 'month' } })
  expect(steps(graph)).toEqual([
    'load: load_collection',
    'to_leave_out: reduce_dimension',
    'mask_clouds: mask',
    'keep_bands: filter_bands',
    'over_periods: aggregate_temporal_period',
    'save: save_result',
  ])
  expect(graph.keep_bands?.arguments).toMatchObject({ bands: ['B04', 'B03', 'B02', 'B08'] })
})

test('band maths over time before or after the formula', () => {
  const parameters = { formula: '(B08 - B04) / (B08 + B04)' }
  const after = graphOf({ recipeId: 'band-maths', parameters })
  const before = graphOf({ recipeId: 'band-maths', parameters: { ...parameters, timeOrder: 'before' } })
  expect(Object.keys(after)).toEqual(['load', 'formula', 'over_time', 'save'])
  expect(Object.keys(before)).toEqual(['load', 'over_time', 'formula', 'save'])
})

test('a polygon is cut out where the back-end can; a rectangle and an unknown back-end keep the box', () => {
  const area = areaOf(TRIANGLE)
  const offered = (...without: string[]) => new Set([...STANDARD.keys()].filter((id) => !without.includes(id)))
  const cut = (more: Partial<BuildContext>) => graphOf({}, { area, ...more }).cut_to_area?.process_id
  expect(cut({})).toBe('filter_spatial')
  expect(cut({ offered: offered('filter_spatial') })).toBe('mask_polygon')
  expect(cut({ offered: offered('filter_spatial', 'mask_polygon') })).toBeUndefined()
  expect(cut({ offered: null })).toBeUndefined()
  expect(graphOf({}).cut_to_area).toBeUndefined()
})

test('a back-end without ndvi gets the same as arithmetic', () => {
  const offered = new Set([...STANDARD.keys()].filter((id) => id !== 'ndvi'))
  const graph = graphOf({}, { offered })
  expect(processIds(graph).has('ndvi')).toBe(false)
  expectSound(graph)
})

test('a collection without a time is neither filtered nor reduced over time', () => {
  const timeless = { ...collection, interval: undefined, instants: [] } as unknown as CollectionSummary
  const graph = graphOf(
    { temporalExtent: [null, null] },
    { collection: timeless, dimensions: { bands: 'spectral', temporal: null } },
  )
  expect(Object.keys(graph)).toEqual(['load', 'ndvi', 'save'])
  expect(graph.load?.arguments).toMatchObject({ temporal_extent: null })
})

test('names of dimensions come from the collection document', () => {
  const dimensions = { x: { type: 'spatial' }, when: { type: 'temporal' }, spectral: { type: 'bands' }, odd: null }
  expect(cubeDimensions({ 'cube:dimensions': dimensions })).toEqual({ bands: 'spectral', temporal: 'when' })
  expect(cubeDimensions({})).toBeUndefined()
  expect(cubeDimensions({ 'cube:dimensions': [] })).toBeUndefined()
})

test('every recipe and option makes a sound graph of standard processes', () => {
  for (const recipe of RECIPES) {
    const choices = recipe.parameters.filter((parameter) => parameter.kind === 'choice')
    for (const choice of choices)
      for (const { value } of choice.choices ?? [])
        for (const maskBand of ['SCL', null])
          for (const format of ['GTiff', 'PNG', 'JSON'])
            for (const geometry of [TRIANGLE, bboxGeometry([7, 47, 7.1, 47.1])]) {
              const parameters = {
                [choice.name]: value,
                maskBand,
                bands: ['B04'],
                formula: 'if(nir > red, ln(nir), max(red, 2))',
              }
              const graph = graphOf({ recipeId: recipe.id, format, parameters }, { area: areaOf(geometry) })
              expectSound(graph)
              expect(graph.save?.result).toBe(true)
            }
  }
})

const found = (changes: Record<string, unknown>, more: Partial<BuildContext> = {}) => {
  const { graph, findings } = buildGraph(draftOf(changes), context(more))
  expect(graph).toBeNull()
  for (const { message } of findings) expect(message).toMatch(/^[A-Z].*[.…]$/)
  return findings.map(({ field, code }) => `${field}: ${code}`)
}

test.each<[string, Record<string, unknown>, Partial<BuildContext>]>([
  ['connectionId: connection-missing', { connectionId: null }, { collection: null }],
  ['collectionId: collection-missing', { collectionId: null }, { collection: null }],
  ['collectionId: collection-unknown', {}, { collection: null }],
  ['collectionId: collection-without-bands', {}, { collection: { ...collection, bands: [] } }],
  ['areaId: area-missing', { areaId: null }, { area: null }],
  ['areaId: area-unknown', {}, { area: null }],
  ['areaId: area-crosses-antimeridian', {}, { area: boxArea([179, -17, -179, -16]) }],
  ['areaId: area-empty', {}, { area: boxArea([7, 47, 7, 47.1]) }],
  ['areaId: area-outside', {}, { area: boxArea([20, 47, 21, 48]) }],
  ['areaId: area-outside', {}, { area: boxArea([-10, -90, 10, -80]) }],
  ['temporalExtent: dates-missing', { temporalExtent: [null, null] }, {}],
  ['temporalExtent: dates-empty', { temporalExtent: ['2025-06-01', '2025-06-01'] }, {}],
  ['temporalExtent: dates-outside', { temporalExtent: ['2026-01-01', null] }, {}],
  ['temporalExtent: dates-outside', { temporalExtent: [null, '2025-01-03'] }, {}],
  ['temporalExtent: dates-without-scenes', { temporalExtent: ['2025-06-02', '2025-06-03'] }, {}],
  ['recipeId: recipe-missing', { recipeId: null }, {}],
  ['recipeId: recipe-missing', { recipeId: '__proto__' }, {}],
  ['parameters.red: band-unknown', { parameters: { red: 'B99' } }, {}],
  ['parameters.nir: bands-equal', { parameters: { red: 'B08' } }, {}],
  ['parameters.maskBand: band-unknown', { parameters: { maskBand: 'QA' } }, {}],
  ['parameters.dropClasses: classes-missing', { parameters: { maskBand: 'SCL', dropClasses: [] } }, {}],
  ['parameters.dropClasses: classes-missing', { parameters: { maskBand: 'SCL', dropClasses: 'all' } }, {}],
  ['parameters.timeReducer: choice-unknown', { parameters: { timeReducer: 'run_udf' } }, {}],
  ['parameters.bands: bands-missing', { recipeId: 'median-composite', parameters: { bands: [] } }, {}],
  ['parameters.formula: formula-missing', { recipeId: 'band-maths' }, {}],
  ['parameters.formula: formula-wrong', { recipeId: 'band-maths', parameters: { formula: 'B04 +' } }, {}],
  ['parameters.pngMin: number-missing', { format: 'PNG', parameters: { pngMin: null } }, {}],
  ['parameters.bands: bands-unsuitable', { recipeId: 'median-composite', format: 'PNG' }, {}],
  ['parameters.pngMax: range-empty', { format: 'PNG', parameters: { pngMin: 2 } }, {}],
  ['parameters.maskBand: process-not-offered', { parameters: { maskBand: 'SCL' } }, { offered: without('mask') }],
  ['recipeId: process-not-offered', {}, { offered: without('median') }],
])('finds %s', (expected, changes, more) => {
  expect(found(changes, more)).toContain(expected)
})

function without(id: string) {
  return new Set([...STANDARD.keys()].filter((known) => known !== id))
}

test('an empty draft is told everything at once', () => {
  const empty = { connectionId: null, collectionId: null, areaId: null, recipeId: null, temporalExtent: [null, null] }
  expect(found(empty, { collection: null, area: null, offered: null })).toEqual([
    'connectionId: connection-missing',
    'areaId: area-missing',
    'recipeId: recipe-missing',
  ])
})

test('where the dates fall between two scenes, the nearest is named', () => {
  const { findings } = buildGraph(draftOf({ temporalExtent: ['2025-06-02', '2025-06-03'] }), context())
  expect(findings[0]?.message).toBe('There is no scene between these dates. The nearest is of 2025-06-01.')
})

test('a collection that crosses the antimeridian has areas on both of its sides', () => {
  const fiji = { ...collection, bbox: [176, -20, -178, -12] } as unknown as CollectionSummary
  for (const box of [[177, -18, 178, -17], [-179, -18, -178.5, -17]]) // biome-ignore format: short
    expect(graphOf({}, { collection: fiji, area: boxArea(box) }).load).toBeDefined()
  expect(found({}, { collection: fiji, area: boxArea([0, -18, 1, -17]) })).toContain('areaId: area-outside')
})

test('bands with hostile names are values, never keys', () => {
  const bands = [{ name: '__proto__' }, { name: 'a"b' }, { name: '../x' }]
  const hostile = { ...collection, bands } as unknown as CollectionSummary
  const formula = '"__proto__" + \'a"b\' + "../x"'
  const graph = graphOf({ recipeId: 'band-maths', parameters: { formula } }, { collection: hostile })
  expectSound(graph)
  expect(JSON.stringify(graph)).toContain('"label":"__proto__"')
})
