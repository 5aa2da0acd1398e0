/**
 * Periods of the calendar, as aggregate_temporal_period names them.
 * Owns: the label, start and end (excluded) of the period that an instant falls into, all in UTC. Weeks are those of
 * ISO 8601. A season or tropical season that crosses the new year carries the year of its January.
 */

export const PERIODS = [
  'hour',
  'day',
  'week',
  'dekad',
  'month',
  'season',
  'tropical-season',
  'year',
  'decade',
  'decade-ad',
] as const
export type PeriodName = (typeof PERIODS)[number]
export type Period = { label: string; start: number; end: number }

const HOUR = 3_600_000
const DAY = 24 * HOUR

const pad = (number: number, digits: number) => String(number).padStart(digits, '0')

/** Midnight UTC; months may run over. Years below 100 are not moved to the 20th century. */
function midnight(year: number, month: number, day = 1): number {
  const date = new Date(0)
  date.setUTCFullYear(year, month, day)
  return date.getTime()
}

const months = (label: string, year: number, month: number, count: number): Period => ({
  label,
  start: midnight(year, month),
  end: midnight(year, month + count),
})

function week(time: number): Period {
  const today = Math.floor(time / DAY) * DAY
  const weekday = (new Date(today).getUTCDay() + 6) % 7
  const monday = today - weekday * DAY
  const year = new Date(monday + 3 * DAY).getUTCFullYear()
  const fourth = midnight(year, 0, 4)
  const firstMonday = fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * DAY
  const number = Math.round((monday - firstMonday) / (7 * DAY)) + 1
  return { label: `${pad(year, 4)}-${pad(number, 2)}`, start: monday, end: monday + 7 * DAY }
}

function dekad(year: number, month: number, day: number): Period {
  const third = Math.min(2, Math.floor((day - 1) / 10))
  return {
    label: `${pad(year, 4)}-${pad(month * 3 + third + 1, 2)}`,
    start: midnight(year, month, third * 10 + 1),
    end: third === 2 ? midnight(year, month + 1) : midnight(year, month, third * 10 + 11),
  }
}

const SEASONS = ['djf', 'mam', 'jja', 'son'] as const

/** The period that an instant (milliseconds since 1970) falls into. */
export function periodOf(name: PeriodName, time: number): Period {
  const date = new Date(time)
  const year = date.getUTCFullYear()
  const month = date.getUTCMonth()
  const day = date.getUTCDate()
  const yyyy = pad(year, 4)
  switch (name) {
    case 'hour': {
      const start = Math.floor(time / HOUR) * HOUR
      return {
        label: `${yyyy}-${pad(month + 1, 2)}-${pad(day, 2)}-${pad(date.getUTCHours(), 2)}`,
        start,
        end: start + HOUR,
      }
    }
    case 'day': {
      const start = midnight(year, month, day)
      return { label: `${yyyy}-${pad(Math.round((start - midnight(year, 0)) / DAY) + 1, 3)}`, start, end: start + DAY }
    }
    case 'week':
      return week(time)
    case 'dekad':
      return dekad(year, month, day)
    case 'month':
      return months(`${yyyy}-${pad(month + 1, 2)}`, year, month, 1)
    case 'season': {
      const index = Math.floor(((month + 1) % 12) / 3)
      const yearOf = month === 11 ? year + 1 : year
      return months(`${pad(yearOf, 4)}-${SEASONS[index] ?? ''}`, yearOf, index * 3 - 1, 3)
    }
    case 'tropical-season': {
      if (month >= 4 && month <= 9) return months(`${yyyy}-mjjaso`, year, 4, 6)
      const yearOf = month >= 10 ? year + 1 : year
      return months(`${pad(yearOf, 4)}-ndjfma`, yearOf - 1, 10, 6)
    }
    case 'year':
      return months(yyyy, year, 0, 12)
    case 'decade':
    case 'decade-ad': {
      const shift = name === 'decade' ? 0 : 1
      const first = Math.floor((year - shift) / 10) * 10 + shift
      return months(pad(first, 4), first, 0, 120)
    }
  }
}

/**
 * Every period from that of the earliest to that of the latest instant, without gaps, in order.
 * At most `limit` of them; null where there would be more.
 */
export function periodsBetween(name: PeriodName, first: number, last: number, limit: number): Period[] | null {
  const periods: Period[] = []
  for (let time = first; ; ) {
    const period = periodOf(name, time)
    periods.push(period)
    if (period.end > last) return periods
    if (periods.length >= limit) return null
    time = period.end
  }
}
