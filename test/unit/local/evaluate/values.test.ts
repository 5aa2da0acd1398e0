/**
 * What each process on values gives, as constants and as pixels of a block.
 * Each case is computed twice: by folding constants, and by a compiled program over planes. Where a case has texts,
 * arrays as results or a plain NaN there is no pixel to compute with, and only constants are tried.
 */
import { describe, expect, it } from 'vitest'
import { createExpressions, type Expression } from '../../../../main/local/evaluate/expression.ts'
import { implementations } from '../../../../main/local/evaluate/implement/index.ts'
import { GraphError } from '../../../../main/local/evaluate/problem.ts'
import { compileProgram } from '../../../../main/local/evaluate/program.ts'
import type { Tracing } from '../../../../main/local/evaluate/tracing.ts'
import { argumentsOf, arrayItems, constant, type Value } from '../../../../main/local/evaluate/values.ts'
import { processDefinition, processDefinitions } from '../../../../main/local/processes/index.ts'
import { describedCollection } from './fixtures.ts'

const { NaN: none, POSITIVE_INFINITY: infinite } = Number
type Args = Record<string, unknown>

function call(id: string, values: Map<string, Value>, expressions = createExpressions()): Value {
  const tracing: Tracing = {
    world: { collections: new Map(), stac: null },
    expressions,
    log: () => undefined,
    call: () => {
      throw new Error('no child graphs here')
    },
  }
  const defaults = new Map(processDefinition(id)?.parameters.map((one) => [one.name, one.default]) ?? [])
  const implementation = implementations.get(id)
  if (implementation === undefined) throw new Error(`${id} is not implemented`)
  return implementation(argumentsOf(values, defaults), tracing)
}

function asConstants(id: string, args: Args): unknown {
  const value = call(id, new Map(Object.entries(args).map(([name, one]) => [name, constant(one)])))
  if (value.kind !== 'constant') throw new Error(`${id} gives a ${value.kind}`)
  return value.value
}

/** Parameters that are pixels in practice; the others stay constants. */
const PIXELS = new Set(['x', 'y', 'base', 'p', 'value', 'accept', 'reject', 'data'])

/** The same case with a leaf in place of each number; null and truth as planes hold them. */
function asPixels(id: string, args: Args): number[] {
  const expressions = createExpressions()
  const numbers: number[] = []
  const band = describedCollection('c', [{ id: 's', datetime: null, bands: { B: 1 } }]).scenes[0]?.bands[0]
  if (band === undefined) throw new Error('no band')
  const pixel = (value: unknown): Value => {
    numbers.push(value === null ? none : Number(value))
    const leaf = expressions.leaf({ kind: 'read', key: `${numbers.length}`, band, sceneId: 's', grid: band.grid })
    return { kind: 'pixel', expression: leaf, type: typeof value === 'boolean' ? 'boolean' : 'number' }
  }
  const values = Object.entries(args).map(([name, value]): [string, Value] => {
    if (!PIXELS.has(name) || (id === 'round' && name === 'p')) return [name, constant(value)]
    if (Array.isArray(value)) return [name, { kind: 'array', items: value.map(pixel), labels: null }]
    return [name, pixel(value)]
  })
  const result = call(id, new Map(values), expressions)
  const items = arrayItems(result)?.items ?? [result]
  return items.map((item) => {
    if (item.kind === 'constant') return item.value === null ? none : Number(item.value)
    if (item.kind !== 'pixel') throw new Error(`${id} gives a ${item.kind}`)
    return run(item.expression, numbers)
  })
}

/** Over more pixels than one run takes, so that its seams are tried as well. */
function run(root: Expression, numbers: readonly number[]): number {
  const length = 5000
  const program = compileProgram([root], new Set())
  const planes = program.leaves.map((leaf) => ({
    values: new Float64Array(length).fill(numbers[Number(leaf.key) - 1] ?? none),
    nodata: null,
  }))
  const found = new Set<number>()
  program.run(planes, length, (_, values, __, count) => {
    for (const value of values.subarray(0, count)) found.add(value)
  })
  expect(found.size).toBe(1)
  return [...found][0] as number
}

