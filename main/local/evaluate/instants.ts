/**
 * Dates and times of process graphs and labels.
 * Owns: reading RFC 3339 dates and date-times (UTC where they say nothing), left-closed intervals. Does not: periods of
 * the calendar (periods.ts).
 */
import { GraphError } from './problem.ts'

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/
const DATE_TIME = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?([Zz]|[+-]\d{2}:?\d{2})?$/

/** Milliseconds since 1970 in UTC; null where the text is no date or date-time, or there is no such day. */
export function readInstant(text: string): number | null {
  const match = DATE.exec(text) ?? DATE_TIME.exec(text)
  if (match === null) return null
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '0', zone = 'Z'] = match
  const midnight = new Date(0)
  midnight.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  if (midnight.getUTCMonth() !== Number(month) - 1 || midnight.getUTCDate() !== Number(day)) return null
  if (Number(hour) > 24 || Number(minute) > 59 || Number(second) > 60) return null
  const sign = zone.startsWith('-') ? -1 : 1
  const offset = /^[+-]/.test(zone) ? sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))) : 0
  const milliseconds = Math.floor(Number(`0.${fraction}`) * 1000)
  return (
    midnight.getTime() + ((Number(hour) * 60 + Number(minute) - offset) * 60 + Number(second)) * 1000 + milliseconds
  )
}

/** An instant as a label: RFC 3339 in UTC, without fraction where there is none. */
export function writeInstant(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('.000Z', 'Z')
}

export type Interval = { start: number; end: number }

/**
 * A temporal interval of a process graph; open sides become ±infinity. null: no limit at all.
 * @throws GraphError TemporalExtentEmpty where the end does not lie after the start, ProcessParameterInvalid
 */
export function readInterval(value: unknown, argument: string): Interval | null {
  if (value === null || value === undefined) return null
  const fail = (reason: string): never => {
    throw new GraphError('ProcessParameterInvalid', `The time range cannot be used: ${reason}`, argument)
  }
  if (!Array.isArray(value) || value.length !== 2) return fail('it is not an array of two.')
  const [from, to] = value as unknown[]
  if (from === null && to === null) return fail('one of its sides has to be given.')
  const side = (text: unknown, open: number): number => {
    if (text === null) return open
    const instant = typeof text === 'string' ? readInstant(text) : null
    return instant ?? fail('a side is neither a date, nor a date with time, nor null.')
  }
  const start = side(from, Number.NEGATIVE_INFINITY)
  const end = side(to, Number.POSITIVE_INFINITY)
  if (end <= start) {
    throw new GraphError('TemporalExtentEmpty', 'The end of the time range has to lie after its start.', argument)
  }
  return { start, end }
}

/** Left-closed: the start belongs to the interval, the end does not. */
export const contains = ({ start, end }: Interval, instant: number): boolean => instant >= start && instant < end
