/**
 * Parts of a list by `limit` and `offset`, with links to the neighbours.
 * Owns: the arithmetic and the links. Source: openEO API 1.2.0, "Pagination": only asked-for limits cut a list.
 */

import { requestInvalid } from './errors.ts'
import type { Exchange } from './exchange.ts'
import { wholeNumber } from './read-request.ts'

export type Link = { rel: string; href: string; type?: string; title?: string }

const pageLink = (exchange: Exchange, rel: string, values: Record<string, string>): Link => {
  const query = new URLSearchParams(exchange.query)
  for (const [name, value] of Object.entries(values)) query.set(name, value)
  return { rel, href: `${exchange.base}${exchange.path}?${query}`, type: 'application/json' }
}

/** The part of the list that is asked for, and the links that belong to it. @throws OpeneoError RequestInvalid */
export function page<T>(exchange: Exchange, all: readonly T[]): { part: T[]; links: Link[] } {
  const limit = wholeNumber(exchange.query, 'limit')
  if (limit === undefined) return { part: [...all], links: [] }
  const text = exchange.query.get('offset') ?? '0'
  if (!/^\d{1,9}$/.test(text)) throw requestInvalid("'offset' must be a whole number from 0.")
  const offset = Number(text)
  const links: Link[] = []
  const last = Math.max(0, Math.floor((all.length - 1) / limit) * limit)
  if (offset > 0) {
    links.push(pageLink(exchange, 'first', { offset: '0' }))
    links.push(pageLink(exchange, 'prev', { offset: String(Math.max(0, Math.min(offset, last + limit) - limit)) }))
  }
  if (offset + limit < all.length) {
    links.push(pageLink(exchange, 'next', { offset: String(offset + limit) }))
    links.push(pageLink(exchange, 'last', { offset: String(last) }))
  }
  return { part: all.slice(offset, offset + limit), links }
}

/** Links of a list that is read on from a key: rows that come or go meanwhile are neither doubled nor left out. */
export function keyedLinks(exchange: Exchange, next: string | undefined): Link[] {
  const links: Link[] = []
  if (exchange.query.has('offset')) {
    const query = new URLSearchParams(exchange.query)
    query.delete('offset')
    links.push({ rel: 'first', href: `${exchange.base}${exchange.path}?${query}`, type: 'application/json' })
  }
  if (next !== undefined) links.push(pageLink(exchange, 'next', { offset: next }))
  return links
}
