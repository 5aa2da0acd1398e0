/**
 * Walks a process graph once and finds what each node gives: dimensions, labels, and the expressions of its planes.
 * Owns: order, scopes, defaults, checks of arguments, and collecting what is wrong. Does not: read or compute pixels.
 * The same walk validates a graph (problems are collected) and prepares its run (worker threads walk it again, which is
 * quicker than sending expressions to them).
 */
import { type Parameter, type ProcessDefinition, processDefinition } from '../processes/index.ts'
import type { OpeneoProblem, RunLog } from './api.ts'
import { createExpressions } from './expression.ts'
import type { Argument, Graph, GraphNode } from './graph.ts'
import { implementations } from './implement/index.ts'
import { GraphError } from './problem.ts'
import { misfit } from './schema-check.ts'
import type { TraceWorld, Tracing } from './tracing.ts'
import { argumentsOf, constant, makeArray, type Scope, unknown, type Value } from './values.ts'

export type Traced = { result: Value; saved: Extract<Value, { kind: 'saved' }>[]; problems: readonly OpeneoProblem[] }

const MAX_PROBLEMS = 200
/** Calls of processes in one walk, nested and repeated ones included: a bound for graphs that call themselves sick. */
const MAX_VISITS = { check: 200_000, run: 20_000_000 }

/** Walks the graph. `isOpen`: parameters without a value are no problem, but unknown. */
export function traceGraph(
  graph: Graph,
  world: TraceWorld,
  parameters: ReadonlyMap<string, Value>,
  options: { isOpen: boolean; log?: (entry: RunLog) => void },
): Traced {
  const problems = new Map<string, OpeneoProblem>()
  const saved: Extract<Value, { kind: 'saved' }>[] = []
  const say = (problem: OpeneoProblem) => {
    const key = JSON.stringify([problem.code, problem.path, problem.message])
    if (problems.size < MAX_PROBLEMS) problems.set(key, problem)
  }
  const tracing: Tracing = {
    world,
    expressions: createExpressions(),
    log: options.log ?? (() => undefined),
    call: (child, values) => walk(child.graph, { parameters: new Map(Object.entries(values)), outer: child.scope }),
  }

  function walk(current: Graph, scope: Scope): Value {
    const values = new Map<string, Value>()
    for (const id of current.order) {
      const node = current.nodes.get(id)
      if (node === undefined) continue
      const value = visit(current, node, values, scope)
      values.set(id, value)
      if (value.kind === 'saved') saved.push(value)
    }
    return (current.result === null ? undefined : values.get(current.result)) ?? unknown
  }

  let visits = 0
  function visit(current: Graph, node: GraphNode, values: ReadonlyMap<string, Value>, scope: Scope): Value {
    const place = { nodeId: node.id, ...(current.parents.length === 0 ? {} : { parents: current.parents }) }
    const fail = (code: string, message: string, argument?: string) =>
      say({ code, message, path: argument === undefined ? place : { ...place, argument } })
    visits += 1
    if (visits > (options.isOpen ? MAX_VISITS.check : MAX_VISITS.run)) {
      throw new GraphError('ProcessGraphComplexity', 'The process graph leads to too many steps.')
    }
    const definition =
      node.namespace === null || node.namespace === 'backend' ? processDefinition(node.processId) : undefined
    const implementation = definition && implementations.get(definition.id)
    if (definition === undefined || implementation === undefined) {
      const where = node.namespace === null ? '' : ` in the namespace "${node.namespace.slice(0, 80)}"`
      fail('ProcessUnsupported', `There is no process "${node.processId.slice(0, 80)}"${where}.`)
      return unknown
    }
    const given = new Map<string, Value>()
    let isWhole = true
    for (const name of node.arguments.keys()) {
      if (definition.parameters.some((parameter) => parameter.name === name)) continue
      fail(
        'ProcessParameterUnsupported',
        `The process "${definition.id}" has no parameter "${name.slice(0, 80)}".`,
        name,
      )
      isWhole = false
    }
    for (const parameter of definition.parameters) {
      const argument = node.arguments.get(parameter.name)
      if (argument === undefined) {
        if (parameter.optional === true) continue
        fail('ProcessParameterRequired', `The process "${definition.id}" needs \`${parameter.name}\`.`, parameter.name)
        isWhole = false
        continue
      }
      const missing: string[] = []
      const value = resolve(argument, values, scope, missing)
      if (!options.isOpen) {
        for (const name of missing) {
          fail('ProcessParameterRequired', `The parameter "${name.slice(0, 80)}" has no value.`, parameter.name)
        }
      }
      if (value.kind === 'unknown') isWhole = false
      else if (value.kind === 'constant' || !isAcceptable(value, parameter)) {
        const reason = value.kind === 'constant' ? misfitOf(value.value, parameter, definition) : kindReason(value)
        if (reason !== null) {
          fail(
            'ProcessParameterInvalid',
            `\`${parameter.name}\` of "${definition.id}" cannot be used: ${reason}`,
            parameter.name,
          )
          isWhole = false
        }
      }
      given.set(parameter.name, value)
    }
    if (!isWhole) {
      checkChildren(definition, node)
      return unknown
    }
    try {
      const defaults = new Map(definition.parameters.map((parameter) => [parameter.name, parameter.default]))
      return implementation(argumentsOf(given, defaults), tracing)
    } catch (failure) {
      if (!(failure instanceof GraphError)) throw failure
      if (failure.code === 'ProcessGraphComplexity') throw failure
      fail(failure.code, failure.message, failure.argument)
      return unknown
    }
  }

  /** Child graphs whose process cannot be called are walked all the same, so that their own faults are found. */
  function checkChildren(definition: ProcessDefinition, node: GraphNode): void {
    for (const parameter of definition.parameters) {
      const argument = node.arguments.get(parameter.name)
      if (argument?.kind === 'graph') walk(argument.graph, { parameters: childParameters(parameter), outer: null })
    }
  }

  let result: Value = unknown
  try {
    result = walk(graph, { parameters, outer: null })
  } catch (failure) {
    // too deep for the stack is a property of the graph as well
    if (!(failure instanceof GraphError || failure instanceof RangeError)) throw failure
    const message = failure instanceof GraphError ? failure.message : 'The process graph is a chain of too many steps.'
    say({ code: 'ProcessGraphComplexity', message })
  }
  return { result, saved, problems: [...problems.values()] }
}

