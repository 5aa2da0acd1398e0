/**
 * Which members of a federation could run a graph, from what the catalogue knows. Pure; works without a network.
 * Owns: the judgement of each node for each member: offers it, lacks it, or not known. Does not: read the catalogue
 * (federation-knowledge.ts does) or ask anybody.
 * The rule of the extension: what states no `federation:backends` is offered by all members. What a list came without a
 * member says nothing about that member, so there the answer is `unknown` and not `lacks`.
 */
import type { FederationMember } from '../../preload/contract/connections.ts'
import type { FederationCheck, MemberLack } from '../../preload/contract/graphs.ts'
import type { JsonObject, ProcessGraph } from '../../preload/contract/vocabulary.ts'
import { membersOffering } from '../protocols/federation.ts'
import { list, object, textOrNull } from '../protocols/read-json.ts'

/** What is known of one thing that a graph can use. */
export type Offer = {
  /** Members that offer it; null: all. */
  members: readonly string[] | null
  document: JsonObject
}
/** `none`: the list was read, and the thing is not in it. `unknown`: the list was never read. */
export type Known = Offer | 'none' | 'unknown'

export type FederationKnowledge = {
  members: readonly FederationMember[]
  /** Somewhere in the catalogue of this connection `federation:backends` is stated. */
  statesMembers: boolean
  process(id: string, namespace: string | null): Known
  collection(id: string): Known
  /** Names of formats know no case. */
  outputFormat(name: string): Known
  /** Members that the last reading of these lists came without. */
  missing: Readonly<Record<'processes' | 'collections' | 'formats', readonly string[]>>
}

type Thing = Omit<MemberLack, 'nodeId'> & { known: Known; missing: readonly string[] }
type Judged = { nodeId: string; name: string; things: Thing[] }
type Verdict = 'offers' | 'lacks' | 'unknown'

const DEEPEST = 12
const MOST_NODES = 5_000

/** What members of a federation can and cannot run of the graph. Node ids of child graphs are paths: `reduce/reducer/max`. */
export function checkFederation(graph: ProcessGraph, knowledge: FederationKnowledge): FederationCheck {
  const { members } = knowledge
  if (members.length === 0) return { answer: 'not-federated', members: [], nodes: [] }
  const nodes = [...nodesOf(graph, knowledge, '', new Set())]
  const verdicts = members.map((member) => {
    const judged = nodes.flatMap((node) =>
      node.things.map((thing) => ({ node, thing, verdict: judge(member.id, thing) })),
    )
    const lacks = judged
      .filter(({ verdict }) => verdict === 'lacks')
      .map(({ node, thing }): MemberLack => ({ nodeId: node.nodeId, what: thing.what, name: thing.name }))
    const isKnown = knowledge.statesMembers && judged.every(({ verdict }) => verdict !== 'unknown')
    return { member, lacks, canRun: isKnown && lacks.length === 0 && nodes.length > 0 }
  })
  const answer = verdicts.some(({ canRun }) => canRun)
    ? 'some-member'
    : verdicts.every(({ lacks }) => lacks.length > 0)
      ? 'no-member'
      : 'unknown'
  return {
    answer,
    members: verdicts.map(({ member, lacks, canRun }) => ({
      id: member.id,
      title: member.title,
      isOnline: member.status === 'online',
      canRun,
      lacks,
    })),
    nodes: nodes.flatMap(({ nodeId, name, things }) => {
      const able = members
        .filter(({ id }) => things.every((thing) => judge(id, thing) === 'offers'))
        .map(({ id }) => id)
      return able.length < members.length ? [{ nodeId, name, members: able }] : []
    }),
  }
}

function judge(member: string, { known, missing }: Thing): Verdict {
  if (known === 'unknown') return 'unknown'
  if (known !== 'none' && (known.members === null || known.members.includes(member))) return 'offers'
  // the list came without this member: it may have offered the thing a moment before
  return missing.includes(member) ? 'unknown' : 'lacks'
}