type Case = [id: string, args: Args, expected: unknown]
const cases: Case[] = [
  ['add', { x: 5, y: 2.5 }, 7.5],
  ['add', { x: 1, y: null }, null],
  ['subtract', { x: 5, y: 2.5 }, 2.5],
  ['multiply', { x: -2, y: -4 }, 8],
  ['multiply', { x: null, y: 2 }, null],
  ['divide', { x: 5, y: 2.5 }, 2],
  ['divide', { x: 1, y: 0 }, infinite],
  ['divide', { x: -1, y: 0 }, -infinite],
  ['mod', { x: 27, y: 5 }, 2],
  ['mod', { x: -27, y: 5 }, 3],
  ['mod', { x: 27, y: -5 }, -3],
  ['mod', { x: -27, y: -5 }, -2],
  ['mod', { x: 5, y: 0 }, infinite],
  ['mod', { x: -5, y: 0 }, -infinite],
  ['mod', { x: 27, y: null }, null],
  ['power', { base: 0, p: 2 }, 0],
  ['power', { base: 2.5, p: 0 }, 1],
  ['power', { base: 3, p: -1 }, 1 / 3],
  ['power', { base: null, p: 0 }, null],
  ['power', { base: 2, p: null }, null],
  ['sqrt', { x: 9 }, 3],
  ['absolute', { x: -3.5 }, 3.5],
  ['absolute', { x: null }, null],
  ['exp', { p: 0 }, 1],
  ['ln', { x: 1 }, 0],
  ['ln', { x: 0 }, -infinite],
  ['log', { x: 1000, base: 10 }, 3],
  ['log', { x: 8, base: 2 }, 3],
  ['log', { x: 0, base: 10 }, -infinite],
  ['int', { x: -3.5 }, -3],
  ['floor', { x: -3.5 }, -4],
  ['ceil', { x: -3.5 }, -3],
  ['round', { x: -3.56, p: 1 }, -3.6],
  ['round', { x: 2.5 }, 2],
  ['round', { x: 3.5 }, 4],
  ['round', { x: -2.5 }, -2],
  ['round', { x: -0.5 }, -0],
  ['round', { x: 0.125, p: 2 }, 0.12],
  ['round', { x: 2.675, p: 2 }, 2.68],
  ['round', { x: 1250, p: -2 }, 1200],
  ['round', { x: 1234.5, p: -2 }, 1200],
  ['round', { x: null, p: 2 }, null],
  ['clip', { x: -5, min: -1, max: 1 }, -1],
  ['clip', { x: 10.001, min: 1, max: 10 }, 10],
  ['clip', { x: 0.5, min: 0, max: 0.5 }, 0.5],
  ['clip', { x: null, min: 0, max: 1 }, null],
  ['sgn', { x: -2 }, -1],
  ['sgn', { x: 3.5 }, 1],
  ['sgn', { x: 0 }, 0],
  ['arctan2', { y: 0, x: 0 }, 0],
  ['arctan2', { y: 1, x: -1 }, Math.PI * 0.75],
  ['linear_scale_range', { x: 0.3, inputMin: -1, inputMax: 1, outputMin: 0, outputMax: 255 }, 165.75],
  ['linear_scale_range', { x: 25.5, inputMin: 0, inputMax: 255 }, 0.1],
  ['linear_scale_range', { x: 500, inputMin: 0, inputMax: 100, outputMin: 0, outputMax: 10 }, 10],
  ['linear_scale_range', { x: -500, inputMin: 0, inputMax: 100, outputMin: 2, outputMax: 10 }, 2],
  ['linear_scale_range', { x: null, inputMin: 0, inputMax: 100 }, null],
  ['normalized_difference', { x: 3, y: 1 }, 0.5],
  ['eq', { x: 1, y: 1 }, true],
  ['eq', { x: 1, y: null }, null],
  ['eq', { x: null, y: null }, null],
  ['eq', { x: 1, y: true }, false],
  ['eq', { x: 1.02, y: 1, delta: 0.01 }, false],
  ['eq', { x: -1, y: -1.001, delta: 0.01 }, true],
  ['neq', { x: 1, y: 2 }, true],
  ['neq', { x: 1, y: true }, true],
  ['neq', { x: 1, y: null }, null],
  ['neq', { x: 1.02, y: 1, delta: 0.01 }, true],
  ['gt', { x: 2, y: 1 }, true],
  ['gt', { x: 1, y: 1 }, false],
  ['gt', { x: null, y: 1 }, null],
  ['gte', { x: 0, y: 0 }, true],
  ['gte', { x: 1, y: null }, null],
  ['lt', { x: 1, y: 2 }, true],
  ['lt', { x: true, y: 2 }, false],
  ['lte', { x: 2, y: 2 }, true],
  ['between', { x: 0.5, min: 1, max: 0 }, false],
  ['between', { x: 10, min: 0, max: 10 }, true],
  ['between', { x: 10, min: 0, max: 10, exclude_max: true }, false],
  ['between', { x: 0, min: 0, max: 10, exclude_max: true }, true],
  ['between', { x: null, min: 0, max: 1 }, null],
  ['and', { x: true, y: null }, null],
  ['and', { x: false, y: null }, false],
  ['and', { x: null, y: false }, false],
  ['and', { x: null, y: null }, null],
  ['or', { x: true, y: null }, true],
  ['or', { x: false, y: null }, null],
  ['or', { x: null, y: true }, true],
  ['xor', { x: true, y: false }, true],
  ['xor', { x: true, y: true }, false],
  ['xor', { x: true, y: null }, null],
  ['not', { x: null }, null],
  ['not', { x: false }, true],
  ['if', { value: true, accept: 3, reject: 4 }, 3],
  ['if', { value: null, accept: 3, reject: 4 }, 4],
  ['if', { value: false, accept: 3 }, null],
  ['is_nodata', { x: null }, true],
  ['is_nodata', { x: 0 }, false],
  ['is_valid', { x: 0 }, true],
  ['is_valid', { x: null }, false],
  ['is_valid', { x: infinite }, false],
  ['is_infinite', { x: -infinite }, true],
  ['sum', { data: [5, 1] }, 6],
  ['sum', { data: [-2, 4, 2.5] }, 4.5],
  ['sum', { data: [1, null] }, 1],
  ['sum', { data: [1, null], ignore_nodata: false }, null],
  ['sum', { data: [] }, null],
  ['sum', { data: [null, null] }, null],
  ['product', { data: [5, 0] }, 0],
  ['product', { data: [-2, 4, 2.5] }, -20],
  ['product', { data: [] }, null],
  ['product', { data: [2, null], ignore_nodata: false }, null],
  ['min', { data: [1, 0, 3, 2] }, 0],
  ['min', { data: [5, 2.5, null, -0.7] }, -0.7],
  ['min', { data: [1, 0, 3, null, 2], ignore_nodata: false }, null],
  ['min', { data: [] }, null],
  ['min', { data: [infinite] }, infinite],
  ['max', { data: [5, 2.5, null, -0.7] }, 5],
  ['max', { data: [-infinite, null] }, -infinite],
  ['mean', { data: [1, 0, 3, 2] }, 1.5],
  ['mean', { data: [9, 2.5, null, -2.5] }, 3],
  ['mean', { data: [1, null], ignore_nodata: false }, null],
  ['mean', { data: [] }, null],
  ['median', { data: [1, 3, 3, 6, 7, 8, 9] }, 6],
  ['median', { data: [1, 2, 3, 4, 5, 6, 8, 9] }, 4.5],
  ['median', { data: [-1, -0.5, null, 1] }, -0.5],
  ['median', { data: [-1, 0, null, 1], ignore_nodata: false }, null],
  ['median', { data: [] }, null],
  ['variance', { data: [-1, 1, 3, null] }, 4],
  ['variance', { data: [-1, 1, null, 3], ignore_nodata: false }, null],
  ['variance', { data: [1] }, null],
  ['variance', { data: [1e9 + 1, 1e9 + 2, 1e9 + 3] }, 1],
  ['sd', { data: [-1, 1, 3, null] }, 2],
  ['sd', { data: [] }, null],
  ['count', { data: [] }, 0],
  ['count', { data: [1, 0, 3, 2] }, 4],
  ['count', { data: [0, null, infinite] }, 1],
  ['count', { data: [0, null], condition: true }, 2],
  ['first', { data: [1, 0, 3, 2] }, 1],
  ['first', { data: [null, 2, 3] }, 2],
  ['first', { data: [null, 2, 3], ignore_nodata: false }, null],
  ['first', { data: [] }, null],
  ['last', { data: [0, 1, null] }, 1],
  ['last', { data: [0, 1, null], ignore_nodata: false }, null],
  ['all', { data: [false, null] }, false],
  ['all', { data: [true, null] }, true],
  ['all', { data: [false, null], ignore_nodata: false }, false],
  ['all', { data: [true, null], ignore_nodata: false }, null],
  ['all', { data: [null], ignore_nodata: false }, null],
  ['all', { data: [] }, true],
  ['any', { data: [false, null] }, false],
  ['any', { data: [true, null], ignore_nodata: false }, true],
  ['any', { data: [false, null], ignore_nodata: false }, null],
  ['any', { data: [] }, false],
  ['extrema', { data: [1, 0, 3, 2] }, [0, 3]],
  ['extrema', { data: [5, 2.5, null, -0.7] }, [-0.7, 5]],
  ['extrema', { data: [1, null], ignore_nodata: false }, [null, null]],
  ['extrema', { data: [] }, [null, null]],
  [
    'quantiles',
    { data: [2, 4, 4, 4, 5, 5, 7, 9], probabilities: [0.005, 0.01, 0.02, 0.05, 0.1, 0.5] },
    [2.07, 2.14, 2.28, 2.7, 3.4, 4.5],
  ],
  ['quantiles', { data: [2, 4, 4, 4, 5, 5, 7, 9], probabilities: 4 }, [4, 4.5, 5.5]],
  ['quantiles', { data: [2, 4, 4, 4, 5, 5, 7, 9], q: 2 }, [4.5]],
  ['quantiles', { data: [-1, -0.5, null, 1], probabilities: 2 }, [-0.5]],
  ['quantiles', { data: [-1, -0.5, null, 1], probabilities: 4, ignore_nodata: false }, [null, null, null]],
  ['quantiles', { data: [], probabilities: [0.1, 0.5] }, [null, null]],
  ['quantiles', { data: [3, 1, 2], probabilities: [0, 1] }, [1, 3]],
  ['array_element', { data: [9, 8, 7], index: 2 }, 7],
  ['array_element', { data: [], index: 0, return_nodata: true }, null],
  ['array_contains', { data: [1, 2, 3], value: 2 }, true],
  ['array_contains', { data: [1, 2, null], value: null }, false],
]

