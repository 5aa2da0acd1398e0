/** What is wrong with a graph: codes and places. */
import { describe, expect, it } from 'vitest'
import { checkProcess } from '../../../../main/local/evaluate/index.ts'
import {
  child,
  describedCollection,
  from,
  type GraphJson,
  loadAll,
  node,
  parameter,
  reducer,
  worldOf,
} from './fixtures.ts'

const scenes = [
  { id: 'a', datetime: '2023-01-10T00:00:00Z', bands: { B04: 1, B08: 2, SCL: 3 } },
  { id: 'b', datetime: '2023-02-10T00:00:00Z', bands: { B04: 1, B08: 2, SCL: 3 } },
]
const world = worldOf(describedCollection('s2', scenes))
const save = (data: unknown, more: Record<string, unknown> = {}) =>
  node('save_result', { data, format: 'GTiff', ...more }, true)
const problems = (process_graph: unknown) => checkProcess({ process_graph }, world)
const codes = (process_graph: unknown) => problems(process_graph).map(({ code }) => code)
const ndvi: GraphJson = { load: loadAll('s2'), ndvi: node('ndvi', { data: from('load') }), save: save(from('ndvi')) }
/** A graph with one more step between loading and saving. */
const through = (process_id: string, args: Record<string, unknown> = {}): GraphJson => ({
  load: loadAll('s2'),
  step: node(process_id, { data: from('load'), ...args }),
  save: save(from('step')),
})

describe('a valid graph', () => {
  it('has no problems', () => expect(problems(ndvi)).toEqual([]))
  it('may have parameters without a value', () => {
    const load = node('load_collection', {
      id: parameter('which'),
      spatial_extent: parameter('where'),
      temporal_extent: null,
    })
    expect(problems({ ...ndvi, load })).toEqual([])
  })
  it('may save nothing: it may be meant as a process of its own', () => {
    expect(problems({ load: { ...loadAll('s2'), result: true } })).toEqual([])
  })
})

describe('structure', () => {
  it.each([undefined, null, 1, 'text', [], {}])('%j is no graph', (graph) => {
    expect(codes(graph)).toEqual(['ProcessGraphMissing'])
  })
  it.each([undefined, null, 1, [], {}])('%j is no process', (process) => {
    expect(checkProcess(process, world).map(({ code }) => code)).toEqual(['ProcessGraphMissing'])
  })
  it('needs exactly one result', () => {
    expect(codes({ one: node('pi') })).toEqual(['ProcessGraphInvalid'])
    const two = problems({ one: node('pi', {}, true), two: node('e', {}, true) })
    expect(two).toMatchObject([{ code: 'ProcessGraphInvalid', path: { nodeId: 'two' } }])
  })
  it('has no circle', () => {
    const circle = { a: node('absolute', { x: from('b') }), b: node('absolute', { x: from('a') }, true) }
    expect(problems(circle)).toMatchObject([{ code: 'ProcessGraphInvalid', path: { nodeId: 'a' } }])
    expect(codes({ a: node('absolute', { x: from('a') }, true) })).toEqual(['ProcessGraphInvalid'])
  })
  it('has no dangling node', () => {
    const found = problems({ a: node('absolute', { x: from('nobody') }, true) })
    expect(found).toMatchObject([{ code: 'ProcessGraphInvalid', path: { nodeId: 'a', argument: 'x' } }])
  })
  it('looks into child graphs', () => {
    const reducing = { process_graph: { one: node('mean', { data: from('nobody') }, true) } }
    const found = problems(through('reduce_dimension', { dimension: 't', reducer: reducing }))
    expect(found[0]).toMatchObject({
      code: 'ProcessGraphInvalid',
      path: { nodeId: 'one', argument: 'data', parents: [{ nodeId: 'step', argument: 'reducer' }] },
    })
  })
  it.each([1, null, 'text', [], { process_id: 5 }, { process_id: 'pi', arguments: [] }])('%j is no node', (one) => {
    expect(codes({ one, two: node('pi', {}, true) })).toEqual(['ProcessGraphInvalid'])
  })
})

