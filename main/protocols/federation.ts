/**
 * The federation extension of openEO, versions 0.1 and 0.2, as aggregators in use send it.
 * Owns: who the members are, which of them a list lacks, and which of them offer a thing, at any depth of a document.
 * Does not: ask anybody or decide what a graph may use.
 */
import type { FederationMember } from '../../preload/contract/connections.ts'
import { conformsTo, OPENEO_EXTENSIONS } from './conformance.ts'
import { type Loose, object, short, textOrNull, texts, webAddress } from './read-json.ts'

const MOST_MEMBERS = 200
const DEEPEST = 12
const MOST_RESTRICTIONS = 2_000
const LONGEST_ID = 200

/**
 * The members stated by `GET /`, in the order of the document; none where the back-end is no federation. One alone
 * counts too, although the extension asks for two. A draft of 0.1 had the same object under `federation:backends`.
 */
export function federationMembers(capabilities: unknown, baseUrl: string): FederationMember[] {
  const document = object(capabilities)
  const stated = document.federation ?? document['federation:backends']
  return Object.entries(object(stated))
    .slice(0, MOST_MEMBERS)
    .filter(([id]) => id !== '' && id.length <= LONGEST_ID)
    .map(([id, value]) => member(id, object(value), baseUrl))
}

function member(id: string, stated: Loose, baseUrl: string): FederationMember {
  const status = textOrNull(stated.status)?.toLowerCase()
  const lastCheckedAt = timeOrNull(stated.last_status_check)
  const isOnline = status === undefined || status === 'online'
  return {
    id,
    title: short(stated.title, 200) || id,
    url: webAddress(stated.url, baseUrl) ?? '',
    description: textOrNull(stated.description)?.slice(0, 10_000) ?? '',
    // the default of the extension is online; a word that it does not know says nothing
    status: isOnline ? 'online' : status === 'offline' ? 'offline' : 'unknown',
    lastCheckedAt,
    lastSuccessAt: timeOrNull(stated.last_successful_check) ?? (status === 'online' ? lastCheckedAt : null),
    isExperimental: stated.experimental === true,
    isDeprecated: stated.deprecated === true,
  }
}

function timeOrNull(value: unknown): string | null {
  const atMs = Date.parse(textOrNull(value) ?? '')
  return Number.isNaN(atMs) ? null : new Date(atMs).toISOString()
}

/** The version of the extension by conformance class; null where none is stated, also for a federation. */
export function federationVersion(classes: readonly string[]): '0.1' | '0.2' | null {
  if (conformsTo(classes, `${OPENEO_EXTENSIONS}/federation/0.2*`)) return '0.2'
  return conformsTo(classes, `${OPENEO_EXTENSIONS}/federation/0.1*`) ? '0.1' : null
}

/** Ids of the members that a list (collections, processes, formats, jobs …) was made without; none where all answered. */
export const missingMembers = (document: unknown): string[] => memberIds(object(document)['federation:missing']) ?? []

/**
 * Ids of the members that offer this thing, from the thing itself or, for collections, from its summaries; null where
 * all of them do. An empty list is not allowed by the extension and counts as not stated.
 */
export function membersOffering(thing: unknown): string[] | null {
  const stated = object(thing)
  return (
    memberIds(stated['federation:backends']) ??
    memberIds(stated['federation:hosted']) ??
    memberIds(object(stated.summaries)['federation:backends'])
  )
}

function memberIds(value: unknown): string[] | null {
  const one = textOrNull(value)
  const ids = [...new Set(one === null ? texts(value) : [one])]
  return ids.length === 0 ? null : ids.slice(0, MOST_MEMBERS)
}

/** A part of a document that only some members offer: where it is, and who they are. */
export type Restriction = { path: readonly (string | number)[]; members: string[] }

/**
 * Every part of a document, itself included, that only some members offer, outermost first. Graphs inside of processes
 * and data such as schemas are looked through as well: the extension allows it at any depth.
 */
export function restrictions(document: unknown): Restriction[] {
  const found: Restriction[] = []
  const look = (value: unknown, path: readonly (string | number)[]): void => {
    if (path.length > DEEPEST || found.length >= MOST_RESTRICTIONS || typeof value !== 'object' || value === null)
      return
    if (Array.isArray(value)) {
      for (const [index, entry] of value.entries()) look(entry, [...path, index])
      return
    }
    const members = membersOffering(value)
    if (members) found.push({ path, members })
    // the summaries of a collection speak for the collection, which was just asked
    for (const [key, inner] of Object.entries(value)) if (key !== 'summaries') look(inner, [...path, key])
  }
  look(document, [])
  return found
}
