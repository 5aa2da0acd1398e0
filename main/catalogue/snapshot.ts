/**
 * Everything that a search filters and sorts by, as arrays: one place for each entry, in the order of titles.
 * Made by the catalogue's process after each change and kept in the cache, so that main has it in a millisecond.
 * Why beside the rows: a filter over arrays costs microseconds, over 22,000 rows of SQLite some 20 ms.
 */
import { deserialize, serialize } from 'node:v8'
import { ENTRY_KINDS, type EntryKind } from '../../preload/contract/catalogue.ts'
import { fold } from './words.ts'

export type SnapshotRow = {
  n: number
  connection_id: string
  kind: string
  namespace: string
  id: string
  sort_key: string
  west: number | null
  south: number | null
  east: number | null
  north: number | null
  starts: string | null
  ends: string | null
  has_interval: number
  resolution_m: number | null
  /** JSON lists */
  bands: string
  platforms: string
  members: string
  is_deprecated: number
  is_experimental: number
}

/** For each place a list of numbers of `names`; those of place p are `values[starts[p]]` to before `values[starts[p+1]]`. */
export type Names = { names: string[]; keys: string[]; starts: Uint32Array; values: Uint32Array }

export const DEPRECATED = 1
export const EXPERIMENTAL = 2

export type Snapshot = {
  number: number
  count: number
  connectionIds: string[]
  /** entry.n */
  rows: Uint32Array
  connections: Uint16Array
  /** Place in ENTRY_KINDS. */
  kinds: Uint8Array
  flags: Uint8Array
  /** West, south, east, north of each, within ±180°; NaN: not stated. West of more than east crosses the antimeridian. */
  boxes: Float64Array
  /** First and last millisecond of each; NaN: not stated, ±Infinity: open. */
  times: Float64Array
  /** Metres; NaN: not stated. */
  resolutions: Float64Array
  /** The same number: the same kind, namespace and id. */
  groups: Uint32Array
  /** Places by the end of their time, latest first; those without a time last. */
  newest: Uint32Array
  bands: Names
  platforms: Names
  members: Names
}

const FORMATS = new Set(['input-format', 'output-format', 'service-type'])
/** Entries of several connections with the same key are the same thing; names of formats know no case (openEO API). */
export const groupKey = (kind: string, namespace: string, id: string): string =>
  `${kind} ${namespace} ${FORMATS.has(kind) ? id.toUpperCase() : id}`

/** Milliseconds of an instant as back-ends write it; a date alone is its first or its last millisecond. */
export function timeMs(stated: string | null, isEnd: boolean): number {
  if (stated === null) return isEnd ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
  const ms = Date.parse(stated)
  if (Number.isNaN(ms)) return isEnd ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
  return isEnd && /^\d{4}-\d{2}-\d{2}$/.test(stated) ? ms + 86_399_999 : ms
}

/**
 * Longitudes of a box within ±180°, whatever the source counts from: 0…359.75 → 0…−0.25 (across the antimeridian),
 * 170…190 → 170…−170; a full turn is everything.
 */
