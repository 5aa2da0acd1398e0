/**
 * Which entries a search may show, by everything but its words. Pure: arrays in, one byte for each place out.
 */
import { ENTRY_KINDS, type SearchQuery } from '../../preload/contract/catalogue.ts'
import { aroundGlobe, DEPRECATED, EXPERIMENTAL, type Names, type Snapshot, timeMs } from './snapshot.ts'
import { fold } from './words.ts'

/** What the search knows of a connection, in the user's order. */
export type SearchedConnection = { id: string; rootUrl: string; isDisabled: boolean; members: readonly string[] }

const rootOf = (url: string) => url.replace(/\/+$/, '')

/** For each connection of the snapshot: the number of its back-end; accounts at the same one share it. -1: not known. */
export function backEndsOf(snapshot: Snapshot, connections: readonly SearchedConnection[]): Int32Array {
  const numbers = new Map<string, number>()
  const byId = new Map(connections.map((connection) => [connection.id, connection]))
  return Int32Array.from(snapshot.connectionIds, (id) => {
    const connection = byId.get(id)
    if (!connection || connection.isDisabled) return -1
    const root = rootOf(connection.rootUrl)
    const known = numbers.get(root) ?? numbers.size
    numbers.set(root, known)
    return known
  })
}

/**
 * 1 for each place that may be seen: its connection is asked for (or none is, and it is not disabled); of several
 * accounts at one back-end, the first in the user's order that has the entry.
 */
export function visiblePlaces(
  snapshot: Snapshot,
  connections: readonly SearchedConnection[],
  wanted: readonly string[],
): Uint8Array {
  const mask = new Uint8Array(snapshot.count)
  const order = new Map(connections.map(({ id }, i) => [id, i]))
  const isKnown = snapshot.connectionIds.map((id) => order.has(id))
  if (wanted.length > 0) {
    const isWanted = snapshot.connectionIds.map((id, i) => isKnown[i] && wanted.includes(id))
    for (let place = 0; place < snapshot.count; place++)
      mask[place] = isWanted[snapshot.connections[place] as number] ? 1 : 0
    return mask
  }
  const backEnds = backEndsOf(snapshot, connections)
  for (let place = 0; place < snapshot.count; place++)
    mask[place] = (backEnds[snapshot.connections[place] as number] as number) >= 0 ? 1 : 0
  const used = [...backEnds].filter((backEnd) => backEnd >= 0)
  if (new Set(used).size === used.length) return mask
  const first = new Map<number, number>()
  const rank = (place: number) => order.get(snapshot.connectionIds[snapshot.connections[place] as number] ?? '') ?? 0
  for (let place = 0; place < snapshot.count; place++) {
    if (!mask[place]) continue
    const backEnd = backEnds[snapshot.connections[place] as number] as number
    const key = (snapshot.groups[place] as number) * backEnds.length + backEnd
    const other = first.get(key)
    if (other === undefined) first.set(key, place)
    else if (rank(other) <= rank(place)) mask[place] = 0
    else {
      mask[other] = 0
      first.set(key, place)
    }
  }
  return mask
}

type Filters = Omit<SearchQuery, 'text' | 'sort' | 'offset' | 'limit' | 'connectionIds'>

/** In a mask: left out only because the entry does not state what a filter asks for. */
export const NOT_STATED = 2

/**
 * Takes out of the mask what the filters of the query leave out. A collection that does not state its extent, time,
 * bands, platforms or resolution, and would be left in otherwise, becomes NOT_STATED.
 */
export function applyFilters(
  mask: Uint8Array,
  snapshot: Snapshot,
  query: Filters,
  connections: readonly SearchedConnection[],
): void {
  const kinds = query.kinds.map((kind) => ENTRY_KINDS.indexOf(kind))
  const hidden = (query.hasDeprecated ? 0 : DEPRECATED) | (query.hasExperimental ? 0 : EXPERIMENTAL)
  const isOfMember = memberTest(snapshot, query.members, connections)
  const tests = testsOf(snapshot, query)
  for (let place = 0; place < snapshot.count; place++) {
    if (!mask[place]) continue
    const isKept =
      ((snapshot.flags[place] as number) & hidden) === 0 &&
      (kinds.length === 0 || kinds.includes(snapshot.kinds[place] as number)) &&
      isOfMember(place)
    if (!isKept) mask[place] = 0
    else if (tests.length > 0) mask[place] = judge(tests, place, snapshot.kinds[place] === COLLECTION)
  }
}

