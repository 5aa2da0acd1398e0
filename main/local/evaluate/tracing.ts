/**
 * What the implementation of a process is given, and what it is.
 * Owns: types only; trace.ts makes them, implement/ uses them.
 */
import type { LocalCollection } from '../model.ts'
import type { RunLog } from './api.ts'
import type { Expressions } from './expression.ts'
import type { Arguments, Value } from './values.ts'

export type TraceWorld = {
  collections: ReadonlyMap<string, LocalCollection>
  /** What load_stac has fetched, by URL; null: nothing is fetched while a graph is checked. */
  stac: ReadonlyMap<string, LocalCollection> | null
}

/** What an implementation may use besides its arguments. */
export type Tracing = {
  world: TraceWorld
  expressions: Expressions
  log: (entry: RunLog) => void
  /** Runs a child graph with these parameters. */
  call: (graph: Extract<Value, { kind: 'graph' }>, parameters: Readonly<Record<string, Value>>) => Value
}

/** Throws GraphError where it cannot do its work. */
export type Implementation = (given: Arguments, tracing: Tracing) => Value