export function aroundGlobe(west: number, east: number): [west: number, east: number] {
  const isWithin = (longitude: number) => longitude >= -180 && longitude <= 180
  if (isWithin(west) && isWithin(east)) return [west, east]
  if (east - west >= 360) return [-180, 180]
  const wrapped = (longitude: number) =>
    isWithin(longitude) ? longitude : ((((longitude + 180) % 360) + 360) % 360) - 180
  return [wrapped(west), wrapped(east)]
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
const byTitle = (a: SnapshotRow, b: SnapshotRow) =>
  compare(a.sort_key, b.sort_key) || compare(a.id, b.id) || compare(a.kind, b.kind) || a.n - b.n

export function buildSnapshot(number: number, unsorted: readonly SnapshotRow[]): Snapshot {
  const sorted = [...unsorted].sort(byTitle)
  const count = sorted.length
  const connectionIds = [...new Set(sorted.map((row) => row.connection_id))]
  const placeOfConnection = new Map(connectionIds.map((id, i) => [id, i]))
  const groups = new Map<string, number>()
  const times = new Float64Array(count * 2)
  const snapshot: Snapshot = {
    number,
    count,
    connectionIds,
    rows: Uint32Array.from(sorted, (row) => row.n),
    connections: Uint16Array.from(sorted, (row) => placeOfConnection.get(row.connection_id) as number),
    kinds: Uint8Array.from(sorted, (row) => ENTRY_KINDS.indexOf(row.kind as EntryKind)),
    flags: Uint8Array.from(
      sorted,
      (row) => (row.is_deprecated ? DEPRECATED : 0) | (row.is_experimental ? EXPERIMENTAL : 0),
    ),
    boxes: new Float64Array(count * 4),
    times,
    resolutions: Float64Array.from(sorted, (row) => row.resolution_m ?? Number.NaN),
    groups: Uint32Array.from(sorted, (row) => {
      const key = groupKey(row.kind, row.namespace, row.id)
      const known = groups.get(key) ?? groups.size
      groups.set(key, known)
      return known
    }),
    newest: new Uint32Array(count),
    bands: namesOf(sorted.map((row) => row.bands)),
    platforms: namesOf(sorted.map((row) => row.platforms)),
    members: namesOf(sorted.map((row) => row.members)),
  }
  sorted.forEach((row, place) => {
    const { west, south, east, north } = row
    const isStated = west !== null && south !== null && east !== null && north !== null
    const [from, to] = isStated ? aroundGlobe(west, east) : [Number.NaN, Number.NaN]
    snapshot.boxes.set([from, south ?? Number.NaN, to, north ?? Number.NaN], place * 4)
    times[place * 2] = row.has_interval ? timeMs(row.starts, false) : Number.NaN
    times[place * 2 + 1] = row.has_interval ? timeMs(row.ends, true) : Number.NaN
  })
  snapshot.newest.set(newestFirst(times, count))
  return snapshot
}

function newestFirst(times: Float64Array, count: number): number[] {
  const end = (place: number) => times[place * 2 + 1] as number
  const descending = (a: number, b: number) => (a === b ? 0 : Number.isNaN(b) || a > b ? -1 : 1)
  return Array.from({ length: count }, (_, place) => place).sort((a, b) => {
    if (Number.isNaN(end(a)) !== Number.isNaN(end(b))) return Number.isNaN(end(a)) ? 1 : -1
    if (Number.isNaN(end(a))) return a - b
    return descending(end(a), end(b)) || descending(times[a * 2] as number, times[b * 2] as number) || a - b
  })
}

/** Spellings that differ in case or accents only are one name, spelt as it came first. */
function namesOf(lists: readonly string[]): Names {
  const numbers = new Map<string, number>()
  const names: string[] = []
  const keys: string[] = []
  const starts = new Uint32Array(lists.length + 1)
  const values: number[] = []
  const parsedLists = new Map<string, number[]>()
  lists.forEach((json, place) => {
    starts[place] = values.length
    let of = parsedLists.get(json)
    if (of === undefined) {
      const found = (JSON.parse(json) as string[]).map((name) => {
        const key = fold(name)
        const known = numbers.get(key)
        if (known !== undefined) return known
        names.push(name)
        keys.push(key)
        numbers.set(key, names.length - 1)
        return names.length - 1
      })
      of = [...new Set(found)]
      parsedLists.set(json, of)
    }
    for (const value of of) values.push(value)
  })
  starts[lists.length] = values.length
  return { names, keys, starts, values: Uint32Array.from(values) }
}

export const encodeSnapshot = (snapshot: Snapshot): Buffer => serialize(snapshot)
/** @throws Error where it is not one of this program */
export const decodeSnapshot = (bytes: Uint8Array): Snapshot => deserialize(bytes) as Snapshot
