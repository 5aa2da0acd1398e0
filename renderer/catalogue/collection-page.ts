/** A STAC collection as its document states it, read for the page. Pure; the document may be wrong anywhere. */
import type { Json, JsonObject } from '../../preload/contract/vocabulary.ts'
import { linksOf, type NamedLink } from './link-words.ts'
import { isObject, listOf, numberOf, objectOf, objectsOf, own, textOf, textsOf } from './schema/json.ts'

export type Provider = { name: string; roles: string; href: string; description: string }
export type CollectionAsset = { key: string; title: string; type: string; roles: string; href: string }
export type TimeSpan = [from: string | null, to: string | null]
export type Licence = { words: string; links: NamedLink[] }
const MOST = 100

const isInstant = (value: Json | undefined): value is string =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value))

/** West, south, east, north of each box of the extent; the first is the whole, the others are its parts (STAC 1.0). */
export function bboxesOf(document: JsonObject): number[][] {
  const stated = listOf(objectOf(objectOf(document.extent).spatial).bbox)
  // some back-ends write the one box without the list around it
  const all = typeof stated[0] === 'number' ? [stated] : stated
  return all.slice(0, MOST).flatMap((box) => {
    const numbers = listOf(box as Json).map(numberOf)
    if (numbers.some((value) => value === null)) return []
    const [w, s, a, b, c, d] = numbers as number[]
    if (numbers.length === 4) return [[w, s, a, b] as number[]]
    return numbers.length === 6 ? [[w, s, b, c] as number[]].filter(() => d !== undefined) : []
  })
}

export function intervalsOf(document: JsonObject): TimeSpan[] {
  const stated = listOf(objectOf(objectOf(document.extent).temporal).interval)
  const all = stated.length && !Array.isArray(stated[0]) ? [stated] : stated
  return all.slice(0, MOST).flatMap((span) => {
    const [from = null, to = null] = listOf(span as Json)
    const ends: TimeSpan = [isInstant(from) ? from : null, isInstant(to) ? to : null]
    return ends[0] === null && ends[1] === null ? [] : [ends]
  })
}

const LICENCES: Record<string, string> = {
  proprietary: 'Own terms',
  other: 'Own terms',
  various: 'Several licences',
  '': 'Not named',
}
/** SPDX id or expression with the links that the document gives; `various` and `proprietary` are words of STAC. */
export function licenceOf(document: JsonObject, base?: string): Licence | null {
  const id = textOf(document.license)
  const links = linksOf(document, base).filter(({ rel }) => rel === 'license')
  if (!id && !links.length) return null
  const words = own(LICENCES, id) ?? id
  return { words, links }
}

const ROLES: Record<string, string> = {
  licensor: 'licenses',
  producer: 'produces',
  processor: 'processes',
  host: 'hosts',
}

export function providersOf(document: JsonObject): Provider[] {
  return objectsOf(document.providers)
    .slice(0, MOST)
    .map((one) => ({
      name: textOf(one.name) || textOf(one.url) || 'A provider without a name',
      roles: textsOf(one.roles)
        .map((role) => own(ROLES, role) ?? role)
        .join(', '),
      href: textOf(one.url),
      description: textOf(one.description),
    }))
}

export function assetsOf(document: JsonObject, base?: string): CollectionAsset[] {
  return Object.entries(objectOf(document.assets))
    .filter((entry): entry is [string, JsonObject] => isObject(entry[1]))
    .slice(0, MOST)
    .map(([key, one]) => ({
      key,
      title: textOf(one.title) || key,
      type: textOf(one.type),
      roles: textsOf(one.roles).join(', '),
      href: (base && URL.parse(textOf(one.href), base)?.href) || textOf(one.href),
    }))
}

/** What to use instead, where the document says. */
export function successorsOf(document: JsonObject, base?: string): NamedLink[] {
  return linksOf(document, base).filter(({ rel }) => rel === 'latest-version' || rel === 'successor-version')
}

/** Where the interval bar begins and ends, and each span on it, in parts of its width. */
export type Bar = {
  from: number
  to: number
  spans: { from: number; to: number; isOpenStart: boolean; isOpenEnd: boolean }[]
}
const YEAR_MS = 365.25 * 86_400_000

/** The bar of the intervals up to today; an open start reaches a tenth of the whole before the first date that is known. */
export function timeBar(spans: readonly TimeSpan[], now: number): Bar | null {
  const dates = spans
    .flat()
    .filter((date) => date !== null)
    .map((date) => Date.parse(date))
  if (!dates.length) return null
  const isOpenStart = spans.some(([from]) => from === null)
  const last = Math.max(...dates, spans.some(([, to]) => to === null) ? now : Number.NEGATIVE_INFINITY)
  const first = Math.min(...dates)
  const length = Math.max(last - first, YEAR_MS / 12)
  const from = isOpenStart ? first - length / 10 : first
  const to = first + length
  const place = (date: number) => (date - from) / (to - from)
  return {
    from,
    to,
    spans: spans.map(([start, end]) => ({
      from: start === null ? 0 : place(Date.parse(start)),
      to: end === null ? 1 : place(Date.parse(end)),
      isOpenStart: start === null,
      isOpenEnd: end === null,
    })),
  }
}
