/**
 * Collections and processes, as lists and one by one.
 * Owns: their lists and pages. Does not: decide who sees which collection (visible-collections.ts).
 */
import type { BackEnd } from '../back-end.ts'
import { collectionDocument, collectionSummary } from '../collection-document.ts'
import { collectionNotFound } from '../errors.ts'
import { type Exchange, json, type Route, route } from '../exchange.ts'
import { page } from '../paging.ts'
import { visibleCollections } from '../visible-collections.ts'

export function catalogueRoutes(backEnd: BackEnd): Route[] {
  const visible = (exchange: Exchange) => visibleCollections(backEnd, exchange)
  return [
    route('GET', '/collections', 'optional', (exchange) => {
      const { part, links } = page(exchange, visible(exchange))
      return json({ collections: part.map(({ collection }) => collectionSummary(collection, exchange.base)), links })
    }),
    route('GET', '/collections/{collection_id}', 'optional', (exchange) => {
      const id = exchange.parameters.collection_id ?? ''
      const found = visible(exchange).find(({ collection }) => collection.id === id)
      if (!found) throw collectionNotFound(id)
      return json(collectionDocument(found.collection, exchange.base))
    }),
    route('GET', '/processes', 'optional', (exchange) => {
      const { part, links } = page(exchange, backEnd.engine.processes)
      return json({ processes: part, links })
    }),
  ]
}
