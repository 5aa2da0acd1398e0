/**
 * Ranges of days that a collection suggests, and how its scenes lie in time. Pure.
 * Ranges are left-closed as openEO's temporal_extent: the last day is not included. Days are days of UTC.
 */
import type { CollectionSummary } from '../../preload/contract/catalogue.ts'
import type { Range } from '../ui/DateRange.svelte'

const DAY_MS = 86_400_000

/** `2026-03-12` of an instant or of milliseconds since 1970. */
export const dayOf = (instant: string | number): string => new Date(instant).toISOString().slice(0, 10)
/** The day that lies `days` after. */
export const dayAfter = (day: string, days = 1): string => dayOf(Date.parse(day) + days * DAY_MS)
/** The same day of another month, or the last day of a shorter one. */
export function monthsBefore(day: string, months: number): string {
  const date = new Date(`${day}T00:00:00Z`)
  const wanted = date.getUTCDate()
  date.setUTCDate(1)
  date.setUTCMonth(date.getUTCMonth() - months)
  const lastOfMonth = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
  date.setUTCDate(Math.min(wanted, lastOfMonth))
  return dayOf(date.getTime())
}

const isReadable = (instant: string | null | undefined): instant is string =>
  typeof instant === 'string' && Number.isFinite(Date.parse(instant))

/** First and last day of a collection: from its scenes, else from its interval; an open end is `today`. */
export function coveredDays(
  collection: Pick<CollectionSummary, 'interval' | 'instants'>,
  today: string,
): { first: string; last: string } | null {
  const instants = collection.instants.filter(isReadable)
  if (instants.length > 0) {
    const times = instants.map((instant) => Date.parse(instant))
    return { first: dayOf(Math.min(...times)), last: dayOf(Math.max(...times)) }
  }
  const [from, to] = collection.interval ?? [null, null]
  if (!isReadable(from)) return null
  const last = isReadable(to) ? dayOf(to) : today
  return last < dayOf(from) ? null : { first: dayOf(from), last }
}

/** What the buttons under the dates offer: short ranges at the end of the data, then all of it. */
export function datePresets(
  collection: Pick<CollectionSummary, 'interval' | 'instants'>,
  today: string,
): { label: string; value: Range }[] {
  const covered = coveredDays(collection, today)
  if (!covered) return []
  const { first, last } = covered
  const end = dayAfter(last)
  const presets: { label: string; value: Range }[] = []
  if (collection.instants.length > 0) presets.push({ label: 'Last scene', value: [last, end] })
  for (const [label, months] of [
    ['Last month', 1],
    ['Last 3 months', 3],
    ['Last year', 12],
  ] as const) {
    const begin = dayAfter(monthsBefore(last, months))
    if (begin > first) presets.push({ label, value: [begin, end] })
  }
  presets.push({ label: 'All', value: [first, end] })
  return presets
}

const MOST_SCENES_AT_FIRST = 100
const MONTHS_AT_FIRST = 3
/** The dates that a collection begins with: all of it where it has few scenes, else its last three months. */
export function firstDates(
  collection: Pick<CollectionSummary, 'interval' | 'instants'>,
  today: string,
): [string, string] | null {
  const covered = coveredDays(collection, today)
  if (!covered) return null
  const { first, last } = covered
  const end = dayAfter(last)
  const isSmall = collection.instants.length > 0 && collection.instants.length <= MOST_SCENES_AT_FIRST
  const recent = dayAfter(monthsBefore(last, MONTHS_AT_FIRST))
  return isSmall || recent <= first ? [first, end] : [recent, end]
}

/**
 * The dates after a collection was chosen: what the user typed stays; empty ones, and those that the collection before
 * had brought with it, become the first dates of the new one.
 */
export function datesWith(
  dates: Range,
  chosen: Pick<CollectionSummary, 'interval' | 'instants'>,
  before: Pick<CollectionSummary, 'interval' | 'instants'> | undefined,
  today: string,
): Range {
  const isEmpty = dates[0] === null && dates[1] === null
  const brought = before && firstDates(before, today)
  const isBrought = brought && brought[0] === dates[0] && brought[1] === dates[1]
  return isEmpty || isBrought ? (firstDates(chosen, today) ?? [null, null]) : dates
}

export type TimeBin = { from: string; to: string; count: number }

const monthStart = (day: string) => `${day.slice(0, 7)}-01`
const monthAfter = (day: string) => {
  const [year = 0, month = 1] = day.split('-').map(Number)
  return dayOf(Date.UTC(year, month, 1))
}
const yearAfter = (day: string) => `${String(Number(day.slice(0, 4)) + 1).padStart(4, '0')}-01-01`
const MOST_MONTHS = 60

/** The scenes counted by month, or by year where there are many months; bins without scenes are there too. */
export function sceneBins(instants: readonly string[]): TimeBin[] {
  const days = instants.filter(isReadable).map(dayOf).sort()
  const [first, last] = [days[0], days.at(-1)]
  if (first === undefined || last === undefined) return []
  const months = (Number(last.slice(0, 4)) - Number(first.slice(0, 4))) * 12 + 12
  const byYear = months > MOST_MONTHS
  const bins: TimeBin[] = []
  let from = byYear ? `${first.slice(0, 4)}-01-01` : monthStart(first)
  while (from <= last && bins.length < 1000) {
    const to = byYear ? yearAfter(from) : monthAfter(from)
    bins.push({ from, to, count: 0 })
    from = to
  }
  let at = 0
  for (const day of days) {
    while (bins[at + 1] && day >= (bins[at]?.to ?? '')) at++
    const bin = bins[at]
    if (bin) bin.count++
  }
  return bins
}

/** How many scenes lie in the range. */
export function scenesWithin(instants: readonly string[], [from, to]: readonly [string | null, string | null]): number {
  return instants.filter((instant) => {
    const day = instant.slice(0, 10)
    return (!from || day >= from) && (!to || day < to)
  }).length
}
