/**
 * What one pixel of a result is computed from, as a graph of expressions shared wherever they are equal.
 * Owns: the forms, and making them: equal expressions are one object, constants are folded, so that common parts of a
 * process graph are computed once. Does not: compute over blocks (schedule.ts) or read (leaf-reader.ts).
 * Inside a cube NaN is "no value"; truth values are 1, 0 and NaN.
 */
import type { Grid, Resampling } from '../../raster/types.ts'
import type { SceneBand } from '../model.ts'
import type { Polygon } from './geometry.ts'
import { PIXEL_OPS, type PixelOp } from './pixel-ops.ts'
import type { Reduction } from './reductions.ts'

/** Where numbers come from. Every leaf lies on a grid; grids that are shifted by whole pixels fit together. */
export type Leaf =
  /** One band of one scene, brought to `grid` where its own grid is another. */
  | { kind: 'read'; key: string; band: SceneBand; sceneId: string; grid: Grid; method?: Resampling }
  /** 1 where the centre of a pixel lies in one of the polygons (coordinates of the grid's CRS), else 0. */
  | { kind: 'inside'; key: string; polygons: readonly Polygon[]; grid: Grid }
  /** 1 in the grid, 0 outside of it. */
  | { kind: 'within'; key: string; grid: Grid }
  /** An expression of another grid, warped. */
  | { kind: 'warp'; key: string; expression: Expression; from: Grid; grid: Grid; method: Resampling }

export type Expression =
  | { id: number; kind: 'constant'; value: number }
  | { id: number; kind: 'leaf'; leaf: Leaf }
  | { id: number; kind: 'op'; op: PixelOp; inputs: readonly Expression[] }
  /** Many values to one, one after the other. */
  | { id: number; kind: 'reduce'; reduction: Reduction; ignoreNodata: boolean; inputs: readonly Expression[] }
  /** One of several quantiles (type 7) of the same values. */
  | { id: number; kind: 'quantile'; of: Quantiles; index: number }

export type Quantiles = {
  id: number
  inputs: readonly Expression[]
  ignoreNodata: boolean
  probabilities: readonly number[]
}

/** What an expression is computed from. */
export const inputsOf = (expression: Expression): readonly Expression[] =>
  expression.kind === 'op' || expression.kind === 'reduce'
    ? expression.inputs
    : expression.kind === 'quantile'
      ? expression.of.inputs
      : []

export type Expressions = ReturnType<typeof createExpressions>

/** A maker of expressions; equal ones of one maker are the same object. */
export function createExpressions() {
  const known = new Map<string, Expression>()
  const quantileSets = new Map<string, Quantiles>()
  const ids = new WeakMap<object, number>()
  let lastId = 0

  const nextId = () => {
    lastId += 1
    return lastId
  }
  const keep = (key: string, make: (id: number) => Expression): Expression => {
    const found = known.get(key)
    if (found !== undefined) return found
    const made = make(nextId())
    known.set(key, made)
    return made
  }
  /** A number for each object, for keys. */
  const numberOf = (object: object): number => {
    const found = ids.get(object)
    if (found !== undefined) return found
    const id = nextId()
    ids.set(object, id)
    return id
  }
  const list = (inputs: readonly Expression[]) => inputs.map(({ id }) => id).join(',')

  const constant = (value: number): Expression =>
    keep(`c${Object.is(value, -0) ? '-0' : value}`, (id) => ({ id, kind: 'constant', value }))

  const leaf = (of: Leaf): Expression => keep(`l${of.kind}:${of.key}`, (id) => ({ id, kind: 'leaf', leaf: of }))

  function op(name: PixelOp, ...inputs: Expression[]): Expression {
    if (inputs.every((input) => input.kind === 'constant')) {
      const registers = inputs.map((input) => Float64Array.of(input.kind === 'constant' ? input.value : Number.NaN))
      const out = new Float64Array(1)
      PIXEL_OPS[name].run(out, registers, 1)
      return constant(out[0] as number)
    }
    return keep(`o${name}:${list(inputs)}`, (id) => ({ id, kind: 'op', op: name, inputs }))
  }

  const reduce = (reduction: Reduction, ignoreNodata: boolean, inputs: readonly Expression[]): Expression =>
    keep(`r${reduction}${ignoreNodata ? '' : '!'}:${list(inputs)}`, (id) => ({
      id,
      kind: 'reduce',
      reduction,
      ignoreNodata,
      inputs,
    }))

  function quantiles(
    inputs: readonly Expression[],
    probabilities: readonly number[],
    ignoreNodata: boolean,
  ): Expression[] {
    const key = `q${probabilities.join(';')}${ignoreNodata ? '' : '!'}:${list(inputs)}`
    let of = quantileSets.get(key)
    if (of === undefined) {
      of = { id: nextId(), inputs, probabilities, ignoreNodata }
      quantileSets.set(key, of)
    }
    const set = of
    return probabilities.map((_, index) =>
      keep(`p${set.id}:${index}`, (id) => ({ id, kind: 'quantile', of: set, index })),
    )
  }

  return { constant, leaf, op, reduce, quantiles, numberOf }
}