/** Numbers close to one another; null and truth exactly. */
function same(found: unknown, expected: unknown): void {
  if (Array.isArray(expected)) {
    expect(found).toHaveLength(expected.length)
    for (const [i, one] of expected.entries()) same((found as unknown[])[i], one)
  } else if (typeof expected === 'number' && Number.isFinite(expected)) expect(found).toBeCloseTo(expected, 12)
  else expect(found).toBe(expected)
}

const asNumber = (value: unknown): number => (value === null ? none : Number(value))

describe.each(cases)('%s(%j)', (id, args, expected) => {
  it('of constants', () => same(asConstants(id, args), expected))
  it('of pixels', () => {
    const wanted = Array.isArray(expected) ? expected.map(asNumber) : [asNumber(expected)]
    same(asPixels(id, args), wanted)
  })
})

describe('constants only', () => {
  const only: Case[] = [
    ['divide', { x: 0, y: 0 }, none],
    ['mod', { x: 0, y: 0 }, none],
    ['normalized_difference', { x: 0, y: 0 }, none],
    ['sqrt', { x: -1 }, none],
    ['arccos', { x: 2 }, none],
    ['e', {}, Math.E],
    ['pi', {}, Math.PI],
    ['nan', {}, none],
    ['constant', { x: 'text' }, 'text'],
    ['eq', { x: 'Test', y: 'test' }, false],
    ['eq', { x: 'Test', y: 'test', case_sensitive: false }, true],
    ['eq', { x: '1', y: 1 }, false],
    ['eq', { x: none, y: none }, false],
    ['gt', { x: 'b', y: 'a' }, false],
    ['gt', { x: none, y: 1 }, false],
    ['is_nan', { x: none }, true],
    ['is_nan', { x: null }, false],
    ['is_nan', { x: 'text' }, false],
    ['is_nodata', { x: none }, false],
    ['is_valid', { x: none }, false],
    ['is_valid', { x: [null] }, true],
    ['sum', { data: [1, none] }, none],
    ['first', { data: ['a', null] }, 'a'],
    ['last', { data: [null, 'b', null] }, 'b'],
    ['count', { data: ['a', null, 1] }, 2],
    ['array_create', {}, []],
    ['array_create', { data: [1, null], repeat: 2 }, [1, null, 1, null]],
    ['array_concat', { array1: ['a'], array2: [1] }, ['a', 1]],
    ['array_contains', { data: ['1', 2], value: 1 }, false],
    ['array_labels', { data: ['a', 'b'] }, [0, 1]],
  ]
  it.each(only)('%s(%j)', (id, args, expected) => expect(asConstants(id, args)).toEqual(expected))
})

