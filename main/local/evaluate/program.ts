/**
 * Expressions as a list of instructions over registers, run over a block in short runs of pixels.
 * Owns: order, registers and their re-use, and the run itself. Does not: read, or decide what is streamed (schedule.ts).
 * A run of pixels is short enough for all registers to stay in the processor's cache: chains of operations cost no
 * trips to memory. Nothing here recurses, so expressions may be as deep as they like.
 */
import type { Values } from '../../raster/types.ts'
import { type Expression, inputsOf, type Leaf, type Quantiles } from './expression.ts'
import { quantilesOf } from './order-statistics.ts'
import { PIXEL_OPS } from './pixel-ops.ts'
import { REDUCTIONS, type State } from './reductions.ts'

/** Pixels of one run. */
const RUN = 2048

/** Numbers of a block in whatever type they came; null: no value anywhere. */
export type Plane = { values: Values; nodata: number | null } | null

type Instruction = (offset: number, count: number, planes: readonly Plane[]) => void

export type Program = {
  /** Leaves and finished reductions that it needs as planes, in the order of its inputs. */
  inputs: readonly Expression[]
  leaves: readonly Leaf[]
  /** Runs over `length` pixels; `take` gets each root's register after each run. */
  run: (
    planes: readonly Plane[],
    length: number,
    take: (root: number, values: Float64Array, offset: number, count: number) => void,
  ) => void
}

/** Roots and all they need, each after its inputs; what is in `given` counts as an input. */
function orderOf(roots: readonly Expression[], given: ReadonlySet<number>): Expression[] {
  const order: Expression[] = []
  const state = new Map<number, 'open' | 'done'>()
  const stack = [...roots].reverse()
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const seen = state.get(top.id)
    if (seen === 'done') {
      stack.pop()
      continue
    }
    if (seen === undefined && !given.has(top.id)) {
      state.set(top.id, 'open')
      const inputs = inputsOf(top)
      for (let i = inputs.length - 1; i >= 0; i--) {
        const input = inputs[i] as Expression
        if (!state.has(input.id)) stack.push(input)
      }
      if (stack.at(-1) !== top) continue
    }
    stack.pop()
    state.set(top.id, 'done')
    order.push(top)
  }
  return order
}

/**
 * The registers of this thread. All programs use the same ones: a run is never interrupted, and what is in a register
 * means nothing after it.
 */
const pool: Float64Array[] = []

/** Registers of one program; those that are free again are used again, the last freed first: it is still in the cache. */
class Registers {
  private readonly free: Float64Array[] = []
  private count = 0

  take(): Float64Array {
    return this.free.pop() ?? this.takeUnused()
  }

  /** One that no instruction writes to: constants are filled in once, before the first run. */
  takeUnused(): Float64Array {
    const register = pool[this.count] ?? new Float64Array(RUN)
    pool[this.count] = register
    this.count += 1
    return register
  }

  release(register: Float64Array): void {
    this.free.push(register)
  }
}

