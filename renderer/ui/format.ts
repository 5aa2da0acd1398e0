/** Numbers, sizes and times as words, the same everywhere. Pure; times take `now` so that lists can tick together. */

const number = (options: Intl.NumberFormatOptions) => new Intl.NumberFormat('en', options)
const whole = number({ maximumFractionDigits: 0 })

/** 12,345 */
export const formatCount = (count: number): string => whole.format(count)

/** `1 job`, `12 jobs`; the plural is given where it is not the singular with an s. */
export const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`

/** A measured value with `digits` significant digits and no more zeros than needed: 0.4213, 1,234.6, 3.2e-7. */
export function formatNumber(value: number, digits = 5): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'no value' : value > 0 ? '∞' : '−∞'
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-4 || size >= 1e9))
    return value
      .toExponential(digits - 1)
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e')
  return number({ maximumSignificantDigits: Math.max(digits, Math.ceil(Math.log10(size + 1))) }).format(value)
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']
/** Sizes in powers of 1000, as file managers and object stores count: 1.2 MB. */
export function formatBytes(bytes: number): string {
  let size = bytes
  let unit = 0
  while (size >= 999.5 && unit < UNITS.length - 1) {
    size /= 1000
    unit++
  }
  return `${number({ maximumSignificantDigits: unit === 0 ? 4 : 3 }).format(size)} ${UNITS[unit]}`
}

/** An area for people: 0.53 km², 1,234 km²; or in hectares. */
export function formatArea(km2: number, unit: 'km2' | 'ha' = 'km2'): string {
  const value = unit === 'ha' ? km2 * 100 : km2
  return `${formatNumber(value, 3)} ${unit === 'ha' ? 'ha' : 'km²'}`
}

/** 0.42 → 42 %. */
export const formatPercent = (share: number): string => `${whole.format(share * 100)} %`

/** `850 ms`, `3.2 s`, `4 min 5 s`, `2 h 3 min`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 999.5) return `${Math.round(durationMs)} ms`
  const seconds = durationMs / 1000
  if (seconds < 9.95) return `${number({ minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(seconds)} s`
  const total = Math.round(seconds)
  if (total < 60) return `${total} s`
  if (total < 3600) return `${Math.floor(total / 60)} min${total % 60 ? ` ${total % 60} s` : ''}`
  const minutes = Math.round(total / 60)
  return `${Math.floor(minutes / 60)} h${minutes % 60 ? ` ${minutes % 60} min` : ''}`
}

/** How long ago or ahead, in words: `just now`, `5 min ago`, `in 2 h`, `yesterday`, `12 Mar 2026`. */
export function formatAgo(instant: string | number | Date, now: number = Date.now()): string {
  const seconds = (now - new Date(instant).getTime()) / 1000
  const size = Math.abs(seconds)
  const words = (count: number, unit: string) => (seconds >= 0 ? `${count} ${unit} ago` : `in ${count} ${unit}`)
  if (Number.isNaN(seconds)) return ''
  if (size < 45) return seconds >= 0 ? 'just now' : 'in a moment'
  if (size < 3570) return words(Math.max(1, Math.round(size / 60)), 'min')
  if (size < 84_600) return words(Math.max(1, Math.round(size / 3600)), 'h')
  if (size < 7 * 86_400)
    return words(Math.max(1, Math.round(size / 86_400)), Math.round(size / 86_400) === 1 ? 'day' : 'days')
  return formatDate(instant)
}

/** 12 Mar 2026, in UTC: the days of the data, not of the desk. */
export const formatDate = (instant: string | number | Date): string =>
  new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(instant))

/** 12 Mar 2026, 14:05, in the user's own time zone: when something happened here. */
export const formatDateTime = (instant: string | number | Date): string =>
  new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(instant))

/** 14:05:09 in the user's own time zone. */
export const formatTime = (instant: string | number | Date): string =>
  new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' }).format(new Date(instant))

/** 47.1234° N, 11.5000° E */
export function formatPosition(longitude: number, latitude: number, digits = 4): string {
  const wrapped = ((((longitude + 180) % 360) + 360) % 360) - 180
  const part = (degrees: number, plus: string, minus: string) =>
    `${Math.abs(degrees).toFixed(digits)}° ${degrees < 0 ? minus : plus}`
  return `${part(latitude, 'N', 'S')}, ${part(wrapped, 'E', 'W')}`
}