/** The parameters of a child graph, none of which has a value. */
const childParameters = ({ schema }: Parameter): Map<string, Value> =>
  new Map(
    (Array.isArray(schema) ? schema : [schema]).flatMap((one) =>
      (one.parameters ?? []).map(({ name }) => [name, unknown]),
    ),
  )

/** The value of an argument; names of parameters without a value are added to `missing`. */
function resolve(argument: Argument, values: ReadonlyMap<string, Value>, scope: Scope, missing: string[]): Value {
  switch (argument.kind) {
    case 'literal':
      return constant(argument.value)
    case 'node':
      return values.get(argument.node) ?? unknown
    case 'parameter': {
      for (let at: Scope | null = scope; at !== null; at = at.outer) {
        const value = at.parameters.get(argument.name)
        if (value !== undefined) return value
      }
      missing.push(argument.name)
      return unknown
    }
    case 'graph':
      return { kind: 'graph', graph: argument.graph, scope }
    case 'array':
      return makeArray(argument.items.map((item) => resolve(item, values, scope, missing)))
    case 'object': {
      const object: Record<string, unknown> = {}
      for (const [key, inner] of argument.entries) {
        const value = resolve(inner, values, scope, missing)
        if (value.kind !== 'constant') return value.kind === 'graph' ? value : unknown
        Object.defineProperty(object, key, { value: value.value, enumerable: true })
      }
      return constant(object)
    }
  }
}

const subtypes = ({ schema }: Parameter): (string | undefined)[] =>
  (Array.isArray(schema) ? schema : [schema]).map(({ subtype }) => subtype)

/** Whether a value that is not a constant can stand for the parameter. */
function isAcceptable(value: Value, parameter: Parameter): boolean {
  const kinds = subtypes(parameter)
  const schemas = Array.isArray(parameter.schema) ? parameter.schema : [parameter.schema]
  const takesAnything = schemas.some(({ type, subtype }) => type === undefined && subtype === undefined)
  const takes = (type: string) => takesAnything || schemas.some((schema) => [schema.type ?? []].flat().includes(type))
  if (value.kind === 'cube') return kinds.includes('datacube')
  if (value.kind === 'graph') return kinds.includes('process-graph') || kinds.includes('metadata-filter')
  if (value.kind === 'saved') return kinds.includes('stac')
  if (value.kind === 'array') return takes('array')
  // a truth value counts as 1 or 0; a number does not count as truth
  if (value.kind === 'pixel') return takes(value.type) || (value.type === 'boolean' && takes('number'))
  return true
}

function kindReason(value: Value): string {
  if (value.kind === 'cube') return 'it is a data cube.'
  if (value.kind === 'graph') return 'it is a child process.'
  if (value.kind === 'saved') return 'it is a saved result.'
  if (value.kind === 'array') return 'it is an array.'
  if (value.kind === 'pixel') return `it is a ${value.type === 'number' ? 'number' : 'truth value'}.`
  return 'it is of another kind.'
}

/** null is taken where it is the default; paths stand for a URL in load_stac where the back-end allows folders. */
function misfitOf(value: unknown, parameter: Parameter, definition: ProcessDefinition): string | null {
  if (value === null && parameter.optional === true && parameter.default === null) return null
  if (definition.id === 'load_stac' && parameter.name === 'url' && typeof value === 'string') return null
  return misfit(value, parameter.schema)
}
