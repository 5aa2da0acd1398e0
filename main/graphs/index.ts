/**
 * Process graphs: made from recipes, kept as a draft, checked by the back-end that is to run them.
 * Owns: table draft. Does not: run (jobs) or judge what a back-end judges (its /validation does).
 */
import type { Area } from '../../preload/contract/areas.ts'
import { Draft, type Finding } from '../../preload/contract/graphs.ts'
import type { Handlers } from '../../preload/contract/index.ts'
import type { CatalogueFeature } from '../catalogue/index.ts'
import type { ConnectionsFeature } from '../connections/index.ts'
import { type Clock, instant } from '../core/clock.ts'
import type { Database } from '../core/database.ts'
import { readFields } from '../core/documents.ts'
import { AppError } from '../core/errors.ts'
import { forceMember } from '../protocols/forced-member.ts'
import * as openeo from '../protocols/openeo.ts'
import { type BuildContext, buildGraph, cubeDimensions } from './build-graph.ts'
import { checkFederation } from './federation.ts'
import { federationKnowledge } from './federation-knowledge.ts'
import { RECIPES } from './recipes.ts'

export type GraphsFeature = { handlers: Handlers<'graphs'> }
type Needs = {
  database: Database
  clock: Clock
  connections: ConnectionsFeature
  catalogue: CatalogueFeature
  areas: { find(id: string): Area | undefined }
}

const EMPTY_DRAFT: Draft = {
  connectionId: null,
  collectionId: null,
  areaId: null,
  temporalExtent: [null, null],
  recipeId: null,
  parameters: {},
  title: '',
  format: 'GTiff',
  federationMember: null,
}

export function createGraphs({ database, clock, connections, catalogue, areas }: Needs): GraphsFeature {
  function readDraft(): Draft {
    const row = database.get<{ document: string }>(`SELECT document FROM draft WHERE id = 'current'`)
    return readFields(Draft, row ? JSON.parse(row.document) : null, EMPTY_DRAFT)
  }

  function contextOf(draft: Draft): BuildContext {
    const { connectionId, collectionId, areaId } = draft
    const document = connectionId && collectionId ? catalogue.document(connectionId, collectionId) : undefined
    const dimensions = document && cubeDimensions(document)
    const offered = connectionId ? catalogue.processIds(connectionId) : null
    return {
      collection: (connectionId && collectionId && catalogue.collection(connectionId, collectionId)) || null,
      ...(dimensions ? { dimensions } : {}),
      area: (areaId && areas.find(areaId)) || null,
      offered: offered && offered.size > 0 ? offered : null,
    }
  }

  /** The member that is asked for; of a connection that is no federation (any more) none. */
  const memberOf = ({ connectionId, federationMember }: Draft) =>
    connectionId && connections.find(connectionId)?.federation.some(({ id }) => id === federationMember)
      ? federationMember
      : null

  return {
    handlers: {
      recipes: async () => [...RECIPES],
      draft: async () => readDraft(),
      async saveDraft(draft) {
        database.run(
          `INSERT INTO draft (id, document, updated_at) VALUES ('current', ?, ?)
           ON CONFLICT (id) DO UPDATE SET document = excluded.document, updated_at = excluded.updated_at`,
          [JSON.stringify(draft), instant(clock.now())],
        )
      },
      async build(draft) {
        const { graph, findings } = buildGraph(draft, contextOf(draft))
        const member = graph && memberOf(draft)
        const { connectionId } = draft
        if (!graph || !member || !connectionId) return { graph, findings, options: {} }
        // said here as well as when it is sent (jobs), so that what is shown is what is sent
        const { federationVersion } = await connections.handlers.details({ id: connectionId })
        const apiVersion = connections.find(connectionId)?.apiVersion ?? '1.2.0'
        return { ...forceMember(graph, member, { apiVersion, federationVersion }), findings }
      },
      async federation({ connectionId, graph }) {
        const connection = connections.find(connectionId)
        if (!connection) throw new AppError('not-found', 'The connection is not there any more.')
        if (connection.federation.length === 0) return { answer: 'not-federated', members: [], nodes: [] }
        return checkFederation(graph, await federationKnowledge(connection, catalogue))
      },
      async validate({ connectionId, graph }) {
        try {
          const errors = await openeo.validate(connections.session(connectionId), graph)
          return { answer: errors.length === 0 ? 'valid' : 'invalid', findings: errors.map(toFinding) }
        } catch (failure) {
          if (!(failure instanceof AppError)) throw failure
          return { answer: 'could-not-check', findings: [{ code: failure.code, message: failure.message }] }
        }
      },
    },
  }
}

const toFinding = ({ code, message, nodeId, argument }: openeo.GraphError): Finding => ({
  code,
  message,
  ...(nodeId === null ? {} : { nodeId }),
  ...(argument === null ? {} : { argument }),
})
