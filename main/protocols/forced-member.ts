/**
 * How a federation is told which of its members has to run a job. Pure.
 * Owns: which of the three ways is used. Does not: know whether the member can (graphs/federation.ts does).
 * Why not one way for all: an aggregator of API 1.2 or with the federation extension takes the job option
 * `federation:force-backend`, which holds for every graph. One that states no version of the extension may be so old that
 * it knows the option by its first name, `_agg_force_backend`, only; as it strips both from what it hands on, both are
 * sent. Before API 1.2 drivers are in use that fail on members of a job that they do not know, so there the condition
 * `federation:backends` of load_collection says it inside of the graph; the option only goes where no collection is
 * loaded by id and nothing else is left.
 */
import type { JsonObject, ProcessGraph } from '../../preload/contract/vocabulary.ts'
import { object } from './read-json.ts'

export type FederationDialect = {
  /** `1.2.0` */
  apiVersion: string
  /** By conformance class; null: not stated. */
  federationVersion: string | null
}
/** `options` are members of the request beside the process; empty where the graph says it all. */
export type Forced = { graph: ProcessGraph; options: JsonObject }

/** The same graph again gives the same answer: a condition that is there already is replaced. */
export function forceMember(graph: ProcessGraph, member: string | null, dialect: FederationDialect): Forced {
  if (member === null) return { graph, options: {} }
  const isOld = isBefore12(dialect.apiVersion) && dialect.federationVersion === null
  if (isOld && Object.values(graph).some(isLoad)) return { graph: withCondition(graph, member), options: {} }
  const names =
    dialect.federationVersion === null
      ? ['federation:force-backend', '_agg_force_backend']
      : ['federation:force-backend']
  return { graph, options: { job_options: Object.fromEntries(names.map((name) => [name, member])) } }
}

function isBefore12(apiVersion: string): boolean {
  const [major = 1, minor = 2] = apiVersion.split('.').map(Number)
  return major < 1 || (major === 1 && minor < 2)
}

const isLoad = (node: unknown) => object(node).process_id === 'load_collection'

function withCondition(graph: ProcessGraph, member: string): ProcessGraph {
  const condition = {
    process_graph: {
      member: { process_id: 'eq', arguments: { x: { from_parameter: 'value' }, y: member }, result: true },
    },
  }
  const nodes = Object.entries(graph).map(([id, node]) => {
    if (!isLoad(node)) return [id, node]
    const given = object(node.arguments)
    const properties = { ...object(given.properties), 'federation:backends': condition }
    return [id, { ...node, arguments: { ...given, properties } }]
  })
  return Object.fromEntries(nodes) as ProcessGraph
}