/** `given`: identifiers of expressions that are handed in as planes instead of being computed. */
export function compileProgram(roots: readonly Expression[], given: ReadonlySet<number>): Program {
  const order = orderOf(roots, given)
  const lastUse = new Map<number, number>()
  order.forEach((expression, at) => {
    if (given.has(expression.id)) return
    for (const input of inputsOf(expression)) lastUse.set(input.id, at)
    // the quantiles of one set are computed together, with the first of them that comes up
  })
  for (const root of roots) lastUse.set(root.id, Number.POSITIVE_INFINITY)
  const registers = new Registers()
  const held = new Map<number, Float64Array>()
  const sets = new Map<number, readonly Float64Array[]>()
  const inputs: Expression[] = []
  const instructions: Instruction[] = []
  const constants: { register: Float64Array; value: number }[] = []

  order.forEach((expression, at) => {
    const sources = given.has(expression.id) ? [] : inputsOf(expression)
    const from = sources.map(({ id }) => held.get(id) as Float64Array)
    if (expression.kind === 'leaf' || given.has(expression.id)) {
      const out = registers.take()
      instructions.push(load(inputs.length, out))
      inputs.push(expression)
      held.set(expression.id, out)
    } else if (expression.kind === 'constant') {
      const register = registers.takeUnused()
      constants.push({ register, value: expression.value })
      held.set(expression.id, register)
    } else if (expression.kind === 'op') {
      const out = registers.take()
      const { run } = PIXEL_OPS[expression.op]
      instructions.push((_, count) => run(out, from, count))
      held.set(expression.id, out)
    } else if (expression.kind === 'reduce') {
      const out = registers.take()
      instructions.push(reduceAtOnce(expression, from, out, registers))
      held.set(expression.id, out)
    } else {
      let outs = sets.get(expression.of.id)
      if (outs === undefined) {
        outs = expression.of.probabilities.map(() => registers.take())
        sets.set(expression.of.id, outs)
        instructions.push(quantilesAtOnce(expression.of, from, outs))
      }
      held.set(expression.id, outs[expression.index] as Float64Array)
    }
    for (const source of new Set(sources)) {
      if (lastUse.get(source.id) !== at || source.kind === 'constant') continue
      // registers of quantiles belong to their set
      if (source.kind !== 'quantile' || given.has(source.id)) registers.release(held.get(source.id) as Float64Array)
    }
  })

  const outputs = roots.map(({ id }) => held.get(id) as Float64Array)
  return {
    inputs,
    leaves: inputs.flatMap((input) => (input.kind === 'leaf' ? [input.leaf] : [])),
    run: (planes, length, take) => {
      for (const { register, value } of constants) register.fill(value)
      for (let offset = 0; offset < length; offset += RUN) {
        const count = Math.min(RUN, length - offset)
        for (const instruction of instructions) instruction(offset, count, planes)
        for (let root = 0; root < outputs.length; root++) take(root, outputs[root] as Float64Array, offset, count)
      }
    },
  }
}

function load(input: number, out: Float64Array): Instruction {
  return (offset, count, planes) => {
    const plane = planes[input]
    if (plane === null || plane === undefined) {
      out.fill(Number.NaN, 0, count)
      return
    }
    const { values, nodata } = plane
    out.set(values.subarray(offset, offset + count))
    if (nodata === null || nodata !== nodata) return
    for (let i = 0; i < count; i++) if (out[i] === nodata) out[i] = Number.NaN
  }
}

type Reduce = Extract<Expression, { kind: 'reduce' }>

function reduceAtOnce(
  { reduction, ignoreNodata }: Reduce,
  from: readonly Float64Array[],
  out: Float64Array,
  registers: Registers,
): Instruction {
  const form = REDUCTIONS[reduction]
  // freed at once: the state means nothing after the instruction, and `out` is another register
  const state: State = { a: registers.take(), n: registers.take(), b: form.hasMoment ? registers.take() : null }
  for (const register of [state.a, state.n, state.b]) if (register !== null) registers.release(register)
  return (_, count) => {
    state.a.fill(form.start)
    state.n.fill(0)
    state.b?.fill(0)
    for (const values of from) form.step(state, 0, values, count, ignoreNodata)
    for (let i = 0; i < count; i++) out[i] = form.end(state, i, ignoreNodata)
  }
}

function quantilesAtOnce(of: Quantiles, from: readonly Float64Array[], outs: readonly Float64Array[]): Instruction {
  const { probabilities, ignoreNodata } = of
  const gathered = new Float64Array(from.length)
  return (_, count) => {
    for (let i = 0; i < count; i++) {
      let valid = 0
      for (let k = 0; k < from.length; k++) {
        const value = (from[k] as Float64Array)[i] as number
        if (value === value) gathered[valid++] = value
      }
      const usable = !ignoreNodata && valid < from.length ? 0 : valid
      quantilesOf(gathered, usable, probabilities, (index, value) => {
        ;(outs[index] as Float64Array)[i] = value
      })
    }
  }
}