describe('processes and arguments', () => {
  it.each(['nothing', '__proto__', 'constructor', ''])('process %j is not known', (id) => {
    expect(problems({ one: node(id, {}, true) })).toMatchObject([
      { code: 'ProcessUnsupported', path: { nodeId: 'one' } },
    ])
  })
  it('knows no namespace but its own', () => {
    expect(codes({ one: { ...node('pi', {}, true), namespace: 'user' } })).toEqual(['ProcessUnsupported'])
    expect(codes({ one: { ...node('pi', {}, true), namespace: 'backend' } })).toEqual([])
  })
  it('names what is missing, unknown and of the wrong type', () => {
    const found = problems({ one: node('clip', { x: 'text', min: 0, maximum: 1 }, true) })
    expect(found.map(({ code, path }) => [code, path?.argument])).toEqual([
      ['ProcessParameterUnsupported', 'maximum'],
      ['ProcessParameterInvalid', 'x'],
      ['ProcessParameterRequired', 'max'],
    ])
  })
  const wrong: [string, string, Record<string, unknown>][] = [
    ['extent', 'filter_bbox', { extent: { west: 1, south: 2, east: 3 } }],
    ['extent', 'filter_bbox', { extent: { west: 'x', south: 2, east: 3, north: 4 } }],
    ['extent', 'filter_bbox', { extent: { west: 1, south: 4, east: 3, north: 2 } }],
    ['extent', 'filter_bbox', { extent: { west: 1, south: 2, east: 3, north: 94 } }],
    ['extent', 'filter_bbox', { extent: { west: 1, south: 2, east: 3, north: 4, crs: 1 } }],
    ['extent', 'filter_bbox', { extent: { west: 1, south: 2, east: 3, north: 4, crs: 999999 } }],
    ['extent', 'filter_bbox', { extent: { west: 1, south: 2, east: 3, north: 4, crs: 'PROJCS[broken' } }],
    ['extent', 'filter_temporal', { extent: ['2023-01-01'] }],
    ['extent', 'filter_temporal', { extent: ['2023-01-01', 'tomorrow'] }],
    ['extent', 'filter_temporal', { extent: ['2023-02-30', '2023-03-01'] }],
    ['extent', 'filter_temporal', { extent: [null, null] }],
    ['bands', 'filter_bands', { bands: ['B99'] }],
    ['geometries', 'filter_spatial', { geometries: { type: 'Point', coordinates: [9, 46] } }],
    [
      'geometries',
      'filter_spatial',
      {
        geometries: {
          type: 'Polygon',
          coordinates: [
            [
              [9, 46],
              [10, 'x'],
              [10, 47],
              [9, 46],
            ],
          ],
        },
      },
    ],
    ['geometries', 'filter_spatial', { geometries: { type: 'Nothing' } }],
    ['period', 'aggregate_temporal_period', { period: 'fortnight', reducer: reducer('mean') }],
    ['process', 'apply', { process: { x: 1 } }],
    ['process', 'apply', { process: child('array_create', { data: [parameter('x')] }) }],
    [
      'reducer',
      'reduce_dimension',
      { dimension: 't', reducer: child('quantiles', { data: parameter('data'), probabilities: 4 }) },
    ],
    ['method', 'resample_spatial', { resolution: 20, method: 'magic' }],
  ]
  it.each(wrong)('%s of %s: %j', (argument, id, args) => {
    expect(problems(through(id, args))).toMatchObject([
      { code: 'ProcessParameterInvalid', path: { nodeId: 'step', argument } },
    ])
  })
  it('takes a cube only where a cube is asked for', () => {
    expect(problems({ load: loadAll('s2'), one: node('absolute', { x: from('load') }, true) })).toMatchObject([
      { code: 'ProcessParameterInvalid', path: { nodeId: 'one', argument: 'x' } },
    ])
    expect(codes({ one: node('ndvi', { data: 5 }, true) })).toEqual(['ProcessParameterInvalid'])
  })
  it('tells numbers from truth values', () => {
    const wants = through('apply', { process: child('not', { x: parameter('x') }) })
    expect(problems(wants)).toMatchObject([
      { path: { nodeId: 'only', argument: 'x', parents: [{ nodeId: 'step', argument: 'process' }] } },
    ])
  })
})