describe('failures', () => {
  const failing: Case[] = [
    ['clip', { x: 1, min: 2, max: 1 }, 'MinMaxSwapped'],
    ['quantiles', { data: [1] }, 'QuantilesParameterMissing'],
    ['quantiles', { data: [1], probabilities: [0.5], q: 2 }, 'QuantilesParameterConflict'],
    ['quantiles', { data: [1], probabilities: [0.9, 0.1] }, 'AscendingProbabilitiesRequired'],
    ['array_element', { data: [1] }, 'ArrayElementParameterMissing'],
    ['array_element', { data: [1], index: 0, label: 'a' }, 'ArrayElementParameterConflict'],
    ['array_element', { data: [1], index: 1 }, 'ArrayElementNotAvailable'],
    ['array_element', { data: [1], label: 'a' }, 'ArrayNotLabeled'],
  ]
  it.each(failing)('%s(%j) is %s', (id, args, code) => {
    try {
      asConstants(id, args)
      expect.unreachable()
    } catch (failure) {
      expect(failure).toBeInstanceOf(GraphError)
      expect((failure as GraphError).code).toBe(code)
      expect(Object.keys(processDefinition(id)?.exceptions ?? {})).toContain(code)
    }
  })
})

it('implements every process that is offered, and no other', () => {
  expect([...implementations.keys()].toSorted()).toEqual(processDefinitions.map(({ id }) => id))
})
