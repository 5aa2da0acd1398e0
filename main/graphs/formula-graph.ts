/**
 * Writes an expression as the child graph of reduce_dimension over bands.
 * Owns: node ids, and that equal parts of a formula become one node. Does not: parse (formula.ts).
 * A pixel without a value in the condition of `if` stays without one: openEO's own `if` would take the last branch,
 * so a second `if` asks for the contrary of the condition.
 */
import type { Json, ProcessGraph } from '../../preload/contract/vocabulary.ts'
import type { Expression, ParsedFormula } from './formula.ts'

/** A node id of the letters that every back-end takes. */
export const nodeIdOf = (text: string) => text.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_+|_+$/g, '') || 'x'

class GraphWriter {
  readonly nodes = new Map<string, { process_id: string; arguments: Record<string, Json> }>()
  readonly #known = new Map<string, string>()
  readonly #counts = new Map<string, number>()

  /** Adds the node, or finds the equal one; gives the reference to it. */
  node(processId: string, values: Record<string, Json>, name = processId): Json {
    const key = JSON.stringify([processId, values])
    const known = this.#known.get(key)
    if (known) return { from_node: known }
    const count = (this.#counts.get(name) ?? 0) + 1
    this.#counts.set(name, count)
    const id = name === processId ? `${name}_${count}` : count === 1 ? name : `${name}_${count}`
    this.nodes.set(id, { process_id: processId, arguments: values })
    this.#known.set(key, id)
    return { from_node: id }
  }

  write(expression: Expression): Json {
    if (expression.kind === 'number') return expression.value
    if (expression.kind === 'band') {
      const values = { data: { from_parameter: 'data' }, label: expression.name }
      return this.node('array_element', values, `band_${nodeIdOf(expression.name)}`)
    }
    const { call } = expression
    const values = expression.arguments.map((value) => this.write(value))
    if (call.process === 'if') return this.choose(values[0] as Json, values[1] as Json, values[2] as Json)
    if (call.parameters[0] === 'data') return this.node(call.process, { data: values })
    const named = Object.fromEntries(values.map((value, index) => [call.parameters[index] as string, value]))
    return this.node(call.process, { ...named, ...call.fixed })
  }

  choose(condition: Json, accept: Json, reject: Json): Json {
    const contrary = this.node('not', { x: condition })
    const otherwise = this.node('if', { value: contrary, accept: reject })
    return this.node('if', { value: condition, accept, reject: otherwise })
  }
}

/**
 * The child graph of a formula: takes `data`, the array of a pixel's bands with their names as labels, and gives one
 * number; a condition gives 1 and 0. The parsed formula must use at least one band (parseFormula sees to it).
 */
export function formulaGraph(parsed: Extract<ParsedFormula, { ok: true }>): ProcessGraph {
  const writer = new GraphWriter()
  const value = writer.write(parsed.expression)
  const last = (parsed.type === 'condition' ? writer.choose(value, 1, 0) : value) as { from_node: string }
  return Object.fromEntries(
    [...writer.nodes].map(([id, node]) => [id, id === last.from_node ? { ...node, result: true } : node]),
  )
}