describe('data and dimensions', () => {
  const coded: [string, string, Record<string, unknown>][] = [
    ['DimensionNotAvailable', 'reduce_dimension', { dimension: 'time', reducer: reducer('mean') }],
    ['FeatureUnsupported', 'reduce_dimension', { dimension: 'x', reducer: reducer('mean') }],
    ['TemporalExtentEmpty', 'filter_temporal', { extent: ['2023-02-01', '2023-02-01'] }],
    ['BandFilterParameterMissing', 'filter_bands', {}],
    ['NirBandAmbiguous', 'ndvi', { nir: 'B99' }],
    ['RedBandAmbiguous', 'ndvi', { red: 'B99' }],
    ['BandExists', 'ndvi', { target_band: 'SCL' }],
    ['DimensionExists', 'add_dimension', { name: 'bands', label: 'x' }],
    ['DimensionExists', 'add_dimension', { name: 'y', label: 'x' }],
    ['DimensionLabelCountMismatch', 'drop_dimension', { name: 't' }],
    ['LabelNotAvailable', 'rename_labels', { dimension: 'bands', source: ['X'], target: ['Y'] }],
    ['LabelExists', 'rename_labels', { dimension: 'bands', source: ['B04'], target: ['B08'] }],
    ['LabelMismatch', 'rename_labels', { dimension: 'bands', source: ['B04'], target: ['X', 'Y'] }],
    [
      'ArrayElementNotAvailable',
      'reduce_dimension',
      { dimension: 'bands', reducer: reducer('array_element', { label: 'B99' }) },
    ],
    ['NoDataAvailable', 'filter_bbox', { extent: { west: 0, south: 0, east: 1, north: 1 } }],
  ]
  it.each(coded)('%s: %s', (code, id, args) => expect(codes(through(id, args))).toEqual([code]))

  it('knows which collections there are, and what they hold', () => {
    const load = (args: Record<string, unknown>) => problems({ load: { ...loadAll('s2', args), result: true } })
    expect(load({ id: 'nothing' })).toMatchObject([
      { code: 'CollectionNotFound', path: { nodeId: 'load', argument: 'id' } },
    ])
    expect(load({ id: '__proto__' })).toMatchObject([{ code: 'CollectionNotFound' }])
    expect(load({ bands: ['nir', 'B99'] })).toMatchObject([
      { code: 'ProcessParameterInvalid', path: { argument: 'bands' } },
    ])
    expect(load({ temporal_extent: ['2024-01-01', null] })).toMatchObject([{ code: 'NoDataAvailable' }])
    expect(load({ temporal_extent: ['2023-02-10', '2023-01-10'] })).toMatchObject([{ code: 'TemporalExtentEmpty' }])
    expect(load({ spatial_extent: { west: -60, south: -10, east: -50, north: 0 } })).toMatchObject([
      { code: 'NoDataAvailable' },
    ])
    expect(load({ spatial_extent: { west: -180, south: 85, east: 180, north: 90 } })).toMatchObject([
      { code: 'NoDataAvailable' },
    ])
  })

  it('follows dimensions from node to node', () => {
    const graph = {
      load: loadAll('s2'),
      median: node('reduce_dimension', { data: from('load'), dimension: 't', reducer: reducer('median') }),
      again: node('aggregate_temporal_period', { data: from('median'), period: 'month', reducer: reducer('mean') }),
      save: save(from('again')),
    }
    expect(problems(graph)).toMatchObject([{ code: 'DimensionNotAvailable', path: { nodeId: 'again' } }])
  })

  it('a mask has to fit', () => {
    const graph = (mask: Record<string, unknown>) => ({
      load: loadAll('s2', { bands: ['B04'] }),
      other: loadAll('s2', mask),
      mask: node('mask', { data: from('load'), mask: from('other') }),
      save: save(from('mask')),
    })
    expect(codes(graph({ bands: ['SCL'] }))).toEqual(['IncompatibleDataCubes'])
    expect(codes(graph({ bands: ['B04'] }))).toEqual([])
  })

  it('formats and their options', () => {
    const saving = (args: Record<string, unknown>) => codes({ load: loadAll('s2'), save: save(from('load'), args) })
    expect(saving({ format: 'gtiff' })).toEqual([])
    expect(saving({ format: 'BMP' })).toEqual(['ProcessParameterInvalid'])
    expect(saving({ options: { datatype: 'uint8' } })).toEqual([])
    expect(saving({ options: { datatype: 'complex' } })).toEqual(['ProcessParameterInvalid'])
    expect(saving({ options: { dataype: 'uint8' } })).toEqual(['ProcessParameterInvalid'])
    expect(saving({ options: { filename_prefix: '../../etc/x' } })).toEqual(['ProcessParameterInvalid'])
    expect(saving({ format: 'PNG' })).toEqual([])
    expect(
      codes({ load: loadAll('s2', { bands: ['B04', 'B08'] }), save: save(from('load'), { format: 'PNG' }) }),
    ).toEqual(['FormatUnsuitable'])
    const none = {
      load: loadAll('s2'),
      step: node('filter_temporal', { data: from('load'), extent: ['2030-01-01', null] }),
      save: save(from('step')),
    }
    expect(codes(none)).toEqual(['DataCubeEmpty'])
  })
})