/** Every node of the graph and of the graphs in its arguments, and of user-defined processes that are known. */
function* nodesOf(
  graph: unknown,
  knowledge: FederationKnowledge,
  path: string,
  within: ReadonlySet<string>,
): Generator<Judged> {
  if (path.split('/').length > DEEPEST) return
  let count = 0
  for (const [id, value] of Object.entries(object(graph))) {
    if (++count > MOST_NODES) return
    const node = object(value)
    const processId = textOrNull(node.process_id)
    if (processId === null) continue
    const nodeId = path + id
    const given = object(node.arguments)
    const known = knowledge.process(processId, textOrNull(node.namespace))
    yield { nodeId, name: nameOf(processId, given), things: thingsOf(processId, known, given, knowledge) }
    for (const [name, argument] of Object.entries(given))
      yield* childrenOf(argument, knowledge, `${nodeId}/${name}/`, within, processId)
    const inner = typeof known === 'object' ? known.document.process_graph : undefined
    if (inner !== undefined && !within.has(processId))
      yield* nodesOf(inner, knowledge, `${nodeId}/${processId}/`, new Set([...within, processId]))
  }
}

/** Graphs at any depth of an argument, e.g. each condition of `properties`. */
function* childrenOf(
  argument: unknown,
  knowledge: FederationKnowledge,
  path: string,
  within: ReadonlySet<string>,
  processId: string,
): Generator<Judged> {
  if (path.split('/').length > DEEPEST) return
  const { process_graph: graph, ...others } = object(argument)
  if (typeof graph === 'object' && graph !== null) yield* nodesOf(graph, knowledge, path, within)
  for (const [name, value] of Object.entries(others)) {
    // the condition that names a member is for the federation itself
    if (processId === 'load_collection' && name === 'federation:backends') continue
    if (typeof value === 'object' && value !== null)
      yield* childrenOf(value, knowledge, `${path}${name}/`, within, processId)
  }
}

const nameOf = (processId: string, given: Record<string, unknown>): string => {
  const what = processId === 'load_collection' ? given.id : processId === 'save_result' ? given.format : null
  return typeof what === 'string' ? `${processId} ${what}` : processId
}

/** What a node needs of a member: its process, the parameters that it uses, its collection, its format. */
function thingsOf(
  processId: string,
  known: Known,
  given: Record<string, unknown>,
  knowledge: FederationKnowledge,
): Thing[] {
  const { missing } = knowledge
  const things: Thing[] = [{ what: 'process', name: processId, known, missing: missing.processes }]
  if (typeof known === 'object')
    for (const parameter of list(known.document.parameters).map(object)) {
      const name = textOrNull(parameter.name)
      if (name === null || given[name] === undefined) continue
      things.push(...part(name, parameter, missing.processes))
    }
  if (processId === 'load_collection') {
    const id = textOrNull(given.id)
    const collection = id === null ? 'unknown' : knowledge.collection(id)
    things.push({ what: 'collection', name: id ?? 'id', known: collection, missing: missing.collections })
  }
  if (processId === 'save_result') things.push(...formatThings(given, knowledge))
  return things
}

function formatThings(given: Record<string, unknown>, knowledge: FederationKnowledge): Thing[] {
  const { formats } = knowledge.missing
  const name = textOrNull(given.format)
  const known = name === null ? 'unknown' : knowledge.outputFormat(name)
  const things: Thing[] = [{ what: 'format', name: name ?? 'format', known, missing: formats }]
  if (typeof known !== 'object') return things
  const parameters = object(known.document.parameters)
  for (const option of Object.keys(object(given.options)))
    if (Object.hasOwn(parameters, option)) things.push(...part(`options.${option}`, parameters[option], formats))
  return things
}

/** A part of a document counts where it states members of its own. */
function part(name: string, stated: unknown, missing: readonly string[]): Thing[] {
  const members = membersOffering(stated)
  return members === null ? [] : [{ what: 'parameter', name, known: { members, document: {} }, missing }]
}
