/**
 * In which order the planes of one file are computed, so that memory stays small however many scenes there are.
 * Owns: what is streamed. A reduction over many inputs takes them one after another (only its state stays); all such
 * reductions of a file go in step, so that what they share is read and computed once. Order statistics need all their
 * inputs at once; of those only the stored numbers in their own type are held. Does not: read or choose block sizes.
 */
import type { DataType } from '../../raster/types.ts'
import { type Expression, inputsOf, type Leaf } from './expression.ts'
import { compileProgram, type Plane, type Program } from './program.ts'
import { newState, REDUCTIONS, type State, stateArrays } from './reductions.ts'

type Reduce = Extract<Expression, { kind: 'reduce' }>

/** Reductions over more inputs than this are streamed. */
const STREAM_FROM = 6

/** Inputs with the same position of all reductions of a stage. */
type Step = { program: Program; feeds: readonly Reduce[] }
type Stage = { reductions: readonly Reduce[]; steps: readonly Step[] }

export type Schedule = {
  stages: readonly Stage[]
  final: Program
  /** Most bytes that a pixel of a block needs while the file is computed, outputs left out. */
  bytesPerPixel: number
}

const BYTES: Readonly<Record<DataType, number>> = {
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  float32: 4,
  float64: 8,
}

/** What a pixel of a leaf costs: the type of the file, or float64 where it may have to be warped. */
const bytesOfLeaf = (leaf: Leaf): number =>
  leaf.kind === 'read' ? Math.max(BYTES[leaf.band.dataType], 4) : leaf.kind === 'warp' ? 8 : 1

export function makeSchedule(roots: readonly Expression[]): Schedule {
  const levels = streamLevels(roots)
  const given = new Set<number>()
  const stages: Stage[] = []
  let largest = 0
  for (const reductions of levels) {
    const steps: Step[] = []
    const length = Math.max(...reductions.map(({ inputs }) => inputs.length))
    for (let at = 0; at < length; at++) {
      const feeds = reductions.filter(({ inputs }) => at < inputs.length)
      const program = compileProgram(
        feeds.map(({ inputs }) => inputs[at] as Expression),
        given,
      )
      steps.push({ program, feeds })
      largest = Math.max(largest, sum(program.leaves.map(bytesOfLeaf)))
    }
    for (const { id } of reductions) given.add(id)
    stages.push({ reductions, steps })
  }
  const final = compileProgram(roots, given)
  const states = sum(levels.flat().map(({ reduction }) => 8 * stateArrays(reduction)))
  // two steps at once: one is computed while the next is read
  const leaves = Math.max(2 * largest, sum(final.leaves.map(bytesOfLeaf)))
  return { stages, final, bytesPerPixel: Math.max(8, leaves + states) }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)

/** The reductions to be streamed, those first that others wait for. */
function streamLevels(roots: readonly Expression[]): Reduce[][] {
  const depth = new Map<number, number>()
  const levels: Reduce[][] = []
  const stack = [...roots]
  while (stack.length > 0) {
    const top = stack.at(-1) as Expression
    if (depth.has(top.id)) {
      stack.pop()
      continue
    }
    const inputs = inputsOf(top)
    const open = inputs.filter(({ id }) => !depth.has(id))
    if (open.length > 0) {
      for (const input of open) stack.push(input)
      continue
    }
    stack.pop()
    const below = inputs.reduce((deepest, { id }) => Math.max(deepest, depth.get(id) ?? 0), 0)
    const isStreamed = top.kind === 'reduce' && inputs.length > STREAM_FROM
    depth.set(top.id, isStreamed ? below + 1 : below)
    if (!isStreamed) continue
    const level = levels[below]
    if (level === undefined) levels[below] = [top]
    else level.push(top)
  }
  return levels
}

/** Reads the leaves of a step for one block. */
export type ReadLeaves = (leaves: readonly Leaf[]) => Promise<Plane[]>

/** Computes a block of `length` pixels; `take` gets runs of each root in order. */
export async function runSchedule(
  { stages, final }: Schedule,
  length: number,
  read: ReadLeaves,
  take: (root: number, values: Float64Array, offset: number, count: number) => void,
): Promise<void> {
  const finished = new Map<number, Plane>()
  for (const { reductions, steps } of stages) {
    const states = new Map(reductions.map(({ id, reduction }) => [id, newState(reduction, length)] as const))
    let next = readAhead(steps[0], read)
    for (const [at, { program, feeds }] of steps.entries()) {
      const leaves = await next
      next = readAhead(steps[at + 1], read)
      program.run(withFinished(program, leaves, finished), length, (root, values, offset, count) => {
        const { id, reduction, ignoreNodata } = feeds[root] as Reduce
        REDUCTIONS[reduction].step(states.get(id) as State, offset, values, count, ignoreNodata)
      })
    }
    for (const reduction of reductions) {
      finished.set(reduction.id, { values: finish(reduction, states.get(reduction.id) as State, length), nodata: null })
    }
  }
  final.run(withFinished(final, await read(final.leaves), finished), length, take)
}

/** A reading that is under way; its failure is kept until it is awaited. */
function readAhead(step: Step | undefined, read: ReadLeaves): Promise<Plane[]> {
  const reading = step === undefined ? Promise.resolve([]) : read(step.program.leaves)
  reading.catch(() => undefined)
  return reading
}

function withFinished({ inputs }: Program, leaves: readonly Plane[], finished: ReadonlyMap<number, Plane>): Plane[] {
  let leaf = 0
  return inputs.map((input) => (input.kind === 'leaf' ? (leaves[leaf++] ?? null) : (finished.get(input.id) ?? null)))
}

/** The result of a reduction, in the place of its state. */
function finish({ reduction, ignoreNodata }: Reduce, state: State, length: number): Float64Array {
  const { end } = REDUCTIONS[reduction]
  for (let i = 0; i < length; i++) state.a[i] = end(state, i, ignoreNodata)
  return state.a
}
