/**
 * STAC items as a back-end lists them: what is asked, and what is read of the answer. Pure.
 * Sources: STAC API 1.0 (features), OGC API Features part 1 (bbox, datetime, limit, next).
 */
import type { CatalogueItem } from '../../preload/contract/catalogue.ts'
import type { Bbox, Json, JsonObject } from '../../preload/contract/vocabulary.ts'
import { linkOf, picturesOfAssets } from './links.ts'

type Loose = Record<string, unknown>
const object = (value: unknown): Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {}
const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)
const finite = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null)

type Asked = { bbox: Bbox | null; interval: [string | null, string | null] | null; limit: number }

/** The day before the first day that is not in a left-closed interval any more, to its last millisecond. */
const lastMoment = (day: string) => new Date(Date.parse(day) - 1).toISOString()

export function itemsPath(url: URL, { bbox, interval, limit }: Asked): URL {
  const asked = new URL(url)
  asked.searchParams.set('limit', String(limit))
  if (bbox) asked.searchParams.set('bbox', bbox.join(','))
  const [from, to] = interval ?? [null, null]
  if (from !== null || to !== null)
    asked.searchParams.set('datetime', `${from ? `${from}T00:00:00Z` : '..'}/${to ? lastMoment(to) : '..'}`)
  return asked
}

export type ReadItem = Omit<CatalogueItem, 'thumbnailId'> & { thumbnail: string | null; self: string | null }
export type ReadItems = { items: ReadItem[]; next: string | null; matched: number | null }
const MOST_ITEMS = 1_000

/** null where it is no list of items. */
export function toItems(value: unknown): ReadItems | null {
  const page = object(value)
  if (!Array.isArray(page.features)) return null
  const items = page.features.slice(0, MOST_ITEMS).flatMap((feature): ReadItem[] => {
    const item = object(feature)
    const id = text(item.id) ?? (typeof item.id === 'number' ? String(item.id) : null)
    if (id === null) return []
    const properties = object(item.properties)
    return [
      {
        id,
        datetime: text(properties.datetime) ?? text(properties.start_datetime),
        bbox: bboxOf(item.bbox),
        geometry: (typeof item.geometry === 'object' ? item.geometry : null) as Json,
        cloudCover: finite(properties['eo:cloud_cover']),
        document: item as JsonObject,
        thumbnail: picturesOfAssets(item)[0]?.href ?? null,
        self: linkOf(item, ['self'])?.href ?? null,
      },
    ]
  })
  const next = linkOf(page, ['next'])
  const isGet = (text(next?.whole.method) ?? 'GET').toUpperCase() === 'GET'
  const matched = finite(page.numberMatched) ?? finite(object(page.context).matched)
  return {
    items,
    next: next && isGet ? next.href : null,
    matched: matched === null ? null : Math.max(0, Math.round(matched)),
  }
}

function bboxOf(value: unknown): number[] | null {
  const numbers = (Array.isArray(value) ? value : []).map(finite)
  if (numbers.includes(null)) return null
  if (numbers.length === 4) return numbers as number[]
  const [west, south, , east, north] = numbers as number[]
  return numbers.length === 6 ? [west as number, south as number, east as number, north as number] : null
}
