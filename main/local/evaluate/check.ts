/**
 * Everything that is wrong with a process, without running it.
 * Owns: putting the structural check and the walk together. A graph whose parameters have no values yet is checked as
 * far as it can be: unresolved parameters are no errors (openEO API, POST /validation).
 */
import type { OpeneoProblem, ProcessToCheck, World } from './api.ts'
import { readGraph } from './graph.ts'
import { traceGraph } from './trace.ts'
import { constant } from './values.ts'

/**
 * Problems with code, sentence and place; an empty list: the process can run. Never throws for what the process says.
 * `parameters`: values of its top-level parameters, where they are known.
 */
export function checkProcess(
  process: unknown,
  world: World,
  parameters: Readonly<Record<string, unknown>> = {},
): OpeneoProblem[] {
  const raw =
    process !== null && typeof process === 'object' && Object.hasOwn(process, 'process_graph')
      ? (process as ProcessToCheck).process_graph
      : undefined
  const { graph, problems } = readGraph(raw)
  if (graph === null || problems.some(({ code }) => code === 'ProcessGraphComplexity')) return problems
  const values = new Map(Object.entries(parameters).map(([name, value]) => [name, constant(value)] as const))
  const traced = traceGraph(graph, { collections: world.collections, stac: null }, values, { isOpen: true })
  return [...problems, ...traced.problems]
}