describe('hostile graphs', () => {
  const chain = (length: number) => {
    const graph: GraphJson = { n0: node('constant', { x: 1 }) }
    for (let i = 1; i <= length; i++) graph[`n${i}`] = node('add', { x: from(`n${i - 1}`), y: 1 }, i === length)
    return graph
  }
  it('a chain of 6,000 nodes is no problem, whatever their order', () => {
    expect(problems(chain(6000))).toEqual([])
    expect(problems(Object.fromEntries(Object.entries(chain(6000)).reverse()))).toEqual([])
  })
  it('a chain of 6,000 steps on every pixel neither', () => {
    const graph = chain(6000)
    graph.n0 = node('constant', { x: parameter('x') })
    expect(problems(through('apply', { process: { process_graph: graph } }))).toEqual([])
  })
  it('more than 20,000 nodes are too many', () => {
    expect(codes(chain(20_001))).toEqual(['ProcessGraphComplexity'])
  })
  it('a chain of 6,000 cubes is computed or refused, but nothing breaks', () => {
    const graph: GraphJson = { n0: loadAll('s2') }
    for (let i = 1; i <= 6000; i++) {
      graph[`n${i}`] = node(
        'apply',
        { data: from(`n${i - 1}`), process: child('absolute', { x: parameter('x') }) },
        i === 6000,
      )
    }
    graph.end = node('reduce_dimension', { data: from('n6000'), dimension: 't', reducer: reducer('mean') })
    expect(['', 'ProcessGraphComplexity']).toContain(codes(graph).join())
  })
  it('deep arguments are refused', () => {
    let deep: unknown = 1
    for (let i = 0; i < 10_000; i++) deep = [deep]
    expect(codes({ one: node('constant', { x: deep }, true) })).toEqual(['ProcessGraphComplexity'])
  })
  it('deep child graphs are refused', () => {
    let inner: unknown = { one: node('pi', {}, true) }
    for (let i = 0; i < 200; i++)
      inner = { one: node('count', { data: [1], condition: { process_graph: inner } }, true) }
    expect(codes(inner)).toContain('ProcessGraphComplexity')
  })
  it('child graphs that multiply are stopped', () => {
    let inner: GraphJson = { one: node('eq', { x: parameter('x'), y: 1 }, true) }
    for (let i = 0; i < 12; i++) {
      inner = {
        one: node('gt', { x: from('two'), y: 0 }, true),
        two: node('count', { data: [1, 2, 3, 4, 5, 6, 7, 8], condition: { process_graph: inner } }),
      }
    }
    expect(codes(inner)).toContain('ProcessGraphComplexity')
  })
  it('`__proto__` is a name like any other', () => {
    const graph = JSON.parse(
      '{"__proto__": {"process_id": "pi", "arguments": {"__proto__": 1}, "result": true}}',
    ) as unknown
    expect(codes(graph)).toEqual(['ProcessParameterUnsupported'])
    expect(({} as Record<string, unknown>).process_id).toBeUndefined()
  })
  it.each([null, 0, 'x', true, [], {}, [[]], { from_node: 5 }, { from_parameter: [] }, { process_graph: 1 }])(
    '%j in every argument of every process gives problems, never an exception',
    async (value) => {
      const { processDefinitions } = await import('../../../../main/local/processes/index.ts')
      for (const { id, parameters } of processDefinitions) {
        for (const { name } of parameters) {
          const args = Object.fromEntries(parameters.map((one) => [one.name, one.name === name ? value : from('load')]))
          expect(Array.isArray(problems({ load: loadAll('s2'), one: node(id, args, true) })), `${id}.${name}`).toBe(
            true,
          )
        }
      }
    },
  )
})
