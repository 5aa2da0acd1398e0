/** Process graphs: made from recipes, checked by the back-end, kept as a draft while they are edited. */
import { z } from 'zod'
import { call, feature } from './define.ts'
import { AreaId, ConnectionId, Json, JsonObject, ProcessGraph, TemporalExtent } from './vocabulary.ts'

/** One field of a recipe's form. */
export const RecipeParameter = z.object({
  name: z.string(),
  label: z.string(),
  help: z.string(),
  /** `band`: one band of the collection; `period`: a period of aggregate_temporal_period; `formula`: band maths. */
  kind: z.enum(['band', 'bands', 'number', 'integer', 'boolean', 'choice', 'formula', 'classes']),
  choices: z.array(z.object({ value: z.string(), label: z.string() })).optional(),
  default: Json.optional(),
  /** Common names that fit, best first: the form preselects the first band of the collection that has one. */
  commonNames: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  optional: z.boolean(),
})
export type RecipeParameter = z.infer<typeof RecipeParameter>

export const Recipe = z.object({
  id: z.string(),
  title: z.string(),
  summary: z.string(),
  parameters: z.array(RecipeParameter),
  /** Processes that it may run; those of a formula are left out. */
  processIds: z.array(z.string()).optional(),
})
export type Recipe = z.infer<typeof Recipe>

/** What the user has chosen so far; saved while it is edited. */
export const Draft = z.object({
  connectionId: ConnectionId.nullable(),
  collectionId: z.string().nullable(),
  areaId: AreaId.nullable(),
  temporalExtent: TemporalExtent,
  recipeId: z.string().nullable(),
  parameters: z.record(z.string(), Json),
  title: z.string().max(300),
  format: z.enum(['GTiff', 'PNG', 'JSON']),
  /** Of a federation: the member that has to run it; null leaves the choice to the federation. */
  federationMember: z.string().max(200).nullable().default(null),
})
export type Draft = z.infer<typeof Draft>

/** One finding about a graph: what is wrong and at which node and argument. */
export const Finding = z.object({
  code: z.string(),
  message: z.string(),
  nodeId: z.string().optional(),
  argument: z.string().optional(),
  /** The field of the form that it comes from, where there is one. */
  field: z.string().optional(),
})
export type Finding = z.infer<typeof Finding>

/** What one node asks for that a member of the federation does not offer. */
export const MemberLack = z.object({
  nodeId: z.string(),
  what: z.enum(['process', 'parameter', 'collection', 'format']),
  name: z.string(),
})
export type MemberLack = z.infer<typeof MemberLack>
/** Which members of a federation could run a graph as a whole. */
export const FederationCheck = z.object({
  /** `unknown`: the catalogue does not know enough (never read, or no `federation:backends` anywhere). */
  answer: z.enum(['not-federated', 'some-member', 'no-member', 'unknown']),
  members: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      isOnline: z.boolean(),
      canRun: z.boolean(),
      lacks: z.array(MemberLack),
    }),
  ),
  /** For each node that not every member offers: the members that do. */
  nodes: z.array(z.object({ nodeId: z.string(), name: z.string(), members: z.array(z.string()) })),
})
export type FederationCheck = z.infer<typeof FederationCheck>

export const graphs = feature({
  calls: {
    recipes: call(z.void(), z.array(Recipe)),
    draft: call(z.void(), Draft),
    saveDraft: call(Draft, z.void()),
    /** The graph that the draft makes; findings where the draft is not complete (then the graph is null). */
    build: call(
      Draft,
      z.object({
        graph: ProcessGraph.nullable(),
        findings: z.array(Finding),
        /** What is sent beside the graph, e.g. the option that names a member of a federation; mostly nothing. */
        options: JsonObject,
      }),
    ),
    /** Asks the back-end's /validation. */
    validate: call(
      z.object({ connectionId: ConnectionId, graph: ProcessGraph }),
      z.object({ answer: z.enum(['valid', 'invalid', 'could-not-check']), findings: z.array(Finding) }),
    ),
    /** Told before anything is sent, from what the catalogue knows; works without a network. */
    federation: call(z.object({ connectionId: ConnectionId, graph: ProcessGraph }), FederationCheck),
  },
  events: {},
})
