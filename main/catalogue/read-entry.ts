/**
 * What the cache keeps of a document beside the document: the line of a list, what filters look at, the words.
 * Pure and tolerant: documents of real back-ends lack fields, carry nulls and wrong types.
 */
import type { EntryKind } from '../../preload/contract/catalogue.ts'
import { summarize } from './collection-summary.ts'
import { fold, indexTokens } from './words.ts'

type Loose = Record<string, unknown>
const object = (value: unknown): Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {}
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const texts = (value: unknown): string[] =>
  (typeof value === 'string' ? [value] : list(value)).filter(
    (entry): entry is string => typeof entry === 'string' && entry !== '',
  )

const MOST_NAMES = 200
const LONGEST_NAME = 200
const SUMMARY_LENGTH = 240

export type EntryFields = {
  title: string
  summary: string
  /** West, south, east, north in degrees. */
  bbox: number[] | null
  /** As written; null is open. */
  interval: [string | null, string | null] | null
  bandCount: number
  resolutionM: number | null
  /** Names and common names, each once. */
  bands: string[]
  platforms: string[]
  members: string[]
  isDeprecated: boolean
  isExperimental: boolean
  hasWhole: boolean
  words: { id: string; title: string; keywords: string; bands: string; description: string }
}

const unique = (names: readonly string[]) =>
  [...new Set(names.map((name) => name.slice(0, LONGEST_NAME)))].slice(0, MOST_NAMES)

/** `federation:backends` of a collection, process or format; for collections in the summaries as well. */
export function membersOf(document: unknown): string[] {
  const { 'federation:backends': direct, summaries } = object(document)
  return unique([...texts(direct), ...texts(object(summaries)['federation:backends'])])
}

export function readEntry(kind: EntryKind, id: string, value: unknown): EntryFields {
  const document = object(value)
  const description = text(document.description)
  const isCollection = kind === 'collection'
  const collection = isCollection ? summarize({ ...document, id }, '' as never) : null
  const summaries = object(document.summaries)
  const platforms = isCollection ? unique([...texts(summaries.platform), ...texts(document.platform)]) : []
  const missions = [summaries.constellation, summaries.instruments, summaries.mission].flatMap(texts)
  const bands = unique((collection?.bands ?? []).flatMap(({ name, commonName }) => [name, commonName ?? '']))
  const title = text(document.title) || (kind === 'process' ? text(document.summary) : '') || id
  const topics = [...texts(document.keywords), ...texts(document.categories), ...texts(document.gis_data_types)]
  return {
    title: title.slice(0, 500),
    summary: oneLine(kind === 'process' ? text(document.summary) || description : description),
    bbox: collection?.bbox ?? null,
    interval: collection?.interval ?? null,
    bandCount: collection?.bands.length ?? 0,
    resolutionM: collection?.resolutionM ?? null,
    bands: bands.filter(Boolean),
    platforms,
    members: membersOf(document),
    isDeprecated: document.deprecated === true,
    isExperimental: document.experimental === true,
    // the list of user-defined processes leaves the graph out; most lists of collections leave the dimensions out
    hasWhole: isCollection ? 'cube:dimensions' in document : true,
    words: {
      id: indexTokens(id),
      title: indexTokens(title),
      keywords: indexTokens([...topics, ...platforms, ...missions].slice(0, MOST_NAMES).join(' ')),
      bands: indexTokens(bands.join(' '), { areBands: true }),
      description: indexTokens(description),
    },
  }
}

/** The beginning of a description without its marks of Markdown, on one line. */
export function oneLine(description: string): string {
  const start = description.slice(0, 2_000).replace(/\r/g, '')
  const paragraph = start.split('\n\n').find((part) => /[\p{L}\p{N}]/u.test(part)) ?? ''
  const plain = paragraph
    .replace(/!?\[([^\][]{0,300})\]\([^()\s]{0,500}\)/g, '$1')
    .replace(/<[^<>]{0,300}>/g, ' ')
    .replace(/[`*#>|]+/g, '')
    .replace(/\s+/g, ' ')
    .trim()
  return plain.length > SUMMARY_LENGTH ? `${plain.slice(0, SUMMARY_LENGTH - 1).trimEnd()}…` : plain
}

/** What titles are sorted by. */
export const sortKey = (title: string): string => fold(title.trim()).slice(0, 200)
/** What ids are compared by while somebody types. */
export const idKey = (id: string): string => fold(id.trim())
