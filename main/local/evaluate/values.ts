/**
 * What the nodes of a process graph give: constants, pixels, arrays, cubes.
 * Owns: the types of values, cubes and dimensions, and reading arguments as what a process needs. Does not: compute.
 * A cube holds no numbers: it says which expression each of its planes is. So a cube costs nothing until it is
 * written, and only what the written planes depend on is ever read.
 */
import type { Grid } from '../../raster/types.ts'
import type { Expression } from './expression.ts'
import type { Graph } from './graph.ts'
import { GraphError, invalid } from './problem.ts'

export type Label = string | number

export type DimensionType = 'temporal' | 'bands' | 'other'

/** A dimension other than x and y. */
export type Dimension = {
  name: string
  type: DimensionType
  labels: readonly Label[]
  /** Of a temporal dimension, for each label: milliseconds since 1970, the end excluded where it is a period. */
  times?: readonly ({ start: number; end: number } | null)[]
  /** Of bands, for each label. */
  commonNames?: readonly (string | null)[]
}

export type ValueType = 'number' | 'boolean'

/** Planes of pixels over x and y, one for each combination of labels of the other dimensions. */
export type Cube = {
  grid: Grid
  /** Names of the horizontal dimensions. */
  x: string
  y: string
  dimensions: readonly Dimension[]
  valueType: ValueType
  /** The expression of one plane; `index` has one position for each of the dimensions. */
  plane: (index: readonly number[]) => Expression
}

export type Scope = { parameters: ReadonlyMap<string, Value>; outer: Scope | null }

export type Value =
  | { kind: 'constant'; value: unknown }
  | { kind: 'pixel'; expression: Expression; type: ValueType }
  | { kind: 'array'; items: readonly Value[]; labels: readonly Label[] | null }
  | { kind: 'cube'; cube: Cube }
  | { kind: 'graph'; graph: Graph; scope: Scope }
  | { kind: 'saved'; cube: Cube; format: string; options: Readonly<Record<string, unknown>> }
  /** Cannot be told: something before it is wrong, or a parameter has no value yet. */
  | { kind: 'unknown' }

export const unknown: Value = { kind: 'unknown' }
export const constant = (value: unknown): Value => ({ kind: 'constant', value })
export const cubeValue = (cube: Cube): Value => ({ kind: 'cube', cube })

/** A cube that remembers its planes, so that each is made once. */
export function rememberingCube(cube: Cube): Cube {
  const known = new Map<string, Expression>()
  return {
    ...cube,
    plane: (index) => {
      const key = index.join(',')
      const found = known.get(key)
      if (found !== undefined) return found
      const made = cube.plane(index)
      known.set(key, made)
      return made
    },
  }
}

/** Position of a dimension in the index of a plane; -1 where the cube has none of the name. */
export const positionOf = ({ dimensions }: Cube, name: string): number =>
  dimensions.findIndex((dimension) => dimension.name === name)

/**
 * The position of the dimension with this name.
 * @throws GraphError DimensionNotAvailable; FeatureUnsupported for x and y
 */
export function dimensionNamed(cube: Cube, name: string, argument = 'dimension'): number {
  if (name === cube.x || name === cube.y) {
    throw new GraphError(
      'FeatureUnsupported',
      `The dimension "${name}" cannot be used here: it is horizontal.`,
      argument,
    )
  }
  const position = positionOf(cube, name)
  if (position < 0) {
    const names = [cube.x, cube.y, ...cube.dimensions.map((dimension) => dimension.name)].join(', ')
    throw new GraphError('DimensionNotAvailable', `The cube has no dimension "${name}", but ${names}.`, argument)
  }
  return position
}

/** The items of an array, whether it is a constant or not; null where the value is no array. */
export function arrayItems(value: Value): { items: readonly Value[]; labels: readonly Label[] | null } | null {
  if (value.kind === 'array') return value
  if (value.kind === 'constant' && Array.isArray(value.value)) {
    return { items: (value.value as unknown[]).map(constant), labels: null }
  }
  return null
}

/** An array; a constant one where all items are constants and it has no labels. */
export function makeArray(items: readonly Value[], labels: readonly Label[] | null = null): Value {
  if (items.some(({ kind }) => kind === 'unknown')) return unknown
  if (labels === null && items.every(({ kind }) => kind === 'constant')) {
    return constant(items.map((item) => (item.kind === 'constant' ? item.value : null)))
  }
  return { kind: 'array', items, labels }
}

/** The indices of every plane of the dimensions, the last dimension running fastest. */
export function* planeIndices(dimensions: readonly Dimension[]): Generator<number[]> {
  const index = dimensions.map(() => 0)
  if (dimensions.some(({ labels }) => labels.length === 0)) return
  for (;;) {
    yield [...index]
    let position = dimensions.length - 1
    for (; position >= 0; position--) {
      const next = (index[position] ?? 0) + 1
      if (next < (dimensions[position]?.labels.length ?? 0)) {
        index[position] = next
        break
      }
      index[position] = 0
    }
    if (position < 0) return
  }
}

/** The arguments of one call, read as what the process needs. Constants have been checked against the schema. */
export type Arguments = {
  has: (name: string) => boolean
  value: (name: string) => Value
  cube: (name: string) => Cube
  graph: (name: string) => Extract<Value, { kind: 'graph' }>
  constant: (name: string) => unknown
  text: (name: string) => string
  number: (name: string) => number
  flag: (name: string) => boolean
}

export function argumentsOf(values: ReadonlyMap<string, Value>, defaults: ReadonlyMap<string, unknown>): Arguments {
  const value = (name: string): Value => values.get(name) ?? constant(defaults.get(name) ?? null)
  const fixed = (name: string): unknown => {
    const given = value(name)
    if (given.kind === 'constant') return given.value
    if (given.kind === 'array') return given.items.map((item) => (item.kind === 'constant' ? item.value : never(name)))
    return never(name)
  }
  const never = (name: string): never => {
    throw invalid(name, 'it has to be a constant here, not something that differs from pixel to pixel.')
  }
  return {
    has: (name) => values.has(name),
    value,
    constant: fixed,
    cube: (name) => {
      const given = value(name)
      if (given.kind !== 'cube') throw invalid(name, 'a data cube is needed.')
      return given.cube
    },
    graph: (name) => {
      const given = value(name)
      if (given.kind !== 'graph') throw invalid(name, 'a child process is needed.')
      return given
    },
    text: (name) => {
      const given = fixed(name)
      if (typeof given !== 'string') throw invalid(name, 'a text is needed.')
      return given
    },
    number: (name) => {
      const given = fixed(name)
      if (typeof given !== 'number') throw invalid(name, 'a number is needed.')
      return given
    },
    flag: (name) => fixed(name) === true,
  }
}
