/** A collection's facts as words. Pure. */
import type { CollectionSummary } from '../../preload/contract/catalogue.ts'

const day = (instant: string) => instant.slice(0, 10)

/** `2025-01-03 – 2025-12-29`, `since 2015-06-27`; empty where the back-end states nothing. */
export function intervalWords(interval: CollectionSummary['interval']): string {
  const [from, to] = interval ?? [null, null]
  if (from && to) return day(from) === day(to) ? day(from) : `${day(from)} – ${day(to)}`
  if (from) return `since ${day(from)}`
  return to ? `until ${day(to)}` : ''
}

/** To the month, for lists: `2025-01 – 2025-12`; a single day or month once. */
export function monthsWords(interval: CollectionSummary['interval']): string {
  const [from, to] = interval ?? [null, null]
  if (!from || !to || day(from) === day(to)) return intervalWords(interval)
  const [first, last] = [from.slice(0, 7), to.slice(0, 7)]
  return first === last ? first : `${first} – ${last}`
}

/** `10 m`, `1.5 km`. */
export function resolutionWords(metres: number | undefined): string {
  if (metres === undefined || !Number.isFinite(metres)) return ''
  return metres >= 1000 ? `${Number((metres / 1000).toPrecision(3))} km` : `${Number(metres.toPrecision(3))} m`
}

/** `45.10° N … 46.20° N, 7.00° E … 8.10° E`. */
export function bboxWords(bbox: readonly number[] | null | undefined): string {
  if (bbox?.length !== 4) return ''
  const [west = 0, south = 0, east = 0, north = 0] = bbox
  const latitude = (value: number) => `${Math.abs(value).toFixed(2)}° ${value < 0 ? 'S' : 'N'}`
  const longitude = (value: number) => `${Math.abs(value).toFixed(2)}° ${value < 0 ? 'W' : 'E'}`
  return `${latitude(south)} … ${latitude(north)}, ${longitude(west)} … ${longitude(east)}`
}

/** The second line of a collection in a list; short enough for the narrowest one. */
export function collectionFacts(collection: CollectionSummary): string {
  const bands = collection.bands.length
  return [
    monthsWords(collection.interval),
    bands ? `${bands} ${bands === 1 ? 'band' : 'bands'}` : '',
    resolutionWords(collection.resolutionM),
  ]
    .filter(Boolean)
    .join(' · ')
}
