/**
 * Reductions that need one pass: the state of each is a few numbers per pixel, whatever the count of values.
 * Owns: how a state begins, takes a run of values, and ends. Order statistics are not here (order-statistics.ts).
 * Variance by Welford's method, so that large values with small differences keep their digits.
 */

export type Reduction =
  | 'sum'
  | 'product'
  | 'min'
  | 'max'
  | 'mean'
  | 'variance'
  | 'sd'
  | 'count'
  | 'countTrue'
  | 'first'
  | 'last'
  | 'all'
  | 'any'

/** State of a run of pixels: `a` the value so far, `b` the second moment, `n` how many were taken; -1: no data decided. */
export type State = { a: Float64Array; b: Float64Array | null; n: Float64Array }

type Step = (state: State, offset: number, values: Float64Array, count: number, ignoreNodata: boolean) => void
type Form = {
  start: number
  hasMoment: boolean
  step: Step
  end: (state: State, i: number, ignoreNodata: boolean) => number
}

const SPOILT = -1

/** A step that takes values one after another; no data is left out, or spoils the result. */
const taking =
  (take: (state: State, at: number, value: number) => void): Step =>
  (state, offset, values, count, ignoreNodata) => {
    const { n } = state
    for (let i = 0; i < count; i++) {
      const value = values[i] as number
      const at = offset + i
      if (value !== value) {
        if (!ignoreNodata) n[at] = SPOILT
      } else if (n[at] !== SPOILT) take(state, at, value)
    }
  }

const sum: Step = (state, offset, values, count, ignoreNodata) => {
  const { a, n } = state
  for (let i = 0; i < count; i++) {
    const value = values[i] as number
    const at = offset + i
    if (value === value) {
      if ((n[at] as number) >= 0) {
        a[at] = (a[at] as number) + value
        n[at] = (n[at] as number) + 1
      }
    } else if (!ignoreNodata) n[at] = SPOILT
  }
}

const welford = taking((state, at, value) => {
  const n = (state.n[at] as number) + 1
  const mean = state.a[at] as number
  const delta = value - mean
  const next = mean + delta / n
  state.n[at] = n
  state.a[at] = next
  if (state.b !== null) state.b[at] = (state.b[at] as number) + delta * (value - next)
})

const valueOrNone = ({ a, n }: State, i: number) => ((n[i] as number) > 0 ? (a[i] as number) : Number.NaN)

const simple = (start: number, take: (so: number, value: number) => number): Form => ({
  start,
  hasMoment: false,
  step: taking((state, at, value) => {
    state.a[at] = take(state.a[at] as number, value)
    state.n[at] = (state.n[at] as number) + 1
  }),
  end: valueOrNone,
})

const variance = ({ b, n }: State, i: number) =>
  (n[i] as number) > 1 && b !== null ? (b[i] as number) / ((n[i] as number) - 1) : Number.NaN

/** Three-valued: a value that decides does so whatever else is no data. `n` counts what was taken, `b` what was not. */
const logical = (decisive: 0 | 1): Form => ({
  start: decisive === 0 ? 1 : 0,
  hasMoment: true,
  step: ({ a, b }, offset, values, count) => {
    for (let i = 0; i < count; i++) {
      const value = values[i] as number
      if (value !== value) {
        if (b !== null) b[offset + i] = 1
      } else if ((value !== 0 ? 1 : 0) === decisive) a[offset + i] = decisive
    }
  },
  end: ({ a, b }, i, ignoreNodata) =>
    a[i] === decisive || ignoreNodata || b === null || b[i] === 0 ? (a[i] as number) : Number.NaN,
})

export const REDUCTIONS: Readonly<Record<Reduction, Form>> = {
  sum: { start: 0, hasMoment: false, step: sum, end: valueOrNone },
  mean: {
    start: 0,
    hasMoment: false,
    step: sum,
    end: ({ a, n }, i) => ((n[i] as number) > 0 ? (a[i] as number) / (n[i] as number) : Number.NaN),
  },
  product: simple(1, (so, value) => so * value),
  min: simple(Number.POSITIVE_INFINITY, (so, value) => (value < so ? value : so)),
  max: simple(Number.NEGATIVE_INFINITY, (so, value) => (value > so ? value : so)),
  variance: { start: 0, hasMoment: true, step: welford, end: variance },
  sd: { start: 0, hasMoment: true, step: welford, end: (state, i) => Math.sqrt(variance(state, i)) },
  /** Finite values. */
  count: {
    start: 0,
    hasMoment: false,
    step: ({ a }, offset, values, count) => {
      for (let i = 0; i < count; i++) if (Number.isFinite(values[i])) a[offset + i] = (a[offset + i] as number) + 1
    },
    end: ({ a }, i) => a[i] as number,
  },
  /** Values that are true. */
  countTrue: {
    start: 0,
    hasMoment: false,
    step: ({ a }, offset, values, count) => {
      for (let i = 0; i < count; i++) if (values[i] === 1) a[offset + i] = (a[offset + i] as number) + 1
    },
    end: ({ a }, i) => a[i] as number,
  },
  /** The first value; without ignoring no data the very first, whatever it is. */
  first: {
    start: Number.NaN,
    hasMoment: false,
    step: ({ a, n }, offset, values, count, ignoreNodata) => {
      for (let i = 0; i < count; i++) {
        const value = values[i] as number
        const at = offset + i
        if (n[at] === 0 && (value === value || !ignoreNodata)) {
          a[at] = value
          n[at] = 1
        }
      }
    },
    end: ({ a }, i) => a[i] as number,
  },
  last: {
    start: Number.NaN,
    hasMoment: false,
    step: ({ a }, offset, values, count, ignoreNodata) => {
      for (let i = 0; i < count; i++) {
        const value = values[i] as number
        if (value === value || !ignoreNodata) a[offset + i] = value
      }
    },
    end: ({ a }, i) => a[i] as number,
  },
  all: logical(0),
  any: logical(1),
}

/** Float64Arrays that the state of a reduction holds. */
export const stateArrays = (reduction: Reduction): number => (REDUCTIONS[reduction].hasMoment ? 3 : 2)

export const newState = (reduction: Reduction, length: number): State => ({
  a: new Float64Array(length).fill(REDUCTIONS[reduction].start),
  b: REDUCTIONS[reduction].hasMoment ? new Float64Array(length) : null,
  n: new Float64Array(length),
})

/** One reduction over plain numbers, for constants. NaN is "no value". */
export function reduceNumbers(reduction: Reduction, values: readonly number[], ignoreNodata: boolean): number {
  const state = newState(reduction, 1)
  const form = REDUCTIONS[reduction]
  const register = new Float64Array(1)
  for (const value of values) {
    register[0] = value
    form.step(state, 0, register, 1, ignoreNodata)
  }
  return form.end(state, 0, ignoreNodata)
}
