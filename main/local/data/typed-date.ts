/**
 * A date that a person typed, as an instant.
 * Owns: what counts as one: a day (midnight UTC), or a day with a time of day (UTC where no zone is given). Pure.
 */
const TYPED =
  /^(?<y>\d{4})-(?<mo>\d\d)-(?<d>\d\d)(?:[T ](?<h>[01]\d|2[0-3]):(?<m>[0-5]\d)(?::(?<s>[0-5]\d)(?:\.\d{1,9})?)?(?<zone>Z|[+-]\d\d:\d\d)?)?$/i
const EARLIEST_YEAR = 1800

/** RFC 3339 in UTC; null where the text is no date or the calendar has no such day. */
export function instantOf(typed: string): string | null {
  const parts = TYPED.exec(typed.trim())?.groups
  if (!parts) return null
  const { y, mo, d, h = '00', m = '00', s = '00', zone = 'Z' } = parts
  const day = new Date(`${y}-${mo}-${d}T00:00:00Z`)
  if (Number.isNaN(day.getTime()) || day.getUTCDate() !== Number(d) || Number(y) < EARLIEST_YEAR) return null
  const at = new Date(`${y}-${mo}-${d}T${h}:${m}:${s}${zone.toUpperCase()}`)
  return Number.isNaN(at.getTime()) ? null : at.toISOString().replace('.000Z', 'Z')
}
