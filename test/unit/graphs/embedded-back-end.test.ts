/** Promise: the embedded back-end takes every graph that a recipe makes, and offers every process that recipes use. */
import { expect, test } from 'vitest'
import { buildGraph } from '../../../main/graphs/build-graph.ts'
import { processIds } from '../../../main/graphs/recipe-graph.ts'
import { RECIPES } from '../../../main/graphs/recipes.ts'
import { checkProcess } from '../../../main/local/evaluate/check.ts'
import type { LocalCollection } from '../../../main/local/model.ts'
import { processDefinitions } from '../../../main/local/processes/index.ts'
import type { Grid } from '../../../main/raster/types.ts'
import type { Area } from '../../../preload/contract/areas.ts'
import type { CollectionSummary } from '../../../preload/contract/catalogue.ts'
import { bboxGeometry } from '../../../preload/contract/geodesy.ts'
import { Draft } from '../../../preload/contract/graphs.ts'
import type { AreaGeometry } from '../../../preload/contract/vocabulary.ts'

const grid: Grid = {
  crs: { epsg: 32632, name: 'WGS 84 / UTM zone 32N', proj4: '+proj=utm +zone=32 +datum=WGS84 +units=m', unit: 'metre' },
  transform: [650_000, 10, 0, 5_240_000, 0, -10],
  width: 1000,
  height: 1000,
}
const BANDS = { B02: 'blue', B03: 'green', B04: 'red', B08: 'nir', SCL: null }
const local: LocalCollection = {
  id: 'S2',
  title: 'S2',
  description: '',
  license: 'CC0-1.0',
  bands: Object.entries(BANDS).map(([name, commonName]) => ({ name, commonName, description: null, classes: [] })),
  scenes: ['2025-05-03', '2025-06-03'].map((day) => ({
    id: day,
    datetime: `${day}T10:00:00Z`,
    bbox: [10.97, 47.2, 11.12, 47.3],
    bands: Object.keys(BANDS).map((name, sample) => ({
      name,
      source: { kind: 'file', path: '/nowhere.tif' },
      sample,
      grid,
      dataType: 'uint16',
      nodata: 0,
      scale: 1,
      offset: 0,
    })),
  })),
}
const collection = {
  connectionId: 'c',
  id: 'S2',
  title: 'S2',
  description: '',
  bbox: [10.97, 47.2, 11.12, 47.3],
  bands: Object.entries(BANDS).map(([name, commonName]) => ({ name, ...(commonName ? { commonName } : {}) })),
  instants: local.scenes.map((scene) => scene.datetime),
} as unknown as CollectionSummary
const geometries: AreaGeometry[] = [
  bboxGeometry([11, 47.22, 11.05, 47.25]),
  { type: 'Polygon', coordinates: [[[11, 47.22], [11.05, 47.22], [11.02, 47.25], [11, 47.22]]] }, // biome-ignore format: short
]
const offered = new Set(processDefinitions.map(({ id }) => id))
const FORMULAS = [
  '(nir - red) / (nir + red)',
  'if(nir > red and not is_nodata(red), log10(nir + 1) ^ 2, -red % 7)',
  'min(red, green, 3) + max(B08, 1) + median(red, nir) + sum(red, nir) + mean(red, nir)',
  'clip(round(sqrt(abs(red)), 1), 0, 10) + exp(-ln(nir)) + log2(red) + sin(red) + cos(red) + tan(red) + floor(red) + ceil(red)',
  'red < 3 or red <= 4 or red > 5 or red >= 6 or red == 7 or red != 8',
  'nd(nir, red) + log(nir, 3) + pi',
]

const cases = RECIPES.flatMap((recipe) => {
  const choices = recipe.parameters.flatMap(({ kind, name, choices: values }) =>
    kind === 'choice' ? (values ?? []).map(({ value }) => ({ [name]: value })) : [],
  )
  const formulas = recipe.id === 'band-maths' ? FORMULAS.map((formula) => ({ formula })) : [{ formula: 'red' }]
  return [...choices.map((choice) => ({ ...choice, ...formulas[0] })), ...formulas].flatMap((parameters) =>
    [null, 'SCL'].flatMap((maskBand) =>
      (['GTiff', 'PNG', 'JSON'] as const).flatMap((format) =>
        geometries.map((geometry) => ({
          recipeId: recipe.id,
          format,
          geometry,
          parameters: { ...parameters, maskBand },
        })),
      ),
    ),
  )
})

test(`${cases.length} graphs of all recipes`, () => {
  for (const { recipeId, format, geometry, parameters } of cases) {
    const draft = Draft.parse({
      connectionId: 'c',
      collectionId: 'S2',
      areaId: 'a',
      temporalExtent: ['2025-05-01', '2025-07-01'],
      recipeId,
      parameters: { bands: ['B04', 'B03', 'B02'], ...parameters },
      title: '',
      format,
    })
    const said = `${recipeId} ${format} ${JSON.stringify(parameters)}`
    const { graph, findings } = buildGraph(draft, { collection, area: { geometry } as Area, offered })
    expect(findings, said).toEqual([])
    for (const id of processIds(graph ?? {})) expect([...offered]).toContain(id)
    const problems = checkProcess({ process_graph: graph }, { collections: new Map([['S2', local]]) })
    expect(problems, said).toEqual([])
  }
})