/** What a filter says of a place; undefined: the entry states nothing of it. */
type Test = (place: number) => boolean | undefined
const COLLECTION = ENTRY_KINDS.indexOf('collection')

function judge(tests: readonly Test[], place: number, isCollection: boolean): number {
  let judged = 1
  for (const test of tests) {
    const is = test(place)
    if (is === false || (is === undefined && !isCollection)) return 0
    if (is === undefined) judged = NOT_STATED
  }
  return judged
}
/** The filters that are set. Other entries than collections have none of what they ask for. */
function testsOf(snapshot: Snapshot, query: Filters): Test[] {
  const { maximumResolutionM, bbox, interval } = query
  const tests: Test[] = []
  const bands = query.bands.map((name) => numberOf(snapshot.bands, name))
  const platforms = new Set(query.platforms.map((name) => numberOf(snapshot.platforms, name)))
  if (maximumResolutionM !== null)
    tests.push((place) => {
      const resolutionM = snapshot.resolutions[place] as number
      return Number.isNaN(resolutionM) ? undefined : resolutionM <= maximumResolutionM
    })
  if (bands.length > 0)
    tests.push((place) =>
      isEmpty(snapshot.bands, place) ? undefined : bands.every((band) => has(snapshot.bands, place, band)),
    )
  if (platforms.size > 0)
    tests.push((place) =>
      isEmpty(snapshot.platforms, place) ? undefined : hasAny(snapshot.platforms, place, platforms),
    )
  if (interval && (interval[0] !== null || interval[1] !== null)) tests.push(timeTest(snapshot, interval))
  if (bbox) tests.push(boxTest(snapshot, bbox))
  return tests
}

const numberOf = (names: Names, name: string) => names.keys.indexOf(fold(name))
const isEmpty = ({ starts }: Names, place: number) => starts[place] === starts[place + 1]
function has(names: Names, place: number, wanted: number): boolean {
  for (let i = names.starts[place] as number; i < (names.starts[place + 1] as number); i++)
    if (names.values[i] === wanted) return true
  return false
}
function hasAny(names: Names, place: number, wanted: ReadonlySet<number>): boolean {
  for (let i = names.starts[place] as number; i < (names.starts[place + 1] as number); i++)
    if (wanted.has(names.values[i] as number)) return true
  return false
}

/** An entry that names no members is offered by all of its connection's. */
function memberTest(snapshot: Snapshot, members: readonly string[], connections: readonly SearchedConnection[]) {
  if (members.length === 0) return () => true
  const wanted = new Set(members.map((name) => numberOf(snapshot.members, name)))
  const hasMember = snapshot.connectionIds.map((id) =>
    connections.some((connection) => connection.id === id && connection.members.some((m) => members.includes(m))),
  )
  return (place: number) =>
    snapshot.members.starts[place] === snapshot.members.starts[place + 1]
      ? hasMember[snapshot.connections[place] as number] === true
      : hasAny(snapshot.members, place, wanted)
}

/** The query is left-closed: its end is not in it. */
function timeTest(snapshot: Snapshot, interval: NonNullable<SearchQuery['interval']>): Test {
  const fromMs = timeMs(interval[0], false)
  const toMs = interval[1] === null ? Number.POSITIVE_INFINITY : Date.parse(interval[1])
  return (place) => {
    const starts = snapshot.times[place * 2] as number
    if (Number.isNaN(starts)) return undefined
    return starts < toMs && (snapshot.times[place * 2 + 1] as number) >= fromMs
  }
}

/** Boxes that only touch overlap. A box whose west is east of its east crosses the antimeridian. */
function boxTest(snapshot: Snapshot, [westAsked, south, eastAsked, north]: NonNullable<SearchQuery['bbox']>): Test {
  const [west, east] = aroundGlobe(westAsked, eastAsked)
  const wanted = spans(west, east)
  return (place) => {
    const at = place * 4
    const w = snapshot.boxes[at] as number
    const e = snapshot.boxes[at + 2] as number
    if (Number.isNaN(w)) return undefined
    const isInLatitude = (snapshot.boxes[at + 1] as number) <= north && (snapshot.boxes[at + 3] as number) >= south
    if (!isInLatitude) return false
    return spans(w, e).some(([from, to]) => wanted.some(([a, b]) => from <= b && to >= a))
  }
}
const spans = (west: number, east: number): [number, number][] =>
  west <= east
    ? [[west, east]]
    : [
        [west, 180],
        [-180, east],
      ]
