/** A tiny evaluator of child graphs over one pixel, written from the process definitions: the tests' second opinion. */
import type { ProcessGraph } from '../../../preload/contract/vocabulary.ts'

type Value = number | boolean | null
type Arguments = Record<string, Value | Value[]>

const numeric =
  (compute: (...values: number[]) => number | boolean, ...names: string[]) =>
  (values: Arguments): Value => {
    const numbers = names.map((name) => values[name] ?? null)
    return numbers.some((value) => value === null) ? null : compute(...(numbers as number[]))
  }
const statistic = (compute: (values: number[]) => number) => (values: Arguments) => {
  const valid = (values.data as Value[]).filter((value) => value !== null) as number[]
  return valid.length ? compute(valid) : null
}
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)

const PROCESSES: Record<string, (values: Arguments) => Value> = {
  add: numeric((x, y) => x + y, 'x', 'y'),
  subtract: numeric((x, y) => x - y, 'x', 'y'),
  multiply: numeric((x, y) => x * y, 'x', 'y'),
  divide: numeric((x, y) => x / y, 'x', 'y'),
  mod: numeric((x, y) => x - y * Math.floor(x / y), 'x', 'y'),
  power: numeric((base, p) => base ** p, 'base', 'p'),
  sqrt: numeric(Math.sqrt, 'x'),
  absolute: numeric(Math.abs, 'x'),
  exp: numeric(Math.exp, 'p'),
  ln: numeric(Math.log, 'x'),
  log: numeric((x, base) => Math.log(x) / Math.log(base), 'x', 'base'),
  round: numeric((x, p) => Math.round(x * 10 ** p) / 10 ** p, 'x', 'p'),
  clip: numeric((x, low, high) => Math.min(high, Math.max(low, x)), 'x', 'min', 'max'),
  normalized_difference: numeric((x, y) => (x - y) / (x + y), 'x', 'y'),
  eq: numeric((x, y) => x === y, 'x', 'y'),
  neq: numeric((x, y) => x !== y, 'x', 'y'),
  lt: numeric((x, y) => x < y, 'x', 'y'),
  lte: numeric((x, y) => x <= y, 'x', 'y'),
  gt: numeric((x, y) => x > y, 'x', 'y'),
  gte: numeric((x, y) => x >= y, 'x', 'y'),
  min: statistic((values) => Math.min(...values)),
  max: statistic((values) => Math.max(...values)),
  mean: statistic((values) => sum(values) / values.length),
  sum: statistic(sum),
  is_nodata: ({ x }) => x === null,
  not: ({ x }) => (x === null ? null : !x),
  and: ({ x, y }) => (x === false || y === false ? false : x === null || y === null ? null : true),
  or: ({ x, y }) => (x === true || y === true ? true : x === null || y === null ? null : false),
  if: ({ value, accept, reject }) => (value === true ? (accept as Value) : ((reject ?? null) as Value)),
}

/** The value of the result node for a pixel of bands. */
export function evaluate(graph: ProcessGraph, pixel: Record<string, number | null>): Value {
  const known = new Map<string, Value>()
  const resolve = (value: unknown): Value | Value[] => {
    if (Array.isArray(value)) return value.map((item) => resolve(item) as Value)
    if (value !== null && typeof value === 'object') return run((value as { from_node: string }).from_node)
    return value as Value
  }
  const run = (id: string): Value => {
    const done = known.get(id)
    if (done !== undefined) return done
    const node = graph[id] as { process_id: string; arguments: Record<string, unknown> }
    if (node.process_id === 'array_element') return pixel[node.arguments.label as string] as number | null
    const process = PROCESSES[node.process_id]
    if (!process) throw new Error(`The interpreter does not know ${node.process_id}`)
    const value = process(Object.fromEntries(Object.entries(node.arguments).map(([name, one]) => [name, resolve(one)])))
    known.set(id, value)
    return value
  }
  const [last] = Object.entries(graph).find(([, node]) => node.result === true) ?? []
  if (!last) throw new Error('The graph has no result')
  return run(last)
}
