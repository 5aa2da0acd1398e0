/**
 * Reads a process graph as it came in: nodes, references, their order.
 * Owns: the structure (one result, no cycle, no dangling reference, bounded size and depth) of a graph and of the
 * graphs nested in it. Does not: know processes. Anything may come in; nothing here recurses deeper than MAX_DEPTH.
 */
import type { GraphPath, OpeneoProblem } from './api.ts'

/** Nodes in a graph and all its nested graphs. */
export const MAX_NODES = 20_000
/** Objects and arrays in one another. */
export const MAX_DEPTH = 96

/** An argument with its references found. */
export type Argument =
  | { kind: 'literal'; value: unknown }
  | { kind: 'node'; node: string }
  | { kind: 'parameter'; name: string }
  | { kind: 'array'; items: Argument[] }
  | { kind: 'object'; entries: [string, Argument][] }
  | { kind: 'graph'; graph: Graph }

export type GraphNode = {
  id: string
  processId: string
  namespace: string | null
  arguments: Map<string, Argument>
}

export type Graph = {
  nodes: Map<string, GraphNode>
  /** Every node after those that it needs. */
  order: string[]
  /** null where the graph has none, or several. */
  result: string | null
  /** Where the graph is nested. */
  parents: readonly { nodeId: string; argument: string }[]
}

type Reading = { problems: OpeneoProblem[]; nodes: number }

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

const quote = (text: string) => `"${text.length > 80 ? `${text.slice(0, 77)}…` : text}"`

/** The graph with everything that is wrong with its structure; null where there is none at all. */
export function readGraph(raw: unknown): { graph: Graph | null; problems: OpeneoProblem[] } {
  if (!isObject(raw) || Object.keys(raw).length === 0) {
    return { graph: null, problems: [{ code: 'ProcessGraphMissing', message: 'The process has no process graph.' }] }
  }
  const reading: Reading = { problems: [], nodes: 0 }
  const graph = readNodes(raw, [], 1, reading)
  // of a graph that was not read to its end nothing else can be told
  const tooMuch = reading.problems.filter(({ code }) => code === 'ProcessGraphComplexity')
  return { graph, problems: tooMuch.length > 0 ? tooMuch.slice(0, 1) : reading.problems }
}

function readNodes(raw: Record<string, unknown>, parents: Graph['parents'], depth: number, reading: Reading): Graph {
  const place = (path: GraphPath): GraphPath => (parents.length === 0 ? path : { ...path, parents })
  const say = (message: string, path: GraphPath = {}, code = 'ProcessGraphInvalid') =>
    reading.problems.push({ code, message, path: place(path) })
  const nodes = new Map<string, GraphNode>()
  const results: string[] = []
  for (const [id, node] of Object.entries(raw)) {
    reading.nodes += 1
    if (reading.nodes > MAX_NODES) {
      say(`The process graph has more than ${MAX_NODES} nodes.`, {}, 'ProcessGraphComplexity')
      break
    }
    if (!isObject(node) || typeof node.process_id !== 'string') {
      say(`The node ${quote(id)} names no process.`, { nodeId: id })
      continue
    }
    if (node.arguments !== undefined && !isObject(node.arguments)) {
      say(`The arguments of the node ${quote(id)} are not an object.`, { nodeId: id })
      continue
    }
    if (node.result === true) results.push(id)
    const read = new Map<string, Argument>()
    for (const [name, value] of Object.entries(node.arguments ?? {})) {
      read.set(name, readArgument(value, [...parents, { nodeId: id, argument: name }], depth + 1, reading))
    }
    const namespace = typeof node.namespace === 'string' ? node.namespace : null
    nodes.set(id, { id, processId: node.process_id, namespace, arguments: read })
  }
  if (results.length === 0) say('No node of the process graph is marked as its result.')
  for (const id of results.slice(1))
    say(`Only one node may be the result; ${quote(id)} is another one.`, { nodeId: id })
  return { nodes, order: sorted(nodes, say), result: results.length === 1 ? (results[0] ?? null) : null, parents }
}

function readArgument(value: unknown, here: Graph['parents'], depth: number, reading: Reading): Argument {
  if (value === null || typeof value !== 'object') return { kind: 'literal', value }
  if (depth > MAX_DEPTH) {
    const last = here.at(-1)
    reading.problems.push({
      code: 'ProcessGraphComplexity',
      message: `Arguments and graphs lie more than ${MAX_DEPTH} levels inside one another.`,
      path: last === undefined ? {} : { ...last, parents: here.slice(0, -1) },
    })
    return { kind: 'literal', value: null }
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => readArgument(item, here, depth + 1, reading))
    return items.every(({ kind }) => kind === 'literal') ? { kind: 'literal', value } : { kind: 'array', items }
  }
  const object = value as Record<string, unknown>
  if (Object.hasOwn(object, 'from_node') && typeof object.from_node === 'string') {
    return { kind: 'node', node: object.from_node }
  }
  if (Object.hasOwn(object, 'from_parameter') && typeof object.from_parameter === 'string') {
    return { kind: 'parameter', name: object.from_parameter }
  }
  if (Object.hasOwn(object, 'process_graph') && isObject(object.process_graph)) {
    return { kind: 'graph', graph: readNodes(object.process_graph, here, depth + 1, reading) }
  }
  const entries = Object.entries(object).map(([key, inner]): [string, Argument] => [
    key,
    readArgument(inner, here, depth + 1, reading),
  ])
  return entries.every(([, inner]) => inner.kind === 'literal')
    ? { kind: 'literal', value }
    : { kind: 'object', entries }
}

/** The nodes that an argument refers to, those of nested graphs left out: they refer to their own. */
function references(argument: Argument, into: Set<string>): void {
  if (argument.kind === 'node') into.add(argument.node)
  else if (argument.kind === 'array') for (const item of argument.items) references(item, into)
  else if (argument.kind === 'object') for (const [, inner] of argument.entries) references(inner, into)
}

/** Kahn's algorithm; what is left over stands in a cycle or behind one. */
function sorted(nodes: Map<string, GraphNode>, say: (message: string, path: GraphPath) => void): string[] {
  const followers = new Map<string, string[]>()
  const waiting = new Map<string, number>()
  for (const [id, node] of nodes) {
    let count = 0
    for (const [name, argument] of node.arguments) {
      const needed = new Set<string>()
      references(argument, needed)
      for (const other of needed) {
        if (!nodes.has(other)) {
          say(`The argument refers to a node ${quote(other)} that is not there.`, { nodeId: id, argument: name })
          continue
        }
        count += 1
        const list = followers.get(other)
        if (list === undefined) followers.set(other, [id])
        else list.push(id)
      }
    }
    waiting.set(id, count)
  }
  const order = [...waiting].filter(([, count]) => count === 0).map(([id]) => id)
  for (let next = 0; next < order.length; next += 1) {
    for (const id of followers.get(order[next] as string) ?? []) {
      const left = (waiting.get(id) ?? 0) - 1
      waiting.set(id, left)
      if (left === 0) order.push(id)
    }
  }
  if (order.length < nodes.size) {
    const done = new Set(order)
    const first = [...nodes.keys()].find((id) => !done.has(id)) ?? ''
    say('The nodes of the process graph refer to one another in a circle.', { nodeId: first })
  }
  return order
}
