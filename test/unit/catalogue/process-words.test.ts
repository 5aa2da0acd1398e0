/** Promise: a process is shown completely and goes into a graph as a node that holds every argument it needs. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { JsonObject } from '../../../preload/contract/vocabulary.ts'
import { nodeText, placeholder, processNode } from '../../../renderer/catalogue/graph-node.ts'
import { processPage, signature } from '../../../renderer/catalogue/process-words.ts'
import { resourceParameters } from '../../../renderer/catalogue/schema/parameters.ts'

const FOLDER = '../shared/specs/openeo-processes'
const processes = [FOLDER, join(FOLDER, 'proposals')].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as JsonObject),
)
const documentOf = (id: string) => processes.find((one) => one.id === id) as JsonObject
const nodeOf = (id: string) => processNode(documentOf(id), { namespace: 'backend', id })

test('signatures', () => {
  expect(signature(processPage(documentOf('ndvi')))).toBe(
    'ndvi(data: raster data cube with bands, nir?: band name, red?: band name, target_band?: text or nothing) → raster data cube',
  )
  expect(signature(processPage(documentOf('pi')))).toBe('pi() → number')
  expect(signature(processPage(documentOf('run_udf')))).toContain(
    'run_udf(data: any value, udf: address, file path or UDF source code, runtime: UDF runtime, version?: ',
  )
})

test('every standard process becomes a node with all of its required arguments', () => {
  for (const document of processes) {
    const node = nodeOf(document.id as string)
    const stated = document.parameters as JsonObject[]
    const given = Object.keys(node.arguments as JsonObject)
    const required = stated.filter(({ optional }) => optional !== true).map(({ name }) => name)
    expect(given, `${document.id}`).toEqual(expect.arrayContaining(required))
    for (const name of given) expect(stated.map((one) => one.name)).toContain(name)
    expect(Object.values(JSON.parse(nodeText(node)))).toEqual([node])
    expect(node).not.toHaveProperty('namespace')
  }
})

test('arguments say what belongs there', () => {
  expect(nodeOf('load_collection')).toEqual({
    process_id: 'load_collection',
    arguments: {
      id: '…',
      spatial_extent: { west: 0, south: 0, east: 0, north: 0 },
      temporal_extent: ['2025-01-01', '2026-01-01'],
    },
  })
  expect(nodeOf('aggregate_temporal').arguments).toEqual({
    data: { from_node: '…' },
    intervals: [['2025-01-01', '2026-01-01']],
    reducer: {
      process_graph: {
        child: { process_id: '…', arguments: { data: { from_parameter: 'data' } }, result: true },
      },
    },
    labels: [],
  })
  expect(processNode({ id: 'mine' }, { namespace: 'user', id: 'mine' })).toEqual({
    process_id: 'mine',
    namespace: 'user',
    arguments: {},
  })
  expect(placeholder({ type: 'string', enum: [null, 'a'] })).toBe('a')
  expect(placeholder({ anyOf: [{ type: 'null' }, { type: 'number', minimum: 3 }] })).toBe(3)
  expect(placeholder(null)).toBe('…')
})

test('processes of any shape make a page', () => {
  for (const document of [
    {},
    { id: 3, parameters: null, returns: [], exceptions: [], examples: {}, categories: 'x' },
    {
      parameters: [null, { name: 'a' }, { name: 'a' }, {}],
      returns: { schema: null },
      exceptions: { A: null, B: { http: 400 } },
    },
  ] as unknown as JsonObject[]) {
    const page = processPage(document)
    expect(typeof signature(page)).toBe('string')
    expect(processNode(document, { namespace: '', id: 'x' }).process_id).toBe('x')
  }
})

test('a parameter that is a process tells what it is handed', () => {
  const reducer = processPage(documentOf('aggregate_temporal')).parameters.find(({ name }) => name === 'reducer')
  expect(reducer?.inner).toMatchObject({
    parameters: [
      { name: 'data', type: 'labelled list', isRequired: true },
      { name: 'context', isRequired: false },
    ],
    returns: 'any value',
  })
})

test('resource parameters: required is a flag, the schema stands beside it', () => {
  expect(
    resourceParameters({
      tiled: { type: 'boolean', default: true, description: 'Tiled.' },
      size: { type: 'integer', minimum: 16, required: true, 'federation:backends': ['vito'] },
      bad: null,
    }),
  ).toMatchObject([
    { name: 'tiled', isRequired: false, type: 'yes or no', defaultWords: 'true', description: 'Tiled.' },
    {
      name: 'size',
      isRequired: true,
      type: 'whole number',
      variants: [{ limits: ['at least 16'] }],
      members: ['vito'],
    },
  ])
})
